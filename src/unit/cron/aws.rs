//! The same times in Amazon's grammar (EventBridge, Application Auto Scaling): six fields, a year behind the day of the week,
//! Sunday as 1, and `?` in that day field which says nothing.

use super::{Cron, Fields, Rule};

impl Cron {
    /// `cron(0 7 ? * 2-6 *)`; `None` for `@every`, and where a day of the month *or* one of the week matches, which Amazon's
    /// grammar cannot say.
    pub fn aws(&self) -> Option<String> {
        let fields = match &self.rule {
            Rule::Fields(fields) => fields,
            Rule::Every(_) => return None,
        };
        let (day_of_month, day_of_week) = days(fields)?;
        let minute = values(fields.minute, (0, 59), 0);
        let hour = values(fields.hour, (0, 23), 0);
        let month = values(fields.month, (1, 12), 0);
        Some(format!("cron({minute} {hour} {day_of_month} {month} {day_of_week} *)"))
    }
}

fn days(fields: &Fields) -> Option<(String, String)> {
    let day_of_month = values(fields.day_of_month, (1, 31), 0);
    let day_of_week = values(fields.day_of_week, (0, 6), 1);
    match (day_of_month.as_str(), day_of_week.as_str()) {
        (_, "*") => Some((day_of_month, "?".to_owned())),
        ("*", _) => Some(("?".to_owned(), day_of_week)),
        _ => None,
    }
}

/// The values whose bits are set, `first` to `last`, each so much larger: `*`, `0`, `1-5`, `0,30`.
fn values(bits: u64, (first, last): (u32, u32), larger: u32) -> String {
    let set: Vec<u32> = (first..=last).filter(|value| bits >> value & 1 == 1).collect();
    if set.len() == usize::try_from(last - first + 1).unwrap_or(0) {
        return "*".to_owned();
    }
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for value in set {
        match runs.last_mut() {
            Some((_, end)) if *end + 1 == value => *end = value,
            _ => runs.push((value, value)),
        }
    }
    let text = |(from, to): (u32, u32)| match to - from {
        0 => (from + larger).to_string(),
        1 => format!("{},{}", from + larger, to + larger),
        _ => format!("{}-{}", from + larger, to + larger),
    };
    runs.into_iter().map(text).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::Cron;

    #[test]
    fn the_same_times_in_amazons_grammar() {
        for (text, expected) in [
            ("0 7 * * 1-5", Some("cron(0 7 ? * 2-6 *)")),
            ("0 8 * * *", Some("cron(0 8 * * ? *)")),
            ("*/15 0-5,22 1,15 jan-mar *", Some("cron(0,15,30,45 0-5,22 1,15 1-3 ? *)")),
            ("30 2 * * sun,sat", Some("cron(30 2 ? * 1,7 *)")),
            ("0 0 * * 0-6", Some("cron(0 0 * * ? *)")),
            ("0 0 1 * 1", None),
            ("@daily", Some("cron(0 0 * * ? *)")),
            ("@every 5m", None),
        ] {
            assert_eq!(Cron::parse(text).ok().and_then(|it| it.aws()).as_deref(), expected, "{text}");
        }
    }
}

//! Cron schedules exactly as Kubernetes reads them: the grammar of robfig/cron v3 `ParseStandard` (parser.go, spec.go),
//! which CronJobs use, and KEDA without the `@` forms. Other cron libraries differ in small and costly ways:
//! Sunday as 7, `L`, `#`, a sixth field are all errors here.
//! It knows civil time only; zones and clock changes are in `zone.rs`.
//!
//! Stricter than upstream in three places, where upstream accepts what can only be a slip: a field that names no value
//! (`,`), a range after a star (`*-5`), and `@every` with less than one second.

mod aws;

use std::fmt;

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};

use super::duration::Duration;
use super::quoted;

/// A schedule, with the text it was written with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    text: String,
    rule: Rule,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    Fields(Fields),
    /// `@every`: so many seconds after the last time.
    Every(i64),
}

/// One bit per value that matches.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fields {
    minute: u64,
    hour: u64,
    day_of_month: u64,
    month: u64,
    day_of_week: u64,
    /// Either day field has a star without a step, so both must match; otherwise one suffices.
    both_days: bool,
}

impl Cron {
    /// Reads a schedule of five fields, or one of the `@` forms.
    ///
    /// # Errors
    /// Names the field, the part of it that is wrong, and the range that it may have.
    pub fn parse(text: &str) -> Result<Cron, String> {
        let rule = if text.trim_start().starts_with("TZ=") || text.trim_start().starts_with("CRON_TZ=") {
            return Err(format!("{} names its time zone in the schedule; use `time_zone`", quoted(text)));
        } else if text.starts_with('@') {
            descriptor(text)?
        } else {
            Rule::Fields(fields(text)?)
        };
        Ok(Cron { text: text.to_owned(), rule })
    }

    /// The text as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether this is one of the `@` forms, which KEDA's cron trigger refuses (pkg/scalers/cron_scaler.go).
    pub fn is_descriptor(&self) -> bool {
        self.text.starts_with('@')
    }

    /// The seconds between two times of an `@every` schedule, which has no fixed times of day; `None` for all others.
    pub fn interval_seconds(&self) -> Option<i64> {
        match self.rule {
            Rule::Every(seconds) => Some(seconds),
            Rule::Fields(_) => None,
        }
    }

    /// The first time after `civil` that matches, to the second; `None` where none does by the end of the fifth year
    /// after it (30 February), as upstream gives up there. `@every` counts from `civil`.
    pub fn next_after(&self, civil: DateTime) -> Option<DateTime> {
        let fields = match &self.rule {
            Rule::Every(seconds) => return civil.checked_add(SignedDuration::from_secs(*seconds)).ok(),
            Rule::Fields(fields) => fields,
        };
        let elapsed = i64::from(civil.second());
        let minute = civil.checked_add(SignedDuration::from_secs(60 - elapsed)).ok()?;
        let mut date = minute.date();
        let last_year = civil.year().saturating_add(5);
        let mut earliest = (minute.hour(), minute.minute());
        while date.year() <= last_year {
            if !has(fields.month, date.month()) {
                date = date.last_of_month().tomorrow().ok()?;
            } else if let Some(time) = fields.matches_day(date).then(|| fields.first_time(earliest)).flatten() {
                return Some(date.to_datetime(time));
            } else {
                date = date.tomorrow().ok()?;
            }
            earliest = (0, 0);
        }
        None
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.text)
    }
}

impl Fields {
    /// `dayMatches` of upstream's spec.go.
    fn matches_day(&self, date: Date) -> bool {
        let day_of_month = has(self.day_of_month, date.day());
        let day_of_week = has(self.day_of_week, date.weekday().to_sunday_zero_offset());
        if self.both_days { day_of_month && day_of_week } else { day_of_month || day_of_week }
    }

    /// The first hour and minute of a day that match and are not before the given ones.
    fn first_time(&self, (hour, minute): (i8, i8)) -> Option<Time> {
        let candidate = lowest_from(self.hour, hour)?;
        let from_minute = if candidate == hour { minute } else { 0 };
        let (hour, minute) = match lowest_from(self.minute, from_minute) {
            Some(minute) => (candidate, minute),
            None => (lowest_from(self.hour, candidate + 1)?, lowest_from(self.minute, 0)?),
        };
        Time::new(hour, minute, 0, 0).ok()
    }
}

fn has(bits: u64, value: i8) -> bool {
    bits >> value & 1 == 1
}

fn lowest_from(bits: u64, value: i8) -> Option<i8> {
    let left = bits >> value << value;
    (left != 0).then(|| i8::try_from(left.trailing_zeros()).ok()).flatten()
}

/// What one field may hold.
struct Field {
    name: &'static str,
    min: u32,
    max: u32,
    /// Names of the values from `min` on.
    names: &'static [&'static str],
    expected: &'static str,
}

const MINUTE: Field = Field { name: "minute", min: 0, max: 59, names: &[], expected: "0-59" };
const HOUR: Field = Field { name: "hour", min: 0, max: 23, names: &[], expected: "0-23" };
const DAY_OF_MONTH: Field = Field { name: "day of month", min: 1, max: 31, names: &[], expected: "1-31" };
const MONTH: Field = Field {
    name: "month",
    min: 1,
    max: 12,
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    expected: "1-12 or JAN-DEC",
};
const DAY_OF_WEEK: Field = Field {
    name: "day of week",
    min: 0,
    max: 6,
    names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    expected: "0-6 or SUN-SAT",
};

fn fields(text: &str) -> Result<Fields, String> {
    let parts: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, day_of_month, month, day_of_week] = parts.as_slice() else {
        let hint = if parts.len() == 6 { "; Kubernetes has no field for seconds" } else { "" };
        let (found, plural) = (parts.len(), if parts.len() == 1 { "" } else { "s" });
        return Err(format!(
            "{} has {found} field{plural}, expected five: minute, hour, day of month, month, day of week{hint}",
            quoted(text)
        ));
    };
    let (day_of_month, any_day_of_month) = DAY_OF_MONTH.parse(day_of_month)?;
    let (day_of_week, any_day_of_week) = DAY_OF_WEEK.parse(day_of_week)?;
    Ok(Fields {
        minute: MINUTE.parse(minute)?.0,
        hour: HOUR.parse(hour)?.0,
        day_of_month,
        month: MONTH.parse(month)?.0,
        day_of_week,
        both_days: any_day_of_month || any_day_of_week,
    })
}

impl Field {
    /// The bits of a comma-separated list, and whether it has a star without a step (upstream's `starBit`).
    fn parse(&self, list: &str) -> Result<(u64, bool), String> {
        let mut bits = 0;
        let mut star = false;
        for range in list.split(',').filter(|range| !range.is_empty()) {
            let (range_bits, range_star) = self.range(range)?;
            bits |= range_bits;
            star |= range_star;
        }
        if bits == 0 {
            return Err(self.fault(list, "names no value"));
        }
        Ok((bits, star))
    }

    /// `*`, `N`, `N-M`, each with an optional `/step`; `N/step` means `N-max/step`.
    fn range(&self, text: &str) -> Result<(u64, bool), String> {
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => (range, Some(self.step(step, text)?)),
            None => (text, None),
        };
        let is_star = matches!(range, "*" | "?");
        let (first, last) = if is_star {
            (self.min, self.max)
        } else if let Some((first, last)) = range.split_once('-') {
            (self.value(first, text)?, self.value(last, text)?)
        } else {
            let first = self.value(range, text)?;
            (first, if step.is_some() { self.max } else { first })
        };
        if first > last {
            return Err(self.fault(text, "runs backwards; a range may not wrap around"));
        }
        let step = step.unwrap_or(1);
        let bits = (first..=last).step_by(step).fold(0, |bits, value| bits | 1_u64 << value);
        Ok((bits, is_star && step == 1))
    }

    fn step(&self, step: &str, text: &str) -> Result<usize, String> {
        match step.parse() {
            Ok(0) => Err(self.fault(text, "has the step 0")),
            Ok(step) => Ok(step),
            Err(_) => Err(self.fault(text, "has a step that is not a whole number")),
        }
    }

    fn value(&self, value: &str, text: &str) -> Result<u32, String> {
        let named = self.names.iter().zip(self.min..).find(|(name, _)| name.eq_ignore_ascii_case(value));
        if let Some((_, number)) = named {
            return Ok(number);
        }
        let Ok(number) = value.parse::<u32>() else {
            let fault = if value.contains(['L', 'W', '#', 'l', 'w']) {
                "is not understood; Kubernetes has no `L`, `W` or `#`"
            } else {
                "is not understood"
            };
            return Err(self.fault(text, fault));
        };
        if (self.min..=self.max).contains(&number) {
            return Ok(number);
        }
        let sunday = if self.max == 6 && number == 7 { "; Sunday is 0" } else { "" };
        Err(self.fault(text, &format!("is out of range{sunday}")))
    }

    fn fault(&self, text: &str, fault: &str) -> String {
        format!("{} in the {} field {fault}, expected {}", quoted(text), self.name, self.expected)
    }
}

/// `parseDescriptor` of upstream's parser.go.
fn descriptor(text: &str) -> Result<Rule, String> {
    let equivalent = match text {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        _ => return every(text),
    };
    Ok(Rule::Fields(fields(equivalent)?))
}

/// `@every` with a Go duration (time.ParseDuration), which has no unit above the hour; rounded down to whole seconds.
fn every(text: &str) -> Result<Rule, String> {
    let Some(interval) = text.strip_prefix("@every ") else {
        return Err(format!(
            "{} is not a schedule, expected one of `@yearly`, `@monthly`, `@weekly`, `@daily`, `@hourly`, `@every 1h30m`",
            quoted(text)
        ));
    };
    let duration = Duration::parse(interval).map_err(|fault| format!("`@every`: {fault}"))?;
    if interval.contains(['d', 'w', 'y']) {
        return Err(format!("{} has a unit above the hour, which Kubernetes does not read here", quoted(text)));
    }
    match duration.millis() / 1000 {
        0 => Err(format!("{} is below the shortest interval, one second", quoted(text))),
        seconds => Ok(Rule::Every(seconds)),
    }
}

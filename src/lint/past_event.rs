//! An event that is over.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "past-event",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for events whose last step was before today.
### Why is this bad?
A CronJob and KEDA's cron trigger know no year. The CronJobs that ran rest since then, but where they are made anew, in a new
cluster say, they fire a year after the event; KEDA's triggers raise the floor again on that day, up to the usual ceiling. And pools,
connections and nodes stay as large as the event needed them.
### Example
`at = 2026-11-27T09:00:00` in December 2026.
### Instead
Take the event out, or write the date of the next one: its CronJobs have names of their own, and do not rest.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    let Ok(today) = facts.today.parse::<Date>() else { return };
    for (name, entry) in facts.spec.event.iter() {
        let phases = facts.model.events().filter(|it| it.name == name).filter_map(|it| it.phases.last());
        let Some(last) = phases.map(|it| TimeZone::UTC.to_datetime(it.instant).date()).max() else { continue };
        if last < today {
            let message = format!("`event.{name}` was over on {last}: a year later its lines would fire again");
            let finding = findings.finding(message).at(entry.value.at.span, "has passed");
            findings.push(finding.help(format!("take `[event.{name}]` out, or write the next date")));
        }
    }
}

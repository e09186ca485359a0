//! An event that is more than a year away.

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "distant-event",
    level: Level::Deny,
    docs: r#"
### What it does
Looks for events that begin more than a year after today.
### Why is this bad?
A CronJob and KEDA's cron trigger know no year: they fire on that day of this year, a year early. The CronJobs rest from then on,
so that nothing scales when the event comes.
### Example
`at = 2028-11-27T09:00:00` in 2026.
### Instead
Write the event in the year before it, or put it under `[env.NAME]` until then.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    let Ok(today) = facts.today.parse::<Date>() else { return };
    for (name, entry) in facts.spec.event.iter() {
        let phases = facts.model.events().filter(|it| it.name == name).filter_map(|it| it.phases.first());
        let Some(first) = phases.map(|it| TimeZone::UTC.to_datetime(it.instant).date()).min() else { continue };
        let Some(early) = first.checked_sub(1.year()).ok().filter(|early| *early >= today) else { continue };
        let message = format!("`event.{name}` would begin on {early} already: a cron line knows no year");
        let finding = findings.finding(message).at(entry.value.at.span, "more than a year away");
        findings.push(finding.help("write it into the spec within the year before it"));
    }
}

//! An event at a time that the clocks show twice.

use crate::unit::zone::Occurrences;

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "event-in-repeated-hour",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for events that begin in an hour that the clocks of their time zone repeat in autumn.
### Why is this bad?
The time says two instants, an hour apart. The first is taken: pods that are there early do no harm, but the event then ends an
hour early too. A time that the clocks skip in spring is an error.
### Example
`at = 2027-10-31T02:30:00` with `time_zone = "Europe/Rome"`: at 03:00 the clocks are set back to 02:00.
### Instead
Write the offset instead of the zone: `at = 2027-10-31T02:30:00+01:00` is the second of the two.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for (name, entry) in facts.spec.event.iter() {
        let (at, Some(zone)) = (&entry.value.at, &entry.value.time_zone) else { continue };
        if let Some(Occurrences::Twice(first, second)) = zone.value.occurrences(at.value.civil()) {
            let message = format!(
                "`event.{name}` begins at a time that the clocks of {} show twice, at {first} and at {second}: the first is \
                 taken",
                zone.value.name()
            );
            let finding = findings.finding(message).at(at.span, "twice").at(zone.span, "on these clocks");
            let civil = at.value.civil();
            let offset = zone.value.offset(second);
            findings
                .push(finding.help(format!("write `at = {civil}{offset}` for the second, and take `time_zone` out")));
        }
    }
}

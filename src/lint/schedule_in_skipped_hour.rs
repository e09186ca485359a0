//! An edge of a window that a clock change skips.

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "schedule-in-skipped-hour",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for starts and ends of windows in an hour that the clocks of its time zone skip in spring.
### Why is this bad?
Kubernetes and KEDA run nothing for a time that does not exist: on that day the floor is not raised, or it stays raised until
the next end. An hour that the clocks repeat in autumn does no harm: the floor is set twice.
### Example
`end = "30 2 * * *"` with `time_zone = "Europe/Rome"`: on the last Sunday of March 02:00 is followed by 03:00.
### Instead
Move the edge out of that hour, or leave Sundays out where the window does not need them.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for schedule in facts.model.workloads.iter().flat_map(|it| &it.schedules) {
        let zone = &schedule.time_zone.value;
        for (edge, key, then) in [
            (&schedule.start, "start", "the floor is not raised then"),
            (&schedule.end, "end", "the floor then stays raised until the next end"),
        ] {
            let Some(skipped) = zone.skipped(&edge.value) else { continue };
            let (date, hour, minute) = (skipped.date(), skipped.hour(), skipped.minute());
            let message = format!(
                "`{}.{key}` does not happen on {date}: the clocks of {} skip {hour:02}:{minute:02}",
                schedule.address,
                zone.name()
            );
            let finding = findings.finding(message).at(facts.place(&edge.address, schedule.place), then);
            findings.push(finding.help(format!("move `{key}` to an hour that every day has")));
        }
    }
}

//! An edge of a window that a clock change skips.

use crate::doc::object::Object;
use crate::doc::value::Node;
use crate::unit::cron::Cron;
use crate::unit::zone::Zone;

use super::files::{get, items, text};
use super::{Check, Facts, Files, Findings, Level, Lint};

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
    check: Check::Both(check, check_files),
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

fn check_files(files: &Files<'_>, findings: &mut Findings<'_>) {
    for job in files.of_kind("CronJob") {
        let (line, zone) = (get(&job.tree, "spec.schedule"), text(&job.tree, "spec.timeZone"));
        edge(files, findings, job, line, zone, "it is not run then");
    }
    for object in files.of_kind("ScaledObject") {
        let triggers = items(get(&object.tree, "spec.triggers")).filter(|it| text(it, "type") == Some("cron"));
        for metadata in triggers.filter_map(|it| get(it, "metadata")) {
            let zone = text(metadata, "timezone");
            edge(files, findings, object, get(metadata, "start"), zone, "the floor is not raised then");
            edge(files, findings, object, get(metadata, "end"), zone, "the floor then stays raised until the next end");
        }
    }
}

/// A line that cannot be read is another lint's.
fn edge(
    files: &Files<'_>,
    findings: &mut Findings<'_>,
    object: &Object,
    line: Option<&Node>,
    zone: Option<&str>,
    then: &str,
) {
    let Some((line, cron)) = line.and_then(|it| Some((it, Cron::parse(it.as_str()?).ok()?))) else { return };
    let Some(zone) = zone.and_then(|it| Zone::parse(it).ok()) else { return };
    let Some(skipped) = zone.skipped(&cron) else { return };
    let (date, hour, minute) = (skipped.date(), skipped.hour(), skipped.minute());
    let message = format!(
        "`{}` does not happen on {date}: the clocks of {} skip {hour:02}:{minute:02}",
        object.identity,
        zone.name()
    );
    let finding = findings.finding(message).at(files.at(object, line), then);
    findings.push(finding.help("move it to an hour that every day has"));
}

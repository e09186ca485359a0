//! A window whose hours are somebody else's.

use super::files::get;

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "schedule-without-time-zone",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for CronJobs that scale something with kubectl, at an hour of the day, and have no `timeZone`.
### Why is this bad?
The hours are those of the kube-controller-manager, which is nearly always in UTC: what is meant for seven in the morning in Kathmandu happens
there at a quarter to one in the afternoon.
### Example
`schedule: "0 7 * * 1-5"` and no `timeZone`.
### Instead
Write it: `timeZone: Asia/Kathmandu`, or `timeZone: Etc/UTC` where that is meant.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    let mut told = Vec::new();
    for call in files.calls().iter().filter(|it| it.scales()) {
        let Some(schedule) = get(&call.job.tree, "spec.schedule") else { continue };
        let text = schedule.as_str().unwrap_or_default();
        // `*/15 * * * *` is the same everywhere; a zone within the text has a lint of its own.
        let names_hour = text.split_whitespace().nth(1).is_some_and(|hour| hour != "*") && !text.contains("TZ=");
        let is_told = told.contains(&(&call.job.identity, &call.job.file));
        if !names_hour || is_told || files.is_patch(call.job) || get(&call.job.tree, "spec.timeZone").is_some() {
            continue;
        }
        told.push((&call.job.identity, &call.job.file));
        let message = format!("`{}` runs at the controller's hours, usually UTC", call.job.identity);
        let finding = findings.finding(message).at(files.at(call.job, schedule), "in no time zone");
        findings.push(finding.help("add `timeZone: Etc/UTC` below it, or the zone that is meant"));
    }
}

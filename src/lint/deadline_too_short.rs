//! A deadline that the controller of CronJobs may miss.

use super::files::{get, int};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "deadline-too-short",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for CronJobs whose `startingDeadlineSeconds` is below 10.
### Why is this bad?
The controller looks every ten seconds: what is due between two looks is too late already, and is never run.
### Example
`startingDeadlineSeconds: 5`
### Instead
Write what a late start may cost: `startingDeadlineSeconds: 600`.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for job in files.of_kind("CronJob") {
        let Some(deadline) = get(&job.tree, "spec.startingDeadlineSeconds") else { continue };
        if let Some(seconds) = int(deadline).filter(|it| *it < 10) {
            let message = format!("`{}` may never run: its controller looks every 10 s", job.identity);
            let finding = findings.finding(message).at(files.at(job, deadline), format!("too late after {seconds} s"));
            findings.push(finding.help("write `startingDeadlineSeconds: 600`"));
        }
    }
}

//! A window's edge that may run hours late.

use super::files::get;
use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "missing-deadline",
    level: Level::Allow,
    docs: r#"
### What it does
Looks for CronJobs that scale by kubectl and have no `startingDeadlineSeconds`.
### Why is this bad?
What the controller missed (it was away, the job was suspended, a run with `concurrencyPolicy: Forbid` was still going on) it starts once, as soon as it
can, however late. Two edges of one window that were both missed start at the same time, and the one that is last decides: the floor of the
day may stay for the night. After more than a hundred missed times it says `TooManyMissedTimes`, too. An edge that comes late is better than none for many, so
nothing is said unless somebody asks.
### Example
A CronJob with `kubectl patch hpa …` and no `startingDeadlineSeconds`.
### Instead
Write how late it may start, 10 seconds at least: `startingDeadlineSeconds: 600`.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for edge in files.moved().iter().flat_map(|it| &it.edges) {
        if get(&edge.job.tree, "spec.startingDeadlineSeconds").is_some() || files.is_patch(edge.job) {
            continue;
        }
        let message = format!("`{}` starts however late, where its time was missed", edge.job.identity);
        let finding = findings.finding(message).at(files.at(edge.job, edge.line), "no `startingDeadlineSeconds`");
        findings.push(finding.help("add `startingDeadlineSeconds: 600`"));
    }
}

//! A job whose pods have no restart policy that a job may have.

use super::files::pods::pod;
use super::files::{get, kind};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "missing-restart-policy",
    level: Level::Deny,
    docs: r#"
### What it does
Looks for Jobs and CronJobs whose pods have no `restartPolicy`, or `Always`.
### Why is this bad?
The default is `Always`, which a job must not have: the API server refuses it.
### Example
A CronJob whose template ends with its containers.
### Instead
Write `restartPolicy: Never` or `OnFailure` beside `containers`.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for object in files.kubernetes().filter(|it| matches!(kind(it), "Job" | "CronJob")) {
        let Some(pod) = pod(object) else { continue };
        let policy = get(pod, "restartPolicy");
        let (node, label) = match policy.map(|it| it.as_str()) {
            Some(Some("Never" | "OnFailure")) => continue,
            Some(_) => (policy.unwrap_or(pod), "not for a job"),
            None if files.is_patch(object) => continue,
            None => (pod, "no `restartPolicy`"),
        };
        let message = format!("`{}` is refused: its pods may not be restarted always", object.identity);
        let finding = findings.finding(message).at(files.at(object, node), label);
        findings.push(finding.help("write `restartPolicy: Never` beside `containers`"));
    }
}

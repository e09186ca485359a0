//! A job that runs kubectl as nobody.

use super::files::get;

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "kubectl-without-account",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for CronJobs that call kubectl and name no `serviceAccountName`.
### Why is this bad?
The pod has the account `default` of its namespace, which may do nothing: every run ends with "forbidden". Where it was given rights, every other
pod of the namespace has them, too.
### Example
`kubectl scale …` in a CronJob without `serviceAccountName`.
### Instead
Write a ServiceAccount, a Role that may do just this (`get` and `patch` of the one object, by `resourceNames`) and a RoleBinding, and name the
account. capgen writes all of them for a `[schedule.…]`.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    let mut told = Vec::new();
    for call in files.calls() {
        let is_named = ["serviceAccountName", "serviceAccount"].iter().any(|it| get(call.pod, it).is_some());
        if is_named || files.is_patch(call.job) || told.contains(&(&call.job.identity, &call.job.file)) {
            continue;
        }
        told.push((&call.job.identity, &call.job.file));
        let message = format!("`{}` runs kubectl as `default`, which may do nothing", call.job.identity);
        let finding = findings.finding(message).at(files.at(call.job, call.node), "forbidden");
        let finding = finding.at(files.at(call.job, call.pod), "no `serviceAccountName`");
        findings
            .push(finding.help("add `serviceAccountName`, with a Role that may `get` and `patch` just this object"));
    }
}

//! A job that runs kubectl as an account which may not do what the command does.

use super::files::rbac::Need;
use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "kubectl-without-permission",
    level: Level::Warn,
    docs: r#"
### What it does
Compares what the calls of kubectl in CronJobs need with what the Roles and ClusterRoles allow that are bound to the job's account. It speaks only where the
ServiceAccount, every binding of it and every role of those stand in the files.
### Why is this bad?
Every run ends with "forbidden": the window is never covered, and only the log of a Job says so.
### Example
`kubectl scale deployment web …` with a Role that may `patch` `deployments`, and not `deployments/scale`.
### Instead
`kubectl patch`, `annotate` and `label` need `get` and `patch` of the object; `kubectl scale` needs `get` of the object and `patch` of its `scale`
(with `--current-replicas` `get` and `update` of it). capgen writes the Role of a `[schedule.…]`, for just the one object.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    let mut told: Vec<(String, String)> = Vec::new();
    for call in files.calls() {
        let Some(account) = files.account_of(call.job, call.pod) else { continue };
        let mut missing = call.needs();
        missing.retain(|it| !account.may(it, call.namespace()));
        let Some(rule) = missing.into_iter().reduce(Need::with) else { continue };
        let (job, help) = (call.job.identity.to_string(), format!("add the rule `{rule}`"));
        let is_new = !told.iter().any(|it| it.0 == job && it.1 == help);
        if is_new {
            let verbs = rule.verbs.join("` and `");
            let message = format!("`{job}` may not `{verbs}` {} as `{}`", rule.what(), account.name);
            let finding = findings
                .finding(message)
                .at(files.at(call.job, call.node), "forbidden")
                .at(files.at(call.job, account.node), "as this account")
                .at_some(account.role.map(|(role, rules)| files.key(role, rules)), "what it may do");
            findings.push(finding.help(help.clone()));
            told.push((job, help));
        }
    }
}

//! A schedule that raises a floor above its ceiling.

use super::files::name;

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "scheduled-floor-above-ceiling",
    level: Level::Deny,
    docs: r#"
### What it does
Compares the floor that a CronJob's `kubectl patch` gives an autoscaler with the most replicas that the autoscaler may have.
### Why is this bad?
The API server refuses the patch: the window is not covered, and only the log of a Job says so.
### Example
`kubectl patch hpa web --patch '{"spec":{"minReplicas":30}}'` with `maxReplicas: 20`.
### Instead
Write a floor that the ceiling allows, or raise the ceiling in the same patch.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for call in files.calls() {
        let (Some((kind, of)), Some(floor)) = (call.what(), call.min_replicas()) else { continue };
        let mut patched =
            files.autoscalers().filter(|it| super::files::kind(it.object) == kind && name(it.object) == of);
        let Some(autoscaler) = patched.find(|it| files.are_together(it.object, call.job)) else { continue };
        let Some((max, ceiling)) = autoscaler.max.zip(autoscaler.ceiling()).filter(|(_, it)| floor > *it) else {
            continue;
        };
        if call.raises_ceiling() {
            continue;
        }
        let message = format!("`{}` sets a floor of {floor} where {ceiling} is the most", call.job.identity);
        let finding = findings.finding(message).at(files.at(call.job, call.node), "refused");
        let finding = finding.at(files.at(autoscaler.object, max), "the most");
        findings.push(finding.help(format!("patch `minReplicas` to {ceiling} or less, or raise the ceiling with it")));
    }
}

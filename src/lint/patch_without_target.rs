//! A CronJob that patches an autoscaler by a name that it does not have.

use super::files::name;
use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "patch-without-target",
    level: Level::Deny,
    docs: r#"
### What it does
Looks for CronJobs whose kubectl patches an autoscaler by the name of the workload, where the files have that workload's autoscaler under another
name.
### Why is this bad?
`kubectl` ends with "not found": the window is never covered, and only the log of a Job says so.
### Example
`kubectl patch hpa web …` where the HorizontalPodAutoscaler of `web` is called `web-hpa`.
### Instead
Write the name of the autoscaler.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for call in files.calls() {
        let Some((kind, called)) = call.what().filter(|(kind, _)| AUTOSCALERS.contains(kind)) else { continue };
        if files.of_kind(kind).any(|it| name(it) == called) {
            continue;
        }
        let mut others = files.autoscalers().filter(|it| super::files::kind(it.object) == kind);
        let meant = others.find(|it| {
            it.scaled().is_some_and(|(_, scaled)| scaled == called) && files.are_together(it.object, call.job)
        });
        let Some(meant) = meant else { continue };
        let its_name = name(meant.object);
        let message = format!("`{}` patches `{kind} {called}`, which is called `{its_name}`", call.job.identity);
        let finding = findings
            .finding(message)
            .at(files.at(call.job, call.node), "not found")
            .at(files.at(meant.object, meant.target), format!("scales `{called}`"));
        findings.push(finding.help(format!("write `{its_name}`")));
    }
}

const AUTOSCALERS: [&str; 2] = ["HorizontalPodAutoscaler", "ScaledObject"];

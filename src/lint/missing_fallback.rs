//! A worker without an answer to a queue that cannot be asked.

use crate::model::workloads::Scaling;

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "missing-fallback",
    level: Level::Allow,
    docs: r#"
### What it does
Looks for workers with a queue and no `fallback`.
### Why is this bad?
While KEDA cannot ask the queue, the workload stays at the replicas that it happens to have. Whether that is enough is left to
chance. Many are content with it, so nothing is said unless the spec asks.
### Example
`kafka = { … }` under a worker, and no `fallback` under its `autoscale`.
### Instead
Write `fallback = { failure_threshold = 3, replicas = 12 }`, with as many replicas as the peak needs.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for workload in &facts.model.workloads {
        let Scaling::Autoscaled(autoscaler) = &workload.scaling else { continue };
        if autoscaler.keda.as_ref().is_some_and(|it| it.fallback.is_none()) {
            let message = format!("`{}` has no fallback for a queue that cannot be asked", workload.address);
            let finding = findings.finding(message).at(workload.place, "no `fallback`");
            findings.push(finding.help(format!(
                "add `fallback = {{ failure_threshold = 3, replicas = {} }}` to `[{}.autoscale]`",
                autoscaler.max.value, workload.address
            )));
        }
    }
}

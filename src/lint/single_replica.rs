//! A workload that may run in a single pod.

use crate::model::workloads::Scaling;

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "single-replica",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for workloads whose fewest replicas are 1.
### Why is this bad?
A node that drains, a crash or a rollout is an outage while there is no second pod.
### Example
`replicas = 1`, or `autoscale = { min = 1 }`.
### Instead
Write `min = 2`. Where one is right by design, such as a scheduler that needs a global view, say so:
`single-replica = { level = "allow", reason = "…" }`.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for workload in &facts.model.workloads {
        let floor = workload.floor();
        // A worker that may stop altogether has accepted to wait for its first pod.
        let idles = matches!(&workload.scaling, Scaling::Autoscaled(it) if it.keda.as_ref().is_some_and(|it| it.idle.is_some()));
        if floor.value == 1 && !idles {
            let message = format!("`{}` runs in a single pod", workload.address);
            let place = facts.model.causes.written_at(&floor.address).unwrap_or(workload.place);
            let finding = findings.finding(message).at(place, format!("`{}` is 1", floor.address));
            findings.push(finding.help("write 2 or more, or waive it with a reason under `[lints]`"));
        }
    }
}

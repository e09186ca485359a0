//! A workload that scales on its memory alone.

use crate::model::workloads::Scaling;

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "memory-as-only-signal",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for autoscalers whose only signal is memory.
### Why is this bad?
Most programs keep the memory that they once had: more pods do not make the others smaller, so the workload grows and never
shrinks; and a load that needs no memory is not seen at all.
### Example
`autoscale = { max = 20, memory = 80 }`
### Instead
Add what follows the load: `cpu = 70`, or a metric of the pods. Memory beside it is a brake for emergencies.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for workload in &facts.model.workloads {
        let Scaling::Autoscaled(autoscaler) = &workload.scaling else { continue };
        let Some(memory) = &autoscaler.memory else { continue };
        if autoscaler.cpu.is_none() && autoscaler.metrics.is_empty() && autoscaler.keda.is_none() {
            let message =
                format!("`{}` scales on memory alone, which seldom falls when pods are added", workload.address);
            let place = facts.place(&memory.address, workload.place);
            let finding = findings.finding(message).at(place, "the only signal");
            findings.push(finding.help(format!("add `cpu = 70` to `[{}.autoscale]`", workload.address)));
        }
    }
}

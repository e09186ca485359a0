//! A workload that scales on its memory alone.

use crate::model::workloads::Scaling;

use crate::doc::value::Node;

use super::files::{get, items};
use super::{Check, Facts, Files, Findings, Level, Lint};

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
    check: Check::Both(check, check_files),
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

fn check_files(files: &Files<'_>, findings: &mut Findings<'_>) {
    for object in files.of_kind("HorizontalPodAutoscaler") {
        let signals: Vec<&Node> = items(get(&object.tree, "spec.metrics")).collect();
        let [only] = signals.as_slice() else { continue };
        let name = ["resource.name", "containerResource.name"].into_iter().find_map(|path| get(only, path));
        let Some(name) = name.filter(|it| it.as_str() == Some("memory")) else { continue };
        let message = format!("`{}` scales on memory alone, which seldom falls when pods are added", object.identity);
        let finding = findings.finding(message).at(files.at(object, name), "the only signal");
        findings.push(finding.help("add a metric of the type `Resource` for `cpu`, or one of the pods"));
    }
}

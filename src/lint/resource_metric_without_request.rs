//! A percentage of a request that is not there.

use crate::model::workloads::{Scaling, Workload};
use crate::unit::quantity::Quantity;
use crate::why::Derived;

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "resource-metric-without-request",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for workloads that scale on CPU or memory, state `resources`, and state none for that very resource. A limit counts:
Kubernetes takes it for the request where there is no other.
### Why is this bad?
The metric is a percentage of the request. Without one the autoscaler has no number and does nothing ("missing request"), and
KEDA's webhook refuses the ScaledObject.
### Example
`resources = { memory = "1Gi" }` with `autoscale = { max = 10, cpu = 70 }`
### Instead
Write the request that the pods have: `resources = { cpu = "500m", memory = "1Gi" }`.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for workload in &facts.model.workloads {
        let Scaling::Autoscaled(autoscaler) = &workload.scaling else { continue };
        let of = &workload.resources;
        let signals = [
            ("cpu", "500m", &autoscaler.cpu, [&of.cpu, &of.cpu_limit]),
            ("memory", "512Mi", &autoscaler.memory, [&of.memory, &of.memory_limit]),
        ];
        for (name, example, percent, stated) in signals {
            let Some(percent) = percent.as_ref().filter(|_| stated.into_iter().flatten().all(is_nothing)) else {
                continue;
            };
            // Where nothing at all is stated, the pods may well have requests that the spec does not know.
            let Some(other) = first_stated(workload) else { continue };
            let message = format!("`{}` scales on {name} and requests none", workload.address);
            let place = facts.place(&percent.address, workload.place);
            let finding = findings
                .finding(message)
                .at(place, format!("{} % of no request", percent.value))
                .at_some(facts.model.causes.written_at(&other.address), format!("stated here, but no `{name}`"));
            findings.push(finding.help(format!("add `{name} = \"{example}\"` to `{}.resources`", workload.address)));
        }
    }
}

fn is_nothing(quantity: &Derived<Quantity>) -> bool {
    quantity.value.nano() == 0
}

fn first_stated(workload: &Workload) -> Option<&Derived<Quantity>> {
    let of = &workload.resources;
    [&of.cpu, &of.memory, &of.cpu_limit, &of.memory_limit].into_iter().flatten().next()
}

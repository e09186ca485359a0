//! A single pod on nodes that may be taken back at any time.

use crate::model::nodes::Purchase;
use crate::model::workloads::Scaling;

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "single-replica-on-spot",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for workloads with a floor of 1 in node groups that have nothing but spot nodes.
### Why is this bad?
AWS takes a spot node back with two minutes' notice, and often several at once. The only pod is then away until another node has
started.
### Example
`replicas = 1` for a workload in `runs` of a group with `spot = true`.
### Instead
Write `min = 2`, place it on another group, or keep some nodes on demand: `spot = { on_demand_base = 1 }`.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for group in facts.model.nodegroups.iter().filter(|it| is_all_spot(&it.purchase)) {
        for name in &group.runs {
            let Some(workload) = facts.workload(&name.value) else { continue };
            // A worker that may stop altogether has accepted to wait for its first pod.
            let idles = matches!(&workload.scaling, Scaling::Autoscaled(it) if it.keda.as_ref().is_some_and(|it| it.idle.is_some()));
            let floor = workload.floor();
            if floor.value != 1 || idles {
                continue;
            }
            let message =
                format!("the only pod of `{}` stands on the spot nodes of `{}`", workload.address, group.address);
            let finding = findings
                .finding(message)
                .at(facts.place(&name.address, workload.place), "placed here")
                .at_some(facts.model.causes.written_at(&floor.address), "a single pod");
            findings.push(finding.help("write 2 or more, or place it on a group that has nodes on demand"));
        }
    }
}

/// What `instancesDistribution` leaves out is 0 for the base and 100 % for the rest.
fn is_all_spot(purchase: &Purchase) -> bool {
    match purchase {
        Purchase::OnDemand => false,
        Purchase::ManagedSpot => true,
        Purchase::Mixed(mixed) => {
            let base = mixed.on_demand_base.as_ref().map_or(0, |it| it.value);
            let percentage = mixed.on_demand_percentage.as_ref().map_or(100, |it| it.value);
            base == 0 && percentage == 0
        }
    }
}

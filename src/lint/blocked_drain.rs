//! A disruption budget that lets no pod go.

use crate::model::workloads::Disruptions;
use crate::spec::workload::Amount;
use crate::why::Address;

use super::{Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "blocked-drain",
    level: Level::Warn,
    docs: r#"
### What it does
Counts how many pods the PodDisruptionBudget lets go while a workload runs its fewest, and looks for none. Percentages are
rounded up, as Kubernetes does.
### Why is this bad?
No node that has one of the pods can be drained: an upgrade of the cluster stops there, and the cluster autoscaler keeps
the node for ever.
### Example
`disruption = { min_available = 2 }` with a floor of 2 replicas.
### Instead
Write `disruption = { max_unavailable = 1 }`: it stays right when the workload scales.
"#,
    check,
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for workload in facts.model.workloads.iter().filter(|it| it.usual_peak().value > 0) {
        let Some(disruptions) = &workload.disruption else { continue };
        // A workload that may stop altogether is asked about its last pod.
        let fewest = workload.floor().value.max(1);
        let Some((bound, text)) = bound(disruptions).filter(|_| may_go(disruptions, fewest) < 1) else { continue };
        let (pods, label, help) = match may_go(disruptions, workload.usual_peak().value) < 1 {
            true => ("any of its pods".to_owned(), "never any", ""),
            false => {
                let pods = format!("any of its {fewest} pods at the floor");
                (pods, "none at the floor", ", or raise the floor")
            }
        };
        let message = format!("no drain may take {pods}: `{bound}` is {text}");
        let finding = findings.finding(message).at(facts.place(bound, workload.place), label);
        let floor = facts.model.causes.written_at(&workload.floor().address);
        let finding = finding.at_some(floor, format!("the floor is {fewest}"));
        findings.push(finding.help(format!("write `disruption = {{ max_unavailable = 1 }}`{help}")));
    }
}

/// The bound that is there, and its text.
fn bound(disruptions: &Disruptions) -> Option<(&Address, String)> {
    let bound = disruptions.min_available.as_ref().or(disruptions.max_unavailable.as_ref())?;
    Some((&bound.address, bound.value.to_string()))
}

/// Pods that may go of so many that run; both bounds round up (kubernetes v1.36, `pkg/controller/disruption`).
fn may_go(disruptions: &Disruptions, running: i64) -> i64 {
    match (&disruptions.min_available, &disruptions.max_unavailable) {
        (Some(least), _) => running - pods(least.value, running),
        (None, Some(most)) => pods(most.value, running),
        (None, None) => running,
    }
}

fn pods(amount: Amount, running: i64) -> i64 {
    match amount {
        Amount::Number(number) => number,
        Amount::Percent(percent) => {
            let hundredths = running.saturating_mul(percent);
            hundredths / 100 + i64::from(hundredths % 100 != 0)
        }
    }
}

//! A number of replicas in a manifest whose workload an autoscaler moves.

use super::files::{get, int};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "replicas-beside-autoscaler",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for `spec.replicas` of workloads that a HorizontalPodAutoscaler or a ScaledObject scales.
### Why is this bad?
Every apply sets the replicas back to this number, whatever the load is at that moment, and the autoscaler climbs again. With 0 the autoscaler is
switched off.
### Example
`replicas: 3` in a Deployment beside an autoscaler with `minReplicas: 2`.
### Instead
Take the line out: the autoscaler's floor is what the workload starts with. Where it is applied already, first run
`kubectl apply edit-last-applied`, or the pods fall to one once.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for workload in files.workloads() {
        let Some(replicas) = get(&workload.tree, "spec.replicas") else { continue };
        // Zero on purpose: so is an autoscaler paused. A dump of a cluster always has a number.
        let is_dump = get(&workload.tree, "metadata.uid").is_some();
        let Some(number) = int(replicas).filter(|it| *it > 0 && !is_dump) else { continue };
        let Some(autoscaler) = files.autoscalers_of(workload).next() else { continue };
        let message = format!(
            "every apply sets `{}` back to {number} replicas, and `{}` moves them",
            workload.identity, autoscaler.object.identity
        );
        let finding = findings.finding(message).at(files.at(workload, replicas), "set back by every apply");
        let finding = finding.at(files.at(autoscaler.object, autoscaler.target), "moves the replicas");
        findings.push(finding.help("take `replicas` out"));
    }
}

//! A target that usage cannot exceed by more than the autoscaler's tolerance.

use std::cmp::Ordering;

use crate::doc::object::Object;
use crate::doc::value::Node;
use crate::model::workloads::Scaling;
use crate::unit::exact::Exact;
use crate::unit::quantity::Quantity;

use super::files::{get, int, items, pods, scalar, text};
use super::{Check, Facts, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "target-within-tolerance",
    level: Level::Warn,
    docs: r#"
### What it does
Compares the target of CPU or memory with the most that a pod can use: its limit.
### Why is this bad?
The autoscaler does nothing while the metric is within 10 % of its target (`--horizontal-pod-autoscaler-tolerance`, or `tolerance` under
`scaleUp`). Usage ends at the limit. Where the limit is not that much above the target the metric never says that a pod more is needed, however
large the load: CPU is throttled, and with memory the pods are killed.
### Example
`cpu = 95` with `resources = { cpu = "1", cpu_limit = "1" }`: at most 100 % of the request, 5 % above the target.
### Instead
Write a lower target, such as 70, or a limit well above the request.
"#,
    check: Check::Both(check, check_files),
};

/// `--horizontal-pod-autoscaler-tolerance` (kubernetes v1.36, `pkg/controller/podautoscaler/config/v1alpha1/defaults.go`).
const TOLERANCE: (i64, i64) = (1, 10);

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for workload in &facts.model.workloads {
        let Scaling::Autoscaled(autoscaler) = &workload.scaling else { continue };
        let own = autoscaler.scale_up.as_ref().and_then(|it| it.tolerance.as_ref());
        let tolerance = own.and_then(|it| Exact::parse(&it.value).ok()).unwrap_or_else(usual);
        let of = &workload.resources;
        for (resource, target, request, limit) in [
            ("cpu", &autoscaler.cpu, &of.cpu, &of.cpu_limit),
            ("memory", &autoscaler.memory, &of.memory, &of.memory_limit),
        ] {
            let (Some(target), Some(limit)) = (target, limit) else { continue };
            let request = request.as_ref().unwrap_or(limit);
            let most = limit.value.nano() * 100;
            if !is_out_of_reach(most, request.value.nano() * i128::from(target.value), tolerance) {
                continue;
            }
            let percent = most / request.value.nano().max(1);
            let message = format!(
                "`{}` never grows by {resource}: it ends at {percent} % of the request, and the target is {} %",
                workload.address, target.value
            );
            let finding = findings
                .finding(message)
                .at(facts.place(&target.address, workload.place), "within the autoscaler's tolerance of the limit")
                .at_some(facts.model.causes.written_at(&limit.address), "usage ends here");
            let fitting = (percent * 7 / 10).clamp(1, 100);
            findings
                .push(finding.help(format!("write `{resource} = {fitting}` or less, or a higher `{resource}_limit`")));
        }
    }
}

fn usual() -> Exact {
    Exact::fraction(TOLERANCE.0, TOLERANCE.1)
}

/// Whether the most that is used, as a part of the target, is no more than one and the tolerance.
fn is_out_of_reach(most: i128, target: i128, tolerance: Exact) -> bool {
    let parts = [most, target].map(|it| i64::try_from(it / 1_000_000).unwrap_or(i64::MAX));
    let [most, target] = parts;
    if most <= 0 || target <= 0 {
        return false;
    }
    let reach = (Exact::from(1) + tolerance) * Exact::from(target);
    Exact::from(most).checked_cmp(&reach).is_some_and(|it| it != Ordering::Greater)
}

fn check_files(files: &Files<'_>, findings: &mut Findings<'_>) {
    for autoscaler in files.autoscalers() {
        let mut workloads = files.workloads().filter(|it| autoscaler.scales(it) && !files.is_patch(it));
        let Some(workload) = workloads.find(|it| files.are_together(autoscaler.object, it)) else { continue };
        let Some(pod) = pods::pod(workload) else { continue };
        let behavior = match autoscaler.is_keda() {
            true => "spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleUp.tolerance",
            false => "spec.behavior.scaleUp.tolerance",
        };
        let own = get(&autoscaler.object.tree, behavior).and_then(scalar).and_then(|it| Exact::parse(&it).ok());
        let tolerance = own.unwrap_or_else(usual);
        for target in targets(autoscaler.object) {
            let containers: Vec<&Node> = items(pod.get("containers"))
                .filter(|it| target.container.is_none_or(|name| text(it, "name") == Some(name)))
                .collect();
            let sum = |of: &str| amount(&containers, of, target.resource);
            let Some((limit, place)) = sum("limits") else { continue };
            let Some((request, _)) = sum("requests").or_else(|| sum("limits")) else { continue };
            let (most, wanted) = match target.amount {
                Amount::Percent(percent) => (limit * 100, request * i128::from(percent)),
                Amount::Absolute(nano) => (limit, nano),
            };
            if !is_out_of_reach(most, wanted, tolerance) {
                continue;
            }
            let message = format!(
                "`{}` never grows by {}: a pod's limit is within the tolerance of the target",
                autoscaler.object.identity, target.resource
            );
            let finding = findings
                .finding(message)
                .at(files.at(autoscaler.object, target.node), "usage never says that a pod more is needed")
                .at(files.at(workload, place), "usage ends here");
            findings.push(finding.help("write a target of at most 70 % of the limit, or raise the limit"));
        }
    }
}

/// What all of some containers ask for, or may have, in billionths, and where the first of them says so; `None` where one does not.
fn amount<'a>(containers: &[&'a Node], of: &str, resource: &str) -> Option<(i128, &'a Node)> {
    let path = format!("resources.{of}.{resource}");
    let mut sum = 0_i128;
    for container in containers {
        sum = sum.checked_add(Quantity::parse(&scalar(get(container, &path)?)?).ok()?.nano())?;
    }
    Some((sum, get(containers.first()?, &path)?))
}

struct Target<'a> {
    node: &'a Node,
    resource: &'static str,
    /// The only container that is looked at.
    container: Option<&'a str>,
    amount: Amount,
}

enum Amount {
    /// Of the request.
    Percent(i64),
    /// In billionths.
    Absolute(i128),
}

fn targets(autoscaler: &Object) -> Vec<Target<'_>> {
    let known = |it: &str| ["cpu", "memory"].into_iter().find(|known| *known == it);
    let metrics = items(get(&autoscaler.tree, "spec.metrics")).filter_map(|it| {
        let source = ["resource", "containerResource"].into_iter().find_map(|key| get(it, key))?;
        let resource = known(text(source, "name")?)?;
        let (node, amount) = match get(source, "target.averageUtilization") {
            Some(node) => (node, Amount::Percent(int(node)?)),
            None => absolute(get(source, "target.averageValue")?)?,
        };
        Some(Target { node, resource, container: text(source, "container"), amount })
    });
    let triggers = items(get(&autoscaler.tree, "spec.triggers")).filter_map(|it| {
        let resource = known(text(it, "type")?)?;
        let value = get(it, "metadata.value")?;
        let (node, amount) = match text(it, "metricType") {
            Some("Utilization") => (value, Amount::Percent(scalar(value)?.parse().ok()?)),
            Some("AverageValue") => absolute(value)?,
            _ => return None,
        };
        Some(Target { node, resource, container: text(it, "metadata.containerName"), amount })
    });
    let first = get(&autoscaler.tree, "spec.targetCPUUtilizationPercentage");
    let first = first
        .and_then(|node| Some(Target { node, resource: "cpu", container: None, amount: Amount::Percent(int(node)?) }));
    metrics.chain(triggers).chain(first).collect()
}

fn absolute(node: &Node) -> Option<(&Node, Amount)> {
    Some((node, Amount::Absolute(Quantity::parse(&scalar(node)?).ok()?.nano())))
}

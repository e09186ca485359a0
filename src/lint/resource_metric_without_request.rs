//! A percentage of a request that is not there.

use crate::model::workloads::{Scaling, Workload};
use crate::unit::quantity::Quantity;
use crate::why::Derived;

use crate::doc::object::Object;
use crate::doc::value::Node;

use super::files::{get, items, pods, text};
use super::{Check, Facts, Files, Findings, Level, Lint};

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
    check: Check::Both(check, check_files),
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

fn check_files(files: &Files<'_>, findings: &mut Findings<'_>) {
    for autoscaler in files.autoscalers() {
        let mut workloads = files.workloads().filter(|it| autoscaler.scales(it) && !files.is_patch(it));
        let Some(workload) = workloads.find(|it| files.are_together(autoscaler.object, it)) else { continue };
        let Some(pod) = pods::pod(workload) else { continue };
        for (metric, resource, container) in percentages(autoscaler.object) {
            let lacks = |it: &&Node| {
                let is_asked = container.is_none_or(|name| text(it, "name") == Some(name));
                // Kubernetes takes the limit where there is no request.
                is_asked
                    && ["requests", "limits"].iter().all(|of| get(it, &format!("resources.{of}.{resource}")).is_none())
            };
            // An init container is over by then; one that restarts is not, and seldom.
            let Some(lacking) = items(pod.get("containers")).find(lacks) else { continue };
            let name = text(lacking, "name").unwrap_or_default();
            let message = format!(
                "`{}` scales on {resource}, and the container `{name}` requests none",
                autoscaler.object.identity
            );
            let finding =
                findings.finding(message).at(files.at(autoscaler.object, metric), "a percentage of no request");
            let place = get(lacking, "name").unwrap_or(lacking);
            let finding = finding.at(files.at(workload, place), format!("no request of `{resource}`"));
            let example = if resource == "cpu" { "cpu: 500m" } else { "memory: 512Mi" };
            findings.push(finding.help(format!("add `resources: {{ requests: {{ {example} }} }}` to `{name}`")));
        }
    }
}

/// The percentages of requests that an autoscaler looks at: where each is named, of what, and of which container alone.
fn percentages(autoscaler: &Object) -> Vec<(&Node, &'static str, Option<&str>)> {
    let known = |it: &str| ["cpu", "memory"].into_iter().find(|known| *known == it);
    let metrics = items(get(&autoscaler.tree, "spec.metrics")).filter_map(|it| {
        let source = ["resource", "containerResource"].into_iter().find_map(|key| get(it, key))?;
        text(source, "target.type").filter(|it| *it == "Utilization")?;
        let name = get(source, "name")?;
        Some((name, known(name.as_str()?)?, text(source, "container")))
    });
    let triggers = items(get(&autoscaler.tree, "spec.triggers")).filter_map(|it| {
        text(it, "metricType").filter(|it| *it == "Utilization")?;
        let name = get(it, "type")?;
        Some((name, known(name.as_str()?)?, text(it, "metadata.containerName")))
    });
    let of_first_version = get(&autoscaler.tree, "spec.targetCPUUtilizationPercentage").map(|it| (it, "cpu", None));
    metrics.chain(triggers).chain(of_first_version).collect()
}

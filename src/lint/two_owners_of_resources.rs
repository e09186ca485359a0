//! A vertical autoscaler that changes what a horizontal one measures by.

use super::files::{get, items, kind, name, text};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "two-owners-of-resources",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for VerticalPodAutoscalers that set requests of a workload which a HorizontalPodAutoscaler or a ScaledObject scales by CPU or memory.
### Why is this bad?
The horizontal one measures usage as a percentage of the request, which the other changes: each answers the other's move, and the replicas swing.
### Example
A VerticalPodAutoscaler with `updateMode: Auto` beside a HorizontalPodAutoscaler on CPU.
### Instead
Write `updateMode: "Off"` and take over what it recommends, or let it control the other resource alone: `controlledResources: [memory]`.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for vertical in files.of_kind("VerticalPodAutoscaler") {
        let Some(target) = get(&vertical.tree, "spec.targetRef") else { continue };
        if text(&vertical.tree, "spec.updatePolicy.updateMode") == Some("Off") {
            continue;
        }
        let scaled = text(target, "kind").zip(text(target, "name"));
        let mut rivals = files.autoscalers().filter(|it| it.scaled() == scaled && scaled.is_some());
        let Some(rival) = rivals.find(|it| files.are_together(it.object, vertical)) else { continue };
        // What no policy restricts are both resources.
        let limited: Vec<&str> = items(get(&vertical.tree, "spec.resourcePolicy.containerPolicies"))
            .flat_map(|it| items(get(it, "controlledResources")))
            .filter_map(|it| it.as_str())
            .collect();
        let metrics = items(get(&rival.object.tree, "spec.metrics")).filter_map(|it| get(it, "resource.name"));
        let triggers = items(get(&rival.object.tree, "spec.triggers")).filter_map(|it| get(it, "type"));
        let shared = metrics.chain(triggers).find(|it| {
            it.as_str()
                .is_some_and(|it| matches!(it, "cpu" | "memory") && (limited.is_empty() || limited.contains(&it)))
        });
        let Some((node, resource)) = shared.and_then(|it| Some((it, it.as_str()?))) else { continue };
        let message = format!(
            "`{}` changes the {resource} requests by which `{}` measures",
            vertical.identity, rival.object.identity
        );
        let finding = findings.finding(message).at(files.at(vertical, target), "sets its requests");
        let finding = finding.at(files.at(rival.object, node), "a percentage of them");
        let help = format!("write `updateMode: \"Off\"` in `{} {}`", kind(vertical), name(vertical));
        findings.push(finding.help(help));
    }
}

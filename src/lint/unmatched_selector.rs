//! A workload that does not select its own pods.

use crate::doc::value::Node;

use super::files::{entries, get, kind};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "unmatched-selector",
    level: Level::Deny,
    docs: r#"
### What it does
Looks for Deployments, StatefulSets, DaemonSets and ReplicaSets whose `selector` is missing or does not fit the labels of their own template.
### Why is this bad?
The API server refuses them: `spec.selector: Required value`, or "`selector` does not match template `labels`".
### Example
A Deployment of `apps/v1` that starts with `template`.
### Instead
Write the labels twice: `selector: { matchLabels: { app: web } }` and `template: { metadata: { labels: { app: web } } }`.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    let kinds = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"];
    for object in files.kubernetes().filter(|it| kinds.contains(&kind(it))) {
        let Some(spec) = object.tree.get("spec").filter(|it| get(it, "template.spec").is_some()) else { continue };
        let labels = get(spec, "template.metadata.labels");
        let selector = get(spec, "selector");
        let odd = entries(selector.and_then(|it| it.get("matchLabels")))
            .find(|(key, value)| labels.and_then(|it| it.get(key)).map(|it| &it.value) != Some(&value.value));
        let (message, node, label): (_, &Node, _) = match (selector, odd) {
            (None, _) if files.is_patch(object) => continue,
            (None, _) => (format!("`{}` is refused: it selects no pods", object.identity), spec, "no `selector`"),
            (Some(_), Some((key, value))) => (
                format!("`{}` is refused: its own pods have another `{key}`", object.identity),
                value,
                "not in the template",
            ),
            (Some(_), None) => continue,
        };
        let finding = findings.finding(message).at(files.at(object, node), label);
        let finding = finding.at_some(labels.map(|it| files.at(object, it)), "the labels of the pods");
        let help = "write the same labels in `selector.matchLabels` and in `template.metadata.labels`";
        findings.push(finding.help(help));
    }
}

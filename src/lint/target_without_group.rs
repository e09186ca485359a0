//! An autoscaler whose target has no API group.

use super::files::{get, text};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "target-without-group",
    level: Level::Deny,
    docs: r#"
### What it does
Looks for `scaleTargetRef`s of HorizontalPodAutoscalers whose `apiVersion` is missing or has no group, such as `v1`.
### Why is this bad?
The API server refuses it for everything but a ReplicationController: it looks for a Deployment in a group that has none.
### Example
`scaleTargetRef: { apiVersion: v1, kind: Deployment, name: web }`
### Instead
Write `apiVersion: apps/v1`.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for autoscaler in files.autoscalers().filter(|it| !it.is_keda()) {
        let version = get(autoscaler.target, "apiVersion");
        let has_group = text(autoscaler.target, "apiVersion").is_some_and(|it| it.contains('/'));
        let Some((kind, name)) = autoscaler.scaled().filter(|(kind, _)| !has_group && *kind != "ReplicationController")
        else {
            continue;
        };
        let message = format!("`{}` looks for the {kind} `{name}` where there is none", autoscaler.object.identity);
        let (node, label) = match version {
            Some(version) => (version, "no group"),
            None => (autoscaler.target, "no `apiVersion`"),
        };
        let finding = findings.finding(message).at(files.at(autoscaler.object, node), label);
        findings.push(finding.help("write `apiVersion: apps/v1`"));
    }
}

//! A field of one version of the autoscaler's API in an object of another.

use super::files::get;

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "field-of-another-version",
    level: Level::Deny,
    docs: r#"
### What it does
Looks for `targetCPUUtilizationPercentage` in a HorizontalPodAutoscaler of `autoscaling/v2`, and for `metrics` and `behavior` in one of
`autoscaling/v1`.
### Why is this bad?
A patch with it is taken, the field is dropped with a warning, and the autoscaler goes on with what it had; `kubectl apply` refuses it. Where no
metric is left, Kubernetes fills in 80 % of CPU.
### Example
`targetCPUUtilizationPercentage: 70` under `apiVersion: autoscaling/v2`
### Instead
Write it as a metric: `metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 70 } } }]`.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for object in files.of_kind("HorizontalPodAutoscaler") {
        let fields: &[(&str, &str)] = match object.tree.get("apiVersion").and_then(|it| it.as_str()) {
            Some("autoscaling/v1") => &[
                ("spec.metrics", "write `apiVersion: autoscaling/v2`"),
                ("spec.behavior", "write `apiVersion: autoscaling/v2`"),
            ],
            Some("autoscaling/v2") => &[(
                "spec.targetCPUUtilizationPercentage",
                "write it as a metric: `{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 70 } } }`",
            )],
            _ => continue,
        };
        let version = object.tree.get("apiVersion");
        for (path, help) in fields {
            let Some(node) = get(&object.tree, path) else { continue };
            let field = path.rsplit('.').next().unwrap_or_default();
            let message = format!("`{}`: its version has no `{field}`, so it is dropped", object.identity);
            let finding = findings.finding(message).at(files.key(object, node), "dropped");
            let finding = finding.at_some(version.map(|it| files.at(object, it)), "the version");
            findings.push(finding.help(*help));
        }
    }
}

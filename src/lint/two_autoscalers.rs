//! Two autoscalers that move the replicas of one workload.

use super::files::{kind, name};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "two-autoscalers",
    level: Level::Deny,
    docs: r#"
### What it does
Looks for two HorizontalPodAutoscalers, or one and a ScaledObject, that scale the same workload.
### Why is this bad?
Kubernetes finds the same pods behind both and stops: `AmbiguousSelector`, and nothing scales at all. KEDA's webhook refuses a ScaledObject
for a workload that an autoscaler has already.
### Example
A HorizontalPodAutoscaler and a ScaledObject, both with `scaleTargetRef: { kind: Deployment, name: download-worker }`.
### Instead
Keep one of them. A ScaledObject takes CPU and memory as triggers beside the queue, and takes an existing autoscaler over where it is annotated
with `scaledobject.keda.sh/transfer-hpa-ownership: "true"` and names it in `advanced.horizontalPodAutoscalerConfig.name`.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    let all: Vec<_> = files.autoscalers().collect();
    for (index, second) in all.iter().enumerate() {
        let Some(scaled) = second.scaled() else { continue };
        let is_rival = |first: &&super::files::scaling::Autoscaler<'_>| {
            // The same object in two files is two variants of one.
            first.scaled() == Some(scaled)
                && first.object.identity != second.object.identity
                && files.are_together(first.object, second.object)
        };
        let Some(first) = all.iter().take(index).find(is_rival) else { continue };
        let (of, target) = scaled;
        let message =
            format!("`{}` and `{}` both scale `{of} {target}`", first.object.identity, second.object.identity);
        let finding = findings.finding(message).at(files.at(second.object, second.target), "the second");
        let finding = finding.at(files.at(first.object, first.target), "the first");
        let help = match (kind(first.object), kind(second.object)) {
            ("HorizontalPodAutoscaler", "ScaledObject") => {
                let (autoscaler, object) = (name(first.object), name(second.object));
                format!("delete `{autoscaler}` and give `{object}` its CPU and memory as triggers")
            }
            _ => format!("delete `{}`, or let it scale something else", second.object.identity),
        };
        findings.push(finding.help(help));
    }
}

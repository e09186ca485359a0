//! A KEDA fallback that the limits of its own autoscaler overrule.

use crate::model::workloads::Scaling;

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "fallback-beyond-limits",
    level: Level::Warn,
    docs: r#"
### What it does
Compares the replicas of a fallback with the fewest and the most replicas of its worker.
### Why is this bad?
KEDA hands the fallback to a HorizontalPodAutoscaler as if it were a metric, and that holds it within its limits: the number
that was written is never reached.
### Example
`fallback = { failure_threshold = 3, replicas = 30 }` with `max = 24`.
### Instead
Write a number from `min` to `max`. Where the queue cannot be asked, as many as at peak lose nothing.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for workload in &facts.model.workloads {
        let Scaling::Autoscaled(autoscaler) = &workload.scaling else { continue };
        let Some(fallback) = autoscaler.keda.as_ref().and_then(|it| it.fallback.as_ref()) else { continue };
        // `currentReplicas` holds what there is and never looks at the number.
        if fallback.behavior.as_ref().is_some_and(|it| it.value == "currentReplicas") {
            continue;
        }
        let replicas = &fallback.replicas;
        let (limit, label) = match replicas.value {
            many if many > autoscaler.max.value => (&autoscaler.max, "never more than"),
            few if few < autoscaler.min.value => (&autoscaler.min, "never fewer than"),
            _ => continue,
        };
        let plural = if replicas.value == 1 { "" } else { "s" };
        let message = format!(
            "a fallback of {} replica{plural} is never held: `{}` is {}",
            replicas.value, limit.address, limit.value
        );
        let finding = findings
            .finding(message)
            .at(facts.place(&replicas.address, workload.place), "this number")
            .at_some(facts.model.causes.written_at(&limit.address), format!("{label} {}", limit.value));
        findings.push(finding.help(format!("write `replicas = {}`", limit.value)));
    }
}

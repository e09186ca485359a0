//! A floor of zero from which nothing leads up again.

use super::files::{get, items, text};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "zero-without-signal",
    level: Level::Deny,
    docs: r#"
### What it does
Looks for HorizontalPodAutoscalers with `minReplicas: 0`, and for ScaledObjects that may go to zero and have triggers on CPU and memory alone.
### Why is this bad?
Without a pod there is no CPU to be measured. The API server takes a zero only with the feature gate `HPAScaleToZero`, off in every version up to 1.36, and a metric
from outside; KEDA's webhook refuses the other.
### Example
`minReplicas: 0`
### Instead
Write `minReplicas: 1`, or scale by a queue with KEDA and `minReplicaCount: 0`.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for autoscaler in files.autoscalers().filter(|it| it.floor() == Some(0)) {
        let object = autoscaler.object;
        let place = autoscaler.min.unwrap_or(autoscaler.target);
        if !autoscaler.is_keda() {
            let message = format!("`{}` is refused: Kubernetes scales nothing to zero", object.identity);
            let finding = findings.finding(message).at(files.at(object, place), "needs the gate `HPAScaleToZero`");
            findings.push(finding.help("write `minReplicas: 1`, or scale by a queue with KEDA"));
            continue;
        }
        let mut triggers = items(get(&object.tree, "spec.triggers")).peekable();
        if triggers.peek().is_some() && triggers.all(|it| matches!(text(it, "type"), Some("cpu" | "memory"))) {
            let message = format!("`{}` is refused: at zero there is no CPU or memory to be measured", object.identity);
            let label = if autoscaler.min.is_some() { "down to zero" } else { "no `minReplicaCount`: KEDA takes 0" };
            let finding = findings.finding(message).at(files.at(object, place), label);
            findings
                .push(finding.help("write `minReplicaCount: 1`, or add a trigger that knows of work without a pod"));
        }
    }
}

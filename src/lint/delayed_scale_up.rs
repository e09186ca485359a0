//! A stabilization window before pods are added.

use crate::model::workloads::Scaling;

use super::files::{get, int};
use super::{Check, Facts, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "delayed-scale-up",
    level: Level::Allow,
    docs: r#"
### What it does
Looks for a stabilization window above zero in `scale_up`.
### Why is this bad?
The autoscaler takes the fewest replicas that it found right within the window: a load that jumps is carried by the pods that are there for as long. Kubernetes' own
window for this direction is 0. Many want short spikes to pass without new pods, so nothing is said unless the spec asks; `slow-scale-up` speaks where it comes to more than ten minutes.
### Example
`scale_up = { window = "60s", policies = [{ percent = 100, period = "30s" }] }`
### Instead
Take `window` out, or keep it where the safety margin carries the load for that long.
"#,
    check: Check::Both(check, check_files),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for workload in &facts.model.workloads {
        let Scaling::Autoscaled(autoscaler) = &workload.scaling else { continue };
        let window = autoscaler.scale_up.as_ref().and_then(|it| it.window.as_ref());
        let Some(window) = window.filter(|it| it.value > 0) else { continue };
        let message = format!(
            "`{}` adds pods {} s after the load that needs them at the earliest",
            workload.address, window.value
        );
        let place = facts.place(&window.address, workload.place);
        let finding = findings.finding(message).at(place, "Kubernetes' own is \"0s\"");
        findings.push(finding.help("take `window` out, or write `window = \"0s\"`"));
    }
}

fn check_files(files: &Files<'_>, findings: &mut Findings<'_>) {
    for autoscaler in files.autoscalers() {
        let path = match autoscaler.is_keda() {
            true => "spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleUp.stabilizationWindowSeconds",
            false => "spec.behavior.scaleUp.stabilizationWindowSeconds",
        };
        let object = autoscaler.object;
        let Some((node, seconds)) = get(&object.tree, path).and_then(|it| Some((it, int(it)?))) else { continue };
        if seconds > 0 {
            let message =
                format!("`{}` adds pods {seconds} s after the load that needs them at the earliest", object.identity);
            let finding = findings.finding(message).at(files.at(object, node), "Kubernetes' own is 0");
            findings.push(finding.help("take it out, or write `stabilizationWindowSeconds: 0`"));
        }
    }
}

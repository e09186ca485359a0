//! Rules of scaling that Kubernetes refuses.

use crate::doc::object::Object;
use crate::doc::value::Node;

use super::files::{get, int, items};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "behavior-out-of-bounds",
    level: Level::Deny,
    docs: r#"
### What it does
Compares the rules under `behavior` with what the API server takes: a window of 0 to 3600 seconds, policies with a value above 0 and a period of 1 to 1800
seconds, a `tolerance` beside them and not within.
### Why is this bad?
The whole autoscaler is refused, and a ScaledObject with such rules has none.
### Example
`stabilizationWindowSeconds: 7200`
### Instead
Write a number within the bounds; what should take longer than an hour is a schedule.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for autoscaler in files.autoscalers() {
        let path = match autoscaler.is_keda() {
            true => "spec.advanced.horizontalPodAutoscalerConfig.behavior",
            false => "spec.behavior",
        };
        let object = autoscaler.object;
        let Some(behavior) = get(&object.tree, path) else { continue };
        for rules in ["scaleUp", "scaleDown"].into_iter().filter_map(|it| get(behavior, it)) {
            bound(files, findings, object, get(rules, "stabilizationWindowSeconds"), "a window", 0..=3600);
            for policy in items(get(rules, "policies")) {
                bound(files, findings, object, get(policy, "periodSeconds"), "a period", 1..=1800);
                bound(files, findings, object, get(policy, "value"), "a step", 1..=i64::from(i32::MAX));
                if let Some(tolerance) = get(policy, "tolerance") {
                    let message = format!("`{}`: a policy has no `tolerance`", object.identity);
                    let finding = findings.finding(message).at(files.key(object, tolerance), "one level too deep");
                    findings.push(finding.help("write it beside `policies`"));
                }
            }
        }
    }
}

fn bound(
    files: &Files<'_>,
    findings: &mut Findings<'_>,
    object: &Object,
    node: Option<&Node>,
    what: &str,
    bounds: std::ops::RangeInclusive<i64>,
) {
    let Some((node, number)) = node.and_then(|it| Some((it, int(it)?))).filter(|(_, it)| !bounds.contains(it)) else {
        return;
    };
    let (least, most) = (bounds.start(), bounds.end());
    let message = format!("`{}` is refused: {what} of {number} is not within {least} and {most}", object.identity);
    let finding = findings.finding(message).at(files.at(object, node), "out of bounds");
    findings.push(finding.help(format!("write a number from {least} to {most}")));
}

//! A choice among one policy.

use super::files::{get, items};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "choice-without-effect",
    level: Level::Allow,
    docs: r#"
### What it does
Looks for `selectPolicy: Min` or `Max` beside fewer than two policies.
### Why is this bad?
There is nothing to choose: whoever reads `Min` believes that a second, slower rule holds. It does no harm, so nothing is said unless somebody asks.
### Example
`scaleDown: { selectPolicy: Min, policies: [{ type: Percent, value: 25, periodSeconds: 60 }] }`
### Instead
Take `selectPolicy` out, or write the other policy.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for autoscaler in files.autoscalers() {
        let path = match autoscaler.is_keda() {
            true => "spec.advanced.horizontalPodAutoscalerConfig.behavior",
            false => "spec.behavior",
        };
        let behavior = get(&autoscaler.object.tree, path);
        for rules in ["scaleUp", "scaleDown"].into_iter().filter_map(|it| get(behavior?, it)) {
            let choice = get(rules, "selectPolicy").filter(|it| it.as_str() != Some("Disabled"));
            let Some(choice) = choice.filter(|_| items(get(rules, "policies")).count() == 1) else { continue };
            let message = format!("`{}`: there is one policy, and nothing to choose", autoscaler.object.identity);
            let finding = findings.finding(message).at(files.at(autoscaler.object, choice), "of one");
            findings.push(finding.help("take `selectPolicy` out, or add a policy"));
        }
    }
}

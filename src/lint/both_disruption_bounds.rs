//! A disruption budget with two bounds.

use super::files::get;

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "both-disruption-bounds",
    level: Level::Deny,
    docs: r#"
### What it does
Looks for PodDisruptionBudgets with both `minAvailable` and `maxUnavailable`.
### Why is this bad?
The API server refuses it: they are two ways to say one thing.
### Example
`minAvailable: 2` and `maxUnavailable: 1`
### Instead
Keep `maxUnavailable`: it stays right when the workload scales.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for budget in files.of_kind("PodDisruptionBudget") {
        let bound = |key: &str| get(&budget.tree, &format!("spec.{key}"));
        if let (Some(least), Some(most)) = (bound("minAvailable"), bound("maxUnavailable")) {
            let message = format!("`{}` is refused: it has two bounds", budget.identity);
            let finding = findings.finding(message).at(files.key(budget, least), "one");
            let finding = finding.at(files.key(budget, most), "and another");
            findings.push(finding.help("take `minAvailable` out"));
        }
    }
}

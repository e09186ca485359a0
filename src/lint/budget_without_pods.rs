//! A disruption budget that protects nothing.

use crate::doc::object::Object;
use crate::doc::value::Node;

use super::files::{entries, get, name};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "budget-without-pods",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for PodDisruptionBudgets without a selector, and for those that select none of the pods of the workload that they are named after.
### Why is this bad?
Nobody misses it: the budget is there, and a drain takes all pods at once.
### Example
`selector: { matchLabels: { app: web } }` beside a Deployment `web` whose pods have `app.kubernetes.io/name: web`.
### Instead
Write the labels of the pods, as they stand in `spec.template.metadata.labels` of the workload.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for budget in files.of_kind("PodDisruptionBudget").filter(|it| !files.is_patch(it)) {
        let Some(spec) = budget.tree.get("spec") else { continue };
        let Some(selector) = get(spec, "selector") else {
            let message = format!("`{}` protects no pods: it has no selector", budget.identity);
            let finding = findings.finding(message).at(files.at(budget, spec), "no `selector`");
            findings.push(finding.help("add `selector: { matchLabels: … }` with the labels of the pods"));
            continue;
        };
        let near: Vec<&Object> = files.workloads().filter(|it| files.are_together(budget, it)).collect();
        let labels = get(selector, "matchLabels").filter(|_| get(selector, "matchExpressions").is_none());
        let Some(labels) = labels.filter(|it| !near.iter().any(|workload| selects(it, workload))) else { continue };
        let Some(meant) = near.iter().find(|it| is_meant(budget, labels, it)) else { continue };
        let Some(own) = get(&meant.tree, "spec.template.metadata.labels") else { continue };
        let message =
            format!("`{}` protects no pods: those of `{}` have other labels", budget.identity, meant.identity);
        let finding = findings.finding(message).at(files.at(budget, labels), "selects none");
        let finding = finding.at(files.at(meant, own), "the labels of its pods");
        let pair = entries(Some(own)).find_map(|(key, value)| Some(format!("{key}: {}", value.as_str()?)));
        let help = format!("write `matchLabels: {{ {} }}`", pair.unwrap_or_default());
        findings.push(finding.help(help));
    }
}

fn selects(labels: &Node, workload: &Object) -> bool {
    let own = get(&workload.tree, "spec.template.metadata.labels");
    entries(Some(labels)).all(|(key, value)| own.and_then(|it| it.get(key)).map(|it| &it.value) == Some(&value.value))
}

/// Whether a budget is for a workload, by its name or by one of its labels.
fn is_meant(budget: &Object, labels: &Node, workload: &Object) -> bool {
    let own = name(budget);
    let plain = own.strip_suffix("-pdb").or_else(|| own.strip_prefix("pdb-")).unwrap_or(own);
    plain == name(workload) || entries(Some(labels)).any(|(_, value)| value.as_str() == Some(name(workload)))
}

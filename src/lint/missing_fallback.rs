//! A worker without an answer to a queue that cannot be asked.

use crate::model::workloads::Scaling;

use super::files::{get, items, text};
use super::{Check, Facts, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "missing-fallback",
    level: Level::Allow,
    docs: r#"
### What it does
Looks for workers with a queue and no `fallback`.
### Why is this bad?
While KEDA cannot ask the queue, the workload stays at the replicas that it happens to have. Whether that is enough is left to
chance. Many are content with it, so nothing is said unless the spec asks.
### Example
`kafka = { … }` under a worker, and no `fallback` under its `autoscale`.
### Instead
Write `fallback = { failure_threshold = 3, replicas = 12 }`, with as many replicas as the peak needs.
"#,
    check: Check::Both(check, check_files),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for workload in &facts.model.workloads {
        let Scaling::Autoscaled(autoscaler) = &workload.scaling else { continue };
        if autoscaler.keda.as_ref().is_some_and(|it| it.fallback.is_none()) {
            let message = format!("`{}` has no fallback for a queue that cannot be asked", workload.address);
            let finding = findings.finding(message).at(workload.place, "no `fallback`");
            findings.push(finding.help(format!(
                "add `fallback = {{ failure_threshold = 3, replicas = {} }}` to `[{}.autoscale]`",
                autoscaler.max.value, workload.address
            )));
        }
    }
}

fn check_files(files: &Files<'_>, findings: &mut Findings<'_>) {
    for autoscaler in files.autoscalers().filter(|it| it.is_keda()) {
        let Some(spec) = autoscaler.object.tree.get("spec").filter(|it| get(it, "fallback").is_none()) else {
            continue;
        };
        // Nothing outside of the cluster is asked for these.
        let of_pods = |it: &str| matches!(it, "cpu" | "memory" | "cron");
        let queue = items(get(spec, "triggers")).find(|it| text(it, "type").is_some_and(|it| !of_pods(it)));
        let Some(queue) = queue.and_then(|it| get(it, "type")) else { continue };
        let object = autoscaler.object;
        let message = format!("`{}` has no fallback for a queue that cannot be asked", object.identity);
        let finding = findings.finding(message).at(files.at(object, queue), "where this cannot be asked");
        let replicas = autoscaler.ceiling().unwrap_or(2);
        findings.push(finding.help(format!("add `fallback: {{ failureThreshold: 3, replicas: {replicas} }}`")));
    }
}

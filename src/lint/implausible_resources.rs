//! Requests and limits that no machine has.

use crate::diag::source::Span;
use crate::unit::quantity::Quantity;
use crate::why::Derived;

use super::files::pods;
use super::{Check, Facts, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "implausible-resources",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for pods that ask for more than 192 CPUs or more than 2Ti of memory. Memory below 1Mi is an error anyway.
### Why is this bad?
No instance type of the catalogue has as much, so the pod stays pending. What is meant is almost always another unit: `500` are
500 CPUs, `2G` of CPU are two thousand million. `2Gi` of CPU is an error.
### Example
`resources = { cpu = "500", memory = "4096Gi" }`
### Instead
Write `resources = { cpu = "500m", memory = "4096Mi" }`.
"#,
    check: Check::Both(check, check_files),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for workload in &facts.model.workloads {
        let resources = &workload.resources;
        let amounts = [
            ("cpu", "CPUs", &resources.cpu),
            ("cpu", "CPUs", &resources.cpu_limit),
            ("memory", "of memory", &resources.memory),
            ("memory", "of memory", &resources.memory_limit),
        ];
        for (resource, what, amount) in amounts {
            let Some(amount) = amount else { continue };
            if let Some(meant) = pods::meant(resource, &amount.value) {
                report(amount, what, &meant, workload.place, facts, findings);
            }
        }
    }
}

fn report(
    quantity: &Derived<Quantity>,
    what: &str,
    meant: &str,
    other: Span,
    facts: &Facts<'_>,
    findings: &mut Findings<'_>,
) {
    let key = quantity.address.as_str().rsplit('.').next().unwrap_or_default();
    let message = format!("no machine has {} {what}", quantity.value);
    let place = facts.place(&quantity.address, other);
    let finding = findings.finding(message).at(place, format!("`{}`", quantity.address));
    findings.push(finding.help(format!("write the unit that is meant, such as `{key} = \"{meant}\"`")));
}

fn check_files(files: &Files<'_>, findings: &mut Findings<'_>) {
    for (object, pod) in files.pods() {
        for container in pods::containers(pod) {
            let places = [("requests", "cpu"), ("limits", "cpu"), ("requests", "memory"), ("limits", "memory")];
            for (of, resource) in places {
                let Some((node, quantity)) = pods::amount(container, of, resource) else { continue };
                let Some(meant) = pods::meant(resource, &quantity) else { continue };
                // Above a limit of its own it is refused, which `limit-below-request` says, with the same advice.
                let limit = pods::amount(container, "limits", resource).filter(|(_, limit)| *limit < quantity);
                if limit.is_some() {
                    continue;
                }
                let what = if resource == "cpu" { "CPUs" } else { "of memory" };
                let message = format!("`{}`: no machine has {} {what}", object.identity, quantity.text());
                let finding = findings.finding(message).at(files.at(object, node), format!("of the {of}"));
                findings.push(finding.help(format!("write the unit that is meant, such as `{resource}: {meant}`")));
            }
        }
    }
}

//! Requests and limits that no machine has.

use crate::diag::source::Span;
use crate::unit::quantity::Quantity;
use crate::why::Derived;

use super::files::{get, pods, scalar};
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

/// What the largest node of the catalogue has, in thousandths of a CPU.
const MOST_CPU: i64 = 192_000;

/// More than the largest node of the catalogue has, which is 768Gi, in bytes.
const MOST_MEMORY: i64 = 2 << 40;

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for workload in &facts.model.workloads {
        let resources = &workload.resources;
        for cpu in [&resources.cpu, &resources.cpu_limit].into_iter().flatten() {
            if cpu.value.milli_ceil() > MOST_CPU {
                let (digits, unit) = split(cpu.value.text());
                let meant = meant_cpu(unit);
                report(cpu, "CPUs", &format!("{digits}{meant}"), workload.place, facts, findings);
            }
        }
        for memory in [&resources.memory, &resources.memory_limit].into_iter().flatten() {
            if memory.value.bytes_ceil() > MOST_MEMORY {
                let (digits, unit) = split(memory.value.text());
                let meant = if matches!(unit, "Gi" | "G") { "Mi" } else { "Gi" };
                report(memory, "of memory", &format!("{digits}{meant}"), workload.place, facts, findings);
            }
        }
    }
}

/// The unit that was meant: `500` is `500m` that lost it, `500Mi` was written for `500m`; another unit of memory behind a
/// number of cores is one too many.
fn meant_cpu(unit: &str) -> &'static str {
    match unit {
        "" | "Mi" | "M" => "m",
        _ => "",
    }
}

/// The number and its unit.
fn split(text: &str) -> (&str, &str) {
    text.split_at(text.trim_end_matches(|it: char| it.is_ascii_alphabetic()).len())
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
            for (of, resource) in [("requests", "cpu"), ("limits", "cpu"), ("requests", "memory"), ("limits", "memory")]
            {
                let Some(node) = get(container, &format!("resources.{of}.{resource}")) else { continue };
                let Some(quantity) = scalar(node).and_then(|it| Quantity::parse(&it).ok()) else { continue };
                let (digits, unit) = split(quantity.text());
                let (is_odd, what, meant) = match resource {
                    "cpu" => (quantity.milli_ceil() > MOST_CPU, "CPUs", meant_cpu(unit)),
                    _ if matches!(unit, "Gi" | "G") => (quantity.bytes_ceil() > MOST_MEMORY, "of memory", "Mi"),
                    _ => (quantity.bytes_ceil() > MOST_MEMORY, "of memory", "Gi"),
                };
                if is_odd {
                    let message = format!("`{}`: no machine has {} {what}", object.identity, quantity.text());
                    let finding = findings.finding(message).at(files.at(object, node), format!("of the {of}"));
                    findings.push(
                        finding.help(format!("write the unit that is meant, such as `{resource}: {digits}{meant}`")),
                    );
                }
            }
        }
    }
}

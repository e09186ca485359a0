//! CPU as the only signal of something that runs out of something else first.

use std::cmp::Ordering;

use crate::model::autoscale::Autoscaler;
use crate::model::pace::tolerance;
use crate::model::workloads::{Family, LoadKind, Scaling, Workload};
use crate::unit::exact::Exact;
use crate::why::Derived;

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "cpu-as-only-signal",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for autoscalers whose only signal is CPU, where the spec says that CPU is not what a pod runs out of: a worker that has more than ten messages in flight for each of
its cores, so that they wait for something else most of the time; or a pod whose `cpu_usage` at the base load, in proportion to all that a pod can carry, stays within
the autoscaler's tolerance of the target or below.
### Why is this bad?
Pods are full, requests and messages wait, and their CPU is idle: nothing is added.
### Example
`concurrency = 200` and `resources = { cpu = "500m" }` of a worker that names no queue: `cpu = 70` is its only signal.
### Instead
Scale on what fills up: name the worker's queue (`kafka`, `redis`, `rabbitmq`), or a metric of the pods (`rps`, `connections`).
"#,
    check: Check::Spec(check),
};

/// Messages in flight for each core, of which none can have used much of it.
const IN_FLIGHT_PER_CORE: i64 = 10;

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for workload in &facts.model.workloads {
        let Scaling::Autoscaled(autoscaler) = &workload.scaling else { continue };
        let Some(cpu) = &autoscaler.cpu else { continue };
        if autoscaler.memory.is_some() || !autoscaler.metrics.is_empty() || autoscaler.keda.is_some() {
            continue;
        }
        if !waits(workload, cpu, facts, findings) {
            is_idle_when_full(workload, autoscaler, cpu, facts, findings);
        }
    }
}

/// Whether messages wait for something else than the CPU, most of the time.
fn waits(workload: &Workload, cpu: &Derived<i64>, facts: &Facts<'_>, findings: &mut Findings<'_>) -> bool {
    let of = &workload.resources;
    let (Some(in_flight), Some(cores)) = (workload.in_flight(), of.cpu_limit.as_ref().or(of.cpu.as_ref())) else {
        return false;
    };
    // A request alone is no bound: less than one core may well be one in truth.
    let whole = Exact::fraction(cores.value.milli_ceil(), 1000).ceil().unwrap_or(i64::MAX).max(1);
    let most = Exact::from(IN_FLIGHT_PER_CORE) * Exact::from(whole);
    if in_flight.value.checked_cmp(&most) != Some(Ordering::Greater) {
        return false;
    }
    let message = format!(
        "`{}` has {} messages in flight and {} CPU, and scales on CPU alone: most of them wait for something else",
        workload.address, in_flight.value, cores.value
    );
    let finding = findings
        .finding(message)
        .at(facts.place(&cpu.address, workload.place), "the only signal")
        .at_some(facts.model.causes.written_at(&in_flight.address), "in flight");
    findings.push(finding.help(format!("name its queue, such as `[{}.kafka]`: lag is what grows", workload.address)));
    true
}

/// Finds a pod that carries all that it can, and uses no more CPU than the target allows.
fn is_idle_when_full(
    workload: &Workload,
    autoscaler: &Autoscaler,
    cpu: &Derived<i64>,
    facts: &Facts<'_>,
    findings: &mut Findings<'_>,
) {
    let (Some(at_peak), Some(load)) = (&workload.baseline.cpu_at_peak, workload.loads.first()) else { return };
    let reach = Exact::from(cpu.value) * (Exact::from(1) + tolerance(autoscaler.scale_up.as_deref()));
    // The percentage was rounded down: one more is above it for certain.
    let full = Exact::from(at_peak.value + 1) * load.margin.value;
    if full.checked_cmp(&reach) != Some(Ordering::Less) {
        return;
    }
    let Some(percent) = full.floor() else { return };
    let message = format!(
        "`{}` never grows by CPU: a pod that carries all it can uses {percent} % of its request at the most, and the target is {} %",
        workload.address, cpu.value
    );
    let finding = findings.finding(message).at(facts.place(&cpu.address, workload.place), "the only signal").at_some(
        workload.baseline.cpu.as_ref().and_then(|it| facts.model.causes.written_at(&it.usage.address)),
        "what it uses at the base load",
    );
    let better = match (workload.family, load.kind) {
        (Family::Worker, _) => format!("name its queue, such as `[{}.kafka]`", workload.address),
        (_, LoadKind::Connections) => {
            "add a metric, such as `connections = { metric = \"open_connections\" }`".to_owned()
        }
        _ => "add a metric, such as `rps = { metric = \"http_requests_per_second\" }`".to_owned(),
    };
    let finding = finding.help(better);
    findings.push(match at_peak.value {
        1.. => finding.help(format!("or write `cpu = {}`: what it uses at its part of the peak", at_peak.value)),
        _ => finding,
    });
}

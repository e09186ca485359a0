//! A base load at which pods use as much as the autoscaler's target already.

use std::cmp::Ordering;

use crate::model::autoscale::Autoscaler;
use crate::model::baseline::Share;
use crate::model::pace::tolerance;
use crate::model::workloads::{Scaling, Workload};
use crate::unit::exact::Exact;
use crate::why::Derived;

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "baseline-above-target",
    level: Level::Warn,
    docs: r#"
### What it does
Compares what one pod uses at the base load, `cpu_usage` and `memory_usage`, as a percentage of its request, with the autoscaler's target.
### Why is this bad?
Above the target pods are added at the load for which the floor is: the floor is never seen, and memory, which does not become less for more pods, takes the
workload to `max`. Within 10 % of the target (`--horizontal-pod-autoscaler-tolerance`, or a `tolerance` of its own) the autoscaler does nothing: for memory below the target, too,
that means that pods which a peak added stay.
### Example
`resources = { cpu = "500m", cpu_usage = "400m" }` and `cpu = 70`: 80 % of the request are used before the day begins.
### Instead
Write a target, or a request, that leaves room between the two.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for workload in &facts.model.workloads {
        let Scaling::Autoscaled(autoscaler) = &workload.scaling else { continue };
        let baseline = &workload.baseline;
        for (resource, share, target) in
            [("cpu", &baseline.cpu, &autoscaler.cpu), ("memory", &baseline.memory, &autoscaler.memory)]
        {
            if let (Some(share), Some(target)) = (share, target) {
                compare(workload, autoscaler, (resource, share, target), facts, findings);
            }
        }
    }
}

fn compare(
    workload: &Workload,
    autoscaler: &Autoscaler,
    (resource, share, target): (&str, &Share, &Derived<i64>),
    facts: &Facts<'_>,
    findings: &mut Findings<'_>,
) {
    let (used, wanted) = (share.percent.value, target.value);
    let (up, down) = (tolerance(autoscaler.scale_up.as_deref()), tolerance(autoscaler.scale_down.as_deref()));
    let is_above = |part: Exact| {
        let reach = Exact::from(wanted) * part;
        Exact::from(used).checked_cmp(&reach).unwrap_or(Ordering::Less)
    };
    let most = autoscaler.max.value;
    let then = if is_above(Exact::from(1) + up) == Ordering::Greater {
        match resource {
            "memory" => format!("it grows to {most} pods, and they use as much"),
            _ => "pods are added at the base load already".to_owned(),
        }
    } else if used >= wanted {
        "nothing but the autoscaler's tolerance keeps it from growing".to_owned()
    } else if resource == "memory" && is_above(Exact::from(1) - down) != Ordering::Less {
        "within the autoscaler's tolerance, pods that a peak added stay".to_owned()
    } else {
        return;
    };
    let message = format!(
        "`{}` uses {used} % of its {resource} request at the base load, and the target is {wanted} %: {then}",
        workload.address
    );
    let finding = findings
        .finding(message)
        .at(facts.place(&target.address, workload.place), "the target")
        .at_some(facts.model.causes.written_at(&share.usage.address), "what one pod uses at the base load");
    let request = match resource {
        "memory" => share.least_memory(wanted, down),
        _ => share.least_cpu(wanted, down),
    };
    let ways = [
        share.least_target(down).filter(|it| *it <= 1000).map(|it| format!("`{resource} = {it}` under `autoscale`")),
        request.map(|it| format!("a request of `{resource} = \"{it}\"`")),
    ];
    let ways: Vec<String> = ways.into_iter().flatten().collect();
    findings.push(finding.help(format!("write {} or more", ways.join(", or "))));
}

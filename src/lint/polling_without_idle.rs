//! KEDA's timing of the way to zero, for a worker that never goes there.

use std::collections::BTreeSet;

use crate::diag::source::Span;
use crate::model::workloads::{Scaling, Workload};
use crate::why::Derived;

use super::files::get;
use super::{Check, Facts, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "polling-without-idle",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for `polling_interval` and `cooldown` of workers that never go to zero.
### Why is this bad?
KEDA itself only moves between zero and the floor. Above that a HorizontalPodAutoscaler decides, every 15 s, and asks neither:
whoever tunes the numbers changes nothing.
### Example
`polling_interval = "5s"` with `min = 4`
### Instead
Take them out; how fast the workers grow and shrink stands in `scale_up` and `scale_down`. Or write `idle = true`.
"#,
    check: Check::Both(check, check_files),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    let timed = facts.model.workloads.iter().flat_map(|workload| timing(facts, workload));
    let (to_zero, others): (Vec<Timing<'_>>, Vec<Timing<'_>>) = timed.partition(|it| it.goes_to_zero);
    // A line of `[defaults]` is right where one worker needs it, and told once where none does.
    let mut seen: BTreeSet<Span> = to_zero.iter().map(|it| it.place).collect();
    for timing in others {
        if seen.insert(timing.place) {
            let message = format!("`{}` decides nothing: `{}` never goes to zero", timing.key, timing.workload.address);
            let label = format!("KEDA {} this long only at zero and on the way there", timing.does);
            let help = "take it out, or write `idle = true` to go to zero while the queue is empty";
            findings.push(findings.finding(message).at(timing.place, label).help(help));
        }
    }
}

/// One of the two keys of a worker.
struct Timing<'a> {
    workload: &'a Workload,
    key: &'static str,
    /// What KEDA does for this long.
    does: &'static str,
    place: Span,
    goes_to_zero: bool,
}

fn timing<'a>(facts: &Facts<'_>, workload: &'a Workload) -> Vec<Timing<'a>> {
    let Scaling::Autoscaled(autoscaler) = &workload.scaling else { return Vec::new() };
    let Some(keda) = &autoscaler.keda else { return Vec::new() };
    let goes_to_zero = keda.idle.is_some() || autoscaler.min.value == 0;
    let keys = [("polling_interval", "asks", &keda.polling_interval), ("cooldown", "waits", &keda.cooldown)];
    let timing = |(key, does, seconds): (_, _, &Option<Derived<i64>>)| {
        let place = facts.place(&seconds.as_ref()?.address, workload.place);
        Some(Timing { workload, key, does, place, goes_to_zero })
    };
    keys.into_iter().filter_map(timing).collect()
}

fn check_files(files: &Files<'_>, findings: &mut Findings<'_>) {
    for autoscaler in files.autoscalers().filter(|it| it.is_keda()) {
        let Some(spec) = autoscaler.object.tree.get("spec") else { continue };
        let goes_to_zero = get(spec, "idleReplicaCount").is_some() || autoscaler.floor().is_none_or(|it| it < 1);
        for (key, does) in [("pollingInterval", "asks"), ("cooldownPeriod", "waits")] {
            let Some(node) = get(spec, key).filter(|_| !goes_to_zero) else { continue };
            let message = format!("`{key}` decides nothing: `{}` never goes to zero", autoscaler.object.identity);
            let label = format!("KEDA {does} this long only at zero and on the way there");
            let finding = findings.finding(message).at(files.at(autoscaler.object, node), label);
            findings.push(
                finding.help("take it out, or write `idleReplicaCount: 0` to go to zero while the queue is empty"),
            );
        }
    }
}

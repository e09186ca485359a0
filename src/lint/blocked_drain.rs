//! A disruption budget that lets no pod go.

use crate::model::workloads::Disruptions;
use crate::spec::workload::Amount;
use crate::why::Address;

use crate::diag::source::Span;
use crate::doc::object::Object;
use crate::doc::value::{Node, Value};

use super::files::{entries, get, int};
use super::{Check, Facts, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "blocked-drain",
    level: Level::Warn,
    docs: r#"
### What it does
Counts how many pods the PodDisruptionBudget lets go while a workload runs its fewest, and looks for none. Percentages are
rounded up, as Kubernetes does.
### Why is this bad?
No node that has one of the pods can be drained: an upgrade of the cluster stops there, and the cluster autoscaler keeps
the node for ever.
### Example
`disruption = { min_available = 2 }` with a floor of 2 replicas.
### Instead
Write `disruption = { max_unavailable = 1 }`: it stays right when the workload scales.
"#,
    check: Check::Both(check, check_files),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for workload in facts.model.workloads.iter().filter(|it| it.usual_peak().value > 0) {
        let Some(disruptions) = &workload.disruption else { continue };
        // A workload that may stop altogether is asked about its last pod.
        let fewest = workload.floor().value.max(1);
        let Some((bound, text)) = bound(disruptions).filter(|_| may_go(disruptions, fewest) < 1) else { continue };
        let (pods, label, help) = match may_go(disruptions, workload.usual_peak().value) < 1 {
            true => ("any of its pods".to_owned(), "never any", ""),
            false => {
                let pods = match fewest {
                    1 => "its only pod at the floor".to_owned(),
                    _ => format!("any of its {fewest} pods at the floor"),
                };
                (pods, "none at the floor", ", or raise the floor")
            }
        };
        let message = format!("no drain may take {pods}: `{bound}` is {text}");
        let finding = findings.finding(message).at(facts.place(bound, workload.place), label);
        let floor = facts.model.causes.written_at(&workload.floor().address);
        let finding = finding.at_some(floor, format!("the floor is {fewest}"));
        findings.push(finding.help(format!("write `disruption = {{ max_unavailable = 1 }}`{help}")));
    }
}

/// The bound that is there, and its text.
fn bound(disruptions: &Disruptions) -> Option<(&Address, String)> {
    let bound = disruptions.min_available.as_ref().or(disruptions.max_unavailable.as_ref())?;
    Some((&bound.address, bound.value.to_string()))
}

/// Pods that may go of so many that run; both bounds round up (kubernetes v1.36, `pkg/controller/disruption`).
fn may_go(disruptions: &Disruptions, running: i64) -> i64 {
    match (&disruptions.min_available, &disruptions.max_unavailable) {
        (Some(least), _) => running - pods(least.value, running),
        (None, Some(most)) => pods(most.value, running),
        (None, None) => running,
    }
}

fn pods(amount: Amount, running: i64) -> i64 {
    match amount {
        Amount::Number(number) => number,
        Amount::Percent(percent) => {
            let hundredths = running.saturating_mul(percent);
            hundredths / 100 + i64::from(hundredths % 100 != 0)
        }
    }
}

fn check_files(files: &Files<'_>, findings: &mut Findings<'_>) {
    for budget in files.of_kind("PodDisruptionBudget") {
        let Some(spec) = budget.tree.get("spec") else { continue };
        let (least, most) = (get(spec, "minAvailable"), get(spec, "maxUnavailable"));
        let Some((node, amount)) = least.or(most).and_then(|it| Some((it, amount(it)?))) else { continue };
        let of_all = matches!((least, amount), (Some(_), Amount::Percent(100..)))
            || matches!((least, amount), (None, Amount::Number(0) | Amount::Percent(0)));
        let help = "write `maxUnavailable: 1` in its place";
        if of_all {
            let message = format!("no drain may take any pod of `{}`", budget.identity);
            findings.push(findings.finding(message).at(files.at(budget, node), "never any").help(help));
            continue;
        }
        for workload in files.workloads().filter(|it| files.are_together(budget, it) && selects(spec, it)) {
            let Some((floor, place)) = floor(files, workload) else { continue };
            let stays = if least.is_some() { pods(amount, floor) } else { floor - pods(amount, floor) };
            if floor > 0 && stays >= floor {
                let taken = if floor == 1 { "the only pod".to_owned() } else { format!("any of the {floor} pods") };
                let message = format!("no drain may take {taken} that `{}` has at the floor", workload.identity);
                let finding = findings.finding(message).at(files.at(budget, node), "none at the floor");
                let finding = finding.at(place, format!("the floor is {floor}"));
                findings.push(finding.help(format!("{help}, or raise the floor")));
            }
        }
    }
}

fn amount(node: &Node) -> Option<Amount> {
    match &node.value {
        Value::Int(number) => Some(Amount::Number(*number)),
        Value::Text(text) => text.strip_suffix('%')?.parse().ok().map(Amount::Percent),
        _ => None,
    }
}

/// Whether a budget selects the pods of a workload, by labels alone.
fn selects(budget: &Node, workload: &Object) -> bool {
    let labels = get(&workload.tree, "spec.template.metadata.labels");
    let wanted = get(budget, "selector.matchLabels");
    let fits =
        |(key, value): (&str, &Node)| labels.and_then(|it| it.get(key)).map(|it| &it.value) == Some(&value.value);
    wanted.is_some() && get(budget, "selector.matchExpressions").is_none() && entries(wanted).all(fits)
}

/// The fewest pods of a workload, and where they are written.
fn floor(files: &Files<'_>, workload: &Object) -> Option<(i64, Span)> {
    let mut autoscalers =
        files.autoscalers().filter(|it| it.scales(workload) && files.are_together(it.object, workload));
    if let Some(autoscaler) = autoscalers.next() {
        // A workload that may stop altogether is asked about its last pod.
        let place = files.at(autoscaler.object, autoscaler.min.unwrap_or(autoscaler.target));
        return Some((autoscaler.floor()?.max(1), place));
    }
    let replicas = get(&workload.tree, "spec.replicas")?;
    Some((int(replicas)?, files.at(workload, replicas)))
}

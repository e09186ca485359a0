//! Scaling rules that take long from the floor to the peak.

use crate::model::autoscale::Rules;
use crate::model::pace::{self, LONGEST, Step};
use crate::model::workloads::Scaling;
use crate::why::Address;

use crate::doc::value::Node;

use super::files::{get, int, items, text};
use super::{Check, Facts, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "slow-scale-up",
    level: Level::Warn,
    docs: r#"
### What it does
Plays `scale_up` in steps of 15 s, as the autoscaler does, from the floor to the most replicas, and looks for more than ten
minutes.
### Why is this bad?
A given list of policies replaces Kubernetes' own, which adds 4 pods or doubles every 15 s, whatever is more. Few pods or a
percentage of few pods are soon less than the load needs: until the last pod has come, the others carry it.
### Example
`scale_up = { policies = [{ percent = 10, period = "60s" }] }` from 2 to 20 replicas: one pod a minute.
### Instead
Add a policy that is fast from small numbers: `{ pods = 4, period = "15s" }`; with the default `select = "max"` the larger step
counts.
"#,
    check: Check::Both(check, check_files),
};

/// What is slow, in seconds.
const SLOW: i64 = 600;

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for workload in &facts.model.workloads {
        let Scaling::Autoscaled(autoscaler) = &workload.scaling else { continue };
        let Some(rules) = &autoscaler.scale_up else { continue };
        let (min, max) = (autoscaler.min.value.max(1), autoscaler.max.value);
        let takes = match pace::time(rules, min, max) {
            None => "never grows".to_owned(),
            Some(seconds) if seconds > LONGEST => format!("takes more than a day from {min} to {max} replicas"),
            Some(seconds) if seconds > SLOW => {
                format!("takes {} minutes from {min} to {max} replicas", seconds / 60)
            }
            Some(_) => continue,
        };
        let (address, help) = blamed(rules);
        let place = address.map_or(workload.place, |it| facts.place(it, workload.place));
        let message = format!("`{}` {takes}, whatever the load", workload.address);
        findings.push(findings.finding(message).at(place, "no faster than this").help(help));
    }
}

/// What makes it slow, and what to write instead.
fn blamed(rules: &Rules) -> (Option<&Address>, &'static str) {
    let select = rules.select.as_ref().map(|it| (&it.address, it.value));
    let window = rules.window.as_ref().filter(|it| it.value > SLOW);
    let policy = rules.policies.first().map(|it| &it.value.address);
    match (select, window) {
        (Some((at, "Disabled")), _) => (Some(at), "take `select` out, or write `replicas` for a fixed number"),
        (_, Some(window)) => (Some(&window.address), "write a shorter `window`, such as `\"60s\"`"),
        (Some((at, "Min")), _) => {
            (Some(policy.unwrap_or(at)), "take `select` out, so that the larger step counts, or allow larger steps")
        }
        _ => (policy, "add `{ pods = 4, period = \"15s\" }` to the policies: the larger step counts"),
    }
}

fn check_files(files: &Files<'_>, findings: &mut Findings<'_>) {
    for autoscaler in files.autoscalers() {
        let path = match autoscaler.is_keda() {
            true => "spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleUp",
            false => "spec.behavior.scaleUp",
        };
        let object = autoscaler.object;
        let (Some(rules), Some((min, max))) = (get(&object.tree, path), autoscaler.floor().zip(autoscaler.ceiling()))
        else {
            continue;
        };
        let window = get(rules, "stabilizationWindowSeconds");
        let select = get(rules, "selectPolicy");
        let step = |policy: &Node| {
            let kind = if text(policy, "type") == Some("Percent") { "Percent" } else { "Pods" };
            Some(Step { kind, value: int(get(policy, "value")?)?, period: int(get(policy, "periodSeconds")?)? })
        };
        let policies: Option<Vec<Step>> = items(get(rules, "policies")).map(step).collect();
        let Some(policies) = policies.filter(|it| it.iter().all(|it| it.value > 0 && it.period > 0)) else { continue };
        let waits = window.and_then(int).unwrap_or(0);
        // More than the API server takes is another lint's.
        if !(0..=3600).contains(&waits) || min > max {
            continue;
        }
        let word = select.and_then(Node::as_str).unwrap_or("Max");
        let takes = match pace::seconds(waits, &policies, word, min.max(1), max) {
            None => "never grows".to_owned(),
            Some(seconds) if seconds > LONGEST => format!("takes more than a day from {min} to {max} replicas"),
            Some(seconds) if seconds > SLOW => format!("takes {} minutes from {min} to {max} replicas", seconds / 60),
            Some(_) => continue,
        };
        let first = items(get(rules, "policies")).next();
        let (place, help) = match (word, window.filter(|_| waits > SLOW)) {
            ("Disabled", _) => (select, "take `selectPolicy` out, or delete the autoscaler"),
            (_, Some(window)) => (Some(window), "write a shorter window, such as 60"),
            ("Min", _) => (select, "take `selectPolicy` out, so that the larger step counts"),
            _ => (
                first.and_then(|it| get(it, "value")),
                "add `{ type: Pods, value: 4, periodSeconds: 15 }`: the larger step counts",
            ),
        };
        let message = format!("`{}` {takes}, whatever the load", object.identity);
        let place = files.at(object, place.unwrap_or(rules));
        findings.push(findings.finding(message).at(place, "no faster than this").help(help));
    }
}

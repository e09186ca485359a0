//! Scaling rules that take long from the floor to the peak.

use crate::model::autoscale::Rules;
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

/// The controller decides every 15 s (kubernetes v1.36, `--horizontal-pod-autoscaler-sync-period`).
const TICK: i64 = 15;

/// What is slow, and where nobody counts on, in seconds.
const SLOW: i64 = 600;
const LONGEST: i64 = 86_400;

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for workload in &facts.model.workloads {
        let Scaling::Autoscaled(autoscaler) = &workload.scaling else { continue };
        let Some(rules) = &autoscaler.scale_up else { continue };
        let (min, max) = (autoscaler.min.value.max(1), autoscaler.max.value);
        let takes = match time(rules, min, max) {
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

/// Seconds from the fewest to the most replicas under a load that asks for them at once, more than [`LONGEST`] where nobody
/// counts on; `None` where they never come.
///
/// The order is that of the controller: first the stabilization window, of which a step of the load waits all but one
/// tick, then the policies, which look at the replicas one period ago (`horizontal.go`).
fn time(rules: &Rules, min: i64, max: i64) -> Option<i64> {
    let select = rules.select.as_ref().map_or("Max", |it| it.value);
    let own = rules.policies.iter();
    let policies: Vec<Step> =
        own.map(|it| Step { kind: it.kind, value: it.value.value, period: it.period.value }).collect();
    seconds(rules.window.as_ref().map_or(0, |it| it.value), &policies, select, min, max)
}

fn seconds(window: i64, policies: &[Step], select: &str, min: i64, max: i64) -> Option<i64> {
    if min >= max {
        return Some(0);
    }
    if select == "Disabled" {
        return None;
    }
    let policies = if policies.is_empty() { &KUBERNETES } else { policies };
    let wait = (window - TICK).max(0);
    let first = wait + (TICK - wait % TICK) % TICK;
    // Replicas after each tick, from the first that may act.
    let mut replicas = Vec::new();
    for now in (first..=LONGEST).step_by(15) {
        let before = |period: i64| {
            let index = usize::try_from((now - period - first).div_euclid(TICK)).ok();
            index.and_then(|it| replicas.get(it)).copied().unwrap_or(min)
        };
        let limits = policies.iter().map(|it| it.limit(before(it.period)));
        let limit = if select == "Min" { limits.min() } else { limits.max() };
        let current = replicas.last().copied().unwrap_or(min);
        let next = limit.unwrap_or(max).clamp(current, max);
        if next == max {
            return Some(now);
        }
        replicas.push(next);
    }
    Some(LONGEST + 1)
}

/// A policy: so much per period of so many seconds.
#[derive(Clone, Copy)]
struct Step {
    kind: &'static str,
    value: i64,
    period: i64,
}

/// Kubernetes' own list where none is given (`pkg/apis/autoscaling/v2/defaults.go`).
const KUBERNETES: [Step; 2] =
    [Step { kind: "Pods", value: 4, period: 15 }, Step { kind: "Percent", value: 100, period: 15 }];

impl Step {
    /// The most replicas that it allows, from those at the start of its period.
    fn limit(self, start: i64) -> i64 {
        if self.kind != "Percent" {
            return start.saturating_add(self.value);
        }
        let hundredths = i128::from(start) * (100 + i128::from(self.value));
        i64::try_from(hundredths / 100 + i128::from(hundredths % 100 != 0)).unwrap_or(i64::MAX)
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
        let takes = match seconds(waits, &policies, word, min.max(1), max) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::autoscale::Policy;
    use crate::why::Derived;

    fn of<T>(value: T) -> Derived<T> {
        Derived { value, address: Address::verbatim("x") }
    }

    fn rules(window: i64, policies: &[(&'static str, i64, i64)], select: Option<&'static str>) -> Rules {
        let policy =
            |(kind, value, period): &(&'static str, i64, i64)| Policy { kind, value: of(*value), period: of(*period) };
        let policies = policies.iter().map(policy).collect();
        Rules { window: Some(of(window)), policies, select: select.map(of), tolerance: None }
    }

    /// What a re-implementation of the controller gave for the behaviours of four runbooks.
    #[test]
    fn times_are_those_of_the_controller() {
        assert_eq!(time(&rules(0, &[], None), 2, 20), Some(30));
        let wakala = rules(60, &[("Percent", 100, 30), ("Pods", 10, 30)], None);
        assert_eq!(time(&wakala, 5, 100), Some(135));
        let kafka = rules(60, &[("Percent", 50, 60), ("Pods", 2, 60)], Some("Max"));
        assert_eq!(time(&kafka, 4, 12), Some(165));
        assert_eq!(time(&rules(60, &[("Percent", 100, 30)], None), 5, 50), Some(135));
    }

    #[test]
    fn what_never_grows_has_no_time() {
        assert_eq!(time(&rules(0, &[("Pods", 1, 60)], Some("Disabled")), 2, 20), None);
        assert_eq!(time(&rules(0, &[("Pods", 1, 60)], Some("Disabled")), 2, 2), Some(0));
        assert_eq!(time(&rules(0, &[("Pods", 1, 1800)], None), 1, 100), Some(LONGEST + 1));
    }
}

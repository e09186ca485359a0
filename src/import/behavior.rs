//! How fast an autoscaler may move: `behavior` of an HPA, which a ScaledObject carries word for word.

use super::found::Found;
use super::toml::{Table, Value};
use super::tree;
use crate::doc::value::Node;

/// What a scale-up may do where nobody says so (kubernetes v1.36, `pkg/apis/autoscaling/v2/defaults.go`): type, value, seconds.
const UP: [(&str, i64, i64); 2] = [("Pods", 4, 15), ("Percent", 100, 15)];
const DOWN: [(&str, i64, i64); 1] = [("Percent", 100, 15)];

/// Adds `scale_up` and `scale_down`. `place` is that of the behavior; `is_filled` where the API server fills in defaults.
/// Whether a tolerance was among it, which Kubernetes takes from 1.35 on.
pub(super) fn add(found: &mut Found<'_>, index: usize, place: &str, is_filled: bool, table: &mut Table) -> bool {
    let Some(behavior) = tree::at(&found.objects[index].tree, place) else { return false };
    let mut has_tolerance = false;
    for (key, direction) in [("scale_up", "scaleUp"), ("scale_down", "scaleDown")] {
        let Some(rules) = behavior.get(direction) else { continue };
        let defaults: &[_] = if key == "scale_up" { &UP } else { &DOWN };
        let defaults = if is_filled { defaults } else { &[] };
        let policies = tree::items_at(rules, "policies");
        let is_default = !policies.is_empty() && is_default(policies, defaults);
        let steps = policies.iter().enumerate().filter(|_| !is_default).filter_map(|(at, it)| {
            let step = policy(it);
            if step.is_none() {
                found.unsaid(index, &format!("{place} {direction} policies {at}"), "no policy of pods or percent");
            }
            step
        });
        let steps: Vec<Value> = steps.collect();
        let window = tree::int_at(rules, "stabilizationWindowSeconds");
        let window = window.filter(|it| *it != 0 || key == "scale_down").map(|it| Value::Text(format!("{it}s")));
        let select = tree::text_at(rules, "selectPolicy").filter(|it| it != "Max");
        let tolerance = tree::text_at(rules, "tolerance");
        has_tolerance |= tolerance.is_some();
        let rules = Value::inline([
            ("window", window),
            ("policies", (!steps.is_empty()).then_some(Value::List(steps))),
            ("select", select.map(|it| Value::Text(it.to_lowercase()))),
            ("tolerance", tolerance.map(Value::Text)),
        ]);
        if !rules.is_empty() {
            table.add(key, rules);
        }
    }
    has_tolerance
}

fn fields(policy: &Node) -> Option<(String, i64, i64)> {
    let (value, period) = (tree::int_at(policy, "value")?, tree::int_at(policy, "periodSeconds")?);
    Some((tree::text_at(policy, "type")?, value, period))
}

fn policy(policy: &Node) -> Option<Value> {
    let (kind, value, period) = fields(policy)?;
    let key = match kind.as_str() {
        "Percent" => "percent",
        "Pods" => "pods",
        _ => return None,
    };
    Some(Value::inline([(key, Some(Value::Int(value))), ("period", Some(Value::Text(format!("{period}s"))))]))
}

/// Whether policies are those that the API server fills in, in whatever order.
fn is_default(policies: &[Node], defaults: &[(&str, i64, i64)]) -> bool {
    let is_there = |(kind, value, period): &(&str, i64, i64)| {
        policies.iter().filter_map(fields).any(|it| it == ((*kind).to_owned(), *value, *period))
    };
    policies.len() == defaults.len() && defaults.iter().all(is_there)
}

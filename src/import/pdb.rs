//! A PodDisruptionBudget, and whose pods it is for.
//!
//! Its selector says so where the workload's manifest is there. Where it is not, a name has to do: of the selector's
//! values, or of the budget itself.

use super::found::Found;
use super::toml::Value;
use super::tree;
use super::workloads::Workload;
use crate::doc::value::{self, Node};

/// Gives each budget to the workload whose pods it selects.
pub(super) fn assign(workloads: &mut [Workload], found: &mut Found<'_>) {
    for index in found.of_kind(&["PodDisruptionBudget"]) {
        let spec = found.objects[index].tree.get("spec");
        let labels = spec.map(|it| labels(it, "selector matchLabels")).unwrap_or_default();
        let has_expressions = spec.is_some_and(|it| tree::at(it, "selector matchExpressions").is_some());
        if has_expressions || labels.is_empty() {
            found.stays(index, "the spec selects pods by labels alone, and by one at least".to_owned());
            continue;
        }
        let Some(amount) = spec.and_then(amount) else {
            found.stays(index, "it has neither `minAvailable` nor `maxUnavailable`".to_owned());
            continue;
        };
        let owner = match owners(workloads, found.name(index), &labels).as_slice() {
            [] => Err("no workload for these pods was read: import its Deployment too".to_owned()),
            [only] => Ok(*only),
            [first, second, ..] => {
                Err(format!("it selects pods of `{}` and of `{}`", workloads[*first].name, workloads[*second].name))
            }
        };
        match owner {
            Err(why) => found.stays(index, why),
            Ok(owner) if workloads[owner].disruption.is_some() => {
                let why = format!("`{}` has a budget already, and two of them stop every drain", workloads[owner].name);
                found.stays(index, why);
            }
            Ok(owner) => {
                let (name, place) = (found.name(index), found.place(index, ""));
                let workload = &mut workloads[owner];
                let name = (name != workload.name).then(|| Value::text(name));
                let (key, amount) = amount;
                workload.disruption = Some((Value::inline([("name", name), (key, Some(amount))]), place));
                workload.selector = Some(labels);
                workload.objects.push(index);
                found.take(index);
            }
        }
    }
}

/// Labels at a place, as texts.
pub(super) fn labels(node: &Node, place: &str) -> Vec<(String, String)> {
    let labels = tree::entries_at(node, place);
    labels.iter().filter_map(|(key, node)| Some((key.to_string(), tree::text(node)?))).collect()
}

fn amount(spec: &Node) -> Option<(&'static str, Value)> {
    let of = |place| match &tree::at(spec, place)?.value {
        value::Value::Int(pods) => Some(Value::Int(*pods)),
        value::Value::Text(text) => Some(text.parse().map_or_else(|_| Value::text(text.as_ref()), Value::Int)),
        _ => None,
    };
    let min = of("minAvailable").map(|it| ("min_available", it));
    min.or_else(|| of("maxUnavailable").map(|it| ("max_unavailable", it)))
}

/// The workloads whose pods are selected; where no pods are known, those whose name is.
fn owners(workloads: &[Workload], name: &str, labels: &[(String, String)]) -> Vec<usize> {
    let all = || workloads.iter().enumerate();
    let selected = |workload: &Workload| {
        !workload.pod_labels.is_empty() && labels.iter().all(|label| workload.pod_labels.contains(label))
    };
    let of = |is_it: &dyn Fn(&Workload) -> bool| -> Vec<usize> {
        all().filter(|(_, it)| is_it(it)).map(|(index, _)| index).collect()
    };
    let by_pods = of(&selected);
    if !by_pods.is_empty() {
        return by_pods;
    }
    let unknown = |it: &Workload| it.pod_labels.is_empty();
    let by_value = of(&|it| unknown(it) && labels.iter().any(|(_, value)| *value == it.name));
    if !by_value.is_empty() {
        return by_value;
    }
    of(&|it| unknown(it) && (name == it.name || name.strip_suffix("-pdb") == Some(&it.name)))
}

//! Floors that a schedule moves: a live `minReplicas` that is one of them was not changed by anybody.
//!
//! The floors stand in the CronJobs themselves, as the arguments of kubectl.

use std::collections::{BTreeMap, BTreeSet};

use crate::doc::json;
use crate::doc::object::{Identity, Object};
use crate::doc::value::{Node, Value};

/// Said of a floor that a CronJob moves.
pub(super) const REASON: &str = "a schedule moves it";

/// The floors of every HorizontalPodAutoscaler that a CronJob moves, by its namespace and name.
pub(super) fn floors(objects: &[Object]) -> BTreeMap<(Option<String>, String), BTreeSet<i64>> {
    let mut floors: BTreeMap<_, BTreeSet<i64>> = BTreeMap::new();
    for object in objects {
        let Identity::Kubernetes { kind, namespace, .. } = &object.identity else { continue };
        if kind != "CronJob" {
            continue;
        }
        if let Some((name, floor)) = patch(&object.tree) {
            floors.entry((namespace.clone(), name)).or_default().insert(floor);
        }
    }
    floors
}

/// `patch hpa NAME … --patch {"spec":{"minReplicas":6}}`.
fn patch(tree: &Node) -> Option<(String, i64)> {
    let pod = ["spec", "jobTemplate", "spec", "template", "spec", "containers"];
    let containers = pod.into_iter().try_fold(tree, |node, key| node.get(key))?;
    let Value::List(containers) = &containers.value else { return None };
    let Value::List(arguments) = &containers.first()?.get("args")?.value else { return None };
    let arguments: Vec<&str> = arguments.iter().filter_map(Node::as_str).collect();
    let ["patch", "hpa", name, ..] = arguments.as_slice() else { return None };
    let patch = arguments.iter().skip_while(|it| **it != "--patch").nth(1)?;
    let patch = json::parse(patch).ok()?;
    match patch.get("spec")?.get("minReplicas")?.value {
        Value::Int(floor) => Some(((*name).to_owned(), floor)),
        _ => None,
    }
}

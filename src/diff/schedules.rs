//! What schedules and events move: a live floor, ceiling or `suspend` that one of them sets was not changed by anybody.
//!
//! The values stand in the CronJobs themselves, as the arguments of kubectl.

use std::collections::{BTreeMap, BTreeSet};

use super::{Path, Step, rules};
use crate::doc::json;
use crate::doc::object::{Identity, Object};
use crate::doc::value::{Node, Value};

/// Said of a number that the CronJob of a schedule moves.
const BY_SCHEDULE: &str = "a schedule moves it";

/// Said of a number that the CronJob of an event moves.
const BY_EVENT: &str = "an event moves it";

/// Said of a CronJob that rests.
const RESTS: &str = "an event lets it rest";

/// The numbers that CronJobs move, and how their kinds are called by those who move them.
const MOVED: [(&str, &str, &str); 4] = [
    ("hpa", "HorizontalPodAutoscaler", "minReplicas"),
    ("hpa", "HorizontalPodAutoscaler", "maxReplicas"),
    ("scaledobjects.keda.sh", "ScaledObject", "minReplicaCount"),
    ("scaledobjects.keda.sh", "ScaledObject", "maxReplicaCount"),
];

/// Kind, namespace, name and key of a number.
type Place = (&'static str, Option<String>, String, &'static str);

/// What the CronJobs of the new side set.
#[derive(Debug, Default)]
pub(super) struct Moves {
    numbers: BTreeMap<Place, BTreeMap<i64, &'static str>>,
    resting: BTreeSet<(Option<String>, String)>,
}

/// Everything that a CronJob among these objects sets.
pub(super) fn moves(objects: &[Object]) -> Moves {
    let mut moves = Moves::default();
    for object in objects {
        let Identity::Kubernetes { kind, namespace, .. } = &object.identity else { continue };
        if kind == "CronJob" {
            moves.add(&object.tree, namespace.as_ref());
        }
    }
    moves
}

impl Moves {
    /// Why the live value at a place is no change.
    pub(super) fn reason(&self, identity: &Identity, path: &Path, live: Option<&Node>) -> Option<&'static str> {
        let Identity::Kubernetes { kind, namespace, name, .. } = identity else { return None };
        match live.map(|node| &node.value)? {
            Value::Int(number) => {
                let [Step::Key(spec), Step::Key(key)] = path.0.as_slice() else { return None };
                let is_it = |(_, of, it): &&(&str, &str, &str)| spec == "spec" && it == key && of == kind;
                let (_, kind, key) = MOVED.iter().find(is_it)?;
                self.numbers.get(&(*kind, namespace.clone(), name.clone(), *key))?.get(number).copied()
            }
            Value::Bool(true) if kind == "CronJob" && rules::matches("spec suspend", path) => {
                self.resting.contains(&(namespace.clone(), name.clone())).then_some(RESTS)
            }
            _ => None,
        }
    }

    fn add(&mut self, tree: &Node, namespace: Option<&String>) {
        let pod = ["spec", "jobTemplate", "spec", "template", "spec"];
        let Some(pod) = pod.into_iter().try_fold(tree, |node, key| node.get(key)) else { return };
        let containers = |key| match pod.get(key).map(|node| &node.value) {
            Some(Value::List(containers)) => containers.as_slice(),
            _ => &[],
        };
        let before = containers("initContainers");
        let by = if before.is_empty() { BY_SCHEDULE } else { BY_EVENT };
        for container in before.iter().chain(containers("containers")) {
            self.add_call(container, namespace, by);
        }
    }

    /// `patch hpa NAME … --patch {"spec":{"minReplicas":6}}`, `patch cronjobs.batch NAME… … --patch {"spec":{"suspend":true}}`.
    fn add_call(&mut self, container: &Node, namespace: Option<&String>, by: &'static str) -> Option<()> {
        let Value::List(arguments) = &container.get("args")?.value else { return None };
        let arguments: Vec<&str> = arguments.iter().filter_map(Node::as_str).collect();
        let ["patch", resource, rest @ ..] = arguments.as_slice() else { return None };
        let names = rest.iter().take_while(|it| !it.starts_with("--"));
        let patch = rest.iter().skip_while(|it| **it != "--patch").nth(1)?;
        let patch = json::parse(patch).ok()?;
        let spec = patch.get("spec")?;
        for name in names {
            for (_, kind, key) in MOVED.iter().filter(|(of, ..)| of == resource) {
                if let Some(Value::Int(number)) = spec.get(key).map(|node| &node.value) {
                    let place = (*kind, namespace.cloned(), (*name).to_owned(), *key);
                    self.numbers.entry(place).or_default().insert(*number, by);
                }
            }
            if *resource == "cronjobs.batch" && spec.get("suspend").is_some_and(|it| it.value == Value::Bool(true)) {
                self.resting.insert((namespace.cloned(), (*name).to_owned()));
            }
        }
        Some(())
    }
}

//! The old side in the words of the new one, where two programs' texts say the same at different places.
//!
//! PgBouncer takes what an entry does not say from `[pgbouncer]`, and the first version of the HorizontalPodAutoscaler had
//! one field for what is a metric now. Sources: `pgbouncer/pgbouncer` 1.25, `src/objects.c` (`pool_pool_size` and its
//! neighbours), and `k8s.io/kubernetes` v1.36, `pkg/apis/autoscaling/v1/conversion.go`.

use std::borrow::Cow;

use super::because::Way;
use super::rules::matches;
use super::{Path, Step};
use crate::doc::object::{Identity, Object};
use crate::doc::value::{Node, Value};

type Entries = Vec<(Cow<'static, str>, Node)>;

/// A key of an entry, another name for it, and the key of `[pgbouncer]` that speaks for all entries.
const INHERITED: [(&str, &str, &str); 4] = [
    ("pool_size", "pool_size", "default_pool_size"),
    ("min_pool_size", "min_pool_size", "min_pool_size"),
    ("reserve_pool", "reserve_pool_size", "reserve_pool_size"),
    ("max_db_connections", "max_db_connections", "max_db_connections"),
];

/// The old tree with the places of the new one.
pub(super) fn like<'a>(old: &'a Object, new: &Object) -> Cow<'a, Node> {
    let version = old.tree.get("apiVersion").and_then(Node::as_str);
    match &old.identity {
        Identity::Pgbouncer { .. } => Cow::Owned(spelled_out(&old.tree, &new.tree)),
        Identity::Kubernetes { kind, .. } if kind == "HorizontalPodAutoscaler" && version == Some("autoscaling/v1") => {
            Cow::Owned(with_metrics(&old.tree))
        }
        _ => Cow::Borrowed(&old.tree),
    }
}

/// Why a difference means nothing: an API server hands out what it holds in the version that it prefers, and a setting for all
/// entries may go where the new side says it in each.
pub(super) fn moot(old: &Object, new: &Object, path: &Path, way: Way) -> Option<&'static str> {
    let is_served = || old.tree.get("metadata").and_then(|it| it.get("uid")).is_some();
    if matches("apiVersion", path) && way == Way::Stays && is_served() {
        return Some("the API server hands it out in the version that it prefers");
    }
    let (Identity::Pgbouncer { .. }, Way::Goes) = (&new.identity, way) else { return None };
    let [_, Step::Key(global)] = path.0.as_slice() else { return None };
    let (key, ..) = INHERITED.iter().find(|(.., it)| it == global)?;
    let entries = entries(new.tree.get("databases")?)?;
    let is_said = matches("pgbouncer *", path) && entries.iter().all(|(_, entry)| entry.get(key).is_some());
    is_said.then_some("every entry says it itself")
}

/// Every entry with what it takes from `[pgbouncer]`, where the entry of the new side says that itself.
fn spelled_out(old: &Node, new: &Node) -> Node {
    changed(old, "databases", |databases| {
        let entry = |(name, entry): &(Cow<'static, str>, Node)| {
            let said = new.get("databases").and_then(|it| it.get(name));
            (name.clone(), said.map_or_else(|| entry.clone(), |said| inheriting(entry, said, old.get("pgbouncer"))))
        };
        databases.iter().map(entry).collect()
    })
}

fn inheriting(entry: &Node, said: &Node, general: Option<&Node>) -> Node {
    let Some(mut settings) = entries(entry).cloned() else { return entry.clone() };
    for (key, other, global) in INHERITED {
        if said.get(key).is_none() || entry.get(key).is_some() {
            continue;
        }
        match settings.iter_mut().find(|(name, _)| name == other) {
            Some((name, _)) => *name = key.into(),
            None => settings.extend(general.and_then(|it| it.get(global)).map(|it| (key.into(), it.clone()))),
        }
    }
    Value::Map(settings).into()
}

/// `targetCPUUtilizationPercentage: 70` as the metric that it became.
fn with_metrics(old: &Node) -> Node {
    let text = |text: &'static str| -> Node { Value::Text(text.into()).into() };
    let map = |entries: Vec<(&'static str, Node)>| -> Node {
        Value::Map(entries.into_iter().map(|(key, node)| (key.into(), node)).collect()).into()
    };
    changed(old, "spec", |spec| {
        let field = |(key, node): &(Cow<'static, str>, Node)| match key.as_ref() {
            "targetCPUUtilizationPercentage" => {
                let target = map(vec![("type", text("Utilization")), ("averageUtilization", node.clone())]);
                let resource = map(vec![("name", text("cpu")), ("target", target)]);
                let metric = map(vec![("type", text("Resource")), ("resource", resource)]);
                ("metrics".into(), Value::List(vec![metric]).into())
            }
            _ => (key.clone(), node.clone()),
        };
        spec.iter().map(field).collect()
    })
}

/// A map in which one of its maps is another one.
fn changed(node: &Node, key: &str, change: impl Fn(&Entries) -> Entries) -> Node {
    let Some(all) = entries(node) else { return node.clone() };
    let entry = |(name, node): &(Cow<'static, str>, Node)| match entries(node).filter(|_| name == key) {
        Some(entries) => (name.clone(), Value::Map(change(entries)).into()),
        None => (name.clone(), node.clone()),
    };
    Value::Map(all.iter().map(entry).collect()).into()
}

fn entries(node: &Node) -> Option<&Entries> {
    match &node.value {
        Value::Map(entries) => Some(entries),
        _ => None,
    }
}

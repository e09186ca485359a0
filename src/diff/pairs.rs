//! Which object of one side is which of the other.
//!
//! First by identity. What is left over may have been renamed: an autoscaler of the same workload, a budget for the same
//! pods, a PgBouncer with the same entries, an upstream of the same servers. What then is left is new, or goes.

use std::collections::BTreeMap;

use super::compare::is_identical;
use super::rules::text;
use crate::doc::object::{Identity, Object};
use crate::doc::value::{Node, Value};

/// An object on both sides, or on one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) old: Option<&'a Object>,
    pub(super) new: Option<&'a Object>,
    /// Whether they were found to be the same by what they do, and not by name.
    pub(super) is_renamed: bool,
}

/// Pairs two sides, sorted by the identity of the new side, else of the old one.
pub(super) fn pair<'a>(old: &'a [Object], new: &'a [Object]) -> Vec<Pair<'a>> {
    let mut left = Left::new(old);
    let mut pairs: Vec<Pair<'a>> = Vec::with_capacity(new.len());
    let mut open = Vec::new();
    for object in new {
        match left.take(&object.identity) {
            Some(old) => pairs.push(Pair { old: Some(old), new: Some(object), is_renamed: false }),
            None => open.push(object),
        }
    }
    for object in open {
        let old = left.take_alike(object);
        pairs.push(Pair { old, new: Some(object), is_renamed: old.is_some() });
    }
    pairs.extend(left.rest().map(|old| Pair { old: Some(old), new: None, is_renamed: false }));
    pairs.sort_by(|a, b| key(a).cmp(&key(b)));
    pairs
}

fn key<'a>(pair: &Pair<'a>) -> Option<&'a Identity> {
    pair.new.or(pair.old).map(|it| &it.identity)
}

/// Old objects that nobody has claimed yet.
struct Left<'a> {
    by_identity: BTreeMap<&'a Identity, Vec<&'a Object>>,
}

impl<'a> Left<'a> {
    fn new(old: &'a [Object]) -> Self {
        let mut by_identity: BTreeMap<&Identity, Vec<&Object>> = BTreeMap::new();
        for object in old {
            by_identity.entry(&object.identity).or_default().push(object);
        }
        Self { by_identity }
    }

    /// The object of this identity; one that names no namespace leaves it to kubectl, and fits any.
    fn take(&mut self, identity: &Identity) -> Option<&'a Object> {
        if let Some(found) = self.pop(identity) {
            return Some(found);
        }
        match identity {
            Identity::Kubernetes { group, kind, namespace: Some(_), name } => {
                let (group, kind, name) = (group.clone(), kind.clone(), name.clone());
                self.pop(&Identity::Kubernetes { group, kind, namespace: None, name })
            }
            _ => None,
        }
    }

    /// The first of several objects with one identity: of two that stand in two files, the second stays over.
    fn pop(&mut self, identity: &Identity) -> Option<&'a Object> {
        let objects = self.by_identity.get_mut(identity)?;
        (!objects.is_empty()).then(|| objects.remove(0))
    }

    /// The only object that does the same under another name.
    fn take_alike(&mut self, new: &Object) -> Option<&'a Object> {
        let does_the_same = |old: &&Object| !old.is_controlled() && is_alike(old, new);
        let mut found = self.by_identity.values().flatten().copied().filter(does_the_same);
        let (first, second) = (found.next(), found.next());
        match (first, second) {
            (Some(old), None) => self.pop(&old.identity),
            _ => None,
        }
    }

    /// What nobody claimed; what a controller keeps goes with its owner.
    fn rest(self) -> impl Iterator<Item = &'a Object> {
        self.by_identity.into_values().flatten().filter(|it| !it.is_controlled())
    }
}

/// Whether two objects of different names do the same.
fn is_alike(old: &Object, new: &Object) -> bool {
    match (&old.identity, &new.identity) {
        (
            Identity::Kubernetes { group, kind, namespace, .. },
            Identity::Kubernetes { group: new_group, kind: new_kind, namespace: new_namespace, .. },
        ) => {
            let is_same_place = namespace.is_none() || namespace == new_namespace;
            (group, kind) == (new_group, new_kind)
                && is_same_place
                && does(old, kind).is_some_and(|it| same(it, does(new, kind)))
        }
        (Identity::Pgbouncer { .. }, Identity::Pgbouncer { .. }) => {
            let (old, new) = (keys(&old.tree, "databases"), keys(&new.tree, "databases"));
            old.iter().any(|key| new.contains(key))
        }
        (Identity::Nginx { kind: "upstream", .. }, Identity::Nginx { kind: "upstream", .. }) => {
            is_identical(&old.tree, &new.tree)
        }
        _ => false,
    }
}

/// The part of a document that says what it is for.
fn does<'a>(object: &'a Object, kind: &str) -> Option<&'a Node> {
    let spec = object.tree.get("spec")?;
    match kind {
        "HorizontalPodAutoscaler" | "ScaledObject" => spec.get("scaleTargetRef")?.get("name"),
        "PodDisruptionBudget" => spec.get("selector"),
        _ => None,
    }
}

fn same(old: &Node, new: Option<&Node>) -> bool {
    new.is_some_and(|new| is_identical(old, new))
}

fn keys<'a>(tree: &'a Node, section: &str) -> Vec<&'a str> {
    match tree.get(section).map(|it| &it.value) {
        Some(Value::Map(entries)) => entries.iter().map(|(key, _)| key.as_ref()).collect(),
        _ => Vec::new(),
    }
}

/// The kind and name of the workload that an autoscaler is for; the kind is a Deployment unless it says so.
pub(super) fn target(object: &Object) -> Option<(String, String)> {
    let Identity::Kubernetes { kind, .. } = &object.identity else { return None };
    if !matches!(kind.as_str(), "HorizontalPodAutoscaler" | "ScaledObject") {
        return None;
    }
    let target = object.tree.get("spec")?.get("scaleTargetRef")?;
    let name = text(target.get("name")?).into_owned();
    Some((target.get("kind").map_or("Deployment".to_owned(), |kind| text(kind).into_owned()), name))
}

//! Which object of one side is which of the other.
//!
//! First by identity. What is left over may have been renamed: an autoscaler of the same workload, a budget for the same
//! pods, a PgBouncer with the same entries, an upstream of the same servers. What then is left is new, or goes.

use std::collections::BTreeMap;

use super::rules::text;
use crate::doc::json;
use crate::doc::object::{Identity, Object};
use crate::doc::value::{Node, Value};

/// An object on both sides, or on one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) old: Option<&'a Object>,
    pub(super) new: Option<&'a Object>,
    /// Where the new one stands among the new ones.
    pub(super) at: Option<usize>,
    /// Whether they were found to be the same by what they do, and not by name.
    pub(super) is_renamed: bool,
}

/// Pairs two sides, sorted by the identity of the new side, else of the old one.
pub(super) fn pair<'a>(old: &'a [Object], new: &'a [Object]) -> Vec<Pair<'a>> {
    let mut left = Left::new(old);
    let mut pairs: Vec<Pair<'a>> = Vec::with_capacity(new.len());
    let mut open = Vec::new();
    for (at, object) in new.iter().enumerate() {
        match left.take(&object.identity) {
            Some(old) => pairs.push(Pair { old: Some(old), new: Some(object), at: Some(at), is_renamed: false }),
            None => open.push((at, object)),
        }
    }
    let mut alike = if open.is_empty() { Alike::default() } else { left.by_purpose() };
    for (at, object) in open {
        let old = alike.take(object).and_then(|old| left.pop(&old.identity));
        pairs.push(Pair { old, new: Some(object), at: Some(at), is_renamed: old.is_some_and(has_name) });
    }
    pairs.extend(left.rest().map(|old| Pair { old: Some(old), new: None, at: None, is_renamed: false }));
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

    /// What may have been renamed.
    fn by_purpose(&self) -> Alike<'a> {
        let mut alike = Alike::default();
        for object in self.by_identity.values().flatten().filter(|it| !it.is_controlled()) {
            for purpose in purposes(object) {
                alike.0.entry(purpose).or_default().push(object);
            }
        }
        alike
    }

    /// What nobody claimed; what a controller keeps goes with its owner.
    fn rest(self) -> impl Iterator<Item = &'a Object> {
        self.by_identity.into_values().flatten().filter(|it| !it.is_controlled())
    }
}

/// Whether an object has a name that can change: an ini of somebody else only has a path.
fn has_name(object: &Object) -> bool {
    object.owner.is_some() || !matches!(object.identity, Identity::Pgbouncer { .. } | Identity::Settings { .. })
}

/// Objects by what they are for.
#[derive(Default)]
struct Alike<'a>(BTreeMap<String, Vec<&'a Object>>);

impl<'a> Alike<'a> {
    /// The only object that does the same under another name.
    fn take(&mut self, new: &Object) -> Option<&'a Object> {
        let purposes = purposes(new);
        let found = purposes.iter().filter_map(|purpose| self.0.get(purpose)).flatten();
        let mut found: Vec<&Object> = found.copied().filter(|old| may_be(&old.identity, &new.identity)).collect();
        found.dedup_by(|a, b| std::ptr::eq(*a, *b));
        let [old] = found.as_slice() else { return None };
        let old = *old;
        for purpose in self::purposes(old) {
            if let Some(others) = self.0.get_mut(&purpose) {
                others.retain(|it| !std::ptr::eq(*it, old));
            }
        }
        Some(old)
    }
}

/// Whether an object may now stand in this namespace; one that names none may.
fn may_be(old: &Identity, new: &Identity) -> bool {
    match (old, new) {
        (Identity::Kubernetes { namespace, .. }, Identity::Kubernetes { namespace: new, .. }) => {
            namespace.is_none() || namespace == new
        }
        _ => true,
    }
}

/// What an object is for, each as a text that another one for the same has too.
fn purposes(object: &Object) -> Vec<String> {
    let text = |node: &Node| json::print(node);
    match &object.identity {
        Identity::Kubernetes { group, kind, .. } => {
            let spec = object.tree.get("spec");
            let purpose = match kind.as_str() {
                "PodDisruptionBudget" => spec.and_then(|it| it.get("selector")).map(text),
                _ => target(object).map(|(kind, name)| format!("{kind} {name}")),
            };
            purpose.map(|it| format!("{group} {kind} {it}")).into_iter().collect()
        }
        Identity::Pgbouncer { .. } => {
            keys(&object.tree, "databases").into_iter().map(|entry| format!("pgbouncer {entry}")).collect()
        }
        Identity::Nginx { kind: "upstream", .. } => vec![format!("nginx {}", text(&object.tree))],
        Identity::Nginx { .. } | Identity::Settings { .. } | Identity::File { .. } => Vec::new(),
    }
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

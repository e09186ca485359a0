//! Two autoscalers of one workload while one takes over from the other.
//!
//! Kubernetes stops both as soon as they meet (`AmbiguousSelector`), and KEDA's webhook refuses a ScaledObject whose
//! workload has a HorizontalPodAutoscaler of somebody else: the order in which they come and go matters.

use std::collections::BTreeMap;

use super::pairs::target;
use super::{Action, ObjectChange, Risk, Verdict};
use crate::doc::object::{Identity, Object};
use crate::doc::state::State;

const TO_KEDA: &str = "the workload has a HorizontalPodAutoscaler, and KEDA refuses a second owner: delete that first, or hand it over by \
                       `transfer-hpa-ownership`";
const FROM_KEDA: &str =
    "the workload has a ScaledObject, whose HorizontalPodAutoscaler would be a second one: delete that first";
const TWICE: &str = "the workload has another autoscaler already: with two of them neither scales";

const RENAMED: &str = "two autoscalers of one workload stop each other: neither scales until the former is deleted";
const LEAVES: &str = "the other autoscaler takes over: delete this one first";

/// Raises the risk of every autoscaler whose workload has one of another name or kind on the other side.
pub(super) fn judge(new: &[Object], old: &State, changes: &mut [ObjectChange]) {
    let (former, coming) = rayon::join(|| Owners::of(&old.objects), || Owners::of(new));
    if former.is_empty() || coming.is_empty() {
        return;
    }
    for object in new {
        if let Some(other) = former.other(object)
            && let Some(change) = find(changes, &object.identity)
        {
            let reason = match &change.action {
                Action::Add => Some(taken_over(&object.identity, other)),
                Action::Rename { .. } => Some(RENAMED),
                // A manifest without a namespace is the same one.
                Action::Change => (name(other) != name(&object.identity)).then(|| taken_over(&object.identity, other)),
                Action::Remove => None,
            };
            raise(change, reason);
        }
    }
    for object in old.objects.iter().filter(|it| coming.other(it).is_some()) {
        if let Some(change) = find(changes, &object.identity).filter(|it| it.action == Action::Remove) {
            raise(change, Some(LEAVES));
        }
    }
}

/// The autoscalers of one side by the kind and name of their workload.
struct Owners<'a>(BTreeMap<(String, String), Vec<&'a Identity>>);

impl<'a> Owners<'a> {
    fn of(objects: &'a [Object]) -> Self {
        let mut owners: BTreeMap<_, Vec<&Identity>> = BTreeMap::new();
        for object in objects.iter().filter(|it| !it.is_controlled()) {
            if let Some(target) = target(object) {
                owners.entry(target).or_default().push(&object.identity);
            }
        }
        Self(owners)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Another autoscaler of the same workload; a manifest that names no namespace may be for any.
    fn other(&self, object: &Object) -> Option<&'a Identity> {
        let own = namespace(&object.identity);
        let is_here = |it: &Identity| match (namespace(it), own) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        self.0.get(&target(object)?)?.iter().copied().find(|it| **it != object.identity && is_here(it))
    }
}

fn find<'c>(changes: &'c mut [ObjectChange], identity: &Identity) -> Option<&'c mut ObjectChange> {
    let at = changes.binary_search_by(|it| it.identity.cmp(identity)).ok()?;
    changes.get_mut(at)
}

fn taken_over(new: &Identity, former: &Identity) -> &'static str {
    match (name(new).0, name(former).0) {
        ("ScaledObject", "HorizontalPodAutoscaler") => TO_KEDA,
        ("HorizontalPodAutoscaler", "ScaledObject") => FROM_KEDA,
        _ => TWICE,
    }
}

/// Where one of its edits is worse, that stays.
fn raise(change: &mut ObjectChange, reason: Option<&'static str>) {
    if let Some(reason) = reason.filter(|_| change.risk.risk <= Risk::Ordering) {
        change.risk = Verdict { risk: Risk::Ordering, reason };
    }
}

fn namespace(identity: &Identity) -> Option<&str> {
    match identity {
        Identity::Kubernetes { namespace, .. } => namespace.as_deref(),
        _ => None,
    }
}

/// Kind and name.
fn name(identity: &Identity) -> (&str, &str) {
    match identity {
        Identity::Kubernetes { kind, name, .. } => (kind, name),
        _ => ("", ""),
    }
}

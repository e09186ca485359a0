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

/// A namespace, and the kind and name of the workload in it.
type Workload<'a> = (Option<&'a str>, (String, String));

/// Raises the risk of every autoscaler whose workload has one of another name or kind on the other side.
pub(super) fn judge(new: &[Object], old: &State, changes: &mut [ObjectChange]) {
    let mut owners: BTreeMap<Workload<'_>, Vec<&Identity>> = BTreeMap::new();
    for object in old.objects.iter().filter(|it| !it.is_controlled()) {
        if let Some(target) = target(object) {
            owners.entry((namespace(&object.identity), target)).or_default().push(&object.identity);
        }
    }
    if owners.is_empty() {
        return;
    }
    for object in new {
        let Some(target) = target(object) else { continue };
        let Ok(at) = changes.binary_search_by(|it| it.identity.cmp(&object.identity)) else { continue };
        let Some(change) = changes.get_mut(at).filter(|it| it.action != Action::Remove) else { continue };
        // A manifest that names no namespace may be for any.
        let here = owners.get(&(namespace(&object.identity), target.clone())).into_iter().flatten();
        let anywhere = owners.get(&(None, target)).into_iter().flatten();
        let former = match &change.action {
            Action::Rename { from } => from,
            Action::Add | Action::Remove | Action::Change => &object.identity,
        };
        let is_rival = |it: &&&Identity| (kind(it), name(it)) != (kind(former), name(former));
        if let Some(other) = here.chain(anywhere).find(is_rival) {
            let reason = match (kind(&object.identity), kind(other)) {
                ("ScaledObject", "HorizontalPodAutoscaler") => TO_KEDA,
                ("HorizontalPodAutoscaler", "ScaledObject") => FROM_KEDA,
                _ => TWICE,
            };
            change.risk = Verdict { risk: Risk::Ordering, reason };
        }
    }
}

fn namespace(identity: &Identity) -> Option<&str> {
    match identity {
        Identity::Kubernetes { namespace, .. } => namespace.as_deref(),
        _ => None,
    }
}

fn kind(identity: &Identity) -> &str {
    match identity {
        Identity::Kubernetes { kind, .. } => kind,
        _ => "",
    }
}

fn name(identity: &Identity) -> &str {
    match identity {
        Identity::Kubernetes { name, .. } => name,
        _ => "",
    }
}

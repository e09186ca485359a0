//! Autoscalers of the kind that a spec does not ask for: one may own a workload for which the spec asks for the other.
//!
//! They are looked for, and their absence is no news: a cluster without KEDA has none.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::{Kind, Kubectl};
use crate::doc::object::{Identity, Object};
use crate::doc::value::Node;
use crate::state::Loaded;

const HPA: Kind<'static> = Kind { kind: "HorizontalPodAutoscaler", version: "v2", group: "autoscaling" };
const SCALED_OBJECT: Kind<'static> = Kind { kind: "ScaledObject", version: "v1alpha1", group: "keda.sh" };

/// Every autoscaler of the other kind whose workload the new side (`wanted`) scales; a note where they cannot be seen.
pub(super) fn read(kubectl: &Kubectl<'_>, name: &str, wanted: &[Object]) -> Loaded {
    let mut scaled: BTreeMap<Option<&str>, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for object in wanted {
        if let (Identity::Kubernetes { kind, namespace, .. }, Some(workload)) = (&object.identity, workload(object)) {
            let (kinds, workloads) = scaled.entry(namespace.as_deref()).or_default();
            kinds.insert(kind);
            workloads.insert(workload);
        }
    }
    let lists: Vec<Loaded> = scaled
        .into_par_iter()
        .filter_map(|(namespace, (kinds, workloads))| {
            let missing = [HPA, SCALED_OBJECT].into_iter().find(|it| !kinds.contains(it.kind))?;
            let mut found = match kubectl.list(name, namespace, BTreeSet::from([missing])) {
                Ok(found) => Loaded { notes: Vec::new(), ..found },
                Err(error) => {
                    let kind = missing.kind;
                    let note = format!("whether a {kind} owns a workload already could not be seen: {}", error.message);
                    Loaded { notes: vec![note], ..Loaded::default() }
                }
            };
            found.state.objects.retain(|it| workload(it).is_some_and(|it| workloads.contains(it)));
            Some(found)
        })
        .collect();
    let mut all = Loaded::default();
    for list in lists {
        all.state.objects.extend(list.state.objects);
        all.notes.extend(list.notes);
    }
    all
}

/// The name of the workload that an autoscaler is for.
fn workload(object: &Object) -> Option<&str> {
    let Identity::Kubernetes { kind, .. } = &object.identity else { return None };
    if ![HPA.kind, SCALED_OBJECT.kind].contains(&kind.as_str()) {
        return None;
    }
    object.tree.get("spec")?.get("scaleTargetRef")?.get("name").and_then(Node::as_str)
}

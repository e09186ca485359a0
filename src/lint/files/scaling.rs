//! Autoscalers as files have them: whatever moves the replicas of a workload.

use super::{Files, get, int, kind, name, text};
use crate::doc::object::Object;
use crate::doc::value::Node;

/// A HorizontalPodAutoscaler or a ScaledObject.
#[derive(Debug, Clone, Copy)]
pub(in crate::lint) struct Autoscaler<'a> {
    pub(in crate::lint) object: &'a Object,
    /// `scaleTargetRef`.
    pub(in crate::lint) target: &'a Node,
    pub(in crate::lint) min: Option<&'a Node>,
    pub(in crate::lint) max: Option<&'a Node>,
}

impl Autoscaler<'_> {
    pub(in crate::lint) fn is_keda(&self) -> bool {
        kind(self.object) == "ScaledObject"
    }

    /// The fewest replicas: 1 (KEDA: 0) where nothing is written, `None` where it is no number.
    pub(in crate::lint) fn floor(&self) -> Option<i64> {
        self.min.map_or(Some(i64::from(!self.is_keda())), int)
    }

    pub(in crate::lint) fn ceiling(&self) -> Option<i64> {
        self.max.and_then(int)
    }

    /// The kind and the name of what it scales.
    pub(in crate::lint) fn scaled(&self) -> Option<(&str, &str)> {
        let kind = text(self.target, "kind").or_else(|| self.is_keda().then_some("Deployment"));
        Some((kind?, text(self.target, "name")?))
    }

    pub(in crate::lint) fn scales(&self, workload: &Object) -> bool {
        self.scaled() == Some((kind(workload), name(workload)))
    }
}

impl<'a> Files<'a> {
    /// Every autoscaler that names what it scales, but for those that a ScaledObject made.
    pub(in crate::lint) fn autoscalers(&self) -> impl Iterator<Item = Autoscaler<'a>> + '_ {
        let of = |list: &'static str, min: &'static str, max: &'static str| {
            self.of_kind(list).filter_map(move |object| {
                let spec = object.tree.get("spec")?;
                let target = get(spec, "scaleTargetRef")?;
                Some(Autoscaler { object, target, min: get(spec, min), max: get(spec, max) })
            })
        };
        of("HorizontalPodAutoscaler", "minReplicas", "maxReplicas").chain(of(
            "ScaledObject",
            "minReplicaCount",
            "maxReplicaCount",
        ))
    }

    /// The autoscalers of a workload.
    pub(in crate::lint) fn autoscalers_of(&self, workload: &'a Object) -> impl Iterator<Item = Autoscaler<'a>> + '_ {
        self.autoscalers().filter(move |it| it.scales(workload) && self.are_together(it.object, workload))
    }
}

//! Autoscalers as files have them: whatever moves the replicas of a workload, and the topics that it consumes from.

use super::{Files, get, int, items, kind, name, scalar, text};
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

/// The one topic by which a ScaledObject scales, where the files say how many partitions it has.
#[derive(Debug, Clone, Copy)]
pub(in crate::lint) struct Topic<'a> {
    /// The trigger of the ScaledObject.
    pub(in crate::lint) trigger: &'a Node,
    /// Its name in the trigger's metadata.
    pub(in crate::lint) node: &'a Node,
    pub(in crate::lint) name: &'a str,
    /// The KafkaTopic, and its `spec.partitions`.
    pub(in crate::lint) object: &'a Object,
    pub(in crate::lint) partitions: &'a Node,
    pub(in crate::lint) count: i64,
}

impl Topic<'_> {
    /// Whether a switch of the trigger is on.
    pub(in crate::lint) fn is_on(&self, key: &str) -> bool {
        get(self.trigger, "metadata").and_then(|it| get(it, key)).and_then(scalar).as_deref() == Some("true")
    }
}

impl<'a> Files<'a> {
    /// The topic of a ScaledObject; `None` where it scales by something else, too, which may have use for more pods.
    pub(in crate::lint) fn topic_of(&self, autoscaler: &Autoscaler<'a>) -> Option<Topic<'a>> {
        let of_pods = |it: &&Node| matches!(text(it, "type"), Some("cpu" | "memory" | "cron"));
        let triggers = items(get(&autoscaler.object.tree, "spec.triggers"));
        let mut queues = triggers.filter(|it| !of_pods(it));
        let trigger = queues.next().filter(|it| text(it, "type") == Some("kafka"))?;
        let node = get(trigger, "metadata.topic").filter(|_| queues.next().is_none())?;
        let topic = node.as_str()?;
        let is_it = |it: &&Object| text(&it.tree, "spec.topicName").unwrap_or(name(it)) == topic;
        // Kafka may well be in another namespace than who consumes from it.
        let near = autoscaler.object;
        let mut found = self.of_kind("KafkaTopic").filter(is_it).filter(|it| self.are_near(it, near));
        let object = found.next().filter(|_| found.next().is_none())?;
        let partitions = get(&object.tree, "spec.partitions")?;
        Some(Topic { trigger, node, name: topic, object, partitions, count: int(partitions)? })
    }

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

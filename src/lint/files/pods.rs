//! Workloads and their pods as files have them.

use super::{Files, get, items, kind};
use crate::doc::object::Object;
use crate::doc::value::Node;

/// What has pods by a template and a number of replicas.
pub(in crate::lint) const SCALABLE: [&str; 4] = ["Deployment", "StatefulSet", "ReplicaSet", "Rollout"];

impl<'a> Files<'a> {
    /// Everything with a number of replicas.
    pub(in crate::lint) fn workloads(&self) -> impl Iterator<Item = &'a Object> + '_ {
        self.kubernetes().filter(|it| SCALABLE.contains(&kind(it)))
    }

    /// Everything that has pods, with their template's `spec`.
    pub(in crate::lint) fn pods(&self) -> impl Iterator<Item = (&'a Object, &'a Node)> + '_ {
        self.kubernetes().filter_map(|it| Some((it, pod(it)?)))
    }
}

/// The `spec` of an object's pods.
pub(in crate::lint) fn pod(object: &Object) -> Option<&Node> {
    let path = match kind(object) {
        "Pod" => "spec",
        "CronJob" => "spec.jobTemplate.spec.template.spec",
        "Job" | "DaemonSet" | "ReplicationController" => "spec.template.spec",
        kind if SCALABLE.contains(&kind) => "spec.template.spec",
        _ => return None,
    };
    get(&object.tree, path)
}

/// The containers of a pod, those that run first among them.
pub(in crate::lint) fn containers(pod: &Node) -> impl Iterator<Item = &Node> {
    items(pod.get("initContainers")).chain(items(pod.get("containers")))
}

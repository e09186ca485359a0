//! Workloads and their pods as files have them.

use super::{Files, get, items, kind, scalar};
use crate::doc::object::Object;
use crate::doc::value::Node;
use crate::unit::quantity::Quantity;

/// What the largest node of the catalogue has, in thousandths of a CPU.
const MOST_CPU: i64 = 192_000;

/// More than the largest node of the catalogue has, which is 768Gi, in bytes.
const MOST_MEMORY: i64 = 2 << 40;

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

/// `requests` or `limits` of a container, for `cpu` or `memory`, where it can be read.
pub(in crate::lint) fn amount<'a>(container: &'a Node, of: &str, resource: &str) -> Option<(&'a Node, Quantity)> {
    let node = get(container, &format!("resources.{of}.{resource}"))?;
    Some((node, Quantity::parse(&scalar(node)?).ok()?))
}

/// The quantity that was most likely meant where no machine has as much: `500` CPUs are `500m` that lost their unit, `500Mi`
/// of CPU was written for `500m`, `4096Gi` for `4096Mi`; another unit of memory behind a number of cores is one too many.
pub(in crate::lint) fn meant(resource: &str, quantity: &Quantity) -> Option<String> {
    let text = quantity.text();
    let (digits, unit) = text.split_at(text.trim_end_matches(|it: char| it.is_ascii_alphabetic()).len());
    let (is_odd, meant) = match (resource, unit) {
        ("cpu", "" | "Mi" | "M") => (quantity.milli_ceil() > MOST_CPU, "m"),
        ("cpu", _) => (quantity.milli_ceil() > MOST_CPU, ""),
        (_, "Gi" | "G") => (quantity.bytes_ceil() > MOST_MEMORY, "Mi"),
        _ => (quantity.bytes_ceil() > MOST_MEMORY, "Gi"),
    };
    is_odd.then(|| format!("{digits}{meant}"))
}

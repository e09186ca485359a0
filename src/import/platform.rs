//! What holds for every object: the namespace, the labels, the versions.

use std::collections::BTreeMap;

use super::cronjob::Window;
use super::draft::Draft;
use super::found::Found;
use super::toml::{Table, Value};
use super::tree;
use super::workloads::Workload;
use crate::unit::kubernetes;

/// Labels that who installed an object hung on it, as a diff knows them too.
const OF_TOOLS: [&str; 7] = [
    "helm.sh/chart",
    "app.kubernetes.io/managed-by",
    "argocd.argoproj.io/instance",
    "kustomize.toolkit.fluxcd.io/name",
    "kustomize.toolkit.fluxcd.io/namespace",
    "scaledobject.keda.sh/name",
    "pod-template-hash",
];

/// The version where the spec names none, and the oldest one for which capgen writes.
const KUBERNETES: u32 = 34;
const OLDEST: u32 = 27;

/// `tolerance` of a scaling rule.
const TOLERANCE: u32 = 35;

/// Adds `[platform]`.
pub(super) fn add(draft: &mut Draft, workloads: &[Workload], windows: &[Window], found: &Found<'_>) {
    let mut table = Table::new(&["platform"], "");
    if let Some(namespace) = found.namespace.as_ref().filter(|it| *it != "default") {
        table.add("namespace", Value::text(namespace));
    }
    let jobs: Vec<usize> = windows.iter().flat_map(|it| &it.objects).copied().collect();
    let objects: Vec<usize> = workloads.iter().flat_map(|it| &it.objects).chain(&jobs).copied().collect();
    let labels = labels(&objects, found);
    if !labels.is_empty() {
        table.add("labels", Value::Inline(labels));
    }
    let minor = version(workloads, &mut table, found);
    let image = jobs.iter().find_map(|it| {
        let spec = found.objects[*it].tree.get("spec")?;
        let containers = tree::items_at(spec, "jobTemplate spec template spec containers");
        tree::text_at(containers.first()?, "image")
    });
    if let Some(image) = image.filter(|it| *it != format!("registry.k8s.io/kubectl:v1.{minor}.0"))
        && kubernetes::image_reference(&image).is_ok()
    {
        table.add("kubectl_image", Value::Text(image));
    }
    draft.platform = Some(table);
}

/// The labels that most of the objects have, with the same value.
fn labels(objects: &[usize], found: &Found<'_>) -> Vec<(String, Value)> {
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for index in objects {
        for (key, node) in tree::entries_at(&found.objects[*index].tree, "metadata labels") {
            let is_fine =
                |value: &String| kubernetes::qualified_name(key).is_ok() && kubernetes::label_value(value).is_ok();
            if let Some(value) = tree::text(node).filter(|it| is_fine(it) && !OF_TOOLS.contains(&key.as_ref())) {
                *counts.entry((key.to_string(), value)).or_default() += 1;
            }
        }
    }
    let most = counts.into_iter().filter(|(_, count)| 2 * count > objects.len());
    most.map(|((key, value), _)| (key, Value::Text(value))).collect()
}

/// The minor version of Kubernetes: what eksctl is told, or what a field asks for.
fn version(workloads: &[Workload], table: &mut Table, found: &Found<'_>) -> u32 {
    let cluster = found.of_kind(&["ClusterConfig"]).into_iter().next();
    let told = cluster.and_then(|it| tree::text_at(&found.objects[it].tree, "metadata version"));
    let minor = told.and_then(|it| it.strip_prefix("1.")?.parse::<u32>().ok()).filter(|it| (OLDEST..100).contains(it));
    if let (Some(minor), Some(cluster)) = (minor, cluster) {
        let place = found.place(cluster, "metadata version");
        table.add_noted("kubernetes_version", Value::Text(format!("1.{minor}")), place);
        return minor;
    }
    let has_tolerance = |it: &Workload| it.autoscaler.as_ref().is_some_and(|it| it.has_tolerance);
    if workloads.iter().any(has_tolerance) {
        let note = "the first that knows `tolerance`";
        table.add_noted("kubernetes_version", Value::Text(format!("1.{TOLERANCE}")), note);
        return TOLERANCE;
    }
    KUBERNETES
}

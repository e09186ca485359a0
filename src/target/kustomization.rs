//! The kustomization over every Kubernetes document, so that `kubectl apply -k`, Argo CD and Flux take the output folder
//! as it is. It is no target of its own: it lists what the targets wrote.

use serde::Serialize;

use crate::doc::ser::to_node;
use crate::doc::{Artifact, Body};
use crate::why::Address;

use super::Fault;

/// Where Kubernetes documents stand. Other YAML, eksctl's say, is no Kubernetes object.
const FOLDERS: [&str; 3] = ["k8s/", "kafka/", "karpenter/"];

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Kustomization {
    api_version: &'static str,
    kind: &'static str,
    resources: Vec<String>,
}

/// Whether the kustomization lists a file.
pub(super) fn lists(path: &str) -> bool {
    path.ends_with(".yaml") && FOLDERS.iter().any(|folder| path.starts_with(folder))
}

/// The kustomization over files of these paths, sorted; `None` where there is no Kubernetes document.
pub(super) fn over(mut resources: Vec<String>) -> Result<Option<Artifact>, Fault> {
    if resources.is_empty() {
        return Ok(None);
    }
    resources.sort_unstable();
    let kustomization =
        Kustomization { api_version: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", resources };
    Ok(Some(Artifact {
        path: "kustomization.yaml".to_owned(),
        owner: Address::of(["platform"]),
        body: Body::Yaml(vec![to_node(&kustomization)?]),
    }))
}

//! Kustomize components: patches for objects that stand in somebody else's files.
//!
//! Vocabulary, not a target. A kustomization cannot patch what it does not list, so patches are a `Component` that the
//! user's own overlay names. A patch holds nothing but what the spec decides: image, probes and the rest are left alone.

use serde::Serialize;

use crate::doc::ser::to_node;
use crate::doc::{Artifact, Body};
use crate::model::Model;
use crate::model::workloads::Workload;
use crate::why::{Address, Derived};

use super::{Fault, Take};

/// A strategic merge patch of a workload with a pod template. It has no namespace: the selector finds the object in any.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Patch<'a, C> {
    api_version: &'a Derived<String>,
    kind: &'a Derived<String>,
    metadata: Name<'a>,
    spec: Spec<'a, C>,
}

#[derive(Debug, Serialize)]
struct Name<'a> {
    name: &'a Derived<String>,
}

#[derive(Debug, Serialize)]
struct Spec<'a, C> {
    template: Template<'a, C>,
}

#[derive(Debug, Serialize)]
struct Template<'a, C> {
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Annotated<'a>>,
    spec: PodSpec<'a, C>,
}

/// What makes pods start anew when something changes that their template only names.
#[derive(Debug, Serialize)]
struct Annotated<'a> {
    annotations: Annotations<'a>,
}

#[derive(Debug, Serialize)]
struct Annotations<'a> {
    #[serde(rename = "checksum/env")]
    checksum: &'a Derived<String>,
}

#[derive(Debug, Serialize)]
struct PodSpec<'a, C> {
    containers: [Container<'a, C>; 1],
}

#[derive(Debug, Serialize)]
struct Container<'a, C> {
    name: &'a Derived<String>,
    #[serde(flatten)]
    content: C,
}

/// What is laid on one container, and the checksum that stands for it.
pub(super) struct Content<'a, C> {
    pub(super) container: C,
    pub(super) checksum: Option<&'a Derived<String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Component {
    api_version: &'static str,
    kind: &'static str,
    patches: Vec<Listed>,
}

/// A patch and the object that it is for.
#[derive(Debug, Serialize)]
pub(super) struct Listed {
    path: String,
    target: Selector,
}

#[derive(Debug, Serialize)]
struct Selector {
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'static str>,
    version: &'static str,
    kind: String,
    name: String,
}

/// The component `components/<name>`: a patch for each workload that is patched and has content, and the list of them.
pub(super) fn emit<'m, C: Serialize>(
    model: &'m Model,
    name: &str,
    take: Take<'_>,
    content: impl Fn(&'m Workload) -> Option<Content<'m, C>>,
) -> Result<(), Fault> {
    let mut patches = Vec::new();
    let mut artifacts = Vec::new();
    for workload in &model.workloads {
        let Some(container) = &workload.patched else { continue };
        let Some(content) = content(workload) else { continue };
        let file = format!("{}.patch.yaml", workload.name);
        let body = Body::Yaml(vec![to_node(&patch(workload, container, content))?]);
        artifacts.push(Artifact { path: format!("components/{name}/{file}"), owner: workload.address.clone(), body });
        patches.push(Listed { path: file, target: selector(workload) });
    }
    artifacts.extend(list(name, patches)?);
    super::hand_over(artifacts, take);
    Ok(())
}

/// The list of a component's patches; `None` where there is none.
pub(super) fn list(name: &str, patches: Vec<Listed>) -> Result<Option<Artifact>, Fault> {
    if patches.is_empty() {
        return Ok(None);
    }
    let api_version = "kustomize.config.k8s.io/v1alpha1";
    let body = Body::Yaml(vec![to_node(&Component { api_version, kind: "Component", patches })?]);
    let path = format!("components/{name}/kustomization.yaml");
    Ok(Some(Artifact { path, owner: Address::of(["platform"]), body }))
}

impl Listed {
    /// A patch of an object of an API group, which comes with its version.
    pub(super) fn grouped(
        path: String,
        (group, version): (&'static str, &'static str),
        kind: &str,
        name: &str,
    ) -> Self {
        Self { path, target: Selector { group: Some(group), version, kind: kind.to_owned(), name: anchored(name) } }
    }

    /// A patch of an object of the core group, which has no name.
    pub(super) fn core(path: String, kind: &str, name: &str) -> Self {
        Self { path, target: Selector { group: None, version: "v1", kind: kind.to_owned(), name: anchored(name) } }
    }
}

fn patch<'a, C>(workload: &'a Workload, container: &'a Derived<String>, content: Content<'a, C>) -> Patch<'a, C> {
    let target = &workload.target;
    let annotated = |checksum| Annotated { annotations: Annotations { checksum } };
    let container = Container { name: container, content: content.container };
    Patch {
        api_version: &target.api_version,
        kind: &target.kind,
        metadata: Name { name: &target.name },
        spec: Spec {
            template: Template { metadata: content.checksum.map(annotated), spec: PodSpec { containers: [container] } },
        },
    }
}

/// By group, kind and name. Kustomize takes the name for a regular expression and anchors it itself.
fn selector(workload: &Workload) -> Selector {
    let target = &workload.target;
    let name = anchored(&target.name.value);
    Selector { group: Some("apps"), version: "v1", kind: target.kind.value.clone(), name }
}

fn anchored(name: &str) -> String {
    name.replace('.', "\\.")
}

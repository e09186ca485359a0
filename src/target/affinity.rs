//! Client affinity: a Kustomize component that patches Services which stand in somebody else's files.
//!
//! It knows `v1` Service (kubernetes v1.36, `core/v1/types.go`). Ports and selector stay whose they are.

use serde::Serialize;

use crate::doc::ser::to_node;
use crate::doc::{Artifact, Body};
use crate::model::Model;
use crate::model::affinity::Affinity;
use crate::why::Derived;

use super::component::{self, Listed};
use super::{Fault, Take, Target};

pub(super) static TARGET: Target = Target {
    name: "affinity",
    summary: "a Kustomize component that keeps a Service's clients with their pods: components/affinity/",
    emit,
};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Patch<'a> {
    api_version: &'static str,
    kind: &'static str,
    metadata: Name<'a>,
    spec: Spec<'a>,
}

#[derive(Debug, Serialize)]
struct Name<'a> {
    name: &'a Derived<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Spec<'a> {
    session_affinity: Derived<&'static str>,
    session_affinity_config: Config<'a>,
}

#[derive(Debug, Serialize)]
struct Config<'a> {
    #[serde(rename = "clientIP")]
    client_ip: ClientIp<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ClientIp<'a> {
    timeout_seconds: &'a Derived<i64>,
}

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    let (mut artifacts, mut listed) = (Vec::new(), Vec::new());
    for affinity in &model.affinities {
        let file = format!("{}.patch.yaml", affinity.name);
        let path = format!("components/affinity/{file}");
        let body = Body::Yaml(vec![to_node(&patch(affinity))?]);
        artifacts.push(Artifact { path, owner: affinity.address.clone(), body });
        listed.push(Listed::core(file, "Service", &affinity.service.value));
    }
    artifacts.extend(component::list("affinity", listed)?);
    super::hand_over(artifacts, take);
    Ok(())
}

fn patch(affinity: &Affinity) -> Patch<'_> {
    Patch {
        api_version: "v1",
        kind: "Service",
        metadata: Name { name: &affinity.service },
        spec: Spec {
            session_affinity: affinity.timeout.map(|_| "ClientIP"),
            session_affinity_config: Config { client_ip: ClientIp { timeout_seconds: &affinity.timeout } },
        },
    }
}

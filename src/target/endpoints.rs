//! The addresses of read replicas: a ConfigMap for each database that has some.
//!
//! It knows `v1` (kubernetes v1.36, `api/core/v1/types.go`).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::doc::ser::to_node;
use crate::doc::{Artifact, Body};
use crate::model::Model;
use crate::model::read_replicas::ReadReplicas;
use crate::why::Derived;

use super::kube::Metadata;
use super::{Fault, Take, Target};

pub(super) static TARGET: Target =
    Target { name: "endpoints", summary: "addresses of read replicas: ConfigMaps k8s/<database>/endpoints.yaml", emit };

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ConfigMap<'a> {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata,
    data: BTreeMap<&'a str, &'a Derived<String>>,
}

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    super::emit_all(&model.replicas, take, |replicas| Ok([artifact(replicas, model)?]))
}

fn artifact(replicas: &ReadReplicas, model: &Model) -> Result<Artifact, Fault> {
    let document = to_node(&ConfigMap {
        api_version: "v1",
        kind: "ConfigMap",
        metadata: Metadata::new(replicas.config_map.clone(), &model.platform),
        data: replicas.endpoints.iter().map(|(name, value)| (name.as_str(), value)).collect(),
    })?;
    let path = format!("k8s/{}/endpoints.yaml", replicas.name);
    Ok(Artifact { path, owner: replicas.address.clone(), body: Body::Yaml(vec![document]) })
}

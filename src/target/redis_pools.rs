//! What pods may open to Redis: a ConfigMap with a list of pools, each with its servers and connections.
//!
//! It knows `v1` (kubernetes v1.36, `api/core/v1/types.go`). The list itself is YAML within a value, as applications read it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::doc::ser::to_node;
use crate::doc::{Artifact, Body, yaml};
use crate::model::Model;
use crate::model::redis::{Redis, RedisPools};
use crate::why::Derived;

use super::kube::Metadata;
use super::{Fault, Take, Target};

pub(super) static TARGET: Target = Target {
    name: "redis-pools",
    summary: "what pods may open to Redis: ConfigMaps k8s/<config_map>/pools.yaml",
    emit,
};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ConfigMap {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata,
    data: BTreeMap<&'static str, Derived<String>>,
}

#[derive(Debug, Serialize)]
struct Pools<'a> {
    pools: Vec<Pool<'a>>,
}

/// As a program reads it; `cluster` says whether it finds the key's server itself.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Pool<'a> {
    name: &'a str,
    cluster: bool,
    endpoints: &'a [Derived<String>],
    /// Of all pods together, to each server.
    max_connections: &'a Derived<i64>,
    /// Of one pod, to each server, by the name of its service or worker.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    connections_per_pod: BTreeMap<&'a str, &'a Derived<i64>>,
}

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    super::emit_all(&model.redis_pools, take, |pools| Ok([artifact(pools, model)?]))
}

fn artifact(map: &RedisPools, model: &Model) -> Result<Artifact, Fault> {
    let members = model.redis.iter().filter(|it| it.config_map.value == map.name.value);
    let list = to_node(&Pools { pools: members.filter_map(pool).collect() })?;
    let text = yaml::print(&[list], &|_| None);
    let document = to_node(&ConfigMap {
        api_version: "v1",
        kind: "ConfigMap",
        metadata: Metadata::new(map.name.clone(), &model.platform),
        data: BTreeMap::from([("pools.yaml", map.members.map(|_| text.clone()))]),
    })?;
    let path = format!("k8s/{}/pools.yaml", map.name.value);
    Ok(Artifact { path, owner: map.owner.clone(), body: Body::Yaml(vec![document]) })
}

fn pool(redis: &Redis) -> Option<Pool<'_>> {
    Some(Pool {
        name: &redis.name,
        cluster: redis.cluster.is_some(),
        endpoints: &redis.endpoints,
        max_connections: redis.max_connections.as_ref()?,
        connections_per_pod: redis.per_pod.iter().map(|(name, count)| (name.as_str(), count)).collect(),
    })
}

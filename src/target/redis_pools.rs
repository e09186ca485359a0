//! What applications may open to Redis: a ConfigMap with a list of pools, each with its servers and connections.
//!
//! It knows `v1` (kubernetes v1.36, `api/core/v1/types.go`). The list itself is YAML within a value, as applications read it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::doc::ser::to_node;
use crate::doc::{Artifact, Body, yaml};
use crate::model::Model;
use crate::model::redis::Redis;
use crate::why::{Address, Derived};

use super::kube::Metadata;
use super::{Fault, Take, Target};

pub(super) static TARGET: Target = Target {
    name: "redis-pools",
    summary: "what applications may open to Redis: ConfigMaps k8s/redis/<config_map>.yaml",
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

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Pool<'a> {
    name: &'a str,
    endpoints: &'a [Derived<String>],
    max_connections: &'a Derived<i64>,
}

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    let mut maps: BTreeMap<&str, Vec<&Redis>> = BTreeMap::new();
    for redis in model.redis.iter().filter(|it| it.max_connections.is_some()) {
        maps.entry(&redis.config_map.value).or_default().push(redis);
    }
    let maps: Vec<(&str, Vec<&Redis>)> = maps.into_iter().collect();
    super::emit_all(&maps, take, |(name, members)| Ok(artifact(name, members, model)?.into_iter().collect::<Vec<_>>()))
}

fn artifact(name: &str, members: &[&Redis], model: &Model) -> Result<Option<Artifact>, Fault> {
    let Some(first) = members.first() else { return Ok(None) };
    let pool = |redis: &&'_ Redis| -> Option<(String, Vec<Derived<String>>, Derived<i64>)> {
        Some((redis.name.clone(), redis.endpoints.clone(), redis.max_connections.clone()?))
    };
    let parts: Vec<_> = members.iter().filter_map(pool).collect();
    let pools = parts.iter().map(|(name, endpoints, max)| Pool { name, endpoints, max_connections: max }).collect();
    let text = yaml::print(&[to_node(&Pools { pools })?], &|_| None);
    // One value has one reason: the connections of the first pool; the others stand in the same table's numbers.
    let address = first.max_connections.as_ref().map_or(first.address.clone(), |it| it.address.clone());
    let document = to_node(&ConfigMap {
        api_version: "v1",
        kind: "ConfigMap",
        metadata: Metadata::new(first.config_map.clone(), &model.platform),
        data: BTreeMap::from([("pools.yaml", Derived { value: text, address })]),
    })?;
    let path = format!("k8s/redis/{name}.yaml");
    Ok(Some(Artifact { path, owner: Address::of(["redis", &first.name]), body: Body::Yaml(vec![document]) }))
}

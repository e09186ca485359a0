//! Settings as environment variables: a ConfigMap for each workload that has some, and a Kustomize component that lays
//! them on the workload's container.
//!
//! It knows `v1` (kubernetes v1.36, `api/core/v1/types.go`). The patch names each variable: a strategic merge adds to `env`
//! by name, whereas it would replace the whole of `envFrom`, and secrets with it. `value: null` takes away what the
//! Deployment says itself, for a variable has one source only. The checksum restarts the pods: they do not watch ConfigMaps.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::doc::ser::to_node;
use crate::model::Model;
use crate::model::settings::Settings;
use crate::why::Derived;

use super::component::{self, Content};
use super::kube::{self, Metadata};
use super::{Fault, Take, Target};

pub(super) static TARGET: Target = Target {
    name: "env",
    summary: "settings of services and workers: ConfigMaps k8s/<workload>/env.yaml, patches in components/env",
    emit,
};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ConfigMap<'a> {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata,
    data: BTreeMap<&'a str, &'a Derived<String>>,
}

#[derive(Debug, Serialize)]
struct Container<'a> {
    env: Vec<Variable<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Variable<'a> {
    name: &'a str,
    /// Always null.
    value: Option<&'static str>,
    value_from: Source<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Source<'a> {
    config_map_key_ref: Key<'a>,
}

#[derive(Debug, Serialize)]
struct Key<'a> {
    name: &'a Derived<String>,
    key: &'a str,
}

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    kube::per_workload(model, "env", take, |workload| match &workload.settings {
        Some(settings) => Ok(vec![to_node(&ConfigMap {
            api_version: "v1",
            kind: "ConfigMap",
            metadata: Metadata::new(settings.config_map.clone(), &model.platform),
            data: settings.values.iter().map(|(name, value)| (name.as_str(), value)).collect(),
        })?]),
        None => Ok(Vec::new()),
    })?;
    component::emit(model, "env", take, |workload| {
        let settings = workload.settings.as_ref()?;
        Some(Content { container: container(settings), checksum: Some(&settings.checksum) })
    })
}

fn container(settings: &Settings) -> Container<'_> {
    let key = |key| Key { name: &settings.config_map, key };
    let names = settings.values.iter().map(|(name, _)| name.as_str());
    let env = names.map(|name| Variable { name, value: None, value_from: Source { config_map_key_ref: key(name) } });
    Container { env: env.collect() }
}

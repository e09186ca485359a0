//! What Kubernetes documents share: metadata, paths, one document per workload, the pace of autoscalers.
//!
//! Vocabulary, not a target. Fields stand in the order of upstream's Go types, except that `apiVersion` and `kind` come
//! first wherever an object is named, as every manifest has it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::doc::value::Node;
use crate::doc::{Artifact, Body};
use crate::model::autoscale::{self, Autoscaler};
use crate::model::workloads::Workload;
use crate::model::{Model, Platform};
use crate::why::{Address, Derived};

use super::{Fault, Take};

/// The tag by which Karpenter finds subnets and security groups, and which eksctl puts on what it makes.
pub(super) const KARPENTER_DISCOVERY: &str = "karpenter.sh/discovery";

/// A Kubernetes object in the order in which upstream writes it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Object<S> {
    pub api_version: &'static str,
    pub kind: &'static str,
    pub metadata: Metadata,
    pub spec: S,
}

/// `ObjectMeta`, as far as capgen sets it.
#[derive(Debug, Serialize)]
pub struct Metadata {
    pub name: Derived<String>,
    pub namespace: Derived<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, Derived<String>>,
}

impl Metadata {
    /// Metadata with the platform's namespace and labels.
    pub fn new(name: Derived<String>, platform: &Platform) -> Self {
        let labels = platform.labels.iter().cloned().collect();
        Self { name, namespace: platform.namespace.clone(), labels }
    }
}

/// `behavior` of an HPA, which a ScaledObject carries word for word (kubernetes v1.36, `api/autoscaling/v2/types.go`).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Behavior<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    scale_up: Option<ScalingRules<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scale_down: Option<ScalingRules<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ScalingRules<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    stabilization_window_seconds: Option<&'a Derived<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    select_policy: Option<&'a Derived<&'static str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    policies: Vec<ScalingPolicy<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tolerance: Option<&'a Derived<String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ScalingPolicy<'a> {
    r#type: &'static str,
    value: &'a Derived<i64>,
    period_seconds: &'a Derived<i64>,
}

impl<'a> Behavior<'a> {
    /// `None` where the spec sets the pace of neither direction: absent is not the same as the defaults written out.
    pub(super) fn of(autoscaler: &'a Autoscaler) -> Option<Self> {
        let scale_up = autoscaler.scale_up.as_deref().map(ScalingRules::of);
        let scale_down = autoscaler.scale_down.as_deref().map(ScalingRules::of);
        (scale_up.is_some() || scale_down.is_some()).then_some(Self { scale_up, scale_down })
    }
}

impl<'a> ScalingRules<'a> {
    fn of(rules: &'a autoscale::Rules) -> Self {
        let policy =
            |it: &'a autoscale::Policy| ScalingPolicy { r#type: it.kind, value: &it.value, period_seconds: &it.period };
        Self {
            stabilization_window_seconds: rules.window.as_ref(),
            select_policy: rules.select.as_ref(),
            policies: rules.policies.iter().map(policy).collect(),
            tolerance: rules.tolerance.as_ref(),
        }
    }
}

/// One file per workload for which `documents` gives any.
pub(super) fn per_workload(
    model: &Model,
    file: &str,
    take: Take<'_>,
    documents: impl Fn(&Workload) -> Result<Vec<Node>, Fault> + Sync,
) -> Result<(), Fault> {
    super::emit_all(&model.workloads, take, |workload| {
        let documents = documents(workload)?;
        Ok((!documents.is_empty()).then(|| artifact(workload, file, documents)))
    })
}

/// A file of a workload's folder.
pub(super) fn artifact(workload: &Workload, file: &str, documents: Vec<Node>) -> Artifact {
    Artifact { path: path(&workload.name, file), owner: workload.address.clone(), body: Body::Yaml(documents) }
}

fn path(workload: &str, file: &str) -> String {
    format!("k8s/{workload}/{file}.yaml")
}

/// The same text under an address of its own: a name made of a name.
pub(super) fn named(text: String, address: &Address) -> Derived<String> {
    Derived { value: text, address: address.clone() }
}

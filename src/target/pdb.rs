//! PodDisruptionBudgets: how many pods of a workload a drain may take.
//!
//! It knows `policy/v1` (kubernetes v1.36, `api/policy/v1/types.go`). A workload that runs no pods gets none: the budget
//! would match nothing.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::doc::ser::to_node;
use crate::model::Model;
use crate::model::workloads::{Disruptions, Workload};
use crate::why::Derived;

use super::kube::{self, Metadata, Object};
use super::{Fault, Take, Target};

pub(super) static TARGET: Target =
    Target { name: "pdb", summary: "PodDisruptionBudgets of services and workers: k8s/<workload>/pdb.yaml", emit };

/// The model sees to it that exactly one bound is there.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Spec<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    min_available: Option<Derived<IntOrString>>,
    selector: Selector<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_unavailable: Option<Derived<IntOrString>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Selector<'a> {
    match_labels: BTreeMap<&'a str, &'a Derived<String>>,
}

/// A number of pods, or a percentage as text: Kubernetes refuses `25%` as anything else.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum IntOrString {
    Int(i64),
    String(String),
}

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    kube::per_workload(model, "pdb", take, |workload| match &workload.disruption {
        Some(disruption) if workload.peak().value > 0 => {
            let budget = Object {
                api_version: "policy/v1",
                kind: "PodDisruptionBudget",
                metadata: Metadata::new(disruption.name.clone(), &model.platform),
                spec: spec(workload, disruption),
            };
            Ok(vec![to_node(&budget)?])
        }
        _ => Ok(Vec::new()),
    })
}

fn spec<'a>(workload: &'a Workload, disruption: &Disruptions) -> Spec<'a> {
    Spec {
        min_available: disruption.min_available.as_ref().map(|it| it.map(int_or_string)),
        selector: Selector {
            match_labels: workload.selector.iter().map(|(key, value)| (key.as_str(), value)).collect(),
        },
        max_unavailable: disruption.max_unavailable.as_ref().map(|it| it.map(int_or_string)),
    }
}

/// What is a number is written as one, as upstream reads it (`apimachinery/pkg/util/intstr`: `Parse`).
fn int_or_string(amount: &impl ToString) -> IntOrString {
    let text = amount.to_string();
    match text.parse() {
        Ok(number) => IntOrString::Int(number),
        Err(_) => IntOrString::String(text),
    }
}

//! HorizontalPodAutoscalers: one for each autoscaled workload that KEDA does not scale.
//!
//! It knows `autoscaling/v2` (kubernetes v1.36, `api/autoscaling/v2/types.go`). `minReplicas` and `maxReplicas` are always
//! written. `metrics` stand in a fixed order: CPU, memory, then the metrics of the pods. Where the spec names the
//! workload's `container`, CPU and memory are counted in that container alone, so that a sidecar without requests does not
//! stop the autoscaler.

use serde::Serialize;

use crate::doc::ser::to_node;
use crate::model::Model;
use crate::model::autoscale::{self, Autoscaler};
use crate::model::workloads::{ScaleTarget, Scaling, Workload};
use crate::why::Derived;

use super::kube::{self, Behavior, Metadata, Object};
use super::{Fault, Take, Target};

pub(super) static TARGET: Target = Target {
    name: "hpa",
    summary: "HorizontalPodAutoscalers of services, and of workers without a queue: k8s/<workload>/hpa.yaml",
    emit,
};

/// From here on `ContainerResource` is stable (kubernetes v1.36, `pkg/features/kube_features.go`: `HPAContainerMetrics`).
/// For older clusters CPU and memory are counted in all containers of the pod.
const CONTAINER_RESOURCE: (u32, u32) = (1, 30);

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Spec<'a> {
    scale_target_ref: ScaleTargetRef<'a>,
    min_replicas: &'a Derived<i64>,
    max_replicas: &'a Derived<i64>,
    metrics: Vec<Metric<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    behavior: Option<Behavior<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ScaleTargetRef<'a> {
    api_version: &'a Derived<String>,
    kind: &'a Derived<String>,
    name: &'a Derived<String>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
enum Metric<'a> {
    Pods { pods: PodsMetric<'a> },
    Resource { resource: ResourceMetric<'a> },
    ContainerResource { container_resource: ContainerResourceMetric<'a> },
}

#[derive(Debug, Serialize)]
struct PodsMetric<'a> {
    metric: Identifier<'a>,
    target: MetricTarget<'a>,
}

#[derive(Debug, Serialize)]
struct Identifier<'a> {
    name: &'a Derived<String>,
}

#[derive(Debug, Serialize)]
struct ResourceMetric<'a> {
    name: &'static str,
    target: MetricTarget<'a>,
}

#[derive(Debug, Serialize)]
struct ContainerResourceMetric<'a> {
    name: &'static str,
    target: MetricTarget<'a>,
    container: &'a Derived<String>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
enum MetricTarget<'a> {
    AverageValue { average_value: &'a Derived<String> },
    Utilization { average_utilization: &'a Derived<i64> },
}

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    kube::per_workload(model, "hpa", take, |workload| match &workload.scaling {
        Scaling::Autoscaled(autoscaler) if autoscaler.keda.is_none() => {
            let hpa = Object {
                api_version: "autoscaling/v2",
                kind: "HorizontalPodAutoscaler",
                metadata: Metadata::new(autoscaler.name.clone(), &model.platform),
                spec: spec(workload, autoscaler, model.platform.kubernetes),
            };
            Ok(vec![to_node(&hpa)?])
        }
        Scaling::Autoscaled(_) | Scaling::Fixed(_) => Ok(Vec::new()),
    })
}

fn spec<'a>(workload: &'a Workload, autoscaler: &'a Autoscaler, kubernetes: (u32, u32)) -> Spec<'a> {
    let ScaleTarget { api_version, kind, name, container } = &workload.target;
    let container = container.as_ref().filter(|_| kubernetes >= CONTAINER_RESOURCE);
    let resources = [("cpu", &autoscaler.cpu), ("memory", &autoscaler.memory)];
    let resources =
        resources.into_iter().filter_map(|(name, percent)| Some(resource(name, percent.as_ref()?, container)));
    Spec {
        scale_target_ref: ScaleTargetRef { api_version, kind, name },
        min_replicas: &autoscaler.min,
        max_replicas: &autoscaler.max,
        metrics: resources.chain(autoscaler.metrics.iter().map(pods)).collect(),
        behavior: Behavior::of(autoscaler),
    }
}

fn resource<'a>(name: &'static str, percent: &'a Derived<i64>, container: Option<&'a Derived<String>>) -> Metric<'a> {
    let target = MetricTarget::Utilization { average_utilization: percent };
    match container {
        Some(container) => {
            Metric::ContainerResource { container_resource: ContainerResourceMetric { name, target, container } }
        }
        None => Metric::Resource { resource: ResourceMetric { name, target } },
    }
}

fn pods(metric: &autoscale::PodsMetric) -> Metric<'_> {
    let target = MetricTarget::AverageValue { average_value: &metric.target };
    Metric::Pods { pods: PodsMetric { metric: Identifier { name: &metric.name }, target } }
}

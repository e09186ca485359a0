//! KEDA ScaledObjects: one for each worker with a queue.
//!
//! It knows `keda.sh/v1alpha1` (kedacore/keda v2.20.2, `apis/keda/v1alpha1/scaledobject_types.go`). Bounds are always
//! written, because KEDA's own are 0 and 100. Every metadata value is a text: the API takes nothing else. The queue's
//! trigger comes first, then CPU and memory, then one cron trigger for each schedule, named like it: KEDA follows the
//! trigger that asks for most, so a cron trigger is a floor. Where the spec names the workload's `container`, CPU and
//! memory are counted in it (`containerName`), and environment variables are read from it (`envSourceContainerName`).

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use crate::doc::ser::to_node;
use crate::model::Model;
use crate::model::autoscale::{self, Autoscaler, Keda};
use crate::model::events::Event;
use crate::model::schedules::Schedule;
use crate::model::workloads::{Scaling, Workload};
use crate::why::Derived;

use super::kube::{self, Behavior, Metadata, Object};
use super::{Fault, Take, Target};

pub(super) static TARGET: Target = Target {
    name: "keda",
    summary: "KEDA ScaledObjects of workers with a queue: k8s/<workload>/scaledobject.yaml",
    emit,
};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Spec<'a> {
    scale_target_ref: ScaleTargetRef<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    polling_interval: Option<&'a Derived<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cooldown_period: Option<&'a Derived<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idle_replica_count: Option<&'a Derived<i64>>,
    min_replica_count: &'a Derived<i64>,
    max_replica_count: &'a Derived<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    advanced: Option<Advanced<'a>>,
    triggers: Vec<Trigger<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback: Option<Fallback<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ScaleTargetRef<'a> {
    api_version: &'a Derived<String>,
    kind: &'a Derived<String>,
    name: &'a Derived<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    env_source_container_name: Option<&'a Derived<String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Advanced<'a> {
    horizontal_pod_autoscaler_config: HorizontalPodAutoscalerConfig<'a>,
}

#[derive(Debug, Serialize)]
struct HorizontalPodAutoscalerConfig<'a> {
    behavior: Behavior<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Trigger<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Cow<'a, str>>,
    /// In the order in which KEDA documents the keys.
    #[serde(serialize_with = "in_order")]
    metadata: Vec<(&'a str, Derived<String>)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authentication_ref: Option<AuthenticationRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metric_type: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct AuthenticationRef<'a> {
    name: &'a Derived<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Fallback<'a> {
    failure_threshold: &'a Derived<i64>,
    replicas: &'a Derived<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    behavior: Option<&'a Derived<&'static str>>,
}

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    kube::per_workload(model, "scaledobject", take, |workload| match &workload.scaling {
        Scaling::Autoscaled(autoscaler) => match &autoscaler.keda {
            Some(keda) => {
                let scaled_object = Object {
                    api_version: "keda.sh/v1alpha1",
                    kind: "ScaledObject",
                    metadata: Metadata::new(autoscaler.name.clone(), &model.platform),
                    spec: spec(workload, autoscaler, keda),
                };
                Ok(vec![to_node(&scaled_object)?])
            }
            None => Ok(Vec::new()),
        },
        Scaling::Fixed(_) => Ok(Vec::new()),
    })
}

fn spec<'a>(workload: &'a Workload, autoscaler: &'a Autoscaler, keda: &'a Keda) -> Spec<'a> {
    let target = &workload.target;
    let advanced = |behavior| Advanced { horizontal_pod_autoscaler_config: HorizontalPodAutoscalerConfig { behavior } };
    Spec {
        scale_target_ref: ScaleTargetRef {
            api_version: &target.api_version,
            kind: &target.kind,
            name: &target.name,
            env_source_container_name: target.container.as_ref(),
        },
        polling_interval: keda.polling_interval.as_ref(),
        cooldown_period: keda.cooldown.as_ref(),
        idle_replica_count: keda.idle.as_ref(),
        min_replica_count: &autoscaler.min,
        max_replica_count: &autoscaler.max,
        advanced: Behavior::of(autoscaler).map(advanced),
        triggers: triggers(workload, autoscaler, keda),
        fallback: keda.fallback.as_ref().map(fallback),
    }
}

fn fallback(fallback: &autoscale::Fallback) -> Fallback<'_> {
    let autoscale::Fallback { failure_threshold, replicas, behavior } = fallback;
    Fallback { failure_threshold, replicas, behavior: behavior.as_ref() }
}

fn triggers<'a>(workload: &'a Workload, autoscaler: &'a Autoscaler, keda: &'a Keda) -> Vec<Trigger<'a>> {
    let container = workload.target.container.as_ref();
    let resources = [("cpu", &autoscaler.cpu), ("memory", &autoscaler.memory)];
    let resources =
        resources.into_iter().filter_map(|(kind, percent)| Some(resource(kind, percent.as_ref()?, container)));
    let schedules = workload.schedules.iter().map(cron);
    let events = workload.events.iter().flat_map(nested);
    std::iter::once(queue(keda)).chain(resources).chain(schedules).chain(events).collect()
}

fn queue(keda: &Keda) -> Trigger<'_> {
    let queue = &keda.queue;
    let mut metadata: Vec<_> = queue.metadata.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
    metadata.push((queue.threshold_key, keda.lag_threshold.map(ToString::to_string)));
    let authentication_ref = queue.authentication.as_ref().map(|name| AuthenticationRef { name });
    Trigger { r#type: queue.kind, name: None, metadata, authentication_ref, metric_type: None }
}

fn resource<'a>(kind: &'static str, percent: &Derived<i64>, container: Option<&Derived<String>>) -> Trigger<'a> {
    let mut metadata = vec![("value", percent.map(ToString::to_string))];
    metadata.extend(container.map(|it| ("containerName", it.clone())));
    Trigger { r#type: kind, name: None, metadata, authentication_ref: None, metric_type: Some("Utilization") }
}

fn cron(schedule: &Schedule) -> Trigger<'_> {
    let metadata = vec![
        ("timezone", schedule.time_zone.map(|it| it.name().to_owned())),
        ("start", schedule.start.map(|it| it.text().to_owned())),
        ("end", schedule.end.map(|it| it.text().to_owned())),
        ("desiredReplicas", schedule.min.map(ToString::to_string)),
    ];
    Trigger {
        r#type: "cron",
        name: Some(Cow::Borrowed(&schedule.name)),
        metadata,
        authentication_ref: None,
        metric_type: None,
    }
}

/// A trigger for each part of an event. All begin with the first and each ends with its own part, so there is no minute
/// between two; KEDA follows the largest.
fn nested(event: &Event) -> impl Iterator<Item = Trigger<'_>> {
    let ends = event.phases.iter().skip(1);
    event.phases.iter().zip(ends).filter_map(|(phase, next)| {
        let start = event.phases.first()?.from.clone();
        let (name, replicas) = match phase.name.as_str() {
            "up" => (event.stem.clone(), event.min.map(ToString::to_string)),
            step => (format!("{}-{step}", event.stem), phase.limits.map(|it| it.min.to_string())),
        };
        let metadata = vec![
            ("timezone", kube::named("Etc/UTC".to_owned(), &event.address.child("at"))),
            ("start", start),
            ("end", next.from.clone()),
            ("desiredReplicas", replicas),
        ];
        let name = Some(Cow::Owned(name));
        Some(Trigger { r#type: "cron", name, metadata, authentication_ref: None, metric_type: None })
    })
}

fn in_order<S: Serializer>(pairs: &[(&str, Derived<String>)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(key, value)| (key, value)))
}

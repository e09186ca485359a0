//! Amazon ECS: scalable targets, target-tracking policies and scheduled actions of AWS Application Auto Scaling.
//!
//! It knows the API 2016-02-06 (`service-2.json` of botocore, fields in the order of its shapes), the resources
//! `AWS::ApplicationAutoScaling::*` of CloudFormation and `aws_appautoscaling_*` of Terraform. One JSON file is one call:
//! `aws application-autoscaling put-scaling-policy --cli-input-json file://policy-cpu.json`.

mod cloudformation;
mod terraform;

use serde::{Serialize, Serializer};

use crate::doc::ser::to_node;
use crate::doc::value::Node;
use crate::doc::{Artifact, Body};
use crate::model::Model;
use crate::model::ecs::{Action, Ecs, Format, Policy, Service};
use crate::why::Derived;

use super::{Fault, Take, Target};

pub(super) static TARGET: Target = Target {
    name: "ecs",
    summary: "scaling of services on Amazon ECS: ecs/<workload>/*.json, ecs/<cluster>.template.json or ecs/<cluster>.tf.json",
    emit,
};

const NAMESPACE: &str = "ecs";
const DIMENSION: &str = "ecs:service:DesiredCount";
const POLICY_TYPE: &str = "TargetTrackingScaling";

/// `RegisterScalableTargetRequest`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ScalableTarget<'a> {
    service_namespace: &'static str,
    resource_id: &'a Derived<String>,
    scalable_dimension: &'static str,
    min_capacity: &'a Derived<i64>,
    max_capacity: &'a Derived<i64>,
}

/// `PutScalingPolicyRequest`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ScalingPolicy<'a> {
    policy_name: &'a Derived<String>,
    service_namespace: &'static str,
    resource_id: &'a Derived<String>,
    scalable_dimension: &'static str,
    policy_type: &'static str,
    target_tracking_scaling_policy_configuration: Tracking<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Tracking<'a> {
    target_value: &'a Derived<i64>,
    predefined_metric_specification: Metric<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scale_out_cooldown: Option<&'a Derived<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scale_in_cooldown: Option<&'a Derived<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disable_scale_in: Option<&'a Derived<bool>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric<'a> {
    predefined_metric_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_label: Option<&'a Derived<String>>,
}

/// `PutScheduledActionRequest`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ScheduledAction<'a> {
    service_namespace: &'static str,
    schedule: &'a Derived<String>,
    timezone: &'a Derived<String>,
    scheduled_action_name: &'a str,
    resource_id: &'a Derived<String>,
    scalable_dimension: &'static str,
    scalable_target_action: Capacity<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Capacity<'a> {
    min_capacity: &'a Derived<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_capacity: Option<&'a Derived<i64>>,
}

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    let Some(ecs) = &model.ecs else { return Ok(()) };
    match ecs.format {
        Format::Json => super::emit_all(&ecs.services, take, calls),
        Format::Cloudformation => {
            take(cloudformation::template(ecs)?);
            Ok(())
        }
        Format::Terraform => {
            take(terraform::file(ecs)?);
            Ok(())
        }
    }
}

/// One file for each call, in a folder for each service.
fn calls(service: &Service) -> Result<Vec<Artifact>, Fault> {
    let artifact = |file: String, node: Node| Artifact {
        path: format!("ecs/{}/{file}.json", service.table),
        owner: service.owner.clone(),
        body: Body::Json(node),
    };
    let mut artifacts = vec![artifact("scalable-target".to_owned(), to_node(&scalable_target(service))?)];
    for policy in &service.policies {
        artifacts.push(artifact(format!("policy-{}", policy.key), to_node(&scaling_policy(service, policy))?));
    }
    for action in &service.actions {
        artifacts.push(artifact(format!("scheduled-{}", action.name), to_node(&scheduled_action(service, action))?));
    }
    Ok(artifacts)
}

fn scalable_target(service: &Service) -> ScalableTarget<'_> {
    ScalableTarget {
        service_namespace: NAMESPACE,
        resource_id: &service.resource,
        scalable_dimension: DIMENSION,
        min_capacity: &service.min,
        max_capacity: &service.max,
    }
}

fn scaling_policy<'a>(service: &'a Service, policy: &'a Policy) -> ScalingPolicy<'a> {
    ScalingPolicy {
        policy_name: &policy.name,
        service_namespace: NAMESPACE,
        resource_id: &service.resource,
        scalable_dimension: DIMENSION,
        policy_type: POLICY_TYPE,
        target_tracking_scaling_policy_configuration: tracking(policy),
    }
}

fn tracking(policy: &Policy) -> Tracking<'_> {
    let metric = Metric { predefined_metric_type: policy.metric, resource_label: policy.resource_label.as_ref() };
    Tracking {
        target_value: &policy.target,
        predefined_metric_specification: metric,
        scale_out_cooldown: policy.scale_out_cooldown.as_ref(),
        scale_in_cooldown: policy.scale_in_cooldown.as_ref(),
        disable_scale_in: policy.disable_scale_in.as_ref(),
    }
}

fn scheduled_action<'a>(service: &'a Service, action: &'a Action) -> ScheduledAction<'a> {
    ScheduledAction {
        service_namespace: NAMESPACE,
        schedule: &action.schedule,
        timezone: &action.time_zone,
        scheduled_action_name: &action.name,
        resource_id: &service.resource,
        scalable_dimension: DIMENSION,
        scalable_target_action: capacity(action),
    }
}

fn capacity(action: &Action) -> Capacity<'_> {
    Capacity { min_capacity: &action.min, max_capacity: action.max.as_ref() }
}

/// The path of the one file of a cluster.
fn path_of(ecs: &Ecs, ending: &str) -> String {
    format!("ecs/{}.{ending}", ecs.cluster.value)
}

/// A map whose entries keep their order.
fn in_order<T: Serialize, S: Serializer>(entries: &[(String, T)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(entries.iter().map(|(name, entry)| (name, entry)))
}

//! The same scaling as a template of CloudFormation: one for all services of the cluster.
//!
//! It knows `AWS::ApplicationAutoScaling::ScalableTarget`, which holds its scheduled actions, and
//! `AWS::ApplicationAutoScaling::ScalingPolicy` (CloudFormation's resource specification, properties by name).

use serde::Serialize;

use crate::doc::ser::to_node;
use crate::doc::{Artifact, Body};
use crate::model::ecs::{Action, Ecs, Policy, Service};
use crate::why::Derived;

use super::super::Fault;
use super::{Capacity, DIMENSION, NAMESPACE, POLICY_TYPE, Tracking, capacity, in_order, path_of, tracking};

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Template<'a> {
    #[serde(rename = "AWSTemplateFormatVersion")]
    version: &'static str,
    #[serde(serialize_with = "in_order")]
    resources: Vec<(String, Resource<'a>)>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "Type", content = "Properties")]
enum Resource<'a> {
    #[serde(rename = "AWS::ApplicationAutoScaling::ScalableTarget")]
    Target(Target<'a>),
    #[serde(rename = "AWS::ApplicationAutoScaling::ScalingPolicy")]
    Policy(ScalingPolicy<'a>),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Target<'a> {
    max_capacity: &'a Derived<i64>,
    min_capacity: &'a Derived<i64>,
    resource_id: &'a Derived<String>,
    scalable_dimension: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scheduled_actions: Vec<ScheduledAction<'a>>,
    service_namespace: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ScheduledAction<'a> {
    scalable_target_action: Capacity<'a>,
    schedule: &'a Derived<String>,
    scheduled_action_name: &'a str,
    timezone: &'a Derived<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ScalingPolicy<'a> {
    policy_name: &'a Derived<String>,
    policy_type: &'static str,
    scaling_target_id: Reference,
    target_tracking_scaling_policy_configuration: Tracking<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reference {
    r#ref: String,
}

/// The template of a cluster.
pub(super) fn template(ecs: &Ecs) -> Result<Artifact, Fault> {
    let resources = ecs.services.iter().flat_map(|service| {
        let id = logical(&service.table);
        let target = (format!("{id}Target"), Resource::Target(target(service)));
        let policies = service.policies.iter().map(move |it| (format!("{id}{}", part(it.key)), policy(&id, it)));
        std::iter::once(target).chain(policies)
    });
    let template = Template { version: "2010-09-09", resources: resources.collect() };
    let body = Body::Json(to_node(&template)?);
    Ok(Artifact { path: path_of(ecs, "template.json"), owner: ecs.address.clone(), body })
}

fn target(service: &Service) -> Target<'_> {
    Target {
        max_capacity: &service.max,
        min_capacity: &service.min,
        resource_id: &service.resource,
        scalable_dimension: DIMENSION,
        scheduled_actions: service.actions.iter().map(action).collect(),
        service_namespace: NAMESPACE,
    }
}

fn action(action: &Action) -> ScheduledAction<'_> {
    ScheduledAction {
        scalable_target_action: capacity(action),
        schedule: &action.schedule,
        scheduled_action_name: &action.name,
        timezone: &action.time_zone,
    }
}

fn policy<'a>(id: &str, policy: &'a Policy) -> Resource<'a> {
    Resource::Policy(ScalingPolicy {
        policy_name: &policy.name,
        policy_type: POLICY_TYPE,
        scaling_target_id: Reference { r#ref: format!("{id}Target") },
        target_tracking_scaling_policy_configuration: tracking(policy),
    })
}

/// Logical names are letters and digits. Names of tables have no capitals, so two of them never give one.
fn logical(table: &str) -> String {
    table.replace('-', "Dash")
}

fn part(key: &str) -> &'static str {
    match key {
        "cpu" => "Cpu",
        "memory" => "Memory",
        _ => "Requests",
    }
}

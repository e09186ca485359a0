//! The same scaling in Terraform's JSON syntax: one file for all services of the cluster, in a folder that is a module.
//!
//! It knows `aws_appautoscaling_target`, `aws_appautoscaling_policy` and `aws_appautoscaling_scheduled_action` of
//! hashicorp/terraform-provider-aws (`internal/service/appautoscaling`, arguments in the order of its schemas), and that
//! every text of the JSON syntax is a template (<https://developer.hashicorp.com/terraform/language/syntax/json>).

use serde::Serialize;

use crate::doc::ser::to_node;
use crate::doc::{Artifact, Body};
use crate::model::ecs::{Action, Ecs, Policy, Service};
use crate::why::Derived;

use super::super::Fault;
use super::{DIMENSION, NAMESPACE, POLICY_TYPE, in_order, path_of};

#[derive(Debug, Serialize)]
struct File<'a> {
    terraform: Settings,
    resource: Resources<'a>,
}

/// Which provider is meant. Its version is the business of the module that uses this one.
#[derive(Debug, Serialize)]
struct Settings {
    required_providers: Providers,
}

#[derive(Debug, Serialize)]
struct Providers {
    aws: Provider,
}

#[derive(Debug, Serialize)]
struct Provider {
    source: &'static str,
}

#[derive(Debug, Serialize)]
struct Resources<'a> {
    #[serde(rename = "aws_appautoscaling_target", serialize_with = "in_order")]
    targets: Vec<(String, ScalableTarget<'a>)>,
    #[serde(rename = "aws_appautoscaling_policy", serialize_with = "in_order")]
    policies: Vec<(String, ScalingPolicy<'a>)>,
    #[serde(rename = "aws_appautoscaling_scheduled_action", serialize_with = "in_order")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    actions: Vec<(String, ScheduledAction<'a>)>,
}

#[derive(Debug, Serialize)]
struct ScalableTarget<'a> {
    max_capacity: &'a Derived<i64>,
    min_capacity: &'a Derived<i64>,
    resource_id: Derived<String>,
    scalable_dimension: &'static str,
    service_namespace: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    lifecycle: Option<Lifecycle>,
}

#[derive(Debug, Serialize)]
struct Lifecycle {
    ignore_changes: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
struct ScalingPolicy<'a> {
    name: Derived<String>,
    policy_type: &'static str,
    resource_id: Derived<String>,
    scalable_dimension: &'static str,
    service_namespace: &'static str,
    target_tracking_scaling_policy_configuration: Tracking<'a>,
}

#[derive(Debug, Serialize)]
struct Tracking<'a> {
    predefined_metric_specification: Metric,
    #[serde(skip_serializing_if = "Option::is_none")]
    disable_scale_in: Option<&'a Derived<bool>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scale_in_cooldown: Option<&'a Derived<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scale_out_cooldown: Option<&'a Derived<i64>>,
    target_value: &'a Derived<i64>,
}

#[derive(Debug, Serialize)]
struct Metric {
    predefined_metric_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_label: Option<Derived<String>>,
}

#[derive(Debug, Serialize)]
struct ScheduledAction<'a> {
    name: String,
    service_namespace: &'static str,
    resource_id: Derived<String>,
    scalable_dimension: &'static str,
    scalable_target_action: Capacity<'a>,
    schedule: Derived<String>,
    timezone: Derived<String>,
}

#[derive(Debug, Serialize)]
struct Capacity<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_capacity: Option<&'a Derived<i64>>,
    min_capacity: &'a Derived<i64>,
}

/// The file of a cluster.
pub(super) fn file(ecs: &Ecs) -> Result<Artifact, Fault> {
    let mut resource = Resources { targets: Vec::new(), policies: Vec::new(), actions: Vec::new() };
    for service in &ecs.services {
        let name = resource_name(&service.table);
        resource.targets.push((name.clone(), target(service)));
        let policies = service.policies.iter().map(|it| (format!("{name}_{}", it.key), policy(service, it)));
        resource.policies.extend(policies);
        let actions = service.actions.iter().map(|it| (format!("{name}_{}", it.name), action(service, it)));
        resource.actions.extend(actions);
    }
    let aws = Provider { source: "hashicorp/aws" };
    let file = File { terraform: Settings { required_providers: Providers { aws } }, resource };
    Ok(Artifact { path: path_of(ecs, "tf.json"), owner: ecs.address.clone(), body: Body::Json(to_node(&file)?) })
}

fn target(service: &Service) -> ScalableTarget<'_> {
    // Scheduled actions move the floor, those of events the limit too, and an apply meanwhile would put it back.
    let moves_limit = service.actions.iter().any(|it| it.max.is_some());
    let ignore_changes = ["max_capacity", "min_capacity"].into_iter().skip(usize::from(!moves_limit)).collect();
    let lifecycle = (!service.actions.is_empty()).then_some(Lifecycle { ignore_changes });
    ScalableTarget {
        max_capacity: &service.max,
        min_capacity: &service.min,
        resource_id: service.resource.map(|it| literal(it)),
        scalable_dimension: DIMENSION,
        service_namespace: NAMESPACE,
        lifecycle,
    }
}

fn policy<'a>(service: &Service, policy: &'a Policy) -> ScalingPolicy<'a> {
    let metric = Metric {
        predefined_metric_type: policy.metric,
        resource_label: policy.resource_label.as_ref().map(|it| it.map(|it| literal(it))),
    };
    ScalingPolicy {
        name: policy.name.map(|it| literal(it)),
        policy_type: POLICY_TYPE,
        resource_id: of_target(service),
        scalable_dimension: DIMENSION,
        service_namespace: NAMESPACE,
        target_tracking_scaling_policy_configuration: Tracking {
            predefined_metric_specification: metric,
            disable_scale_in: policy.disable_scale_in.as_ref(),
            scale_in_cooldown: policy.scale_in_cooldown.as_ref(),
            scale_out_cooldown: policy.scale_out_cooldown.as_ref(),
            target_value: &policy.target,
        },
    }
}

fn action<'a>(service: &Service, action: &'a Action) -> ScheduledAction<'a> {
    ScheduledAction {
        name: literal(&action.name),
        service_namespace: NAMESPACE,
        resource_id: of_target(service),
        scalable_dimension: DIMENSION,
        scalable_target_action: Capacity { max_capacity: action.max.as_ref(), min_capacity: &action.min },
        schedule: action.schedule.map(|it| literal(it)),
        timezone: action.time_zone.map(|it| literal(it)),
    }
}

/// A reference, by which Terraform knows that the target comes first.
fn of_target(service: &Service) -> Derived<String> {
    let name = resource_name(&service.table);
    service.resource.map(|_| format!("${{aws_appautoscaling_target.{name}.resource_id}}"))
}

/// Names of resources start with a letter or `_`; names of tables may start with a digit, and have no `_`.
fn resource_name(table: &str) -> String {
    match table.starts_with(|it: char| it.is_ascii_digit()) {
        true => format!("_{table}"),
        false => table.to_owned(),
    }
}

/// A text that Terraform takes as it stands: `${` and `%{` would start a template.
fn literal(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

#[cfg(test)]
mod tests {
    use super::{literal, resource_name};

    #[test]
    fn nothing_starts_a_template() {
        let check = |text: &str, expect: &str| assert_eq!(literal(text), expect);
        check("web-cpu", "web-cpu");
        check("${path.module}", "$${path.module}");
        check("%{ if true }", "%%{ if true }");
        check("$ {50%}", "$ {50%}");
    }

    #[test]
    fn names_start_as_terraform_wants() {
        assert_eq!(resource_name("api-v2"), "api-v2");
        assert_eq!(resource_name("1st"), "_1st");
    }
}

//! `[ecs]`: services that run on Amazon ECS and are scaled by AWS Application Auto Scaling.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar::{AlbResource, EcsName, Factor, Named, PolicyName, TableName, Text};
use crate::diag::source::Spanned;
use crate::unit::duration::Duration;

/// Workloads that run on Amazon ECS: scalable targets, target-tracking policies and scheduled actions.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ecs {
    /// Name of the ECS cluster.
    pub cluster: Spanned<Text<EcsName>>,
    /// Services and workers of this spec that ECS runs.
    pub runs: Spanned<Vec<Spanned<Text<TableName>>>>,
    /// What is written. Default: `json`, one file for each call of `aws application-autoscaling … --cli-input-json`.
    #[schemars(extend("default" = "json"))]
    pub format: Option<Spanned<EcsFormat>>,
    /// The wait after more tasks were started, in whole seconds. Default: Application Auto Scaling's 300 for ECS.
    pub scale_out_cooldown: Option<Spanned<Duration>>,
    /// The wait after tasks were stopped, in whole seconds. Default: Application Auto Scaling's 300 for ECS.
    pub scale_in_cooldown: Option<Spanned<Duration>>,
    /// Whether the policies only ever start tasks.
    pub disable_scale_in: Option<Spanned<bool>>,
    /// What one of them has for itself, by the name in `runs`.
    pub service: Option<Named<TableName, EcsService>>,
}

/// In which form scaling is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EcsFormat {
    /// One file for each call of the command line.
    Json,
    /// One template for all services.
    Cloudformation,
    /// One file in Terraform's JSON syntax for all services.
    Terraform,
}

/// One service of ECS.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EcsService {
    /// Its name in ECS. Default: that in `runs`.
    pub name: Option<Spanned<Text<EcsName>>>,
    /// Name of the policy that tracks CPU. Default: `<name>-cpu`.
    pub cpu_policy: Option<Spanned<Text<PolicyName>>>,
    /// Name of the policy that tracks memory. Default: `<name>-memory`.
    pub memory_policy: Option<Spanned<Text<PolicyName>>>,
    /// Track the requests that a load balancer sends to each task.
    pub requests: Option<Requests>,
    /// As for all services.
    pub scale_out_cooldown: Option<Spanned<Duration>>,
    /// As for all services.
    pub scale_in_cooldown: Option<Spanned<Duration>>,
    /// As for all services.
    pub disable_scale_in: Option<Spanned<bool>>,
}

/// Requests for each target of an Application Load Balancer (`ALBRequestCountPerTarget`).
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requests {
    /// The load balancer and its target group: `app/web/50dc6c495c0c9188/targetgroup/web/943f017f100becff`.
    pub resource_label: Spanned<Text<AlbResource>>,
    /// Pin: requests per minute and task. Default: 60 × `rps_per_pod` / `safety_margin`.
    pub target: Option<Spanned<Factor>>,
    /// Name of the policy. Default: `<name>-requests`.
    pub policy: Option<Spanned<Text<PolicyName>>>,
}

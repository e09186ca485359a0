//! `[service.NAME]`: something that answers requests or holds connections.
//!
//! The tables inside are boxed, here as in a worker: most leave most of them out, and a large platform has ten thousand.

use schemars::JsonSchema;
use serde::Deserialize;

use super::metrics::{ServiceMetrics, Slo};
use super::scalar::{
    Count, DnsLabel, DnsSubdomain, EntryName, Factor, Named, PathSegment, Percent, Rate, TableName, Text, VariableName,
};
use super::setting::Setting;
use super::workload::{Disruption, Limits, Resources, ScalingRules, Workload};
use crate::diag::source::Spanned;
use crate::unit::duration::Duration;

/// A service: demand, what one pod carries, and how it is scaled.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Name of the `[class.NAME]` whose keys it takes where it does not write them itself.
    pub class: Option<Spanned<Text<TableName>>>,
    /// Demand at peak, in requests per second.
    pub target_rps: Option<Spanned<Factor>>,
    /// Demand in the trough, in requests per second: it decides the floor. Default: the floor is 2.
    pub base_rps: Option<Spanned<Rate>>,
    /// What one pod was measured to carry, in requests per second.
    pub rps_per_pod: Option<Spanned<Factor>>,
    /// Open connections at peak (WebSockets). With `target_rps` too, the larger answer wins.
    pub target_connections: Option<Spanned<Factor>>,
    /// Open connections in the trough.
    pub base_connections: Option<Spanned<Rate>>,
    /// What one pod was measured to hold, in open connections.
    pub connections_per_pod: Option<Spanned<Factor>>,
    /// Factor on the demand, for everything the measurement does not know. Default: 1.5.
    #[schemars(extend("default" = 1.5))]
    pub safety_margin: Option<Spanned<Factor>>,
    /// The Kubernetes object that is scaled.
    pub workload: Option<Box<Workload>>,
    /// What one pod requests and may use.
    pub resources: Option<Box<Resources>>,
    /// Settings of the program in the pod, as environment variables: `{ GUNICORN_WORKERS = "2 * cpu + 1" }`; a text stands in a
    /// table, `{ LOG_LEVEL = { text = "info" } }`.
    pub env: Option<Named<VariableName, Spanned<Setting>>>,
    /// Connections that each pod opens to a PgBouncer entry: `{ labeling = 10 }`.
    pub pool_connections: Option<Named<EntryName, Spanned<Count>>>,
    /// Connections that each pod opens directly to a database: `{ main = 1 }`.
    pub database_connections: Option<Named<EntryName, Spanned<Count>>>,
    /// Connections that each pod opens to each server of a Redis: `{ cache = 10 }`.
    pub redis_connections: Option<Named<TableName, Spanned<Count>>>,
    /// The PodDisruptionBudget, or `false` for none. Default: `{ max_unavailable = "25%" }`.
    pub disruption: Option<Box<Spanned<Disruption>>>,
    /// Whether a client stays with the pod that it reached first (WebSockets).
    pub affinity: Option<Box<Spanned<Affinity>>>,
    /// A fixed number of pods, instead of `autoscale`: counted everywhere, no autoscaler written.
    pub replicas: Option<Spanned<Count>>,
    /// The HorizontalPodAutoscaler.
    pub autoscale: Option<Box<Spanned<ServiceAutoscale>>>,
    /// What it counts of itself, for alerts and dashboards.
    pub metrics: Option<Box<ServiceMetrics>>,
    /// What is promised to those who use it.
    pub slo: Option<Box<Slo>>,
    /// `false`: no alert for it.
    pub alerts: Option<Spanned<bool>>,
}

/// How the Kubernetes Service keeps a client with one pod.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Affinity {
    /// How long a client's address stays with one pod after its last connection, in whole seconds, a day at the most.
    pub client_ip: Spanned<Duration>,
    /// Name of the Kubernetes Service. Default: the workload's.
    pub service: Option<Spanned<Text<DnsLabel>>>,
}

/// The autoscaler of a service. Each number may be pinned by writing it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceAutoscale {
    /// Name of the HorizontalPodAutoscaler. Default: the workload's.
    pub name: Option<Spanned<Text<DnsSubdomain>>>,
    /// Pin: fewest replicas.
    pub min: Option<Spanned<Count>>,
    /// Pin: most replicas.
    pub max: Option<Spanned<Count>>,
    /// Average CPU use at which to scale, in percent of the request. Default: 70 for a service without another signal.
    pub cpu: Option<Spanned<Percent>>,
    /// Average memory use at which to scale, in percent of the request.
    pub memory: Option<Spanned<Percent>>,
    /// A Pods metric that counts requests per second.
    pub rps: Option<Box<Metric>>,
    /// A Pods metric that counts open connections.
    pub connections: Option<Box<Metric>>,
    /// How fast to grow.
    pub scale_up: Option<Box<ScalingRules>>,
    /// How fast to shrink.
    pub scale_down: Option<Box<ScalingRules>>,
}

/// A metric of the pods, served by the custom metrics API.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Name of the metric.
    pub metric: Spanned<Text<PathSegment>>,
    /// Pin: the average per pod to hold. Default: what one pod carries ÷ `safety_margin`.
    pub target: Option<Spanned<Factor>>,
}

impl ServiceAutoscale {
    /// The keys that workers have too.
    pub fn limits(&self) -> Limits<'_> {
        Limits {
            name: self.name.as_ref(),
            min: self.min,
            max: self.max,
            cpu: self.cpu,
            memory: self.memory,
            scale_up: self.scale_up.as_deref(),
            scale_down: self.scale_down.as_deref(),
        }
    }
}

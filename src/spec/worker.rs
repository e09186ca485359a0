//! `[worker.NAME]`: something that takes work from a queue.

use schemars::JsonSchema;
use serde::Deserialize;

use super::metrics::{Slo, WorkerMetrics};
use super::scalar::{
    Count, DnsSubdomain, EntryName, Factor, Line, Named, Percent, Positive, Rate, TableName, Text, VariableName, Whole,
    Word,
};
use super::setting::Setting;
use super::workload::{Disruption, Limits, Resources, ScalingRules, Workload};
use crate::diag::source::Spanned;
use crate::unit::duration::Duration;

/// A worker: what arrives, how long a message takes, and how it is scaled.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Worker {
    /// Name of the `[class.NAME]` whose keys it takes where it does not write them itself.
    pub class: Option<Spanned<Text<TableName>>>,
    /// Messages per second at peak.
    pub event_rate: Option<Spanned<Factor>>,
    /// Messages per second in the trough: it decides the floor. Default: the floor is 2.
    pub base_event_rate: Option<Spanned<Rate>>,
    /// Mean time per message (not a percentile: Little's law needs the mean).
    pub processing_time: Option<Spanned<Duration>>,
    /// Messages in flight per worker.
    pub concurrency: Option<Spanned<Positive>>,
    /// Messages per second of one worker. Any two of this, `concurrency` and `processing_time` give the third.
    pub throughput_per_worker: Option<Spanned<Factor>>,
    /// How long a message may wait, its processing included: it decides the lag threshold. Longer than `processing_time`.
    pub lag_target: Option<Spanned<Duration>>,
    /// Factor on the demand. Default: 1.5.
    #[schemars(extend("default" = 1.5))]
    pub safety_margin: Option<Spanned<Factor>>,
    /// The Kubernetes object that is scaled.
    pub workload: Option<Box<Workload>>,
    /// What one pod requests and may use.
    pub resources: Option<Box<Resources>>,
    /// Settings of the program in the pod, as environment variables: `{ GUNICORN_WORKERS = "2 * cpu + 1" }`; a text stands in a
    /// table, `{ LOG_LEVEL = { text = "info" } }`.
    pub env: Option<Named<VariableName, Spanned<Setting>>>,
    /// Connections that each pod opens to a PgBouncer entry.
    pub pool_connections: Option<Named<EntryName, Spanned<Count>>>,
    /// Connections that each pod opens directly to a database.
    pub database_connections: Option<Named<EntryName, Spanned<Count>>>,
    /// Connections that each pod opens to each server of a Redis.
    pub redis_connections: Option<Named<TableName, Spanned<Count>>>,
    /// The PodDisruptionBudget, or `false` for none. Default: `{ max_unavailable = "25%" }`.
    pub disruption: Option<Box<Spanned<Disruption>>>,
    /// A fixed number of pods, instead of `autoscale`.
    pub replicas: Option<Spanned<Count>>,
    /// The topic it consumes. At most one of `kafka`, `redis`, `rabbitmq`.
    pub kafka: Option<Box<Spanned<Kafka>>>,
    /// The Redis list it takes from.
    pub redis: Option<Box<Spanned<Redis>>>,
    /// The RabbitMQ queue it takes from.
    pub rabbitmq: Option<Box<Spanned<Rabbitmq>>>,
    /// The ScaledObject (with a queue) or HorizontalPodAutoscaler (without).
    pub autoscale: Option<Box<Spanned<WorkerAutoscale>>>,
    /// What it counts of itself, for alerts and dashboards.
    pub metrics: Option<Box<WorkerMetrics>>,
    /// What is promised to those who use it.
    pub slo: Option<Box<Slo>>,
    /// `false`: no alert for it.
    pub alerts: Option<Spanned<bool>>,
}

/// A Kafka topic and the consumer group that reads it.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Kafka {
    /// Name of the topic.
    pub topic: Spanned<Text<Word>>,
    /// Its partitions: more workers than these stand idle.
    pub partitions: Spanned<Whole<1, 1_000_000>>,
    /// Name of the consumer group.
    pub consumer_group: Spanned<Text<Word>>,
    /// Brokers as `host:port`, separated by commas.
    pub bootstrap_servers: Option<Spanned<Text<Word>>>,
    /// Or: the environment variable of the worker's container that holds them.
    pub bootstrap_servers_env: Option<Spanned<Text<VariableName>>>,
    /// Where a new consumer group starts, as the client has it. KEDA's default: `latest`.
    pub offset_reset_policy: Option<Spanned<OffsetReset>>,
    /// The TriggerAuthentication that holds the credentials.
    pub authentication_ref: Option<Spanned<Text<DnsSubdomain>>>,
    /// Other keys of KEDA's kafka scaler, as it spells them.
    pub metadata: Option<Named<Word, Spanned<Text<Line>>>>,
}

/// Where a consumer group without an offset starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OffsetReset {
    Earliest,
    Latest,
}

/// A Redis list.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Redis {
    /// `host:port` of the server.
    pub address: Option<Spanned<Text<Word>>>,
    /// Or: the environment variable of the worker's container that holds it.
    pub address_env: Option<Spanned<Text<VariableName>>>,
    /// Key of the list.
    pub list: Spanned<Text<Line>>,
    /// The TriggerAuthentication that holds the password; a password in the spec is refused.
    pub authentication_ref: Option<Spanned<Text<DnsSubdomain>>>,
    /// Other keys of KEDA's redis scaler, as it spells them.
    pub metadata: Option<Named<Word, Spanned<Text<Line>>>>,
}

/// A RabbitMQ queue.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rabbitmq {
    /// Name of the queue.
    pub queue: Spanned<Text<Line>>,
    /// The environment variable that holds the connection URL; a URL in the spec would hold the password.
    pub host_env: Option<Spanned<Text<VariableName>>>,
    /// What is measured. Default: `queue_length`.
    pub mode: Option<Spanned<RabbitmqMode>>,
    /// The TriggerAuthentication that holds the URL.
    pub authentication_ref: Option<Spanned<Text<DnsSubdomain>>>,
    /// Other keys of KEDA's rabbitmq scaler, as it spells them.
    pub metadata: Option<Named<Word, Spanned<Text<Line>>>>,
}

/// What KEDA's rabbitmq scaler measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RabbitmqMode {
    /// Messages in the queue.
    QueueLength,
    /// Messages published per second.
    MessageRate,
}

/// The autoscaler of a worker. Each number may be pinned by writing it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkerAutoscale {
    /// Name of the ScaledObject or HorizontalPodAutoscaler. Default: the workload's.
    pub name: Option<Spanned<Text<DnsSubdomain>>>,
    /// Pin: fewest replicas.
    pub min: Option<Spanned<Count>>,
    /// Pin: most replicas.
    pub max: Option<Spanned<Count>>,
    /// Average CPU use at which to scale, in percent of the request.
    pub cpu: Option<Spanned<Percent>>,
    /// Average memory use at which to scale, in percent of the request.
    pub memory: Option<Spanned<Percent>>,
    /// How fast to grow.
    pub scale_up: Option<Box<ScalingRules>>,
    /// How fast to shrink.
    pub scale_down: Option<Box<ScalingRules>>,
    /// How often KEDA asks the queue while at zero, in whole seconds. KEDA's default: `"30s"`.
    pub polling_interval: Option<Spanned<Duration>>,
    /// How long KEDA waits before it goes to zero. KEDA's default: `"5m"`.
    pub cooldown: Option<Spanned<Duration>>,
    /// Scale to zero while the queue is empty.
    pub idle: Option<Spanned<bool>>,
    /// Pin: messages per replica to hold. Default: `throughput_per_worker` × `lag_target`.
    pub lag_threshold: Option<Spanned<Positive>>,
    /// From so many messages on, so many workers: the lag threshold is then low enough that every step is met.
    pub steps: Option<Spanned<Vec<Step>>>,
    /// What KEDA does while the queue cannot be asked.
    pub fallback: Option<Box<Spanned<Fallback>>>,
}

/// A step of a queue's depth.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Messages that wait, from which on it counts.
    pub depth: Spanned<Positive>,
    /// Workers to have then.
    pub replicas: Spanned<Positive>,
}

/// KEDA's answer to a queue that cannot be asked.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fallback {
    /// Failures in a row before it applies.
    pub failure_threshold: Spanned<Positive>,
    /// Replicas to hold meanwhile.
    pub replicas: Spanned<Count>,
    /// Which count to hold. KEDA's default: `static`, the replicas above.
    pub behavior: Option<Spanned<FallbackBehavior>>,
}

/// Which count a fallback holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FallbackBehavior {
    Static,
    CurrentReplicas,
    CurrentReplicasIfHigher,
    CurrentReplicasIfLower,
}

impl WorkerAutoscale {
    /// The keys that services have too.
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

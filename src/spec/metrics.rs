//! `[metrics]`, and the keys `metrics` and `slo` of services and workers: what is measured, and what is promised.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar::{Factor, LabelName, Line, MetricName, Named, Pattern, Text};
use crate::diag::source::Spanned;
use crate::unit::duration::Duration;

/// Names of the series that exporters serve, where they differ from what the exporters of this day call them.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// Over how long rates are taken; at least two scrapes. Default: "5m".
    #[schemars(extend("default" = "5m"))]
    pub window: Option<Spanned<Duration>>,
    /// kube-state-metrics: replicas that an autoscaler counts.
    #[schemars(extend("default" = "kube_horizontalpodautoscaler_status_current_replicas"))]
    pub autoscaler_replicas: Option<Spanned<Text<MetricName>>>,
    /// kube-state-metrics: the most replicas that an autoscaler may have.
    #[schemars(extend("default" = "kube_horizontalpodautoscaler_spec_max_replicas"))]
    pub autoscaler_max_replicas: Option<Spanned<Text<MetricName>>>,
    /// kube-state-metrics: the phase of each pod.
    #[schemars(extend("default" = "kube_pod_status_phase"))]
    pub pod_phase: Option<Spanned<Text<MetricName>>>,
    /// kube-state-metrics: whether each pod is ready.
    #[schemars(extend("default" = "kube_pod_status_ready"))]
    pub pod_ready: Option<Spanned<Text<MetricName>>>,
    /// kube-state-metrics: the labels of each node; it shows them where it runs with `--metric-labels-allowlist=nodes=[…]`.
    #[schemars(extend("default" = "kube_node_labels"))]
    pub node_labels: Option<Spanned<Text<MetricName>>>,
    /// The label of `node_labels` that holds the node group's name.
    #[schemars(extend("default" = "label_alpha_eksctl_io_nodegroup_name"))]
    pub node_group_label: Option<Spanned<Text<LabelName>>>,
    /// cAdvisor: CPU seconds of each container.
    #[schemars(extend("default" = "container_cpu_usage_seconds_total"))]
    pub container_cpu: Option<Spanned<Text<MetricName>>>,
    /// cAdvisor: bytes that each container holds and cannot give back.
    #[schemars(extend("default" = "container_memory_working_set_bytes"))]
    pub container_memory: Option<Spanned<Text<MetricName>>>,
    /// kafka_exporter: messages that a consumer group has not committed.
    #[schemars(extend("default" = "kafka_consumergroup_lag"))]
    pub kafka_lag: Option<Spanned<Text<MetricName>>>,
    /// kafka_exporter: what a consumer group has committed.
    #[schemars(extend("default" = "kafka_consumergroup_current_offset"))]
    pub kafka_committed: Option<Spanned<Text<MetricName>>>,
    /// kafka_exporter: what was written to a topic.
    #[schemars(extend("default" = "kafka_topic_partition_current_offset"))]
    pub kafka_written: Option<Spanned<Text<MetricName>>>,
    /// redis_exporter: entries of a list; it shows those that `--check-single-keys` names.
    #[schemars(extend("default" = "redis_key_size"))]
    pub redis_length: Option<Spanned<Text<MetricName>>>,
    /// RabbitMQ's own plugin, per object: messages in a queue.
    #[schemars(extend("default" = "rabbitmq_queue_messages"))]
    pub rabbitmq_messages: Option<Spanned<Text<MetricName>>>,
    /// pgbouncer_exporter: clients that wait for a server connection.
    #[schemars(extend("default" = "pgbouncer_pools_client_waiting_connections"))]
    pub pgbouncer_waiting: Option<Spanned<Text<MetricName>>>,
    /// pgbouncer_exporter: clients that have a server connection.
    #[schemars(extend("default" = "pgbouncer_pools_client_active_connections"))]
    pub pgbouncer_active: Option<Spanned<Text<MetricName>>>,
    /// pgbouncer_exporter: server connections of an entry.
    #[schemars(extend("default" = "pgbouncer_databases_current_connections"))]
    pub pgbouncer_servers: Option<Spanned<Text<MetricName>>>,
    /// postgres_exporter: connections to a server.
    #[schemars(extend("default" = "pg_stat_activity_count"))]
    pub postgres_connections: Option<Spanned<Text<MetricName>>>,
}

/// What a service counts of itself.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceMetrics {
    /// A counter of requests.
    pub requests: Option<Spanned<Text<MetricName>>>,
    /// A gauge of open connections.
    pub connections: Option<Spanned<Text<MetricName>>>,
    /// A histogram of seconds per request, without `_bucket`.
    pub duration: Option<Spanned<Text<MetricName>>>,
    /// A counter of failed requests. Default: the `requests` whose `status_label` matches `error_status`.
    pub errors: Option<Spanned<Text<MetricName>>>,
    /// The label of `requests` that holds the status. Default: "status".
    #[schemars(extend("default" = "status"))]
    pub status_label: Option<Spanned<Text<LabelName>>>,
    /// A regular expression for the status of a failed request. Default: "5..".
    #[schemars(extend("default" = "5.."))]
    pub error_status: Option<Spanned<Text<Pattern>>>,
    /// Labels that its series have. Default: the workload's `namespace`, and a `pod` of its name.
    pub r#match: Option<Named<LabelName, Spanned<Text<Line>>>>,
}

/// What a worker counts of itself.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkerMetrics {
    /// A counter of messages that arrive. Default: what is written to its topic, where it has one.
    pub events: Option<Spanned<Text<MetricName>>>,
    /// A counter of messages that it has taken; with `errors` it gives their share.
    pub processed: Option<Spanned<Text<MetricName>>>,
    /// A counter of messages that failed.
    pub errors: Option<Spanned<Text<MetricName>>>,
    /// A histogram of seconds per message, without `_bucket`.
    pub duration: Option<Spanned<Text<MetricName>>>,
    /// Labels that its series have. Default: the workload's `namespace`, and a `pod` of its name.
    pub r#match: Option<Named<LabelName, Spanned<Text<Line>>>>,
}

/// What is promised to those who use it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Slo {
    /// 95 of 100 are answered within this time.
    pub p95: Option<Spanned<Duration>>,
    /// 99 of 100 are answered within this time.
    pub p99: Option<Spanned<Duration>>,
    /// At most so many of 100 fail.
    pub error_percent: Option<Spanned<Factor>>,
}

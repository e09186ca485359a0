//! `[topic.NAME]`: a Kafka topic, and how far it is to grow.

use schemars::JsonSchema;
use serde::Deserialize;

use super::pool::Setting;
use super::scalar::{DnsLabel, Factor, LabelValue, Named, Text, TopicName, Whole, Word};
use crate::diag::source::Spanned;

/// A Kafka topic. The workers whose `kafka` names it decide how many partitions it needs.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// The topic's name. Default: the table's key.
    pub name: Option<Spanned<Text<TopicName>>>,
    /// Pin: partitions that it shall have. Default: what its workers need at their peak, times `growth`; never fewer than it has.
    pub partitions: Option<Spanned<Whole<1, 1_000_000>>>,
    /// Partitions that it has now, where that differs: then a plan says how to get there.
    pub current_partitions: Option<Spanned<Whole<1, 1_000_000>>>,
    /// Factor on the peak: partitions are added rarely, and never taken away. Default: 1.
    #[schemars(extend("default" = 1))]
    pub growth: Option<Spanned<Factor>>,
    /// Copies of each partition. Default: 3.
    #[schemars(extend("default" = 3))]
    pub replicas: Option<Spanned<Whole<1, 32767>>>,
    /// Settings of the topic as Kafka spells them: `{ "retention.ms" = 604800000 }`.
    pub config: Option<Named<Word, Spanned<Setting>>>,
    /// The Kafka cluster of Strimzi that it belongs to. Without it no KafkaTopic is written.
    pub cluster: Option<Spanned<Text<LabelValue>>>,
    /// Namespace of the KafkaTopic: that of the Kafka cluster. Default: the platform's.
    pub namespace: Option<Spanned<Text<DnsLabel>>>,
    /// Version of Strimzi's API: `v1` from Strimzi 0.49 on, `v1beta2` before 1.0. Default: `v1`.
    #[schemars(extend("default" = "v1"))]
    pub api_version: Option<Spanned<ApiVersion>>,
}

/// A version of Strimzi's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApiVersion {
    V1beta2,
    V1,
}

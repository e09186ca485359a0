//! `[cluster.karpenter]` and `[nodegroup.NAME.karpenter]`: nodes that Karpenter starts instead of an Auto Scaling group.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar::{AmiAlias, DnsLabel, RoleName, Text, Whole};
use super::workload::Amount;
use crate::diag::source::Spanned;
use crate::unit::cron::Cron;
use crate::unit::duration::Duration;
use crate::unit::quantity::Quantity;

/// What all nodes of Karpenter share: the EC2NodeClass.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeClass {
    /// Machine image, family and version: `al2023@v20260720`. `@latest` replaces nodes whenever a new one appears.
    pub ami: Spanned<Text<AmiAlias>>,
    /// IAM role of the nodes. Default: `KarpenterNodeRole-` and the cluster's name.
    pub role: Option<Spanned<Text<RoleName>>>,
    /// Name of the EC2NodeClass. Default: `default`.
    #[schemars(extend("default" = "default"))]
    pub name: Option<Spanned<Text<DnsLabel>>>,
}

/// A NodePool in place of a node group.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NodePool {
    /// Pin: CPUs of all its nodes together. Default: those of `max` nodes.
    pub cpu_limit: Option<Spanned<Quantity>>,
    /// Pin: memory of all its nodes together. Default: that of `max` nodes.
    pub memory_limit: Option<Spanned<Quantity>>,
    /// Which of several pools is taken first: the heavier one.
    pub weight: Option<Spanned<Whole<1, 100>>>,
    /// When nodes may go. Default: `when_empty_or_underutilized`.
    #[schemars(extend("default" = "when_empty_or_underutilized"))]
    pub consolidation: Option<Spanned<Consolidation>>,
    /// How long a node must be left alone by pods before it may go, in whole seconds. Default: `"0s"`, Karpenter's own.
    #[schemars(extend("default" = "0s"))]
    pub consolidate_after: Option<Spanned<Duration>>,
    /// How old a node may become, in whole seconds. Karpenter's default: `"720h"`.
    pub expire_after: Option<Spanned<Duration>>,
    /// How many nodes may go at a time. Karpenter's default: 10 %.
    pub budgets: Option<Vec<Budget>>,
}

/// When nodes may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Consolidation {
    WhenEmpty,
    WhenEmptyOrUnderutilized,
}

/// How many nodes may go at a time, always or in a window.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// A number of nodes, or a percentage of them; 0 lets none go.
    pub nodes: Spanned<Amount>,
    /// For which reasons; without this key for all of them.
    pub reasons: Option<Vec<Spanned<Reason>>>,
    /// When the window begins, in UTC: a cron line. With `duration`.
    pub schedule: Option<Spanned<Cron>>,
    /// How long the window is open, in whole minutes.
    pub duration: Option<Spanned<Duration>>,
}

/// Why Karpenter takes a node away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    Underutilized,
    Empty,
    Drifted,
}

//! `[cluster.autoscaler]`: the cluster autoscaler, which starts and stops the nodes of the groups.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar::{DnsLabel, DnsSubdomain, Image, Positive, Rate, Text};
use crate::diag::source::Spanned;
use crate::unit::duration::Duration;

/// The cluster autoscaler: an empty table is enough. What is left out is upstream's own default, unless a default is named.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Autoscaler {
    /// Namespace that it runs in. Default: `kube-system`.
    #[schemars(extend("default" = "kube-system"))]
    pub namespace: Option<Spanned<Text<DnsLabel>>>,
    /// ServiceAccount that it runs as; eksctl makes it, with the IAM role that it needs. Default: `cluster-autoscaler`.
    #[schemars(extend("default" = "cluster-autoscaler"))]
    pub service_account: Option<Spanned<Text<DnsSubdomain>>>,
    /// Image with its tag. Default: `registry.k8s.io/autoscaling/cluster-autoscaler` in the cluster's minor version.
    pub image: Option<Spanned<Text<Image>>>,
    /// Which group grows where several could. Default: `least-waste`.
    #[schemars(extend("default" = "least-waste"))]
    pub expander: Option<Spanned<Expander>>,
    /// Pin: most nodes of the whole cluster. Default: those of all groups at their `max`.
    pub max_nodes_total: Option<Spanned<Positive>>,
    /// How long nothing is taken away after a node was added. Upstream's default: `"10m"`.
    pub scale_down_delay_after_add: Option<Spanned<Duration>>,
    /// How long a node must be unneeded before it goes. Upstream's default: `"10m"`.
    pub scale_down_unneeded_time: Option<Spanned<Duration>>,
    /// Part of a node's CPU or memory, 0 to 1, below which it may go. Upstream's default: 0.5.
    pub scale_down_utilization_threshold: Option<Spanned<Rate>>,
    /// How long a new node may take to join. Upstream's default: `"15m"`.
    pub max_node_provision_time: Option<Spanned<Duration>>,
    /// Keep nodes whose pods have local storage. Upstream's default: true.
    pub skip_nodes_with_local_storage: Option<Spanned<bool>>,
    /// Keep nodes that run pods of `kube-system`. Upstream's default: true.
    pub skip_nodes_with_system_pods: Option<Spanned<bool>>,
    /// Spread new nodes over groups that are alike. Upstream's default: false.
    pub balance_similar_node_groups: Option<Spanned<bool>>,
}

/// How the cluster autoscaler chooses a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Expander {
    /// The group with the least CPU left idle, then the least memory.
    LeastWaste,
    /// The group that takes most of the waiting pods.
    MostPods,
    /// Any of them.
    Random,
}

//! `[cluster]`, `[nodegroup.NAME]`, `[instance.NAME]`: where the pods run.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, Visitor};

use super::autoscaler::Autoscaler;
use super::karpenter::{NodeClass, NodePool};
use super::scalar::{ClusterName, Count, Factor, LabelKey, LabelValue, Named, Positive, TableName, Text, Whole, Word};
use crate::diag::source::Spanned;
use crate::unit::quantity::Quantity;

/// The EKS cluster that eksctl manages.
#[derive(Debug, Clone, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    /// Name of the cluster.
    pub name: Spanned<Text<ClusterName>>,
    /// AWS region.
    pub region: Spanned<Text<Word>>,
    /// The cluster autoscaler. Without this table nothing is written for it.
    pub autoscaler: Option<Spanned<Autoscaler>>,
    /// What all nodes of Karpenter share. Needed where a node group has a table `karpenter`.
    pub karpenter: Option<Spanned<NodeClass>>,
}

/// A group of nodes of one kind.
#[derive(Debug, Clone, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeGroup {
    /// Instance types that may be started; the smallest decides how many nodes are needed, the dearest what they cost.
    pub instance_types: Spanned<Vec<Spanned<Text<Word>>>>,
    /// Services and workers placed here. A workload stands in one group at most.
    pub runs: Option<Vec<Spanned<Text<TableName>>>>,
    /// Factor on the packed nodes. Default: 1.2.
    #[schemars(extend("default" = 1.2))]
    pub headroom: Option<Spanned<Factor>>,
    /// What the daemonsets of every node take.
    pub daemonsets: Option<Daemonsets>,
    /// Pin: fewest nodes.
    pub min: Option<Spanned<Count>>,
    /// Pin: most nodes.
    pub max: Option<Spanned<Count>>,
    /// Nodes to start with. Left out unless written: the cluster autoscaler owns it.
    pub desired: Option<Spanned<Count>>,
    /// `true` for managed spot nodes, or a table for a self-managed mixed group.
    pub spot: Option<Spanned<Spot>>,
    /// USD per node and hour. Default: the catalogue's on-demand price in us-east-1.
    pub price: Option<Spanned<Factor>>,
    /// Labels of the nodes.
    pub labels: Option<Named<LabelKey, Spanned<Text<LabelValue>>>>,
    /// Taints of the nodes.
    pub taints: Option<Vec<Taint>>,
    /// A NodePool of Karpenter instead of an Auto Scaling group: an empty table is enough.
    pub karpenter: Option<Spanned<NodePool>>,
}

/// What the daemonsets of a node take, all together.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Daemonsets {
    /// CPU requests. Default: 0.
    pub cpu: Option<Spanned<Quantity>>,
    /// Memory requests. Default: 0.
    pub memory: Option<Spanned<Quantity>>,
    /// Pods. Default: 0.
    pub pods: Option<Spanned<Whole<0, 1000>>>,
}

/// How spot capacity is bought.
#[derive(Debug, Clone, PartialEq)]
pub enum Spot {
    /// Only on demand.
    No,
    /// A managed node group of spot nodes.
    Managed,
    /// A self-managed group, mixed of on-demand and spot.
    Mixed(Box<Mixed>),
}

/// `instancesDistribution` of a self-managed group.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mixed {
    /// Most to pay for a spot node, USD per hour. AWS's default: the on-demand price.
    pub max_price: Option<Spanned<Factor>>,
    /// Nodes that are on demand in any case. AWS's default: 0.
    pub on_demand_base: Option<Spanned<Count>>,
    /// Percentage of the nodes above that which are on demand. AWS's default: 100.
    pub on_demand_percentage: Option<Spanned<Whole<0, 100>>>,
    /// Spot pools to spread over.
    pub pools: Option<Spanned<Whole<1, 20>>>,
    /// How AWS chooses the pools. `pools` goes with `lowest-price` only.
    pub allocation_strategy: Option<Spanned<AllocationStrategy>>,
}

/// How AWS chooses spot pools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AllocationStrategy {
    LowestPrice,
    CapacityOptimized,
    CapacityOptimizedPrioritized,
    PriceCapacityOptimized,
}

impl<'de> Deserialize<'de> for Spot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Spot;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`true`, `false` or a table\nwrite one such as `{ max_price = 0.5 }`")
            }

            fn visit_bool<E: de::Error>(self, managed: bool) -> Result<Spot, E> {
                Ok(if managed { Spot::Managed } else { Spot::No })
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Spot, A::Error> {
                Mixed::deserialize(MapAccessDeserializer::new(map)).map(|mixed| Spot::Mixed(Box::new(mixed)))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for Spot {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Spot".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mixed = generator.subschema_for::<Mixed>();
        schemars::json_schema!({ "anyOf": [{ "type": "boolean" }, mixed] })
    }
}

/// A taint of the nodes.
#[derive(Debug, Clone, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Taint {
    pub key: Spanned<Text<LabelKey>>,
    pub value: Option<Spanned<Text<LabelValue>>>,
    pub effect: Spanned<Effect>,
}

/// What a taint does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, JsonSchema)]
pub enum Effect {
    NoSchedule,
    PreferNoSchedule,
    NoExecute,
}

/// An instance type that the built-in catalogue does not have, or has otherwise.
#[derive(Debug, Clone, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// CPU that a node offers to pods (allocatable).
    pub cpu: Spanned<Quantity>,
    /// Memory that a node offers to pods (allocatable).
    pub memory: Spanned<Quantity>,
    /// Pods that a node takes.
    pub max_pods: Spanned<Positive>,
    /// USD per hour.
    pub price: Option<Spanned<Factor>>,
}

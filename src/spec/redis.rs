//! `[redis.NAME]`: Redis servers, a cluster or some that stand alone.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use super::postgresql::ServerValue;
use super::scalar::{Count, DnsSubdomain, Factor, Line, Named, Port, Rate, TableName, Text, Whole, Word};
use crate::diag::source::Spanned;
use crate::unit::quantity::Quantity;

/// Redis servers of one kind: their settings, how many they are, how they become a cluster, and what clients may open.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Redis {
    /// Hosts of the servers, with n from `first` on: `"redis-cache-{n}"`.
    pub host: Spanned<Text<Line>>,
    /// The first n. Default: 0, as a StatefulSet counts its pods.
    #[schemars(extend("default" = 0))]
    pub first: Option<Spanned<Whole<0, 1000>>>,
    /// Port. Default: 6379.
    #[schemars(extend("default" = 6379))]
    pub port: Option<Spanned<Port>>,
    /// Memory of one server: its container's limit.
    pub memory: Spanned<Quantity>,
    /// Percent of the memory that data never takes: fork, buffers of replicas and clients, fragmentation. Default: 25.
    #[schemars(extend("default" = 25))]
    pub reserve: Option<Spanned<Whole<1, 90>>>,
    /// Pin: data of one server. Default: the memory less the reserve.
    pub maxmemory: Option<Spanned<Quantity>>,
    /// What goes when `maxmemory` is reached. Default: `noeviction`, Redis' own.
    #[schemars(extend("default" = "noeviction"))]
    pub maxmemory_policy: Option<Spanned<Policy>>,
    /// Whether the servers are one Redis Cluster. Default: `true`.
    #[schemars(extend("default" = true))]
    pub cluster: Option<Spanned<bool>>,
    /// Data of all masters together.
    pub dataset: Option<Spanned<Quantity>>,
    /// Operations per second at peak, all masters together.
    pub target_ops: Option<Spanned<Rate>>,
    /// Operations per second that one master was measured to carry.
    pub ops_per_master: Option<Spanned<Factor>>,
    /// Factor on data and operations. Default: 1.5.
    #[schemars(extend("default" = 1.5))]
    pub safety_margin: Option<Spanned<Factor>>,
    /// Pin: masters.
    pub masters: Option<Spanned<Whole<1, 1000>>>,
    /// Replicas of each master. Default: 1 in a cluster, else 0.
    pub replicas: Option<Spanned<Whole<0, 5>>>,
    /// Clients of one server at once. Default: Redis' own, 10 000.
    #[schemars(extend("default" = 10_000))]
    pub maxclients: Option<Spanned<Whole<1, 1_000_000>>>,
    /// Kept for others: replicas, Sentinel, exporters, administrators. Default: 32.
    #[schemars(extend("default" = 32))]
    pub reserved_clients: Option<Spanned<Count>>,
    /// What each pod of a service or worker opens to each server: `{ api = 10 }`.
    pub connections: Option<Named<TableName, Spanned<Count>>>,
    /// Pin: connections of all pods to one server.
    pub max_connections: Option<Spanned<Whole<1, 1_000_000>>>,
    /// Name of the ConfigMap of pools; tables that name the same one share it. Default: "redis-pools".
    #[schemars(extend("default" = "redis-pools"))]
    pub config_map: Option<Spanned<Text<DnsSubdomain>>>,
    /// Any other setting of Redis 7.0 and later: `{ appendonly = true, "tcp-keepalive" = 60 }`.
    pub settings: Option<Named<Word, Spanned<ServerValue>>>,
}

/// What Redis takes away when it is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    Noeviction,
    AllkeysLru,
    AllkeysLfu,
    AllkeysRandom,
    VolatileLru,
    VolatileLfu,
    VolatileRandom,
    VolatileTtl,
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Noeviction => "noeviction",
            Self::AllkeysLru => "allkeys-lru",
            Self::AllkeysLfu => "allkeys-lfu",
            Self::AllkeysRandom => "allkeys-random",
            Self::VolatileLru => "volatile-lru",
            Self::VolatileLfu => "volatile-lfu",
            Self::VolatileRandom => "volatile-random",
            Self::VolatileTtl => "volatile-ttl",
        })
    }
}

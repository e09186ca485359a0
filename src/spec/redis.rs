//! `[redis.NAME]`: Redis servers, a cluster or some that stand alone.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use super::postgresql::ServerValue;
use super::scalar::{Count, DnsSubdomain, Factor, Line, Named, Port, Rate, Text, Whole, Word};
use crate::diag::source::Spanned;
use crate::unit::quantity::Quantity;

/// Redis servers of one kind: how many, what each may keep, who connects, and how they become a cluster.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RedisServers")]
pub struct Redis {
    /// Hosts of the servers, with n from `first` on: `"redis-cache-{n}"`.
    pub host: Spanned<Text<Line>>,
    /// The first n. Default: 0, as a StatefulSet counts its pods.
    #[schemars(extend("default" = 0))]
    pub first: Option<Spanned<Whole<0, 1_000_000>>>,
    /// Port of every server. Default: 6379.
    #[schemars(extend("default" = 6379))]
    pub port: Option<Spanned<Port>>,
    /// Whether the servers are one Redis Cluster; `false`: each stands alone, and clients choose. Default: `true`.
    #[schemars(extend("default" = true))]
    pub cluster: Option<Spanned<bool>>,
    /// Memory of one server: its container's limit, or what the machine has for it.
    pub memory: Option<Spanned<Quantity>>,
    /// Percent of `memory` that is not for data: buffers, fragmentation, pages copied while a child saves. Default: 25.
    #[schemars(extend("default" = 25))]
    pub reserved_percent: Option<Spanned<Whole<0, 90>>>,
    /// Pin: data of one server. Default: `memory` less `reserved_percent`.
    pub maxmemory: Option<Spanned<Quantity>>,
    /// What goes when `maxmemory` is reached. Default: `noeviction`: writes fail.
    #[schemars(extend("default" = "noeviction"))]
    pub maxmemory_policy: Option<Spanned<Eviction>>,
    /// Data of all masters together.
    pub dataset: Option<Spanned<Quantity>>,
    /// Operations per second at peak, of all masters together.
    pub target_ops: Option<Spanned<Rate>>,
    /// Operations per second that one master was measured to carry.
    pub ops_per_master: Option<Spanned<Factor>>,
    /// Factor on data and operations. Default: 1.5.
    #[schemars(extend("default" = 1.5))]
    pub safety_margin: Option<Spanned<Factor>>,
    /// Pin: masters, at least 3 in a cluster. Servers that stand alone are masters too.
    pub masters: Option<Spanned<Whole<1, 1000>>>,
    /// Replicas of each master, in a cluster. Default: 1.
    #[schemars(extend("default" = 1))]
    pub replicas: Option<Spanned<Whole<0, 5>>>,
    /// Clients of one server that are no pods of this spec: exporters, administrators, replicas. Default: 32.
    #[schemars(extend("default" = 32))]
    pub reserved_clients: Option<Spanned<Count>>,
    /// Pin: connections of all pods to one server. Default: the sum over `redis_connections` of services and workers.
    pub max_connections: Option<Spanned<Whole<1, 1_000_000>>>,
    /// Pin: clients that one server lets in. Default: Redis' own 10 000, or more where more connect.
    pub maxclients: Option<Spanned<Whole<1, 10_000_000>>>,
    /// Name of the ConfigMap of pools; tables that name the same one share it. Default: "redis-pools".
    #[schemars(extend("default" = "redis-pools"))]
    pub config_map: Option<Spanned<Text<DnsSubdomain>>>,
    /// Any other setting of Redis 7.0 or later: `{ appendonly = true, "repl-backlog-size" = "64Mi" }`.
    pub settings: Option<Named<Word, Spanned<ServerValue>>>,
}

/// What Redis takes away when it is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Eviction {
    /// Nothing: writes fail.
    Noeviction,
    /// The key that was used the longest ago.
    AllkeysLru,
    /// The key that is used least often.
    AllkeysLfu,
    /// Any key.
    AllkeysRandom,
    /// Of those that expire, the key that was used the longest ago.
    VolatileLru,
    /// Of those that expire, the key that is used least often.
    VolatileLfu,
    /// Any key that expires.
    VolatileRandom,
    /// The key that expires next.
    VolatileTtl,
}

impl fmt::Display for Eviction {
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

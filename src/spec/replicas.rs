//! `[database.NAME.replicas]`: servers that answer reads, beside the one that takes writes.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar::{Count, DnsSubdomain, Factor, Line, Port, Rate, Text, Whole};
use crate::diag::source::Spanned;

/// Read replicas of a database: how many, where they are, and what PgBouncer may take of each.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replicas {
    /// `"prod-read-{n}.example.com"`, with n from 1 to `count`.
    pub host: Spanned<Text<Line>>,
    /// Port. Default: that of the database.
    pub port: Option<Spanned<Port>>,
    /// Reads per second at peak, all replicas together.
    pub target_rps: Option<Spanned<Rate>>,
    /// Reads per second that one replica was measured to carry.
    pub rps_per_replica: Option<Spanned<Factor>>,
    /// Factor on the reads. Default: 1.5.
    #[schemars(extend("default" = 1.5))]
    pub safety_margin: Option<Spanned<Factor>>,
    /// Pin: replicas.
    pub count: Option<Spanned<Whole<1, 1000>>>,
    /// `max_connections` of each replica. Default: that of the database.
    pub max_connections: Option<Spanned<Whole<1, 262_143>>>,
    /// Kept on each replica for direct clients. Default: as on the database.
    pub reserved_connections: Option<Spanned<Count>>,
    /// Name of the ConfigMap with their addresses. Default: `<database>-read-endpoints`.
    pub config_map: Option<Spanned<Text<DnsSubdomain>>>,
    /// Names of the addresses in it, with n from 1 to `count`. Default: `read{n}`.
    #[schemars(extend("default" = "read{n}"))]
    pub key: Option<Spanned<Text<Line>>>,
}

//! `[database.NAME.instance]`: the machine that a PostgreSQL server runs on, from which its settings follow.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{self, Deserialize, Deserializer, IntoDeserializer, Visitor};

use super::de::SCALAR;
use super::scalar::{Factor, Line, Named, PostgresqlVersion, Text, Whole, Word};
use crate::diag::source::Spanned;
use crate::unit::exact::Exact;
use crate::unit::quantity::Quantity;

/// The machine of a PostgreSQL server: its settings are computed by PgTune's rules and written to `postgresql/<database>.conf`.
#[derive(Debug, Clone, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// Memory that PostgreSQL has for itself: that of the machine, or the container's limit.
    pub memory: Spanned<Quantity>,
    /// Cores. From 4 on, parallel queries are sized by them.
    pub cpu: Option<Spanned<Quantity>>,
    /// What the data lies on. Default: `ssd`.
    #[schemars(extend("default" = "ssd"))]
    pub storage: Option<Spanned<Storage>>,
    /// What the queries are like. Default: `web`.
    #[schemars(extend("default" = "web"))]
    pub workload: Option<Spanned<Usage>>,
    /// Major version of PostgreSQL: it decides which settings may be written. Default: "17".
    #[schemars(extend("default" = "17"))]
    pub version: Option<Spanned<Text<PostgresqlVersion>>>,
    /// Pin: PostgreSQL's own cache. Default: a quarter of the memory.
    pub shared_buffers: Option<Spanned<Quantity>>,
    /// Pin: what the planner takes for cached. Default: three quarters of the memory.
    pub effective_cache_size: Option<Spanned<Quantity>>,
    /// Pin: memory of one VACUUM or CREATE INDEX. Default: a sixteenth of the memory, an eighth for `dw`, 8 GiB at most.
    pub maintenance_work_mem: Option<Spanned<Quantity>>,
    /// Pin: part of the time between checkpoints in which one is written. Default: 0.9.
    pub checkpoint_completion_target: Option<Spanned<Factor>>,
    /// Pin: buffers of the write-ahead log. Default: 3 % of `shared_buffers`, 16 MiB at most.
    pub wal_buffers: Option<Spanned<Quantity>>,
    /// Pin: how finely ANALYZE looks. Default: 100, 500 for `dw`.
    pub default_statistics_target: Option<Spanned<Whole<1, 10_000>>>,
    /// Pin: cost of a page that is not the next one. Default: by `storage`.
    pub random_page_cost: Option<Spanned<Factor>>,
    /// Pin: reads that the storage does at the same time. Default: by `storage`.
    pub effective_io_concurrency: Option<Spanned<Whole<0, 1000>>>,
    /// Pin: memory of one sort or hash. Default: what is left, for three of them in every connection.
    pub work_mem: Option<Spanned<Quantity>>,
    /// Pin: whether large pages of memory are used. Default: `try` from 2 GiB of `shared_buffers` on, else `off`.
    pub huge_pages: Option<Spanned<HugePages>>,
    /// Pin: write-ahead log that is kept for reuse. Default: by `workload`.
    pub min_wal_size: Option<Spanned<Quantity>>,
    /// Pin: write-ahead log between two checkpoints. Default: by `workload`.
    pub max_wal_size: Option<Spanned<Quantity>>,
    /// Pin: background processes. Default: the cores, from 4 on.
    pub max_worker_processes: Option<Spanned<Whole<0, 262_143>>>,
    /// Pin: helpers of one node of a query. Default: half of the cores, 4 at most but for `dw`, from 4 cores on.
    pub max_parallel_workers_per_gather: Option<Spanned<Whole<0, 1024>>>,
    /// Pin: helpers of all queries. Default: the cores, from 4 on.
    pub max_parallel_workers: Option<Spanned<Whole<0, 1024>>>,
    /// Pin: helpers of one CREATE INDEX or VACUUM. Default: half of the cores, 4 at most, from 4 cores on.
    pub max_parallel_maintenance_workers: Option<Spanned<Whole<0, 1024>>>,
    /// Any other setting that this version knows: `{ wal_level = "replica", wal_keep_size = "1Gi" }`.
    pub settings: Option<Named<Word, Spanned<ServerValue>>>,
}

/// What the data of a server lies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Storage {
    Hdd,
    Ssd,
    San,
    Nvme,
}

impl fmt::Display for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hdd => "hdd",
            Self::Ssd => "ssd",
            Self::San => "san",
            Self::Nvme => "nvme",
        })
    }
}

/// What the queries of a server are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Usage {
    /// Many short reads, few writes.
    Web,
    /// Many short writes.
    Oltp,
    /// Few large queries over everything: a data warehouse.
    Dw,
    /// Some of each.
    Mixed,
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Web => "web",
            Self::Oltp => "oltp",
            Self::Dw => "dw",
            Self::Mixed => "mixed",
        })
    }
}

/// Whether PostgreSQL uses large pages of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HugePages {
    Off,
    On,
    Try,
}

impl fmt::Display for HugePages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "off",
            Self::On => "on",
            Self::Try => "try",
        })
    }
}

/// The value of a server's setting, PostgreSQL's or Redis'.
#[derive(Debug, Clone, PartialEq)]
pub enum ServerValue {
    Number(Exact),
    Switch(bool),
    Text(Text<Line>),
    /// The empty text: `save = ""` turns something off.
    Empty,
}

impl<'de> Deserialize<'de> for ServerValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Scalar;
        impl Visitor<'_> for Scalar {
            type Value = ServerValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a setting\nwrite one such as 5, 0.5, \"1Gi\", \"1h\" or true")
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<ServerValue, E> {
                Ok(ServerValue::Switch(value))
            }

            /// A number as it was written.
            fn visit_bytes<E: de::Error>(self, digits: &[u8]) -> Result<ServerValue, E> {
                let text = String::from_utf8_lossy(digits);
                Exact::parse(&text).map(ServerValue::Number).map_err(E::custom)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<ServerValue, E> {
                match text {
                    "" => Ok(ServerValue::Empty),
                    text => Text::deserialize(text.into_deserializer()).map(ServerValue::Text),
                }
            }
        }
        deserializer.deserialize_newtype_struct(SCALAR, Scalar)
    }
}

impl JsonSchema for ServerValue {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ServerValue".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["number", "string", "boolean"] })
    }
}

//! `[database.NAME]` and `[pgbouncer.NAME]`: PostgreSQL servers and the poolers in front of them.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{self, Deserialize, Deserializer, IntoDeserializer, Visitor};

use super::postgresql::Instance;
use super::replicas::Replicas;
use super::scalar::{
    Count, EntryName, Factor, FilePath, Host, Line, MinorVersion, Named, Port, Positive, Text, Whole, Word,
};
use super::shards::Shards;

use crate::diag::source::Spanned;

/// A PostgreSQL server.
#[derive(Debug, Clone, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Host name or address, as PgBouncer reaches it.
    pub host: Spanned<Text<Host>>,
    /// Port. Default: 5432.
    #[schemars(extend("default" = 5432))]
    pub port: Option<Spanned<Port>>,
    /// `max_connections` of the server. Default: PostgreSQL's own, 100.
    #[schemars(extend("default" = 100))]
    pub max_connections: Option<Spanned<Whole<1, 262_143>>>,
    /// Kept for direct clients: migrations, exporters, administrators. Default: 0.
    #[schemars(extend("default" = 0))]
    pub reserved_connections: Option<Spanned<Count>>,
    /// The machine that it runs on: its settings are then written, too.
    pub instance: Option<Spanned<Instance>>,
    /// Servers that answer reads beside it.
    pub replicas: Option<Spanned<Replicas>>,
    /// Databases or tables over which the rows of one table are spread.
    pub shards: Option<Spanned<Shards>>,
}

/// A PgBouncer and the entries of its `[databases]` section.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pgbouncer {
    /// Processes that run with this file; every limit of PgBouncer counts per process. Default: 1.
    #[schemars(extend("default" = 1))]
    pub instances: Option<Spanned<Whole<1, 10_000>>>,
    /// When a server connection goes back to the pool. Default: `transaction`.
    #[schemars(extend("default" = "transaction"))]
    pub pool_mode: Option<Spanned<PoolMode>>,
    /// Version of PgBouncer: it decides which keys may be written. Default: "1.25".
    #[schemars(extend("default" = "1.25"))]
    pub version: Option<Spanned<Text<MinorVersion>>>,
    /// Address to listen on. Default: "0.0.0.0".
    #[schemars(extend("default" = "0.0.0.0"))]
    pub listen_addr: Option<Spanned<Text<Word>>>,
    /// Port to listen on. Default: 6432.
    #[schemars(extend("default" = 6432))]
    pub listen_port: Option<Spanned<Port>>,
    /// How clients log in. Default: `scram-sha-256`.
    #[schemars(extend("default" = "scram-sha-256"))]
    pub auth_type: Option<Spanned<AuthType>>,
    /// File with users and secrets. Default: "/etc/pgbouncer/userlist.txt".
    #[schemars(extend("default" = "/etc/pgbouncer/userlist.txt"))]
    pub auth_file: Option<Spanned<Text<FilePath>>>,
    /// Pin: clients per process. Default: all pods' connections at their most replicas.
    pub max_client_conn: Option<Spanned<Positive>>,
    /// Any other key of the `[pgbouncer]` section that this version knows: `{ server_lifetime = "1h" }`.
    pub settings: Option<Named<Word, Spanned<Setting>>>,
    /// The entries of `[databases]`. Names are unique over all PgBouncers.
    pub pool: Option<Named<EntryName, Pool>>,
}

/// When a server connection goes back to the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PoolMode {
    Session,
    Transaction,
    Statement,
}

/// How clients log in to PgBouncer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, JsonSchema)]
pub enum AuthType {
    #[serde(rename = "any")]
    Any,
    #[serde(rename = "trust")]
    Trust,
    #[serde(rename = "plain")]
    Plain,
    #[serde(rename = "md5")]
    Md5,
    #[serde(rename = "scram-sha-256")]
    ScramSha256,
    #[serde(rename = "cert")]
    Cert,
    #[serde(rename = "hba")]
    Hba,
    #[serde(rename = "pam")]
    Pam,
    #[serde(rename = "ldap")]
    Ldap,
}

/// One entry of `[databases]`: a way to one database on one server.
#[derive(Debug, Clone, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// The `[database.NAME]` it leads to.
    pub database: Spanned<Text<EntryName>>,
    /// Whether it leads to that server's `replicas`, in turn, instead of to the server itself. Default: `false`.
    #[schemars(extend("default" = false))]
    pub replicas: Option<Spanned<bool>>,
    /// Name of the database on the server. Default: the entry's name.
    pub dbname: Option<Spanned<Text<EntryName>>>,
    /// Distinct users: PgBouncer keeps one pool for each pair of entry and user. Default: 1.
    #[schemars(extend("default" = 1))]
    pub users: Option<Spanned<Whole<1, 10_000>>>,
    /// Part of the server's usable connections, 0 to 1. Default: an equal part of what is left.
    pub share: Option<Spanned<Factor>>,
    /// Pin: server connections of one pool, instead of `share`.
    pub pool_size: Option<Spanned<Positive>>,
    /// Pin: further connections when clients wait.
    pub reserve_pool: Option<Spanned<Count>>,
    /// Connections that are kept open. Default: PgBouncer's own, 0.
    pub min_pool_size: Option<Spanned<Count>>,
    /// Pin: connections of the entry, over all users, per process. 0 is PgBouncer's own: no limit, and every further user
    /// has a pool of its own.
    pub max_db_connections: Option<Spanned<Count>>,
}

/// The value of a PgBouncer setting; durations become whole seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    Number(i64),
    Switch(bool),
    Text(Text<Line>),
}

impl<'de> Deserialize<'de> for Setting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Scalar;
        impl Visitor<'_> for Scalar {
            type Value = Setting;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a setting\nwrite one such as 5, \"1h\" or true")
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Setting, E> {
                Ok(Setting::Switch(value))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Setting, E> {
                Ok(Setting::Number(value))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Setting, E> {
                Text::deserialize(text.into_deserializer()).map(Setting::Text)
            }
        }
        deserializer.deserialize_any(Scalar)
    }
}

impl JsonSchema for Setting {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Setting".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["integer", "string", "boolean"] })
    }
}

//! `[upstream.NAME]`: an nginx upstream, and the server block in front of it.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, Deserialize, Deserializer, IntoDeserializer, Visitor};

use super::scalar::{Count, Host, Line, MinorVersion, Port, Positive, TableName, Text, Whole, Word};
use crate::diag::source::Spanned;
use crate::unit::duration::Duration;

/// An nginx upstream.
#[derive(Debug, Clone, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// `"web{n}:8000"` with n = 1 to `count`, or a list of `"host:port"` and tables.
    pub servers: Spanned<Servers>,
    /// Servers that the pattern makes.
    pub count: Option<Spanned<Whole<1, 10_000>>>,
    /// Or: as many as this service has at most.
    pub service: Option<Spanned<Text<TableName>>>,
    /// Idle connections that each nginx worker keeps; 0 for none. Default: 32, nginx's own from 1.29.7 on.
    pub keepalive: Option<Spanned<Count>>,
    /// How a server is chosen. Default: in turn.
    pub balance: Option<Spanned<Balance>>,
    /// Failures within `fail_timeout` before a server is left out; 0 turns it off. nginx's default: 1.
    pub max_fails: Option<Spanned<Count>>,
    /// That time, and how long the server is left out, in whole seconds. nginx's default: `"10s"`.
    pub fail_timeout: Option<Spanned<Duration>>,
    /// Shared memory for the state of the servers, so that all nginx workers count together: `"64k"`.
    pub zone: Option<Spanned<Text<Word>>>,
    /// Version of nginx: it decides how keepalive is written. Default: "1.29".
    #[schemars(extend("default" = "1.29"))]
    pub version: Option<Spanned<Text<MinorVersion>>>,
    /// Also write the `server` block that passes everything on.
    pub server: Option<ServerBlock>,
}

/// How nginx chooses a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Balance {
    RoundRobin,
    LeastConn,
    IpHash,
    Random,
}

/// The `server` block.
#[derive(Debug, Clone, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServerBlock {
    /// Port to listen on. Default: 80.
    #[schemars(extend("default" = 80))]
    pub listen: Option<Spanned<Port>>,
    /// Host name that it answers to.
    pub server_name: Spanned<Text<Host>>,
}

/// The servers of an upstream.
#[derive(Debug, Clone, PartialEq)]
pub enum Servers {
    /// A pattern with `{n}`.
    Pattern(Text<Line>),
    List(Vec<Spanned<Server>>),
}

impl<'de> Deserialize<'de> for Servers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Servers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("servers\nwrite one such as \"web{n}:8000\" or [\"web1:8000\", \"web2:8000\"]")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Servers, E> {
                Text::deserialize(text.into_deserializer()).map(Servers::Pattern)
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, items: A) -> Result<Servers, A::Error> {
                Deserialize::deserialize(SeqAccessDeserializer::new(items)).map(Servers::List)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for Servers {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Servers".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let server = generator.subschema_for::<Server>();
        schemars::json_schema!({ "anyOf": [
            { "type": "string" },
            { "type": "array", "minItems": 1, "items": server },
        ] })
    }
}

/// One server.
#[derive(Debug, Clone, PartialEq)]
pub struct Server {
    /// `host:port`.
    pub address: Text<Word>,
    pub details: ServerDetails,
}

/// The table form of a server.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServerDetails {
    /// `host:port`.
    #[schemars(required)]
    pub address: Option<Spanned<Text<Word>>>,
    /// Share of the requests. nginx's default: 1.
    pub weight: Option<Spanned<Positive>>,
    /// Only used while all others are down.
    pub backup: Option<Spanned<bool>>,
    /// Connections at once, at most. nginx's default: no limit.
    pub max_conns: Option<Spanned<Positive>>,
}

impl<'de> Deserialize<'de> for Server {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Server;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a server\nwrite one such as \"web1:8000\" or `{ address = \"web1:8000\", weight = 2 }`")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Server, E> {
                let address = Text::deserialize(text.into_deserializer())?;
                Ok(Server { address, details: ServerDetails::default() })
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Server, A::Error> {
                let details = ServerDetails::deserialize(MapAccessDeserializer::new(map))?;
                match &details.address {
                    Some(address) => Ok(Server { address: address.value.clone(), details }),
                    None => Err(de::Error::missing_field("address")),
                }
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for Server {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Server".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let details = generator.subschema_for::<ServerDetails>();
        schemars::json_schema!({ "anyOf": [{ "type": "string" }, details] })
    }
}

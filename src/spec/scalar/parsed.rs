//! How the types of `unit` are read from a spec, and what their schemas are.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer};

use super::Parse;
use crate::spec::de::DATE;
use crate::unit::cron::Cron;
use crate::unit::duration::Duration;
use crate::unit::expression::Expression;
use crate::unit::moment::Moment;
use crate::unit::quantity::Quantity;
use crate::unit::zone::Zone;

/// What `unit` says behind the fault is what to type.
pub(in crate::spec) fn with_help(fault: String, expected: &str) -> String {
    let advice = [
        (", expected ", "write ", ""),
        (", write ", "write ", ""),
        (", did you mean ", "did you mean ", "?"),
        (", such as ", "write one such as ", ""),
        ("; use ", "use ", ""),
    ];
    let found = advice.iter().find_map(|it| fault.split_once(it.0).map(|(fault, help)| (fault, it.1, help, it.2)));
    match found {
        Some((fault, verb, help, end)) => format!("{fault}\n{verb}{help}{end}"),
        None => format!("{fault}\nwrite {expected}"),
    }
}

/// Declares how a type of `unit` is read and what its schema is.
macro_rules! parsed {
    ($($type:ident: $expected:literal, $pattern:literal;)*) => {
        $(impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let parse = |text: &str| $type::parse(text).map_err(|fault| with_help(fault, $expected));
                deserializer.deserialize_any(Parse { expected: $expected, parse })
            }
        }

        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                match $pattern {
                    "" => json_schema!({ "type": "string" }),
                    pattern => json_schema!({ "type": "string", "pattern": pattern }),
                }
            }
        })*
    };
}

const EXPRESSION: &str = "an expression such as \"2 * cpu + 1\"";

/// Reads an expression; what is wrong comes with what to type.
pub(in crate::spec) fn expression(text: &str) -> Result<Expression, String> {
    Expression::parse(text).map_err(|fault| with_help(fault, EXPRESSION))
}

parsed! {
    Quantity: "a quantity such as \"500m\" or \"2Gi\"", "^[0-9.]+([numkMGTPE]|[KMGTPE]i|[eE][-+]?[0-9]+)?$";
    Duration: "a duration such as \"300s\" or \"1h30m\"", "^([0-9.]+(ms|s|m|h|d|w))+$";
    Cron: "a cron line such as \"0 7 * * 1-5\"", "^(@[a-z]+.*|\\S+\\s+\\S+\\s+\\S+\\s+\\S+\\s+\\S+)$";
    Expression: "an expression such as \"2 * cpu + 1\"", "";
    Zone: "an IANA time zone such as \"Asia/Kathmandu\"", "^[A-Za-z0-9_+/-]+$";
}

const MOMENT: &str = "a date-time such as `2027-03-15T09:00:00`";

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parse = |text: &str| Moment::parse(text).map_err(|fault| with_help(fault, MOMENT));
        deserializer.deserialize_newtype_struct(DATE, Parse { expected: MOMENT, parse })
    }
}

impl JsonSchema for Moment {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    /// Editors that know TOML tell the two kinds apart by their formats; tombi and taplo have other words for the one
    /// without an offset.
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let formats = ["date-time", "date-time-local", "partial-date-time"];
        let formats: Vec<Schema> = formats.iter().map(|it| json_schema!({ "type": "string", "format": it })).collect();
        json_schema!({ "anyOf": formats })
    }
}

//! `[service.NAME.env]`: settings of the program in the container that follow from the model.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, Visitor};

use super::scalar::{Format, Line, Text};
use crate::diag::source::Spanned;
use crate::unit::expression::Expression;

/// One environment variable: an expression over the model in quotes, a plain number, `true` or `false`, or a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Setting {
    /// Short for `{ value = … }`.
    Expression(Expression),
    /// Written down as it is.
    Number(i64),
    /// Written down as it is.
    Flag(bool),
    Table(SettingTable),
}

/// An environment variable in full: either a `value` that is computed, or a `text` as it is.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingTable {
    /// An expression over the model: `"2 * cpu + 1"`. `docs/model.md` lists the names.
    pub value: Option<Spanned<Expression>>,
    /// Or a text that is written down as it is.
    pub text: Option<Spanned<Text<Line>>>,
    /// The text around the number, which stands for `{}`: `"--max-old-space-size={}"`.
    pub format: Option<Spanned<Text<Format>>>,
    /// Which way a value that is not whole goes. Default: `down`, so that no setting is above what it follows from.
    #[schemars(extend("default" = "down"))]
    pub round: Option<Spanned<Round>>,
}

/// Which way a value that is not whole goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Round {
    Down,
    Up,
}

impl Round {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Up => "up",
        }
    }
}

impl<'de> Deserialize<'de> for Setting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Setting;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "an expression, a whole number, `true`, `false`, or a table\n\
                     write one such as \"2 * cpu + 1\", 500, or `{ text = \"0.75\" }` for any other text",
                )
            }

            fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Setting, E> {
                Ok(Setting::Flag(flag))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Setting, E> {
                Ok(Setting::Number(number))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Setting, E> {
                let expression = super::scalar::parsed::expression(text).map(Setting::Expression);
                let or_text = format!(", or a text as `{{ text = \"{}\" }}`", text.escape_debug());
                expression.map_err(|fault| E::custom(fault + &or_text))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Setting, A::Error> {
                SettingTable::deserialize(MapAccessDeserializer::new(map)).map(Setting::Table)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for Setting {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Setting".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<SettingTable>();
        json_schema!({ "anyOf": [
            { "type": "string" },
            { "type": "integer" },
            { "type": "boolean" },
            table,
        ] })
    }
}

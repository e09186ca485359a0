//! `[lints]`: the level of each lint, and the reason of a waiver.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, Visitor};

use super::scalar::{Day, Line, Text};
use crate::diag::source::Spanned;

/// How much a lint weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Allow,
    Warn,
    Deny,
}

impl Level {
    /// The word of the spec.
    pub fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Deny => "deny",
        }
    }
}

/// The table form: a level with its reason and its end.
#[derive(Debug, Clone, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// `allow`, `warn` or `deny`.
    pub level: Spanned<Level>,
    /// Why, for the next reader.
    pub reason: Option<Spanned<Text<Line>>>,
    /// Last day of the waiver, as `"2027-01-31"`.
    pub until: Option<Spanned<Text<Day>>>,
}

/// What stands behind a lint's name.
#[derive(Debug, Clone, PartialEq)]
pub enum Choice {
    Level(Level),
    Setting(Setting),
}

impl Choice {
    pub fn level(&self) -> Level {
        match self {
            Self::Level(level) => *level,
            Self::Setting(setting) => setting.level.value,
        }
    }

    /// Its last day, where that is over. `today` is a date as `2026-11-22`.
    pub fn expired(&self, today: &str) -> Option<&Spanned<Text<Day>>> {
        match self {
            Self::Level(_) => None,
            Self::Setting(setting) => setting.until.as_ref().filter(|it| it.value.as_str() < today),
        }
    }
}

impl<'de> Deserialize<'de> for Choice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Choice;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a level\nwrite one such as \"allow\", \"warn\", \"deny\" or `{ level = \"allow\", reason = \"…\" }`",
                )
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Choice, E> {
                match text {
                    "allow" => Ok(Choice::Level(Level::Allow)),
                    "warn" => Ok(Choice::Level(Level::Warn)),
                    "deny" => Ok(Choice::Level(Level::Deny)),
                    _ => Err(E::unknown_variant(text, &["allow", "warn", "deny"])),
                }
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Choice, A::Error> {
                Setting::deserialize(MapAccessDeserializer::new(map)).map(Choice::Setting)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for Choice {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "LintLevel".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let level = generator.subschema_for::<Level>();
        let setting = generator.subschema_for::<Setting>();
        schemars::json_schema!({ "anyOf": [level, setting] })
    }
}

//! What services and workers share: the Kubernetes object, its resources, its disruption budget, its scaling rules.

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use std::fmt;

use super::scalar::{
    Count, DnsLabel, DnsSubdomain, GroupVersion, KindName, LabelKey, LabelValue, Named, Percent, Rule, Text, Whole,
};
use crate::diag::source::Spanned;
use crate::unit::duration::Duration;
use crate::unit::exact::Exact;
use crate::unit::quantity::Quantity;

/// The Kubernetes object that is scaled. Default: the Deployment that is named like the table.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// Kind of the object. Default: `Deployment`.
    pub kind: Option<Spanned<Text<KindName>>>,
    /// API version of the kind. Default: `apps/v1`.
    pub api_version: Option<Spanned<Text<GroupVersion>>>,
    /// Name of the object. Default: the table's key.
    pub name: Option<Spanned<Text<DnsSubdomain>>>,
    /// The container that `cpu` and `memory` of the autoscaler look at, and whose environment KEDA reads. Default: all
    /// containers of the pod, and the first one's environment.
    pub container: Option<Spanned<Text<DnsLabel>>>,
    /// Labels of the pods, for the PodDisruptionBudget. Default: `{ app = <name> }`.
    pub selector: Option<Named<LabelKey, Spanned<Text<LabelValue>>>>,
    /// Also write Kustomize components that lay `resources` and `env` on a container of the object: `true` for
    /// `container`, or the name of another one.
    pub patch: Option<Spanned<Patch>>,
}

/// Whether the object is patched, and which container of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Patch {
    /// `true` is the workload's `container`.
    Wanted(bool),
    Container(Text<DnsLabel>),
}

impl<'de> Deserialize<'de> for Patch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Patch;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`true`, `false`, or the name of a container\nwrite one such as `patch = \"api\"`")
            }

            fn visit_bool<E: de::Error>(self, wanted: bool) -> Result<Patch, E> {
                Ok(Patch::Wanted(wanted))
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Patch, E> {
                let name = Text::parse(name).map_err(|fault| format!("{fault}\nwrite {}", DnsLabel::EXPECTED));
                name.map(Patch::Container).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for Patch {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Patch".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [{ "type": "boolean" }, { "type": "string", "pattern": DnsLabel::PATTERN }] })
    }
}

/// What one pod requests, what it may use at most, and what it uses at the base load.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resources {
    /// CPU request of one pod, in cores: `"500m"` is half a core.
    pub cpu: Option<Spanned<Quantity>>,
    /// Memory request of one pod, in bytes: `"2Gi"`.
    pub memory: Option<Spanned<Quantity>>,
    /// CPU limit of one pod.
    pub cpu_limit: Option<Spanned<Quantity>>,
    /// Memory limit of one pod.
    pub memory_limit: Option<Spanned<Quantity>>,
    /// CPU that one pod uses at the base load, on average: the autoscaler's target must be above its part of the request.
    pub cpu_usage: Option<Spanned<Quantity>>,
    /// Memory that one pod uses at the base load.
    pub memory_usage: Option<Spanned<Quantity>>,
}

/// The PodDisruptionBudget: `false` for none, or how many pods a drain may take.
#[derive(Debug, Clone, PartialEq)]
pub enum Disruption {
    None,
    Budget(Budget),
}

/// The bounds of a PodDisruptionBudget; exactly one of the two.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Name of the PodDisruptionBudget. Default: the workload's.
    pub name: Option<Spanned<Text<DnsSubdomain>>>,
    /// Pods that must stay up: a number, or a percentage in quotes. Kubernetes rounds percentages up.
    pub min_available: Option<Spanned<Amount>>,
    /// Pods that may be down: a number, or a percentage in quotes. Default: `"25%"`.
    pub max_unavailable: Option<Spanned<Amount>>,
}

impl<'de> Deserialize<'de> for Disruption {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Disruption;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`false` or a table\nwrite one such as `{ max_unavailable = \"25%\" }`")
            }

            fn visit_bool<E: de::Error>(self, wanted: bool) -> Result<Disruption, E> {
                match wanted {
                    false => Ok(Disruption::None),
                    true => Err(E::invalid_value(de::Unexpected::Bool(true), &self)),
                }
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Disruption, A::Error> {
                Budget::deserialize(MapAccessDeserializer::new(map)).map(Disruption::Budget)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for Disruption {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Disruption".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let budget = generator.subschema_for::<Budget>();
        schemars::json_schema!({ "anyOf": [{ "type": "boolean", "const": false }, budget] })
    }
}

/// A number of pods, or a percentage of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    Number(i64),
    Percent(i64),
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Amount;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of pods or a percentage up to 100 %\nwrite one such as 1 or \"25%\"")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Amount, E> {
                match (0..=100_000).contains(&number) {
                    true => Ok(Amount::Number(number)),
                    false => Err(E::invalid_value(de::Unexpected::Signed(number), &self)),
                }
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount, E> {
                let digits =
                    text.strip_suffix('%').filter(|it| it.len() <= 3 && it.bytes().all(|it| it.is_ascii_digit()));
                match digits.and_then(|it| it.parse().ok()) {
                    Some(percent) if percent <= 100 => Ok(Amount::Percent(percent)),
                    _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for Amount {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [
            { "type": "integer", "minimum": 0, "maximum": 100_000 },
            { "type": "string", "pattern": "^(100|[0-9]{1,2})%$" },
        ] })
    }
}

/// How fast the autoscaler may move in one direction (`behavior` of an HPA).
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScalingRules {
    /// Stabilization window: the autoscaler takes the mildest answer of this long. `"0s"` to `"1h"`.
    pub window: Option<Spanned<Duration>>,
    /// Steps that are allowed; a given list replaces Kubernetes' own.
    pub policies: Option<Vec<Policy>>,
    /// Which policy counts where several apply: `max` the biggest change, `min` the smallest, `disabled` no change.
    pub select: Option<Spanned<Select>>,
    /// How far the metric may be off before anything happens, as a fraction: `"0.05"`. From Kubernetes 1.35 on.
    pub tolerance: Option<Spanned<Tolerance>>,
}

/// One step: this many pods, or this percentage of them, per period.
#[derive(Debug, Clone, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Percentage of the current pods.
    pub percent: Option<Spanned<Whole<1, 1_000_000>>>,
    /// Number of pods.
    pub pods: Option<Spanned<Whole<1, 1_000_000>>>,
    /// The period, `"1s"` to `"30m"`.
    pub period: Spanned<Duration>,
}

/// Which scaling policy counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Select {
    Max,
    Min,
    Disabled,
}

/// A tolerance: a fraction of the target, written as a decimal in quotes.
#[derive(Debug, Clone, PartialEq)]
pub struct Tolerance {
    pub text: String,
    pub value: Exact,
}

impl<'de> Deserialize<'de> for Tolerance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fraction;
        impl Visitor<'_> for Fraction {
            type Value = Tolerance;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a fraction below 1 in quotes\nwrite one such as \"0.05\"")
            }

            fn visit_bytes<E: de::Error>(self, digits: &[u8]) -> Result<Tolerance, E> {
                let text = String::from_utf8_lossy(digits);
                match Fraction.visit_str::<E>(&text) {
                    Ok(_) => Err(E::custom(format_args!(
                        "expected a fraction below 1 in quotes, found the number `{text}`\nwrite `\"{text}\"`"
                    ))),
                    Err(_) => Err(E::invalid_type(de::Unexpected::Bytes(digits), &self)),
                }
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Tolerance, E> {
                let plain = text.bytes().all(|it| it.is_ascii_digit() || it == b'.');
                let value = Exact::parse(text).ok().filter(|it| plain && *it < Exact::from(1));
                match value {
                    Some(value) => Ok(Tolerance { text: text.to_owned(), value }),
                    None => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }
        }
        deserializer.deserialize_any(Fraction)
    }
}

impl JsonSchema for Tolerance {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Tolerance".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^0?(\\.[0-9]+)?$" })
    }
}

/// The keys that the autoscalers of services and workers share, borrowed from either.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits<'a> {
    pub name: Option<&'a Spanned<Text<DnsSubdomain>>>,
    pub min: Option<Spanned<Count>>,
    pub max: Option<Spanned<Count>>,
    pub cpu: Option<Spanned<Percent>>,
    pub memory: Option<Spanned<Percent>>,
    pub scale_up: Option<&'a ScalingRules>,
    pub scale_down: Option<&'a ScalingRules>,
}

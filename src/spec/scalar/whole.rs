//! Whole numbers with a range, and what was meant where something else was written.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, Visitor};

use crate::spec::de::{grouped, without_quotes};
use crate::unit::exact::Exact;

/// A whole number in a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Whole<const MIN: i64, const MAX: i64>(pub i64);

impl<'de, const MIN: i64, const MAX: i64> Deserialize<'de> for Whole<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Range<const MIN: i64, const MAX: i64>;
        impl<const MIN: i64, const MAX: i64> Visitor<'_> for Range<MIN, MAX> {
            type Value = Whole<MIN, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a whole number\nwrite one from {} to {}", grouped(MIN), grouped(MAX))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
                let (least, most) = (grouped(MIN), grouped(MAX));
                let help = match number {
                    _ if number < MIN => format!("{least} or more"),
                    _ if number > MAX => format!("{most} or less"),
                    _ => return Ok(Whole(number)),
                };
                let message = format!("expected a whole number from {least} to {most}, found `{number}`");
                Err(E::custom(format_args!("{message}\nwrite {help}")))
            }

            fn visit_bytes<E: de::Error>(self, digits: &[u8]) -> Result<Self::Value, E> {
                let found = de::Unexpected::Bytes(digits);
                let text = String::from_utf8_lossy(digits);
                let number = Exact::parse(&text).ok();
                let whole = number.and_then(|it| it.floor().filter(|floor| it.ceil() == Some(*floor)));
                if let Some(whole) = whole.filter(|it| (MIN..=MAX).contains(it)) {
                    let what = "expected a whole number, found the number";
                    return Err(E::custom(format_args!("{what} `{text}`\nwrite `{}`", grouped(whole))));
                }
                match number.and_then(hundredths) {
                    Some(percent) if MAX <= 1_000 => Err(E::custom(format_args!(
                        "expected a whole number, found the number `{text}`\n\
                         write one from {MIN} to {}; {percent} % is `{percent}`",
                        grouped(MAX)
                    ))),
                    _ => Err(E::invalid_type(found, &self)),
                }
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                let percent = text.strip_suffix('%').map(str::trim_end).filter(|it| it.parse::<i64>().is_ok());
                match (percent, Exact::parse(text).is_ok_and(|it| it.floor() != it.ceil())) {
                    (Some(number), _) => Err(E::custom(format_args!(
                        "expected a whole number, found the string \"{}\"\nwrite `{number}`",
                        text.escape_debug()
                    ))),
                    (None, true) => self.visit_bytes(text.as_bytes()),
                    (None, false) => Err(without_quotes(text, &self)),
                }
            }
        }
        deserializer.deserialize_any(Range)
    }
}

/// A part of one as a whole percentage: what `0.65` was written for.
fn hundredths(part: Exact) -> Option<i64> {
    let percent = part * Exact::from(100);
    let floor = percent.floor().filter(|it| (1..100).contains(it))?;
    (percent.ceil() == Some(floor)).then_some(floor)
}

impl<const MIN: i64, const MAX: i64> JsonSchema for Whole<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Whole_{MIN}_{MAX}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": MIN, "maximum": MAX })
    }
}

impl<const MIN: i64, const MAX: i64> fmt::Display for Whole<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

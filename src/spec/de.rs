//! From the spanned tree to types: a serde `Deserializer` that knows the place of every value.
//!
//! serde stops at the first error. [`read`] reports it, takes the offending value out of its copy of the tree and tries
//! again, so that all errors of a table come in one run while the types stay plain `#[derive(Deserialize)]`.

use std::{fmt, slice};

use serde::de::{self, Deserialize, DeserializeOwned, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::tree::{Entry, Node, Value};
use crate::diag::source::{FileId, Span, Spanned};
use crate::diag::{Diagnostic, Sink, suggest};
use crate::unit::exact::Exact;
use crate::unit::moment::Moment;

/// Reads a value of type `T`; every error goes into the sink. The flag says whether anything was refused.
pub(crate) fn read<T: DeserializeOwned>(key: Span, node: &Node, sink: &mut Sink) -> (Option<T>, bool) {
    let error = match T::deserialize(Place { key, node }) {
        Ok(value) => return (Some(value), false),
        Err(error) => error,
    };
    let mut rest = node.clone();
    let mut open = Some(error);
    while let Some(error) = open {
        if !error.is_told {
            sink.error(error.to_diagnostic(key));
        }
        if !remove(&mut rest, &error.path) {
            return (None, true);
        }
        match T::deserialize(Place { key, node: &rest }) {
            Ok(value) => return (Some(value), true),
            Err(error) => open = Some(error),
        }
    }
    (None, true)
}

/// Takes the value at a path (innermost step first) out of the tree.
fn remove(node: &mut Node, path: &[Step]) -> bool {
    let Some((last, way)) = path.split_first() else { return false };
    let mut parent = node;
    for step in way.iter().rev() {
        let child = match (&mut parent.value, step) {
            (Value::Table(table), Step::Key(key)) => table.0.get_mut(&**key).map(|entry| &mut entry.node),
            (Value::List(items), Step::Index(index)) => items.get_mut(*index),
            _ => None,
        };
        match child {
            Some(child) => parent = child,
            None => return false,
        }
    }
    match (&mut parent.value, last) {
        (Value::Table(table), Step::Key(key)) => table.0.remove(&**key).is_some(),
        (Value::List(items), Step::Index(index)) if *index < items.len() => {
            let mut rest = std::mem::take(items).into_vec();
            rest.remove(*index);
            *items = rest.into();
            true
        }
        _ => false,
    }
}

#[derive(Debug)]
enum Step {
    Key(Box<str>),
    Index(usize),
}

/// An error and where it happened; the path grows outward while the error travels up.
#[derive(Debug)]
pub(crate) struct Error {
    message: String,
    help: Option<String>,
    place: Option<Span>,
    path: Vec<Step>,
    /// Whether another stage reports it: [`super::required`] names all keys that are missing.
    is_told: bool,
}

impl Error {
    fn to_diagnostic(&self, fallback: Span) -> Diagnostic {
        let diagnostic = Diagnostic::error(self.message.clone()).at(self.place.unwrap_or(fallback), "");
        match &self.help {
            Some(help) => diagnostic.help(help.clone()),
            None => diagnostic,
        }
    }

    fn at(mut self, span: Span) -> Self {
        self.place.get_or_insert(span);
        self
    }

    fn below(mut self, step: Step) -> Self {
        self.path.push(step);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    /// A text may carry what to type behind a newline.
    fn custom<T: fmt::Display>(text: T) -> Self {
        let text = text.to_string();
        let (message, help) = match text.split_once('\n') {
            Some((message, help)) => (message.to_owned(), Some(help.to_owned())),
            None => (text, None),
        };
        Self { message, help, place: None, path: Vec::new(), is_told: false }
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        unexpected(format_args!("{}", describe(&found)), expected)
    }

    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        unexpected(format_args!("{}", describe(&found)), expected)
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let mut known = expected.to_vec();
        known.sort_unstable();
        let help = suggest::help(field, known);
        Self { help: Some(help), ..Self::custom(format_args!("unknown key `{}`", field.escape_debug())) }
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let help = suggest::help(variant, expected.iter().copied());
        Self { help: Some(help), ..Self::custom(format_args!("unknown value `{}`", variant.escape_debug())) }
    }

    fn missing_field(field: &'static str) -> Self {
        Self { is_told: true, ..Self::custom(format_args!("the key `{field}` is missing")) }
    }
}

/// Longer texts are not repeated in a message: the place shows them.
const LONGEST_SHOWN: usize = 80;

fn describe(unexpected: &de::Unexpected<'_>) -> String {
    match unexpected {
        de::Unexpected::Bool(value) => format!("`{value}`"),
        de::Unexpected::Signed(number) => format!("the number `{number}`"),
        de::Unexpected::Str(text) if text.len() > LONGEST_SHOWN => {
            format!("a string of {} characters", text.chars().count())
        }
        de::Unexpected::Str(text) => format!("the string \"{}\"", text.escape_debug()),
        de::Unexpected::Bytes(literal) => bare(&String::from_utf8_lossy(literal)),
        de::Unexpected::Seq => "an array".to_owned(),
        de::Unexpected::Map => "a table".to_owned(),
        other => other.to_string(),
    }
}

/// What stands without quotes and is no whole number: visitors are given it as bytes, which tells it from a text.
pub(super) fn bare(literal: &str) -> String {
    let has_dash = literal.get(1..).is_some_and(|rest| rest.contains('-')) && !literal.contains(['e', 'E']);
    let what = if has_dash || literal.contains(':') { "date" } else { "number" };
    format!("the {what} `{literal}`")
}

/// A node and the key it stands under: what serde reads from.
#[derive(Clone, Copy)]
struct Place<'t> {
    key: Span,
    node: &'t Node,
}

impl<'de> de::Deserializer<'de> for Place<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let visited = match &self.node.value {
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Text(text) => visitor.visit_borrowed_str(text),
            Value::Number(text) => match whole(text) {
                Some(number) => visitor.visit_i64(number),
                None => visitor.visit_borrowed_bytes(text.as_bytes()),
            },
            Value::Date(text) => visitor.visit_borrowed_bytes(text.as_bytes()),
            Value::List(items) => visitor.visit_seq(Items { items: items.iter().enumerate() }),
            Value::Table(table) => visitor.visit_map(Entries { entries: table.0.as_slice().iter(), next: None }),
        };
        visited.map_err(|error| error.at(self.blame()))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let visited = match &self.node.value {
            Value::Text(text) => visitor.visit_enum(IntoDeserializer::<Error>::into_deserializer(&**text)),
            _ => Err(self.is_no("string", format_args!("write one of \"{}\"", words.join("\", \"")))),
        };
        visited.map_err(|error| error.at(self.blame()))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        keys: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match &self.node.value {
            Value::Table(_) => self.deserialize_any(visitor),
            _ => Err(self.is_no("table", format_args!("its keys are {}", suggest::list(keys.iter().copied())))),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.node.value {
            Value::List(_) => self.deserialize_any(visitor),
            Value::Text(text) => Err(self.is_no("array", format_args!("write `[\"{}\"]`", text.escape_debug()))),
            _ => Err(self.is_no("array", format_args!("put it in brackets: `[…]`"))),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.node.value {
            Value::Bool(_) => self.deserialize_any(visitor),
            _ => Err(self.is_no("boolean", format_args!("write `true` or `false`"))),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        match (name, &self.node.value) {
            (SPANNED, _) => visitor.visit_seq(SpannedParts { span: self.node.span, part: 0, place: Some(self) }),
            (NUMBER, Value::Number(text)) => {
                visitor.visit_borrowed_str(text).map_err(|error: Error| error.at(self.blame()))
            }
            (NUMBER, Value::Text(text)) => Err(without_quotes::<Error>(text, &visitor).at(self.blame())),
            (DATE, Value::Date(text)) => {
                visitor.visit_borrowed_str(text).map_err(|error: Error| error.at(self.blame()))
            }
            (DATE, Value::Text(text)) if Moment::parse(text).is_ok() => {
                let message = format_args!("expected a date-time, found a string\nwrite `{text}` without quotes");
                Err(<Error as de::Error>::custom(message).at(self.blame()))
            }
            (DATE, _) => Err(unexpected(format_args!("{}", self.node.kind()), &visitor).at(self.blame())),
            // Bytes tell a number from a text of digits.
            (SCALAR, Value::Number(text)) => {
                visitor.visit_bytes(text.as_bytes()).map_err(|error: Error| error.at(self.blame()))
            }
            (SCALAR, Value::Date(text)) => Err(unexpected(format_args!("{}", bare(text)), &visitor).at(self.blame())),
            (SCALAR, _) => self.deserialize_any(visitor),
            (NUMBER, _) => Err(unexpected(format_args!("{}", self.node.kind()), &visitor).at(self.blame())),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct tuple tuple_struct map identifier ignored_any
    }
}

impl Place<'_> {
    fn is_no(self, expected: &str, help: fmt::Arguments<'_>) -> Error {
        let article = if expected == "array" { "an" } else { "a" };
        let error: Error =
            de::Error::custom(format_args!("expected {article} {expected}, found {}\n{help}", self.node.kind()));
        error.at(self.blame())
    }

    /// What to point at: a table's own key says more than its braces.
    fn blame(&self) -> Span {
        match self.node.value {
            Value::Table(_) => self.key,
            _ => self.node.span,
        }
    }
}

/// A whole number as TOML writes it: `100`, `0x64`.
fn whole(text: &str) -> Option<i64> {
    match text.get(..2) {
        Some("0x") => i64::from_str_radix(&text[2..], 16).ok(),
        Some("0o") => i64::from_str_radix(&text[2..], 8).ok(),
        Some("0b") => i64::from_str_radix(&text[2..], 2).ok(),
        _ => text.parse().ok(),
    }
}

/// A number that was put in quotes, or a text that is none.
pub(super) fn without_quotes<E: de::Error>(text: &str, expected: &dyn de::Expected) -> E {
    if Exact::parse(text).is_ok() {
        return E::custom(format_args!("expected a number, found a string\nwrite `{text}` without quotes"));
    }
    let error = || E::invalid_type(de::Unexpected::Str(text), expected);
    spelled_out(text).map_or_else(error, |number| {
        let expected = expected.to_string();
        let what = expected.split('\n').next().unwrap_or_default();
        E::custom(format_args!("expected {what}, found the string \"{}\"\nwrite `{number}`", text.escape_debug()))
    })
}

/// The number that people mean by `3k`, `1.5M`, `3,000` and `3000 rps`, as TOML has it.
fn spelled_out(text: &str) -> Option<String> {
    let units = ["req/s", "per second", "rps", "/s"];
    let plain = units.iter().find_map(|unit| text.strip_suffix(unit)).unwrap_or(text).trim_end();
    let (digits, factor) = match plain.strip_suffix(['k', 'K', 'M']) {
        Some(digits) => (digits.trim_end(), if plain.ends_with('M') { 1_000_000 } else { 1_000 }),
        None => (plain, 1),
    };
    let number = Exact::parse(&digits.replace(',', "_")).ok()? * Exact::from(factor);
    match (number.floor()?, number.ceil()?) {
        (floor, ceil) if floor == ceil => Some(grouped(floor)),
        _ => Some(number.to_string()),
    }
}

/// As TOML lets people write it: `100_000_000`.
pub(super) fn grouped(number: i64) -> String {
    match number {
        ..1_000 => number.to_string(),
        _ => format!("{}_{:03}", grouped(number.div_euclid(1_000)), number.rem_euclid(1_000)),
    }
}

/// A visitor, too, may write what to type behind a newline.
fn unexpected(found: fmt::Arguments<'_>, expected: &dyn de::Expected) -> Error {
    let expected = expected.to_string();
    let (what, help) = match expected.split_once('\n') {
        Some((what, help)) => (what, Some(help.to_owned())),
        None => (expected.as_str(), None),
    };
    Error { help, ..de::Error::custom(format_args!("expected {what}, found {found}")) }
}

struct Items<'t> {
    items: std::iter::Enumerate<slice::Iter<'t, Node>>,
}

impl<'de> de::SeqAccess<'de> for Items<'de> {
    type Error = Error;

    fn next_element_seed<T: de::DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some((index, node)) = self.items.next() else { return Ok(None) };
        let element = seed.deserialize(Place { key: node.span, node });
        element.map(Some).map_err(|error| error.below(Step::Index(index)))
    }
}

struct Entries<'t> {
    entries: slice::Iter<'t, (Box<str>, Entry)>,
    next: Option<(&'t str, &'t Entry)>,
}

impl<'de> de::MapAccess<'de> for Entries<'de> {
    type Error = Error;

    fn next_key_seed<K: de::DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some((key, entry)) = self.entries.next() else { return Ok(None) };
        self.next = Some((key, entry));
        let read = seed.deserialize(Key { key, span: entry.key });
        read.map(Some).map_err(|error| error.at(entry.key).below(Step::Key(key.clone())))
    }

    fn next_value_seed<V: de::DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let Some((key, entry)) = self.next.take() else { return Err(de::Error::custom("a value without a key")) };
        let value = seed.deserialize(Place { key: entry.key, node: &entry.node });
        value.map_err(|error| error.below(Step::Key(key.into())))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

/// A table's key: text with a place.
#[derive(Clone, Copy)]
struct Key<'t> {
    key: &'t str,
    span: Span,
}

impl<'de> de::Deserializer<'de> for Key<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(self.key)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        match name {
            SPANNED => visitor.visit_seq(SpannedParts { span: self.span, part: 0, place: Some(self) }),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The private names by which [`Place`] knows that a type wants its span, or a number's text.
pub(crate) const SPANNED: &str = "$capgen::spec::Spanned";
pub(crate) const NUMBER: &str = "$capgen::spec::Number";
/// A date-time, which TOML writes without quotes.
pub(crate) const DATE: &str = "$capgen::spec::Date";
/// A number of any kind, a text or a switch.
pub(crate) const SCALAR: &str = "$capgen::spec::Scalar";

/// Hands out file, start and end, then the value itself.
struct SpannedParts<D> {
    span: Span,
    part: u8,
    place: Option<D>,
}

impl<'de, D: de::Deserializer<'de, Error = Error>> de::SeqAccess<'de> for SpannedParts<D> {
    type Error = Error;

    fn next_element_seed<T: de::DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        self.part += 1;
        match self.part {
            1 => seed.deserialize(self.span.file.number().into_deserializer()).map(Some),
            2 => seed.deserialize(self.span.start.into_deserializer()).map(Some),
            3 => seed.deserialize(self.span.end.into_deserializer()).map(Some),
            _ => self.place.take().map(|place| seed.deserialize(place)).transpose(),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Parts<T> {
            type Value = Spanned<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value with its place")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut parts: A) -> Result<Spanned<T>, A::Error> {
                let missing = || de::Error::custom("a value without its place");
                let file = parts.next_element()?.and_then(FileId::from_number).ok_or_else(missing)?;
                let start: u32 = parts.next_element()?.ok_or_else(missing)?;
                let end: u32 = parts.next_element()?.ok_or_else(missing)?;
                let value = parts.next_element()?.ok_or_else(missing)?;
                Ok(Spanned { value, span: Span { file, start, end } })
            }
        }
        deserializer.deserialize_newtype_struct(SPANNED, Parts(std::marker::PhantomData))
    }
}

/// The keys that a struct has, asked of its own `Deserialize`.
pub(crate) fn keys_of<T: DeserializeOwned>() -> &'static [&'static str] {
    struct Probe<'a>(&'a mut &'static [&'static str]);
    impl<'de> de::Deserializer<'de> for Probe<'_> {
        type Error = Error;

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
            Err(de::Error::custom("only the names of the keys are asked"))
        }

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, Error> {
            *self.0 = fields;
            Err(de::Error::custom("only the names of the keys are asked"))
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
            unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }
    let mut fields: &'static [&'static str] = &[];
    let _ = T::deserialize(Probe(&mut fields));
    fields
}

//! The spec as a tree of spanned values, before it has types.
//!
//! Files, overlays and flags are merged here, as trees and never as text, so that every value keeps the place
//! where it was written.

use toml::de::{DeTable, DeValue};

use super::packed::PackedMap;
use super::syntax;
use crate::diag::Sink;
use crate::diag::source::{FileId, Span};

/// A value and where it stands. A table's span is its header or its braces.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) span: Span,
}

/// The values TOML has. Numbers stay text: decimals are read from their text, never through a float.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Bool(bool),
    Number(Box<str>),
    Text(Box<str>),
    /// Dates and times, as TOML prints them.
    Date(Box<str>),
    List(Box<[Node]>),
    Table(Table),
}

/// A table. Sorted by key, so that the order in a file means nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Table(pub(crate) PackedMap<Box<str>, Entry>);

/// A key's value and where the key stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: Span,
    pub(crate) node: Node,
}

impl Node {
    /// The table, if it is one.
    pub(crate) fn table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// What TOML calls this value.
    pub(crate) fn kind(&self) -> &'static str {
        match self.value {
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::Text(_) => "a string",
            Value::Date(_) => "a date",
            Value::List(_) => "an array",
            Value::Table(_) => "a table",
        }
    }
}

/// Parses one text; every syntax error goes into the sink, and what could be read comes back.
pub(crate) fn parse(file: FileId, text: &str, sink: &mut Sink) -> Table {
    let (parsed, errors) = DeTable::parse_recoverable(text);
    let mut table = convert_table(file, parsed.get_ref());
    let starts: Vec<usize> = errors.iter().filter_map(|error| Some(error.span()?.start)).collect();
    syntax::report(file, text, &table, errors, sink);
    // Nobody is to follow an `include` that could not be read.
    table.0.retain(|_, entry| !starts.iter().any(|start| entry.node.span.range().contains(start)));
    table
}

/// What can be read of a text, whatever is wrong with the rest.
pub(super) fn readable(file: FileId, text: &str) -> Table {
    convert_table(file, DeTable::parse_recoverable(text).0.get_ref())
}

fn convert_table(file: FileId, table: &DeTable<'_>) -> Table {
    let entry = |(key, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| {
        let key: &toml::Spanned<toml::de::DeString<'_>> = key;
        let node = Node { value: convert(file, value.get_ref()), span: Span::new(file, value.span()) };
        (key.get_ref().as_ref().into(), Entry { key: Span::new(file, key.span()), node })
    };
    Table(table.iter().map(entry).collect())
}

fn convert(file: FileId, value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.as_ref().into()),
        DeValue::Integer(number) => Value::Number(match number.radix() {
            16 => format!("0x{}", number.as_str()).into(),
            8 => format!("0o{}", number.as_str()).into(),
            2 => format!("0b{}", number.as_str()).into(),
            _ => number.as_str().into(),
        }),
        DeValue::Float(number) => Value::Number(number.as_str().into()),
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Datetime(value) => Value::Date(value.to_string().into()),
        DeValue::Array(items) => {
            let node = |item: &toml::Spanned<DeValue<'_>>| Node {
                value: convert(file, item.get_ref()),
                span: Span::new(file, item.span()),
            };
            Value::List(items.iter().map(node).collect())
        }
        DeValue::Table(table) => Value::Table(convert_table(file, table)),
    }
}

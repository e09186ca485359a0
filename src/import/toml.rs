//! Tidy TOML: tables with aligned keys, inline tables, and a comment behind what came from somewhere.
//!
//! It knows the syntax alone. Whatever a text holds, it becomes one quoted text on one line.

use std::fmt::Write as _;

use crate::doc::value::{is_hidden, single_line};

/// A table under its header.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    /// `["service", "api"]`; empty at the top.
    pub(super) path: Vec<String>,
    pub(super) entries: Vec<Entry>,
    /// Stands behind the header.
    pub(super) note: String,
}

/// `key = value  # note`.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) value: Value,
    pub(super) note: String,
}

/// What stands behind a key.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Int(i64),
    Bool(bool),
    /// A number whose digits are kept: `0.5`.
    Decimal(String),
    Text(String),
    List(Vec<Value>),
    Inline(Vec<(String, Value)>),
}

impl Table {
    pub(super) fn new(path: &[&str], note: impl Into<String>) -> Self {
        let path = path.iter().map(|it| (*it).to_owned()).collect();
        Self { path, entries: Vec::new(), note: note.into() }
    }

    pub(super) fn add(&mut self, key: impl Into<String>, value: Value) -> &mut Self {
        self.add_noted(key, value, "")
    }

    pub(super) fn add_noted(&mut self, key: impl Into<String>, value: Value, note: impl Into<String>) -> &mut Self {
        self.entries.push(Entry { key: key.into(), value, note: note.into() });
        self
    }

    /// The number behind a key, where it is one.
    pub(super) fn int(&self, key: &str) -> Option<i64> {
        self.entries.iter().find_map(|it| match it.value {
            Value::Int(number) if it.key == key => Some(number),
            _ => None,
        })
    }

    /// The lines of the table, header first.
    pub(super) fn print(&self, out: &mut String) {
        let header = self.path.iter().map(|it| key(it)).collect::<Vec<_>>().join(".");
        if !header.is_empty() {
            out.push_str(&format!("[{header}]"));
            comment(out, &self.note);
        }
        let width = self.entries.iter().map(|it| key(&it.key).chars().count()).max().unwrap_or(0);
        for entry in &self.entries {
            let _ = write!(out, "{:width$} = ", key(&entry.key));
            entry.value.print(out);
            comment(out, &entry.note);
        }
    }
}

/// Ends a line, behind a comment if there is one.
fn comment(out: &mut String, text: &str) {
    let text = single_line(text);
    if !text.is_empty() {
        let _ = write!(out, "  # {text}");
    }
    out.push('\n');
}

/// A comment on lines of its own.
pub(super) fn remark(out: &mut String, text: &str) {
    let text = single_line(text);
    out.push_str(if text.is_empty() { "#" } else { "# " });
    out.push_str(&text);
    out.push('\n');
}

impl Value {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// An inline table of what is there.
    pub(super) fn inline<const N: usize>(entries: [(&str, Option<Value>); N]) -> Self {
        let entries = entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
        Self::Inline(entries.collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::List(items) => items.is_empty(),
            Self::Inline(entries) => entries.is_empty(),
            _ => false,
        }
    }

    fn print(&self, out: &mut String) {
        match self {
            Self::Int(number) => out.push_str(&grouped(*number)),
            Self::Bool(it) => out.push_str(if *it { "true" } else { "false" }),
            Self::Decimal(digits) => out.push_str(digits),
            Self::Text(text) => quoted(out, text),
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { ", " });
                    item.print(out);
                }
                out.push(']');
            }
            Self::Inline(entries) if entries.is_empty() => out.push_str("{}"),
            Self::Inline(entries) => {
                for (index, (name, value)) in entries.iter().enumerate() {
                    out.push_str(if index == 0 { "{ " } else { ", " });
                    out.push_str(&key(name));
                    out.push_str(" = ");
                    value.print(out);
                }
                out.push_str(" }");
            }
        }
    }
}

/// As the examples have it: `100_000`, and `5000` without.
fn grouped(number: i64) -> String {
    match number {
        ..10_000 => number.to_string(),
        _ => format!("{}_{:03}", grouped_all(number / 1000), number % 1000),
    }
}

fn grouped_all(number: i64) -> String {
    match number {
        ..1000 => number.to_string(),
        _ => format!("{}_{:03}", grouped_all(number / 1000), number % 1000),
    }
}

/// A key, quoted where it has to be.
fn key(name: &str) -> String {
    let is_bare = !name.is_empty() && name.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-'));
    let mut out = String::new();
    if is_bare {
        out.push_str(name)
    } else {
        quoted(&mut out, name)
    }
    out
}

fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            it if is_hidden(it) => _ = write!(out, "\\U{:08X}", u32::from(it)),
            it => out.push(it),
        }
    }
    out.push('"');
}

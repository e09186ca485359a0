//! The ini dialect of PgBouncer (`lib/usual/cfparser.c` and `src/loader.c`, 1.18 to 1.25).
//!
//! It is not the ini of other programs: comments stand only at the start of a line, nothing is escaped, and in
//! `[databases]`, `[users]` and `[peers]` a value is a connection string of its own syntax. This module knows that
//! syntax and must not know what a setting means.
//!
//! A value that is a whole number in its usual form is a [`Value::Int`], every other one a [`Value::Text`]; for an
//! [`Ini`] of such values `parse(print(ini))` gives the ini again, without addresses.

mod check;
mod mark;
mod read;

pub use check::{key_is_printable, pair_value_is_printable, value_is_printable};
pub use mark::marks;
pub use read::parse;

use std::borrow::Cow;
use std::fmt::Write as _;

use super::value::{Node, Value, is_hidden, single_line};
use crate::why::Address;

/// A file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ini {
    pub sections: Vec<Section>,
}

/// `[name]` and what stands below.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    pub name: String,
    pub entries: Vec<Entry>,
}

/// `key = value`.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub key: String,
    pub value: IniValue,
}

/// A setting's value.
#[derive(Debug, Clone, PartialEq)]
pub enum IniValue {
    /// One value, as in `[pgbouncer]`.
    Scalar(Node),
    /// A connection string, as in `[databases]`: `host=db port=5432`.
    Pairs(Vec<(String, Node)>),
}

impl Ini {
    /// The section of a name.
    pub fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }
}

impl Section {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&IniValue> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }
}

/// Whether the values of a section are connection strings.
fn has_pairs(section: &str) -> bool {
    matches!(section, "databases" | "users" | "peers")
}

/// The file as text, with an empty line between two sections.
///
/// What `comment` says about an address stands on a line of its own above the entry, for a part of a connection
/// string behind the part's name: `; pool_size: floor(120 / 2)`.
///
/// Values are checked beforehand with [`value_is_printable`]. One that was not cannot break out of its line either:
/// a hidden character is printed as a blank.
pub fn print(ini: &Ini, comment: &dyn Fn(&Address) -> Option<String>) -> String {
    let mut out = String::new();
    for (position, section) in ini.sections.iter().enumerate() {
        if position > 0 {
            out.push('\n');
        }
        out.push('[');
        out.push_str(&one_line(&section.name));
        out.push_str("]\n");
        for entry in &section.entries {
            print_entry(&mut out, entry, comment);
        }
    }
    out
}

fn print_entry(out: &mut String, entry: &Entry, comment: &dyn Fn(&Address) -> Option<String>) {
    let parts: &[(String, Node)] = match &entry.value {
        IniValue::Scalar(node) => {
            print_comment(out, "", node, comment);
            &[]
        }
        IniValue::Pairs(pairs) => pairs,
    };
    for (key, node) in parts {
        print_comment(out, key, node, comment);
    }
    debug_assert_eq!(key_is_printable(&entry.key), Ok(()));
    out.push_str(&one_line(&entry.key));
    out.push_str(" =");
    match &entry.value {
        IniValue::Scalar(node) => {
            let text = scalar_text(node);
            debug_assert_eq!(value_is_printable(&text), Ok(()));
            if !text.is_empty() {
                out.push(' ');
                out.push_str(&one_line(&text));
            }
        }
        IniValue::Pairs(pairs) => {
            for (key, node) in pairs {
                out.push(' ');
                print_pair(out, key, &scalar_text(node));
            }
        }
    }
    out.push('\n');
}

fn print_comment(out: &mut String, part: &str, node: &Node, comment: &dyn Fn(&Address) -> Option<String>) {
    let Some(text) = node.address.as_ref().and_then(comment) else { return };
    let text = single_line(&text);
    if text.is_empty() {
        return;
    }
    out.push_str("; ");
    if !part.is_empty() {
        out.push_str(&one_line(part));
        out.push_str(": ");
    }
    out.push_str(&text);
    out.push('\n');
}

fn print_pair(out: &mut String, key: &str, value: &str) {
    debug_assert_eq!(key_is_printable(key), Ok(()));
    debug_assert_eq!(pair_value_is_printable(value), Ok(()));
    out.push_str(&one_line(key));
    out.push('=');
    let value = one_line(value);
    match value.contains([' ', '\'']) {
        true => _ = write!(out, "'{}'", value.replace('\'', "''")),
        false => out.push_str(&value),
    }
}

/// A scalar as PgBouncer reads it; its switches are numbers.
fn scalar_text(node: &Node) -> Cow<'_, str> {
    match &node.value {
        Value::Text(text) => Cow::Borrowed(text),
        Value::Int(int) => Cow::Owned(int.to_string()),
        Value::Float(float) => Cow::Owned(float.to_string()),
        Value::Bool(it) => Cow::Borrowed(if *it { "1" } else { "0" }),
        Value::Null => Cow::Borrowed(""),
        Value::List(_) | Value::Map(_) => {
            debug_assert!(false, "a setting of PgBouncer is one value");
            Cow::Borrowed("")
        }
    }
}

fn one_line(text: &str) -> Cow<'_, str> {
    match text.contains(is_hidden) {
        true => Cow::Owned(text.replace(is_hidden, " ")),
        false => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests;

//! Secrets: what must never be shown, in a document, in an ini, in a URL.
//!
//! It errs on the side of hiding. What is hidden is still compared: a password that differs is a change whose values
//! nobody sees.

use std::borrow::Cow;

use super::{Path, Step};
use crate::doc::value::{Node, Value};

/// What stands in a secret's place.
pub(super) const HIDDEN: &str = "(hidden)";

/// Words in a key that make its value a secret.
const SECRET: [&str; 10] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "credential",
    "apikey",
    "privatekey",
    "accesskey",
    "saslkey",
];

/// Endings of keys that only name a secret which stands elsewhere.
const NAMES_ONLY: [&str; 6] = ["ref", "name", "fromenv", "file", "type", "query"];

/// A value as it may be shown at a path.
pub(super) fn text<'a>(path: &Path, text: &'a str) -> Cow<'a, str> {
    let is_secret = path.0.iter().any(|step| matches!(step, Step::Key(key) if is_secret(key)));
    if is_secret { HIDDEN.into() } else { urls(text) }
}

/// A tree as it may be shown.
pub(super) fn tree(node: &Node) -> Node {
    let value = match &node.value {
        Value::Map(entries) => {
            let shown = entries.iter().map(|(key, node)| {
                let node = if is_secret(key) { hidden(node) } else { tree(node) };
                (key.clone(), node)
            });
            Value::Map(shown.collect())
        }
        Value::List(items) => Value::List(items.iter().map(tree).collect()),
        Value::Text(text) => Value::Text(match urls(text) {
            Cow::Borrowed(_) => text.clone(),
            Cow::Owned(shown) => shown.into(),
        }),
        other => other.clone(),
    };
    Node { value, address: node.address.clone() }
}

/// Every leaf of a secret; its shape is none.
fn hidden(node: &Node) -> Node {
    match &node.value {
        Value::Map(entries) => {
            Value::Map(entries.iter().map(|(key, node)| (key.clone(), hidden(node))).collect()).into()
        }
        Value::List(items) => Value::List(items.iter().map(hidden).collect()).into(),
        _ => Value::Text(HIDDEN.into()).into(),
    }
}

fn is_secret(key: &str) -> bool {
    let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let names_only = NAMES_ONLY.iter().any(|ending| plain.ends_with(ending)) || plain.starts_with("automount");
    !names_only && SECRET.iter().any(|word| plain.contains(word))
}

/// Hides the user's part of every URL (`amqp://user:password@host`) and what follows `password=` in a text.
fn urls(text: &str) -> Cow<'_, str> {
    let mut out = Cow::Borrowed(text);
    let mut from = 0;
    while let Some(found) = out.get(from..).and_then(|rest| rest.find("://")) {
        let start = from + found + 3;
        let rest = &out[start..];
        let end = rest
            .find(|it: char| it.is_whitespace() || matches!(it, '/' | '?' | '#' | '"' | '\''))
            .unwrap_or(rest.len());
        if let Some(at) = rest[..end].rfind('@') {
            out = Cow::Owned(format!("{}{HIDDEN}{}", &out[..start], &rest[at..]));
        }
        from = start;
    }
    assignments(out)
}

fn assignments(text: Cow<'_, str>) -> Cow<'_, str> {
    let lower = text.to_ascii_lowercase();
    let Some(at) =
        ["password=", "passwd=", "secret=", "token="].iter().filter_map(|it| Some((lower.find(it)?, it.len()))).min()
    else {
        return text;
    };
    let start = at.0 + at.1;
    let rest = &text[start..];
    // A quoted value may hold blanks: what follows is hidden too, rather than half of a secret shown.
    let end = match rest.starts_with(['\'', '"']) {
        true => rest.len(),
        false => rest.find(|it: char| it.is_whitespace() || matches!(it, '&' | ';')).unwrap_or(rest.len()),
    };
    let tail = assignments(Cow::Borrowed(&rest[end..])).into_owned();
    Cow::Owned(format!("{}{HIDDEN}{tail}", &text[..start]))
}

//! Questions to a tree that somebody wrote: nothing need be there, and nothing need be what it should.

use std::borrow::Cow;

use crate::doc::value::{Node, Path, Step, Value};

/// The node at a place: keys with blanks between.
pub(super) fn at<'a>(node: &'a Node, place: &str) -> Option<&'a Node> {
    place.split(' ').try_fold(node, |node, key| node.get(key))
}

/// A scalar as text; `null` is none.
pub(super) fn text(node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(text.to_string()),
        Value::Int(number) => Some(number.to_string()),
        Value::Bool(it) => Some(it.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

/// The text at a place.
pub(super) fn text_at(node: &Node, place: &str) -> Option<String> {
    at(node, place).and_then(text)
}

/// A whole number, in digits or as a number.
pub(super) fn int(node: &Node) -> Option<i64> {
    match &node.value {
        Value::Int(number) => Some(*number),
        Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

/// The whole number at a place.
pub(super) fn int_at(node: &Node, place: &str) -> Option<i64> {
    at(node, place).and_then(int)
}

pub(super) type Entries = [(Cow<'static, str>, Node)];

/// The members of a map; of anything else none.
pub(super) fn entries(node: &Node) -> &Entries {
    match &node.value {
        Value::Map(entries) => entries,
        _ => &[],
    }
}

pub(super) fn entries_at<'a>(node: &'a Node, place: &str) -> &'a Entries {
    at(node, place).map(entries).unwrap_or_default()
}

/// The members of a list; of anything else none.
pub(super) fn items(node: &Node) -> &[Node] {
    match &node.value {
        Value::List(items) => items,
        _ => &[],
    }
}

pub(super) fn items_at<'a>(node: &'a Node, place: &str) -> &'a [Node] {
    at(node, place).map(items).unwrap_or_default()
}

/// Words in the name of a setting, or in its value, that speak of a secret.
const SECRET: [&str; 6] = ["password", "passwd", "secret", "token", "credential", "apikey"];

/// Whether a setting may hold a secret, rather than name where one is: it errs on the side of a secret.
pub(super) fn may_be_secret(key: &str, value: &str) -> bool {
    let (key, value) = (key.to_lowercase(), value.to_lowercase());
    let names_only = key.ends_with("fromenv") || key.ends_with("_file") || key.ends_with("tokenprovider");
    let is_word = |text: &str| SECRET.iter().any(|word| text.contains(word));
    !names_only && (is_word(&key) || is_word(&value) || value.contains('@') && value.contains(':'))
}

/// A place as a path; a number is the member of a list.
pub(super) fn path(place: &str) -> Path {
    let step = |it: &str| it.parse().map_or_else(|_| Step::Key(it.to_owned()), Step::Index);
    Path(place.split(' ').filter(|it| !it.is_empty()).map(step).collect())
}

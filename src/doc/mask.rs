//! Secrets in documents: what must never be shown below the keys of a tree.
//!
//! What is hidden is still compared: a password that differs is a change whose values nobody sees.

use std::borrow::Cow;

use super::value::{Node, Value};
use crate::diag::secret::{HIDDEN, is_secret, shown};

/// A value as it may be shown below these keys.
pub(crate) fn text<'a, 'k>(mut keys: impl Iterator<Item = &'k str>, text: &'a str) -> Cow<'a, str> {
    if keys.any(is_secret) { HIDDEN.into() } else { shown(text) }
}

/// A tree as it may be shown.
pub(crate) fn tree(node: &Node) -> Node {
    let value = match &node.value {
        Value::Map(entries) => {
            let shown = entries.iter().map(|(key, node)| {
                let node = if is_secret(key) { hidden(node) } else { tree(node) };
                (key.clone(), node)
            });
            Value::Map(shown.collect())
        }
        Value::List(items) => Value::List(items.iter().map(tree).collect()),
        Value::Text(text) => Value::Text(match shown(text) {
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

#[cfg(test)]
mod tests;

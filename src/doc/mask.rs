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
pub(crate) fn tree(mut node: Node) -> Node {
    hide_secrets(&mut node);
    node
}

fn hide_secrets(node: &mut Node) {
    match &mut node.value {
        Value::Map(entries) => {
            for (key, node) in entries {
                if is_secret(key) { hide(node) } else { hide_secrets(node) }
            }
        }
        Value::List(items) => items.iter_mut().for_each(hide_secrets),
        Value::Text(text) => {
            if let Cow::Owned(shown) = shown(text) {
                *text = shown.into();
            }
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {}
    }
}

/// Every leaf of a secret; its shape is none.
fn hide(node: &mut Node) {
    node.address = None;
    match &mut node.value {
        Value::Map(entries) => entries.iter_mut().for_each(|(_, node)| hide(node)),
        Value::List(items) => items.iter_mut().for_each(hide),
        leaf => *leaf = Value::Text(HIDDEN.into()),
    }
}

#[cfg(test)]
mod tests;

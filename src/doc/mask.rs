//! Secrets in documents: what must never be shown below the keys of a tree.
//!
//! What is hidden is still compared: a password that differs is a change whose values nobody sees.

use std::borrow::Cow;

use super::value::{Node, Value};
use crate::diag::secret::{HIDDEN, is_secret, shown};
use crate::why::Address;

/// A text as it may be shown, which is or is not a secret by the place where it stands.
pub(crate) fn text(text: &str, is_secret: bool) -> Cow<'_, str> {
    if is_secret { HIDDEN.into() } else { shown(text) }
}

/// Whether what stands under a key of a map is a secret: by the key, by the name beside it as variables have one, or
/// because the map is a Secret of Kubernetes.
pub(crate) fn hides(map: &Node, key: &str) -> bool {
    let says = |key: &str, is: fn(&str) -> bool| map.get(key).and_then(Node::as_str).is_some_and(is);
    match key {
        "value" => says("name", is_secret),
        "data" | "stringData" => says("kind", |kind| kind == "Secret"),
        _ => is_secret(key),
    }
}

/// Whether a member of a list is a secret: what follows `--password` among the arguments of a program.
pub(crate) fn hides_member(items: &[Node], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| items.get(at)?.as_str());
    before.and_then(|it| it.strip_prefix("--")).is_some_and(|flag| !flag.contains(['=', ' ']) && is_secret(flag))
}

/// The value of an address as it may be shown: a secret by a key below its table, or by what it says.
pub(crate) fn decided<'a>(address: &Address, value: &'a str) -> Cow<'a, str> {
    let keys = address.as_str().strip_prefix(address.table()).unwrap_or_default();
    // A name that the platform gave may hold such a word, and count something: `pool_connections.tokens = 5`.
    let is_count = || !keys.contains("env.") && value.parse::<i64>().is_ok();
    text(value, keys.split(['.', '"']).any(is_secret) && !is_count())
}

/// A tree as it may be shown.
pub(crate) fn tree(mut node: Node) -> Node {
    hide_secrets(&mut node);
    node
}

fn hide_secrets(node: &mut Node) {
    let hidden: Vec<bool> = match &node.value {
        Value::Map(entries) => entries.iter().map(|(key, _)| hides(node, key)).collect(),
        Value::List(items) => (0..items.len()).map(|at| hides_member(items, at)).collect(),
        _ => Vec::new(),
    };
    let below = |(node, is_hidden): (&mut Node, bool)| if is_hidden { hide(node) } else { hide_secrets(node) };
    match &mut node.value {
        Value::Map(entries) => {
            for (entry, is_hidden) in entries.iter_mut().zip(hidden) {
                // Of nginx' configuration a condition is a key.
                if let Cow::Owned(shown) = shown(&entry.0) {
                    entry.0 = shown.into();
                }
                below((&mut entry.1, is_hidden));
            }
        }
        Value::List(items) => items.iter_mut().zip(hidden).for_each(below),
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

//! JSON: `kubectl get -o json`, the lock file and reports.
//!
//! It must not know what a document means. Addresses are not printed: JSON has no comments.

use serde::de::DeserializeSeed;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::value::mark::{Mark, MarkSeed};
use super::value::read::{Budget, NodeSeed};
use super::value::{Fault, Node, Value};

/// Reads one document. A byte order mark is accepted; integers beyond 64 bits are kept as text.
///
/// # Errors
/// The first fault: syntax, nesting deeper than 128, a key that stands twice in one map.
pub fn parse(text: &str) -> Result<Node, Fault> {
    let mut deserializer = serde_json::Deserializer::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    let node = one(&mut deserializer);
    let node = node.and_then(|node| deserializer.end().map(|()| node));
    node.map_err(|error| fault(&error))
}

/// Reads at least one document, and all that follow it.
///
/// # Errors
/// As [`parse`].
pub fn parse_all(text: &str) -> Result<Vec<Node>, Fault> {
    let mut deserializer = serde_json::Deserializer::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    let mut nodes = Vec::new();
    while nodes.is_empty() || deserializer.end().is_err() {
        nodes.push(one(&mut deserializer).map_err(|error| fault(&error))?);
    }
    Ok(nodes)
}

/// Every document that [`parse_all`] gives, with its marks in places of the text behind a byte order mark.
///
/// # Errors
/// As [`parse`].
pub fn marked(text: &str) -> Result<Vec<(Node, Mark)>, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let documents = parse_all(text)?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let budget = Budget::new(usize::MAX);
    let mut marks = Vec::with_capacity(documents.len());
    for _ in &documents {
        let seed = MarkSeed { text, budget: &budget, plain: None };
        marks.push(seed.deserialize(&mut deserializer).map_err(|error| fault(&error))?);
    }
    Ok(documents.into_iter().zip(marks).collect())
}

fn one(deserializer: &mut serde_json::Deserializer<serde_json::de::StrRead<'_>>) -> serde_json::Result<Node> {
    let budget = Budget::new(usize::MAX);
    NodeSeed { budget: &budget, plain: None }.deserialize(deserializer)
}

/// The document with two blanks a level and a newline at the end. A float that is no number becomes null.
pub fn print(node: &Node) -> String {
    // Every key is a text and the target is memory, so nothing can fail.
    let mut text = serde_json::to_string_pretty(&Plain(node)).unwrap_or_default();
    text.push('\n');
    text
}

/// A tree as a part of another JSON document.
pub(crate) struct Plain<'a>(pub(crate) &'a Node);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0.value {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(it) => serializer.serialize_bool(*it),
            Value::Int(int) => serializer.serialize_i64(*int),
            Value::Float(float) => serializer.serialize_f64(*float),
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(&Plain(item)))?;
                list.end()
            }
            Value::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                entries.iter().try_for_each(|(key, node)| map.serialize_entry(key, &Plain(node)))?;
                map.end()
            }
        }
    }
}

fn fault(error: &serde_json::Error) -> Fault {
    let (line, column) = (error.line(), error.column());
    let mut message = error.to_string();
    if let Some(start) = message.rfind(&format!(" at line {line} column {column}")) {
        message.truncate(start);
    }
    match line {
        0 => Fault::whole(message),
        _ => Fault { message, line: Some(line), column: Some(column) },
    }
}

#[cfg(test)]
mod tests;

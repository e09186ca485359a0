//! YAML text as value trees, through `serde_yaml` behind guards wherever `block` has a doubt.
//!
//! Types are those of kubectl (sigs.k8s.io/yaml, `resolve.go`), since that is who applies a manifest: a plain `on`, `yes`
//! or `y` is `true`, `0644` is 420 and `1_000` a thousand; `12:30` stays a text. Our own printer quotes all of them.
//!
//! - A key that is a number or a boolean becomes its text, as Kubernetes needs it; equal keys are refused.
//! - Aliases are followed and plain merge keys `<<` applied; written keys win, merged ones follow them.
//! - Integers beyond 64 bits are kept as text, fractions as floats. A tag of one's own (`!Ref`) is refused, and so is every
//!   `!!tag` but those of the core schema: `tags`.
//! - Documents that are empty or null are left out.

use serde::de::DeserializeSeed;

use super::scalar::plain_meaning;
use super::{block, tags};
use crate::doc::value::mark::{Mark, MarkSeed};
use crate::doc::value::read::{Budget, NodeSeed, Plain};
use crate::doc::value::{Fault, Node, Value};

/// How much a text may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The length of the text in bytes.
    pub bytes: usize,
    /// What aliases may add: one per value, and one per byte of text.
    pub expansion: usize,
}

impl Default for Limits {
    /// 64 MiB hold a dump of some 40 000 objects; a million is far above any manifest that people write with aliases.
    fn default() -> Self {
        Self { bytes: 64 << 20, expansion: 1_000_000 }
    }
}

/// Reads every document of a text. A byte order mark and CRLF are accepted.
///
/// # Errors
/// The first fault: syntax, nesting deeper than 128, equal keys, tags, a text or an expansion beyond the limits.
pub fn parse(text: &str, limits: &Limits) -> Result<Vec<Node>, Fault> {
    let text = without_mark(text);
    if text.len() > limits.bytes {
        return Err(Fault::whole(format!("{} bytes are more than the limit of {}", text.len(), limits.bytes)));
    }
    match block::parse(text) {
        Some(documents) => Ok(documents),
        None => through_library(text, limits),
    }
}

/// As [`parse`], all of it through `serde_yaml`: for those who hold that both read the same.
///
/// # Errors
/// As [`parse`].
pub fn by_library(text: &str, limits: &Limits) -> Result<Vec<Node>, Fault> {
    through_library(without_mark(text), limits)
}

/// A text without its byte order mark, which the library would count as a column of the first line.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn through_library(text: &str, limits: &Limits) -> Result<Vec<Node>, Fault> {
    refuse_hostile(text)?;
    // Without aliases a text cannot cost more: two values a byte (`{a,b}`), and two bytes (`\L`) give three.
    let most = text.len().saturating_mul(4).saturating_add(limits.expansion);
    tags::check(text, &Budget::new(most))?;
    let budget = Budget::new(most);
    let seed = NodeSeed { budget: &budget, plain: Some(Plain { text, meaning: plain_meaning }) };
    let mut documents = Vec::new();
    for document in serde_yaml::Deserializer::from_str(text) {
        let node = seed.deserialize(document).map_err(|error| fault(&error))?;
        if node.value != Value::Null {
            documents.push(node);
        }
    }
    Ok(documents)
}

/// Every document that [`parse`] gives, with its marks in places of the text behind a byte order mark.
///
/// # Errors
/// As [`parse`].
pub fn marked(text: &str, limits: &Limits) -> Result<Vec<(Node, Mark)>, Fault> {
    let text = without_mark(text);
    let documents = parse(text, limits)?;
    let budget = Budget::new(text.len().saturating_mul(4).saturating_add(limits.expansion));
    let plain = Some(Plain { text, meaning: plain_meaning });
    let (seed, is_null) = (MarkSeed { text, budget: &budget, plain }, NodeSeed { budget: &budget, plain });
    let mut marks = Vec::with_capacity(documents.len());
    let nodes = serde_yaml::Deserializer::from_str(text);
    for (document, again) in nodes.zip(serde_yaml::Deserializer::from_str(text)) {
        let mark = seed.deserialize(document).map_err(|error| fault(&error))?;
        // Only a document without anything inside can be one that is left out.
        if mark != Mark::default() || is_null.deserialize(again).map_err(|error| fault(&error))?.value != Value::Null {
            marks.push(mark);
        }
    }
    Ok(documents.into_iter().zip(marks).collect())
}

/// Refuses what costs the scanner quadratic time before it says no: open brackets by the thousand, and directives.
///
/// Brackets in quoted texts count too, so the limit is far above what the reader's own depth of 128 needs.
fn refuse_hostile(text: &str) -> Result<(), Fault> {
    const OPEN: usize = 4096;
    const DIRECTIVES: usize = 100;
    let (mut open, mut directives) = (0_usize, 0_usize);
    for (index, line) in text.split('\n').enumerate() {
        match line.as_bytes().first() {
            Some(b'%') => directives += 1,
            Some(b'-') if line.starts_with("---") => open = 0,
            _ => {}
        }
        for byte in line.bytes() {
            match byte {
                b'[' | b'{' => open += 1,
                b']' | b'}' => open = open.saturating_sub(1),
                _ => continue,
            }
            if open > OPEN {
                return Err(Fault::line(index + 1, format!("more than {OPEN} brackets are open")));
            }
        }
        if directives > DIRECTIVES {
            return Err(Fault::line(index + 1, format!("more than {DIRECTIVES} directives")));
        }
    }
    Ok(())
}

pub(super) fn fault(error: &serde_yaml::Error) -> Fault {
    let mut message = error.to_string();
    let Some(location) = error.location() else { return Fault::whole(message) };
    let (line, column) = (location.line(), location.column());
    let place = format!(" at line {line} column {column}");
    if let Some(start) = message.find(&place) {
        message.replace_range(start..start + place.len(), "");
    }
    Fault { message, line: Some(line), column: Some(column) }
}

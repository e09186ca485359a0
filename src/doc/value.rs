//! The value tree of YAML and JSON documents: ordered maps, and an address on each leaf that was decided.
//!
//! Beside the tree stands what every format shares: the place of a reading error, and which characters no comment
//! and no unquoted text may carry. It must not know any single format.

pub mod mark;
mod path;
pub(super) mod read;
pub(super) mod words;

use std::borrow::Cow;
use std::fmt;

use crate::why::Address;

/// A value and the address of the decision behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub value: Value,
    pub address: Option<Address>,
}

/// What a document is made of. Maps keep the order of their keys.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    /// Only ever read or taken over, never computed.
    Float(f64),
    Text(Cow<'static, str>),
    List(Vec<Node>),
    Map(Vec<(Cow<'static, str>, Node)>),
}

impl From<Value> for Node {
    fn from(value: Value) -> Self {
        Self { value, address: None }
    }
}

impl Node {
    /// The member of a map.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, node)| node),
            _ => None,
        }
    }

    /// The text of a text node.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The node at a path.
    pub fn at(&self, path: &Path) -> Option<&Node> {
        path.0.iter().try_fold(self, |node, step| match (step, &node.value) {
            (Step::Key(key), _) => node.get(key),
            (Step::Index(index), Value::List(items)) => items.get(*index),
            (Step::Index(_), _) => None,
        })
    }

    /// The path of a part of this very tree; `None` where the part belongs to another one.
    pub fn path_of(&self, part: &Node) -> Option<Path> {
        let mut path = Path::default();
        is_below(self, part, &mut path).then_some(path)
    }

    /// Every leaf (a scalar, an empty list or an empty map) with its path, in document order.
    pub fn leaves(&self) -> Vec<(Path, &Node)> {
        let mut leaves = Vec::new();
        collect(self, &mut Path::default(), &mut leaves);
        leaves
    }
}

/// Whether a part lies in a tree, and by which path.
fn is_below(node: &Node, part: &Node, path: &mut Path) -> bool {
    if std::ptr::eq(node, part) {
        return true;
    }
    let mut enter = |step: Step, child: &Node| {
        path.0.push(step);
        let found = is_below(child, part, path);
        if !found {
            path.0.pop();
        }
        found
    };
    match &node.value {
        Value::Map(entries) => entries.iter().any(|(key, child)| enter(Step::Key(key.to_string()), child)),
        Value::List(items) => items.iter().enumerate().any(|(index, child)| enter(Step::Index(index), child)),
        _ => false,
    }
}

fn collect<'a>(node: &'a Node, path: &mut Path, leaves: &mut Vec<(Path, &'a Node)>) {
    match &node.value {
        Value::Map(entries) if !entries.is_empty() => {
            for (key, child) in entries {
                path.0.push(Step::Key(key.to_string()));
                collect(child, path, leaves);
                path.0.pop();
            }
        }
        Value::List(items) if !items.is_empty() => {
            for (index, child) in items.iter().enumerate() {
                path.0.push(Step::Index(index));
                collect(child, path, leaves);
                path.0.pop();
            }
        }
        _ => leaves.push((path.clone(), node)),
    }
}

/// A place in a document: `spec.metrics[0].resource.name`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(pub Vec<Step>);

/// One step of a [`Path`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Key(String),
    Index(usize),
}

/// Why a text could not be read, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// One phrase without the place.
    pub message: String,
    /// From 1, where the reader knows it.
    pub line: Option<usize>,
    /// From 1, where the reader knows it.
    pub column: Option<usize>,
}

impl Fault {
    /// A fault of the text as a whole.
    pub(super) fn whole(message: impl Into<String>) -> Self {
        Self { message: message.into(), line: None, column: None }
    }

    /// A fault in a line, counted from 1.
    pub(super) fn line(line: usize, message: impl Into<String>) -> Self {
        Self { message: message.into(), line: Some(line), column: None }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(f, " (line {line}, column {column})"),
            (Some(line), None) => write!(f, " (line {line})"),
            _ => Ok(()),
        }
    }
}

/// Whether a character can end a line, change the direction of text, or cannot be seen at all.
///
/// These are the control characters, the two line breaks that only YAML 1.1 knows (U+2028, U+2029), the marks of
/// zero width, the bidirectional controls, the byte order mark, tags and noncharacters.
pub(crate) fn is_hidden(character: char) -> bool {
    match character {
        ' '..='~' => false,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' => true,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' => true,
        it => it.is_control() || u32::from(it) & 0xfffe == 0xfffe,
    }
}

/// A text as one line that is safe in a comment: hidden characters become blanks, and none stand at its ends.
pub(crate) fn single_line(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    match text.contains(is_hidden) {
        true => Cow::Owned(text.replace(is_hidden, " ").trim().to_owned()),
        false => Cow::Borrowed(text),
    }
}

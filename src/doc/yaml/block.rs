//! The YAML that programs write, read several times as fast as `serde_yaml` does: maps and lists in blocks, and scalars
//! that stand on one line.
//!
//! It reads nothing of which there is a doubt what it means: no flow, anchor, tag, folded text or line that goes on.
//! Whoever asks then turns to `serde_yaml`, which also has the words for every fault; and what a plain scalar is that
//! could be a number or a word, `serde_yaml` alone says. The laws and the fuzz target hold that both read the same.

use std::borrow::Cow;

use super::read::{Limits, by_library};
use super::scalar::{is_one_scalar, is_plain};
use crate::doc::value::read::{Entries, exact};
use crate::doc::value::{Node, Value, is_hidden, words};

/// Every document of a text but for the empty ones; `None` where there is a doubt.
pub(super) fn parse(text: &str) -> Option<Vec<Node>> {
    let mut reader = Reader { rest: text, line: Line::END, goes_on: true };
    let mut documents = Vec::new();
    while reader.goes_on {
        reader.goes_on = false;
        reader.advance()?;
        if !reader.line.is_end() {
            documents.push(reader.block(0, DEPTH)?);
        }
        if !reader.line.is_end() {
            return None;
        }
    }
    Some(documents)
}

/// How deep blocks may nest; `serde_yaml` has 128 levels, of which a member of a list takes two.
const DEPTH: usize = 50;

/// The longest key in bytes; that of the specification is 1024 characters.
const KEY: usize = 512;

/// A line with something on it besides a comment.
#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    /// Blanks before the text.
    indent: usize,
    /// Empty at the end of a document.
    text: &'a str,
}

impl Line<'_> {
    const END: Self = Line { indent: 0, text: "" };

    fn is_end(&self) -> bool {
        self.text.is_empty()
    }

    fn is_member(&self) -> bool {
        self.text == "-" || self.text.starts_with("- ")
    }
}

struct Reader<'a> {
    line: Line<'a>,
    /// What follows the line.
    rest: &'a str,
    /// Whether the document ended with a line `---`.
    goes_on: bool,
}

impl<'a> Reader<'a> {
    /// Goes to the next line that says something.
    fn advance(&mut self) -> Option<()> {
        self.line = Line::END;
        while let Some(line) = self.take() {
            let text = sound(line)?.trim_end_matches(' ').trim_start_matches(' ');
            let indent = line.len() - line.trim_start_matches(' ').len();
            match text.as_bytes() {
                [] | [b'#', ..] => {}
                b"---" if indent == 0 => {
                    self.goes_on = true;
                    return Some(());
                }
                // What stands on the line of a marker, the end of a document, a directive.
                [b'-', b'-', b'-', ..] | [b'.', b'.', b'.', ..] | [b'%', ..] if indent == 0 => return None,
                _ => {
                    self.line = Line { indent, text };
                    return Some(());
                }
            }
        }
        Some(())
    }

    fn take(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.rest = rest;
        Some(line)
    }

    /// The list or the map that begins with this line.
    fn block(&mut self, indent: usize, depth: usize) -> Option<Node> {
        let depth = depth.checked_sub(1)?;
        if self.line.indent != indent {
            return None;
        }
        let value = if self.line.is_member() { self.list(indent, depth)? } else { self.map(indent, depth)? };
        Some(value.into())
    }

    fn map(&mut self, indent: usize, depth: usize) -> Option<Value> {
        let mut entries = Entries::default();
        while !self.line.is_end() && self.line.indent == indent {
            let (key, rest) = key(self.line.text)?;
            if entries.contains(key) {
                return None;
            }
            let value = match rest {
                "" => self.below(indent, depth)?,
                rest => self.scalar(rest, indent)?,
            };
            entries.push(words::text(key), value);
        }
        self.ends_at(indent)?;
        Some(Value::Map(exact(entries.into_list())))
    }

    /// What stands below a key that has nothing beside it.
    fn below(&mut self, indent: usize, depth: usize) -> Option<Node> {
        self.advance()?;
        let is_list_at_key = self.line.indent == indent && self.line.is_member();
        match self.line.is_end() || self.line.indent <= indent && !is_list_at_key {
            true => Some(Value::Null.into()),
            false => self.block(self.line.indent, depth),
        }
    }

    fn list(&mut self, indent: usize, depth: usize) -> Option<Value> {
        let mut list = Vec::new();
        while !self.line.is_end() && self.line.indent == indent && self.line.is_member() {
            let text = self.line.text.get(1..)?.trim_start_matches(' ');
            let member = Line { indent: indent + self.line.text.len() - text.len(), text };
            let is_block = member.is_member() || key(text).is_some();
            list.push(match is_block {
                true => {
                    self.line = member;
                    self.block(member.indent, depth)?
                }
                false => self.scalar(text, indent)?,
            });
        }
        self.ends_at(indent)?;
        Some(Value::List(exact(list)))
    }

    /// Nothing that is indented deeper may follow a block or a scalar: it would belong to it.
    fn ends_at(&self, indent: usize) -> Option<()> {
        (self.line.is_end() || self.line.indent <= indent).then_some(())
    }

    /// The scalar that a line ends with, of a key or a member of a list that is indented so far.
    fn scalar(&mut self, text: &str, indent: usize) -> Option<Node> {
        let value = match text.as_bytes().first()? {
            b'|' => self.literal(text, indent)?,
            b'"' | b'\'' => Value::Text(quoted(text)?),
            _ => plain(without_comment(text))?,
        };
        self.advance()?;
        self.ends_at(indent)?;
        Some(value.into())
    }

    /// The lines of a `|`, which has a text of its own below it.
    fn literal(&mut self, header: &str, parent: usize) -> Option<Value> {
        let keep = without_comment(header);
        if !self.rest.ends_with('\n') {
            return None;
        }
        let (mut text, mut indent) = (String::new(), None);
        loop {
            let before = self.rest;
            let Some(line) = self.take() else { break };
            let blanks = sound(line)?.len() - line.trim_start_matches(' ').len();
            let start = *indent.get_or_insert(blanks);
            match line.get(start..) {
                // The first line says how far the text is indented; a blank one says nothing.
                _ if text.is_empty() && (blanks == line.len() || start <= parent) => return None,
                Some(rest) if blanks >= start => text.extend([rest, "\n"]),
                _ if blanks == line.len() => text.push('\n'),
                _ => {
                    self.rest = before;
                    break;
                }
            }
        }
        let end = text.trim_end_matches('\n').len();
        match keep {
            "|+" => {}
            "|" => text.truncate(end + 1),
            "|-" => text.truncate(end),
            _ => return None,
        }
        Some(Value::Text(text.into()))
    }
}

/// A line without hidden characters; a tab or a carriage return may mean anything.
fn sound(line: &str) -> Option<&str> {
    let is_ascii = line.bytes().fold(true, |it, byte| it & matches!(byte, b' '..=b'~'));
    (is_ascii || !line.contains(is_hidden)).then_some(line)
}

/// A plain key and what stands behind its colon, without a comment that is alone there.
fn key(text: &str) -> Option<(&str, &str)> {
    let mut colons = text.match_indices(':').map(|(at, _)| text.split_at(at));
    let (key, rest) = colons.find(|(_, rest)| matches!(rest.as_bytes(), [b':'] | [b':', b' ', ..]))?;
    let rest = rest.get(1..)?.trim_start_matches(' ');
    let is_text = || is_plain(key) || matches!(asked(key), Some(Value::Text(_)));
    let is_sound = key.len() <= KEY && is_text();
    is_sound.then_some((key, if rest.starts_with('#') { "" } else { rest }))
}

fn without_comment(text: &str) -> &str {
    text.find(" #").map_or(text, |at| text[..at].trim_end_matches(' '))
}

/// A text in quotes that end on its line, with the escapes that need no table.
fn quoted(text: &str) -> Option<Cow<'static, str>> {
    let quote = text.chars().next()?;
    let inside = text.get(1..)?;
    let mut own = String::new();
    let mut rest = inside;
    loop {
        let at = rest.find([quote, if quote == '"' { '\\' } else { quote }])?;
        let (before, special) = rest.split_at(at);
        let escaped = match special.as_bytes() {
            [b'\\', b'n', ..] => Some("\n"),
            [b'\\', b't', ..] => Some("\t"),
            [b'\\', b'"', ..] => Some("\""),
            [b'\\', b'\\', ..] => Some("\\"),
            [b'\'', b'\'', ..] => Some("'"),
            [b'\\', ..] => return None,
            _ => None,
        };
        match escaped {
            Some(escaped) => {
                own.extend([before, escaped]);
                rest = special.get(2..)?;
            }
            None => {
                let after = special.get(1..)?;
                let ends = after.is_empty() || after.starts_with(' ') && after.trim_start_matches(' ').starts_with('#');
                own.push_str(before);
                return ends.then(|| words::text(&own));
            }
        }
    }
}

/// A scalar without quotes, or an empty list or map.
fn plain(text: &str) -> Option<Value> {
    match text {
        "true" => return Some(Value::Bool(true)),
        "false" => return Some(Value::Bool(false)),
        "null" => return Some(Value::Null),
        "{}" => return Some(Value::Map(Vec::new())),
        "[]" => return Some(Value::List(Vec::new())),
        _ if is_plain(text) => return Some(Value::Text(words::text(text))),
        _ => {}
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_decimal = digits.bytes().all(|it| it.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    match text.parse() {
        Ok(int) if is_decimal => Some(Value::Int(int)),
        _ => asked(text),
    }
}

/// What the library says that a scalar without quotes is.
fn asked(text: &str) -> Option<Value> {
    let documents = is_one_scalar(text).then(|| by_library(text, &Limits::default()).ok())??;
    let [Node { value, .. }]: [Node; 1] = documents.try_into().ok()?;
    Some(value)
}

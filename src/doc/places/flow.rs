//! Collections in brackets: JSON, and the flow style of YAML.

use super::Places;
use crate::doc::value::Step;

/// How deep brackets are followed; what lies deeper has the line of what is around it.
const DEEPEST: usize = 128;

/// A text, and how far it was looked through.
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    /// The line of `at`, from 1.
    pub(super) line: usize,
}

impl Cursor<'_> {
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn advance(&mut self) {
        self.line += usize::from(self.peek() == Some(b'\n'));
        self.at += 1;
    }

    /// Passes over a quoted text, and gives what stands in it.
    pub(super) fn quoted(&mut self, quote: u8) -> String {
        self.advance();
        let start = self.at;
        while let Some(byte) = self.peek() {
            let is_doubled = quote == b'\'' && self.text.as_bytes().get(self.at + 1) == Some(&quote);
            if byte == quote && !is_doubled {
                break;
            }
            if byte == quote || byte == b'\\' && quote == b'"' {
                self.advance();
            }
            self.advance();
        }
        let end = self.at.min(self.text.len());
        let text = self.text.get(start..end).unwrap_or_default();
        if self.peek().is_some() {
            self.advance();
        }
        match quote {
            b'\'' => text.replace("''", "'"),
            _ => serde_json::from_str(&format!("\"{text}\"")).unwrap_or_else(|_| text.to_owned()),
        }
    }

    /// Passes over a text without quotes.
    fn plain(&mut self) -> String {
        let start = self.at;
        while let Some(byte) = self.peek() {
            let next = self.text.as_bytes().get(self.at + 1).copied();
            let ends = match byte {
                b',' | b'[' | b']' | b'{' | b'}' | b'\n' => true,
                b':' => next.is_none_or(|it| it.is_ascii_whitespace() || matches!(it, b',' | b']' | b'}')),
                b'#' => self.at > start && self.text.as_bytes()[self.at - 1].is_ascii_whitespace(),
                _ => false,
            };
            if ends {
                break;
            }
            self.advance();
        }
        self.text.get(start..self.at).unwrap_or_default().trim().to_owned()
    }

    pub(super) fn skip_blanks(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b'#' => {
                    while self.peek().is_some_and(|it| it != b'\n') {
                        self.advance();
                    }
                }
                it if it.is_ascii_whitespace() => self.advance(),
                _ => return,
            }
        }
    }
}

/// Looks through a value whose place is `node`, up to its end.
pub(super) fn value(cursor: &mut Cursor<'_>, places: &mut Places, node: usize, depth: usize) {
    cursor.skip_blanks();
    match cursor.peek() {
        Some(b'{') => members(cursor, places, node, depth, b'}'),
        Some(b'[') => members(cursor, places, node, depth, b']'),
        Some(quote @ (b'"' | b'\'')) => places.nodes[node].scalar = Some(cursor.quoted(quote)),
        Some(_) => places.nodes[node].scalar = Some(cursor.plain()),
        None => {}
    }
}

/// The members of a map or a list. Beyond the deepest level everything counts to `node`.
fn members(cursor: &mut Cursor<'_>, places: &mut Places, node: usize, depth: usize, close: u8) {
    cursor.advance();
    let mut index = 0;
    loop {
        cursor.skip_blanks();
        let (before, line) = (cursor.at, cursor.line);
        match cursor.peek() {
            None => return,
            Some(b'}' | b']') => {
                cursor.advance();
                return;
            }
            Some(b',' | b':') => {
                cursor.advance();
                continue;
            }
            Some(_) => {}
        }
        let step = match close {
            b'}' => Step::Key(match cursor.peek() {
                Some(quote @ (b'"' | b'\'')) => cursor.quoted(quote),
                _ => cursor.plain(),
            }),
            _ => Step::Index(index),
        };
        index += 1;
        let below = if depth < DEEPEST { places.add(Some(node), step, line) } else { node };
        if close == b'}' {
            cursor.skip_blanks();
            if cursor.peek() == Some(b':') {
                cursor.advance();
                cursor.skip_blanks();
            }
        }
        if !matches!(cursor.peek(), None | Some(b',' | b'}' | b']')) {
            nested(cursor, places, below, depth);
        }
        // Whatever it is, it is passed over.
        if cursor.at == before {
            cursor.advance();
        }
    }
}

/// A value below; where the text goes too deep, its brackets are only counted.
fn nested(cursor: &mut Cursor<'_>, places: &mut Places, node: usize, depth: usize) {
    if depth < DEEPEST {
        return value(cursor, places, node, depth + 1);
    }
    let mut open = 0_usize;
    while let Some(byte) = cursor.peek() {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' if open == 0 => return,
            b']' | b'}' => open -= 1,
            b',' if open == 0 => return,
            b'"' | b'\'' => {
                cursor.quoted(byte);
                continue;
            }
            _ => {}
        }
        cursor.advance();
    }
}

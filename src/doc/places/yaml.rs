//! The block style of YAML, line by line: indentation, keys, dashes; the rest is passed over.

use super::Places;
use super::flow::{self, Cursor};
use crate::doc::value::Step;

/// A map or a list that is open, and the column at which its members start.
struct Open {
    column: usize,
    is_list: bool,
    node: usize,
}

struct Scan<'a, 'p> {
    cursor: Cursor<'a>,
    places: &'p mut Places,
    open: Vec<Open>,
    /// The node whose value comes next: the last key or dash.
    last: Option<usize>,
    /// Whether the current document holds anything.
    root: Option<usize>,
}

/// Looks through every document of a text.
pub(super) fn scan(text: &str, places: &mut Places) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let cursor = Cursor { text, at: 0, line: 1 };
    let mut scan = Scan { cursor, places, open: Vec::new(), last: None, root: None };
    while scan.cursor.at < text.len() {
        scan.line();
    }
}

impl<'a> Scan<'a, '_> {
    /// The rest of the current line.
    fn rest(&self) -> &'a str {
        let rest = self.cursor.text.get(self.cursor.at..).unwrap_or_default();
        rest.split('\n').next().unwrap_or_default()
    }

    fn next_line(&mut self) {
        let text = self.cursor.text;
        match text.get(self.cursor.at..).and_then(|rest| rest.find('\n')) {
            Some(end) => {
                self.cursor.at += end + 1;
                self.cursor.line += 1;
            }
            None => self.cursor.at = text.len(),
        }
    }

    fn line(&mut self) {
        let line = self.rest();
        let content = line.trim_start_matches(' ');
        let column = line.len() - content.len();
        let is_marker =
            |sign: &str| content.strip_prefix(sign).is_some_and(|it| it.trim_end().is_empty() || it.starts_with(' '));
        if content.trim().is_empty() || content.starts_with('#') || column == 0 && content.starts_with('%') {
            return self.next_line();
        }
        if column == 0 && (is_marker("---") || is_marker("...")) {
            (self.open, self.last, self.root) = (Vec::new(), None, None);
            let behind = content[3..].trim_start();
            if behind.is_empty() || behind.starts_with('#') {
                return self.next_line();
            }
            self.cursor.at += content.len() - behind.len();
            let column = content.len() - behind.len();
            return self.tokens(column);
        }
        self.cursor.at += column;
        self.tokens(column);
    }

    /// Dashes, then a key, then a value.
    fn tokens(&mut self, mut column: usize) {
        let line = self.cursor.line;
        let root = *self.root.get_or_insert_with(|| self.places.add(None, Step::Index(0), line));
        self.last.get_or_insert(root);
        let mut outside = column;
        loop {
            let rest = self.rest();
            let behind = rest.strip_prefix('-').filter(|it| it.trim().is_empty() || it.starts_with(' '));
            let Some(behind) = behind else { break };
            let next = rest.len() - behind.trim_start_matches(' ').len();
            let is_end = behind.trim().is_empty() || behind.trim_start().starts_with('#');
            self.item(column);
            if is_end {
                return self.next_line();
            }
            self.cursor.at += next;
            outside = column;
            column += next;
        }
        match self.key() {
            Some(key) => self.member(column, key),
            None => self.value(outside),
        }
    }

    /// Opens the next member of a list.
    fn item(&mut self, column: usize) {
        while self.open.last().is_some_and(|it| it.column > column) {
            self.close();
        }
        let list = match self.open.last() {
            Some(open) if open.is_list && open.column == column => open.node,
            _ => {
                let node = self.last.unwrap_or_default();
                self.open.push(Open { column, is_list: true, node });
                node
            }
        };
        let index = self.places.nodes[list].children.len();
        self.last = Some(self.places.add(Some(list), Step::Index(index), self.cursor.line));
    }

    fn member(&mut self, column: usize, key: String) {
        while self.open.last().is_some_and(|it| it.column > column || it.is_list && it.column == column) {
            self.close();
        }
        let map = match self.open.last() {
            Some(open) if !open.is_list && open.column == column => open.node,
            _ => {
                let node = self.last.unwrap_or_default();
                self.open.push(Open { column, is_list: false, node });
                node
            }
        };
        self.last = Some(self.places.add(Some(map), Step::Key(key), self.cursor.line));
        self.value(column);
    }

    fn close(&mut self) {
        if let Some(open) = self.open.pop() {
            self.last = Some(open.node);
        }
    }

    /// Takes a key and its colon, if there is one.
    fn key(&mut self) -> Option<String> {
        let rest = self.rest();
        let ends =
            |at: usize| rest[at..].starts_with(':') && rest[at + 1..].chars().next().is_none_or(char::is_whitespace);
        let (key, end) = match rest.bytes().next()? {
            quote @ (b'"' | b'\'') => {
                let mut inside = Cursor { text: rest, at: 0, line: 1 };
                let key = inside.quoted(quote);
                let end = inside.at + rest.get(inside.at..)?.len() - rest.get(inside.at..)?.trim_start().len();
                (key, Some(end).filter(|end| ends(*end))?)
            }
            b'{' | b'[' | b'|' | b'>' => return None,
            _ => {
                let end = rest.match_indices(':').map(|(at, _)| at).find(|at| ends(*at))?;
                if rest[..end].contains(" #") {
                    return None;
                }
                (rest[..end].trim().to_owned(), end)
            }
        };
        self.cursor.at += end + 1;
        Some(key)
    }

    /// Passes over a value that starts on this line, with all of its lines.
    fn value(&mut self, column: usize) {
        let rest = self.rest();
        let mut content = rest.trim_start();
        while let Some((word, behind)) = content.split_once(' ').filter(|_| content.starts_with(['&', '!'])) {
            debug_assert!(!word.is_empty());
            content = behind.trim_start();
        }
        self.cursor.at += rest.len() - content.len();
        let node = self.last.unwrap_or_default();
        match content.bytes().next() {
            None | Some(b'#' | b'&' | b'!' | b'*') => {}
            Some(b'|' | b'>') => return self.block_scalar(column),
            Some(b'{' | b'[' | b'"' | b'\'') => {
                flow::value(&mut self.cursor, self.places, node, 0);
            }
            Some(_) => {
                let text = content.split(" #").next().unwrap_or_default().trim().to_owned();
                self.places.nodes[node].scalar = Some(text);
            }
        }
        self.next_line();
    }

    /// Lines that are indented deeper than the key belong to the text.
    fn block_scalar(&mut self, column: usize) {
        self.next_line();
        while self.cursor.at < self.cursor.text.len() {
            let line = self.rest();
            let indent = line.len() - line.trim_start_matches(' ').len();
            if !line.trim().is_empty() && indent <= column {
                return;
            }
            self.next_line();
        }
    }
}

//! Value trees as YAML text, in the style of kubectl.
//!
//! Keys stay in their order, lists are not indented under their key, and nothing is folded. Which texts may stand
//! without quotes is decided in [`super::scalar`].

use crate::doc::value::{Node, Value, single_line};
use crate::why::Address;

use super::scalar;

/// The documents as text, with a line `---` between two of them.
///
/// Behind each scalar with an address stands what `comment` says about it, as a comment on the same line; whatever
/// that text contains, it stays in its comment.
pub fn print(documents: &[Node], comment: &dyn Fn(&Address) -> Option<String>) -> String {
    let mut printer = Printer { out: String::with_capacity(documents.len() * 1024), comment };
    for (position, document) in documents.iter().enumerate() {
        if position > 0 {
            printer.out.push_str("---\n");
        }
        printer.root(document);
    }
    printer.out
}

struct Printer<'a> {
    out: String,
    comment: &'a dyn Fn(&Address) -> Option<String>,
}

impl Printer<'_> {
    fn root(&mut self, node: &Node) {
        match &node.value {
            Value::Map(entries) if !entries.is_empty() => self.map(entries, 0, false),
            Value::List(items) if !items.is_empty() => self.list(items, 0, false),
            _ => self.leaf(node, 2),
        }
    }

    /// `inline`: the first line already stands behind a `- `.
    fn map(&mut self, entries: &[(impl AsRef<str>, Node)], indent: usize, inline: bool) {
        for (position, (key, node)) in entries.iter().enumerate() {
            if position > 0 || !inline {
                self.indent(indent);
            }
            self.key(key.as_ref(), indent);
            match &node.value {
                Value::Map(entries) if !entries.is_empty() => {
                    self.out.push('\n');
                    self.map(entries, indent + 2, false);
                }
                Value::List(items) if !items.is_empty() => {
                    self.out.push('\n');
                    self.list(items, indent, false);
                }
                _ => {
                    self.out.push(' ');
                    self.leaf(node, indent + 2);
                }
            }
        }
    }

    fn list(&mut self, items: &[Node], indent: usize, inline: bool) {
        for (position, node) in items.iter().enumerate() {
            if position > 0 || !inline {
                self.indent(indent);
            }
            self.out.push_str("- ");
            match &node.value {
                Value::Map(entries) if !entries.is_empty() => self.map(entries, indent + 2, true),
                Value::List(items) if !items.is_empty() => self.list(items, indent + 2, true),
                _ => self.leaf(node, indent + 2),
            }
        }
    }

    /// A key and its colon. Readers refuse a key of more than 1024 bytes unless `?` announces it.
    fn key(&mut self, key: &str, indent: usize) {
        let start = self.out.len();
        match scalar::is_plain(key) {
            true => self.out.push_str(key),
            false => scalar::push_quoted(&mut self.out, key),
        }
        if self.out.len() - start > 1000 {
            self.out.insert_str(start, "? ");
            self.out.push('\n');
            self.indent(indent);
        }
        self.out.push(':');
    }

    /// A scalar or an empty collection up to the end of its line; `indent` is that of a block of text.
    fn leaf(&mut self, node: &Node, indent: usize) {
        match &node.value {
            Value::Text(text) if scalar::is_plain(text) => self.out.push_str(text),
            Value::Text(text) => match scalar::block_header(text) {
                Some(header) => {
                    self.out.push_str(header);
                    self.end_line(node);
                    return self.block(text, indent);
                }
                None => scalar::push_quoted(&mut self.out, text),
            },
            Value::Null => self.out.push_str("null"),
            Value::Bool(it) => self.out.push_str(if *it { "true" } else { "false" }),
            Value::Int(int) => scalar::push_int(&mut self.out, *int),
            Value::Float(float) => scalar::push_float(&mut self.out, *float),
            Value::List(_) => self.out.push_str("[]"),
            Value::Map(_) => self.out.push_str("{}"),
        }
        self.end_line(node);
    }

    fn block(&mut self, text: &str, indent: usize) {
        for line in text.split_inclusive('\n') {
            if line != "\n" {
                self.indent(indent);
            }
            self.out.push_str(line);
        }
        if !text.ends_with('\n') {
            self.out.push('\n');
        }
    }

    fn end_line(&mut self, node: &Node) {
        if let Some(address) = &node.address
            && !matches!(node.value, Value::List(_) | Value::Map(_))
            && let Some(comment) = (self.comment)(address)
        {
            let comment = single_line(&comment);
            if !comment.is_empty() {
                self.out.push_str("  # ");
                self.out.push_str(&comment);
            }
        }
        self.out.push('\n');
    }

    fn indent(&mut self, indent: usize) {
        const BLANKS: &str = "                                ";
        let mut left = indent;
        while left > 0 {
            let now = left.min(BLANKS.len());
            self.out.push_str(&BLANKS[..now]);
            left -= now;
        }
    }
}

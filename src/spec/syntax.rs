//! TOML's own errors, as people need them: one for each mistake, with what to type.
//!
//! The parser goes on after an error, so that all of a file come in one run. On the same line, and in a bracket that is
//! never closed, it loses its way: of those errors the first alone is told.

use std::ops::Range;

use super::tree::{self, Table, Value};
use crate::diag::source::{FileId, Span};
use crate::diag::{Diagnostic, Sink};

/// What to type, by how the parser's message begins.
const HELP: [(&str, &str); 19] = [
    ("cannot recurse further", "nest less deeply"),
    ("cannot extend value", "a key is either a value or a table: rename one of the two"),
    ("extra comma", "take the `,` out"),
    ("invalid basic string, expected `\"`", "close the text with `\"`"),
    ("invalid basic string", "take the character out, or write it as an escape such as `\\t`"),
    ("invalid comment character", "take the character out"),
    ("invalid date", "write a day that the month has, such as `2027-02-28`"),
    ("invalid float", "a number has one decimal point, and `_` between groups of digits: `5_000_000.5`"),
    ("invalid literal string", "close the text with `'`"),
    ("invalid unquoted key", "write `key = value`; a key with other characters is put in quotes"),
    ("key with no value", "write `key = value`"),
    ("missing comma", "put a `,` between the two, or close the bracket before"),
    ("missing escaped value", "write a backslash as `\\\\`, or put the text in single quotes: '…'"),
    ("missing opening quote", "put a text in quotes at both ends"),
    ("recursion limit", "nest less deeply"),
    ("unclosed table", "close the header with `]`"),
    ("unclosed", "close the bracket"),
    ("unexpected key or value", "one `key = value` stands on a line, and nothing behind it"),
    ("unexpected leading zero", "take the zeros in front out; octal numbers begin with `0o`"),
];

/// What the parser said, and where.
struct Fault {
    at: Range<usize>,
    message: String,
}

/// Reports the parser's errors. `table` is what could be read in spite of them.
pub(super) fn report(file: FileId, text: &str, table: &Table, errors: Vec<toml::de::Error>, sink: &mut Sink) {
    let end = text.len();
    let fault =
        |error: toml::de::Error| Fault { at: error.span().unwrap_or(end..end), message: error.message().to_owned() };
    let mut faults: Vec<Fault> = errors.into_iter().map(fault).collect();
    faults.sort_by_key(|fault| fault.at.start);
    let mut open = Vec::new();
    open_values(text, table, &faults, &mut open);
    let (mut told, mut told_line) = (0, None);
    for fault in &faults {
        let inside = open.iter().find(|value| value.contains(&fault.at.start) || value.end == fault.at.start);
        let line = text[..fault.at.start].rfind('\n');
        // What follows in an open bracket, or on the same line, is most often a consequence.
        if (inside.is_some() && fault.at.start < told) || told_line == Some(line) {
            continue;
        }
        told_line = Some(line);
        let mut diagnostic = diagnostic(file, text, table, fault);
        if let Some(value) = inside {
            told = value.end + 1;
            if text[value.start..fault.at.start].contains('\n') {
                let bracket = Span::new(file, value.start..value.start + 1);
                diagnostic = diagnostic.at(bracket, "opened here, never closed");
            }
        }
        sink.error(diagnostic);
    }
}

/// The places of the values in which a bracket is never closed.
fn open_values(text: &str, table: &Table, faults: &[Fault], open: &mut Vec<Range<usize>>) {
    for node in table.0.values().map(|entry| &entry.node) {
        match &node.value {
            Value::Table(below) if !text[node.span.range()].starts_with('{') => open_values(text, below, faults, open),
            Value::Table(_) | Value::List(_) => {
                let Range { start, end } = node.span.range();
                let unclosed = |it: &Fault| it.at.start == end && it.message.starts_with("unclosed");
                open.extend(faults.iter().any(unclosed).then_some(start..end));
            }
            _ => {}
        }
    }
}

fn diagnostic(file: FileId, text: &str, table: &Table, fault: &Fault) -> Diagnostic {
    let span = Span::new(file, fault.at.clone());
    let error = |message: &str| Diagnostic::error(format!("invalid TOML: {message}")).at(span, "");
    let written = text[fault.at.clone()].trim().escape_debug().to_string();
    let boolean = ["true", "false"].into_iter().find(|it| it.eq_ignore_ascii_case(&written));
    let is_bare = ["string values must be quoted", "invalid boolean"].iter().any(|it| fault.message.starts_with(it));
    match (is_bare, boolean) {
        (true, Some(boolean)) => error(&format!("`{written}` is no boolean")).help(format!("write `{boolean}`")),
        (true, None) if written.is_empty() => {
            error("the value is missing").help("write a value behind `=`, or take the key out")
        }
        (true, None) if written.starts_with(|it: char| it.is_ascii_digit()) => {
            error("this is no number").help(format!("write a number alone, or a text in quotes: `\"{written}\"`"))
        }
        (true, None) if written.contains('\\') => {
            error("this is no value").help("write a text in quotes, a number, `true` or `false`")
        }
        (true, None) => error("a text must stand in quotes").help(format!("write `\"{written}\"`")),
        _ if fault.message == "duplicate key" => {
            let first = first_place(file, text, table, fault);
            error(&format!("`{written}` is defined twice")).at_some(first, "first here").help("keep one of the two")
        }
        _ => {
            let help = HELP.iter().find(|(start, _)| fault.message.starts_with(start)).map(|(_, help)| *help);
            let help = help.unwrap_or("a spec has `key = value` lines under `[table]` headers");
            error(fault.message.trim_end_matches(", expected nothing")).help(help)
        }
    }
}

/// Where a key or a header that is defined twice was defined first.
fn first_place(file: FileId, text: &str, table: &Table, fault: &Fault) -> Option<Span> {
    let before = &text[..fault.at.start];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[line_start..].lines().next()?;
    if line.starts_with('[') {
        // The second header took the place of the first in the tree.
        let first = text.find(&format!("\n{}", line.trim_end()))? + 1;
        return (first < line_start).then(|| Span::new(file, first..first + line.trim_end().len()));
    }
    // The line under its header, as a document of its own, has the same path.
    let header = before.lines().rfind(|it| it.starts_with('[')).unwrap_or_default();
    let alone = tree::readable(file, &format!("{header}\n{line}"));
    let key = header.len() + 1 + fault.at.start - line_start;
    let (mut here, mut there) = (&alone, table);
    loop {
        let (name, entry) = here.0.iter().next()?;
        let first = there.0.get(name)?;
        if entry.key.range().start == key {
            return Some(first.key).filter(|it| it.range().start < fault.at.start);
        }
        (here, there) = (entry.node.table()?, first.node.table()?);
    }
}

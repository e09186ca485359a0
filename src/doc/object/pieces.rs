//! The documents of a YAML text; those of a long one are read on every core, in pieces.
//!
//! A text is cut only where that cannot change what it means, and read whole wherever there is a doubt:
//!
//! - Between documents: a line that starts with `---` ends a document even within quotes (there it is an error).
//! - Between the members of a List, at lines that start with `- `. Such a line could lie within quotes or brackets that
//!   are open there; but then the piece before it does not read by itself, and the whole text is read instead.
//! - A text that may hold anchors or directives is never cut: the one limit of what aliases may add holds for all of it.
//!
//! What makes a dump long, `status` and `managedFields`, is dropped piece by piece, so it never lies in memory at once.

use std::ops::Range;

use rayon::prelude::*;

use super::kubernetes;
use crate::doc::value::{Fault, Node, Value};
use crate::doc::yaml::{self, Limits};

/// How long a piece is, in bytes, but for what cannot be cut. Tests need not be long to be cut.
const PIECE: usize = if cfg!(test) { 2 << 10 } else { 256 << 10 };

/// Every document of a text, and for a List its members.
///
/// # Errors
/// As [`yaml::parse`].
pub(super) fn documents(text: &str) -> Result<Vec<Node>, Fault> {
    let limits = Limits::default();
    // What is beyond the limit is refused whole; a fault's words name other places of the whole text too.
    if text.len() > PIECE && text.len() <= limits.bytes && !may_refer(text) {
        let parts: Option<Vec<Vec<Node>>> = cut(text, is_marker).into_par_iter().map(part).collect();
        if let Some(parts) = parts {
            return Ok(parts.into_iter().flatten().collect());
        }
    }
    Ok(yaml::parse(text, &limits)?.into_iter().flat_map(kubernetes::members).collect())
}

/// Whether a text may hold an anchor (`&name`, where a word could start) or a directive (`%YAML`).
fn may_refer(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_anchor = |(at, _): (usize, &str)| {
        let before = at.checked_sub(1).and_then(|it| bytes.get(it));
        let after = bytes.get(at + 1);
        !before.is_some_and(u8::is_ascii_alphanumeric)
            && after.is_some_and(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-'))
    };
    // One byte is found many at a time, two are not.
    let starts_line = |(at, _): (usize, &str)| at == 0 || bytes.get(at - 1) == Some(&b'\n');
    text.match_indices('&').any(is_anchor) || text.match_indices('%').any(starts_line)
}

/// Some whole documents; `None` where they have to be read with the rest.
fn part(text: &str) -> Option<Vec<Node>> {
    match text.len() > 2 * PIECE {
        true => list(text).or_else(|| plain(text)),
        false => plain(text),
    }
}

fn plain(text: &str) -> Option<Vec<Node>> {
    let documents = yaml::parse(text, &Limits::default()).ok()?;
    Some(documents.into_iter().flat_map(kubernetes::members).collect())
}

/// The members of a List that is the only document of a text and is written as `kubectl get` does: `items:` on a line
/// of its own, each member at the start of a line.
fn list(text: &str) -> Option<Vec<Node>> {
    let Range { start, end } = items(text)?;
    let (head, items, tail) = (text.get(..start)?, text.get(start..end)?, text.get(end..)?);
    if head.len() + tail.len() > PIECE {
        return None;
    }
    // The part before reads by itself, so no quote is open where the members begin.
    only_map(head)?;
    let mut frame = only_map(&format!("{head}{tail}"))?;
    let Value::Map(entries) = &mut frame.value else { return None };
    let empty = entries.iter_mut().find(|(key, node)| key == "items" && node.value == Value::Null);
    let place = &mut empty?.1.value;
    *place = Value::List(Vec::new());
    if !kubernetes::members(frame.clone()).is_empty() {
        return None;
    }
    let members = cut(items, is_member).into_par_iter().map(|piece| {
        let document: [Node; 1] = yaml::parse(piece, &Limits::default()).ok()?.try_into().ok()?;
        let [Node { value: Value::List(members), .. }] = document else { return None };
        Some(kubernetes::members(with_items(&frame, members)))
    });
    let members: Option<Vec<Vec<Node>>> = members.collect();
    Some(members?.into_iter().flatten().collect())
}

/// Where the members of the first `items:` at the start of a line stand: up to the next line that starts with a key.
fn items(text: &str) -> Option<Range<usize>> {
    let key = text.find("\nitems:")? + 1;
    let start = key + text.get(key..)?.find('\n')? + 1;
    if text.get(key..start)?.trim_end() != "items:" || !is_member(text.get(start..)?) {
        return None;
    }
    let is_inside = |byte: &u8| matches!(byte, b' ' | b'-' | b'#' | b'\n' | b'\r');
    let lines = text.get(start..)?.match_indices('\n').map(|(at, _)| start + at + 1);
    let end = lines.into_iter().find(|at| !text.as_bytes().get(*at).is_some_and(is_inside));
    Some(start..end.unwrap_or(text.len()))
}

/// The one document of a text, where it is a map.
fn only_map(text: &str) -> Option<Node> {
    let [document]: [Node; 1] = yaml::parse(text, &Limits::default()).ok()?.try_into().ok()?;
    matches!(document.value, Value::Map(_)).then_some(document)
}

fn with_items(frame: &Node, members: Vec<Node>) -> Node {
    let mut list = frame.clone();
    if let Value::Map(entries) = &mut list.value
        && let Some((_, items)) = entries.iter_mut().find(|(key, _)| key == "items")
    {
        items.value = Value::List(members);
    }
    list
}

/// Cuts a text before lines that may start a piece, so that each piece has a good length.
fn cut(text: &str, may_start: fn(&str) -> bool) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = next(rest, may_start) {
        let (piece, after) = rest.split_at(at);
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

/// The first place behind a good length where a piece may start.
fn next(text: &str, may_start: fn(&str) -> bool) -> Option<usize> {
    let from = text.len().min(PIECE);
    let bytes = text.as_bytes().get(from..)?;
    let lines = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| from + at + 1);
    lines.into_iter().find(|at| text.get(*at..).is_some_and(may_start))
}

/// Whether a text starts with the line between two documents.
fn is_marker(text: &str) -> bool {
    text.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
}

/// Whether a text starts with a member of a list.
fn is_member(text: &str) -> bool {
    text.strip_prefix('-').is_some_and(|rest| rest.starts_with([' ', '\r', '\n']))
}

#[cfg(test)]
mod tests {
    //! A text that is cut must read as it does whole.
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn whole(text: &str) -> Result<Vec<Node>, Fault> {
        Ok(yaml::parse(text, &Limits::default())?.into_iter().flat_map(kubernetes::members).collect())
    }

    /// Members enough for several pieces, with one in the middle that is special.
    fn dump(before: &str, special: &str, after: &str) -> String {
        let many = "- kind: A\n  metadata:\n    name: b\n    managedFields: [1]\n  status: {}\n  text: |\n    - c\n"
            .repeat(80);
        format!("{before}items:\n{many}{special}{many}{after}")
    }

    #[test]
    fn a_dump_is_cut_and_reads_the_same() {
        let after = "kind: List\nmetadata:\n  resourceVersion: \"\"\n";
        let special = "# comment\n- >\n  a\n\n  b\n- - c\n  - d\n-\n  e: \"f\n    g\"\n\n";
        for text in
            [dump("apiVersion: v1\n", special, after), dump("apiVersion: v1\n", special, after).replace('\n', "\r\n")]
        {
            let members = list(&text).unwrap();
            assert_eq!(members.len(), 163);
            assert!(members.iter().all(|it| it.get("status").is_none()));
            assert_eq!(members, whole(&text).unwrap());
        }
    }

    #[test]
    fn a_typed_list_lends_its_kind() {
        let text = dump("apiVersion: x/v1\n", "- metadata: {name: z}\n", "kind: AList\n");
        assert_eq!(list(&text), whole(&text).ok());
    }

    #[test]
    fn what_cannot_be_cut_is_read_whole() {
        let end = "kind: List\n";
        for text in [
            dump("apiVersion: v1\n", "- a: \"x\n- y\"\n", end),
            dump("apiVersion: v1\n", "- a: [x\n- y, z]\n", end),
            dump("a: \"\n", "", "b\"\nkind: List\n"),
            dump("kind: List\nspec:\n  ", "", ""),
            dump("", "", "kind: Values\n"),
            dump("", "", "kind: List\nitems: []\n"),
            dump("", "- *a\n", end),
            dump("a: &b c\n", "- *b\n", end),
        ] {
            assert_eq!(documents(&text).map_err(|it| it.line), whole(&text).map_err(|it| it.line));
        }
    }

    #[test]
    fn documents_are_cut_at_their_markers() {
        let one = "---\n# Source: a.yaml\nkind: A\ntext: |\n  --- b\n--- # c\n---\n";
        let text = one.repeat(300);
        assert!(cut(&text, is_marker).len() > 2);
        assert_eq!(documents(&text).unwrap(), whole(&text).unwrap());
        let broken = format!("{text}a: [\n{text}");
        assert_eq!(documents(&broken), whole(&broken));
    }
}

//! The lines in which two trees differ.
//!
//! It knows how a tree is printed and which lines stand around a difference. It must not know how a line is shown.
//! Lines are handed over one by one, so that a reader with little room stops before the work is done.

use std::ops::ControlFlow;
use std::slice;

use similar::udiff::UnifiedHunkHeader;
use similar::{ChangeTag, TextDiff};

use crate::diff::ObjectChange;
use crate::doc::object::Identity;
use crate::doc::value::{Node, Value};
use crate::doc::yaml;

/// The lines before and after a difference.
const CONTEXT: usize = 3;

/// The bytes of a tree from which on it is no longer compared line by line: ten times what an API server stores.
const LARGEST_TREE: usize = 1 << 20;

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Same,
    Removed,
    Added,
    /// `@@ -1,7 +1,8 @@`
    Header,
}

impl Kind {
    /// The first column of a unified diff.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Same => " ",
            Self::Removed => "-",
            Self::Added => "+",
            Self::Header => "",
        }
    }
}

/// How closely lines are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    Lines,
    /// Changed words are marked; this costs several times as much.
    Words,
}

/// Takes a line in parts without its end, each with whether it is marked. No part is safe to print.
pub(super) type Take<'t> = dyn FnMut(Kind, &[(bool, &str)]) -> ControlFlow<()> + 't;

/// Hands over the lines of an object: all of one that comes or goes, else those that differ and three around them.
pub(super) fn lines(object: &ObjectChange, detail: Detail, take: &mut Take<'_>) -> ControlFlow<()> {
    if [&object.before, &object.after].into_iter().flatten().any(is_too_large) {
        return leaves(object, take);
    }
    let print =
        |node: &Node| text_of(&object.identity, node).unwrap_or_else(|| yaml::print(slice::from_ref(node), &|_| None));
    match (&object.before, &object.after) {
        (Some(before), Some(after)) => hunks(&print(before), &print(after), detail, take),
        (Some(before), None) => whole(&print(before), Kind::Removed, take),
        (None, Some(after)) => whole(&print(after), Kind::Added, take),
        (None, None) => ControlFlow::Continue(()),
    }
}

/// The lines of a file that has no structure, as they stand in it.
fn text_of(identity: &Identity, node: &Node) -> Option<String> {
    match (identity, &node.value) {
        // A list in a JSON file is one.
        (Identity::File { path }, Value::List(lines)) if !path.ends_with(".json") => {
            lines.iter().map(|line| Some(format!("{}\n", line.as_str()?))).collect()
        }
        _ => None,
    }
}

fn whole(text: &str, kind: Kind, take: &mut Take<'_>) -> ControlFlow<()> {
    text.lines().try_for_each(|line| take(kind, &[(false, line)]))
}

/// Every use of `similar`'s comparison stands here: its generics are compiled where they are called.
fn hunks(before: &str, after: &str, detail: Detail, take: &mut Take<'_>) -> ControlFlow<()> {
    let diff = TextDiff::from_lines(before, after);
    for operations in diff.grouped_ops(CONTEXT) {
        take(Kind::Header, &[(false, &UnifiedHunkHeader::new(&operations).to_string())])?;
        for operation in &operations {
            match detail {
                Detail::Lines => diff
                    .iter_changes(operation)
                    .try_for_each(|it| take(kind(it.tag()), &[(false, it.value().trim_end_matches('\n'))]))?,
                // Without a deadline: a clock would make the output differ from run to run.
                Detail::Words => diff.iter_inline_changes_deadline(operation, None).try_for_each(|it| {
                    let parts = it.values().iter().map(|(marked, part)| (*marked, part.trim_end_matches('\n')));
                    take(kind(it.tag()), &parts.collect::<Vec<_>>())
                })?,
            }
        }
    }
    ControlFlow::Continue(())
}

fn kind(tag: ChangeTag) -> Kind {
    match tag {
        ChangeTag::Equal => Kind::Same,
        ChangeTag::Delete => Kind::Removed,
        ChangeTag::Insert => Kind::Added,
    }
}

/// The leaves that differ, one by one, where the trees are too large.
fn leaves(object: &ObjectChange, take: &mut Take<'_>) -> ControlFlow<()> {
    take(Kind::Header, &[(false, "@@ too large to compare line by line @@")])?;
    for edit in &object.edits {
        let path = format!("{}: ", edit.path);
        for (kind, value) in [(Kind::Removed, &edit.before), (Kind::Added, &edit.after)] {
            if let Some(value) = value {
                take(kind, &[(false, &path), (false, value)])?;
            }
        }
    }
    ControlFlow::Continue(())
}

fn is_too_large(node: &Node) -> bool {
    let mut left = LARGEST_TREE;
    spend(node, &mut left).is_break()
}

/// Takes the size of a tree off what is left; breaks where that is not enough.
fn spend(node: &Node, left: &mut usize) -> ControlFlow<()> {
    // A number, its indentation, the end of the line.
    const LEAF: usize = 16;
    let mut take = |size: usize| match left.checked_sub(size) {
        Some(rest) => {
            *left = rest;
            ControlFlow::Continue(())
        }
        None => ControlFlow::Break(()),
    };
    match &node.value {
        Value::Text(text) => take(LEAF + text.len()),
        Value::List(items) => items.iter().try_for_each(|it| spend(it, left)),
        Value::Map(entries) => entries.iter().try_for_each(|(key, it)| {
            *left = left.saturating_sub(key.len());
            spend(it, left)
        }),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => take(LEAF),
    }
}

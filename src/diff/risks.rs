//! What a change does to what runs: tables, one row a fact, each with its reason. The first row that speaks decides.
//!
//! Sources are those of `rules`, and what the controllers do with a changed object: `pkg/controller/podautoscaler`
//! (Kubernetes), `pkg/scaling/executor` (KEDA), `src/main.c` with `CF_NO_RELOAD` (PgBouncer), eksctl's `upgrade nodegroup`.

mod rows;

use std::cmp::Ordering;

use super::rules::matches;
use super::{Action, InputRef, Path, Risk, Step, Verdict};
use crate::doc::object::Identity;
use crate::unit::exact::Exact;
use crate::unit::quantity::Quantity;

/// A fact about changes at one place.
struct Row {
    /// The `kind` of a document, `pgbouncer`, `nginx`, `input`, or `*` for every object.
    kind: &'static str,
    /// As in `rules`; `**` at the end stands for the place and all below it.
    place: &'static str,
    when: When,
    risk: Risk,
    reason: &'static str,
}

/// In which way something changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Always,
    /// Both sides have it.
    Differs,
    Raised,
    Lowered,
    Added,
    Removed,
    /// Added with the whole of the place below which it stands.
    Joins,
    /// Removed with the whole of the place below which it stood.
    Leaves,
}

/// Every row for the reference: its kind, then place, change, and risk with its reason.
pub(super) fn described() -> Vec<(&'static str, [String; 3])> {
    let row = |row: &'static Row| {
        let place = if row.place.is_empty() { "the object itself".to_owned() } else { format!("`{}`", row.place) };
        (row.kind, [place, row.when.described().to_owned(), format!("**{}**: {}", row.risk.word(), row.reason)])
    };
    rows::ROWS.iter().map(row).collect()
}

impl When {
    fn described(self) -> &'static str {
        match self {
            Self::Always => "any",
            Self::Differs => "another value",
            Self::Raised => "raised",
            Self::Lowered => "lowered",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Joins => "added with its member",
            Self::Leaves => "removed with its member",
        }
    }
}

/// What there is to judge.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change<'a> {
    pub(super) path: &'a Path,
    pub(super) before: Option<&'a str>,
    pub(super) after: Option<&'a str>,
    /// The length of the path to the topmost node that comes or goes with it.
    pub(super) root: Option<usize>,
}

/// The verdict on one leaf.
pub(super) fn of_edit(identity: &Identity, change: Change<'_>) -> Verdict {
    verdict(kind(identity), change, "it takes effect when it is applied, and takes nothing away")
}

/// The verdict on an object that comes, goes or is renamed.
pub(super) fn of_action(identity: &Identity, action: &Action) -> Verdict {
    let (before, after) = match action {
        Action::Add => (None, Some("")),
        Action::Remove => (Some(""), None),
        Action::Change => (Some(""), Some("")),
        Action::Rename { .. } => {
            let reason = "the former object stays beside the new one until somebody deletes it";
            return Verdict { risk: Risk::Disruptive, reason };
        }
    };
    let change = Change { path: &Path::default(), before, after, root: None };
    verdict(kind(identity), change, "nothing that runs depends on it")
}

/// The verdict on an input of the spec, for what reaches no document.
pub(super) fn of_input(input: &InputRef) -> Verdict {
    let path = &Path(input.address.as_str().split('.').map(|key| Step::Key(key.to_owned())).collect());
    let (before, after) = (input.before.as_deref(), input.after.as_deref());
    let change = Change { path, before, after, root: None };
    verdict("input", change, "what it changes stands in the documents")
}

fn verdict(kind: &str, change: Change<'_>, harmless: &'static str) -> Verdict {
    let speaks =
        |row: &&Row| (row.kind == kind || row.kind == "*") && is_at(row.place, change.path) && happens(row, change);
    match rows::ROWS.iter().find(speaks) {
        Some(row) => Verdict { risk: row.risk, reason: row.reason },
        None => Verdict { risk: Risk::Safe, reason: harmless },
    }
}

fn kind(identity: &Identity) -> &str {
    match identity {
        Identity::Kubernetes { kind, .. } => kind,
        Identity::Pgbouncer { .. } => "pgbouncer",
        Identity::Nginx { .. } => "nginx",
        Identity::File { .. } => "file",
    }
}

fn is_at(place: &str, path: &Path) -> bool {
    match place.strip_suffix("**") {
        Some("") => true,
        Some(start) => {
            let words = words(start);
            path.0.len() >= words && matches(start.trim_end(), &Path(path.0.iter().take(words).cloned().collect()))
        }
        None if place.is_empty() => path.0.is_empty(),
        None => matches(place, path),
    }
}

/// How many steps a place has, `**` not counted.
fn words(place: &str) -> usize {
    place.trim_end_matches("**").trim_end().split(' ').count()
}

fn happens(row: &Row, change: Change<'_>) -> bool {
    let is_whole = || change.root.is_some_and(|root| root <= words(row.place));
    let compared = || change.before.zip(change.after).and_then(|(before, after)| compare(before, after));
    match row.when {
        When::Always => true,
        When::Differs => change.before.is_some() && change.after.is_some(),
        When::Added => change.before.is_none(),
        When::Removed => change.after.is_none(),
        When::Joins => change.before.is_none() && is_whole(),
        When::Leaves => change.after.is_none() && is_whole(),
        When::Raised => compared() == Some(Ordering::Less),
        When::Lowered => compared() == Some(Ordering::Greater),
    }
}

/// Numbers, quantities and percentages by what they are worth; `None` where two are not of one kind.
fn compare(before: &str, after: &str) -> Option<Ordering> {
    if let (Some(before), Some(after)) = (before.strip_suffix('%'), after.strip_suffix('%')) {
        return compare(before, after);
    }
    if let (Ok(before), Ok(after)) = (Exact::parse(before), Exact::parse(after)) {
        return before.checked_cmp(&after);
    }
    let (before, after) = (Quantity::parse(before).ok()?, Quantity::parse(after).ok()?);
    Some(before.cmp(&after))
}

#[cfg(test)]
mod tests;

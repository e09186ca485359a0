//! What a change does to what runs: tables, one row a fact, each with its reason. The first row that speaks decides.
//!
//! Sources are those of `rules`, and what the controllers do with a changed object: `pkg/controller/podautoscaler`
//! (Kubernetes), `pkg/scaling/executor` (KEDA), `src/main.c` with `CF_NO_RELOAD` (PgBouncer), eksctl's `upgrade nodegroup`.

mod rows;

use std::cmp::Ordering;
use std::sync::LazyLock;

use super::rules::{Place, Rules};
use super::{Action, InputRef, Path, Risk, Step, Verdict};
use crate::doc::object::Identity;
use crate::unit::exact::Exact;
use crate::unit::quantity::Quantity;

/// A fact about changes at one place.
struct Row {
    /// The `kind` of a document, `pgbouncer`, `postgresql`, `redis`, `nginx` or one of its blocks, `input`, or `*` for every object.
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
    /// What a side does not write counts as the default that `rules` know.
    Raised,
    Lowered,
    /// Lowered, where zero is no limit.
    Tightened,
    /// Both sides have it, but it does not compare: a count and a percentage.
    Unlike,
    /// The new side says this.
    Becomes(&'static str),
    /// The old side said this, the new one says something else.
    Was(&'static str),
    /// Added, and below what holds without it.
    AddedBelow(&'static str),
    /// Added, and above what holds without it.
    AddedAbove(&'static str),
    Added,
    Removed,
    /// Added with the whole of the place below which it stands.
    Joins,
    /// Removed with the whole of the place below which it stood.
    Leaves,
}

/// A row with its place word by word.
struct Fact {
    area: Area,
    row: &'static Row,
}

static FACTS: LazyLock<Vec<Fact>> =
    LazyLock::new(|| rows::ROWS.iter().map(|row| Fact { area: Area::of(row.place), row }).collect());

/// A place, or a place and all below it.
struct Area {
    start: Place,
    is_all_below: bool,
}

impl Area {
    fn of(place: &'static str) -> Self {
        let start = place.strip_suffix("**");
        Self { start: Place::of(start.unwrap_or(place)), is_all_below: start.is_some() }
    }

    fn holds(&self, path: &Path) -> bool {
        let length = if self.is_all_below { self.start.len() } else { path.0.len() };
        path.0.get(..length).is_some_and(|steps| self.start.is_at(steps))
    }
}

/// Every row for the reference: its kind, then place, change, and risk with its reason.
pub(super) fn described() -> Vec<(&'static str, [String; 3])> {
    let row = |row: &'static Row| {
        let place = if row.place.is_empty() { "the object itself".to_owned() } else { format!("`{}`", row.place) };
        (row.kind, [place, row.when.described(), format!("**{}**: {}", row.risk.word(), row.reason)])
    };
    rows::ROWS.iter().map(row).collect()
}

impl When {
    fn described(self) -> String {
        let text = match self {
            Self::Becomes(value) => return format!("becomes `{value}`"),
            Self::Was(value) => return format!("is no longer `{value}`"),
            Self::AddedAbove(value) => return format!("added, above `{value}`"),
            Self::AddedBelow(value) => return format!("added, below `{value}`"),
            Self::Always => "any",
            Self::Differs => "another value",
            Self::Raised => "raised",
            Self::Lowered => "lowered",
            Self::Tightened => "lowered; `0` is no limit",
            Self::Unlike => "a value of another kind",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Joins => "added with its member",
            Self::Leaves => "removed with its member",
        };
        text.to_owned()
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

/// The verdict on one leaf of an object, for whose kind the rules are.
pub(super) fn of_edit(identity: &Identity, rules: &Rules, change: Change<'_>) -> Verdict {
    let default = rules.default(change.path);
    verdict(kinds(identity), change, default.as_deref(), "nothing is known against it")
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
    verdict(kinds(identity), change, None, "nothing that runs depends on it")
}

/// Whether some row says what it does that such an object goes. Of any other, a Deployment say, no spec of capacity can
/// conclude that nobody needs it.
pub(super) fn knows_going(identity: &Identity) -> bool {
    let kinds = kinds(identity);
    let says =
        |row: &Row| row.place.is_empty() && row.when == When::Removed && row.kind != "*" && kinds.contains(&row.kind);
    FACTS.iter().any(|it| says(it.row))
}

/// The verdict on an input of the spec, for what reaches no document.
pub(super) fn of_input(input: &InputRef) -> Verdict {
    let path = &Path(input.address.as_str().split('.').map(|key| Step::Key(key.to_owned())).collect());
    let (before, after) = (input.before.as_deref(), input.after.as_deref());
    let change = Change { path, before, after, root: None };
    verdict(["input", "*"], change, None, "what it changes stands in the documents")
}

fn verdict(kinds: [&str; 2], change: Change<'_>, default: Option<&str>, harmless: &'static str) -> Verdict {
    let speaks = |Fact { area, row }: &&Fact| {
        let is_of_kind = || row.kind == "*" || kinds.contains(&row.kind);
        area.holds(change.path) && is_of_kind() && happens(row, area, change, default)
    };
    match FACTS.iter().find(speaks) {
        Some(Fact { row, .. }) => Verdict { risk: row.risk, reason: row.reason },
        None => Verdict { risk: Risk::Safe, reason: harmless },
    }
}

/// The kinds of row that speak of an object: what it is, and what it is part of.
fn kinds(identity: &Identity) -> [&str; 2] {
    match identity {
        Identity::Kubernetes { kind, .. } => [kind, "*"],
        Identity::Pgbouncer { .. } => ["pgbouncer", "*"],
        Identity::Nginx { kind: "upstream", .. } => ["nginx upstream", "nginx"],
        Identity::Nginx { .. } => ["nginx server", "nginx"],
        Identity::Settings { program, .. } => [program, "*"],
        Identity::File { .. } => ["file", "*"],
    }
}

fn happens(row: &Row, area: &Area, change: Change<'_>, default: Option<&str>) -> bool {
    let is_whole = || change.root.is_some_and(|root| root <= area.start.len());
    let (before, after) = (change.before.or(default), change.after.or(default));
    let compared = || before.zip(after).and_then(|(before, after)| compare(before, after));
    let added_beside =
        |without: &str| change.after.filter(|_| change.before.is_none()).and_then(|it| compare(without, it));
    let is_on_both = change.before.is_some() && change.after.is_some();
    match row.when {
        When::Always => true,
        When::Differs => is_on_both,
        When::Unlike => is_on_both && compared().is_none(),
        When::Becomes(value) => change.after == Some(value),
        When::Was(value) => change.before == Some(value) && change.after != Some(value),
        When::AddedBelow(value) => added_beside(value) == Some(Ordering::Greater),
        When::AddedAbove(value) => added_beside(value) == Some(Ordering::Less),
        When::Added => change.before.is_none(),
        When::Removed => change.after.is_none(),
        When::Joins => change.before.is_none() && is_whole(),
        When::Leaves => change.after.is_none() && is_whole(),
        When::Raised => compared() == Some(Ordering::Less),
        When::Lowered => compared() == Some(Ordering::Greater),
        When::Tightened => match (before, after) {
            (_, None | Some("0")) => false,
            (None | Some("0"), _) => true,
            _ => compared() == Some(Ordering::Greater),
        },
    }
}

/// Numbers, quantities and what stands in the same words: `25%`, `--replicas=4`. `None` where two are not of one kind.
fn compare(before: &str, after: &str) -> Option<Ordering> {
    if let (Ok(before), Ok(after)) = (Quantity::parse(before), Quantity::parse(after)) {
        return Some(before.cmp(&after));
    }
    let ((start, before, end), (other_start, after, other_end)) = (number(before)?, number(after)?);
    let is_alike = (start, end) == (other_start, other_end);
    Exact::parse(before).ok().filter(|_| is_alike)?.checked_cmp(&Exact::parse(after).ok()?)
}

/// A text cut at its only number.
fn number(text: &str) -> Option<(&str, &str, &str)> {
    let is_digit = |it: char| it.is_ascii_digit();
    let (start, end) = (text.find(is_digit)?, text.rfind(is_digit)? + 1);
    Some((text.get(..start)?, text.get(start..end)?, text.get(end..)?))
}

#[cfg(test)]
mod tests;

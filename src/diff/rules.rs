//! Which differences mean nothing, and by what the members of a list are known: tables, one row a fact, each with its reason.
//!
//! A row speaks of a kind of object and of a place in it. A place is a list of words: a key, `client_tls*` for any key that
//! starts so, `*` for any key, `[]` for any member of a list. A row must say where its fact comes from; what no row says is a difference.

mod eksctl;
mod kubernetes;
mod nginx;
mod pgbouncer;
mod prometheus;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::{Path, Step};
use crate::doc::object::Identity;
use crate::doc::value::{Node, Value};
use crate::unit::duration::Duration;
use crate::unit::quantity::Quantity;

/// A fact about one place.
#[derive(Debug)]
pub(super) struct Row {
    /// The `kind` of a document, `pgbouncer`, `nginx`, `rules` for a file of Prometheus rules, or `*` for every Kubernetes document.
    kind: &'static str,
    place: &'static str,
    rule: Rule,
    reason: &'static str,
}

/// What a row says.
#[derive(Debug)]
enum Rule {
    /// The other side writes it; where capgen does not, it means nothing.
    Owned,
    /// Not to write it is to write this value, given as JSON.
    Default(&'static str),
    /// Equal where both are the same Kubernetes quantity: `1000m` is `1`.
    Quantity,
    /// Equal where both last as long: `30s` is `30`, the unit being seconds.
    Duration,
    /// Equal where both are the same text: `70` is `"70"`.
    Text,
    /// A list whose members are known by these places in them; the order means nothing.
    Members(&'static [&'static str]),
    /// A list of plain values whose order means nothing.
    Set,
}

const TABLES: [&[Row]; 5] = [kubernetes::ROWS, eksctl::ROWS, pgbouncer::ROWS, nginx::ROWS, prometheus::ROWS];

/// Every row for the reference: its kind, then place, rule and reason.
pub(super) fn described() -> Vec<(&'static str, [String; 3])> {
    let row = |row: &'static Row| (row.kind, [format!("`{}`", row.place), row.rule.described(), row.reason.to_owned()]);
    TABLES.iter().copied().flatten().map(row).collect()
}

impl Rule {
    fn described(&self) -> String {
        match self {
            Self::Owned => "ignored where the spec has nothing to say".to_owned(),
            Self::Default(value) => format!("absent is `{value}`"),
            Self::Quantity => "compared as quantities".to_owned(),
            Self::Duration => "compared as durations".to_owned(),
            Self::Text => "compared as text".to_owned(),
            Self::Members(places) => format!("a set, its members known by `{}`", places.join("`, `")),
            Self::Set => "a set".to_owned(),
        }
    }
}

/// A row with its place word by word.
struct Fact {
    place: Place,
    row: &'static Row,
}

static FACTS: LazyLock<Vec<Fact>> = LazyLock::new(|| {
    let fact = |row: &'static Row| Fact { place: Place::of(row.place), row };
    TABLES.iter().copied().flatten().map(fact).collect()
});

/// The rows for one kind of object.
pub(super) struct Rules(Vec<&'static Fact>);

impl Rules {
    pub(super) fn of(identity: &Identity) -> Self {
        let (kind, is_document) = match identity {
            Identity::Kubernetes { kind, .. } => (kind.as_str(), true),
            Identity::Pgbouncer { .. } => ("pgbouncer", false),
            Identity::Settings { program, .. } => (*program, false),
            Identity::Nginx { .. } => ("nginx", false),
            Identity::File { path } if path.ends_with("-rules.yaml") => ("rules", false),
            Identity::File { .. } => ("Kustomization", false),
        };
        let speaks = |Fact { row, .. }: &&Fact| row.kind == kind || is_document && row.kind == "*";
        Self(FACTS.iter().filter(speaks).collect())
    }

    fn at<'a>(&'a self, path: &'a Path) -> impl Iterator<Item = &'static Row> + 'a {
        self.0.iter().filter(|it| it.place.is_at(&path.0)).map(|it| it.row)
    }

    /// Why this difference means nothing, if it does.
    pub(super) fn excuse(&self, path: &Path, old: Option<&Node>, new: Option<&Node>) -> Option<&'static str> {
        let means_nothing = |row: &&Row| match (&row.rule, old, new) {
            (Rule::Owned, Some(_), None) => true,
            (Rule::Default(default), Some(node), None) | (Rule::Default(default), None, Some(node)) => {
                crate::doc::json::parse(default).is_ok_and(|default| is_same(node, &default))
            }
            (Rule::Quantity, Some(old), Some(new)) => same_quantity(&text(old), &text(new)),
            (Rule::Duration, Some(old), Some(new)) => same_duration(&text(old), &text(new)),
            (Rule::Text, Some(old), Some(new)) => is_scalar(old) && is_scalar(new) && text(old) == text(new),
            _ => false,
        };
        self.at(path).find(means_nothing).map(|row| row.reason)
    }

    /// What a scalar at a path is worth where a side does not write it, if a row says so.
    pub(super) fn default(&self, path: &Path) -> Option<String> {
        self.at(path)
            .find_map(|row| match row.rule {
                Rule::Default(default) => crate::doc::json::parse(default).ok().filter(is_scalar),
                _ => None,
            })
            .map(|node| text(&node).into_owned())
    }

    /// Why what stands at this path is the other side's alone, if it is.
    pub(super) fn owner(&self, path: &Path) -> Option<&'static str> {
        self.at(path).find(|row| matches!(row.rule, Rule::Owned)).map(|row| row.reason)
    }

    /// By what the members of the list at a path are known; `None`: by their position.
    pub(super) fn members(&self, path: &Path, list: &[Node]) -> Option<Vec<String>> {
        let name = self.at(path).find_map(|row| match &row.rule {
            Rule::Members(places) => Some(Some(*places)),
            Rule::Set => Some(None),
            _ => None,
        })?;
        let mut names: Vec<String> = Vec::with_capacity(list.len());
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for node in list {
            let name = match name {
                Some(places) => places.iter().filter_map(|place| found(node, place)).collect::<Vec<_>>().join(" "),
                None => text(node).into_owned(),
            };
            // Two of one name are told apart by which comes first.
            let count = counts.entry(name.clone()).and_modify(|it| *it += 1).or_insert(1);
            names.push(if *count == 1 { name } else { format!("{name}#{count}") });
        }
        Some(names)
    }

    /// The names of a list's old members, where one without a `name` of its own takes that of the new member that it became:
    /// the one that holds the same, else the first that is otherwise known by the same.
    pub(super) fn renamed(
        &self,
        path: &Path,
        (old, mut old_names): (&[Node], Vec<String>),
        (new, new_names): (&[Node], &[String]),
    ) -> Vec<String> {
        let places = self.at(path).find_map(|row| match row.rule {
            Rule::Members(places) if places.len() > 1 && places.contains(&"name") => Some(places),
            _ => None,
        });
        let Some(places) = places else { return old_names };
        for to_the_letter in [true, false] {
            for (index, node) in old.iter().enumerate() {
                let is_open = |name: &String| !old_names.contains(name);
                let found = new_names
                    .iter()
                    .zip(new)
                    .find(|(name, it)| is_open(name) && is_alike(places, node, it, to_the_letter));
                match found {
                    Some((name, _)) if !new_names.contains(&old_names[index]) => old_names[index] = name.clone(),
                    _ => {}
                }
            }
        }
        old_names
    }
}

/// Whether two members would be one but for a name that the old one lacks: all else that they are known by is equal, and with
/// `to_the_letter` what they hold in `metadata` too.
fn is_alike(places: &[&str], old: &Node, new: &Node, to_the_letter: bool) -> bool {
    let same = |place: &&str| found(old, place) == found(new, place);
    let metadata = |node: &Node| node.get("metadata").cloned().unwrap_or(Node::from(Value::Map(Vec::new())));
    old.get("name").is_none()
        && new.get("name").is_some()
        && places.iter().filter(|it| **it != "name").all(same)
        && (!to_the_letter || is_same(&metadata(old), &metadata(new)))
}

/// Whether a value is a default, whatever the order and the spelling.
fn is_same(node: &Node, default: &Node) -> bool {
    match (&node.value, &default.value) {
        (Value::Map(these), Value::Map(those)) => {
            let same = |(key, node): &(Cow<'static, str>, Node)| default.get(key).is_some_and(|it| is_same(node, it));
            these.len() == those.len() && these.iter().all(same)
        }
        (Value::List(these), Value::List(those)) => {
            let stands = |node: &Node| those.iter().any(|it| is_same(node, it));
            these.len() == those.len() && these.iter().all(stands)
        }
        _ => is_scalar(node) && is_scalar(default) && text(node) == text(default),
    }
}

/// The scalar at a place below a node.
fn found(node: &Node, place: &str) -> Option<String> {
    let node = place.split(' ').try_fold(node, |node, key| node.get(key))?;
    is_scalar(node).then(|| text(node).into_owned())
}

/// A place, word by word; none for the object itself.
pub(super) struct Place(Vec<Word>);

enum Word {
    Key(&'static str),
    /// Any key that starts so.
    Start(&'static str),
    /// Any member of a list.
    Member,
}

impl Place {
    pub(super) fn of(text: &'static str) -> Self {
        Self(text.split(' ').filter(|it| !it.is_empty()).map(Word::of).collect())
    }

    /// How many steps lead to it.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_at(&self, steps: &[Step]) -> bool {
        // Places are told apart by their lengths, and then by their last words.
        self.0.len() == steps.len() && self.0.iter().zip(steps).rev().all(|(word, step)| word.is_at(step))
    }
}

impl Word {
    fn of(text: &'static str) -> Self {
        match (text, text.strip_suffix('*')) {
            ("[]", _) => Self::Member,
            (_, Some(start)) => Self::Start(start),
            (key, None) => Self::Key(key),
        }
    }

    fn is_at(&self, step: &Step) -> bool {
        match (self, step) {
            (Self::Key(key), Step::Key(it)) => it == key,
            (Self::Start(start), Step::Key(it)) => it.starts_with(start),
            (Self::Member, Step::Member(_) | Step::Index(_)) => true,
            _ => false,
        }
    }
}

/// Whether a path is at a place.
pub(super) fn matches(place: &'static str, path: &Path) -> bool {
    let mut words = place.split(' ').map(Word::of);
    path.0.iter().all(|step| words.next().is_some_and(|word| word.is_at(step))) && words.next().is_none()
}

pub(super) fn is_scalar(node: &Node) -> bool {
    !matches!(node.value, Value::List(_) | Value::Map(_))
}

/// A scalar as a document shows it, without quotes; a list or map in short.
pub(super) fn text(node: &Node) -> Cow<'_, str> {
    match &node.value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string().into(),
        Value::Int(value) => value.to_string().into(),
        Value::Float(value) => value.to_string().into(),
        Value::Text(text) => Cow::Borrowed(text),
        Value::List(items) if items.is_empty() => "[]".into(),
        Value::List(_) => "[…]".into(),
        Value::Map(entries) if entries.is_empty() => "{}".into(),
        Value::Map(_) => "{…}".into(),
    }
}

fn same_quantity(old: &str, new: &str) -> bool {
    matches!((Quantity::parse(old), Quantity::parse(new)), (Ok(old), Ok(new)) if old == new)
}

fn same_duration(old: &str, new: &str) -> bool {
    let seconds = |text: &str| {
        let bare = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
        let text = if bare { format!("{text}s") } else { text.to_owned() };
        Duration::parse(&text).ok().map(|it| it.millis())
    };
    seconds(old).is_some() && seconds(old) == seconds(new)
}

#[cfg(test)]
mod tests;

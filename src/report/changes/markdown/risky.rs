//! What a reviewer must not miss: everything that goes and everything worse than safe, by name.
//!
//! A table with reasons where there is room for it; else the names in groups; else the groups with their counts and as
//! many names as fit.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::diff::{Action, InputChange, ObjectChange, Risk};
use crate::doc::object::Identity;

use super::super::{Report, phrase};
use super::escape::code;
use super::room::Room;

/// From so many bytes on the table is no longer read.
const LONGEST_TABLE: usize = 20_000;

/// The causes that a row of the table names.
const MOST_CAUSES: usize = 3;

/// The characters of a kind.
const LONGEST_KIND: usize = 60;

const TITLE: &str = "### Look at these\n\n";

/// The text, and how many risky changes it does not name.
#[derive(Default)]
pub(super) struct Section {
    pub(super) text: String,
    pub(super) unnamed: usize,
}

enum Item<'a> {
    Object(&'a ObjectChange),
    Input(&'a InputChange),
}

/// The section, in at most so many bytes; empty where nothing is risky.
pub(super) fn section(report: &Report<'_>, most: usize) -> Section {
    let items = items(report);
    if items.is_empty() {
        return Section::default();
    }
    match table(report, &items, most.min(LONGEST_TABLE)) {
        Some(text) => Section { text, unnamed: 0 },
        None => groups(&items, most),
    }
}

/// The worst first; among equals objects before inputs.
fn items<'a>(report: &Report<'a>) -> Vec<Item<'a>> {
    let goes = |it: &ObjectChange| matches!(it.action, Action::Remove | Action::Rename { .. });
    let is_risky = |it: &&ObjectChange| it.risk.risk != Risk::Safe || goes(it);
    let objects = report.riskiest_first().into_iter().filter(is_risky).map(Item::Object);
    let inputs = report.changes.risky_inputs().map(Item::Input);
    let mut items: Vec<Item<'a>> = objects.chain(inputs).collect();
    items.sort_by_key(|it| Reverse(it.risk()));
    items
}

/// `None` where it would be too long.
fn table(report: &Report<'_>, items: &[Item<'_>], most: usize) -> Option<String> {
    let mut room = Room::new(most);
    let mut out = format!("{TITLE}| risk | what | why |\n|---|---|---|\n");
    room.take(&out).then_some(())?;
    for item in items {
        let row = format!("| **{}** | {} | {} |\n", item.risk().word(), item.title(), item.why(report));
        room.take(&row).then_some(())?;
        out.push_str(&row);
    }
    room.take("\n").then_some(())?;
    out.push('\n');
    Some(out)
}

/// What is risky in the same way.
struct Group<'a> {
    head: String,
    items: Vec<&'a Item<'a>>,
}

/// The longest that is said about names that are left out.
const MORE: &str = " and 18446744073709551615 more\n";

/// All groups with their counts before any name, then the riskiest names first.
fn groups(items: &[Item<'_>], most: usize) -> Section {
    let groups = grouped(items);
    let mut room = Room::new(most.saturating_sub(TITLE.len() + MORE.len() + 1));
    // Half of the room at most, or there would be none for names.
    let mut for_heads = Room::new(room.left() / 2);
    let shown = groups.iter().take_while(|it| for_heads.take(&it.head) && for_heads.take(MORE)).count();
    let (shown, uncounted) = groups.split_at(shown);
    for group in shown {
        room.take(&group.head);
        room.take(MORE);
    }
    let mut section = Section { text: TITLE.to_owned(), unnamed: 0 };
    for group in shown {
        section.text.push_str(&group.head);
        let named = names(group, &mut room, &mut section.text);
        if let more @ 1.. = group.items.len() - named {
            section.unnamed += more;
            section.text.push_str(&if named > 0 { format!(" and {more} more") } else { String::new() });
        }
        section.text.push('\n');
    }
    if let more @ 1.. = uncounted.iter().map(|it| it.items.len()).sum::<usize>() {
        section.unnamed += more;
        section.text.push_str(&format!("- and {more} more\n"));
    }
    section.text.push('\n');
    section
}

/// By risk, action and kind.
fn grouped<'a>(items: &'a [Item<'a>]) -> Vec<Group<'a>> {
    let mut groups: BTreeMap<_, Vec<&Item<'_>>> = BTreeMap::new();
    for item in items {
        groups.entry((Reverse(item.risk()), item.verb(), item.kind())).or_default().push(item);
    }
    let group = |((Reverse(risk), verb, kind), items): ((Reverse<Risk>, _, Cow<'_, str>), Vec<_>)| {
        let kind = code(&phrase::short(&kind, LONGEST_KIND));
        Group { head: format!("- **{}**: {} {kind} {verb}", risk.word(), items.len()), items }
    };
    groups.into_iter().map(group).collect()
}

/// Writes as many names as fit, and says how many they are.
fn names(group: &Group<'_>, room: &mut Room, out: &mut String) -> usize {
    for (position, item) in group.items.iter().enumerate() {
        let before = if position == 0 { ": " } else { ", " };
        let name = format!("{before}{}", code(&item.name()));
        if !room.take(&name) {
            return position;
        }
        out.push_str(&name);
    }
    group.items.len()
}

impl Item<'_> {
    fn risk(&self) -> Risk {
        match self {
            Self::Object(object) => object.risk.risk,
            Self::Input(change) => change.risk.risk,
        }
    }

    fn verb(&self) -> &'static str {
        match self {
            Self::Object(object) => match object.action {
                Action::Add => "added",
                Action::Remove => "removed",
                Action::Change => "changed",
                Action::Rename { .. } => "renamed",
            },
            Self::Input(_) => "changed",
        }
    }

    fn kind(&self) -> Cow<'_, str> {
        match self {
            Self::Input(_) => Cow::Borrowed("input"),
            Self::Object(object) => match &object.identity {
                Identity::Kubernetes { kind, .. } => Cow::Borrowed(kind),
                Identity::Pgbouncer { .. } => Cow::Borrowed("pgbouncer.ini"),
                Identity::Settings { program, .. } => Cow::Borrowed(*program),
                Identity::Nginx { kind, .. } => Cow::Owned(format!("nginx {kind}")),
                Identity::File { .. } => Cow::Borrowed("file"),
            },
        }
    }

    /// What it is called beside others of its kind.
    fn name(&self) -> String {
        let cut = |name: &str| phrase::short(name, phrase::LONGEST_IDENTITY).into_owned();
        let of = |identity: &Identity| match identity {
            Identity::Kubernetes { namespace: Some(namespace), name, .. } => cut(&format!("{namespace}/{name}")),
            Identity::Kubernetes { name, .. }
            | Identity::Pgbouncer { name }
            | Identity::Settings { name, .. }
            | Identity::Nginx { name, .. } => cut(name),
            Identity::File { path } => cut(path),
        };
        match self {
            Self::Input(change) => cut(change.input.address.as_str()),
            Self::Object(object) => match &object.action {
                Action::Rename { from } => format!("{} → {}", of(from), of(&object.identity)),
                Action::Add | Action::Remove | Action::Change => of(&object.identity),
            },
        }
    }

    /// What it is called in the table.
    fn title(&self) -> String {
        match self {
            Self::Input(_) => code(&self.name()),
            Self::Object(object) => code(&format!("{} {}", phrase::mark(&object.action), phrase::name(object))),
        }
    }

    fn why(&self, report: &Report<'_>) -> String {
        match self {
            Self::Input(change) => {
                let values = phrase::edit(change.input.before.as_deref(), change.input.after.as_deref(), &code);
                let place = phrase::written_at(report, &change.input, &code);
                format!("{}: {values}{place}", change.risk.reason)
            }
            Self::Object(object) => {
                let mut parts: Vec<String> = phrase::risks(object).iter().map(|it| it.what.reason.to_owned()).collect();
                let causes = object.because.iter().take(MOST_CAUSES);
                parts.extend(causes.map(|it| phrase::sentence(report, it, &code)));
                if let Some(more @ 1..) = object.because.len().checked_sub(MOST_CAUSES) {
                    parts.push(format!("{more} more"));
                }
                parts.join("; ")
            }
        }
    }
}

//! What a person should know about an import, one line each: what the build would change, what stays as it is, which
//! numbers nobody wrote.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Severity};
use crate::diff::{self, Action, Edit, Ignored, ObjectChange};
use crate::doc::object::{Identity, Object};
use crate::doc::state::State;
use crate::doc::value::{Node, Path, Step, Value};
use crate::import::{Draft, Places, Remark};

use super::super::notes;
use super::settle::Settled;

/// Everything to say, the worst first.
pub(super) struct Findings {
    pub(super) all: Vec<Diagnostic>,
    /// How many of them are changes, and how many objects that stay.
    pub(super) changes: usize,
    pub(super) staying: usize,
    pub(super) summary: String,
}

pub(super) fn findings(draft: &Draft, settled: &Settled, state: &State, texts: &BTreeMap<String, String>) -> Findings {
    let mut there = There { draft, state, texts, places: BTreeMap::new() };
    let mut all = Vec::new();
    for change in &settled.changes.objects {
        there.changes(change, &mut all);
    }
    for it in settled.changes.ignored.iter().filter(|it| it.is_loss() && !state.is_live) {
        there.loss(it, &mut all);
    }
    let changes = all.len();
    let mut said: Vec<&str> = Vec::new();
    for remark in &draft.remarks {
        if let Remark::Stays { object, .. } = remark {
            said.push(object);
        }
        all.extend(remarked(remark));
    }
    for identity in &settled.changes.unmanaged {
        if there.is_left_out(identity) && !said.contains(&identity.to_string().as_str()) {
            let place = there.object(identity, None).map(|it| it.file.clone()).unwrap_or_default();
            let message = format!("`{place}`: `{identity}` stays as it is: what it belongs to was left out");
            all.push(at(Severity::Warning, message));
        }
    }
    all.extend(draft.assumed().map(|(place, what)| at(Severity::Note, format!("`{place}`: nothing says {what}"))));
    let is_read = |place: &str| draft.read.contains(place.split(" (document ").next().unwrap_or(place));
    let skipped: Vec<_> = state.skipped.iter().filter(|(place, _)| !is_read(place)).cloned().collect();
    all.extend(notes::passed_over(&skipped).into_iter().map(|it| at(Severity::Note, it)));
    all.sort_by_key(|it| std::cmp::Reverse(it.severity));
    let staying = all.iter().filter(|it| it.severity == Severity::Warning).count();
    let summary = summary(draft, changes, staying);
    Findings { all, changes, staying, summary }
}

fn at(severity: Severity, message: String) -> Diagnostic {
    Diagnostic { severity, ..Diagnostic::error(message) }
}

fn remarked(remark: &Remark) -> Option<Diagnostic> {
    Some(match remark {
        Remark::Stays { place, object, why } => {
            at(Severity::Warning, format!("`{place}`: `{object}` stays as it is: {why}"))
        }
        Remark::Others { kind, count, place } => {
            let why = match kind.as_str() {
                "Deployment" | "StatefulSet" => "capgen counts with them and writes none",
                _ => "nothing of their kind is taken over",
            };
            let which = match count {
                1 => format!("the `{kind}` stays as it is"),
                count => format!("this and {} more `{kind}` stay as they are", count - 1),
            };
            at(Severity::Note, format!("`{place}`: {which}: {why}"))
        }
        Remark::Unsaid { .. } => return None,
    })
}

fn summary(draft: &Draft, changes: usize, staying: usize) -> String {
    let objects: usize = draft.units().map(|it| it.objects.len()).sum();
    let count = |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let mut text = match (objects, changes) {
        (0, _) => "took over no object, so the build writes none".to_owned(),
        (objects, 0) => format!("took over {}, and the build changes nothing", count(objects, "object", "objects")),
        (objects, changes) => {
            let changed = count(changes, "place", "places");
            format!("took over {}, and the build would change {changed}", count(objects, "object", "objects"))
        }
    };
    if staying > 0 {
        text += &format!("; {}", count(staying, "thing stays as it is", "things stay as they are"));
    }
    let assumed = draft.assumed().count();
    if assumed > 0 {
        text += &format!("; {} assumed", count(assumed, "number is", "numbers are"));
    }
    text
}

/// What was read.
struct There<'a> {
    draft: &'a Draft,
    state: &'a State,
    texts: &'a BTreeMap<String, String>,
    places: BTreeMap<&'a str, Places>,
}

impl<'a> There<'a> {
    /// One line for each field of an object that the build would change.
    fn changes(&mut self, change: &ObjectChange, all: &mut Vec<Diagnostic>) {
        let owner = change.owner.as_ref().map(|it| it.as_str());
        let identity = match &change.action {
            Action::Rename { from } => from,
            Action::Add | Action::Remove | Action::Change => &change.identity,
        };
        let name = &change.identity;
        let Some(object) = self.object(identity, owner).filter(|_| change.action != Action::Add) else {
            all.push(at(Severity::Error, format!("the build would make `{name}`")));
            return;
        };
        if let Action::Rename { from } = &change.action {
            let place = self.place(object, &Path::default());
            all.push(at(Severity::Error, format!("`{place}`: the build would call `{from}` `{name}`")));
        }
        let mut unsaid: Vec<&Path> = Vec::new();
        for edit in &change.edits {
            let path = resolved(&object.tree, &edit.path);
            let (message, place) = match self.why(object, &path) {
                Some((whole, _)) if unsaid.contains(&whole) => continue,
                Some((whole, why)) => {
                    unsaid.push(whole);
                    let shown = diff::Path(edit.path.0.iter().take(whole.0.len()).cloned().collect());
                    let what = match shown.0.len() < edit.path.0.len() {
                        true => format!("take `{shown}` out of `{identity}`"),
                        false => what(edit, identity),
                    };
                    (format!("{what}: {why}"), self.place(object, whole))
                }
                None => (what(edit, identity), self.place(object, &path)),
            };
            all.push(at(Severity::Error, format!("`{place}`: the build would {message}")));
        }
    }

    /// One line for a field that means nothing beside the build, and would be gone where its file takes the place of the old
    /// one. A group of nodes that stays was said by name.
    fn loss(&mut self, it: &'a Ignored, all: &mut Vec<Diagnostic>) {
        let Some(object) = self.object(&it.identity, None) else { return };
        let path = resolved(&object.tree, &it.path);
        let name = object.tree.at(&path).and_then(|it| it.get("name")).and_then(Node::as_str).unwrap_or_default();
        let group = format!("node group {name}");
        let is_said = |remark: &Remark| matches!(remark, Remark::Stays { object, .. } if *object == group);
        if !self.draft.remarks.iter().any(is_said) {
            let place = self.place(object, &path);
            let message = format!("take `{}` out of `{}`: {}", it.path, it.identity, it.reason);
            all.push(at(Severity::Error, format!("`{place}`: the build would {message}")));
        }
    }

    /// The object that was read under an identity: any namespace that is not written is the spec's.
    fn object(&self, identity: &Identity, owner: Option<&str>) -> Option<&'a Object> {
        let is_it = |object: &&Object| match (&object.identity, identity) {
            (
                Identity::Kubernetes { group, kind, namespace: None, name },
                Identity::Kubernetes { group: new_group, kind: new_kind, name: new_name, .. },
            ) => (group, kind, name) == (new_group, new_kind, new_name),
            (old, new) => old == new,
        };
        let of_unit = || {
            let unit = self.draft.units().find(|it| Some(it.table.as_str()) == owner)?;
            let (identity, _) = unit.objects.first()?;
            self.state.objects.iter().find(|it| it.identity == *identity)
        };
        self.state.objects.iter().find(is_it).or_else(of_unit)
    }

    /// Whether an object is of a kind that the draft once asked for.
    fn is_left_out(&self, identity: &Identity) -> bool {
        let is_taken = |it: &Identity| it == identity;
        let taken = self.draft.units().any(|unit| unit.objects.iter().any(|(it, _)| is_taken(it)));
        !taken
            && match identity {
                Identity::Kubernetes { kind, .. } => {
                    matches!(
                        kind.as_str(),
                        "HorizontalPodAutoscaler"
                            | "ScaledObject"
                            | "PodDisruptionBudget"
                            | "CronJob"
                            | "ClusterConfig"
                    )
                }
                Identity::Pgbouncer { .. } | Identity::Nginx { .. } => true,
                Identity::Settings { .. } | Identity::File { .. } => false,
            }
    }

    fn place(&mut self, object: &'a Object, path: &Path) -> String {
        let text = self.texts.get(&object.file).map(String::as_str).unwrap_or_default();
        let places = self.places.entry(&object.file).or_insert_with(|| Places::of(&object.file, text));
        format!("{}:{}", object.file, places.line(object.document, path))
    }

    /// Why a field could not be said, where the import knows, and the whole of what could not.
    fn why(&self, object: &Object, path: &Path) -> Option<(&'a Path, &'static str)> {
        let draft = self.draft;
        draft.remarks.iter().find_map(|remark| match remark {
            Remark::Unsaid { object: identity, file, path: unsaid, why } => {
                let is_related = path.0.iter().zip(&unsaid.0).all(|(a, b)| a == b);
                (*identity == object.identity && *file == object.file && is_related).then_some((unsaid, *why))
            }
            _ => None,
        })
    }
}

fn what(edit: &Edit, object: &Identity) -> String {
    let path = &edit.path;
    match (&edit.before, &edit.after) {
        (Some(before), Some(after)) => format!("change `{path}` of `{object}` from `{before}` to `{after}`"),
        (Some(before), None) => format!("take `{path}`, which is `{before}`, out of `{object}`"),
        (None, after) => format!("add `{path}` to `{object}`: `{}`", after.as_deref().unwrap_or_default()),
    }
}

/// A path in the old tree, where the members of a list are counted.
fn resolved(tree: &Node, path: &diff::Path) -> Path {
    let (mut node, mut steps) = (Some(tree), Vec::new());
    for step in &path.0 {
        let step = match step {
            diff::Step::Key(key) => Step::Key(key.clone()),
            diff::Step::Index(index) => Step::Index(*index),
            diff::Step::Member(name) => Step::Index(node.and_then(|it| member(it, name)).unwrap_or(usize::MAX)),
        };
        node = node.and_then(|it| it.at(&Path(vec![step.clone()])));
        steps.push(step);
    }
    Path(steps)
}

/// The first member of a list in which every word of a name stands.
fn member(list: &Node, name: &str) -> Option<usize> {
    let Value::List(items) = &list.value else { return None };
    items.iter().position(|item| {
        let leaves = item.leaves();
        let holds = |word: &str| {
            leaves.iter().any(|(_, leaf)| match &leaf.value {
                Value::Text(text) => text == word,
                Value::Int(number) => number.to_string() == word,
                _ => false,
            })
        };
        name.split('#').next().unwrap_or_default().split(' ').all(holds)
    })
}

//! From pairs of objects to what differs in each: edits with their causes and risks, and what means nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::because::{Behind, Cause, Hand, Question, Way};
use super::compare::{self, Difference};
use super::pairs::{self, Pair};
use super::risks::{self, Change};
use super::rules::{self, Rules};
use super::schedules::{self, Moves};
use super::{Action, Because, Changes, Edit, Ignored, ObjectChange, Path, spelling};
use crate::doc::mask;
use crate::doc::object::{Identity, Object};
use crate::doc::state::State;
use crate::doc::value::{Node, Value};
use crate::why::Address;

/// Said of what the API server makes of both sides, the live object and the new one.
const SAME: &str = "the API server makes the same of both, as its dry run says";

/// What holds for every object of one run.
struct Context<'a> {
    new: &'a [Object],
    old: &'a State,
    cause: &'a Cause<'a>,
    moves: Moves,
    /// The table that asks for each file; only lists of files ask.
    owners: OnceLock<BTreeMap<&'a str, &'a Address>>,
    /// The first object of each new file; only what goes asks.
    successors: OnceLock<BTreeMap<&'a str, &'a Object>>,
}

/// What comparing one pair gives.
#[derive(Default)]
struct Found<'a> {
    change: Option<Box<ObjectChange>>,
    /// Where the new tree of the change stands among the new objects.
    at: Option<usize>,
    ignored: Vec<Ignored>,
    unmanaged: Option<&'a Identity>,
    is_unchanged: bool,
}

/// Everything that differs, but for what only the whole can tell, and where the new tree of each change stands: who has
/// asked everything about the new objects takes them from there, by [`show`].
pub(super) fn compare(new: &[Object], old: &State, cause: &Cause<'_>) -> (Changes, Vec<Option<usize>>) {
    let moves = if old.is_live { schedules::moves(new) } else { Moves::default() };
    let context = Context { new, old, cause, moves, owners: OnceLock::new(), successors: OnceLock::new() };
    let pairs = pairs::pair(&old.objects, new);
    let found: Vec<Found<'_>> = pairs.par_iter().map(|pair| context.compare(*pair)).collect();
    let mut changes = Changes::default();
    changes.ignored.reserve_exact(found.iter().map(|it| it.ignored.len()).sum());
    let mut places = Vec::new();
    for found in found {
        if let Some(change) = found.change {
            changes.objects.push(*change);
            places.push(found.at);
        }
        changes.ignored.extend(found.ignored);
        changes.unmanaged.extend(found.unmanaged.cloned());
        changes.unchanged += usize::from(found.is_unchanged);
    }
    (changes, places)
}

/// Gives the changes their new trees, masked as the old ones are.
pub(super) fn show(changes: &mut [ObjectChange], places: &[Option<usize>], new: &mut [Object]) {
    for (change, at) in changes.iter_mut().zip(places) {
        let object = at.and_then(|at| new.get_mut(at));
        change.after = object.map(|it| std::mem::replace(&mut it.tree, Value::Null.into()));
    }
    changes.par_iter_mut().for_each(|change| change.after = change.after.take().map(mask::tree));
}

impl<'a> Context<'a> {
    /// What differs in one pair.
    fn compare(&self, pair: Pair<'a>) -> Found<'a> {
        let whole = |object, action| Found { change: Some(Box::new(self.whole(object, action))), ..Found::default() };
        match (pair.old, pair.new) {
            (Some(before), Some(after)) if !pair.is_renamed && compare::is_identical(&before.tree, &after.tree) => {
                Found { is_unchanged: true, ..Found::default() }
            }
            (Some(before), Some(after)) => self.changed(pair, before, after),
            (None, Some(after)) => Found { at: pair.at, ..whole(after, Action::Add) },
            (Some(before), None) if self.goes(before) => whole(before, Action::Remove),
            (Some(before), None) => Found { unmanaged: Some(&before.identity), ..Found::default() },
            (None, None) => Found::default(),
        }
    }

    /// Whether an object that the spec does not ask for is to go: one that a build wrote, or one of a side that the user named
    /// for it.
    fn goes(&self, object: &Object) -> bool {
        self.old.is_ours
            && (self.old.memory.is_some() || object.owner.is_some() || risks::knows_going(&object.identity))
    }

    fn changed(&self, pair: Pair<'_>, before: &Object, after: &Object) -> Found<'a> {
        let rules = Rules::of(&after.identity);
        let old = spelling::like(before, after);
        let changing = self.old.predicted.get(&after.identity).map(|it| changing(&before.tree, it, &rules));
        let excuse = |path: &Path, old: Option<&Node>, new: Option<&Node>| {
            let is_same = changing.as_ref().is_some_and(|paths| !paths.iter().any(|it| it.is_related(path)));
            let way = Way::of(old, new);
            let moved = || self.moves.reason(&after.identity, path, old);
            let foreign = || self.foreign(&after.identity, path, way);
            let moot = || spelling::moot(before, after, path, way);
            if is_same { Some(SAME) } else { moved().or_else(foreign).or_else(moot) }
        };
        let differences = compare::compare(&old, &after.tree, &rules, &excuse);
        let (ignored, differences): (Vec<_>, Vec<_>) = differences.into_iter().partition(|it| it.excuse.is_some());
        let ignored = self::ignored(&after.identity, ignored);
        if differences.is_empty() && !pair.is_renamed {
            return Found { ignored, is_unchanged: true, ..Found::default() };
        }
        let change = self.edited(pair, before, after, &rules, differences);
        let before = compare::aligned(&old, &after.tree, &rules, &excuse).map(mask::tree);
        Found { change: Some(Box::new(ObjectChange { before, ..change })), at: pair.at, ignored, ..Found::default() }
    }

    /// A changed object, without its trees.
    fn edited(
        &self,
        pair: Pair<'_>,
        before: &Object,
        after: &Object,
        rules: &Rules,
        differences: Vec<Difference>,
    ) -> ObjectChange {
        let behind = Behind::new(after);
        let mut edits = Vec::new();
        let mut because: BTreeSet<Because> = BTreeSet::new();
        for it in differences {
            // A rename says so itself; only its cause is news.
            let is_name = pair.is_renamed && rules::matches("metadata name", &it.path);
            let edit = self.edit(before, after, rules, &behind, it);
            because.extend(edit.because.iter().cloned());
            edits.extend(Some(edit).filter(|_| !is_name));
        }
        let action = match pair.is_renamed {
            true => Action::Rename { from: before.identity.clone() },
            false => Action::Change,
        };
        let own = risks::of_action(&after.identity, &action);
        let worst = edits.iter().map(|it| &it.risk).chain(pair.is_renamed.then_some(&own)).max_by_key(|it| it.risk);
        let risk = worst.unwrap_or(&own).clone();
        let (identity, file, owner) = (after.identity.clone(), after.file.clone(), after.owner.clone());
        let because = because.into_iter().collect();
        ObjectChange { identity, action, file, owner, edits, risk, because, before: None, after: None }
    }

    /// An object that only one side has, without the tree of a new one.
    fn whole(&self, object: &Object, action: Action) -> ObjectChange {
        let is_new = action == Action::Add;
        let successor = (!is_new).then(|| self.successor(&object.file)).flatten();
        let behind = Behind::new(successor.unwrap_or(object));
        let way = match successor {
            _ if is_new => Way::Comes,
            Some(_) => Way::Yields,
            None => Way::Goes,
        };
        let because = self.cause.of_object(self.question(object, None, &behind, way));
        ObjectChange {
            identity: object.identity.clone(),
            risk: risks::of_action(&object.identity, &action),
            action,
            file: object.file.clone(),
            owner: object.owner.clone(),
            edits: Vec::new(),
            because,
            before: (!is_new).then(|| mask::tree(object.tree.clone())),
            after: None,
        }
    }

    fn edit(&self, before: &Object, after: &Object, rules: &Rules, behind: &Behind<'_>, it: Difference) -> Edit {
        let shown = |node: &Option<Node>| node.as_ref().map(|node| rules::text(node).into_owned());
        let (old, new) = (shown(&it.old), shown(&it.new));
        let change = Change { path: &it.path, before: old.as_deref(), after: new.as_deref(), root: it.root };
        let risk = risks::of_edit(&after.identity, rules, change);
        let address = it.new.and_then(|node| node.address);
        let mut question = self.question(after, address.as_ref(), behind, Way::of(old.as_ref(), new.as_ref()));
        question.path = &it.path.0;
        question.hand = self.hand(before);
        question.before = old.as_deref();
        // A line of a list of files comes and goes with the file.
        let listed = old.as_deref().or(new.as_deref()).filter(|_| matches!(after.identity, Identity::File { .. }));
        question.owner = listed.and_then(|file| self.owner_of(&after.file, file)).or(question.owner);
        let because = self.cause.of(question);
        let masked = |text: Option<String>| text.map(|text| mask::text(&text, it.is_secret).into_owned());
        Edit { before: masked(old), after: masked(new), path: it.path, address, risk, because }
    }

    fn question<'q>(
        &self,
        object: &'q Object,
        address: Option<&'q Address>,
        behind: &'q Behind<'q>,
        way: Way,
    ) -> Question<'q> {
        Question {
            path: &[],
            address,
            before: None,
            object: behind,
            owner: object.owner.as_ref(),
            hand: self.hand(object),
            way,
        }
    }

    /// The table that asks for a file which another one lists, by a path from its own folder.
    fn owner_of(&self, list: &str, listed: &str) -> Option<&Address> {
        let folder = list.rsplit_once('/').map_or("", |(folder, _)| folder);
        let place = if folder.is_empty() { listed.to_owned() } else { format!("{folder}/{listed}") };
        let all = || self.old.objects.iter().chain(self.new);
        let owned = || all().filter_map(|it| Some((it.file.as_str(), it.owner.as_ref()?))).collect();
        let owners = self.owners.get_or_init(owned);
        owners.get(place.as_str()).or_else(|| owners.get(listed)).copied()
    }

    /// The first new object of a file.
    fn successor(&self, file: &str) -> Option<&Object> {
        let first = || self.new.iter().rev().map(|it| (it.file.as_str(), it)).collect();
        self.successors.get_or_init(first).get(file).copied()
    }

    fn hand(&self, object: &Object) -> Option<Hand> {
        let memory = self.old.memory.as_ref()?;
        let (is_edited, is_deleted) = (memory.edited.contains(&object.file), memory.deleted.contains(&object.file));
        is_deleted.then_some(Hand::Deleted).or_else(|| is_edited.then_some(Hand::Edited))
    }

    /// What a file of somebody else leaves open, or holds beside what the spec decides.
    fn foreign(&self, identity: &Identity, path: &Path, way: Way) -> Option<&'static str> {
        let Identity::Kubernetes { group, kind, .. } = identity else { return None };
        let is_foreign = self.old.memory.is_none() && !self.old.is_live;
        let at = |place| rules::matches(place, path);
        match way {
            _ if !is_foreign => None,
            Way::Comes if at("metadata namespace") => Some("who applies the file says the namespace"),
            Way::Goes if group == "eksctl.io" && kind == "ClusterConfig" => {
                let is_group = at("nodeGroups []") || at("managedNodeGroups []");
                let is_beside = at("*") && !at("nodeGroups") && !at("managedNodeGroups");
                let is_foreign = (is_group || is_beside || at("metadata tags")) && !self.old.is_ours;
                is_foreign.then_some(super::UNSAID)
            }
            _ => None,
        }
    }
}

/// The places at which the live object is another than what an API server would make of the new one.
fn changing(live: &Node, predicted: &Node, rules: &Rules) -> Vec<Path> {
    let differences = compare::compare(live, predicted, rules, &|_, _, _| None);
    differences.into_iter().filter(|it| it.excuse.is_none()).map(|it| it.path).collect()
}

fn ignored(identity: &Identity, differences: Vec<Difference>) -> Vec<Ignored> {
    if differences.is_empty() {
        return Vec::new();
    }
    let identity = Arc::new(identity.clone());
    let ignored = |it: Difference| {
        let shown = |node: Option<Node>| node.map(|node| mask::text(&rules::text(&node), it.is_secret).into_owned());
        let (before, after) = (shown(it.old), shown(it.new));
        Ignored { identity: Arc::clone(&identity), before, after, path: it.path, reason: it.excuse.unwrap_or_default() }
    };
    differences.into_iter().map(ignored).collect()
}

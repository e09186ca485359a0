//! Two trees of one object, leaf by leaf.
//!
//! It knows maps, lists and scalars; what means nothing is asked of [`super::rules`]. It must not know why a leaf differs
//! or what that does.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::rules::{Rules, is_scalar};
use super::{Path, Step};
use crate::doc::mask;
use crate::doc::value::{Node, Value};

/// One leaf that differs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Difference {
    pub(super) path: Path,
    pub(super) old: Option<Node>,
    pub(super) new: Option<Node>,
    /// Why it means nothing, if it does; then it may be a whole subtree.
    pub(super) excuse: Option<&'static str>,
    /// The length of the path to the topmost node that comes or goes with it; `None`: both sides have one.
    pub(super) root: Option<usize>,
    /// Whether what stands there is nobody's to see.
    pub(super) is_secret: bool,
}

/// The differences between the old tree and the new one, in the order of the new tree; what only the old one has follows its
/// neighbours. `excuses` may forgive what no table can know.
pub(super) fn compare(old: &Node, new: &Node, rules: &Rules, excuses: Excuses<'_>) -> Vec<Difference> {
    let mut walk = Walk::new(rules, excuses, false);
    walk.both(Some(old), Some(new));
    walk.differences
}

/// The old tree in the order of the new one, with the new one's spelling where the difference means nothing.
pub(super) fn aligned(old: &Node, new: &Node, rules: &Rules, excuses: Excuses<'_>) -> Option<Node> {
    Walk::new(rules, excuses, true).both(Some(old), Some(new))
}

/// Forgives a difference at a path between an old and a new value.
pub(super) type Excuses<'a> = &'a dyn Fn(&Path, Option<&Node>, Option<&Node>) -> Option<&'static str>;

/// Whether two trees are the same to the letter, but for the order of keys and for addresses.
pub(super) fn is_identical(old: &Node, new: &Node) -> bool {
    match (&old.value, &new.value) {
        (Value::Map(these), Value::Map(those)) => {
            these.len() == those.len()
                && these.iter().zip(those).all(|((key, node), (other_key, other))| match key == other_key {
                    true => is_identical(node, other),
                    false => new.get(key).is_some_and(|other| is_identical(node, other)),
                })
        }
        (Value::List(these), Value::List(those)) => {
            these.len() == those.len() && these.iter().zip(those).all(|(node, other)| is_identical(node, other))
        }
        (old, new) => old == new,
    }
}

/// A tree without addresses.
fn bare(node: &Node) -> Node {
    let value = match &node.value {
        Value::Map(entries) => Value::Map(entries.iter().map(|(key, node)| (key.clone(), bare(node))).collect()),
        Value::List(items) => Value::List(items.iter().map(bare).collect()),
        leaf => leaf.clone(),
    };
    value.into()
}

struct Walk<'a> {
    rules: &'a Rules,
    excuses: Excuses<'a>,
    path: Path,
    /// The length of the path to the topmost node that only one side has, while inside it.
    root: Option<usize>,
    /// Whether the current node is a member of a list that only one side has.
    is_member: bool,
    /// Whether the current node is a secret, or in one.
    is_secret: bool,
    differences: Vec<Difference>,
    /// Whether the old side is given as it should be shown. Few objects differ, and only those are shown.
    is_shown: bool,
}

impl<'a> Walk<'a> {
    fn new(rules: &'a Rules, excuses: Excuses<'a>, is_shown: bool) -> Self {
        let (path, differences) = (Path::default(), Vec::new());
        Self { rules, excuses, path, root: None, is_member: false, is_secret: false, differences, is_shown }
    }

    /// A node as it is shown; where nothing is, something that stands for it.
    fn shown(&self, node: &Node) -> Node {
        if self.is_shown { node.clone() } else { Value::Null.into() }
    }

    /// Compares what stands at the current path and gives the old side as it should be shown, or something that stands for it.
    fn both(&mut self, old: Option<&Node>, new: Option<&Node>) -> Option<Node> {
        if let (Some(old), Some(new)) = (old, new) {
            match (&old.value, &new.value) {
                // What was empty gains members; that it is empty now would not show in any of them.
                (Value::Map(_), Value::Map(those)) if !those.is_empty() => {
                    return Some(Value::Map(self.maps(old, new)).into());
                }
                (Value::List(these), Value::List(those)) if !those.is_empty() => {
                    return Some(Value::List(self.lists(these, those)).into());
                }
                (these, those) if these == those => return Some(Node { address: None, ..self.shown(new) }),
                _ => {}
            }
        }
        let excuse = self.rules.excuse(&self.path, old, new).or_else(|| (self.excuses)(&self.path, old, new));
        if excuse.is_some() {
            self.push(old, new, excuse);
            return new.map(|new| self.shown(new));
        }
        match (old, new) {
            (Some(old), Some(new)) if is_scalar(old) && is_scalar(new) => {
                self.push(Some(old), Some(new), None);
                Some(self.shown(old))
            }
            _ => self.says_nothing(old, new).unwrap_or_else(|| {
                let shown = old.and_then(|old| self.leaves(old, true));
                new.and_then(|new| self.leaves(new, false));
                shown
            }),
        }
    }

    /// What only one side has may still mean nothing, though only its parts are excused: a map of annotations with
    /// nothing but `kubectl`'s memory in it, a behavior with nothing but defaults. A member of a list does mean something.
    fn says_nothing(&mut self, old: Option<&Node>, new: Option<&Node>) -> Option<Option<Node>> {
        let only = old.xor(new).filter(|it| matches!(&it.value, Value::Map(entries) if !entries.is_empty()))?;
        if self.is_member {
            return None;
        }
        let (nothing, found) = (Node::from(Value::Map(Vec::new())), self.differences.len());
        let shown = if old.is_some() { self.maps(only, &nothing) } else { self.maps(&nothing, only) };
        if self.differences.iter().skip(found).all(|it| it.excuse.is_some()) {
            return Some((!shown.is_empty()).then(|| Value::Map(shown).into()));
        }
        self.differences.truncate(found);
        None
    }

    fn maps(&mut self, old: &Node, new: &Node) -> Vec<(Cow<'static, str>, Node)> {
        let (Value::Map(these), Value::Map(those)) = (&old.value, &new.value) else { return Vec::new() };
        let mut shown = Vec::with_capacity(if self.is_shown { these.len() } else { 0 });
        let here = those.iter().map(|(key, node)| (key, old.get(key), Some(node)));
        let gone = these.iter().filter(|(key, _)| new.get(key).is_none()).map(|(key, node)| (key, Some(node), None));
        for (key, before, after) in here.chain(gone) {
            let below = match before.zip(after) {
                // Nothing below can differ.
                Some((before, after)) if is_identical(before, after) => self.is_shown.then(|| bare(after)),
                _ => {
                    let is_secret = mask::hides(old, key) || mask::hides(new, key);
                    let below = |walk: &mut Self| walk.below(Step::Key(key.to_string()), before, after);
                    self.secretly(is_secret, below).filter(|_| self.is_shown)
                }
            };
            shown.extend(below.map(|node| (key.clone(), node)));
        }
        shown
    }

    fn lists(&mut self, old: &[Node], new: &[Node]) -> Vec<Node> {
        let (Some(old_names), Some(new_names)) =
            (self.rules.members(&self.path, old), self.rules.members(&self.path, new))
        else {
            let longest = 0..old.len().max(new.len());
            let at = |at: usize| {
                let is_secret = mask::hides_member(old, at) || mask::hides_member(new, at);
                self.secretly(is_secret, |walk| walk.below(Step::Index(at), old.get(at), new.get(at)))
            };
            return longest.filter_map(at).collect();
        };
        let old_names = self.rules.renamed(&self.path, (old, old_names), (new, &new_names));
        let mut shown = Vec::with_capacity(old.len());
        let before: BTreeMap<&str, &Node> = old_names.iter().map(String::as_str).zip(old).collect();
        let after: BTreeSet<&str> = new_names.iter().map(String::as_str).collect();
        for (name, node) in new_names.iter().zip(new) {
            let before = before.get(name.as_str()).copied();
            shown.extend(self.below(Step::Member(name.clone()), before, Some(node)));
        }
        for (name, node) in old_names.iter().zip(old) {
            if !after.contains(name.as_str()) {
                shown.extend(self.below(Step::Member(name.clone()), Some(node), None));
            }
        }
        shown
    }

    fn below(&mut self, step: Step, old: Option<&Node>, new: Option<&Node>) -> Option<Node> {
        let is_one_sided = old.is_none() || new.is_none();
        let is_member = !matches!(step, Step::Key(_)) && is_one_sided;
        self.path.0.push(step);
        let root = self.root;
        self.root = root.or(is_one_sided.then_some(self.path.0.len()));
        self.is_member = is_member;
        let shown = self.both(old, new);
        self.is_member = false;
        self.root = root;
        self.path.0.pop();
        shown
    }

    /// Walks on, in a secret or not.
    fn secretly<T>(&mut self, is_secret: bool, walk: impl FnOnce(&mut Self) -> T) -> T {
        let around = self.is_secret;
        self.is_secret |= is_secret;
        let found = walk(self);
        self.is_secret = around;
        found
    }

    /// Every leaf of a tree that only one side has, and the tree without what somebody else owns.
    fn leaves<'n>(&mut self, node: &'n Node, is_old: bool) -> Option<Node> {
        let (old, new) = if is_old { (Some(node), None) } else { (None, Some(node)) };
        if let Some(reason) = self.rules.owner(&self.path).filter(|_| is_old) {
            self.push(old, new, Some(reason));
            return None;
        }
        let value = match &node.value {
            Value::Map(entries) if !entries.is_empty() => {
                let step = |(key, below): &'n (Cow<'static, str>, Node)| {
                    (Step::Key(key.to_string()), below, mask::hides(node, key))
                };
                let nodes = self.leaves_below(entries.iter().map(step), is_old);
                let keys = entries.iter().map(|(key, _)| key.clone());
                Value::Map(keys.zip(nodes).filter_map(|(key, node)| Some((key, node?))).collect())
            }
            Value::List(items) if !items.is_empty() => {
                let nodes = match self.rules.members(&self.path, items) {
                    Some(names) => {
                        let named = names.into_iter().map(Step::Member).zip(items);
                        self.leaves_below(named.map(|(step, node)| (step, node, false)), is_old)
                    }
                    None => {
                        let step = |(at, node)| (Step::Index(at), node, mask::hides_member(items, at));
                        self.leaves_below(items.iter().enumerate().map(step), is_old)
                    }
                };
                Value::List(nodes.into_iter().flatten().collect())
            }
            _ => {
                self.push(old, new, None);
                return Some(self.shown(node));
            }
        };
        Some(value.into())
    }

    /// By step and node, and whether that is a secret.
    fn leaves_below<'n>(
        &mut self,
        steps: impl Iterator<Item = (Step, &'n Node, bool)>,
        is_old: bool,
    ) -> Vec<Option<Node>> {
        let mut shown = Vec::new();
        for (step, node, is_secret) in steps {
            self.path.0.push(step);
            shown.push(self.secretly(is_secret, |walk| walk.leaves(node, is_old)));
            self.path.0.pop();
        }
        shown
    }

    fn push(&mut self, old: Option<&Node>, new: Option<&Node>, excuse: Option<&'static str>) {
        let path = self.path.clone();
        let kept = |node: Option<&Node>| node.filter(|_| !self.is_shown).cloned();
        let (old, new) = (kept(old), kept(new));
        let is_secret = self.is_secret;
        self.differences.push(Difference { path, old, new, excuse, root: self.root, is_secret });
    }
}

#[cfg(test)]
mod tests;

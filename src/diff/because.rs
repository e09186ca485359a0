//! Why a leaf differs: which lines of the spec, or none.
//!
//! It reads the one registry of reasons and what the other side remembers of its own inputs. It must not know documents.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::{Because, InputRef};
use crate::doc::state::Memory;
use crate::why::{Address, Causes, Origin, Why};

/// Answers for every difference of one run.
pub(super) struct Cause<'a> {
    causes: &'a Causes,
    memory: Option<&'a Memory>,
    /// Every written input that differs, sorted.
    pub(super) differing: Vec<InputRef>,
}

/// The leaf that is asked about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    /// The decision behind the new value.
    pub(super) address: Option<&'a Address>,
    /// Everything behind the object that the leaf stands in.
    pub(super) object: &'a BTreeSet<&'a Address>,
    /// The table that asks for the object, on the new side or the old.
    pub(super) owner: Option<&'a Address>,
    /// Whether the old side is what a build wrote.
    pub(super) is_untouched: bool,
    pub(super) way: Way,
}

/// Which side a leaf or an object is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Comes,
    Goes,
    Stays,
}

impl Way {
    pub(super) fn of<T>(old: Option<T>, new: Option<T>) -> Self {
        match (old, new) {
            (None, Some(_)) => Self::Comes,
            (Some(_), None) => Self::Goes,
            _ => Self::Stays,
        }
    }
}

impl<'a> Cause<'a> {
    pub(super) fn new(causes: &'a Causes, memory: Option<&'a Memory>) -> Self {
        let differing = memory.map(|memory| differing(causes, memory)).unwrap_or_default();
        Self { causes, memory, differing }
    }

    /// The causes of one difference, sorted.
    pub(super) fn of(&self, question: Question<'_>) -> Vec<Because> {
        let Some(memory) = self.memory else { return self.deciding(question.address) };
        if let Some(address) = question.address {
            let behind = self.behind(address);
            let direct = self.among(|it| behind.contains(&it.address));
            if !direct.is_empty() {
                return direct;
            }
        }
        // In a file that somebody edited, a value that was decided as it is now was not changed by the spec.
        let is_as_before = question.address.and_then(|it| Some((it, self.causes.get(it)?))).is_some_and(|(it, why)| {
            !is_default(why) || memory.numbers.get(it).is_some_and(|before| **before == *why.value)
        });
        if question.is_untouched || !is_as_before {
            let wider = self.wider(question);
            if !wider.is_empty() {
                return wider;
            }
        }
        vec![match question.is_untouched {
            true => Because::Version { before: memory.capgen.clone(), after: env!("CARGO_PKG_VERSION").to_owned() },
            false => Because::EditedByHand,
        }]
    }

    /// The causes of an object that comes or goes as a whole, sorted.
    pub(super) fn of_object(&self, question: Question<'_>) -> Vec<Because> {
        if self.memory.is_some() {
            return self.of(Question { is_untouched: true, ..question });
        }
        let all = question.object.iter().flat_map(|address| self.deciding(Some(address)));
        all.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Ever wider circles around a leaf of which no input differs: it came or went with something else.
    fn wider(&self, question: Question<'_>) -> Vec<Because> {
        let is_owned = |it: &InputRef| question.owner.is_some_and(|owner| it.address.is_within(owner));
        let behind: BTreeSet<&Address> = question.object.iter().flat_map(|address| self.behind(address)).collect();
        let is_behind = |it: &InputRef| behind.contains(&it.address);
        // What is new comes with a new input, and what goes or changes without one of its own went with one.
        let fits = |it: &InputRef| match question.way {
            Way::Comes => it.before.is_none(),
            Way::Goes | Way::Stays => it.after.is_none(),
        };
        let circles: [&dyn Fn(&InputRef) -> bool; 6] =
            [&|it| is_owned(it) && fits(it), &is_owned, &|it| is_behind(it) && fits(it), &fits, &is_behind, &|_| true];
        circles.into_iter().map(|circle| self.among(circle)).find(|found| !found.is_empty()).unwrap_or_default()
    }

    fn among(&self, is_meant: impl Fn(&InputRef) -> bool) -> Vec<Because> {
        self.differing.iter().filter(|it| is_meant(it)).cloned().map(Because::Input).collect()
    }

    /// Every address behind one, itself included.
    fn behind<'s>(&'s self, address: &'s Address) -> BTreeSet<&'s Address> {
        let mut seen = BTreeSet::new();
        let mut open = vec![address];
        while let Some(next) = open.pop() {
            if seen.insert(next)
                && let Some(why) = self.causes.get(next)
            {
                open.extend(&why.inputs);
            }
        }
        seen
    }

    /// The written inputs behind a value, for a side without memory; where none is written, what else decided it.
    fn deciding(&self, address: Option<&Address>) -> Vec<Because> {
        let Some(address) = address else { return Vec::new() };
        let roots = self.causes.roots(address);
        let roots: Vec<(&Address, &Why)> =
            roots.into_iter().filter_map(|it| Some((it, self.causes.get(it)?))).collect();
        let any_written = roots.iter().any(|(_, why)| is_written(why));
        let meant = roots.into_iter().filter(|(_, why)| !any_written || is_written(why));
        let input = |(address, why): (&Address, &Why)| InputRef {
            address: address.clone(),
            before: None,
            after: Some(why.value.to_string()),
            before_place: None,
        };
        meant.map(input).map(Because::Input).collect()
    }
}

fn is_written(why: &Why) -> bool {
    matches!(why.origin, Origin::Written(_))
}

fn is_default(why: &Why) -> bool {
    matches!(why.origin, Origin::Default(_))
}

/// Every written input that differs between the two sides, sorted by address.
///
/// A default or a row of the catalogue is no input of its own: it comes with what is written beside it, or with another
/// version of capgen.
fn differing(causes: &Causes, memory: &Memory) -> Vec<InputRef> {
    let mut found: Vec<InputRef> = Vec::new();
    let mut push = |address: &Address, before: Option<&String>, after: Option<String>| {
        let before_place = memory.places.get(address).cloned();
        found.push(InputRef { address: address.clone(), before: before.cloned(), after, before_place });
    };
    let mut now: Vec<(&Address, &Why)> = causes.iter().filter(|(_, why)| is_written(why)).collect();
    // Both sides in one order, so that one pass over both does: a large platform has hundreds of thousands of inputs.
    now.sort_unstable_by_key(|(address, _)| *address);
    let (mut now, mut then) = (now.into_iter().peekable(), memory.inputs.iter().peekable());
    loop {
        let order = match (now.peek(), then.peek()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((address, _)), Some((former, _))) => address.cmp(former),
        };
        let written = now.next_if(|_| order != Ordering::Greater);
        let remembered = then.next_if(|_| order != Ordering::Less);
        match (written, remembered) {
            (Some((_, why)), Some((_, before))) if **before == *why.value => {}
            (Some((address, why)), before) => push(address, before.map(|it| it.1), Some(why.value.to_string())),
            (None, Some((address, before))) => {
                // What was written is now a default, whose value takes its place.
                let default = causes.get(address).filter(|why| is_default(why));
                push(address, Some(before), default.map(|why| why.value.to_string()));
            }
            (None, None) => break,
        }
    }
    found
}

#[cfg(test)]
mod tests;

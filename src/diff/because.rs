//! Why a leaf differs: which lines of the spec, or none.
//!
//! It reads the one registry of reasons and what the other side remembers of its own inputs. It must not know documents.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::ops::Range;

use super::tables::list_of;
use super::{Because, InputRef, Step, Whole};
use crate::doc::object::Object;
use crate::doc::state::Memory;
use crate::why::{Address, Causes, Origin, Why};

/// The most causes that are named where none is closer than another.
const MOST: usize = 16;

/// Answers for every difference of one run.
pub(super) struct Cause<'a> {
    causes: &'a Causes,
    memory: Option<&'a Memory>,
    /// Every written input that differs, sorted.
    pub(super) differing: Vec<InputRef>,
}

/// The leaf or the object that is asked about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    /// Where the leaf stands; empty for an object.
    pub(super) path: &'a [Step],
    /// The decision behind the new value.
    pub(super) address: Option<&'a Address>,
    /// The old value, as the document has it.
    pub(super) before: Option<&'a str>,
    pub(super) object: &'a Behind<'a>,
    /// The table that asks for the object, on the new side or the old.
    pub(super) owner: Option<&'a Address>,
    /// What somebody did to the old side's file; `None`: it is what a build wrote.
    pub(super) hand: Option<Hand>,
    pub(super) way: Way,
}

/// Everything behind one object, found when it is first asked for.
#[derive(Debug)]
pub(super) struct Behind<'a> {
    object: &'a Object,
    /// Indices into [`Cause::differing`].
    all: OnceCell<BTreeSet<usize>>,
}

impl<'a> Behind<'a> {
    pub(super) fn new(object: &'a Object) -> Self {
        Self { object, all: OnceCell::new() }
    }

    /// The addresses on its leaves, and what went into a template.
    fn direct(&self) -> impl Iterator<Item = &'a Address> {
        let leaves = self.object.tree.leaves();
        leaves.into_iter().filter_map(|(_, node)| node.address.as_ref()).chain(&self.object.causes)
    }
}

/// What a hand did to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hand {
    Edited,
    Deleted,
}

/// Which side a leaf or an object is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Comes,
    Goes,
    Stays,
    /// It goes from a file that stays: another object stands there now, in another namespace or under another name.
    Yields,
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
    pub(super) fn new(causes: &'a Causes, memory: Option<&'a Memory>, differing: Vec<InputRef>) -> Self {
        Self { causes, memory, differing }
    }

    /// The causes of one difference, sorted.
    pub(super) fn of(&self, question: Question<'_>) -> Vec<Because> {
        let Some(memory) = self.memory else { return self.deciding(question.address) };
        if question.hand == Some(Hand::Deleted) {
            return vec![Because::DeletedByHand];
        }
        let is_edited = question.hand.is_some();
        let behind = question.address.map(|it| self.behind(it, memory)).unwrap_or_default();
        let mut found = self.named(self.at(&behind), memory);
        // In a file that somebody edited, a value that was decided as it is now was not changed by the spec.
        let is_as_before = || {
            let decided = question.address.and_then(|it| Some((it, self.causes.get(it)?)));
            let is_equal = |it, why: Why<'_>| memory.numbers.get(it).is_some_and(|before| before == why.value);
            decided.is_some_and(|(it, why)| !is_default(why) || is_equal(it, why))
        };
        if found.is_empty() && (!is_edited || !is_as_before()) {
            let wider: BTreeSet<InputRef> =
                self.wider(question, memory).into_iter().map(|it| self.headed(it, memory)).collect();
            found = wider.into_iter().map(Because::Input).collect();
        }
        if is_edited && (found.is_empty() || is_overwritten(question, memory)) {
            found.push(Because::EditedByHand);
        }
        if found.is_empty() {
            found.push(Because::Version { before: memory.capgen.clone(), after: env!("CARGO_PKG_VERSION").to_owned() });
        }
        found
    }

    /// The causes of an object that comes or goes as a whole, sorted.
    pub(super) fn of_object(&self, question: Question<'_>) -> Vec<Because> {
        if self.memory.is_some() {
            return self.of(question);
        }
        self.meant(question.object.direct().flat_map(|address| self.causes.roots(address)).collect())
    }

    /// Ever wider circles around a leaf of which no input differs: it came or went with something else.
    ///
    /// In a file that somebody edited, or that another version wrote, what is far away is not the cause.
    fn wider<'s>(&'s self, question: Question<'_>, memory: &Memory) -> Vec<&'s InputRef> {
        let owned: Vec<&'s InputRef> = question.owner.map(|owner| self.within(owner)).unwrap_or_default();
        // What is new comes with a new input, and what goes or changes without one of its own went with one.
        let fits = |it: &&InputRef| match question.way {
            Way::Comes => it.before.is_none(),
            Way::Goes | Way::Stays => it.after.is_none(),
            Way::Yields => true,
        };
        let was_it = |it: &&InputRef| question.before.is_some() && it.before.as_deref() == question.before && fits(it);
        let behind = || self.all_behind(question.object, memory);
        let is_close = question.hand.is_some() || memory.capgen != env!("CARGO_PKG_VERSION");
        let all = || self.differing.iter().filter(|_| !is_close);
        let own_of_this_value = || -> Vec<&'s InputRef> { owned.iter().copied().filter(was_it).collect() };
        let any_of_this_value = || all().filter(was_it).collect();
        // Of two entries of a PgBouncer, the one of the leaf's own name.
        let is_named = |it: &&InputRef| question.path.iter().any(|step| has_key(&it.address, step));
        let own_of_this_name = || owned.iter().copied().filter(fits).filter(is_named).collect();
        let own_that_fit = || owned.iter().copied().filter(fits).collect();
        let own = || owned.clone();
        let behind_that_fit = || behind().into_iter().filter(fits).collect();
        // A member of a list says what belongs together: of what is far away it is the last to be the cause.
        let is_member = |it: &&InputRef| list_of(&it.address).is_some();
        let any_key_that_fits = || all().filter(fits).filter(|it| !is_member(it)).take(MOST).collect();
        let any_that_fit = || all().filter(fits).take(MOST).collect();
        let any = || all().take(MOST).collect();
        let circles: [&dyn Fn() -> Vec<&'s InputRef>; 10] = [
            &own_of_this_value,
            &any_of_this_value,
            &own_of_this_name,
            &own_that_fit,
            &own,
            &behind_that_fit,
            &any_key_that_fits,
            &any_that_fit,
            &behind,
            &any,
        ];
        circles.into_iter().map(|circle| circle()).find(|found| !found.is_empty()).unwrap_or_default()
    }

    /// The inputs of a table that differ: neighbours, for all are sorted.
    fn within<'s>(&'s self, table: &Address) -> Vec<&'s InputRef> {
        let all = self.differing.get(self.starting_with(table.as_str())).unwrap_or_default();
        all.iter().filter(|it| it.address.is_within(table)).collect()
    }

    /// The inputs behind an object that differ.
    fn all_behind<'s>(&'s self, object: &Behind<'_>, memory: &Memory) -> Vec<&'s InputRef> {
        let all = || object.direct().flat_map(|address| self.behind(address, memory)).collect();
        self.at(object.all.get_or_init(all)).collect()
    }

    /// The table that an input came or went with, where all of it did: who reads its keys as well learns nothing more,
    /// but for the only one.
    fn headed(&self, input: &InputRef, memory: &Memory) -> InputRef {
        let tables = tables(&input.address);
        let whole = |table| Some((table, self.whole(table, input, memory)?));
        let Some((table, whole)) = tables.iter().find_map(whole) else { return input.clone() };
        let keys = self.within(table);
        if keys.len() == 1 {
            return input.clone();
        }
        // Nobody writes `[pgbouncer.main.pool]` above the only pool.
        let is_narrower = |it: &&Address| it.is_within(table) && self.within(it).len() == keys.len();
        let narrowest = tables.iter().rev().filter(|_| tables.first() != Some(table)).find(is_narrower);
        let table = narrowest.unwrap_or(table).clone();
        let places = keys.into_iter().filter_map(|it| it.before_place.as_ref());
        let before_place = places.min_by_key(|it| by_line(it)).cloned();
        InputRef { address: table, whole: Some(whole), before: None, after: None, before_place }
    }

    /// Whether all of a table came or went with one of its inputs.
    fn whole(&self, table: &Address, input: &InputRef, memory: &Memory) -> Option<Whole> {
        let header = Address::verbatim(table.header());
        let is_there = || self.causes.below(&header).any(|(it, why)| why.is_written() && it.is_within(table));
        match (&input.before, &input.after) {
            (None, Some(_)) if !is_remembered(table, memory) => Some(Whole::New),
            (Some(_), None) if !is_there() => Some(Whole::Gone),
            _ => None,
        }
    }

    /// The causes by name; of a table that is gone, that it is: no key of it decides anything any more.
    fn named<'s>(&self, inputs: impl Iterator<Item = &'s InputRef>, memory: &Memory) -> Vec<Because> {
        let named = |it: &InputRef| if it.after.is_some() { it.clone() } else { self.headed(it, memory) };
        let named: BTreeSet<Because> = inputs.map(|it| Because::Input(named(it))).collect();
        named.into_iter().collect()
    }

    fn at<'s>(&'s self, indices: &BTreeSet<usize>) -> impl Iterator<Item = &'s InputRef> {
        indices.iter().filter_map(|at| self.differing.get(*at))
    }

    /// The inputs behind a value that differ: those that decide it now, and those that did and are gone. As indices.
    fn behind(&self, address: &Address, memory: &Memory) -> BTreeSet<usize> {
        let finder = self.causes.finder();
        let now = walk(address, |it| finder.get(it).map(|why| why.inputs));
        let is_gone = |at: &usize| self.differing.get(*at).is_some_and(|it| it.after.is_none());
        // Where a member of a list stood, another one stands now.
        let is_taken = |it: &Address| list_of(it).is_some() && self.causes.written_at(it).is_some();
        let stands = |it: &&Address| self.find(it).filter(|at| !is_gone(at) || !is_taken(it)).collect::<Vec<_>>();
        let mut found: BTreeSet<usize> = now.iter().flat_map(stands).collect();
        match &memory.reasons {
            Some(reasons) => {
                let then = walk(address, |it| reasons.get(it).map(Vec::as_slice));
                found.extend(then.into_iter().flat_map(|it| self.find(it)).filter(is_gone));
            }
            // What went into it is not known; who reads one member of a list may have read another one.
            None => {
                let lists: BTreeSet<&str> = now.iter().filter_map(|it| list_of(it)).collect();
                let members = lists.into_iter().flat_map(|list| self.starting_with(&format!("{list}[")));
                let is_member = |at: &usize| self.differing.get(*at).is_some_and(|it| list_of(&it.address).is_some());
                found.extend(members.filter(|at| is_gone(at) && is_member(at)));
            }
        }
        found
    }

    /// The differing inputs at an address: of a list, one that stands there now and one that stood there.
    fn find(&self, address: &Address) -> Range<usize> {
        let start = self.differing.partition_point(|it| it.address < *address);
        let count = self.differing.iter().skip(start).take_while(|it| it.address == *address).count();
        start..start + count
    }

    fn starting_with(&self, text: &str) -> Range<usize> {
        let start = self.differing.partition_point(|it| it.address.as_str() < text);
        let count = self.differing.iter().skip(start).take_while(|it| it.address.as_str().starts_with(text)).count();
        start..start + count
    }

    /// The written inputs behind a value, for a side without memory; where none is written, what else decided it.
    fn deciding(&self, address: Option<&Address>) -> Vec<Because> {
        address.map(|address| self.meant(self.causes.roots(address))).unwrap_or_default()
    }

    fn meant(&self, roots: BTreeSet<&Address>) -> Vec<Because> {
        let roots: Vec<(&Address, Why<'_>)> =
            roots.into_iter().filter_map(|it| Some((it, self.causes.get(it)?))).collect();
        let any_written = roots.iter().any(|(_, why)| why.is_written());
        let meant = roots.into_iter().filter(|(_, why)| !any_written || why.is_written());
        let input = |(address, why): (&Address, Why<'_>)| InputRef {
            address: address.clone(),
            before: None,
            whole: None,
            after: Some(why.value.to_string()),
            before_place: None,
        };
        meant.map(input).map(Because::Input).collect()
    }
}

/// An address and every one that its reasons lead to.
fn walk<'a>(address: &'a Address, inputs: impl Fn(&Address) -> Option<&'a [Address]>) -> BTreeSet<&'a Address> {
    let mut seen = BTreeSet::new();
    let mut open = vec![address];
    while let Some(next) = open.pop() {
        if seen.insert(next) {
            open.extend(inputs(next).unwrap_or_default());
        }
    }
    seen
}

/// Whether a step of a path is one of the keys on the way to an input.
fn has_key(address: &Address, step: &Step) -> bool {
    let name = match step {
        Step::Key(name) | Step::Member(name) => Address::of([name.as_str()]),
        Step::Index(_) => return false,
    };
    format!("{address}.").contains(&format!(".{name}."))
}

/// The tables around a key, from its header inwards; members of lists have none of their own.
fn tables(address: &Address) -> Vec<Address> {
    let (text, header) = (address.as_str(), address.header());
    let mut is_quoted = false;
    let mut is_escaped = false;
    let mut tables = Vec::new();
    for (at, byte) in text.bytes().enumerate().skip(header.len()) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_quoted,
            b'"' => is_quoted = !is_quoted,
            b'[' if !is_quoted => break,
            b'.' if !is_quoted => tables.push(Address::verbatim(&text[..at])),
            _ => {}
        }
    }
    tables
}

/// Whether the other side had an input below a header.
fn is_remembered(header: &Address, memory: &Memory) -> bool {
    let below = |mark: &str| memory.inputs.starting_with(&format!("{header}{mark}")).next().is_some();
    memory.inputs.get(header).is_some() || below(".") || below("[")
}

/// A place (`capacity.toml:12:5`) as places are sorted: the file, then line and column as numbers.
fn by_line(place: &str) -> (&str, Vec<usize>) {
    let mut parts = place.rsplitn(3, ':');
    let (column, line, file) = (parts.next(), parts.next(), parts.next());
    (file.unwrap_or(place), [line, column].into_iter().flatten().filter_map(|it| it.parse().ok()).collect())
}

/// Whether the old value is not the one that was decided then.
fn is_overwritten(question: Question<'_>, memory: &Memory) -> bool {
    let number = |text: &str| text.parse::<i64>().ok();
    let decided = question.address.and_then(|it| memory.inputs.get(it).or_else(|| memory.numbers.get(it)));
    let (decided, found) = (decided.and_then(number), question.before.and_then(number));
    decided.is_some() && found.is_some() && decided != found
}

fn is_default(why: Why<'_>) -> bool {
    matches!(why.origin, Origin::Default(_))
}

#[cfg(test)]
mod tests;

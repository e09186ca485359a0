//! Table by table: which values of the spec are not what the other side remembers.
//!
//! A large platform has thousands of tables, of which most are what they were: only the others are looked into.

mod lists;

use std::cmp::Ordering;
use std::collections::BTreeSet;

use rayon::prelude::*;

use super::InputRef;
use crate::doc::state::Memory;
use crate::why::values::{Entry, Run, Values};
use crate::why::{Address, Causes, Origin, Why};
use lists::Member;

/// The tables that one core compares at least, before it is worth another one's while.
const FEW: usize = 64;

/// What differs between the values of two sides.
pub(super) struct Differing<'a> {
    /// Every written input that differs, sorted by address.
    pub(super) inputs: Vec<InputRef>,
    /// Every table of either side in which a value differs, sorted; all of the new side's where the old one has no memory.
    pub(super) tables: Vec<&'a str>,
}

/// Compares the values of the new side with those that the old one remembers.
pub(super) fn compare<'a>(causes: &'a Causes, memory: Option<&'a Memory>) -> Differing<'a> {
    let Some(memory) = memory else {
        return Differing { inputs: Vec::new(), tables: causes.tables().collect() };
    };
    let (inputs, numbers) = (runs(&memory.inputs), runs(&memory.numbers));
    let tables = paired(causes.tables(), &inputs, &numbers);
    let differing = tables.par_iter().with_min_len(FEW).filter(|it| !it.is_same(causes));
    let differing: Vec<_> = differing.map(|it| (it.name, it.differing(causes, memory))).collect();
    let (tables, inputs): (Vec<&str>, Vec<Vec<InputRef>>) = differing.into_iter().unzip();
    let mut inputs = by_member(inputs.concat(), causes, memory);
    // `a.b-c.x` stands before `a.b.x`, and its table behind `a.b`.
    inputs.sort_by(|a, b| a.address.cmp(&b.address));
    Differing { inputs, tables }
}

/// Sorted by their tables.
fn runs(values: &Values) -> Vec<Run<'_>> {
    let mut runs: Vec<Run<'_>> = values.runs().collect();
    runs.sort_by_key(Run::table);
    runs
}

/// The table of each name on both sides, sorted by name; what the new side has is asked of its registry.
fn paired<'a, 'r>(
    now: impl Iterator<Item = &'a str>,
    inputs: &'r [Run<'a>],
    numbers: &'r [Run<'a>],
) -> Vec<Table<'a, 'r>> {
    let by_table = |runs: &'r [Run<'a>]| runs.chunk_by(|a, b| a.table() == b.table()).peekable();
    let name = |runs: &[Run<'a>]| runs.first().map_or("", Run::table);
    let (mut now, mut inputs, mut numbers) = (now.peekable(), by_table(inputs), by_table(numbers));
    let mut tables = Vec::new();
    loop {
        let names = [now.peek().copied(), inputs.peek().map(|it| name(it)), numbers.peek().map(|it| name(it))];
        let Some(first) = names.into_iter().flatten().min() else { return tables };
        now.next_if_eq(&first);
        let [inputs, numbers] = [&mut inputs, &mut numbers].map(|it| it.next_if(|runs| name(runs) == first));
        tables.push(Table { name: first, inputs: inputs.unwrap_or_default(), numbers: numbers.unwrap_or_default() });
    }
}

/// What the old side remembers of a table.
struct Table<'a, 'r> {
    name: &'a str,
    inputs: &'r [Run<'a>],
    numbers: &'r [Run<'a>],
}

impl<'a> Table<'a, '_> {
    /// Whether every value is what it was.
    fn is_same(&self, causes: &Causes) -> bool {
        let [mut inputs, mut numbers] = [self.inputs, self.numbers].map(entries);
        let is_as_before = |(address, why): (&Address, Why<'_>)| {
            let then = if why.is_written() { inputs.next() } else { numbers.next() };
            then.is_some_and(|it| it.value == why.value && it.rest == self.rest(address))
        };
        causes.in_table(self.name).all(is_as_before) && inputs.next().is_none() && numbers.next().is_none()
    }

    /// The written inputs that differ, sorted.
    ///
    /// A default or a row of the catalogue is no input of its own: it comes with what is written beside it, or with another
    /// version of capgen.
    fn differing(&self, causes: &Causes, memory: &Memory) -> Vec<InputRef> {
        let mut found: Vec<InputRef> = Vec::new();
        let mut push = |address: Address, before: Option<&str>, after: Option<&str>| {
            let before_place = memory.places.get(&address).cloned();
            found.push(input(address, before, after, before_place));
        };
        let mut now = causes.in_table(self.name).filter(|(_, why)| why.is_written()).peekable();
        let mut then = entries(self.inputs).peekable();
        loop {
            let order = match (now.peek(), then.peek()) {
                (None, None) => return found,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((address, _)), Some(former)) => self.rest(address).cmp(former.rest),
            };
            let written = now.next_if(|_| order != Ordering::Greater);
            let remembered = then.next_if(|_| order != Ordering::Less);
            match (written, remembered) {
                (Some((_, why)), Some(before)) if before.value == why.value => {}
                (Some((address, why)), before) => push(address.clone(), before.map(|it| it.value), Some(why.value)),
                (None, Some(before)) => {
                    // What was written is now a default, whose value takes its place.
                    let address = before.address();
                    let default = causes.get(&address).filter(|why| matches!(why.origin, Origin::Default(_)));
                    push(address, Some(before.value), default.map(|why| why.value));
                }
                (None, None) => return found,
            }
        }
    }

    /// What follows the table in one of its addresses.
    fn rest<'s>(&self, address: &'s Address) -> &'s str {
        address.as_str().get(self.name.len()..).unwrap_or_default()
    }
}

fn input(address: Address, before: Option<&str>, after: Option<&str>, before_place: Option<String>) -> InputRef {
    let [before, after] = [before, after].map(|it| it.map(str::to_owned));
    InputRef { address, whole: None, before, after, before_place }
}

/// The same inputs, but that lists of plain values are told by their members, and not by where each of them stands.
fn by_member(mut inputs: Vec<InputRef>, causes: &Causes, memory: &Memory) -> Vec<InputRef> {
    let lists: BTreeSet<&str> = inputs.iter().filter_map(|it| list_of(&it.address)).collect();
    let lists: Vec<Address> = lists.into_iter().map(Address::verbatim).collect();
    for list in lists {
        let header = Address::verbatim(list.header());
        let then: Vec<_> =
            memory.inputs.starting_with(&format!("{list}[")).map(|it| (it.address(), it.value)).collect();
        let now = causes.below(&header).filter(|(_, why)| why.is_written());
        let before = members(&list, then.iter().map(|(address, value)| (address, *value)));
        let after = members(&list, now.map(|(address, why)| (address, why.value)));
        let Some((before, after)) = before.zip(after) else { continue };
        inputs.retain(|it| list_of(&it.address) != Some(list.as_str()));
        inputs.extend(lists::compare(&before, &after).into_iter().filter_map(|it| {
            let (index, _) = it.after.or(it.before)?;
            let place = it.before.and_then(|(index, _)| memory.places.get(&list.index(index))).cloned();
            Some(input(list.index(index), it.before.map(|it| it.1), it.after.map(|it| it.1), place))
        }));
    }
    inputs
}

/// The members of a list of plain values, by index; `None`: a member has keys of its own.
fn members<'a, 's>(list: &Address, values: impl Iterator<Item = (&'s Address, &'a str)>) -> Option<Vec<Member<'a>>> {
    let below = values.filter_map(|(address, value)| Some((address.as_str().strip_prefix(list.as_str())?, value)));
    let below = below.filter_map(|(rest, value)| Some((rest.strip_prefix('[')?, value)));
    let mut members: Vec<Member<'_>> =
        below.map(|(rest, value)| Some((rest.strip_suffix(']')?.parse().ok()?, value))).collect::<Option<_>>()?;
    members.sort_unstable();
    Some(members)
}

/// The list whose member stands at an address.
pub(super) fn list_of(address: &Address) -> Option<&str> {
    // A key that ends so is in quotes.
    address.as_str().strip_suffix(']')?.rsplit_once('[').map(|(list, _)| list)
}

/// Sorted, as the runs of one table are.
fn entries<'a>(runs: &[Run<'a>]) -> impl Iterator<Item = Entry<'a>> {
    runs.iter().flat_map(Run::entries)
}

#[cfg(test)]
mod tests;

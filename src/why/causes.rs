//! The registry of reasons.
//!
//! A large platform has hundreds of thousands of them, most a few letters long: those of one table share their memory, and
//! what is handed out ([`Why`]) only points into it.

use std::cell::Cell;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Display, Write as _};
use std::ops::Bound;

use rayon::prelude::*;

use super::{Address, Derived, Origin, Symbolic, Why};
use crate::diag::source::Span;

/// The registry: every address and its reason.
///
/// Kept by table (`service.api`), so that the registries of ten thousand tables, made on all cores, are put together
/// without touching what is in them.
#[derive(Debug, Clone, Default)]
pub struct Causes {
    reasons: Tables,
    /// For pins: what the model would have decided.
    asked: Tables,
}

/// Boxed, because a node of a B-tree has room for eleven and most registries that are put together have one or two.
type Tables = BTreeMap<Box<str>, Box<Table>>;

impl Causes {
    /// Registers a reason; the first one stands, so that an input may be registered wherever it is used.
    pub fn insert(&mut self, address: Address, why: Why<'_>) {
        self.register(address, &why.value, why.origin, why.inputs);
    }

    /// As [`Causes::insert`] for a value that is no text yet.
    pub fn register(&mut self, address: Address, value: &dyn Display, origin: Origin<'_>, inputs: &[Address]) {
        insert(&mut self.reasons, address, value, origin, inputs);
    }

    /// Registers what the model would have decided for a pin.
    pub fn register_asked(&mut self, address: Address, value: &dyn Display, origin: Origin<'_>, inputs: &[Address]) {
        insert(&mut self.asked, address, value, origin, inputs);
    }

    pub fn get(&self, address: &Address) -> Option<Why<'_>> {
        self.reasons.get(address.table())?.get(address)
    }

    /// For a pin: what the model would have decided.
    pub fn asked(&self, address: &Address) -> Option<Why<'_>> {
        self.asked.get(address.table())?.get(address)
    }

    /// For whoever asks for one reason after the other.
    pub fn finder(&self) -> Finder<'_> {
        Finder { causes: self, last: Cell::new([None; 4]) }
    }

    /// A value as its text, for those who only show it.
    pub fn shown(&self, address: Address) -> Option<Derived<String>> {
        let value = self.get(&address)?.value.to_string();
        Some(Derived { value, address })
    }

    /// Where the value was written, if it was.
    pub fn written_at(&self, address: &Address) -> Option<Span> {
        match self.get(address)?.origin {
            Origin::Written(span) => Some(span),
            _ => None,
        }
    }

    /// Where the value was written; of a header, where the first of its values was.
    pub fn place(&self, address: &Address) -> Option<Span> {
        let written = |(_, why): (&Address, Why<'_>)| match why.origin {
            Origin::Written(span) => Some(span),
            _ => None,
        };
        self.written_at(address).or_else(|| self.below(address).filter_map(written).min())
    }

    /// Every entry below a header, sorted.
    pub fn below<'a>(&'a self, header: &'a Address) -> impl Iterator<Item = (&'a Address, Why<'a>)> {
        let tables = (Bound::Included(header.as_str()), Bound::Unbounded);
        // `service.api` is one table, `cluster` one for each of its keys, and none stands between those.
        let tables = self.reasons.range::<str, _>(tables).take_while(|(table, _)| {
            let rest = table.strip_prefix(header.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        tables.flat_map(|(_, table)| table.iter())
    }

    /// Every table that has an entry, sorted: `service.api`.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.reasons.keys().map(|it| &**it)
    }

    /// What stands in one table, sorted by address: nothing, where there is no such table.
    pub fn in_table(&self, table: &str) -> impl Iterator<Item = (&Address, Why<'_>)> {
        self.reasons.get(table).into_iter().flat_map(|table| table.iter())
    }

    /// Table by table, each sorted by address.
    pub fn iter(&self) -> impl Iterator<Item = (&Address, Why<'_>)> {
        self.reasons.values().flat_map(|table| table.iter())
    }

    /// As [`Causes::iter`], on all cores.
    pub fn par_iter(&self) -> impl ParallelIterator<Item = (&Address, Why<'_>)> {
        self.reasons.par_iter().flat_map_iter(|(_, table)| table.iter())
    }

    /// Takes over the entries of another registry.
    pub fn append(&mut self, other: Causes) {
        append(&mut self.reasons, other.reasons);
        append(&mut self.asked, other.asked);
    }

    /// Takes over the entries of many others, in their order, on all cores.
    pub fn append_all(&mut self, others: Vec<Causes>) {
        let (reasons, asked): (Vec<Tables>, Vec<Tables>) = others.into_iter().map(|it| (it.reasons, it.asked)).unzip();
        append_all(&mut self.reasons, reasons);
        append_all(&mut self.asked, asked);
    }

    /// Gives back the room that was kept for more entries.
    pub fn shrink(&mut self) {
        self.reasons.values_mut().for_each(|table| table.shrink());
    }

    /// Every written value, default and catalogue row behind an address, directly or through other formulas, in order.
    pub fn roots<'a>(&'a self, address: &'a Address) -> BTreeSet<&'a Address> {
        let mut roots = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open = vec![address];
        while let Some(next) = open.pop() {
            if !seen.insert(next) {
                continue;
            }
            let Some(why) = self.get(next) else { continue };
            if why.inputs.is_empty() {
                roots.insert(next);
            }
            open.extend(why.inputs);
        }
        roots
    }
}

/// Finds reasons where most stand in one of the two tables that were asked before.
#[derive(Debug)]
pub struct Finder<'a> {
    causes: &'a Causes,
    last: Cell<[Option<(&'a str, &'a Table)>; 4]>,
}

impl<'a> Finder<'a> {
    pub fn get(&self, address: &Address) -> Option<Why<'a>> {
        self.find(address).map(|(table, reason)| table.why(reason))
    }

    /// The formula with the numbers in, where one gave the value.
    pub fn numbers(&self, address: &Address) -> Option<&'a str> {
        let (table, reason) = self.find(address)?;
        // Most reasons are no formulas, and their texts need not be looked at.
        let is_formula = matches!(reason.origin, Packed::Formula { .. } | Packed::FormulaOfSpec { .. });
        if is_formula { table.why(reason).numbers() } else { None }
    }

    fn find(&self, address: &Address) -> Option<(&'a Table, &'a Reason)> {
        let last = || self.last.get().into_iter().flatten();
        let shared = last().find_map(|(_, table)| Some((table, table.shared(address)?)));
        shared.or_else(|| {
            let name = address.table();
            let table = last().find(|it| it.0 == name).map(|it| it.1).or_else(|| self.table(name))?;
            Some((table, table.reason(address)?))
        })
    }

    fn table(&self, name: &str) -> Option<&'a Table> {
        let (name, table) = self.causes.reasons.get_key_value(name)?;
        let [first, second, third, _] = self.last.get();
        self.last.set([Some((name, table)), first, second, third]);
        Some(table)
    }
}

fn insert(tables: &mut Tables, address: Address, value: &dyn Display, origin: Origin<'_>, inputs: &[Address]) {
    match tables.get_mut(address.table()) {
        Some(table) => table.insert(address, value, origin, inputs),
        None => {
            let name = address.table().into();
            let mut table = Box::<Table>::default();
            table.insert(address, value, origin, inputs);
            tables.insert(name, table);
        }
    }
}

fn append(tables: &mut Tables, other: Tables) {
    for (name, table) in other {
        match tables.entry(name) {
            Entry::Vacant(place) => {
                place.insert(table);
            }
            Entry::Occupied(place) => place.into_mut().append(&table),
        }
    }
}

fn append_all(tables: &mut Tables, others: Vec<Tables>) {
    let mut more: BTreeMap<Box<str>, Vec<Box<Table>>> = BTreeMap::new();
    for (name, table) in others.into_iter().flatten() {
        match tables.contains_key(&name) {
            true => more.entry(name).or_default().push(table),
            false => drop(tables.insert(name, table)),
        }
    }
    tables.par_iter_mut().for_each(|(name, table)| {
        more.get(name).into_iter().flatten().for_each(|other| table.append(other));
    });
}

/// A table of so few reasons is sooner looked through for the very address that is asked for, none of which is read for
/// it, than searched by texts that stand all over the memory.
const SMALL: usize = 128;

/// The reasons of one table.
#[derive(Debug, Clone, Default)]
struct Table {
    /// Sorted. Apart from what they are the reasons of, so that few lines of memory hold those that are looked through.
    addresses: Vec<Address>,
    /// The reason of each.
    reasons: Vec<Reason>,
    /// Their texts, one after the other.
    text: String,
    /// What went into each, one after the other.
    inputs: Vec<Address>,
}

/// Where the parts of a reason stand in those of its table.
#[derive(Debug, Clone)]
struct Reason {
    /// Where the value begins in the text; what the origin says follows it.
    start: u32,
    value: u32,
    origin: Packed,
    first_input: u32,
    inputs: u32,
}

/// An [`Origin`] whose texts stand in the table, by their lengths.
#[derive(Debug, Clone, Copy)]
enum Packed {
    Written(Span),
    Default(&'static str),
    Catalogue(u32),
    Formula { symbolic: &'static str, numbers: u32 },
    FormulaOfSpec { symbolic: u32, numbers: u32 },
}

impl Table {
    fn get(&self, address: &Address) -> Option<Why<'_>> {
        self.reason(address).map(|it| self.why(it))
    }

    fn reason(&self, address: &Address) -> Option<&Reason> {
        self.shared(address).or_else(|| self.reasons.get(self.find(0, address).ok()?))
    }

    /// The reason of this very address.
    fn shared(&self, address: &Address) -> Option<&Reason> {
        let small = Some(&self.addresses).filter(|it| it.len() <= SMALL)?;
        self.reasons.get(small.iter().position(|it| it.is_one_with(address))?)
    }

    fn iter(&self) -> impl Iterator<Item = (&Address, Why<'_>)> {
        self.addresses.iter().zip(&self.reasons).map(|(address, reason)| (address, self.why(reason)))
    }

    fn insert(&mut self, address: Address, value: &dyn Display, origin: Origin<'_>, inputs: &[Address]) {
        let is_last = self.addresses.last().is_none_or(|it| *it < address);
        let place = if is_last { Err(self.addresses.len()) } else { self.find(0, &address) };
        if let Err(place) = place {
            self.put(place, address, value, origin, inputs);
        }
    }

    /// Where a reason stands or would stand, which is not before some place.
    fn find(&self, from: usize, address: &Address) -> Result<usize, usize> {
        let found = self.addresses.get(from..).unwrap_or_default().binary_search(address);
        found.map(|it| from + it).map_err(|it| from + it)
    }

    fn put(&mut self, place: usize, address: Address, value: &dyn Display, origin: Origin<'_>, inputs: &[Address]) {
        let (start, first_input) = (length(self.text.len()), length(self.inputs.len()));
        // Writing into a `String` cannot fail.
        _ = write!(self.text, "{value}");
        let value = length(self.text.len()) - start;
        let origin = match origin {
            Origin::Written(span) => Packed::Written(span),
            Origin::Default(reason) => Packed::Default(reason),
            Origin::Catalogue(row) => Packed::Catalogue(self.push(row)),
            Origin::Formula { symbolic: Symbolic::Ours(symbolic), numbers } => {
                Packed::Formula { symbolic, numbers: self.push(numbers) }
            }
            Origin::Formula { symbolic: Symbolic::OfSpec(symbolic), numbers } => {
                Packed::FormulaOfSpec { symbolic: self.push(symbolic), numbers: self.push(numbers) }
            }
        };
        self.inputs.extend_from_slice(inputs);
        let inputs = length(inputs.len());
        self.addresses.insert(place, address);
        self.reasons.insert(place, Reason { start, value, origin, first_input, inputs });
    }

    fn append(&mut self, other: &Table) {
        self.addresses.reserve_exact(other.addresses.len());
        self.reasons.reserve_exact(other.reasons.len());
        self.text.reserve_exact(other.text.len());
        self.inputs.reserve_exact(other.inputs.len());
        let mut from = 0;
        for (address, why) in other.iter() {
            // Neighbours there mostly are neighbours here.
            let is_next = self.addresses.get(from).is_none_or(|it| it > address);
            let place = if is_next { Err(from) } else { self.find(from, address) };
            if let Err(place) = place {
                self.put(place, address.clone(), &why.value, why.origin, why.inputs);
            }
            from = place.unwrap_or_else(|it| it) + 1;
        }
    }

    fn push(&mut self, text: &str) -> u32 {
        self.text.push_str(text);
        length(text.len())
    }

    fn shrink(&mut self) {
        self.addresses.shrink_to_fit();
        self.reasons.shrink_to_fit();
        self.text.shrink_to_fit();
        self.inputs.shrink_to_fit();
    }

    fn why(&self, reason: &Reason) -> Why<'_> {
        let mut rest = self.text.get(reason.start as usize..).unwrap_or_default();
        let mut take = |length: u32| {
            let (text, after) = rest.split_at_checked(length as usize).unwrap_or_default();
            rest = after;
            text
        };
        let value = take(reason.value);
        let origin = match reason.origin {
            Packed::Written(span) => Origin::Written(span),
            Packed::Default(reason) => Origin::Default(reason),
            Packed::Catalogue(row) => Origin::Catalogue(take(row)),
            Packed::Formula { symbolic, numbers } => {
                Origin::Formula { symbolic: Symbolic::Ours(symbolic), numbers: take(numbers) }
            }
            Packed::FormulaOfSpec { symbolic, numbers } => {
                Origin::Formula { symbolic: Symbolic::OfSpec(take(symbolic)), numbers: take(numbers) }
            }
        };
        let first = reason.first_input as usize;
        let inputs = self.inputs.get(first..first + reason.inputs as usize).unwrap_or_default();
        Why { value, origin, inputs }
    }
}

/// No table has texts of 4 GiB: a spec's file has 64 MiB at the most.
fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::source::FileId;

    fn at(text: &str) -> Address {
        Address::verbatim(text)
    }

    fn formula<'a>(value: &'a str, numbers: &'a str, inputs: &'a [Address]) -> Why<'a> {
        Why { value, origin: Origin::Formula { symbolic: Symbolic::Ours("a × b"), numbers }, inputs }
    }

    /// One of each origin, in no order, in two tables and one that is its own key.
    fn entries() -> Vec<(Address, Why<'static>)> {
        let why = |value, origin| Why { value, origin, inputs: &[] };
        let symbolic = Symbolic::OfSpec("2 * cpu + 1");
        vec![
            (at("service.b.env.WORKERS"), why("5", Origin::Formula { symbolic, numbers: "2 * 2 + 1" })),
            (at("service.a.rps"), why("100", Origin::Written(Span::new(FileId::FIRST, 3..6)))),
            (at("service.a.margin"), why("", Origin::Default("usual"))),
            (at("cluster"), why("main", Origin::Catalogue("a row"))),
            (at("service.a-b.rps"), why("ü", Origin::Catalogue(""))),
        ]
    }

    #[test]
    fn every_part_of_a_reason_comes_back_whatever_the_order() {
        let (mut forth, mut back) = (Causes::default(), Causes::default());
        entries().into_iter().for_each(|(address, why)| forth.insert(address, why));
        entries().into_iter().rev().for_each(|(address, why)| back.insert(address, why));
        back.shrink();
        for (address, why) in entries() {
            assert_eq!((forth.get(&address), back.finder().get(&address)), (Some(why), Some(why)), "{address}");
            assert_eq!(back.finder().numbers(&address), why.numbers(), "{address}");
        }
        assert!(forth.iter().eq(back.iter()));
        let addresses: Vec<&str> = forth.iter().map(|(address, _)| address.as_str()).collect();
        let sorted = ["cluster", "service.a.margin", "service.a.rps", "service.a-b.rps", "service.b.env.WORKERS"];
        assert_eq!(addresses, sorted);
        assert_eq!(forth.get(&at("service.a")), None);
    }

    #[test]
    fn the_first_reason_stands_and_registries_are_put_together() {
        let inputs = [at("service.a.x"), at("service.a.y")];
        let (mut one, mut other) = (Causes::default(), Causes::default());
        one.insert(at("service.a.max"), formula("6", "2 × 3", &inputs));
        other.insert(at("service.a.max"), formula("7", "7 × 1", &[]));
        other.insert(at("service.a.min"), formula("2", "2 × 1", &inputs[..1]));
        other.register_asked(at("service.a.min"), &1, formula("1", "1 × 1", &[]).origin, &[]);
        one.append(other);
        assert_eq!(one.get(&at("service.a.max")), Some(formula("6", "2 × 3", &inputs)));
        assert_eq!(one.get(&at("service.a.min")), Some(formula("2", "2 × 1", &inputs[..1])));
        assert_eq!(one.asked(&at("service.a.min")), Some(formula("1", "1 × 1", &[])));
        assert_eq!(one.asked(&at("service.a.max")), None);
    }
}

//! Why a number is what it is.
//!
//! Every decided value is a [`Derived`] with an [`Address`]; its [`Why`] stands in one registry, [`Causes`].
//! What was written, what defaults, what a catalogue says and what a formula gave are entries of the same kind, so
//! causes chain, and `explain`, `--reverse`, the comment beside a number, "because" and the lints read one thing.

pub mod values;

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Bound;
use std::sync::Arc;

use rayon::prelude::*;
use serde::ser::{Serialize, Serializer};

use crate::diag::source::Span;

/// Tables of the spec that have keys of their own; below every other one stand tables with names. Sorted.
pub const SINGLE: [&str; 10] =
    ["alerts", "cluster", "compose", "dashboard", "ecs", "emergency", "metrics", "output", "platform", "runbook"];

/// The path of a value's pin in the spec, quoted like TOML: `service.api.autoscale.max`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(Arc<str>);

impl Address {
    /// The address of a key path.
    pub fn of<'a>(keys: impl IntoIterator<Item = &'a str>) -> Self {
        let mut text = String::new();
        for key in keys {
            push_key(&mut text, key);
        }
        Self(text.into())
    }

    /// An address that is already in its written form.
    pub fn verbatim(text: &str) -> Self {
        Self(text.into())
    }

    /// The address one key below.
    #[must_use]
    pub fn child(&self, key: &str) -> Self {
        let mut text = String::with_capacity(self.0.len() + key.len() + 1);
        text.push_str(&self.0);
        push_key(&mut text, key);
        Self(text.into())
    }

    /// The address of an array's element: `upstream.web.servers[0]`.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0).into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first two keys, the table that it belongs to: `service.api`.
    pub fn table(&self) -> &str {
        table_of(&self.0)
    }

    /// The header of the spec under which it is written: `service.api`, or `cluster` of `cluster.name`.
    pub fn header(&self) -> &str {
        let first = self.0.split('.').next().unwrap_or_default();
        if SINGLE.contains(&first) { first } else { self.table() }
    }

    /// Whether this address is `other` or lies below it.
    pub fn is_within(&self, other: &Address) -> bool {
        self.0.strip_prefix(&*other.0).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    }
}

fn push_key(text: &mut String, key: &str) {
    if !text.is_empty() {
        text.push('.');
    }
    let bare = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    match bare {
        true => text.push_str(key),
        false => {
            text.push('"');
            for character in key.chars() {
                match character {
                    '"' => text.push_str("\\\""),
                    '\\' => text.push_str("\\\\"),
                    it if it.is_control() => text.push_str(&format!("\\u{:04X}", u32::from(it))),
                    it => text.push(it),
                }
            }
            text.push('"');
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It stands in the spec, or in a `--set` flag.
    Written(Span),
    /// Nobody wrote it; the text says why this value.
    Default(&'static str),
    /// A row of a table that capgen carries, with its source.
    Catalogue(Box<str>),
    /// It was computed: the formula by names, and with the numbers in.
    Formula { symbolic: Cow<'static, str>, numbers: Box<str> },
}

/// The reason of one value. A large platform has hundreds of thousands: none holds room to grow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// The value as text, as `explain` and the lock print it.
    pub value: Box<str>,
    pub origin: Origin,
    /// What went in; each has an entry of its own.
    pub inputs: Box<[Address]>,
    /// For a pin: what the model would have decided.
    pub asked: Option<Box<Why>>,
}

/// A decided value and the address under which its [`Why`] stands.
///
/// Serializes as itself with its address: `doc`'s serializer keeps the address on the leaf, every other one fails,
/// so that a reason is never dropped on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived<T> {
    pub value: T,
    pub address: Address,
}

/// The private name by which `doc`'s serializer knows a [`Derived`].
pub const DERIVED: &str = "$capgen::why::Derived";

impl<T> Derived<T> {
    /// The same reason for a value in another form (a quantity as text, say).
    pub fn map<U>(&self, with: impl FnOnce(&T) -> U) -> Derived<U> {
        Derived { value: with(&self.value), address: self.address.clone() }
    }
}

impl<T: Serialize> Serialize for Derived<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(DERIVED, &(self.address.as_str(), &self.value))
    }
}

/// The registry: every address and its reason.
///
/// Kept by table (`service.api`), so that the registries of ten thousand tables, made on all cores, are put together
/// without touching what is in them. Boxed, because a node of a B-tree is half empty more often than not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Causes(BTreeMap<Box<str>, Table>);

/// The reasons of one table.
type Table = BTreeMap<Address, Box<Why>>;

impl Causes {
    /// Registers a reason; the first one stands, so that an input may be registered wherever it is used.
    pub fn insert(&mut self, address: Address, why: Why) {
        let table = address.table();
        if let Some(entries) = self.0.get_mut(table) {
            entries.entry(address).or_insert_with(|| Box::new(why));
        } else {
            self.0.insert(table.into(), BTreeMap::from([(address, Box::new(why))]));
        }
    }

    pub fn get(&self, address: &Address) -> Option<&Why> {
        self.0.get(address.table())?.get(address).map(|why| &**why)
    }

    /// For whoever asks for the values of a file, one after the other.
    pub fn finder(&self) -> Finder<'_> {
        Finder { causes: self, last: Cell::new(None) }
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
        let written = |(_, why): (&Address, &Why)| match why.origin {
            Origin::Written(span) => Some(span),
            _ => None,
        };
        self.written_at(address).or_else(|| self.below(address).filter_map(written).min())
    }

    /// Every entry below a header, sorted.
    pub fn below<'a>(&'a self, header: &'a Address) -> impl Iterator<Item = (&'a Address, &'a Why)> {
        let tables = (Bound::Included(header.as_str()), Bound::Unbounded);
        // `service.api` is one table, `cluster` one for each of its keys, and none stands between those.
        let tables = self.0.range::<str, _>(tables).take_while(|(table, _)| {
            let rest = table.strip_prefix(header.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        tables.flat_map(|(_, entries)| entries.iter().map(|(address, why)| (address, &**why)))
    }

    /// Every table that has an entry, sorted: `service.api`.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(|it| &**it)
    }

    /// What stands in one table, sorted by address: nothing, where there is no such table.
    pub fn in_table(&self, table: &str) -> impl Iterator<Item = (&Address, &Why)> {
        self.0.get(table).into_iter().flatten().map(|(address, why)| (address, &**why))
    }

    /// Table by table, each sorted by address.
    pub fn iter(&self) -> impl Iterator<Item = (&Address, &Why)> {
        self.0.values().flatten().map(|(address, why)| (address, &**why))
    }

    /// As [`Causes::iter`], on all cores.
    pub fn par_iter(&self) -> impl ParallelIterator<Item = (&Address, &Why)> {
        self.0.par_iter().flat_map_iter(|(_, entries)| entries.iter().map(|(address, why)| (address, &**why)))
    }

    /// Takes over the entries of another registry.
    pub fn append(&mut self, other: Causes) {
        for (table, entries) in other.0 {
            match self.0.entry(table) {
                Entry::Vacant(place) => {
                    place.insert(entries);
                }
                Entry::Occupied(place) => {
                    let there = place.into_mut();
                    for (address, why) in entries {
                        there.entry(address).or_insert(why);
                    }
                }
            }
        }
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
            open.extend(&why.inputs);
        }
        roots
    }
}

/// Finds reasons where most are in the table of the one before.
#[derive(Debug)]
pub struct Finder<'a> {
    causes: &'a Causes,
    last: Cell<Option<(&'a str, &'a Table)>>,
}

impl<'a> Finder<'a> {
    pub fn get(&self, address: &Address) -> Option<&'a Why> {
        let name = address.table();
        let table = match self.last.get().filter(|(last, _)| *last == name) {
            Some((_, table)) => table,
            None => {
                let (name, table) = self.causes.0.get_key_value(name)?;
                self.last.set(Some((name, table)));
                table
            }
        };
        table.get(address).map(|why| &**why)
    }
}

/// The first two keys of an address: the table that it belongs to.
pub fn table_of(address: &str) -> &str {
    let mut keys = 0;
    let mut is_quoted = false;
    let mut is_escaped = false;
    for (index, byte) in address.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_quoted,
            b'"' => is_quoted = !is_quoted,
            b'.' if !is_quoted => {
                keys += 1;
                if keys == 2 {
                    return &address[..index];
                }
            }
            _ => {}
        }
    }
    address
}

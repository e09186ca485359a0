//! What is there now, wherever it was read: texts by name, and what decided them where that is known.
//!
//! It is a type that stages share. Who fills it in is `state` (files, a cluster) or the edge (a compiled revision); who
//! asks it is `diff`. It must not know where a text came from.

use std::collections::{BTreeMap, BTreeSet};

use super::object::{Identity, Object, Read};
use super::value::Node;
use crate::why::values::Values;
use crate::why::{Address, Causes, Why};

/// The other side of a diff.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// What was found, in the order of the places.
    pub objects: Vec<Object>,
    /// The values behind it; `None` where the other side says nothing about them: hand-written manifests, a cluster.
    pub memory: Option<Memory>,
    /// Whether an object that the spec does not ask for is to go: only where the other side is capgen's alone.
    pub is_ours: bool,
    /// Whether it is a running cluster, or what one held, kept in a file: schedules move floors there.
    pub is_live: bool,
    /// Files known to be equal to the byte, whose objects are therefore not among `objects`.
    pub unchanged: usize,
    /// What the API server says it would make of the new objects, where it was asked (a dry run).
    pub predicted: BTreeMap<Identity, Node>,
    /// Files and documents that were passed over, each with the reason, in the order of the places.
    pub skipped: Vec<(String, &'static str)>,
}

/// What a former build knew.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory {
    /// The version of capgen that built it.
    pub capgen: String,
    /// What was written in the spec or in a flag.
    pub inputs: Values,
    /// What capgen decided: by a formula, by default, by a row of its catalogue.
    pub numbers: Values,
    /// Where an input stood (`capacity.toml:12`), for a revision that was compiled.
    pub places: BTreeMap<Address, String>,
    /// What went into each value that is another now, or gone, for a revision that was compiled; `None`: nobody knows.
    pub reasons: Option<BTreeMap<Address, Vec<Address>>>,
    /// Files that are not, to the byte, what that build wrote, as [`Object::file`] names them.
    pub edited: BTreeSet<String>,
    /// Files that the spec still asks for, that build wrote, and are gone, named in the same way.
    pub deleted: BTreeSet<String>,
}

impl State {
    /// Takes over what was read of one file.
    pub fn add(&mut self, read: Read) {
        self.objects.extend(read.objects);
        self.skipped.extend(read.skipped);
    }
}

impl Memory {
    /// What a build knows while it runs: what was written and what was decided, without places.
    pub fn of(capgen: &str, causes: &Causes) -> Self {
        let (inputs, numbers): (Vec<_>, Vec<_>) = causes.iter().partition(|(_, why)| why.is_written());
        let values = |mut entries: Vec<(&Address, Why<'_>)>| {
            // Table by table is nearly sorted, and what is sorted is put together at once.
            entries.sort_by_key(|(it, _)| *it);
            entries.into_iter().map(|(it, why)| (it.as_str(), why.value)).collect()
        };
        Self { capgen: capgen.to_owned(), inputs: values(inputs), numbers: values(numbers), ..Self::default() }
    }
}

//! Every written key is an input: `explain --reverse` and "because" find it, the lock remembers it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;

use serde_json::Value;
use toml::de::{DeTable, DeValue};

use crate::diag::Sink;
use crate::diag::source::Sources;
use crate::spec::{self, Files, Request};

use super::*;

/// The one file of a test.
struct OneFile<'a>(&'a str);

impl Files for OneFile<'_> {
    fn read(&self, _: &str) -> Result<String, String> {
        Ok(self.0.to_owned())
    }

    fn matching(&self, _: &str) -> Result<Vec<String>, String> {
        Ok(Vec::new())
    }
}

fn causes(text: &str) -> Causes {
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let request = Request { file: "capacity.toml", env: None, set: &[] };
    let model =
        spec::parse(&request, &OneFile(text), &mut sources, &mut sink).and_then(|spec| resolve(&spec, &mut sink));
    model.unwrap_or_else(|_| panic!("{:#?}", sink.into_sorted())).causes
}

const EVERY_KEY: &str = include_str!("tests/every-key.toml");

const SPECS: [(&str, &str); 6] = [
    ("every-key", EVERY_KEY),
    ("himalytix", include_str!("../../examples/himalytix/capacity.toml")),
    ("inferadb", include_str!("../../examples/inferadb/capacity.toml")),
    ("kafka-pipeline", include_str!("../../examples/kafka-pipeline/capacity.toml")),
    ("labelmint", include_str!("../../examples/labelmint/capacity.toml")),
    ("wakala", include_str!("../../examples/wakala/capacity.toml")),
];

/// Keys that say how a spec is read or judged, not what is built.
const NO_INPUTS: [&str; 6] = ["class", "defaults", "env", "include", "lints", "version"];

/// A value of a spec.
struct Leaf {
    /// `service`, `api`, `target_rps`; a list's member is `[]`.
    path: Vec<String>,
    /// Its own, and those of the list and of the member that it stands in: a list may be one input.
    addresses: Vec<Address>,
}

#[test]
fn every_written_key_is_an_input() {
    let mut missing = Vec::new();
    for (name, text) in SPECS {
        let causes = causes(text);
        // A setting in quotes is short for its `value`, which is an input where the setting itself is computed.
        let is_written = |it: &Address| [it, &it.child("value")].iter().any(|it| causes.written_at(it).is_some());
        let is_input = |leaf: &Leaf| leaf.addresses.iter().any(is_written);
        let unknown = leaves(text).into_iter().filter(|it| !is_input(it));
        missing.extend(unknown.map(|it| format!("{name}: {}", it.addresses[0])));
    }
    assert_eq!(missing, [""; 0], "register these with `Reasons::taken`");
}

#[test]
fn the_spec_with_every_key_has_every_key() {
    let schema = spec::schema();
    let mut known = BTreeSet::new();
    for (table, below) in schema["properties"].as_object().unwrap() {
        if !NO_INPUTS.contains(&table.as_str()) {
            keys(&schema, below, &[table.as_str()], &mut known);
        }
    }
    let written = leaves(EVERY_KEY);
    let matches = |path: &[String], pattern: &[String]| {
        path.len() == pattern.len() && path.iter().zip(pattern).all(|(key, it)| it == "*" || key == it)
    };
    known.retain(|pattern| !written.iter().any(|leaf| matches(&leaf.path, pattern)));
    assert_eq!(known, BTreeSet::new(), "write these into every-key.toml");
}

/// The leaves of a spec.
fn leaves(text: &str) -> Vec<Leaf> {
    let mut found = Vec::new();
    for (table, value) in DeTable::parse(text).unwrap().get_ref() {
        let table: &str = table.get_ref();
        if !NO_INPUTS.contains(&table) {
            let leaf = Leaf { path: vec![table.to_owned()], addresses: vec![Address::of([table])] };
            collect(value.get_ref(), leaf, &mut found);
        }
    }
    found
}

fn collect(value: &DeValue<'_>, at: Leaf, found: &mut Vec<Leaf>) {
    let step = |key: &str, address: Address, above: &[Address]| Leaf {
        path: at.path.iter().cloned().chain([key.to_owned()]).collect(),
        addresses: [address].into_iter().chain(above.iter().cloned()).collect(),
    };
    let own = &at.addresses[0];
    match value {
        DeValue::Table(table) => {
            let above = if own.as_str().ends_with(']') { at.addresses.as_slice() } else { &[] };
            for (key, below) in table {
                collect(below.get_ref(), step(key.get_ref(), own.child(key.get_ref()), above), found);
            }
        }
        DeValue::Array(members) => {
            for (index, member) in members.iter().enumerate() {
                collect(member.get_ref(), step("[]", own.index(index), &at.addresses[..1]), found);
            }
        }
        _ => found.push(at),
    }
}

/// The keys that may hold a value, as the schema has them; a name that the user chooses is `*`.
fn keys(schema: &Value, of: &Value, path: &[&str], found: &mut BTreeSet<Vec<String>>) {
    let below = |key| path.iter().copied().chain([key]).collect::<Vec<&str>>();
    let pointer = of["$ref"].as_str().and_then(|it| it.strip_prefix('#'));
    let of = pointer.map_or(of, |it| schema.pointer(it).unwrap());
    for choice in ["anyOf", "oneOf"].iter().flat_map(|it| of[it].as_array().into_iter().flatten()) {
        keys(schema, choice, path, found);
    }
    for (key, property) in of["properties"].as_object().into_iter().flatten() {
        keys(schema, property, &below(key), found);
    }
    if of["additionalProperties"].is_object() {
        keys(schema, &of["additionalProperties"], &below("*"), found);
    }
    if of["items"].is_object() {
        keys(schema, &of["items"], &below("[]"), found);
    }
    let kind = &of["type"];
    if !kind.is_null() && kind != "object" && kind != "array" {
        found.insert(path.iter().map(|it| (*it).to_owned()).collect());
    }
}

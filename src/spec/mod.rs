//! The spec: what was written, with the place of every value. What it means is [`crate::model`]'s business.
//!
//! A spec is read in three steps: [`load`] makes one tree of spanned values out of files, environment and flags,
//! [`de`] turns each table of it into a type, and this file puts them together. Every error goes into the sink;
//! a table with an error is remembered as damaged, so that later stages can go on without complaining twice.

pub mod lints;
pub mod load;
pub mod nodes;
pub mod platform;
pub mod pool;
pub mod scalar;
pub mod schedule;
pub mod service;
pub mod upstream;
pub mod worker;
pub mod workload;

mod de;
mod document;
mod merge;
mod reference;
mod required;
mod syntax;
mod tree;

use std::collections::BTreeSet;

use rayon::prelude::*;
use serde::de::DeserializeOwned;

use crate::diag::source::{Sources, Span};
use crate::diag::{Diagnostic, Reported, Sink, suggest};
use scalar::{EntryName, NodeGroupName, Rule, TableName, Word};
use tree::{Entry, Node, Table, Value};

pub use document::schema;
pub use load::Files;
pub use reference::reference;

/// What to read.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The root file.
    pub file: &'a str,
    /// The `[env.NAME]` to lay on it.
    pub env: Option<&'a str>,
    /// `KEY=VALUE` flags, laid on last, in order.
    pub set: &'a [String],
}

/// A whole spec, merged.
#[derive(Debug, Clone, Default)]
pub struct Spec {
    pub platform: platform::Platform,
    pub service: scalar::Named<TableName, service::Service>,
    pub worker: scalar::Named<TableName, worker::Worker>,
    pub database: scalar::Named<EntryName, pool::Database>,
    pub pgbouncer: scalar::Named<TableName, pool::Pgbouncer>,
    pub upstream: scalar::Named<EntryName, upstream::Upstream>,
    pub cluster: Option<scalar::Entry<nodes::Cluster>>,
    pub nodegroup: scalar::Named<NodeGroupName, nodes::NodeGroup>,
    pub instance: scalar::Named<Word, nodes::Instance>,
    pub schedule: scalar::Named<TableName, schedule::Schedule>,
    pub lints: scalar::Named<Word, lints::Choice>,
    pub output: platform::Output,
    /// Tables in which something was refused: kind and name.
    damaged: BTreeSet<(&'static str, String)>,
}

impl Spec {
    /// Whether something in this table was refused, so that what seems missing may have been there.
    pub fn is_damaged(&self, kind: &'static str, name: &str) -> bool {
        self.damaged.contains(&(kind, name.to_owned()))
    }
}

/// Reads and merges a spec. Errors are in the sink; the spec that comes back holds everything that could be read.
pub fn parse(
    request: &Request<'_>,
    files: &dyn Files,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Spec, Reported> {
    let before = sources.files().count();
    let mut tree = load::load(request, files, sources, sink)?;
    let start = sources.files().nth(before).map(|root| Span::new(root, 0..0));
    check_version(tree.0.remove("version"), start, sink);
    check_keys(&mut tree, sink);
    apply_defaults(&mut tree, sink);
    let spec = lower(&tree, sink);
    // A key that is missing is why its table was refused.
    if !spec.damaged.is_empty() {
        required::check(&tree, sink);
    }
    Ok(spec)
}

/// The keys of a table in the file where they were written: the ranges of key and value, innermost tables last.
pub fn places(sources: &Sources, file: crate::diag::source::FileId) -> Vec<Span> {
    let mut places = Vec::new();
    collect_places(&tree::parse(file, sources.text(file), &mut Sink::default()), &mut places);
    places
}

fn collect_places(table: &Table, places: &mut Vec<Span>) {
    for entry in table.0.values() {
        match &entry.node.value {
            Value::Table(below) => {
                places.push(Span { end: entry.node.span.end, ..entry.node.span });
                collect_places(below, places);
            }
            _ => places.push(Span { end: entry.node.span.end, ..entry.key }),
        }
    }
}

const TOP_LEVEL: [&str; 15] = [
    "cluster",
    "database",
    "defaults",
    "env",
    "include",
    "instance",
    "lints",
    "nodegroup",
    "output",
    "pgbouncer",
    "platform",
    "schedule",
    "service",
    "upstream",
    "worker",
];

/// Keys that are gone once files, environment and flags are one tree.
const READ_FIRST: [&str; 2] = ["env", "include"];

fn check_version(version: Option<Entry>, start: Option<Span>, sink: &mut Sink) {
    match version {
        Some(entry) if entry.node.value == Value::Number("1".to_owned()) => {}
        Some(entry) => {
            let found = match &entry.node.value {
                Value::Number(number) => format!("version {number}"),
                _ => entry.node.kind().to_owned(),
            };
            let message = format!("this capgen reads version 1 of the spec language, found {found}");
            sink.error(Diagnostic::error(message).at(entry.node.span, "").help("write `version = 1`"));
        }
        None => {
            let message = "the spec does not say which version of the language it is written in";
            sink.error(Diagnostic::error(message).at_some(start, "").help("begin the spec with `version = 1`"));
        }
    }
}

/// Takes out what is no table of the language.
fn check_keys(tree: &mut Table, sink: &mut Sink) {
    tree.0.retain(|key, entry| {
        let is_late = READ_FIRST.contains(&key.as_str());
        if is_late {
            let message = format!("`{key}` stands in neither an environment nor a flag");
            let help = format!("write `{key}` at the top of the spec");
            sink.error(Diagnostic::error(message).at(entry.key, "read before they are laid on").help(help));
        } else if !TOP_LEVEL.contains(&key.as_str()) {
            let message = format!("unknown key `{}`", key.escape_debug());
            sink.error(Diagnostic::error(message).at(entry.key, "").help(suggest::help(key, TOP_LEVEL)));
        }
        !is_late
    });
}

/// Lays each service and worker on `[defaults]`.
fn apply_defaults(tree: &mut Table, sink: &mut Sink) {
    let Some(defaults) = tree.0.remove("defaults") else { return };
    let Value::Table(table) = &defaults.node.value else {
        let message = format!("expected a table, found {}", defaults.node.kind());
        sink.error(Diagnostic::error(message).at(defaults.node.span, "").help("begin it with `[defaults]`"));
        return;
    };
    let service = (de::keys_of::<service::Service>(), de::keys_of::<service::ServiceAutoscale>());
    let worker = (de::keys_of::<worker::Worker>(), de::keys_of::<worker::WorkerAutoscale>());
    let known: BTreeSet<&str> = service.0.iter().chain(worker.0).copied().collect();
    let known_autoscale: BTreeSet<&str> = service.1.iter().chain(worker.1).copied().collect();
    report_unknown(table, &known, sink);
    if let Some(autoscale) = table.0.get("autoscale").and_then(|entry| entry.node.table()) {
        report_unknown(autoscale, &known_autoscale, sink);
    }
    for (kind, (keys, autoscale_keys)) in [("service", service), ("worker", worker)] {
        let base = merge::narrowed(table, keys, autoscale_keys);
        let Some(Entry { node: Node { value: Value::Table(tables), .. }, .. }) = tree.0.get_mut(kind) else { continue };
        for (name, entry) in &mut tables.0 {
            if let Value::Table(own) = &mut entry.node.value {
                let mut merged = base.clone();
                merge::overlay(&mut merged, std::mem::take(own), &[kind, name]);
                *own = merged;
            }
        }
    }
}

fn report_unknown(table: &Table, known: &BTreeSet<&str>, sink: &mut Sink) {
    for (key, entry) in &table.0 {
        if !known.contains(key.as_str()) {
            let message = format!("unknown key `{}`", key.escape_debug());
            let help = suggest::help(key, known.iter().copied());
            sink.error(Diagnostic::error(message).at(entry.key, "neither a service nor a worker has it").help(help));
        }
    }
}

fn lower(tree: &Table, sink: &mut Sink) -> Spec {
    let mut damaged = BTreeSet::new();
    let mut spec = Spec {
        platform: single("platform", tree, &mut damaged, sink).map(|entry| entry.value).unwrap_or_default(),
        service: tables("service", tree, &mut damaged, sink),
        worker: tables("worker", tree, &mut damaged, sink),
        database: tables("database", tree, &mut damaged, sink),
        pgbouncer: tables("pgbouncer", tree, &mut damaged, sink),
        upstream: tables("upstream", tree, &mut damaged, sink),
        cluster: single("cluster", tree, &mut damaged, sink),
        nodegroup: tables("nodegroup", tree, &mut damaged, sink),
        instance: tables("instance", tree, &mut damaged, sink),
        schedule: tables("schedule", tree, &mut damaged, sink),
        lints: tables("lints", tree, &mut damaged, sink),
        output: single("output", tree, &mut damaged, sink).map(|entry| entry.value).unwrap_or_default(),
        damaged: BTreeSet::new(),
    };
    spec.damaged = damaged;
    spec
}

/// Reads a table that stands once; damaged, it is remembered without a name.
fn single<T: DeserializeOwned>(
    kind: &'static str,
    tree: &Table,
    damaged: &mut BTreeSet<(&'static str, String)>,
    sink: &mut Sink,
) -> Option<scalar::Entry<T>> {
    let entry = tree.0.get(kind)?;
    let (value, refused) = de::read(entry.key, &entry.node, sink);
    if refused {
        damaged.insert((kind, String::new()));
    }
    value.map(|value| scalar::Entry { key: entry.key, value })
}

/// Reads a group of named tables, each for itself, on all cores.
fn tables<K: Rule, T: DeserializeOwned + Send>(
    kind: &'static str,
    tree: &Table,
    damaged: &mut BTreeSet<(&'static str, String)>,
    sink: &mut Sink,
) -> scalar::Named<K, T> {
    let mut named = scalar::Named::default();
    let Some(group) = tree.0.get(kind) else { return named };
    let Value::Table(entries) = &group.node.value else {
        let message = format!("expected a table, found {}", group.node.kind());
        let help = format!("begin it with `[{kind}]` or `[{kind}.NAME]`");
        sink.error(Diagnostic::error(message).at(group.node.span, "").help(help));
        return named;
    };
    let read: Vec<(String, Span, Option<T>, bool, Sink)> = entries
        .0
        .par_iter()
        .map(|(name, entry)| {
            let mut faults = Sink::default();
            if let Err(fault) = K::check(name) {
                let message = format!("the name of a `[{kind}]` table: {fault}");
                let help = format!("write {}", K::EXPECTED);
                faults.error(Diagnostic::error(message).at(entry.key, "").help(help));
            }
            let (value, refused) = de::read(entry.key, &entry.node, &mut faults);
            let refused = refused || faults.ok().is_err();
            (name.clone(), entry.key, value, refused, faults)
        })
        .collect();
    for (name, key, value, refused, faults) in read {
        sink.append(faults);
        if refused {
            damaged.insert((kind, name.clone()));
        }
        if let Some(value) = value {
            named.0.insert(name, scalar::Entry { key, value });
        }
    }
    named
}

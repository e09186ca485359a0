//! The spec: what was written, with the place of every value. What it means is [`crate::model`]'s business.
//!
//! A spec is read in three steps: [`load`] makes one tree of spanned values out of files, environment and flags,
//! [`de`] turns each table of it into a type, and this file puts them together. Every error goes into the sink;
//! a table with an error is remembered as damaged, so that later stages can go on without complaining twice.

pub mod alerts;
pub mod autoscaler;
pub mod compose;
pub mod dashboard;
pub mod ecs;
pub mod event;
pub mod karpenter;
pub mod lints;
pub mod load;
pub mod load_test;
pub mod metrics;
pub mod nodes;
pub mod platform;
pub mod pool;
pub mod postgresql;
pub mod redis;
pub mod replicas;
pub mod runbook;
pub mod scalar;
pub mod schedule;
pub mod service;
pub mod setting;
pub mod shards;
pub mod topic;
pub mod upstream;
pub mod worker;
pub mod workload;

mod de;
mod document;
mod merge;
mod packed;
mod presets;
mod reference;
mod required;
mod syntax;
mod tree;

use std::collections::BTreeSet;

use rayon::prelude::*;
use serde::de::DeserializeOwned;

use crate::diag::source::{Sources, Span};
use crate::diag::{Diagnostic, Reported, Sink, suggest};
use presets::{Preset, Presets};
use scalar::{EntryName, NodeGroupName, Rule, TableName, Word};
use tree::{Entry, Node, Table, Value};

pub use document::schema;
pub use load::{Files, has_environment, start_threads};
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
    pub event: scalar::Named<TableName, event::Event>,
    pub emergency: Option<scalar::Entry<event::Emergency>>,
    pub metrics: metrics::Metrics,
    pub alerts: Option<scalar::Entry<alerts::Alerts>>,
    pub topic: scalar::Named<TableName, topic::Topic>,
    pub redis: scalar::Named<TableName, redis::Redis>,
    pub dashboard: Option<scalar::Entry<dashboard::Dashboard>>,
    pub runbook: Option<scalar::Entry<runbook::Runbook>>,
    pub compose: Option<scalar::Entry<compose::Compose>>,
    pub ecs: Option<scalar::Entry<ecs::Ecs>>,
    pub load_test: scalar::Named<TableName, load_test::LoadTest>,
    pub lints: scalar::Named<Word, lints::Choice>,
    pub output: platform::Output,
    /// Whether some `[env.NAME]` stands in it, laid on it or not.
    pub has_environments: bool,
    /// Tables in which something was refused: kind and name.
    damaged: BTreeSet<(&'static str, String)>,
}

impl Spec {
    /// Whether it names nothing that has a capacity, in no environment either.
    pub fn is_empty(&self) -> bool {
        let Self { service, worker, database, pgbouncer, upstream, cluster, nodegroup, topic, redis, .. } = self;
        let is_bare = service.is_empty() && worker.is_empty() && database.is_empty() && pgbouncer.is_empty();
        is_bare
            && (upstream.is_empty() && cluster.is_none() && nodegroup.is_empty())
            && (topic.is_empty() && redis.is_empty() && !self.has_environments && self.damaged.is_empty())
    }

    /// Whether something in this table was refused, so that what seems missing may have been there.
    pub fn is_damaged(&self, kind: &'static str, name: &str) -> bool {
        !self.damaged.is_empty() && self.damaged.contains(&(kind, name.to_owned()))
    }
}

/// A spec as one tree: what [`load()`] found, before any table of it is read.
#[derive(Debug)]
pub struct Loaded {
    tree: Table,
    /// Where the root file starts.
    start: Option<Span>,
    has_environments: bool,
}

/// Reads a spec. Errors are in the sink; the spec that comes back holds everything that could be read.
pub fn parse(
    request: &Request<'_>,
    files: &dyn Files,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Spec, Reported> {
    let loaded = load(request, files, sources, sink)?;
    Ok(read(loaded, sink))
}

/// Reads the files of a spec and merges them, the environment and the flags into one tree.
pub fn load(
    request: &Request<'_>,
    files: &dyn Files,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Loaded, Reported> {
    let before = sources.files().count();
    let load::Loaded { tree, has_environments } = load::load(request, files, sources, sink)?;
    let start = sources.files().nth(before).map(|root| Span::new(root, 0..0));
    Ok(Loaded { tree, start, has_environments })
}

/// Reads every table of the tree.
pub fn read(loaded: Loaded, sink: &mut Sink) -> Spec {
    let Loaded { mut tree, start, has_environments } = loaded;
    check_version(tree.0.remove("version"), start, sink);
    check_keys(&mut tree, sink);
    let presets = presets::take(&mut tree, sink);
    let (mut spec, refused) = lower(tree, &presets, sink);
    spec.has_environments = has_environments;
    // A key that is missing is why its table was refused.
    if !spec.damaged.is_empty() {
        required::check(&refused, sink);
    }
    spec
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

const TOP_LEVEL: [&str; 27] = [
    "alerts",
    "class",
    "cluster",
    "compose",
    "dashboard",
    "database",
    "defaults",
    "ecs",
    "emergency",
    "env",
    "event",
    "include",
    "instance",
    "lints",
    "load_test",
    "metrics",
    "nodegroup",
    "output",
    "pgbouncer",
    "platform",
    "redis",
    "runbook",
    "schedule",
    "service",
    "topic",
    "upstream",
    "worker",
];

/// Keys that are gone once files, environment and flags are one tree.
const READ_FIRST: [&str; 2] = ["env", "include"];

fn check_version(version: Option<Entry>, start: Option<Span>, sink: &mut Sink) {
    match version {
        Some(entry) if entry.node.value == Value::Number("1".into()) => {}
        Some(entry) => {
            let found = match &entry.node.value {
                Value::Number(number) => format!("version {number}"),
                _ => entry.node.kind().to_owned(),
            };
            let message = format!("this capgen reads version 1 of the spec language, found {found}");
            let help = "write `version = 1`: the version of the language, not one of your spec";
            sink.error(Diagnostic::error(message).at(entry.node.span, "").help(help));
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
        let is_late = READ_FIRST.contains(&&**key);
        if is_late {
            let message = format!("`{key}` stands in neither an environment nor a flag");
            let help = format!("write `{key}` at the top of the spec");
            sink.error(Diagnostic::error(message).at(entry.key, "read before they are laid on").help(help));
        } else if !TOP_LEVEL.contains(&&**key) {
            let message = format!("unknown key `{}`", key.escape_debug());
            sink.error(Diagnostic::error(message).at(entry.key, "").help(suggest::help(key, TOP_LEVEL)));
        }
        !is_late
    });
}

/// Reads every table; what was refused comes back as it stood there.
fn lower(tree: Table, presets: &Presets, sink: &mut Sink) -> (Spec, Table) {
    let mut lowering = Lowering { tree, damaged: BTreeSet::new(), refused: Vec::new(), sink };
    let none = &Preset::default();
    let mut spec = Spec {
        platform: lowering.single("platform").map(|entry| entry.value).unwrap_or_default(),
        service: lowering.tables("service", &presets.service),
        worker: lowering.tables("worker", &presets.worker),
        database: lowering.tables("database", none),
        pgbouncer: lowering.tables("pgbouncer", none),
        upstream: lowering.tables("upstream", none),
        cluster: lowering.single("cluster"),
        nodegroup: lowering.tables("nodegroup", none),
        instance: lowering.tables("instance", none),
        schedule: lowering.tables("schedule", none),
        event: lowering.tables("event", none),
        emergency: lowering.single("emergency"),
        metrics: lowering.single("metrics").map(|entry| entry.value).unwrap_or_default(),
        alerts: lowering.single("alerts"),
        topic: lowering.tables("topic", none),
        redis: lowering.tables("redis", none),
        dashboard: lowering.single("dashboard"),
        runbook: lowering.single("runbook"),
        compose: lowering.single("compose"),
        ecs: lowering.single("ecs"),
        load_test: lowering.tables("load_test", none),
        lints: lowering.tables("lints", none),
        output: lowering.single("output").map(|entry| entry.value).unwrap_or_default(),
        has_environments: false,
        damaged: BTreeSet::new(),
    };
    spec.damaged = lowering.damaged;
    (spec, Table(lowering.refused.into_iter().collect()))
}

/// The tree, less what was read already: a table is let go as soon as it is a type.
struct Lowering<'s> {
    tree: Table,
    damaged: BTreeSet<(&'static str, String)>,
    refused: Vec<(Box<str>, Entry)>,
    sink: &'s mut Sink,
}

impl Lowering<'_> {
    /// Reads a table that stands once; damaged, it is remembered without a name.
    fn single<T: DeserializeOwned>(&mut self, kind: &'static str) -> Option<scalar::Entry<T>> {
        let entry = self.tree.0.remove(kind)?;
        let key = entry.key;
        let (value, refused) = de::read(key, &entry.node, self.sink);
        if refused {
            self.damaged.insert((kind, String::new()));
            self.refused.push((kind.into(), entry));
        }
        value.map(|value| scalar::Entry { key, value })
    }

    /// Reads a group of named tables, each for itself and laid on its preset, on all cores.
    fn tables<K: Rule, T: DeserializeOwned + Send>(
        &mut self,
        kind: &'static str,
        preset: &Preset,
    ) -> scalar::Named<K, T> {
        let Some(group) = self.tree.0.remove(kind) else { return scalar::Named::default() };
        let kind_of_group = group.node.kind();
        let Value::Table(entries) = group.node.value else {
            let message = format!("expected a table, found {kind_of_group}");
            let help = format!("begin it with `[{kind}]` or `[{kind}.NAME]`");
            self.sink.error(Diagnostic::error(message).at(group.node.span, "").help(help));
            return scalar::Named::default();
        };
        let entries = entries.0.into_vec().into_par_iter();
        let (read, refused): (Vec<_>, Vec<_>) =
            entries.map(|(name, entry)| read_named::<K, T>(kind, name, entry, preset)).unzip();
        let mut refused_entries = Vec::new();
        for Refused { name, entry, faults } in refused.into_iter().flatten() {
            self.sink.append(faults);
            self.damaged.insert((kind, name.to_string()));
            refused_entries.push((name, entry));
        }
        if !refused_entries.is_empty() {
            let value = Value::Table(Table(refused_entries.into_iter().collect()));
            let node = Node { value, span: group.node.span };
            self.refused.push((kind.into(), Entry { key: group.key, node }));
        }
        #[expect(clippy::filter_map_identity, reason = "unlike `flatten` it collects within the vector that is there")]
        read.into_iter().filter_map(|it| it).collect()
    }
}

/// A table in which something was refused.
struct Refused {
    name: Box<str>,
    entry: Entry,
    faults: Sink,
}

/// What could be read of a named table, and the table itself where that is not all of it.
fn read_named<K: Rule, T: DeserializeOwned>(
    kind: &'static str,
    name: Box<str>,
    mut entry: Entry,
    preset: &Preset,
) -> (Option<(String, scalar::Entry<T>)>, Option<Refused>) {
    let mut faults = Sink::default();
    if let Value::Table(own) = &mut entry.node.value
        && !preset.is_empty()
    {
        preset.lay(own, &[kind, &name], &mut faults);
    }
    if let Err(fault) = K::check(&name) {
        let message = format!("the name of a `[{kind}]` table: {fault}");
        let help = format!("write {}", K::EXPECTED);
        faults.error(Diagnostic::error(message).at(entry.key, "").help(help));
    }
    let key = entry.key;
    let (value, refused) = de::read(key, &entry.node, &mut faults);
    let is_refused = refused || faults.ok().is_err();
    let read = value.map(|value| (name.to_string(), scalar::Entry { key, value }));
    (read, is_refused.then_some(Refused { name, entry, faults }))
}

//! How files, `[defaults]`, `[class.NAME]`, `[env.NAME]` and `--set` become one tree.
//!
//! Tables merge key by key. Arrays and the either-or tables are replaced whole, and writing one of several
//! alternatives drops the others: `[env.dev.service.api] replicas = 1` does away with the base's `autoscale`.

use super::tree::{Entry, Node, Table, Value};
use crate::diag::{Diagnostic, Sink};

/// Keys of the table at a path of which at most one makes sense: an overlay's choice drops the base's.
///
/// Only tables of the language have such keys; in a map of names, `redis` and `kafka` are two names.
fn alternatives(path: &[&str]) -> &'static [&'static [&'static str]] {
    match path {
        ["service" | "worker" | "class", _] | ["defaults"] => {
            &[&["replicas", "autoscale"], &["kafka", "redis", "rabbitmq"]]
        }
        ["worker" | "class", _, "kafka"] | ["defaults", "kafka"] => &[&["bootstrap_servers", "bootstrap_servers_env"]],
        ["worker" | "class", _, "redis"] | ["defaults", "redis"] => &[&["address", "address_env"]],
        ["service" | "worker" | "class", _, "env", _] | ["defaults", "env", _] => &[&["value", "text"]],
        ["pgbouncer", _, "pool", _] => &[&["share", "pool_size"]],
        ["upstream", _] => &[&["count", "service"]],
        ["schedule", _] => &[&["service", "worker"], &["min", "rps", "connections", "event_rate"]],
        ["event", _, "demand", _] | ["emergency", "demand", _] => {
            &[&["factor", "rps", "event_rate", "min"], &["factor", "connections", "event_rate", "min"]]
        }
        _ => &[],
    }
}

/// Tables of which only one form makes sense at a time.
fn is_replaced_whole(path: &[&str], key: &str) -> bool {
    match path {
        ["service" | "worker" | "class", _] | ["defaults"] => key == "disruption",
        ["nodegroup", _] => key == "spot",
        _ => false,
    }
}

/// Keys that name a group of tables; files may add members to each.
pub(super) const CONTAINERS: [&str; 14] = [
    "class",
    "service",
    "worker",
    "database",
    "pgbouncer",
    "upstream",
    "nodegroup",
    "instance",
    "schedule",
    "topic",
    "redis",
    "event",
    "lints",
    "env",
];

/// Lays `over` on `base`, the table at a path of the spec.
pub(super) fn overlay(base: &mut Table, over: Table, path: &[&str]) {
    for group in alternatives(path) {
        if group.iter().any(|key| over.0.contains_key(*key)) {
            base.0.retain(|key, _| !group.contains(&&**key) || over.0.contains_key(key));
        }
    }
    let mut new = Vec::new();
    for (key, entry) in over.0 {
        match (base.0.get_mut(&key), entry) {
            (
                Some(Entry { key: place, node: Node { value: Value::Table(under), span } }),
                Entry { key: over_place, node: Node { value: Value::Table(above), span: over_span } },
            ) if !is_replaced_whole(path, &key) => {
                (*place, *span) = (over_place, over_span);
                overlay(under, above, &[path, &[&*key]].concat());
            }
            (Some(there), entry) => *there = entry,
            (None, entry) => new.push((key, entry)),
        }
    }
    base.0.extend(new);
}

/// The part of `[defaults]` that a table with these keys can take; `autoscale` is narrowed likewise.
pub(super) fn narrowed(defaults: &Table, keys: &[&str], autoscale_keys: &[&str]) -> Table {
    let mut narrowed = defaults.clone();
    narrowed.0.retain(|key, _| keys.contains(&&**key));
    if let Some(Entry { node: Node { value: Value::Table(autoscale), .. }, .. }) = narrowed.0.get_mut("autoscale") {
        autoscale.0.retain(|key, _| autoscale_keys.contains(&&**key));
    }
    narrowed
}

/// All files as one; what stands in two of them is an error that shows both places.
pub(super) fn union(files: Vec<Table>, sink: &mut Sink) -> Table {
    union_at(files, &mut Vec::new(), sink)
}

fn union_at(tables: Vec<Table>, path: &mut Vec<Box<str>>, sink: &mut Sink) -> Table {
    let mut entries = Vec::with_capacity(tables.iter().map(|it| it.0.len()).sum());
    entries.extend(tables.into_iter().flat_map(|it| it.0));
    // Stable: of two entries with one key, that of the earlier file is the first.
    entries.sort_by(|(a, _): &(Box<str>, Entry), (b, _)| a.cmp(b));
    let mut entries = entries.into_iter().peekable();
    let mut merged = Vec::with_capacity(entries.len());
    while let Some((key, mut first)) = entries.next() {
        let mut others = std::iter::from_fn(|| entries.next_if(|(it, _)| *it == key)).peekable();
        if others.peek().is_some() {
            path.push(key.clone());
            add(&mut first, others.map(|(_, entry)| entry), path, sink);
            path.pop();
        }
        merged.push((key, first));
    }
    Table(merged.into_iter().collect())
}

/// Adds what later files have under the key of `first`.
fn add(first: &mut Entry, others: impl Iterator<Item = Entry>, path: &mut Vec<Box<str>>, sink: &mut Sink) {
    let mut below = Vec::new();
    for other in others {
        match (&mut first.node.value, other.node.value) {
            (Value::Table(own), Value::Table(table)) if is_container(path) => {
                if below.is_empty() {
                    below.push(std::mem::take(own));
                }
                below.push(table);
            }
            (own, value) if path.len() == 1 && *path[0] == *"version" && *own == value => {}
            _ => {
                let twice = format!("`{}` is defined twice", path.join("."));
                let diagnostic = Diagnostic::error(twice).at(other.key, "defined again here");
                let help = "keep one of them; what differs between environments belongs under `[env.NAME]`";
                sink.error(diagnostic.at(first.key, "first defined here").help(help));
            }
        }
    }
    if !below.is_empty() {
        first.node.value = Value::Table(union_at(below, path, sink));
    }
}

/// Whether files may add to the table at this path: `service`, `env`, `env.staging`, `env.staging.service`.
fn is_container(path: &[Box<str>]) -> bool {
    match path {
        [kind] => CONTAINERS.contains(&&**kind),
        [env, _] => **env == *"env",
        [env, _, kind] => **env == *"env" && **kind != *"env" && CONTAINERS.contains(&&**kind),
        _ => false,
    }
}

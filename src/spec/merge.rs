//! How files, `[defaults]`, `[env.NAME]` and `--set` become one tree.
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
        ["service" | "worker", _] | ["defaults"] => &[&["replicas", "autoscale"], &["kafka", "redis", "rabbitmq"]],
        ["worker", _, "kafka"] | ["defaults", "kafka"] => &[&["bootstrap_servers", "bootstrap_servers_env"]],
        ["worker", _, "redis"] | ["defaults", "redis"] => &[&["address", "address_env"]],
        ["pgbouncer", _, "pool", _] => &[&["share", "pool_size"]],
        ["upstream", _] => &[&["count", "service"]],
        ["schedule", _] => &[&["service", "worker"], &["min", "rps", "connections", "event_rate"]],
        _ => &[],
    }
}

/// Tables of which only one form makes sense at a time.
fn is_replaced_whole(path: &[&str]) -> bool {
    matches!(path, ["service" | "worker", _, "disruption"] | ["defaults", "disruption"] | ["nodegroup", _, "spot"])
}

/// Keys that name a group of tables; files may add members to each.
pub(super) const CONTAINERS: [&str; 10] =
    ["service", "worker", "database", "pgbouncer", "upstream", "nodegroup", "instance", "schedule", "lints", "env"];

/// Lays `over` on `base`, the table at a path of the spec.
pub(super) fn overlay(base: &mut Table, over: Table, path: &[&str]) {
    for group in alternatives(path) {
        if group.iter().any(|key| over.0.contains_key(*key)) {
            base.0.retain(|key, _| !group.contains(&key.as_str()) || over.0.contains_key(key));
        }
    }
    for (key, entry) in over.0 {
        let below = [path, &[key.as_str()]].concat();
        match (base.0.get_mut(&key), entry) {
            (
                Some(Entry { key: place, node: Node { value: Value::Table(under), span } }),
                Entry { key: over_place, node: Node { value: Value::Table(above), span: over_span } },
            ) if !is_replaced_whole(&below) => {
                (*place, *span) = (over_place, over_span);
                overlay(under, above, &below);
            }
            (_, entry) => {
                base.0.insert(key, entry);
            }
        }
    }
}

/// The part of `[defaults]` that a table with these keys can take; `autoscale` is narrowed likewise.
pub(super) fn narrowed(defaults: &Table, keys: &[&str], autoscale_keys: &[&str]) -> Table {
    let mut narrowed = defaults.clone();
    narrowed.0.retain(|key, _| keys.contains(&key.as_str()));
    if let Some(Entry { node: Node { value: Value::Table(autoscale), .. }, .. }) = narrowed.0.get_mut("autoscale") {
        autoscale.0.retain(|key, _| autoscale_keys.contains(&key.as_str()));
    }
    narrowed
}

/// Adds another file's tables; what stands in both is an error that shows both places.
pub(super) fn union(base: &mut Table, other: Table, sink: &mut Sink) {
    union_below(base, other, &mut Vec::new(), sink);
}

fn union_below(base: &mut Table, other: Table, path: &mut Vec<String>, sink: &mut Sink) {
    for (key, entry) in other.0 {
        path.push(key);
        let key = path.last().cloned().unwrap_or_default();
        match base.0.get_mut(&key) {
            None => {
                base.0.insert(key, entry);
            }
            Some(there) => match (&mut there.node.value, entry.node.value) {
                (Value::Table(below), Value::Table(above)) if is_container(path) => {
                    union_below(below, above, path, sink);
                }
                (below, above) if path.len() == 1 && key == "version" && *below == above => {}
                _ => {
                    let twice = format!("`{}` is defined twice", path.join("."));
                    let diagnostic = Diagnostic::error(twice).at(entry.key, "defined again here");
                    let help = "keep one of them; what differs between environments belongs under `[env.NAME]`";
                    sink.error(diagnostic.at(there.key, "first defined here").help(help));
                }
            },
        }
        path.pop();
    }
}

/// Whether files may add to the table at this path: `service`, `env`, `env.staging`, `env.staging.service`.
fn is_container(path: &[String]) -> bool {
    match path {
        [kind] => CONTAINERS.contains(&kind.as_str()),
        [env, _] => env == "env",
        [env, _, kind] => env == "env" && kind != "env" && CONTAINERS.contains(&kind.as_str()),
        _ => false,
    }
}

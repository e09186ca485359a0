//! Docker Compose: what an override file of capgen's says about services that somebody wrote.
//!
//! capgen lays its file over that with the images, so only what such a file can say is compared: [`capacity`] has that
//! part of a Compose file, spelled as capgen spells it. A memory of `2G` is 2 GiB there.

use std::borrow::Cow;

use super::draft::Unit;
use super::found::Found;
use super::toml::{Table, Value};
use super::tree;
use super::workloads::{self, Target, Workload};
use crate::doc::object::{self, Identity, Object};
use crate::doc::value::{self, Node};
use crate::unit::duration::Duration;
use crate::unit::exact::Exact;
use crate::unit::quantity::{Quantity, compose_bytes, format_compose_bytes, format_millicpu};

/// Fields of `deploy` and how each is spelled, by the key of the spec's table.
type Fields = [(&'static str, Spelling)];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Spelling {
    Number,
    Word,
    Duration,
    /// A part from 0 to 1.
    Ratio,
}

const UPDATE: &Fields = &[
    ("parallelism", Spelling::Number),
    ("delay", Spelling::Duration),
    ("failure_action", Spelling::Word),
    ("monitor", Spelling::Duration),
    ("max_failure_ratio", Spelling::Ratio),
    ("order", Spelling::Word),
];

const RESTART: &Fields = &[
    ("condition", Spelling::Word),
    ("delay", Spelling::Duration),
    ("max_attempts", Spelling::Number),
    ("window", Spelling::Duration),
];

/// The part of a Compose file that an override of capgen's can say, under that override's name.
pub fn capacity(file: Object) -> Object {
    let services = tree::entries_at(&file.tree, "services").iter();
    let services = services.filter_map(|(name, it)| Some((name.clone(), map([("deploy", deploy(it)?)])))).collect();
    let tree = map([("services", value::Value::Map(services).into())]);
    Object { identity: Identity::File { path: object::OVERRIDE.to_owned() }, tree, ..file }
}

/// `None` where a service says nothing of its capacity, or runs once on every machine.
fn deploy(service: &Node) -> Option<Node> {
    let (deploy, scale) = (service.get("deploy"), service.get("scale"));
    let is_replicated = deploy.and_then(|it| tree::text_at(it, "mode")).is_none_or(|it| it == "replicated");
    if deploy.is_none_or(|it| tree::entries(it).is_empty()) && scale.is_none() || !is_replicated {
        return None;
    }
    let one = || value::Value::Int(1).into();
    let replicas = deploy.and_then(|it| it.get("replicas")).or(scale).map_or_else(one, number);
    let amounts = |place: &str| {
        let amounts = deploy.and_then(|it| tree::at(it, place));
        let of = |key: &str, spelled: fn(&Node) -> Node| Some((key.to_owned().into(), spelled(amounts?.get(key)?)));
        filled([of("cpus", cpus), of("memory", memory)].into_iter().flatten().collect())
    };
    let of = |place: &str, fields: &Fields| {
        let node = deploy.and_then(|it| it.get(place));
        let said =
            fields.iter().filter_map(|(key, spelling)| Some(((*key).into(), spelled(node?.get(key)?, *spelling))));
        filled(said.collect())
    };
    let resources = [("limits", amounts("resources limits")), ("reservations", amounts("resources reservations"))];
    let resources = resources.into_iter().filter_map(|(key, node)| Some((key.into(), node?))).collect();
    let parts = [
        ("replicas", Some(replicas)),
        ("update_config", of("update_config", UPDATE)),
        ("resources", filled(resources)),
        ("restart_policy", of("restart_policy", RESTART)),
    ];
    filled(parts.into_iter().filter_map(|(key, node)| Some((key.into(), node?))).collect())
}

fn map<const N: usize>(entries: [(&'static str, Node); N]) -> Node {
    value::Value::Map(entries.into_iter().map(|(key, node)| (Cow::Borrowed(key), node)).collect()).into()
}

fn filled(entries: Vec<(Cow<'static, str>, Node)>) -> Option<Node> {
    (!entries.is_empty()).then(|| value::Value::Map(entries).into())
}

fn said(text: String) -> Node {
    value::Value::Text(Cow::Owned(text)).into()
}

fn number(node: &Node) -> Node {
    tree::int(node).map_or_else(|| node.clone(), |it| value::Value::Int(it).into())
}

/// A field as capgen spells it, or as it stands where it is nothing that a spec could say.
fn spelled(node: &Node, spelling: Spelling) -> Node {
    let text = tree::text(node);
    let known = match spelling {
        Spelling::Number => return number(node),
        Spelling::Word => text,
        Spelling::Ratio => text.and_then(|it| ratio(&it)),
        Spelling::Duration => text.and_then(|it| Duration::parse(&it).ok()).map(|it| match it.whole_seconds() {
            Some(seconds) => format!("{seconds}s"),
            None => format!("{}ms", it.millis()),
        }),
    };
    known.map_or_else(|| node.clone(), said)
}

fn ratio(text: &str) -> Option<String> {
    text.parse::<f64>().ok().filter(|it| (0.0..=1.0).contains(it)).map(|it| it.to_string())
}

fn cpus(node: &Node) -> Node {
    millis(node).map_or_else(|| node.clone(), |it| said(Exact::fraction(it, 1000).to_string()))
}

/// Cores in thousandths; `None` where they are no whole number of those.
fn millis(node: &Node) -> Option<i64> {
    let cores = Quantity::parse(&tree::text(node)?).ok()?;
    Some(cores.milli_ceil()).filter(|it| i128::from(*it) * 1_000_000 == cores.nano() && *it > 0)
}

fn memory(node: &Node) -> Node {
    bytes(node).map_or_else(|| node.clone(), |it| said(format_compose_bytes(it)))
}

fn bytes(node: &Node) -> Option<i64> {
    compose_bytes(&tree::text(node)?).filter(|it| *it > 0)
}

/// Adds the services of every Compose file that no manifest has already, and returns the table of those that have a
/// capacity.
pub(super) fn add(workloads: &mut Vec<Workload>, found: &mut Found<'_>) -> Option<Unit> {
    let taken =
        found.of_format(|it| matches!(it, Identity::File { path } if path == object::OVERRIDE)).first().copied();
    let mut run = Vec::new();
    let texts = found.texts;
    for (file, text) in texts {
        let Some(whole) = object::compose(file, text) else { continue };
        found.read.insert(file.clone());
        let capacity = taken.map(|it| &found.objects[it]).filter(|it| it.file == *file).map(|it| &it.tree);
        for (name, service) in tree::entries_at(&whole.tree, "services") {
            let place = format!("{file}:{}", line(text, name));
            let deploy = capacity.and_then(|it| it.get("services")?.get(name)?.get("deploy"));
            match one(&place, name, service, deploy, workloads, found) {
                Some(key) => run.extend(deploy.map(|it| (key, name.to_string(), place, it.clone()))),
                None => continue,
            }
        }
    }
    let index = taken.filter(|_| !run.is_empty())?;
    found.take(index);
    let mut compose = Table::new(&["compose"], found.place(index, ""));
    compose.add("runs", Value::List(run.iter().map(|(key, ..)| Value::text(key)).collect()));
    let own = run.into_iter().filter_map(|(key, name, place, deploy)| own(&key, &name, place, &deploy));
    let tables = std::iter::once(compose).chain(own).collect();
    Some(Unit { table: "compose".to_owned(), objects: found.described(&[index]), tables, ..Unit::default() })
}

/// What one service has for itself.
fn own(key: &str, name: &str, place: String, deploy: &Node) -> Option<Table> {
    let mut table = Table::new(&["compose", "service", key], place);
    if key != name {
        table.add("name", Value::text(name));
    }
    for (place, wanted, fields) in [("update_config", "update", UPDATE), ("restart_policy", "restart", RESTART)] {
        let entries: Vec<_> = tree::entries_at(deploy, place)
            .iter()
            .filter_map(|(key, node)| {
                let spelling = fields.iter().find(|(it, _)| it == key).map(|(_, it)| *it)?;
                let text = tree::text(node)?;
                let value = match spelling {
                    Spelling::Number => tree::int(node).map_or(Value::Text(text), Value::Int),
                    Spelling::Ratio => ratio(&text).map_or(Value::Text(text), Value::Decimal),
                    Spelling::Word | Spelling::Duration => Value::Text(text),
                };
                Some((key.to_string(), value))
            })
            .collect();
        if !entries.is_empty() {
            table.add(wanted, Value::Inline(entries));
        }
    }
    (!table.entries.is_empty()).then_some(table)
}

/// The key of a service's table; `None` where it stays out of the spec.
fn one(
    place: &str,
    name: &str,
    service: &Node,
    deploy: Option<&Node>,
    workloads: &mut Vec<Workload>,
    found: &mut Found<'_>,
) -> Option<String> {
    let object = format!("compose service {name}");
    if workloads.iter().any(|it| it.name == name) {
        found.stays_beside(place.to_owned(), &object, "a manifest of this name counts".to_owned());
        return None;
    }
    if tree::text_at(service, "deploy mode").is_some_and(|it| it != "replicated") {
        found.stays_beside(place.to_owned(), &object, "how many there are is not said".to_owned());
        return None;
    }
    let replicas = tree::int_at(service, "deploy replicas").or_else(|| tree::int_at(service, "scale")).unwrap_or(1);
    let target = Target { kind: "Deployment".to_owned(), api_version: "apps/v1".to_owned(), name: name.to_owned() };
    let mut workload = Workload::new(target, place.to_owned());
    let mut names = workloads.iter().map(|it| it.key.clone()).collect();
    workload.key = workloads::unique(name, "service", &mut names);
    // It is no object of Kubernetes: only the table has a name.
    workload.name.clone_from(&workload.key);
    workload.replicas = Some((replicas, String::new()));
    let resources = resources(service);
    workload.resources = (!resources.is_empty()).then_some((resources, String::new()));
    let key = workload.key.clone();
    workloads.push(workload);
    if deploy.is_none() {
        let why = "capgen counts with it, and nothing in it is for a spec".to_owned();
        found.stays_beside(place.to_owned(), &object, why);
    }
    Some(key)
}

fn line(text: &str, name: &str) -> usize {
    let starts = |line: &str| line.trim_start().strip_prefix(name).is_some_and(|it| it.trim_start().starts_with(':'));
    let services = text.lines().position(|it| it.starts_with("services:")).unwrap_or(0);
    text.lines().skip(services).position(starts).map_or(1, |it| services + it + 1)
}

/// Limits and reservations, each only where it is said: what is not said, the build does not add.
fn resources(service: &Node) -> Value {
    let node = |place: &str| tree::at(service, "deploy resources").and_then(|it| tree::at(it, place));
    let cores = |place: &str| node(place).and_then(millis).map(|it| Value::Text(format_millicpu(it)));
    let sizes = |place: &str| node(place).and_then(bytes).map(|it| Value::Text(size(it)));
    Value::inline([
        ("cpu", cores("reservations cpus")),
        ("memory", sizes("reservations memory")),
        ("cpu_limit", cores("limits cpus")),
        ("memory_limit", sizes("limits memory")),
    ])
}

/// Bytes as a quantity, exactly.
fn size(bytes: i64) -> String {
    let units = [(30, "Gi"), (20, "Mi"), (10, "Ki")];
    let fitting = units.into_iter().find(|(power, _)| bytes % (1 << power) == 0);
    fitting.map_or_else(|| bytes.to_string(), |(power, unit)| format!("{}{unit}", bytes >> power))
}

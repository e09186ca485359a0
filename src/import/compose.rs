//! Docker Compose: how many containers a service has, and what each may take.
//!
//! capgen writes no compose file, it counts with what stands in one. A memory of `2G` is 2 GiB there.

use super::found::Found;
use super::toml::Value;
use super::tree;
use super::workloads::{self, Target, Workload};
use crate::doc::value::{self, Node};
use crate::doc::yaml::{self, Limits};
use crate::unit::quantity::{compose_bytes, format_mebibytes, format_millicpu};

/// Adds the services of every compose file that no manifest has already.
pub(super) fn add(workloads: &mut Vec<Workload>, found: &mut Found<'_>) {
    let texts = found.texts;
    for (file, text) in texts {
        let is_yaml = !file.ends_with(".json") && !file.ends_with(".ini") && !file.ends_with(".conf");
        if !is_yaml || !text.lines().any(|it| it.starts_with("services:")) {
            continue;
        }
        let documents = yaml::parse(text, &Limits::default()).unwrap_or_default();
        found.read.insert(file.clone());
        for document in documents.iter().filter(|it| it.get("apiVersion").is_none()) {
            for (name, service) in tree::entries_at(document, "services") {
                one(file, text, name, service, workloads, found);
            }
        }
    }
}

fn one(file: &str, text: &str, name: &str, service: &Node, workloads: &mut Vec<Workload>, found: &mut Found<'_>) {
    let place = format!("{file}:{}", line(text, name));
    let object = format!("compose service {name}");
    if workloads.iter().any(|it| it.name == name) {
        return found.stays_beside(place, &object, "a manifest of this name counts".to_owned());
    }
    if tree::text_at(service, "deploy mode").is_some_and(|it| it != "replicated") {
        return found.stays_beside(place, &object, "how many there are is not said".to_owned());
    }
    let replicas = tree::int_at(service, "deploy replicas").or_else(|| tree::int_at(service, "scale")).unwrap_or(1);
    let target = Target { kind: "Deployment".to_owned(), api_version: "apps/v1".to_owned(), name: name.to_owned() };
    let mut workload = Workload::new(target, place.clone());
    let mut names = workloads.iter().map(|it| it.key.clone()).collect();
    workload.key = workloads::unique(name, "service", &mut names);
    // It is no object of Kubernetes: only the table has a name.
    workload.name.clone_from(&workload.key);
    workload.replicas = Some((replicas, String::new()));
    let resources = resources(service);
    workload.resources = (!resources.is_empty()).then_some((resources, String::new()));
    workloads.push(workload);
    found.stays_beside(place, &object, "capgen counts with it and writes no compose file".to_owned());
}

fn line(text: &str, name: &str) -> usize {
    let starts = |line: &str| line.trim_start().strip_prefix(name).is_some_and(|it| it.trim_start().starts_with(':'));
    let services = text.lines().position(|it| it.starts_with("services:")).unwrap_or(0);
    text.lines().skip(services).position(starts).map_or(1, |it| services + it + 1)
}

fn resources(service: &Node) -> Value {
    let cpu = |place: &str| tree::at(service, place).and_then(millis).filter(|it| *it > 0);
    let memory =
        |place: &str| tree::text_at(service, place).and_then(|it| compose_bytes(&it)).filter(|it| *it >= 1 << 20);
    let limits = (cpu("deploy resources limits cpus"), memory("deploy resources limits memory"));
    let own = (cpu("deploy resources reservations cpus"), memory("deploy resources reservations memory"));
    let own = (own.0.or(limits.0), own.1.or(limits.1));
    let above = |request: Option<i64>, limit: Option<i64>| limit.filter(|it| request.is_none_or(|own| own <= *it));
    let cpus = |it: Option<i64>| it.map(|it| Value::Text(format_millicpu(it)));
    let sizes = |it: Option<i64>| it.map(|it| Value::Text(format_mebibytes(it)));
    Value::inline([
        ("cpu", cpus(own.0)),
        ("memory", sizes(own.1)),
        ("cpu_limit", cpus(above(own.0, limits.0))),
        ("memory_limit", sizes(above(own.1, limits.1))),
    ])
}

/// `'0.5'` in thousandths, rounded up.
fn millis(node: &Node) -> Option<i64> {
    let text = match &node.value {
        value::Value::Float(number) => number.to_string(),
        _ => tree::text(node)?,
    };
    crate::unit::quantity::Quantity::parse(&text).ok().map(|it| it.milli_ceil())
}

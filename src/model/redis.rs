//! Redis: what each server may keep, how many of them data and operations need, and who connects.
//!
//! How many there are is the business of `size`, who may connect that of `clients`, what else a file may say that of
//! `settings`. How a cluster is made of the servers, and how a file spells all this, is the target's.

mod clients;
mod settings;
mod size;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::diag::source::{Span, Spanned};
use crate::spec::Spec;
use crate::spec::redis::{Eviction, Redis as Written};
use crate::spec::scalar::{Entry, Whole};
use crate::why::{Address, Derived};

use super::pattern;
use super::reasons::{Answer, Reasons};
use super::workloads::Workload;

/// Redis servers of one kind.
#[derive(Debug, Clone)]
pub struct Redis {
    pub name: String,
    /// `redis.cache`.
    pub address: Address,
    /// Where the table's name stands.
    pub place: Span,
    /// What makes the servers one cluster; `None` where each stands alone.
    pub cluster: Option<Cluster>,
    pub port: Derived<i64>,
    /// In the order of their numbers.
    pub hosts: Vec<Derived<String>>,
    /// `host:port` of each.
    pub endpoints: Vec<Derived<String>>,
    /// Names and values as Redis spells them, in the order of the file.
    pub settings: Vec<(String, Derived<String>)>,
    /// Connections of all pods to one server; `None` where nobody says.
    pub max_connections: Option<Derived<i64>>,
    /// Connections of one pod to one server, by the workload's name.
    pub per_pod: Vec<(String, Derived<i64>)>,
    pub config_map: Derived<String>,
}

/// A Redis Cluster.
#[derive(Debug, Clone)]
pub struct Cluster {
    pub masters: Derived<i64>,
    /// Of each master.
    pub replicas: Derived<i64>,
    /// Masters and replicas.
    pub servers: Derived<i64>,
    /// First and last slot of each master of a new cluster: `0-5460`.
    pub slots: Vec<Derived<String>>,
}

/// A ConfigMap of pools.
#[derive(Debug, Clone)]
pub struct RedisPools {
    pub name: Derived<String>,
    /// Where the first table of it stands.
    pub place: Span,
    /// `redis.cache` of the first table.
    pub owner: Address,
    /// The tables that share it, by name.
    pub members: Derived<String>,
}

/// The highest port of a cluster: its servers talk to each other on the port 10000 above (`redis.conf`, `cluster-port`).
const HIGHEST_CLUSTER_PORT: i64 = 55_535;

/// The Redis servers of a spec, sorted by name; a table with errors is left out.
pub(super) fn resolve(spec: &Spec, workloads: &[Workload], reasons: &mut Reasons) -> Vec<Redis> {
    clients::check_names(spec, reasons);
    let mut claimed: BTreeMap<String, (Span, &str)> = BTreeMap::new();
    let mut found = Vec::new();
    for (name, entry) in spec.redis.iter().filter(|(name, _)| !spec.is_damaged("redis", name)) {
        let Some(redis) = redis(name, entry, workloads, reasons) else { continue };
        let twice = redis.endpoints.iter().find_map(|it| Some((it, *claimed.get(&it.value)?)));
        if let Some((endpoint, (first, other))) = twice {
            let message = format!("`{}` is a server of `redis.{other}` and of `redis.{name}`", endpoint.value);
            let diagnostic = Diagnostic::error(message).at(entry.value.host.span, "here again").at(first, "first here");
            reasons.sink.error(diagnostic.help("give one of them another `host` or `port`"));
        }
        claimed.extend(redis.endpoints.iter().map(|it| (it.value.clone(), (entry.value.host.span, name))));
        found.push(redis);
    }
    found
}

/// The ConfigMaps, sorted by name: each has the pools of the tables that name it.
pub(super) fn pools(all: &[Redis], reasons: &mut Reasons) -> Vec<RedisPools> {
    let mut maps: BTreeMap<&str, Vec<&Redis>> = BTreeMap::new();
    for redis in all.iter().filter(|it| it.max_connections.is_some()) {
        maps.entry(&redis.config_map.value).or_default().push(redis);
    }
    let map = |members: Vec<&Redis>| {
        let first = *members.first()?;
        let names: Vec<&str> = members.iter().map(|it| it.name.as_str()).collect();
        let answer = Answer {
            value: names.join(", "),
            symbolic: "the tables that name this ConfigMap, with their servers and connections",
            numbers: names.join(" + "),
            inputs: members.iter().flat_map(|it| it.inputs_of_pool()).collect(),
        };
        let members = reasons.computed(first.address.child("pools"), answer);
        let (name, place, owner) = (first.config_map.clone(), first.place, first.address.clone());
        Some(RedisPools { name, place, owner, members })
    };
    maps.into_values().filter_map(map).collect()
}

impl Redis {
    /// What decides what clients are told.
    fn inputs_of_pool(&self) -> Vec<Address> {
        let servers = if self.cluster.is_some() { "servers" } else { "masters" };
        let own = ["host", "first", servers, "port", "max_connections"].map(|it| self.address.child(it));
        own.into_iter().chain(self.per_pod.iter().map(|(_, it)| it.address.clone())).collect()
    }
}

fn redis(name: &str, entry: &Entry<Written>, workloads: &[Workload], reasons: &mut Reasons) -> Option<Redis> {
    let (address, written) = (Address::of(["redis", name]), &entry.value);
    let reason = "one cluster, so that it can grow";
    let is_cluster = reasons.written_or(address.child("cluster"), written.cluster.as_ref(), true, reason).value;
    let port = port(&address, written, is_cluster, reasons);
    let maxmemory = size::maxmemory(&address, entry, reasons)?;
    let masters = size::masters(&address, entry, is_cluster, &maxmemory, reasons)?;
    let cluster = match is_cluster {
        true => Some(size::cluster(&address, entry, masters.clone(), reasons)?),
        false => {
            size::check_alone(written, reasons);
            None
        }
    };
    let servers = cluster.as_ref().map_or(&masters, |it| &it.servers);
    let hosts = hosts(&address, written, servers, reasons)?;
    let endpoint = |host: &Derived<String>| match host.value.contains(':') {
        true => host.map(|host| format!("[{host}]:{}", port.value)),
        false => host.map(|host| format!("{host}:{}", port.value)),
    };
    let clients = clients::resolve(&address, entry, workloads, cluster.as_ref(), reasons)?;
    let settings = settings(&address, written, [&port, &maxmemory, &clients.maxclients], is_cluster, reasons);
    let config_map = match &written.config_map {
        Some(name) => reasons.taken(address.child("config_map"), name.value.as_str().to_owned(), name.span),
        None => reasons.default(address.child("config_map"), "redis-pools".to_owned(), "what it holds"),
    };
    Some(Redis {
        name: name.to_owned(),
        place: entry.key,
        cluster,
        endpoints: hosts.iter().map(endpoint).collect(),
        port,
        hosts,
        settings,
        max_connections: clients.max_connections,
        per_pod: clients.per_pod,
        config_map,
        address,
    })
}

fn port(address: &Address, written: &Written, is_cluster: bool, reasons: &mut Reasons) -> Derived<i64> {
    let port = number(written.port);
    let has_own_bus = written.settings.iter().flat_map(|it| it.iter()).any(|(name, _)| name == "cluster-port");
    if let Some(high) = port.filter(|it| is_cluster && !has_own_bus && it.value > HIGHEST_CLUSTER_PORT) {
        let message = format!(
            "a cluster on port {} would talk on port {}, which does not exist",
            high.value,
            high.value + 10_000
        );
        let diagnostic = Diagnostic::error(message).at(high.span, "10000 above is the cluster's own port");
        let help = format!("write `port = {HIGHEST_CLUSTER_PORT}` or less, or the setting `cluster-port`");
        reasons.sink.error(diagnostic.help(help));
    }
    reasons.written_or(address.child("port"), port.as_ref(), 6379, "Redis' own")
}

fn hosts(
    address: &Address,
    written: &Written,
    servers: &Derived<i64>,
    reasons: &mut Reasons,
) -> Option<Vec<Derived<String>>> {
    let first = number(written.first);
    let first = reasons.written_or(address.child("first"), first.as_ref(), 0, "as a StatefulSet counts its pods");
    let example = "host = \"redis-cache-{n}\"";
    pattern::hosts_from(&first, &written.host, servers, &address.child("host"), example, reasons)
}

/// The file: what follows from the model, then what the spec adds.
fn settings(
    address: &Address,
    written: &Written,
    [port, maxmemory, maxclients]: [&Derived<i64>; 3],
    is_cluster: bool,
    reasons: &mut Reasons,
) -> Vec<(String, Derived<String>)> {
    let policy = written.maxmemory_policy.as_ref();
    let reason = "Redis' own: what was written stays, and writes beyond it fail";
    let policy = reasons.written_or(address.child("maxmemory_policy"), policy, Eviction::Noeviction, reason);
    let mut settings = vec![
        ("port".to_owned(), port.map(i64::to_string)),
        ("maxmemory".to_owned(), maxmemory.map(i64::to_string)),
        ("maxmemory-policy".to_owned(), policy.map(Eviction::to_string)),
        ("maxclients".to_owned(), maxclients.map(i64::to_string)),
    ];
    if is_cluster {
        let enabled = Derived { value: "yes".to_owned(), address: address.child("cluster") };
        settings.push(("cluster-enabled".to_owned(), enabled));
    }
    settings.extend(settings::resolve(written, address, reasons));
    settings
}

/// The bare number of the spec's.
fn number<const MIN: i64, const MAX: i64>(written: Option<Spanned<Whole<MIN, MAX>>>) -> Option<Spanned<i64>> {
    written.map(|it| Spanned { value: it.value.0, span: it.span })
}

//! Redis: how many servers data and operations need, what each may keep, and who may connect.
//!
//! A cluster has 16384 slots and at least three masters (redis `src/cluster.h`, `redis-cli --cluster create`). Check: 30 GiB in
//! masters of 6 GiB each with a margin of 1.5 are ceil(7.5) = 8 masters, 16 servers with one replica each.
//!
//! `maxmemory` counts data only (`src/evict.c`, `getMaxmemoryState`: buffers of replicas and the file of appends are left out),
//! and a fork copies every page that is written meanwhile; a quarter is what ElastiCache reserves (`reserved-memory-percent`).

mod clients;
mod settings;

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::diag::source::{Span, Spanned};
use crate::spec::Spec;
use crate::spec::redis::{Policy, Redis as Written};
use crate::spec::scalar::Entry;
use crate::unit::exact::Exact;
use crate::unit::kubernetes;
use crate::unit::quantity::format_mebibytes;
use crate::why::{Address, Derived};

use super::pattern;
use super::reasons::{Answer, Reasons, more_is_more};
use super::workloads::Workload;

/// Redis servers of one kind.
#[derive(Debug, Clone)]
pub struct Redis {
    pub name: String,
    /// `redis.cache`.
    pub address: Address,
    pub is_cluster: bool,
    pub masters: Derived<i64>,
    pub replicas: Derived<i64>,
    /// Masters and replicas.
    pub servers: Derived<i64>,
    /// `host:port` of every server, in the order of their numbers.
    pub endpoints: Vec<Derived<String>>,
    /// Names and values as Redis spells them, in the order of the file.
    pub settings: Vec<(String, Derived<String>)>,
    /// Connections of all pods to one server; `None` where nobody says.
    pub max_connections: Option<Derived<i64>>,
    pub config_map: Derived<String>,
    /// Where the table's name stands.
    pub place: Span,
}

/// `redis-cli --cluster create` refuses fewer.
const FEWEST_MASTERS: i64 = 3;

/// Every master has a slot at least, and a thousand nodes is what the specification of the cluster names as its limit.
const MOST_SERVERS: i64 = 1000;

/// Less memory is no server.
const LEAST_MEMORY: i64 = 16 << 20;
const MOST_MEMORY: i64 = 16 << 40;

/// The Redis servers of a spec, sorted by name; a table with errors is left out.
pub(super) fn resolve(spec: &Spec, workloads: &[Workload], reasons: &mut Reasons) -> Vec<Redis> {
    let mut claimed: BTreeMap<String, (Span, &str)> = BTreeMap::new();
    let mut found = Vec::new();
    for (name, entry) in spec.redis.iter().filter(|(name, _)| !spec.is_damaged("redis", name)) {
        let Some(redis) = redis(spec, name, entry, workloads, reasons) else { continue };
        for endpoint in &redis.endpoints {
            if let Some((first, other)) = claimed.insert(endpoint.value.clone(), (entry.value.host.span, name)) {
                let message = format!("`{}` is a server of `redis.{other}` and of `redis.{name}`", endpoint.value);
                let diagnostic = Diagnostic::error(message).at(entry.value.host.span, "here again").at(first, "first here");
                reasons.sink.error(diagnostic.help("give one of them another `host`"));
                break;
            }
        }
        found.push(redis);
    }
    found
}

fn redis(
    spec: &Spec,
    name: &str,
    entry: &Entry<Written>,
    workloads: &[Workload],
    reasons: &mut Reasons,
) -> Option<Redis> {
    let (address, written) = (Address::of(["redis", name]), &entry.value);
    let is_cluster = written.cluster.is_none_or(|it| it.value);
    let reason = "one cluster, so that it can grow";
    reasons.written_or(address.child("cluster"), written.cluster.as_ref(), true, reason);
    let port = number(written.port);
    let port = reasons.written_or(address.child("port"), port.as_ref(), 6379, "Redis' own");
    let maxmemory = maxmemory(&address, written, reasons)?;
    let masters = masters(&address, entry, is_cluster, &maxmemory, reasons)?;
    let default = i64::from(is_cluster);
    let replicas = number(written.replicas);
    let reason = "in a cluster a master that fails is replaced, elsewhere nobody would do that";
    let replicas = reasons.written_or(address.child("replicas"), replicas.as_ref(), default, reason);
    let servers = servers(&address, entry, &masters, &replicas, reasons)?;
    let first = number(written.first);
    let first = reasons.written_or(address.child("first"), first.as_ref(), 0, "as a StatefulSet counts its pods");
    let hosts = pattern::counted(
        &written.host,
        (&servers, first.value),
        &address.child("host"),
        kubernetes::host,
        "host = \"redis-cache-{n}\"",
        reasons,
    )?;
    let endpoint = |host: &Derived<String>| {
        host.map(|host| if host.contains(':') { format!("[{host}]:{}", port.value) } else { format!("{host}:{}", port.value) })
    };
    let maxclients = number(written.maxclients);
    let maxclients = reasons.written_or(address.child("maxclients"), maxclients.as_ref(), 10_000, "Redis' own");
    let max_connections = clients::resolve(spec, &address, entry, workloads, &maxclients, reasons);
    let policy = written.maxmemory_policy.as_ref();
    let reason = "Redis' own: what is written stays, and writes beyond it fail";
    let policy = reasons.written_or(address.child("maxmemory_policy"), policy, Policy::Noeviction, reason);
    let text = |name: &str, value: Derived<String>| (name.to_owned(), value);
    let mut settings = vec![
        text("port", port.map(i64::to_string)),
        text("maxmemory", maxmemory.map(i64::to_string)),
        text("maxmemory-policy", policy.map(Policy::to_string)),
        text("maxclients", maxclients.map(i64::to_string)),
    ];
    if is_cluster {
        settings.push(text("cluster-enabled", Derived { value: "yes".to_owned(), address: address.child("cluster") }));
    }
    settings.extend(settings::resolve(written, &address, reasons));
    let config_map = match &written.config_map {
        Some(name) => reasons.taken(address.child("config_map"), name.value.as_str().to_owned(), name.span),
        None => reasons.default(address.child("config_map"), "redis-pools".to_owned(), "what it holds"),
    };
    Some(Redis {
        name: name.to_owned(),
        is_cluster,
        masters,
        replicas,
        servers,
        endpoints: hosts.iter().map(endpoint).collect(),
        settings,
        max_connections,
        config_map,
        place: entry.key,
        address,
    })
}

fn number<const MIN: i64, const MAX: i64>(
    written: Option<Spanned<crate::spec::scalar::Whole<MIN, MAX>>>,
) -> Option<Spanned<i64>> {
    written.map(|it| Spanned { value: it.value.0, span: it.span })
}

/// `floor(memory × (1 − reserve))`, in bytes.
fn maxmemory(address: &Address, written: &Written, reasons: &mut Reasons) -> Option<Derived<i64>> {
    let bytes = written.memory.value.bytes_ceil();
    let memory = reasons.written(address.child("memory"), &written.memory);
    if !(LEAST_MEMORY..=MOST_MEMORY).contains(&bytes) {
        let message = format!("`memory` is {}: a Redis server has 16Mi to 16Ti", memory.value);
        reasons.sink.error(Diagnostic::error(message).at(written.memory.span, "").help("memory = \"2Gi\""));
        return None;
    }
    let reserve = number(written.reserve);
    let reason = "what ElastiCache reserves: fork, buffers, fragmentation";
    let reserve = reasons.written_or(address.child("reserve"), reserve.as_ref(), 25, reason);
    let part = Exact::fraction(100 - reserve.value, 100) * Exact::from(bytes);
    let answer = Answer {
        value: part.floor().unwrap_or(i64::MAX),
        symbolic: "floor(memory × (100 − reserve) / 100)",
        numbers: format!("floor({bytes} × (100 − {}) / 100)", reserve.value),
        inputs: vec![memory.address, reserve.address],
    };
    let pin = written.maxmemory.as_ref().map(|it| Spanned { value: it.value.bytes_ceil(), span: it.span });
    if let Some(pin) = pin.filter(|it| it.value > bytes || it.value < 1 << 20) {
        let message = format!("`maxmemory` must lie between 1Mi and the memory of {}", written.memory.value);
        let diagnostic = Diagnostic::error(message).at(pin.span, "").at(written.memory.span, "all that there is");
        reasons.sink.error(diagnostic.help(format!("maxmemory = \"{}\"", format_mebibytes(answer.value))));
        return None;
    }
    reasons.decided(address.child("maxmemory"), pin.as_ref(), Some(answer), more_is_more)
}

fn masters(
    address: &Address,
    entry: &Entry<Written>,
    is_cluster: bool,
    maxmemory: &Derived<i64>,
    reasons: &mut Reasons,
) -> Option<Derived<i64>> {
    let (at, written) = (address.child("masters"), &entry.value);
    let least = if is_cluster { FEWEST_MASTERS } else { 1 };
    let pin = number(written.masters);
    if let Some(pin) = pin.filter(|it| it.value < least) {
        let message = format!("a Redis Cluster has {FEWEST_MASTERS} masters at least, not {}", pin.value);
        let diagnostic = Diagnostic::error(message).at(pin.span, "");
        reasons.sink.error(diagnostic.help(format!("write `masters = {FEWEST_MASTERS}`, or `cluster = false`")));
        return None;
    }
    let margin = written.safety_margin.as_ref().map(|it| Spanned { value: it.value.0, span: it.span });
    let at_margin = address.child("safety_margin");
    let margin = reasons.written_or(at_margin, margin.as_ref(), Exact::fraction(3, 2), "as for services");
    let (mut value, mut numbers) = (least, vec![least.to_string()]);
    let mut inputs = vec![address.child("cluster"), margin.address.clone()];
    if let Some(dataset) = &written.dataset {
        let bytes = dataset.value.bytes_ceil();
        let all = reasons.written(address.child("dataset"), dataset);
        let exact = Exact::from(bytes) / Exact::from(maxmemory.value) * margin.value;
        value = value.max(reasons.ceil(exact, &at, dataset.span)?);
        numbers.push(format!("ceil({bytes} / {} × {})", maxmemory.value, margin.value));
        inputs.extend([all.address, maxmemory.address.clone()]);
    }
    let target = written.target_ops.as_ref().map(|it| (reasons.taken(address.child("target_ops"), it.value.0, it.span), it.span));
    let each = written.ops_per_master.as_ref();
    let each = each.map(|it| reasons.taken(address.child("ops_per_master"), it.value.0, it.span));
    if let (Some((target, place)), Some(each)) = (target, each) {
        let exact = target.value / each.value * margin.value;
        value = value.max(reasons.ceil(exact, &at, place)?);
        numbers.push(format!("ceil({} / {} × {})", target.value, each.value, margin.value));
        inputs.extend([target.address, each.address]);
    }
    let symbolic = "max(3 in a cluster, ceil(dataset / maxmemory × safety_margin), \
                    ceil(target_ops / ops_per_master × safety_margin))";
    let numbers = format!("max({})", numbers.join(", "));
    reasons.decided(at, pin.as_ref(), Some(Answer { value, symbolic, numbers, inputs }), more_is_more)
}

fn servers(
    address: &Address,
    entry: &Entry<Written>,
    masters: &Derived<i64>,
    replicas: &Derived<i64>,
    reasons: &mut Reasons,
) -> Option<Derived<i64>> {
    let value = masters.value.saturating_mul(1 + replicas.value);
    if value > MOST_SERVERS {
        let message = format!("`{address}` asks for {value} servers, {MOST_SERVERS} are the most");
        let note = format!("{} masters with {} replicas each", masters.value, replicas.value);
        let help = "more `memory` for each, or check the units of the load";
        reasons.sink.error(Diagnostic::error(message).at(entry.key, "").note(note).help(help));
        return None;
    }
    let numbers = format!("{} × (1 + {})", masters.value, replicas.value);
    let inputs = vec![masters.address.clone(), replicas.address.clone()];
    let answer = Answer { value, symbolic: "masters × (1 + replicas)", numbers, inputs };
    Some(reasons.computed(address.child("servers"), answer))
}

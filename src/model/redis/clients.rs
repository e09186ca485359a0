//! Who connects to one Redis server: every pod at its most replicas, and what else a server counts as a client.
//!
//! A server of a cluster counts two connections to every other one, in and out (`src/networking.c`, `acceptCommonHandler`;
//! `src/cluster.c`, `getClusterConnectionsCount`). Check: 100 pods with 10 each, 32 reserved and 6 servers are 1042 clients.

use std::cmp::Ordering;

use crate::diag::{Diagnostic, suggest};
use crate::spec::Spec;
use crate::spec::redis::Redis as Written;
use crate::spec::scalar::Entry;
use crate::unit::exact::Exact;
use crate::why::{Address, Derived};

use super::super::reasons::{Answer, Reasons, more_is_more};
use super::super::workloads::Workload;
use super::{Cluster, number};

/// Who may connect.
pub(super) struct Clients {
    pub(super) max_connections: Option<Derived<i64>>,
    pub(super) per_pod: Vec<(String, Derived<i64>)>,
    pub(super) maxclients: Derived<i64>,
}

/// What Redis lets in where nobody says otherwise (`redis.conf`).
const MAXCLIENTS: i64 = 10_000;

/// Files that Redis keeps for itself beyond its clients (`src/server.h`, `CONFIG_MIN_RESERVED_FDS`); here as many clients.
const RESERVED: i64 = 32;

/// Reports every name in `redis_connections` that refers to nothing.
pub(super) fn check_names(spec: &Spec, reasons: &mut Reasons) {
    let services = spec.service.iter().map(|(_, it)| &it.value.redis_connections);
    let workers = spec.worker.iter().map(|(_, it)| &it.value.redis_connections);
    for (name, entry) in services.chain(workers).flatten().flat_map(|it| it.iter()) {
        if spec.redis.get(name).is_some() || spec.is_damaged("redis", name) {
            continue;
        }
        let help = match spec.redis.is_empty() {
            true => format!("[redis.{name}] with `host = \"redis-{name}-{{n}}\"`"),
            false => suggest::help(name, spec.redis.iter().map(|(name, _)| name)),
        };
        let message = format!("there is no `[redis.{name}]`");
        reasons.sink.error(Diagnostic::error(message).at(entry.key, "refers to nothing").help(help));
    }
}

/// `None` where the numbers are beyond all reason, which is then reported.
pub(super) fn resolve(
    address: &Address,
    entry: &Entry<Written>,
    workloads: &[Workload],
    cluster: Option<&Cluster>,
    reasons: &mut Reasons,
) -> Option<Clients> {
    let reserved = number(entry.value.reserved_clients);
    let reason = "exporters, administrators, replicas: as many as the files that Redis keeps for itself";
    let reserved = reasons.written_or(address.child("reserved_clients"), reserved.as_ref(), RESERVED, reason);
    let per_pod = per_pod(address, workloads);
    let max_connections = max_connections(address, entry, workloads, reasons)?;
    let maxclients = maxclients(address, entry, max_connections.as_ref(), &reserved, cluster, reasons)?;
    Some(Clients { max_connections, per_pod, maxclients })
}

fn opened<'w>(address: &Address, workloads: &'w [Workload]) -> impl Iterator<Item = (&'w Workload, &'w Derived<i64>)> {
    let address = address.clone();
    workloads.iter().filter_map(move |workload| {
        let of_this = |name: &str| Address::of(["redis", name]) == address;
        Some((workload, &workload.redis_connections.iter().find(|it| of_this(&it.name))?.count))
    })
}

fn per_pod(address: &Address, workloads: &[Workload]) -> Vec<(String, Derived<i64>)> {
    opened(address, workloads).map(|(workload, count)| (workload.name.clone(), count.clone())).collect()
}

/// The connections of all pods at their most replicas to one server; none where nobody says.
#[expect(clippy::option_option, reason = "absent and wrong are not the same")]
fn max_connections(
    address: &Address,
    entry: &Entry<Written>,
    workloads: &[Workload],
    reasons: &mut Reasons,
) -> Option<Option<Derived<i64>>> {
    let (at, pin) = (address.child("max_connections"), number(entry.value.max_connections));
    let (mut total, mut terms, mut inputs) = (Exact::ZERO, Vec::new(), Vec::new());
    for (workload, each) in opened(address, workloads) {
        let peak = workload.peak();
        total = total + Exact::from(peak.value) * Exact::from(each.value);
        terms.push(format!("{} × {}", peak.value, each.value));
        inputs.extend([peak.address.clone(), each.address.clone()]);
    }
    let value = reasons.ceil(total, &at, entry.key)?;
    let symbolic = "sum of most replicas × redis_connections";
    let answer = (!inputs.is_empty()).then(|| Answer { value, symbolic, numbers: terms.join(" + "), inputs });
    Some(reasons.decided(at, pin.as_ref(), answer, more_is_more))
}

fn maxclients(
    address: &Address,
    entry: &Entry<Written>,
    connections: Option<&Derived<i64>>,
    reserved: &Derived<i64>,
    cluster: Option<&Cluster>,
    reasons: &mut Reasons,
) -> Option<Derived<i64>> {
    let (at, pin) = (address.child("maxclients"), number(entry.value.maxclients));
    let opened = connections.map_or(0, |it| it.value);
    let others = cluster.map_or(0, |it| it.servers.value - 1);
    let mut numbers = format!("{opened} + {}", reserved.value);
    let mut inputs: Vec<Address> = connections.iter().map(|it| it.address.clone()).collect();
    inputs.push(reserved.address.clone());
    if let Some(cluster) = cluster {
        numbers.push_str(&format!(" + 2 × ({} − 1)", cluster.servers.value));
        inputs.push(cluster.servers.address.clone());
    }
    let needed = Exact::from(opened) + Exact::from(reserved.value) + Exact::from(2) * Exact::from(others);
    let needed = reasons.ceil(needed, &at, entry.key)?;
    if let Some(pin) = pin.filter(|it| it.value < needed) {
        let message = format!("a server of `{address}` lets {} clients in, and {needed} come", pin.value);
        let diagnostic = Diagnostic::error(message).at(pin.span, "").note(format!("{needed} = {numbers}"));
        reasons.sink.error(diagnostic.help(format!("maxclients = {needed}, or fewer `redis_connections`")));
    }
    let answer = Answer {
        value: needed.max(MAXCLIENTS),
        symbolic: "max(10000, max_connections + reserved_clients + 2 × (servers − 1) in a cluster)",
        numbers: format!("max({MAXCLIENTS}, {numbers})"),
        inputs,
    };
    // Where all fit in, a lower limit is caution, not a lack.
    reasons.decided(at, pin.as_ref(), Some(answer), |_, _| Ordering::Equal)
}

//! How many pods of a workload each layer lets in, beside all other workloads at their most.
//!
//! Knows who shares what. A limit that the model itself made from the pods, which follows them wherever they go, is no
//! layer: of PgBouncers' clients and of nodes only pinned limits count. What so many pods carry is not its business.

use std::collections::BTreeMap;

use crate::model::nodes::NodeGroup;
use crate::model::pools::{Database, Pgbouncer};
use crate::model::reasons::{Answer, Reasons};
use crate::model::workloads::{Opened, Workload};
use crate::unit::exact::Exact;
use crate::why::Address;

/// One layer, as a workload sees it.
pub(super) struct Layer {
    /// The last key of its address: `pods`, `partitions`, `clients`, `database`, `nodes`.
    pub(super) name: &'static str,
    pub(super) pods: i64,
    /// Those pods as a factor of a formula: `30`, `(30 + floor((255 − 300) / 10))`.
    pub(super) text: String,
    /// The formula of the demand that they carry, by names.
    pub(super) symbolic: &'static str,
    pub(super) inputs: Vec<Address>,
}

/// What workloads share, by the name under which they know it.
pub(super) struct Shared<'a> {
    /// By entry: one PgBouncer may have several.
    poolers: BTreeMap<&'a str, Free<'a>>,
    databases: BTreeMap<&'a str, Free<'a>>,
    /// By workload.
    groups: BTreeMap<&'a str, (&'a NodeGroup, &'a Address)>,
}

/// Connections that are taken by nobody when all workloads are at their most.
#[derive(Clone)]
struct Free<'a> {
    /// The PgBouncer or server.
    of: &'a Address,
    /// Below zero where fewer are let in than want to.
    connections: i64,
    /// The difference, for a formula: `(255 − 300)`.
    text: String,
    inputs: Vec<Address>,
}

impl<'a> Shared<'a> {
    pub(super) fn new(
        workloads: &'a [Workload],
        databases: &'a [Database],
        pgbouncers: &'a [Pgbouncer],
        nodegroups: &'a [NodeGroup],
        reasons: &mut Reasons,
    ) -> Self {
        let pinned = |it: &&NodeGroup| reasons.causes.written_at(&it.max.address).is_some();
        let groups =
            nodegroups.iter().filter(pinned).flat_map(|group| group.runs.iter().map(move |runs| (group, runs)));
        let groups = groups.map(|(group, runs)| (runs.value.as_str(), (group, &runs.address))).collect();
        let poolers = poolers(workloads, pgbouncers, reasons);
        let databases = servers(workloads, databases, pgbouncers, reasons);
        Self { poolers, databases, groups }
    }
}

/// Every layer that a workload has, in the order in which equals are named.
pub(super) fn of(workload: &Workload, shared: &Shared<'_>) -> Vec<Layer> {
    let layers = [
        Some(pods(workload)),
        partitions(workload),
        connections(workload, &workload.pool_connections, &shared.poolers, &CLIENTS),
        connections(workload, &workload.database_connections, &shared.databases, &DATABASE),
        nodes(workload, shared),
    ];
    layers.into_iter().flatten().collect()
}

fn pods(workload: &Workload) -> Layer {
    let peak = workload.usual_peak();
    Layer {
        name: "pods",
        pods: peak.value,
        text: peak.value.to_string(),
        symbolic: "floor(most replicas × load per pod / safety_margin)",
        inputs: vec![peak.address.clone()],
    }
}

/// A consumer group has no work for more members than its topic has partitions.
fn partitions(workload: &Workload) -> Option<Layer> {
    let partitions = workload.partitions.as_ref()?;
    Some(Layer {
        name: "partitions",
        pods: partitions.value,
        text: partitions.value.to_string(),
        symbolic: "floor(partitions × throughput_per_worker / safety_margin)",
        inputs: vec![partitions.address.clone()],
    })
}

/// A layer of connections: its name, and its formula by names.
type Named = (&'static str, &'static str);

const CLIENTS: Named = (
    "clients",
    "floor((most replicas + floor((max_client_conn − clients) / pool_connections)) × load per pod / safety_margin), \
     the least of its PgBouncers",
);

const DATABASE: Named = (
    "database",
    "floor((most replicas + floor(spare_connections / database_connections)) × load per pod / safety_margin), \
     the least of its servers",
);

/// The pods that are there, and those for which there is room: `30 + floor((255 − 300) / 10)`.
fn connections(
    workload: &Workload,
    opened: &[Opened],
    free: &BTreeMap<&str, Free<'_>>,
    (name, symbolic): &Named,
) -> Option<Layer> {
    let mut taken: BTreeMap<&Address, (&Free<'_>, i64)> = BTreeMap::new();
    let peak = workload.peak();
    let mut inputs = vec![peak.address.clone()];
    for (opened, free) in opened.iter().filter_map(|it| Some((it, free.get(it.name.as_str())?))) {
        let (_, each) = taken.entry(free.of).or_insert((free, 0));
        *each = each.saturating_add(opened.count.value);
        inputs.push(opened.count.address.clone());
        inputs.extend(free.inputs.iter().cloned());
    }
    taken.retain(|_, (_, each)| *each > 0);
    let least = taken.values().filter_map(|(free, each)| Exact::fraction(free.connections, *each).floor()).min()?;
    let text = |(free, each): &(&Free<'_>, i64)| format!("{} + floor({} / {each})", peak.value, free.text);
    let texts: Vec<String> = taken.values().map(text).collect();
    let pods = peak.value.saturating_add(least);
    let text = match texts.as_slice() {
        [one] => format!("({one})"),
        several => format!("min({})", several.join(", ")),
    };
    let text = if pods < 0 { format!("max(0, {text})") } else { text };
    Some(Layer { name, pods: pods.max(0), text, symbolic, inputs })
}

/// All pods where the group may grow to what they ask, else as large a part of them as of the nodes: an estimate, for
/// which pods would find no room is left to the scheduler.
fn nodes(workload: &Workload, shared: &Shared<'_>) -> Option<Layer> {
    let (group, placed) = shared.groups.get(workload.name.as_str())?;
    let (peak, max) = (workload.peak(), &group.max);
    let (packed, headroom) = (group.packed.as_ref()?, group.headroom.as_ref()?);
    let share = Exact::from(peak.value) * Exact::from(max.value) / (Exact::from(packed.value) * headroom.value);
    let (most, nodes) = (peak.value, max.value);
    let text = format!("min({most}, floor({most} × {nodes} / ({} × {})))", packed.value, headroom.value);
    Some(Layer {
        name: "nodes",
        pods: share.floor()?.min(most),
        text,
        symbolic: "floor(min(most replicas, floor(most replicas × max / (packed × headroom))) × load per pod / \
                   safety_margin), in proportion",
        inputs: [peak, max, packed]
            .map(|it| it.address.clone())
            .into_iter()
            .chain([headroom.address.clone(), (*placed).clone()])
            .collect(),
    })
}

/// What PgBouncers with a pinned limit let in beyond the clients of all pods. Each process lets in as many: it may be the one that is left.
fn poolers<'a>(
    workloads: &[Workload],
    pgbouncers: &'a [Pgbouncer],
    reasons: &mut Reasons,
) -> BTreeMap<&'a str, Free<'a>> {
    let opened = by_name(workloads, |it| &it.pool_connections);
    let mut found = BTreeMap::new();
    for pgbouncer in pgbouncers {
        if reasons.causes.written_at(&pgbouncer.max_client_conn.address).is_none() {
            continue;
        }
        let own = pgbouncer.entries.iter().filter_map(|it| opened.get(it.name.as_str())).flatten();
        let Some(answer) = clients(own) else { continue };
        let clients = reasons.computed(pgbouncer.address.child("clients"), answer);
        let most = &pgbouncer.max_client_conn;
        let free = Free {
            of: &pgbouncer.address,
            connections: most.value.saturating_sub(clients.value),
            text: format!("({} − {})", most.value, clients.value),
            inputs: vec![most.address.clone(), clients.address],
        };
        found.extend(pgbouncer.entries.iter().map(|entry| (entry.name.as_str(), free.clone())));
    }
    found
}

/// What servers have left beside PgBouncer's pools and the direct connections of all pods.
fn servers<'a>(
    workloads: &[Workload],
    databases: &'a [Database],
    pgbouncers: &[Pgbouncer],
    reasons: &mut Reasons,
) -> BTreeMap<&'a str, Free<'a>> {
    let opened = by_name(workloads, |it| &it.database_connections);
    let mut found = BTreeMap::new();
    for database in databases.iter().filter(|it| opened.contains_key(it.name.as_str())) {
        let Some(answer) = spare_connections(database, pgbouncers) else { continue };
        let spare = reasons.computed(database.address.child("spare_connections"), answer);
        let free = Free {
            of: &database.address,
            connections: spare.value,
            text: spare.value.to_string(),
            inputs: vec![spare.address],
        };
        found.insert(database.name.as_str(), free);
    }
    found
}

/// `usable_connections − instances × max_db_connections` of every entry.
fn spare_connections(database: &Database, pgbouncers: &[Pgbouncer]) -> Option<Answer<i64>> {
    let mut spare = Exact::from(database.usable.value);
    let mut numbers = database.usable.value.to_string();
    let mut inputs = vec![database.usable.address.clone()];
    let entries = pgbouncers.iter().flat_map(|it| it.entries.iter().map(move |entry| (&it.instances, entry)));
    for (instances, entry) in entries.filter(|(_, entry)| entry.server == database.address) {
        let each = &entry.max_db_connections;
        spare = spare - Exact::from(instances.value) * Exact::from(each.value);
        numbers.push_str(&format!(" − {} × {}", instances.value, each.value));
        inputs.extend([instances.address.clone(), each.address.clone()]);
    }
    inputs.sort();
    inputs.dedup();
    let symbolic = "usable_connections − sum of instances × max_db_connections";
    Some(Answer { value: spare.floor()?, symbolic, numbers, inputs })
}

type Opens<'w> = (&'w Workload, &'w Opened);

/// Who opens connections, by what they are opened to.
fn by_name(workloads: &[Workload], opened: fn(&Workload) -> &[Opened]) -> BTreeMap<&str, Vec<Opens<'_>>> {
    let mut found: BTreeMap<&str, Vec<Opens<'_>>> = BTreeMap::new();
    for workload in workloads {
        for opened in opened(workload).iter().filter(|it| it.count.value > 0) {
            found.entry(opened.name.as_str()).or_default().push((workload, opened));
        }
    }
    found
}

/// The connections of all pods at their most; `None` where nobody opens one.
fn clients<'w>(opens: impl Iterator<Item = &'w Opens<'w>>) -> Option<Answer<i64>> {
    let mut sum = Exact::ZERO;
    let (mut terms, mut inputs) = (Vec::new(), Vec::new());
    for (workload, opened) in opens {
        let (peak, count) = (workload.peak(), &opened.count);
        sum = sum + Exact::from(peak.value) * Exact::from(count.value);
        terms.push(format!("{} × {}", peak.value, count.value));
        inputs.extend([peak.address.clone(), count.address.clone()]);
    }
    inputs.sort();
    inputs.dedup();
    let value = sum.floor().filter(|_| !terms.is_empty())?;
    let symbolic = "sum of most replicas × pool_connections";
    Some(Answer { value, symbolic, numbers: terms.join(" + "), inputs })
}

//! What the template of the runbook sees: the model, name by name.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::Model;
use crate::model::autoscale::{Autoscaler, Keda, Rules};
use crate::model::capacity::Capacity;
use crate::model::events::{Emergency, Event, Phase};
use crate::model::nodes::{Cluster, NodeGroup, Purchase};
use crate::model::pools::{Database, Pgbouncer, PoolEntry};
use crate::model::runbook::{Link, Notes, Runbook};
use crate::model::schedules::Schedule;
use crate::model::upstreams::Upstream;
use crate::model::workloads::{Load, Opened, Resources, Scaling, Workload};
use crate::unit::exact::Exact;
use crate::why::{Address, Causes, Derived};

#[derive(Debug, Serialize)]
pub(super) struct Context<'a> {
    title: &'a Derived<String>,
    owner: Option<&'a Derived<String>>,
    links: Vec<LinkEntry<'a>>,
    notes: NoteLists<'a>,
    namespace: &'a Derived<String>,
    workloads: Vec<WorkloadEntry<'a>>,
    databases: Vec<DatabaseEntry<'a>>,
    pgbouncers: Vec<PgbouncerEntry<'a>>,
    upstreams: Vec<UpstreamEntry<'a>>,
    cluster: Option<ClusterEntry<'a>>,
    nodegroups: Vec<GroupEntry<'a>>,
    /// USD per month of all groups, where every price is known.
    monthly_cost: Option<Cost>,
}

#[derive(Debug, Serialize)]
struct LinkEntry<'a> {
    title: &'a Derived<String>,
    url: &'a Derived<String>,
}

#[derive(Debug, Serialize)]
struct NoteLists<'a> {
    before: &'a [Derived<String>],
    scale_up: &'a [Derived<String>],
    verify: &'a [Derived<String>],
    roll_back: &'a [Derived<String>],
    scale_down: &'a [Derived<String>],
    troubleshooting: &'a [Derived<String>],
    prevention: &'a [Derived<String>],
}

#[derive(Debug, Serialize)]
struct WorkloadEntry<'a> {
    name: &'a str,
    /// `service` or `worker`.
    family: &'static str,
    /// `service.api`.
    address: &'a str,
    kind: &'a Derived<String>,
    target: &'a Derived<String>,
    selector: Vec<Pair<'a>>,
    resources: ResourcesEntry,
    /// Pods, where no autoscaler decides them.
    replicas: Option<&'a Derived<i64>>,
    autoscaler: Option<AutoscalerEntry<'a>>,
    loads: Vec<LoadEntry>,
    capacity: Option<CapacityEntry<'a>>,
    partitions: Option<&'a Derived<i64>>,
    schedules: Vec<ScheduleEntry<'a>>,
    events: Vec<EventEntry<'a>>,
    /// Floor and ceiling of an emergency.
    emergency: Option<EmergencyEntry<'a>>,
    pools: Vec<OpenedEntry<'a>>,
    databases: Vec<OpenedEntry<'a>>,
    disruption: Option<DisruptionEntry>,
    /// The node group that its pods stand in.
    nodegroup: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Pair<'a> {
    key: &'a str,
    value: &'a Derived<String>,
}

#[derive(Debug, Serialize)]
struct ResourcesEntry {
    cpu: Option<Derived<String>>,
    memory: Option<Derived<String>>,
    cpu_limit: Option<Derived<String>>,
    memory_limit: Option<Derived<String>>,
}

#[derive(Debug, Serialize)]
struct AutoscalerEntry<'a> {
    /// `hpa` or `scaledobject`.
    kind: &'static str,
    name: &'a Derived<String>,
    min: &'a Derived<i64>,
    max: &'a Derived<i64>,
    /// The key of the spec that moves the floor, and the one that moves the ceiling.
    min_key: String,
    max_key: String,
    cpu: Option<&'a Derived<i64>>,
    memory: Option<&'a Derived<i64>>,
    metrics: Vec<MetricEntry<'a>>,
    queue: Option<QueueEntry<'a>>,
    scale_up: Option<PaceEntry<'a>>,
    scale_down: Option<PaceEntry<'a>>,
}

#[derive(Debug, Serialize)]
struct MetricEntry<'a> {
    name: &'a Derived<String>,
    target: &'a Derived<String>,
}

#[derive(Debug, Serialize)]
struct QueueEntry<'a> {
    /// `kafka`, `redis`, `rabbitmq`.
    kind: &'static str,
    threshold: &'a Derived<i64>,
    counts_rate: bool,
    idle: bool,
    metadata: BTreeMap<&'a str, &'a Derived<String>>,
}

#[derive(Debug, Serialize)]
struct PaceEntry<'a> {
    window: Option<&'a Derived<i64>>,
    policies: Vec<PolicyEntry<'a>>,
    select: Option<&'a Derived<&'static str>>,
}

#[derive(Debug, Serialize)]
struct PolicyEntry<'a> {
    kind: &'static str,
    value: &'a Derived<i64>,
    period: &'a Derived<i64>,
}

#[derive(Debug, Serialize)]
struct LoadEntry {
    unit: &'static str,
    per_pod: Derived<String>,
    margin: Derived<String>,
    target: Option<Derived<String>>,
    base: Option<Derived<String>>,
}

#[derive(Debug, Serialize)]
struct CapacityEntry<'a> {
    unit: &'static str,
    peak: Derived<String>,
    binds: &'a Derived<&'static str>,
    layers: Vec<LayerEntry>,
}

#[derive(Debug, Serialize)]
struct LayerEntry {
    name: &'static str,
    carries: Derived<String>,
}

#[derive(Debug, Serialize)]
struct ScheduleEntry<'a> {
    name: &'a str,
    start: Derived<String>,
    end: Derived<String>,
    time_zone: Derived<String>,
    min: &'a Derived<i64>,
    /// Those that move the floor; none where KEDA holds the window itself.
    cronjobs: Vec<String>,
}

#[derive(Debug, Serialize)]
struct EventEntry<'a> {
    name: &'a str,
    min: &'a Derived<i64>,
    max: &'a Derived<i64>,
    phases: Vec<PhaseEntry<'a>>,
    /// Those that move floor and ceiling; with KEDA the ceiling alone, and none where the usual one does.
    cronjobs: Vec<String>,
    /// The file that they stand in.
    file: String,
}

#[derive(Debug, Serialize)]
struct PhaseEntry<'a> {
    name: &'a str,
    from: Derived<String>,
    min: Derived<i64>,
    max: Derived<i64>,
}

#[derive(Debug, Serialize)]
struct EmergencyEntry<'a> {
    min: &'a Derived<i64>,
    max: &'a Derived<i64>,
}

#[derive(Debug, Serialize)]
struct OpenedEntry<'a> {
    name: &'a str,
    count: &'a Derived<i64>,
}

#[derive(Debug, Serialize)]
struct DisruptionEntry {
    min_available: Option<Derived<String>>,
    max_unavailable: Option<Derived<String>>,
}

#[derive(Debug, Serialize)]
struct DatabaseEntry<'a> {
    name: &'a str,
    host: &'a Derived<String>,
    port: &'a Derived<i64>,
    max_connections: &'a Derived<i64>,
    usable: &'a Derived<i64>,
}

#[derive(Debug, Serialize)]
struct PgbouncerEntry<'a> {
    name: &'a str,
    instances: &'a Derived<i64>,
    pool_mode: &'a Derived<String>,
    listen_port: &'a Derived<i64>,
    max_client_conn: &'a Derived<i64>,
    entries: Vec<PoolEntryEntry<'a>>,
}

#[derive(Debug, Serialize)]
struct PoolEntryEntry<'a> {
    name: &'a str,
    database: &'a str,
    users: &'a Derived<i64>,
    pool_size: &'a Derived<i64>,
    reserve_pool: &'a Derived<i64>,
    max_db_connections: &'a Derived<i64>,
}

#[derive(Debug, Serialize)]
struct UpstreamEntry<'a> {
    name: &'a str,
    servers: Vec<&'a Derived<String>>,
}

#[derive(Debug, Serialize)]
struct ClusterEntry<'a> {
    name: &'a Derived<String>,
    region: &'a Derived<String>,
    /// Whether the cluster autoscaler starts and stops the nodes.
    autoscaler: bool,
}

#[derive(Debug, Serialize)]
struct GroupEntry<'a> {
    name: &'a str,
    instance_types: &'a [Derived<String>],
    is_managed: bool,
    min: &'a Derived<i64>,
    max: &'a Derived<i64>,
    /// The key of the spec that moves the most nodes; `none` where the pods do.
    max_key: Option<String>,
    runs: &'a [Derived<String>],
    monthly_cost: Option<Cost>,
}

#[derive(Debug, Serialize)]
struct Cost {
    min: Derived<String>,
    max: Derived<String>,
}

impl<'a> Context<'a> {
    pub(super) fn new(runbook: &'a Runbook, model: &'a Model) -> Self {
        Self {
            title: &runbook.title,
            owner: runbook.owner.as_ref(),
            links: runbook.links.iter().map(|Link { title, url }| LinkEntry { title, url }).collect(),
            notes: NoteLists::new(&runbook.notes),
            namespace: &model.platform.namespace,
            workloads: workloads(model),
            databases: model.databases.iter().map(DatabaseEntry::new).collect(),
            pgbouncers: model.pgbouncers.iter().map(PgbouncerEntry::new).collect(),
            upstreams: model.upstreams.iter().map(UpstreamEntry::new).collect(),
            cluster: model.cluster.as_ref().map(ClusterEntry::new),
            nodegroups: model.nodegroups.iter().map(|it| GroupEntry::new(it, &model.causes)).collect(),
            monthly_cost: Cost::of(&Address::of(["cluster"]), &model.causes),
        }
    }
}

fn workloads(model: &Model) -> Vec<WorkloadEntry<'_>> {
    let groups = model.nodegroups.iter().flat_map(|group| group.runs.iter().map(move |runs| (runs, group)));
    let groups: BTreeMap<&str, &NodeGroup> = groups.map(|(runs, group)| (runs.value.as_str(), group)).collect();
    let capacities: BTreeMap<&str, &Capacity> = model.capacities.iter().map(|it| (it.workload.as_str(), it)).collect();
    let entry = |workload| WorkloadEntry::new(workload, &groups, &capacities, &model.causes);
    model.workloads.iter().map(entry).collect()
}

impl<'a> NoteLists<'a> {
    fn new(notes: &'a Notes) -> Self {
        let Notes { before, scale_up, verify, roll_back, scale_down, troubleshooting, prevention } = notes;
        Self { before, scale_up, verify, roll_back, scale_down, troubleshooting, prevention }
    }
}

impl<'a> WorkloadEntry<'a> {
    fn new(
        workload: &'a Workload,
        groups: &BTreeMap<&str, &'a NodeGroup>,
        capacities: &BTreeMap<&str, &'a Capacity>,
        causes: &Causes,
    ) -> Self {
        let (replicas, autoscaler) = match &workload.scaling {
            Scaling::Fixed(replicas) => (Some(replicas), None),
            Scaling::Autoscaled(it) => (None, Some(AutoscalerEntry::new(workload, it, causes))),
        };
        let name = workload.name.as_str();
        let capacity = capacities.get(name).zip(workload.counted_load());
        let is_keda = autoscaler.as_ref().is_some_and(|it| it.queue.is_some());
        Self {
            name,
            family: workload.family.word(),
            address: workload.address.as_str(),
            kind: &workload.target.kind,
            target: &workload.target.name,
            selector: workload.selector.iter().map(|(key, value)| Pair { key, value }).collect(),
            resources: ResourcesEntry::new(&workload.resources),
            replicas,
            autoscaler,
            loads: workload.loads.iter().map(LoadEntry::new).collect(),
            capacity: capacity.map(|(capacity, counted)| CapacityEntry::new(capacity, counted)),
            partitions: workload.partitions.as_ref(),
            schedules: workload.schedules.iter().map(|it| ScheduleEntry::new(it, workload, is_keda)).collect(),
            events: workload.events.iter().map(|it| EventEntry::new(it, workload)).collect(),
            emergency: workload.emergency.as_ref().map(|Emergency { min, max }| EmergencyEntry { min, max }),
            pools: workload.pool_connections.iter().map(OpenedEntry::new).collect(),
            databases: workload.database_connections.iter().map(OpenedEntry::new).collect(),
            disruption: workload.disruption.as_ref().map(|it| DisruptionEntry {
                min_available: it.min_available.as_ref().map(text),
                max_unavailable: it.max_unavailable.as_ref().map(text),
            }),
            nodegroup: groups.get(name).map(|it| it.name.as_str()),
        }
    }
}

impl ResourcesEntry {
    fn new(resources: &Resources) -> Self {
        Self {
            cpu: resources.cpu.as_ref().map(text),
            memory: resources.memory.as_ref().map(text),
            cpu_limit: resources.cpu_limit.as_ref().map(text),
            memory_limit: resources.memory_limit.as_ref().map(text),
        }
    }
}

impl<'a> AutoscalerEntry<'a> {
    fn new(workload: &'a Workload, autoscaler: &'a Autoscaler, causes: &Causes) -> Self {
        let load = workload.counted_load();
        let base = load.and_then(|it| it.base.as_ref()).map(|it| &it.address);
        let target = load.and_then(|it| it.target.as_ref()).map(|it| &it.address);
        Self {
            kind: if autoscaler.keda.is_some() { "scaledobject" } else { "hpa" },
            name: &autoscaler.name,
            min: &autoscaler.min,
            max: &autoscaler.max,
            min_key: key(&autoscaler.min.address, base, causes),
            max_key: key(&autoscaler.max.address, target, causes),
            cpu: autoscaler.cpu.as_ref(),
            memory: autoscaler.memory.as_ref(),
            metrics: autoscaler.metrics.iter().map(|it| MetricEntry { name: &it.name, target: &it.target }).collect(),
            queue: autoscaler.keda.as_deref().map(QueueEntry::new),
            scale_up: autoscaler.scale_up.as_deref().map(PaceEntry::new),
            scale_down: autoscaler.scale_down.as_deref().map(PaceEntry::new),
        }
    }
}

/// The key to edit: that of the demand where the number follows from it, else the number's own pin.
fn key(own: &Address, demand: Option<&Address>, causes: &Causes) -> String {
    let decides = demand.filter(|_| causes.written_at(own).is_none());
    decides.unwrap_or(own).as_str().to_owned()
}

impl<'a> QueueEntry<'a> {
    fn new(keda: &'a Keda) -> Self {
        Self {
            kind: keda.queue.kind,
            threshold: &keda.lag_threshold,
            counts_rate: keda.queue.counts_rate,
            idle: keda.idle.is_some(),
            metadata: keda.queue.metadata.iter().map(|(key, value)| (key.as_str(), value)).collect(),
        }
    }
}

impl<'a> PaceEntry<'a> {
    fn new(rules: &'a Rules) -> Self {
        let policies = rules.policies.iter();
        let policies = policies.map(|it| PolicyEntry { kind: it.kind, value: &it.value, period: &it.period });
        Self { window: rules.window.as_ref(), policies: policies.collect(), select: rules.select.as_ref() }
    }
}

impl LoadEntry {
    fn new(load: &Load) -> Self {
        Self {
            unit: load.kind.unit(),
            per_pod: text(&load.per_pod),
            margin: text(&load.margin),
            target: load.target.as_ref().map(text),
            base: load.base.as_ref().map(text),
        }
    }
}

impl<'a> CapacityEntry<'a> {
    fn new(capacity: &'a Capacity, counted: &Load) -> Self {
        let layer = |(name, carries): &(&'static str, Derived<Exact>)| LayerEntry { name, carries: text(carries) };
        Self {
            unit: counted.kind.unit(),
            peak: text(&capacity.peak),
            binds: &capacity.binds,
            layers: capacity.layers.iter().map(layer).collect(),
        }
    }
}

impl<'a> ScheduleEntry<'a> {
    fn new(schedule: &'a Schedule, workload: &Workload, is_keda: bool) -> Self {
        Self {
            name: &schedule.name,
            start: schedule.start.map(|it| it.text().to_owned()),
            end: schedule.end.map(|it| it.text().to_owned()),
            time_zone: schedule.time_zone.map(|it| it.name().to_owned()),
            min: &schedule.min,
            cronjobs: if is_keda { Vec::new() } else { schedule.cronjob_names(workload).to_vec() },
        }
    }
}

impl<'a> EventEntry<'a> {
    fn new(event: &'a Event, workload: &Workload) -> Self {
        let phase = |phase: &'a Phase| PhaseEntry {
            name: &phase.name,
            from: phase.from.map(|_| phase.instant.to_string()),
            min: phase.limits.map(|it| it.min),
            max: phase.limits.map(|it| it.max),
        };
        let moving = event.cronjob_phases(workload);
        Self {
            name: &event.name,
            min: &event.min,
            max: &event.max,
            phases: event.phases.iter().map(phase).collect(),
            cronjobs: moving.into_iter().map(|it| event.object_name(workload, it)).collect(),
            file: format!("k8s/{}/event-{}.yaml", workload.name, event.name),
        }
    }
}

impl<'a> OpenedEntry<'a> {
    fn new(opened: &'a Opened) -> Self {
        Self { name: &opened.name, count: &opened.count }
    }
}

impl<'a> DatabaseEntry<'a> {
    fn new(database: &'a Database) -> Self {
        let Database { name, host, port, max_connections, usable, .. } = database;
        Self { name, host, port, max_connections, usable }
    }
}

impl<'a> PgbouncerEntry<'a> {
    fn new(pgbouncer: &'a Pgbouncer) -> Self {
        Self {
            name: &pgbouncer.name,
            instances: &pgbouncer.instances,
            pool_mode: &pgbouncer.pool_mode,
            listen_port: &pgbouncer.listen_port,
            max_client_conn: &pgbouncer.max_client_conn,
            entries: pgbouncer.entries.iter().map(PoolEntryEntry::new).collect(),
        }
    }
}

impl<'a> PoolEntryEntry<'a> {
    fn new(entry: &'a PoolEntry) -> Self {
        let PoolEntry { name, database, users, pool_size, reserve_pool, max_db_connections, .. } = entry;
        Self { name, database, users, pool_size, reserve_pool, max_db_connections }
    }
}

impl<'a> UpstreamEntry<'a> {
    fn new(upstream: &'a Upstream) -> Self {
        Self { name: &upstream.name, servers: upstream.servers.iter().map(|it| &it.address).collect() }
    }
}

impl<'a> ClusterEntry<'a> {
    fn new(cluster: &'a Cluster) -> Self {
        Self { name: &cluster.name, region: &cluster.region, autoscaler: cluster.autoscaler.is_some() }
    }
}

impl<'a> GroupEntry<'a> {
    fn new(group: &'a NodeGroup, causes: &Causes) -> Self {
        let is_pinned = causes.written_at(&group.max.address).is_some();
        Self {
            name: &group.name,
            instance_types: &group.instance_types,
            is_managed: !matches!(group.purchase, Purchase::Mixed(_)),
            min: &group.min,
            max: &group.max,
            max_key: is_pinned.then(|| group.max.address.as_str().to_owned()),
            runs: &group.runs,
            monthly_cost: Cost::of(&group.address, causes),
        }
    }
}

impl Cost {
    /// With both decimals, as the registry has it.
    fn of(table: &Address, causes: &Causes) -> Option<Self> {
        let shown = |key: &str| causes.shown(table.child(key));
        Some(Self { min: shown("monthly_cost_min")?, max: shown("monthly_cost_max")? })
    }
}

fn text<T: ToString>(number: &Derived<T>) -> Derived<String> {
    number.map(ToString::to_string)
}

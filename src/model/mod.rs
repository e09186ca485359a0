//! The model: what a spec means. All arithmetic of capgen lives here, exact, and every number carries its reason.
//!
//! A [`Model`] is total: no `Option` means "default", no number lacks its unit. Later stages only arrange what stands
//! here; they never compute. One file per family of formulas, each formula with its source in its documentation;
//! `docs/model.md` has them all with worked examples.

pub mod affinity;
pub mod alerts;
pub mod autoscale;
pub mod baseline;
pub mod capacity;
pub mod compose;
pub mod constants;
pub mod dashboard;
pub mod ecs;
pub mod events;
pub mod load_tests;
pub mod nodes;
pub mod pace;
pub mod pools;
pub mod postgresql;
pub mod read_replicas;
pub mod redis;
pub mod runbook;
pub mod schedules;
pub mod settings;
pub mod shards;
pub mod signals;
pub mod topics;
pub mod upstreams;
pub mod workloads;

pub mod catalogue;
mod config_maps;
mod disruption;
mod identity;
mod inputs;
mod patches;
mod pattern;
pub mod pgbouncer_settings;
mod platform;
mod queue;
mod reasons;
mod replicas;
mod requests;
mod runs;
mod steps;
mod throughput;

#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::diag::source::Span;
use crate::diag::{Reported, Sink};
use crate::spec::Spec;
use crate::why::{Address, Causes, Derived};

use affinity::Affinity;
use alerts::{Alerts, Group};
use capacity::Capacity;
use constants::Constants;
use dashboard::Dashboard;
use load_tests::LoadTest;
use nodes::{Cluster, NodeGroup};
use pools::{Database, Pgbouncer, Pools};
use postgresql::Server;
use read_replicas::ReadReplicas;
use reasons::Reasons;
use redis::{Redis, RedisPools};
use runbook::Runbook;
use shards::Shards;
use signals::Monitoring;
use topics::Topic;
use upstreams::Upstream;
use workloads::Workload;

/// What a spec means.
#[derive(Debug)]
pub struct Model {
    pub platform: Platform,
    /// Services and workers, sorted by name.
    pub workloads: Vec<Workload>,
    /// PostgreSQL servers, sorted by name.
    pub databases: Vec<Database>,
    /// The machines of PostgreSQL servers, where they are known, sorted by name.
    pub servers: Vec<Server>,
    /// Read replicas of databases that have some, sorted by name.
    pub replicas: Vec<ReadReplicas>,
    /// Shards of databases that have some, sorted by name.
    pub shards: Vec<Shards>,
    /// PgBouncers, sorted by name.
    pub pgbouncers: Vec<Pgbouncer>,
    /// Redis servers, sorted by name.
    pub redis: Vec<Redis>,
    /// What pods may open to them, for each ConfigMap.
    pub redis_pools: Vec<RedisPools>,
    /// nginx upstreams, sorted by name.
    pub upstreams: Vec<Upstream>,
    /// What Docker Compose runs.
    pub compose: Option<compose::Compose>,
    /// What Amazon ECS runs.
    pub ecs: Option<ecs::Ecs>,
    pub cluster: Option<Cluster>,
    /// Node groups, sorted by name.
    pub nodegroups: Vec<NodeGroup>,
    /// What connections are asked for in an emergency.
    pub emergency_rooms: Vec<events::room::Room>,
    /// What services and workers carry, in their order.
    pub capacities: Vec<Capacity>,
    /// What is measured, where an alert or a dashboard wants to know.
    pub monitoring: Option<Monitoring>,
    /// What rules and dashboards watch, table by table.
    pub watched: Vec<Group>,
    /// Load tests, sorted by name.
    pub load_tests: Vec<LoadTest>,
    /// The dashboard, where the spec asks for one.
    pub dashboard: Option<Dashboard>,
    /// Prometheus rules, where the spec asks for them.
    pub alerts: Option<Alerts>,
    /// Services that keep a client with one pod, sorted by name.
    pub affinities: Vec<Affinity>,
    /// Kafka topics, sorted by key.
    pub topics: Vec<Topic>,
    /// The page for people, where the spec asks for one.
    pub runbook: Option<Runbook>,
    /// Numbers that no spec decides.
    pub constants: Constants,
    /// Sources of the user's own templates, by name; the edge fills it in, for only the edge reads files.
    pub templates: BTreeMap<String, String>,
    /// Every pin for which the model has an answer of its own.
    pub pins: Vec<Pin>,
    /// The reason of every number.
    pub causes: Causes,
}

/// What holds for every file.
#[derive(Debug, Clone)]
pub struct Platform {
    pub namespace: Derived<String>,
    pub labels: Vec<(String, Derived<String>)>,
    /// Major and minor version of the cluster.
    pub kubernetes: (u32, u32),
    pub kubectl_image: Derived<String>,
}

/// A pinned number beside the model's answer.
#[derive(Debug, Clone)]
pub struct Pin {
    pub address: Address,
    pub span: Span,
    pub pinned: String,
    pub asked: String,
    /// The model's formula, with the numbers in.
    pub numbers: String,
    /// How what the pin carries compares with what the model asks.
    pub carries: Ordering,
}

impl Model {
    /// Every event, as each workload meets it.
    pub fn events(&self) -> impl Iterator<Item = &events::Event> {
        self.workloads.iter().flat_map(|it| &it.events)
    }
}

/// Gives a spec its meaning. Every error goes into the sink; tables that the parser refused are passed over in silence.
pub fn resolve(spec: &Spec, sink: &mut Sink) -> Result<Model, Reported> {
    let mut reasons = Reasons::new();
    let platform = platform::resolve(spec, &mut reasons);
    let mut workloads = workloads::resolve(spec, platform.kubernetes, &mut reasons);
    schedules::resolve(spec, &mut workloads, &mut reasons);
    events::resolve(spec, &mut workloads, &mut reasons);
    settings::resolve(spec, &mut workloads, &mut reasons);
    patches::resolve(spec, &mut workloads, &mut reasons);
    // None of these asks what the others found.
    let known = &reasons.causes;
    let check_names = || identity::check(spec, &workloads, known);
    let resolve_nodes = || apart(|own| nodes::resolve(spec, &workloads, known, own));
    let resolve_pools = || apart(|own| pools::resolve(spec, &workloads, own));
    let resolve_upstreams = || apart(|own| upstreams::resolve(spec, &workloads, own));
    let rest = || rayon::join(resolve_pools, || rayon::join(check_names, resolve_upstreams));
    let (nodes, (pools, (names, upstreams))) = rayon::join(resolve_nodes, rest);
    reasons.sink.append(names);
    let Pools { databases, replicas, pgbouncers } = reasons.take(pools);
    let servers = postgresql::resolve(spec, &databases, &mut reasons);
    let redis = redis::resolve(spec, &workloads, &mut reasons);
    let redis_pools = redis::pools(&redis, &mut reasons);
    let places = replicas.iter().filter_map(|it| Some((&it.config_map, spec.database.get(&it.name)?.key)));
    let places = places.chain(redis_pools.iter().map(|it| (&it.name, it.place)));
    config_maps::check(&workloads, places, &mut reasons);
    let shards = shards::resolve(spec, &databases, &mut reasons);
    let upstreams = reasons.take(upstreams);
    let (cluster, nodegroups) = reasons.take(nodes);
    let affinities = affinity::resolve(spec, &workloads, &mut reasons);
    let topics = topics::resolve(spec, &platform, &workloads, &mut reasons);
    let compose = compose::resolve(spec, &workloads, &mut reasons);
    let ecs = ecs::resolve(spec, &workloads, &mut reasons);
    let constants = constants::resolve(&workloads, &mut reasons);
    inputs::resolve(spec, &mut reasons);
    let capacities = capacity::resolve(&workloads, &databases, &pgbouncers, &nodegroups, &mut reasons);
    let emergency_rooms = events::room::resolve(&workloads, &databases, &pgbouncers, &mut reasons);
    let is_measured = spec.alerts.is_some() || spec.dashboard.is_some();
    let monitoring = signals::resolve(spec, &workloads, &platform.namespace, is_measured, &mut reasons);
    let watched = monitoring.as_ref().map(|monitoring| {
        let parts = alerts::Parts {
            platform: &platform,
            workloads: &workloads,
            databases: &databases,
            pgbouncers: &pgbouncers,
            nodegroups: &nodegroups,
            capacities: &capacities,
            monitoring,
        };
        alerts::watch(spec, &parts, &mut reasons)
    });
    let watched = watched.unwrap_or_default();
    let alerts = alerts::resolve(spec, &mut reasons);
    let dashboard = dashboard::resolve(spec, &mut reasons);
    let runbook = runbook::resolve(spec, &mut reasons);
    let load_tests = load_tests::resolve(spec, &workloads, &mut reasons);
    let Reasons { causes, pins, sink: found } = reasons;
    sink.append(found);
    sink.ok()?;
    let templates = BTreeMap::new();
    Ok(Model {
        platform,
        workloads,
        databases,
        servers,
        replicas,
        shards,
        pgbouncers,
        redis,
        redis_pools,
        upstreams,
        compose,
        ecs,
        cluster,
        nodegroups,
        emergency_rooms,
        capacities,
        monitoring,
        watched,
        alerts,
        affinities,
        topics,
        dashboard,
        runbook,
        load_tests,
        constants,
        templates,
        pins,
        causes,
    })
}

/// What one part of the model finds out for itself.
fn apart<T>(resolve: impl FnOnce(&mut Reasons) -> T) -> (T, Reasons) {
    let mut own = Reasons::new();
    (resolve(&mut own), own)
}

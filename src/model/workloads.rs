//! Services and workers: the Kubernetes object, its scaling, its disruption budget.

use rayon::prelude::*;

use crate::diag::Diagnostic;
use crate::diag::source::{Span, Spanned};
use crate::spec::Spec;
use crate::spec::scalar::{Count, Decimal, Named};
use crate::spec::service::Service;
use crate::spec::worker::Worker;
use crate::spec::workload::Workload as WrittenTarget;
use crate::unit::exact::Exact;
use crate::unit::kubernetes;
use crate::why::{Address, Derived};

use super::autoscale::{self, Autoscaler, Scene};
use super::baseline::{self, Baseline};
use super::disruption;
use super::events::{Emergency, Event};
use super::inputs;
use super::queue;
use super::reasons::{Reasons, more_is_more};
use super::replicas::{self, Moment};
use super::requests;
use super::schedules::Schedule;
use super::settings::Settings;
use super::throughput::{self, Throughput};

pub use super::disruption::Disruptions;
pub use super::requests::Resources;

/// Whether it answers requests or takes work from a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Service,
    Worker,
}

impl Family {
    /// The name of the spec's table.
    pub fn word(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Worker => "worker",
        }
    }
}

/// A service or a worker.
#[derive(Debug, Clone)]
pub struct Workload {
    /// The table's key.
    pub name: String,
    pub family: Family,
    /// `service.api`.
    pub address: Address,
    /// Where the table's name stands.
    pub place: Span,
    /// Which table of its family it is, in the spec's order.
    index: usize,
    pub target: ScaleTarget,
    /// Labels of the pods.
    pub selector: Vec<(String, Derived<String>)>,
    pub resources: Resources,
    /// What one pod uses at the base load.
    pub baseline: Baseline,
    pub scaling: Scaling,
    pub disruption: Option<Disruptions>,
    /// Windows that raise the floor, sorted by name.
    pub schedules: Vec<Schedule>,
    /// Planned events, sorted by name.
    pub events: Vec<Event>,
    pub emergency: Option<Emergency>,
    /// What one pod opens to PgBouncer entries.
    pub pool_connections: Vec<Opened>,
    /// What one pod opens directly to databases.
    pub database_connections: Vec<Opened>,
    /// What one pod opens to each server of a Redis.
    pub redis_connections: Vec<Opened>,
    /// Demand and what one pod carries, of each kind that the spec states.
    pub loads: Vec<Load>,
    /// Partitions of its topic.
    pub partitions: Option<Derived<i64>>,
    pub(super) throughput: Throughput,
    /// Environment variables that follow from the model.
    pub settings: Option<Box<Settings>>,
    /// The container that patches for Kustomize are laid on, where the spec asks for them.
    pub patched: Option<Derived<String>>,
}

impl Workload {
    /// Its table in the spec from which it was made.
    pub(super) fn written<'a>(&self, spec: &'a Spec) -> Written<'a> {
        let service = || spec.service.as_slice().get(self.index).map(|(_, entry)| &entry.value);
        let worker = || spec.worker.as_slice().get(self.index).map(|(_, entry)| &entry.value);
        match self.family {
            Family::Service => (service(), None),
            Family::Worker => (None, worker()),
        }
    }
}

/// The table of a workload: one of the two.
pub(super) type Written<'a> = (Option<&'a Service>, Option<&'a Worker>);

/// Connections of one pod to something that is named.
#[derive(Debug, Clone)]
pub struct Opened {
    pub name: String,
    pub count: Derived<i64>,
    /// Where the name stands.
    pub place: Span,
}

/// One kind of demand and what one pod carries of it.
#[derive(Debug, Clone)]
pub struct Load {
    pub kind: LoadKind,
    pub per_pod: Derived<Exact>,
    pub margin: Derived<Exact>,
    pub target: Option<Derived<Exact>>,
    pub base: Option<Derived<Exact>>,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadKind {
    Requests,
    Connections,
    Events,
}

impl LoadKind {
    /// The unit, for people: `requests per second`.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Requests => "requests per second",
            Self::Connections => "connections",
            Self::Events => "events per second",
        }
    }
}

/// The object that is scaled.
#[derive(Debug, Clone)]
pub struct ScaleTarget {
    pub kind: Derived<String>,
    pub api_version: Derived<String>,
    pub name: Derived<String>,
    pub container: Option<Derived<String>>,
}

/// How many pods there are.
#[derive(Debug, Clone)]
pub enum Scaling {
    /// A fixed number.
    Fixed(Derived<i64>),
    Autoscaled(Box<Autoscaler>),
}

impl Workload {
    /// Pods at their most, in every schedule and in every event: what nodes, connections and partitions must do for.
    pub fn peak(&self) -> &Derived<i64> {
        let events = self.events.iter().map(|it| &it.max);
        events.fold(self.usual_peak(), |most, it| if it.value > most.value { it } else { most })
    }

    /// Pods at their most outside of events.
    pub fn usual_peak(&self) -> &Derived<i64> {
        let usual = match &self.scaling {
            Scaling::Fixed(replicas) => replicas,
            Scaling::Autoscaled(autoscaler) => &autoscaler.max,
        };
        let windows = self.schedules.iter().map(|it| &it.min);
        windows.fold(usual, |most, it| if it.value > most.value { it } else { most })
    }

    /// Whether an event or an emergency lifts the most pods above the usual.
    pub fn is_raised(&self) -> bool {
        let planned = self.events.iter().map(|it| it.max.value);
        planned.chain(self.emergency.iter().map(|it| it.max.value)).any(|it| it > self.usual_peak().value)
    }

    /// The kind of demand in which its capacity is counted: the first that has a target, or the first at all.
    pub fn counted_load(&self) -> Option<&Load> {
        self.loads.iter().find(|it| it.target.is_some()).or(self.loads.first())
    }

    /// Messages in flight of one worker, where they are known.
    pub fn in_flight(&self) -> Option<&Derived<Exact>> {
        self.throughput.concurrency.as_ref()
    }

    /// Pods at their fewest, outside of every schedule.
    pub fn floor(&self) -> &Derived<i64> {
        match &self.scaling {
            Scaling::Fixed(replicas) => replicas,
            Scaling::Autoscaled(autoscaler) => &autoscaler.min,
        }
    }
}

/// Factor on the demand where the spec states none.
const SAFETY_MARGIN: (i64, i64) = (3, 2);

pub(super) fn resolve(spec: &Spec, kubernetes: (u32, u32), reasons: &mut Reasons) -> Vec<Workload> {
    let services = spec.service.as_slice().par_iter().enumerate().map(|(index, (name, entry))| {
        let mut own = Reasons::new();
        let damaged = spec.is_damaged("service", name);
        let workload = service(name, (entry.key, index), &entry.value, kubernetes, &mut own);
        inputs::of_service(&Address::of(["service", name]), &entry.value, &mut own);
        finish(workload, own, damaged)
    });
    let workers = spec.worker.as_slice().par_iter().enumerate().map(|(index, (name, entry))| {
        let mut own = Reasons::new();
        let damaged = spec.is_damaged("worker", name);
        let workload = worker(name, (entry.key, index), &entry.value, kubernetes, &mut own);
        inputs::of_worker(&Address::of(["worker", name]), &entry.value, &mut own);
        finish(workload, own, damaged)
    });
    let (resolved, found): (Vec<Option<Workload>>, Vec<Reasons>) = services.chain(workers).unzip();
    found.into_iter().for_each(|own| reasons.append(own));
    #[expect(clippy::filter_map_identity, reason = "unlike `flatten` it collects within the vector that is there")]
    let mut workloads: Vec<Workload> = resolved.into_iter().filter_map(|it| it).collect();
    workloads.sort_by(|a, b| a.name.cmp(&b.name));
    workloads
}

/// What a damaged table seems to lack may have been there: its errors were reported where it was read.
fn finish(workload: Option<Workload>, own: Reasons, damaged: bool) -> (Option<Workload>, Reasons) {
    match damaged {
        true => (None, Reasons::new()),
        false => (workload, own.packed()),
    }
}

fn service(
    name: &str,
    (place, index): (Span, usize),
    written: &Service,
    kubernetes: (u32, u32),
    reasons: &mut Reasons,
) -> Option<Workload> {
    let address = Address::of(["service", name]);
    let margin = written.safety_margin.as_ref();
    let loads = [
        load(
            &address,
            LoadKind::Requests,
            ("rps_per_pod", written.rps_per_pod.as_ref()),
            ("target_rps", written.target_rps.as_ref()),
            ("base_rps", written.base_rps.as_ref()),
            margin,
            reasons,
        ),
        load(
            &address,
            LoadKind::Connections,
            ("connections_per_pod", written.connections_per_pod.as_ref()),
            ("target_connections", written.target_connections.as_ref()),
            ("base_connections", written.base_connections.as_ref()),
            margin,
            reasons,
        ),
    ];
    let loads: Vec<Load> = loads.into_iter().flatten().collect();
    let target = scale_target(name, written.workload.as_deref(), &address, place, reasons);
    check_alternatives(&address, written.replicas, written.autoscale.as_ref().map(|it| it.span), reasons);
    let states_demand = written.target_rps.is_some() || written.target_connections.is_some();
    let scene = Scene { address: &address, place, loads: &loads, states_demand, kubernetes, target_name: &target.name };
    let scaling = match written.replicas {
        Some(replicas) => Some(fixed(&scene, replicas, reasons)),
        None => {
            let autoscaler = autoscale::of_service(&scene, written.autoscale.as_ref().map(|it| &it.value), reasons);
            autoscaler.map(|it| Scaling::Autoscaled(Box::new(it)))
        }
    };
    let resources = requests::resolve(written.resources.as_deref(), &address, reasons);
    let baseline =
        baseline::resolve(written.resources.as_deref(), &address, &resources, (&loads, scaling.as_ref()), reasons);
    Some(Workload {
        name: name.to_owned(),
        family: Family::Service,
        place,
        index,
        selector: selector(written.workload.as_deref(), &target, &address, place, reasons),
        resources,
        baseline,
        disruption: disruption::resolve(written.disruption.as_deref(), &target, &address, reasons),
        target,
        schedules: Vec::new(),
        events: Vec::new(),
        emergency: None,
        pool_connections: opened(written.pool_connections.as_ref(), &address.child("pool_connections"), reasons),
        database_connections: opened(
            written.database_connections.as_ref(),
            &address.child("database_connections"),
            reasons,
        ),
        redis_connections: opened(written.redis_connections.as_ref(), &address.child("redis_connections"), reasons),
        loads,
        partitions: None,
        throughput: Throughput::default(),
        settings: None,
        patched: None,
        // The last: the mistakes in all other keys are to be told in the same run.
        scaling: scaling?,
        address,
    })
}

fn worker(
    name: &str,
    (place, index): (Span, usize),
    written: &Worker,
    kubernetes: (u32, u32),
    reasons: &mut Reasons,
) -> Option<Workload> {
    let address = Address::of(["worker", name]);
    queue::check_single(written, &address, reasons);
    let throughput = throughput::resolve(written, &address, reasons);
    let loads: Vec<Load> = events(written, &throughput, &address, reasons).into_iter().collect();
    let target = scale_target(name, written.workload.as_deref(), &address, place, reasons);
    check_alternatives(&address, written.replicas, written.autoscale.as_ref().map(|it| it.span), reasons);
    let partitions = written.kafka.as_ref().map(|kafka| {
        let partitions = kafka.value.partitions;
        let partitions_at = address.child("kafka").child("partitions");
        reasons.taken(partitions_at, partitions.value.0, partitions.span)
    });
    let has_steps = written.autoscale.as_ref().is_some_and(|it| it.value.steps.is_some());
    let states_demand = written.event_rate.is_some() || has_steps;
    let scene = Scene { address: &address, place, loads: &loads, states_demand, kubernetes, target_name: &target.name };
    let scaling = match written.replicas {
        Some(replicas) => {
            queue::remember(written, &scene, reasons);
            Some(fixed(&scene, replicas, reasons))
        }
        None => {
            let autoscaler = autoscale::of_worker(&scene, written, &throughput, reasons);
            autoscaler.map(|it| Scaling::Autoscaled(Box::new(it)))
        }
    };
    if let Some(scaling) = &scaling {
        throughput::check_partitions(written, &throughput, scaling, place, reasons);
    }
    let resources = requests::resolve(written.resources.as_deref(), &address, reasons);
    let baseline =
        baseline::resolve(written.resources.as_deref(), &address, &resources, (&loads, scaling.as_ref()), reasons);
    Some(Workload {
        name: name.to_owned(),
        family: Family::Worker,
        place,
        index,
        selector: selector(written.workload.as_deref(), &target, &address, place, reasons),
        resources,
        baseline,
        disruption: disruption::resolve(written.disruption.as_deref(), &target, &address, reasons),
        target,
        schedules: Vec::new(),
        events: Vec::new(),
        emergency: None,
        pool_connections: opened(written.pool_connections.as_ref(), &address.child("pool_connections"), reasons),
        database_connections: opened(
            written.database_connections.as_ref(),
            &address.child("database_connections"),
            reasons,
        ),
        redis_connections: opened(written.redis_connections.as_ref(), &address.child("redis_connections"), reasons),
        loads,
        partitions,
        throughput,
        settings: None,
        patched: None,
        // The last: the mistakes in all other keys are to be told in the same run.
        scaling: scaling?,
        address,
    })
}

type Stated<'a, const POSITIVE: bool> = (&'static str, Option<&'a Spanned<Decimal<POSITIVE>>>);

/// One kind of demand of a service; demand without a measurement of what a pod carries decides nothing.
fn load(
    address: &Address,
    kind: LoadKind,
    (per_pod_key, per_pod): Stated<'_, true>,
    (target_key, target): Stated<'_, true>,
    (base_key, base): Stated<'_, false>,
    margin: Option<&Spanned<Decimal<true>>>,
    reasons: &mut Reasons,
) -> Option<Load> {
    let Some(per_pod) = per_pod else {
        let stated = [(target_key, target.map(|it| it.span)), (base_key, base.map(|it| it.span))];
        let help = format!("write what one pod was measured to carry: `{per_pod_key} = …`");
        let why = format!("without `{per_pod_key}`");
        demand_alone(address, &stated, &why, &help, reasons);
        return None;
    };
    check_base(address, (target_key, target), (base_key, base), reasons);
    Some(Load {
        kind,
        per_pod: reasons.taken(address.child(per_pod_key), per_pod.value.0, per_pod.span),
        margin: safety_margin(address, margin, reasons),
        target: target.map(|it| reasons.taken(address.child(target_key), it.value.0, it.span)),
        base: base.map(|it| reasons.taken(address.child(base_key), it.value.0, it.span)),
    })
}

/// Reports a demand that decides nothing, once for peak and trough together.
fn demand_alone(address: &Address, stated: &[(&str, Option<Span>); 2], why: &str, help: &str, reasons: &mut Reasons) {
    let mut stated = stated.iter().filter_map(|(key, span)| Some((key, (*span)?)));
    if let Some((key, span)) = stated.next() {
        let message = format!("`{address}.{key}` decides nothing {why}");
        let diagnostic = Diagnostic::error(message).at(span, "a demand alone");
        reasons.sink.error(diagnostic.at_some(stated.next().map(|(_, span)| span), "and this one").help(help));
    }
}

fn check_base(
    address: &Address,
    (target_key, target): Stated<'_, true>,
    (base_key, base): Stated<'_, false>,
    reasons: &mut Reasons,
) {
    if let (Some(target), Some(base)) = (target, base)
        && base.value.0 > target.value.0
    {
        let message =
            format!("`{address}.{base_key}` is {}, above `{target_key}`, which is {}", base.value, target.value);
        let help = format!("the base is the trough, the target the peak: swap them, or leave `{base_key}` out");
        reasons
            .sink
            .error(Diagnostic::error(message).at(base.span, "the base").at(target.span, "the target").help(help));
    }
}

fn safety_margin(address: &Address, written: Option<&Spanned<Decimal<true>>>, reasons: &mut Reasons) -> Derived<Exact> {
    let at = address.child("safety_margin");
    match written {
        Some(margin) => reasons.taken(at, margin.value.0, margin.span),
        None => {
            let (numerator, denominator) = SAFETY_MARGIN;
            let reason = "half as much again, for what the measurement does not know";
            reasons.default(at, Exact::fraction(numerator, denominator), reason)
        }
    }
}

fn events(worker: &Worker, throughput: &Throughput, address: &Address, reasons: &mut Reasons) -> Option<Load> {
    let (target, base) = (worker.event_rate.as_ref(), worker.base_event_rate.as_ref());
    let Some(per_pod) = throughput.per_second.clone() else {
        // Where both are stated, one of them was refused.
        if worker.concurrency.is_none() || worker.processing_time.is_none() {
            let stated = [("event_rate", target.map(|it| it.span)), ("base_event_rate", base.map(|it| it.span))];
            let help = "write `throughput_per_worker`, or both `concurrency` and `processing_time`";
            demand_alone(address, &stated, "until it is known what one worker carries", help, reasons);
        }
        return None;
    };
    check_base(address, ("event_rate", target), ("base_event_rate", base), reasons);
    Some(Load {
        kind: LoadKind::Events,
        per_pod,
        margin: safety_margin(address, worker.safety_margin.as_ref(), reasons),
        target: target.map(|it| reasons.taken(address.child("event_rate"), it.value.0, it.span)),
        base: base.map(|it| reasons.taken(address.child("base_event_rate"), it.value.0, it.span)),
    })
}

fn check_alternatives(
    address: &Address,
    replicas: Option<Spanned<Count>>,
    autoscale: Option<Span>,
    reasons: &mut Reasons,
) {
    if let (Some(replicas), Some(autoscale)) = (replicas, autoscale) {
        let message = format!("`{address}` has both `replicas` and `autoscale`: two owners of one replica count");
        let help = "keep `replicas` for a fixed number, or `autoscale`";
        let diagnostic = Diagnostic::error(message).at(replicas.span, "fixed here").at(autoscale, "and scaled here");
        reasons.sink.error(diagnostic.help(help));
    }
}

/// A fixed number of pods: a pin of the most replicas.
fn fixed(scene: &Scene<'_>, replicas: Spanned<Count>, reasons: &mut Reasons) -> Scaling {
    let at = scene.address.child("replicas");
    let asked = replicas::answer(scene.loads, Moment::Target, None, &at, scene.place, reasons);
    let pin = Spanned { value: replicas.value.0, span: replicas.span };
    let decided = reasons.decided(at.clone(), Some(&pin), asked, more_is_more);
    Scaling::Fixed(decided.unwrap_or(Derived { value: pin.value, address: at }))
}

fn scale_target(
    name: &str,
    written: Option<&WrittenTarget>,
    address: &Address,
    place: Span,
    reasons: &mut Reasons,
) -> ScaleTarget {
    let at = address.child("workload");
    let nothing = WrittenTarget::default();
    let written = written.unwrap_or(&nothing);
    let kind = match &written.kind {
        Some(kind) => reasons.taken(at.child("kind"), kind.value.as_str().to_owned(), kind.span),
        None => reasons.default(at.child("kind"), "Deployment".to_owned(), "what most workloads are"),
    };
    let api_version = match &written.api_version {
        Some(version) => reasons.taken(at.child("api_version"), version.value.as_str().to_owned(), version.span),
        None => reasons.default(at.child("api_version"), "apps/v1".to_owned(), "the API group of Deployments"),
    };
    let target_name = match &written.name {
        Some(name) => reasons.taken(at.child("name"), name.value.as_str().to_owned(), name.span),
        None => reasons.taken(at.child("name"), name.to_owned(), place),
    };
    let container = written.container.as_ref();
    let container = container.map(|it| reasons.taken(at.child("container"), it.value.as_str().to_owned(), it.span));
    ScaleTarget { kind, api_version, name: target_name, container }
}

fn selector(
    written: Option<&WrittenTarget>,
    target: &ScaleTarget,
    address: &Address,
    place: Span,
    reasons: &mut Reasons,
) -> Vec<(String, Derived<String>)> {
    let at = address.child("workload").child("selector");
    match written.and_then(|it| it.selector.as_ref()) {
        Some(labels) if labels.is_empty() => {
            let message = format!("`{at}` is empty: the PodDisruptionBudget would hold for every pod of the namespace");
            let help = "name a label that only these pods have, or take the line out";
            reasons.sink.error(Diagnostic::error(message).at(place, "of this workload").help(help));
            Vec::new()
        }
        Some(labels) => labels
            .iter()
            .map(|(key, entry)| {
                let text = entry.value.value.as_str().to_owned();
                (key.to_owned(), reasons.taken(at.child(key), text, entry.value.span))
            })
            .collect(),
        None => {
            if let Err(fault) = kubernetes::label_value(&target.name.value) {
                let message = format!("`{}` cannot be the pods' label `app`: {fault}", target.name.value);
                let help = "name a label of the pods: `workload = { selector = { app = \"…\" } }`";
                reasons.sink.error(Diagnostic::error(message).at(place, "").help(help));
            }
            vec![("app".to_owned(), target.name.clone())]
        }
    }
}

fn opened<K>(written: Option<&Named<K, Spanned<Count>>>, at: &Address, reasons: &mut Reasons) -> Vec<Opened> {
    let of = |(name, entry): (&str, &crate::spec::scalar::Entry<Spanned<Count>>)| Opened {
        name: name.to_owned(),
        count: reasons.taken(at.child(name), entry.value.value.0, entry.value.span),
        place: entry.key,
    };
    written.iter().flat_map(|it| it.iter()).map(of).collect()
}

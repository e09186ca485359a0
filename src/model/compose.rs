//! What Docker Compose is told: containers, limits, environment, how containers are replaced and started again.
//!
//! Sources: compose-spec `deploy.md`, `05-services.md`, `11-extension.md` (byte values are binary: `1g` is 2^30).

use crate::diag::source::Spanned;
use crate::spec::Spec;
use crate::spec::compose::{self as written, FailureAction, RestartCondition, Size, UpdateOrder};
use crate::unit::duration::Duration;
use crate::unit::exact::Exact;
use crate::unit::quantity::{Quantity, format_compose_bytes};
use crate::why::{Address, Derived};

use super::reasons::Reasons;
use super::runs::{self, Run};
use super::workloads::Workload;

/// The services of a Compose file.
#[derive(Debug, Clone)]
pub struct Compose {
    pub address: Address,
    /// Sorted by name.
    pub services: Vec<Service>,
}

/// One service of a Compose file.
#[derive(Debug, Clone)]
pub struct Service {
    pub name: Derived<String>,
    pub replicas: Derived<i64>,
    pub environment: Vec<(String, Derived<String>)>,
    pub update: Option<Update>,
    pub limits: Share,
    pub reservations: Share,
    pub restart: Option<Restart>,
}

/// Cores and memory of one container, as Compose writes them: `0.5`, `512m`.
#[derive(Debug, Clone)]
pub struct Share {
    pub cpus: Option<Derived<String>>,
    pub memory: Option<Derived<String>>,
}

/// How containers are replaced. Durations are Compose's: `10s`, `500ms`.
#[derive(Debug, Clone, Default)]
pub struct Update {
    pub parallelism: Option<Derived<i64>>,
    pub delay: Option<Derived<String>>,
    pub failure_action: Option<Derived<&'static str>>,
    pub monitor: Option<Derived<String>>,
    pub max_failure_ratio: Option<Derived<String>>,
    pub order: Option<Derived<&'static str>>,
}

/// When containers are started again.
#[derive(Debug, Clone, Default)]
pub struct Restart {
    pub condition: Option<Derived<&'static str>>,
    pub delay: Option<Derived<String>>,
    pub max_attempts: Option<Derived<i64>>,
    pub window: Option<Derived<String>>,
}

pub(super) fn resolve(spec: &Spec, workloads: &[Workload], reasons: &mut Reasons) -> Option<Compose> {
    let written = &spec.compose.as_ref().filter(|_| !spec.is_damaged("compose", ""))?.value;
    let address = Address::of(["compose"]);
    let runs = runs::resolve(spec, workloads, &address, &written.runs, reasons);
    runs::check_own(&address, written.service.as_ref(), &written.runs.value, reasons);
    let size = written.size.map_or(Size::Floor, |it| it.value);
    let size_at = written.size.map(|it| {
        let word = if it.value == Size::Floor { "floor" } else { "peak" };
        reasons.taken(address.child("size"), word, it.span).address
    });
    let update = update(written.update.as_ref(), &address.child("update"), reasons);
    let restart = restart(written.restart.as_ref(), &address.child("restart"), reasons);
    let general = General { size, size_at, update, restart };
    let mut services = Vec::new();
    for run in &runs {
        let own = written.service.as_ref().and_then(|it| it.get(&run.name.value)).map(|it| &it.value);
        services.push(service(run, own, &general, &address.child("service").child(&run.name.value), reasons));
    }
    let places = services.iter().zip(&runs).map(|(service, run)| {
        (service.name.value.as_str(), reasons.causes.written_at(&service.name.address).unwrap_or(run.place))
    });
    let places: Vec<_> = places.collect();
    runs::check_names("services of Compose", places.into_iter(), reasons);
    services.sort_by(|a, b| a.name.value.cmp(&b.name.value));
    Some(Compose { address, services })
}

/// What holds for all services.
struct General {
    size: Size,
    size_at: Option<Address>,
    update: Option<Update>,
    restart: Option<Restart>,
}

fn service(
    run: &Run<'_>,
    own: Option<&written::ComposeService>,
    general: &General,
    at: &Address,
    reasons: &mut Reasons,
) -> Service {
    let nothing = written::ComposeService::default();
    let own = own.unwrap_or(&nothing);
    let name = match &own.name {
        Some(name) => reasons.taken(at.child("name"), name.value.as_str().to_owned(), name.span),
        None => run.name.clone(),
    };
    let resources = &run.workload.resources;
    let own_update = update(own.update.as_ref(), &at.child("update"), reasons);
    let own_restart = restart(own.restart.as_ref(), &at.child("restart"), reasons);
    Service {
        name,
        replicas: replicas(run, own, general, at.child("replicas"), reasons),
        environment: run.workload.settings.iter().flat_map(|it| it.values.iter().cloned()).collect(),
        update: over(own_update, general.update.clone(), |own, general| Update {
            parallelism: own.parallelism.or(general.parallelism),
            delay: own.delay.or(general.delay),
            failure_action: own.failure_action.or(general.failure_action),
            monitor: own.monitor.or(general.monitor),
            max_failure_ratio: own.max_failure_ratio.or(general.max_failure_ratio),
            order: own.order.or(general.order),
        }),
        limits: share(&resources.cpu_limit, &resources.memory_limit),
        reservations: share(&resources.cpu, &resources.memory),
        restart: over(own_restart, general.restart.clone(), |own, general| Restart {
            condition: own.condition.or(general.condition),
            delay: own.delay.or(general.delay),
            max_attempts: own.max_attempts.or(general.max_attempts),
            window: own.window.or(general.window),
        }),
    }
}

fn over<T>(own: Option<T>, general: Option<T>, merge: impl FnOnce(T, T) -> T) -> Option<T> {
    match (own, general) {
        (Some(own), Some(general)) => Some(merge(own, general)),
        (own, general) => own.or(general),
    }
}

/// Compose scales nothing by itself: what is written is what runs, until somebody says `--scale`.
fn replicas(
    run: &Run<'_>,
    own: &written::ComposeService,
    general: &General,
    at: Address,
    reasons: &mut Reasons,
) -> Derived<i64> {
    if let Some(pin) = own.replicas {
        return reasons.taken(at, pin.value.0, pin.span);
    }
    let (pods, name) = match general.size {
        Size::Floor => (run.workload.floor(), "min_replicas"),
        Size::Peak => (run.workload.peak(), "max_replicas"),
    };
    let inputs: Vec<Address> = [pods.address.clone()].into_iter().chain(general.size_at.clone()).collect();
    reasons.formula(at, pods.value, name, name, &inputs)
}

fn share(cpu: &Option<Derived<Quantity>>, memory: &Option<Derived<Quantity>>) -> Share {
    Share {
        cpus: cpu.as_ref().map(|it| it.map(|it| Exact::fraction(it.milli_ceil(), 1000).to_string())),
        memory: memory.as_ref().map(|it| it.map(|it| format_compose_bytes(it.bytes_ceil()))),
    }
}

fn update(written: Option<&written::Update>, at: &Address, reasons: &mut Reasons) -> Option<Update> {
    let written = written?;
    Some(Update {
        parallelism: written.parallelism.map(|it| reasons.taken(at.child("parallelism"), it.value.0, it.span)),
        delay: duration(written.delay.as_ref(), at.child("delay"), reasons),
        failure_action: written.failure_action.map(|it| {
            let word = match it.value {
                FailureAction::Continue => "continue",
                FailureAction::Pause => "pause",
                FailureAction::Rollback => "rollback",
            };
            reasons.taken(at.child("failure_action"), word, it.span)
        }),
        monitor: duration(written.monitor.as_ref(), at.child("monitor"), reasons),
        max_failure_ratio: written.max_failure_ratio.and_then(|it| ratio(it, at.child("max_failure_ratio"), reasons)),
        order: written.order.map(|it| {
            let word = match it.value {
                UpdateOrder::StopFirst => "stop-first",
                UpdateOrder::StartFirst => "start-first",
            };
            reasons.taken(at.child("order"), word, it.span)
        }),
    })
}

fn ratio(written: Spanned<crate::spec::scalar::Rate>, at: Address, reasons: &mut Reasons) -> Option<Derived<String>> {
    let value = written.value.0;
    if value > Exact::ONE {
        let message = format!("expected a part from 0 to 1, found `{value}`");
        let help = "write 0.25 where a quarter of the containers may fail";
        reasons.sink.error(crate::diag::Diagnostic::error(message).at(written.span, "").help(help));
        return None;
    }
    Some(reasons.taken(at, value.to_string(), written.span))
}

fn restart(written: Option<&written::Restart>, at: &Address, reasons: &mut Reasons) -> Option<Restart> {
    let written = written?;
    Some(Restart {
        condition: written.condition.map(|it| {
            let word = match it.value {
                RestartCondition::None => "none",
                RestartCondition::OnFailure => "on-failure",
                RestartCondition::Any => "any",
            };
            reasons.taken(at.child("condition"), word, it.span)
        }),
        delay: duration(written.delay.as_ref(), at.child("delay"), reasons),
        max_attempts: written.max_attempts.map(|it| reasons.taken(at.child("max_attempts"), it.value.0, it.span)),
        window: duration(written.window.as_ref(), at.child("window"), reasons),
    })
}

/// Compose knows no days: `1d` is `86400s`.
fn duration(written: Option<&Spanned<Duration>>, at: Address, reasons: &mut Reasons) -> Option<Derived<String>> {
    let written = written?;
    let text = match written.value.whole_seconds() {
        Some(seconds) => format!("{seconds}s"),
        None => format!("{}ms", written.value.millis()),
    };
    Some(reasons.taken(at, text, written.span))
}

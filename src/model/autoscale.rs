//! The autoscaler of a workload: limits, signals, pace.

use crate::diag::Diagnostic;
use crate::diag::source::{Span, Spanned};
use crate::spec::scalar::Whole;
use crate::spec::service::{Metric, ServiceAutoscale};
use crate::spec::worker::{FallbackBehavior, Worker, WorkerAutoscale};
use crate::spec::workload::{self, Limits, ScalingRules, Select};
use crate::unit::duration::Duration;
use crate::unit::exact::Exact;
use crate::why::{Address, Derived};

use super::queue;
use super::reasons::{Answer, Reasons, less_is_more, more_is_more};
use super::replicas::{self, LEAST_REASON, LEAST_REPLICAS, Moment};
use super::steps::{self, Steps};
use super::throughput::Throughput;
use super::workloads::{Load, LoadKind};

pub use super::queue::Queue;

/// A HorizontalPodAutoscaler, or a ScaledObject where there is a queue.
#[derive(Debug, Clone)]
pub struct Autoscaler {
    pub name: Derived<String>,
    pub min: Derived<i64>,
    pub max: Derived<i64>,
    /// Percent of the request.
    pub cpu: Option<Derived<i64>>,
    /// Percent of the request.
    pub memory: Option<Derived<i64>>,
    pub metrics: Vec<PodsMetric>,
    pub scale_up: Option<Box<Rules>>,
    pub scale_down: Option<Box<Rules>>,
    /// What a ScaledObject has beyond an HPA; `None` is an HPA.
    pub keda: Option<Box<Keda>>,
}

/// A metric that the pods serve.
#[derive(Debug, Clone)]
pub struct PodsMetric {
    pub name: Derived<String>,
    /// Average per pod, as a Kubernetes quantity: `3333`, `3333m`.
    pub target: Derived<String>,
}

/// `behavior` of one direction. What is absent stays absent: that is not the same as the default written out.
#[derive(Debug, Clone)]
pub struct Rules {
    /// In seconds.
    pub window: Option<Derived<i64>>,
    pub policies: Vec<Policy>,
    pub select: Option<Derived<&'static str>>,
    /// As a decimal; Kubernetes 1.35 and later.
    pub tolerance: Option<Derived<String>>,
}

/// One scaling policy.
#[derive(Debug, Clone)]
pub struct Policy {
    /// `Percent` or `Pods`.
    pub kind: &'static str,
    pub value: Derived<i64>,
    /// In seconds.
    pub period: Derived<i64>,
}

/// What a ScaledObject has beyond an HPA.
#[derive(Debug, Clone)]
pub struct Keda {
    pub queue: Queue,
    /// Messages per replica.
    pub lag_threshold: Derived<i64>,
    /// In seconds.
    pub polling_interval: Option<Derived<i64>>,
    /// In seconds.
    pub cooldown: Option<Derived<i64>>,
    /// Scale to zero while the queue is empty: `idleReplicaCount`.
    pub idle: Option<Derived<i64>>,
    pub fallback: Option<Fallback>,
}

/// KEDA's answer to a queue that cannot be asked.
#[derive(Debug, Clone)]
pub struct Fallback {
    pub failure_threshold: Derived<i64>,
    pub replicas: Derived<i64>,
    pub behavior: Option<Derived<&'static str>>,
}

/// CPU use at which a service without another signal scales, in percent of the request.
const CPU_PERCENT: i64 = 70;

/// Where an autoscaler is decided: its workload's address, the place to blame, the loads, the cluster's version.
pub(super) struct Scene<'a> {
    pub(super) address: &'a Address,
    pub(super) place: Span,
    pub(super) loads: &'a [Load],
    /// Whether the spec states a demand at peak, even one that cannot be used.
    pub(super) states_demand: bool,
    pub(super) kubernetes: (u32, u32),
    /// Name of the scaled object, which the autoscaler takes over.
    pub(super) target_name: &'a Derived<String>,
}

/// The HorizontalPodAutoscaler of a service.
pub(super) fn of_service(
    scene: &Scene<'_>,
    written: Option<&ServiceAutoscale>,
    reasons: &mut Reasons,
) -> Option<Autoscaler> {
    let limits = written.map(ServiceAutoscale::limits).unwrap_or_default();
    let metrics = [
        (written.and_then(|it| it.rps.as_ref()), "rps", LoadKind::Requests),
        (written.and_then(|it| it.connections.as_ref()), "connections", LoadKind::Connections),
    ];
    let metrics = metrics.into_iter().filter_map(|(metric, key, kind)| pods_metric(scene, metric?, key, kind, reasons));
    let metrics: Vec<PodsMetric> = metrics.collect();
    check_hpa(scene, &limits, reasons);
    let mut autoscaler = common(scene, &limits, None, reasons)?;
    autoscaler.metrics = metrics;
    signal_by_default(scene, &mut autoscaler, reasons);
    Some(autoscaler)
}

/// The ScaledObject of a worker with a queue, the HorizontalPodAutoscaler of one without.
pub(super) fn of_worker(
    scene: &Scene<'_>,
    worker: &Worker,
    throughput: &Throughput,
    reasons: &mut Reasons,
) -> Option<Autoscaler> {
    let nothing = WorkerAutoscale::default();
    let written = worker.autoscale.as_ref().map_or(&nothing, |it| &it.value);
    let limits = written.limits();
    let steps = steps::resolve(written, &scene.address.child("autoscale"), reasons);
    let autoscaler = common(scene, &limits, steps.as_ref(), reasons);
    match queue::resolve(worker, scene, reasons) {
        Some(queue) => {
            let keda = keda(scene, worker, written, throughput, (queue, steps.as_ref()), reasons);
            let (keda, autoscaler) = (keda?, autoscaler?);
            if let Some(steps) = &steps {
                steps.check_reached(&keda.lag_threshold, &autoscaler.max, reasons);
            }
            Some(Autoscaler { keda: Some(Box::new(keda)), ..autoscaler })
        }
        None => {
            refuse_queue_keys(written, reasons);
            check_hpa(scene, &limits, reasons);
            let mut autoscaler = autoscaler?;
            signal_by_default(scene, &mut autoscaler, reasons);
            Some(autoscaler)
        }
    }
}

/// What services and workers decide alike.
fn common(scene: &Scene<'_>, limits: &Limits<'_>, steps: Option<&Steps>, reasons: &mut Reasons) -> Option<Autoscaler> {
    let at = scene.address.child("autoscale");
    let min_and_max = min_and_max(scene, limits, steps, reasons);
    let scale_up = limits.scale_up.map(|it| rules(scene, it, &at.child("scale_up"), reasons));
    let scale_down = limits.scale_down.map(|it| rules(scene, it, &at.child("scale_down"), reasons));
    let (min, max) = min_and_max?;
    let name = match limits.name {
        Some(name) => reasons.taken(at.child("name"), name.value.as_str().to_owned(), name.span),
        None => scene.target_name.clone(),
    };
    Some(Autoscaler {
        name,
        min,
        max,
        cpu: limits.cpu.map(|it| reasons.taken(at.child("cpu"), it.value.0, it.span)),
        memory: limits.memory.map(|it| reasons.taken(at.child("memory"), it.value.0, it.span)),
        metrics: Vec::new(),
        scale_up: scale_up.map(Box::new),
        scale_down: scale_down.map(Box::new),
        keda: None,
    })
}

/// The limits: pins, or replicas at the base and at the target load; never above the partitions.
fn min_and_max(
    scene: &Scene<'_>,
    limits: &Limits<'_>,
    steps: Option<&Steps>,
    reasons: &mut Reasons,
) -> Option<(Derived<i64>, Derived<i64>)> {
    let at = scene.address.child("autoscale");
    let (min_at, max_at) = (at.child("min"), at.child("max"));
    let base = replicas::answer(scene.loads, Moment::Base, None, &min_at, scene.place, reasons);
    let min_pin = limits.min.map(|it| Spanned { value: it.value.0, span: it.span });
    let min = reasons
        .decided(min_at.clone(), min_pin.as_ref(), base, more_is_more)
        .unwrap_or_else(|| reasons.default(min_at, LEAST_REPLICAS, LEAST_REASON));
    let max_pin = limits.max.map(|it| Spanned { value: it.value.0, span: it.span });
    let least = max_pin.is_none().then_some(&min);
    let target = replicas::answer(scene.loads, Moment::Target, least, &max_at, scene.place, reasons);
    let target = match steps {
        Some(steps) => Some(steps.at_least(target, least)),
        None => target,
    };
    let Some(max) = reasons.decided(max_at, max_pin.as_ref(), target, more_is_more) else {
        // A demand that decides nothing was reported where it stands.
        if !scene.states_demand {
            reasons.sink.error(undecided_max(scene));
        }
        return None;
    };
    check_limits(scene, (&min, min_pin), (&max, max_pin), reasons).then_some((min, max))
}

fn undecided_max(scene: &Scene<'_>) -> Diagnostic {
    let is_worker = scene.address.as_str().starts_with("worker.");
    let inputs = match is_worker {
        true => "`event_rate` with `throughput_per_worker` (or `concurrency` and `processing_time`)",
        false => "`target_rps` with `rps_per_pod` (or `target_connections` with `connections_per_pod`)",
    };
    Diagnostic::error(format!("nothing decides the most replicas of `{}`", scene.address))
        .at(scene.place, "neither a demand nor a pin")
        .help(format!("write {inputs}"))
        .help(format!(
            "or pin it: `[{}.autoscale]` with `max = 10`, or `replicas = 3` for a fixed number",
            scene.address
        ))
}

type Limit<'a> = (&'a Derived<i64>, Option<Spanned<i64>>);

fn check_limits(scene: &Scene<'_>, min: Limit<'_>, max: Limit<'_>, reasons: &mut Reasons) -> bool {
    let (min_value, max_value) = (min.0.value, max.0.value);
    let (min_place, max_place) = (min.1.map(|it| it.span), max.1.map(|it| it.span));
    if max_value < 1 {
        let message = format!("`{}` must be at least 1", max.0.address);
        let diagnostic = Diagnostic::error(message).at(max_place.unwrap_or(scene.place), "");
        reasons.sink.error(diagnostic.help("write `replicas = 0` to run none at all"));
        return false;
    }
    if min_value > max_value {
        let message = format!("`{}` is {min_value}, above `{}`, which is {max_value}", min.0.address, max.0.address);
        let nowhere = (min_place.is_none() && max_place.is_none()).then_some(scene.place);
        let help = format!(
            "pin both so that they agree: `min = {max_value}` or `max = {min_value}` under `[{}.autoscale]`",
            scene.address
        );
        let diagnostic = Diagnostic::error(message).at_some(min_place, "the floor").at_some(max_place, "the limit");
        reasons.sink.error(diagnostic.at_some(nowhere, "both are derived").help(help));
        return false;
    }
    true
}

/// Kubernetes refuses `minReplicas: 0` unless an alpha gate is on (`HPAScaleToZero`, still alpha in 1.36).
fn check_hpa(scene: &Scene<'_>, limits: &Limits<'_>, reasons: &mut Reasons) {
    if let Some(Spanned { value: Whole(0), span }) = limits.min {
        let message = format!("a HorizontalPodAutoscaler cannot scale `{}` to zero", scene.address);
        let help = "write `min = 1`; a worker with a queue can go to zero with `idle = true`";
        reasons.sink.error(Diagnostic::error(message).at(span, "at least 1 here").help(help));
    }
}

/// An autoscaler needs a signal: without any, CPU.
fn signal_by_default(scene: &Scene<'_>, autoscaler: &mut Autoscaler, reasons: &mut Reasons) {
    if autoscaler.cpu.is_none() && autoscaler.memory.is_none() && autoscaler.metrics.is_empty() {
        let at = scene.address.child("autoscale").child("cpu");
        autoscaler.cpu = Some(reasons.default(at, CPU_PERCENT, "a service with no other signal scales on CPU"));
    }
}

fn pods_metric(
    scene: &Scene<'_>,
    metric: &Metric,
    key: &str,
    kind: LoadKind,
    reasons: &mut Reasons,
) -> Option<PodsMetric> {
    let at = scene.address.child("autoscale").child(key);
    let name = reasons.taken(at.child("metric"), metric.metric.value.as_str().to_owned(), metric.metric.span);
    let target_at = at.child("target");
    let load = scene.loads.iter().find(|it| it.kind == kind);
    let answer = load.and_then(|load| replicas::metric_target(load, &target_at, metric.metric.span, reasons));
    let pin = metric.target.as_ref().map(|it| Spanned { value: it.value.0, span: it.span });
    let carries = |pinned: &Exact, asked: &Exact| asked.checked_cmp(pinned).unwrap_or(std::cmp::Ordering::Equal);
    let place = pin.as_ref().map_or(metric.metric.span, |it| it.span);
    let Some(target) = reasons.decided(target_at, pin.as_ref(), answer, carries) else {
        // What leaves every range was reported where it was computed.
        if load.is_none() {
            let per_pod = if kind == LoadKind::Requests { "rps_per_pod" } else { "connections_per_pod" };
            let message = format!("nothing decides the target of `{}`", metric.metric.value);
            let diagnostic = Diagnostic::error(message).at(place, "neither a measurement nor a pin");
            let help = format!("write `{per_pod}` for `{}`, or pin `target` beside the metric", scene.address);
            reasons.sink.error(diagnostic.help(help));
        }
        return None;
    };
    if target.value.is_zero() {
        let message = format!("`{}` would be 0: less than a thousandth for each pod", target.address);
        let help = "write what one pod carries in a smaller unit, or pin `target` beside the metric";
        reasons.sink.error(Diagnostic::error(message).at(place, "").help(help));
        return None;
    }
    let Some(text) = quantity(target.value) else {
        let message = format!("a metric target has at most three decimals, this one is {}", target.value);
        reasons.sink.error(Diagnostic::error(message).at(place, "").help("round it to thousandths"));
        return None;
    };
    Some(PodsMetric { name, target: target.map(|_| text) })
}

/// A Kubernetes quantity: whole, or in thousandths.
fn quantity(value: Exact) -> Option<String> {
    let milli = value * Exact::from(1000);
    match (value.floor()?, value.ceil()?, milli.floor()?, milli.ceil()?) {
        (floor, ceil, ..) if floor == ceil => Some(floor.to_string()),
        (.., floor, ceil) if floor == ceil => Some(format!("{floor}m")),
        _ => None,
    }
}

fn keda(
    scene: &Scene<'_>,
    worker: &Worker,
    written: &WorkerAutoscale,
    throughput: &Throughput,
    (queue, steps): (Queue, Option<&Steps>),
    reasons: &mut Reasons,
) -> Option<Keda> {
    let at = scene.address.child("autoscale");
    let lag_threshold = lag_threshold(scene, worker, written, throughput, (&queue, steps), reasons);
    let idle = written.idle.filter(|it| it.value).map(|it| {
        if let Some(min) = written.min.filter(|min| min.value.0 == 0) {
            let message = "`idle = true` goes to zero by itself: `min` is the count of a worker that is busy";
            let diagnostic = Diagnostic::error(message).at(min.span, "at least 1 here").at(it.span, "to zero");
            reasons.sink.error(diagnostic.help("write `min = 1` or more"));
        }
        reasons.taken(at.child("idle"), 0, it.span)
    });
    let mut whole_seconds = |value: Option<&Spanned<Duration>>, key: &str| {
        value.and_then(|value| seconds(value, &at.child(key), (1, 86_400), reasons))
    };
    let polling_interval = whole_seconds(written.polling_interval.as_ref(), "polling_interval");
    let cooldown = whole_seconds(written.cooldown.as_ref(), "cooldown");
    let fallback = written.fallback.as_ref().map(|it| {
        let at = at.child("fallback");
        let it = &it.value;
        let threshold = it.failure_threshold;
        Fallback {
            failure_threshold: reasons.taken(at.child("failure_threshold"), threshold.value.0, threshold.span),
            replicas: reasons.taken(at.child("replicas"), it.replicas.value.0, it.replicas.span),
            behavior: it.behavior.map(|it| reasons.taken(at.child("behavior"), behavior(it.value), it.span)),
        }
    });
    Some(Keda { queue, lag_threshold: lag_threshold?, polling_interval, cooldown, idle, fallback })
}

/// The word of KEDA's API.
fn behavior(written: FallbackBehavior) -> &'static str {
    match written {
        FallbackBehavior::Static => "static",
        FallbackBehavior::CurrentReplicas => "currentReplicas",
        FallbackBehavior::CurrentReplicasIfHigher => "currentReplicasIfHigher",
        FallbackBehavior::CurrentReplicasIfLower => "currentReplicasIfLower",
    }
}

/// Lag **per replica**: what one worker takes off the queue within the lag target. No margin: it is in the replicas.
///
/// KEDA's kafka scaler computes `ceil(total lag / lagThreshold)` replicas (kedacore/keda v2.20.2, `kafka_scaler.go`).
fn lag_threshold(
    scene: &Scene<'_>,
    worker: &Worker,
    written: &WorkerAutoscale,
    throughput: &Throughput,
    (queue, steps): (&Queue, Option<&Steps>),
    reasons: &mut Reasons,
) -> Option<Derived<i64>> {
    let at = scene.address.child("autoscale").child("lag_threshold");
    let pin = written.lag_threshold.map(|it| Spanned { value: it.value.0, span: it.span });
    let answer = match queue.counts_rate {
        true => rate_threshold(scene, &at, reasons),
        false => lag_answer(scene, worker, throughput, &at, reasons),
    };
    let answer = match (steps, &written.steps) {
        (Some(steps), Some(_)) if !queue.counts_rate => Some(steps.at_most(answer)),
        (_, Some(written)) if queue.counts_rate => {
            let message = "`steps` count messages that wait, and this queue is measured by messages per second";
            let help = "write `mode = \"queue_length\"`, or take the steps out";
            reasons.sink.error(Diagnostic::error(message).at(written.span, "").help(help));
            answer
        }
        _ => answer,
    };
    let place = worker.lag_target.as_ref().map_or(scene.place, |it| it.span);
    let is_stated = match queue.counts_rate {
        true => !scene.loads.is_empty(),
        false => throughput.per_second.is_some() && worker.lag_target.is_some(),
    };
    match reasons.decided(at, pin.as_ref(), answer, less_is_more) {
        Some(threshold) if threshold.value < 1 => {
            let message = format!("`{}` would be 0: less than one message for each worker", threshold.address);
            let help = match queue.counts_rate {
                true => "pin `lag_threshold` under `autoscale`, or write `mode = \"queue_length\"`",
                false => "write a longer `lag_target`",
            };
            reasons.sink.error(Diagnostic::error(message).at(place, "").help(help));
            None
        }
        Some(threshold) => Some(threshold),
        // What is stated and decides nothing was reported where it was computed.
        None if is_stated || written.steps.is_some() => None,
        None => {
            let message =
                format!("nothing decides how many messages a replica of `{}` may have waiting", scene.address);
            let diagnostic = Diagnostic::error(message).at(scene.place, "neither a lag target nor a pin");
            let help =
                "write `lag_target = \"10s\"` and what one worker carries, or pin `lag_threshold` under `autoscale`";
            reasons.sink.error(diagnostic.help(help));
            None
        }
    }
}

fn lag_answer(
    scene: &Scene<'_>,
    worker: &Worker,
    throughput: &Throughput,
    at: &Address,
    reasons: &mut Reasons,
) -> Option<Answer<i64>> {
    let (per_second, written) = (throughput.per_second.as_ref()?, worker.lag_target.as_ref()?);
    let target_at = scene.address.child("lag_target");
    let target = reasons.taken(target_at, written.value.text().to_owned(), written.span);
    let seconds = Exact::fraction(written.value.millis(), 1000);
    if let Some(time) = throughput.processing_time.as_ref().filter(|time| seconds <= time.value) {
        let message = format!(
            "a `lag_target` of {} cannot be met: a message takes {} s alone, and the lag counts what is in flight",
            written.value, time.value
        );
        let place = worker.processing_time.as_ref().map(|it| it.span).or(worker.concurrency.map(|it| it.span));
        let diagnostic = Diagnostic::error(message).at(written.span, "not longer than").at_some(place, "the mean time");
        reasons.sink.error(diagnostic.help("write a `lag_target` well above `processing_time`"));
        return None;
    }
    Some(Answer {
        value: reasons.floor(per_second.value * seconds, at, written.span)?,
        symbolic: "floor(throughput_per_worker × lag_target)",
        numbers: format!("floor({} × {seconds} s)", per_second.value.recomputable()),
        inputs: vec![per_second.address.clone(), target.address],
    })
}

/// A queue that is measured by what arrives per second: the load of one replica, as for a service's metric.
fn rate_threshold(scene: &Scene<'_>, at: &Address, reasons: &mut Reasons) -> Option<Answer<i64>> {
    let load = scene.loads.iter().find(|it| it.kind == LoadKind::Events)?;
    let exact = load.per_pod.value / load.margin.value;
    Some(Answer {
        value: reasons.floor(exact, at, scene.place)?,
        symbolic: "floor(throughput_per_worker / safety_margin)",
        numbers: format!("floor({} / {})", load.per_pod.value.recomputable(), load.margin.value),
        inputs: vec![load.per_pod.address.clone(), load.margin.address.clone()],
    })
}

fn refuse_queue_keys(written: &WorkerAutoscale, reasons: &mut Reasons) {
    let keys = [
        ("polling_interval", written.polling_interval.as_ref().map(|it| it.span)),
        ("cooldown", written.cooldown.as_ref().map(|it| it.span)),
        ("idle", written.idle.map(|it| it.span)),
        ("lag_threshold", written.lag_threshold.map(|it| it.span)),
        ("steps", written.steps.as_ref().map(|it| it.span)),
        ("fallback", written.fallback.as_ref().map(|it| it.span)),
    ];
    for (key, span) in keys {
        if let Some(span) = span {
            let message = format!("`{key}` has no meaning for a worker without a queue");
            let help = "name its queue with `kafka`, `redis` or `rabbitmq`, or take the key out";
            reasons.sink.error(Diagnostic::error(message).at(span, "KEDA alone reads it").help(help));
        }
    }
}

fn rules(scene: &Scene<'_>, written: &ScalingRules, at: &Address, reasons: &mut Reasons) -> Rules {
    let window = written.window.as_ref().and_then(|it| seconds(it, &at.child("window"), (0, 3600), reasons));
    let policies = written.policies.iter().flatten().enumerate();
    let policies = policies.filter_map(|(index, it)| policy(it, &at.child("policies").index(index), reasons));
    let policies = policies.collect();
    if let (Some(tolerance), true) = (&written.tolerance, scene.kubernetes < (1, 35)) {
        let (major, minor) = scene.kubernetes;
        let message = format!(
            "`tolerance` needs Kubernetes 1.35, the cluster is {major}.{minor}: it would be dropped in silence"
        );
        let help = "take it out, or write `kubernetes_version = \"1.35\"` under `[platform]`";
        reasons.sink.error(Diagnostic::error(message).at(tolerance.span, "").help(help));
    }
    Rules {
        window,
        policies,
        select: written.select.map(|it| reasons.taken(at.child("select"), select(it.value), it.span)),
        tolerance: written
            .tolerance
            .as_ref()
            .map(|it| reasons.taken(at.child("tolerance"), it.value.text.clone(), it.span)),
    }
}

/// The word of the autoscaling API.
fn select(written: Select) -> &'static str {
    match written {
        Select::Max => "Max",
        Select::Min => "Min",
        Select::Disabled => "Disabled",
    }
}

fn policy(written: &workload::Policy, at: &Address, reasons: &mut Reasons) -> Option<Policy> {
    let period = seconds(&written.period, &at.child("period"), (1, 1800), reasons);
    let (kind, key, value) = match (written.percent, written.pods) {
        (Some(percent), None) => ("Percent", "percent", percent),
        (None, Some(pods)) => ("Pods", "pods", pods),
        _ => {
            let message = "a policy says either `percent` or `pods`";
            let place = written.percent.map_or(written.period.span, |it| it.span);
            let diagnostic = Diagnostic::error(message).at(place, "of this policy");
            let diagnostic = diagnostic.at_some(written.pods.map(|it| it.span), "not both");
            let help = "write `{ percent = 100, period = \"30s\" }` or `{ pods = 10, period = \"30s\" }`";
            reasons.sink.error(diagnostic.help(help));
            return None;
        }
    };
    let value = reasons.taken(at.child(key), value.value.0, value.span);
    Some(Policy { kind, value, period: period? })
}

/// Whole seconds in a range.
fn seconds(
    written: &Spanned<Duration>,
    at: &Address,
    (least, most): (i64, i64),
    reasons: &mut Reasons,
) -> Option<Derived<i64>> {
    match written.value.whole_seconds().filter(|it| (least..=most).contains(it)) {
        Some(seconds) => Some(reasons.taken(at.clone(), seconds, written.span)),
        None => {
            let message = format!("expected whole seconds from {least} to {most}, found `{}`", written.value);
            let help = format!("write `\"{least}s\"` to `\"{most}s\"`");
            reasons.sink.error(Diagnostic::error(message).at(written.span, "").help(help));
            None
        }
    }
}

//! How many pods an event asks for: the replicas' formula at a multiple of the peak, or at a demand of its own.
//!
//! The floor carries the demand, margin included, before it comes: an autoscaler that has to catch up is what an event is
//! planned against. The ceiling is above it, for the crowd may be larger than was planned.

use crate::diag::Diagnostic;
use crate::diag::source::{Span, Spanned};
use crate::spec::event::Demand;
use crate::spec::scalar::Factor;
use crate::unit::exact::Exact;
use crate::why::{Address, Derived};

use super::super::reasons::{Answer, Reasons};
use super::super::replicas;
use super::super::workloads::{LoadKind, Scaling, Workload};
use super::{Scene, pods, usual_max};

/// The ceiling above the floor, where the spec says nothing.
const HEADROOM: (i64, i64) = (6, 5);

/// The floor and the ceiling meanwhile; of a fixed number both are the same.
pub(super) fn limits(
    scene: &Scene<'_>,
    workload: &Workload,
    reasons: &mut Reasons,
) -> Option<(Derived<i64>, Derived<i64>)> {
    let own = scene.address.child("demand").child(&workload.name);
    let nothing = Demand::default();
    let written = scene.part.unwrap_or(&nothing);
    let (min, place) = floor(scene, &own, written, workload, reasons)?;
    let is_fed = check_partitions(scene, &min, place, workload, reasons);
    let max = match &workload.scaling {
        Scaling::Fixed(_) => {
            if let Some(max) = &written.max {
                let message =
                    format!("`{own}.max` decides nothing: `{}` has a fixed number of replicas", workload.address);
                let diagnostic = Diagnostic::error(message).at(max.span, "").at(workload.place, "not autoscaled");
                reasons.sink.error(diagnostic.help("write `min` alone"));
            }
            Some(min.clone())
        }
        Scaling::Autoscaled(_) => ceiling(scene, &own, written, (&min, place), workload, reasons),
    };
    Some((min, max?)).filter(|_| is_fed)
}

/// One of the ways to say a demand: a key, what is counted, the number and where it stands.
type Stated<'a> = (&'static str, LoadKind, &'a Spanned<Factor>);

fn floor(
    scene: &Scene<'_>,
    own: &Address,
    written: &Demand,
    workload: &Workload,
    reasons: &mut Reasons,
) -> Option<(Derived<i64>, Span)> {
    let at = own.child("min");
    let loads = [
        ("rps", LoadKind::Requests, &written.rps),
        ("connections", LoadKind::Connections, &written.connections),
        ("event_rate", LoadKind::Events, &written.event_rate),
    ];
    let loads: Vec<Stated<'_>> =
        loads.into_iter().filter_map(|(key, kind, load)| Some((key, kind, load.as_ref()?))).collect();
    let ways = [
        written.factor.as_ref().map(|it| it.span),
        written.min.map(|it| it.span),
        loads.first().map(|(_, _, it)| it.span),
    ];
    let ways: Vec<Span> = ways.into_iter().flatten().collect();
    if ways.len() > 1 {
        let message = format!("`{own}` says what to be ready for in {} ways", ways.len());
        let diagnostic = ways.iter().fold(Diagnostic::error(message), |it, span| it.at(*span, "one"));
        reasons.sink.error(diagnostic.help("keep one: `factor`, a demand such as `rps`, or `min`"));
        return None;
    }
    if let Some(min) = written.min {
        let least = workload.floor();
        if min.value.0 < least.value {
            let message =
                format!("`{at}` is {}, below the floor `{}`, which is {}", min.value, least.address, least.value);
            let diagnostic = Diagnostic::error(message).at(min.span, "an event raises a floor, it never lowers one");
            reasons.sink.error(diagnostic.help(format!("write `min = {}` or more", least.value)));
            return None;
        }
        return Some((reasons.taken(at, min.value.0, min.span), min.span));
    }
    if let Some((_, _, first)) = loads.first() {
        let terms =
            loads.iter().map(|stated| stated_load(own, stated, workload, reasons)).collect::<Option<Vec<_>>>()?;
        return Some((largest(&at, &terms, workload, first.span, "the event's demand", reasons)?, first.span));
    }
    let (factor, factor_at) = match (&written.factor, scene.factor) {
        (Some(own_factor), _) => (own_factor, own.child("factor")),
        (None, Some(factor)) => (factor, scene.address.child("factor")),
        (None, None) => {
            let message = format!("`{}` does not say what `{}` is to be ready for", scene.address, workload.name);
            let help =
                format!("write `factor = 3` in the event, or `demand = {{ {} = {{ min = 6 }} }}`", workload.name);
            reasons.sink.error(Diagnostic::error(message).at(scene.place, "no factor, no demand").help(help));
            return None;
        }
    };
    let factor = reasons.taken(factor_at, factor.value.0, factor.span);
    let place = reasons.causes.written_at(&factor.address).unwrap_or(scene.place);
    let targets = workload.loads.iter().filter_map(|load| Some((load, load.target.as_ref()?)));
    let mut terms: Vec<Term> = targets
        .map(|(load, target)| Term {
            exact: replicas::exact(target.value * factor.value, load.per_pod.value, load.margin.value),
            numbers: format!(
                "ceil({} × {} / {} × {})",
                target.value.recomputable(),
                factor.value,
                load.per_pod.value.recomputable(),
                load.margin.value
            ),
            inputs: [target, &factor, &load.per_pod, &load.margin].map(|it| it.address.clone()).to_vec(),
        })
        .collect();
    if terms.is_empty() {
        let most = usual_max(workload).unwrap_or(workload.floor());
        terms.push(Term {
            exact: Exact::from(most.value) * factor.value,
            numbers: format!("ceil({} × {})", most.value, factor.value),
            inputs: vec![most.address.clone(), factor.address.clone()],
        });
    }
    Some((largest(&at, &terms, workload, place, "the peak's demand × factor", reasons)?, place))
}

/// Replicas for one kind of demand, before rounding.
struct Term {
    exact: Exact,
    numbers: String,
    inputs: Vec<Address>,
}

fn stated_load(
    own: &Address,
    (key, kind, load): &Stated<'_>,
    workload: &Workload,
    reasons: &mut Reasons,
) -> Option<Term> {
    let demand = reasons.taken(own.child(key), load.value.0, load.span);
    let Some(carried) = workload.loads.iter().find(|it| it.kind == *kind) else {
        let message =
            format!("`{key}` decides nothing: `{}` does not say what one pod carries of it", workload.address);
        let diagnostic = Diagnostic::error(message).at(load.span, "").at(workload.place, "not stated here");
        reasons.sink.error(diagnostic.help("write replicas instead: `min = 6`"));
        return None;
    };
    let (per_pod, margin) = (&carried.per_pod, &carried.margin);
    Some(Term {
        exact: replicas::exact(demand.value, per_pod.value, margin.value),
        numbers: replicas::numbers(demand.value, per_pod.value, margin.value),
        inputs: vec![demand.address, per_pod.address.clone(), margin.address.clone()],
    })
}

/// The larger of all terms, and never below the usual floor.
fn largest(
    at: &Address,
    terms: &[Term],
    workload: &Workload,
    place: Span,
    symbolic: &'static str,
    reasons: &mut Reasons,
) -> Option<Derived<i64>> {
    let mut value = 0;
    let mut inputs = Vec::new();
    let mut numbers = Vec::new();
    for term in terms {
        value = value.max(reasons.ceil(term.exact, at, place)?);
        numbers.push(term.numbers.clone());
        inputs.extend(term.inputs.iter().cloned());
    }
    let least = workload.floor();
    if value < least.value {
        value = least.value;
        numbers.push(least.value.to_string());
        inputs.push(least.address.clone());
    }
    inputs.sort();
    inputs.dedup();
    let numbers = if numbers.len() > 1 { format!("max({})", numbers.join(", ")) } else { numbers.concat() };
    Some(reasons.computed(at.clone(), Answer { value, symbolic, numbers, inputs }))
}

/// The ceiling: what is written, or the floor with headroom; never below the usual one, nor above what feeds it.
fn ceiling(
    scene: &Scene<'_>,
    own: &Address,
    written: &Demand,
    (min, min_place): (&Derived<i64>, Span),
    workload: &Workload,
    reasons: &mut Reasons,
) -> Option<Derived<i64>> {
    let at = own.child("max");
    let partitions = workload.partitions.as_ref();
    if let Some(max) = written.max {
        let max_value = max.value.0;
        let taken = reasons.taken(at, max_value, max.span);
        if max_value < min.value {
            let message = format!(
                "`{}` is {max_value}, below the event's floor `{}`, which is {}",
                taken.address, min.address, min.value
            );
            let diagnostic =
                Diagnostic::error(message).at(max.span, "the ceiling").at(min_place, "what decides the floor");
            reasons.sink.error(diagnostic.help(format!("write `max = {}` or more", min.value)));
            return None;
        }
        if let Some(partitions) = partitions.filter(|it| max_value > it.value) {
            let message =
                format!("`{}` is {max_value}, but the topic has {} partitions", taken.address, partitions.value);
            let diagnostic = Diagnostic::error(message).at(max.span, "workers beyond the partitions stand idle");
            reasons.sink.error(
                diagnostic.help(format!("write `max = {}` or less, or add partitions to the topic", partitions.value)),
            );
            return None;
        }
        return Some(taken);
    }
    let headroom_at = scene.address.child("headroom");
    let headroom = match scene.headroom {
        Some(it) if it.value.0 < Exact::from(1) => {
            let message = format!("`{headroom_at}` is {}: the ceiling would be below the floor", it.value);
            reasons.sink.error(Diagnostic::error(message).at(it.span, "").help("write `headroom = 1` or more"));
            return None;
        }
        Some(it) => reasons.taken(headroom_at, it.value.0, it.span),
        None => {
            let (numerator, denominator) = HEADROOM;
            let reason = "a fifth more may come than was planned";
            reasons.default(headroom_at, Exact::fraction(numerator, denominator), reason)
        }
    };
    let usual = usual_max(workload)?;
    let planned = reasons.ceil(Exact::from(min.value) * headroom.value, &at, min_place)?;
    let mut numbers = format!("ceil({} × {})", min.value, headroom.value);
    let mut inputs = vec![min.address.clone(), headroom.address];
    let mut value = planned;
    if let Some(partitions) = partitions.filter(|it| it.value < value) {
        value = partitions.value;
        numbers = format!("min({}, {numbers})", partitions.value);
        inputs.push(partitions.address.clone());
    }
    if usual.value > value {
        value = usual.value;
        numbers = format!("max({}, {numbers})", usual.value);
        inputs.push(usual.address.clone());
    }
    let symbolic = "max(max, min(partitions, ceil(min of the event × headroom)))";
    Some(reasons.computed(at, Answer { value, symbolic, numbers, inputs }))
}

/// A consumer group has no work for more members than its topic has partitions.
fn check_partitions(
    scene: &Scene<'_>,
    min: &Derived<i64>,
    place: Span,
    workload: &Workload,
    reasons: &mut Reasons,
) -> bool {
    let Some(partitions) = workload.partitions.as_ref().filter(|it| min.value > it.value) else { return true };
    let message = format!(
        "`{}` asks for {} {} of `{}`, but the topic has {} partitions",
        scene.address,
        min.value,
        pods(workload),
        workload.name,
        partitions.value
    );
    let partitions_at = reasons.causes.written_at(&partitions.address).unwrap_or(workload.place);
    let diagnostic = Diagnostic::error(message).at(place, "workers beyond the partitions stand idle");
    let mut diagnostic = diagnostic
        .at(partitions_at, "as many as there are")
        .help(format!("add partitions to the topic and write `partitions = {}`", min.value));
    if let Some(most) = most_factor(workload, partitions.value) {
        diagnostic = diagnostic
            .help(format!("or write `factor = {most}` or less, as much as {} of them carry", partitions.value));
    }
    reasons
        .sink
        .error(diagnostic.help("or let one worker carry more: a higher `concurrency`, a shorter `processing_time`"));
    false
}

/// The largest factor on the peak that so many workers carry, to a hundredth.
fn most_factor(workload: &Workload, replicas: i64) -> Option<Exact> {
    let load = workload.loads.first()?;
    let factor = Exact::from(replicas) * load.per_pod.value / load.margin.value / load.target.as_ref()?.value;
    Some(Exact::fraction((factor * Exact::from(100)).floor()?, 100)).filter(|it| it.is_positive())
}

//! What one worker carries: Little's law, throughput = concurrency / processing time.

use std::cmp::Ordering;

use crate::diag::Diagnostic;
use crate::diag::source::Span;
use crate::spec::worker::Worker;
use crate::unit::exact::Exact;
use crate::why::{Address, Derived};

use super::reasons::{Answer, Reasons};
use super::workloads::Scaling;

/// How far a stated throughput may be from concurrency / processing time: measured numbers are never exact.
const AGREEMENT: (i64, i64) = (20, 100);

/// Messages per second of one worker, with the two numbers behind it as far as they are stated.
#[derive(Debug, Clone, Default)]
pub(super) struct Throughput {
    pub(super) per_second: Option<Derived<Exact>>,
    /// In seconds.
    pub(super) processing_time: Option<Derived<Exact>>,
    pub(super) concurrency: Option<Derived<Exact>>,
}

/// Any two of throughput, concurrency and processing time give the third; all three must agree.
pub(super) fn resolve(worker: &Worker, address: &Address, reasons: &mut Reasons) -> Throughput {
    let concurrency = worker.concurrency.as_ref().map(|it| {
        let exact = Exact::from(it.value.0);
        reasons.taken(address.child("concurrency"), exact, it.span)
    });
    let processing_time = worker.processing_time.as_ref().and_then(|it| {
        if it.value.millis() <= 0 {
            let message = "a `processing_time` of nothing would make one worker carry everything";
            reasons.sink.error(Diagnostic::error(message).at(it.span, "above 0").help("processing_time = \"50ms\""));
            return None;
        }
        let mut seconds =
            reasons.taken(address.child("processing_time"), it.value.text().to_owned(), it.span).map(|_| Exact::ZERO);
        seconds.value = Exact::fraction(it.value.millis(), 1000);
        Some(seconds)
    });
    let at = address.child("throughput_per_worker");
    let littles_law = concurrency.as_ref().zip(processing_time.as_ref()).map(|(concurrency, time)| Answer {
        value: concurrency.value / time.value,
        symbolic: "concurrency / processing_time",
        numbers: format!("{} / {} s", concurrency.value, time.value),
        inputs: vec![concurrency.address.clone(), time.address.clone()],
    });
    let stated = worker.throughput_per_worker.as_ref();
    if let (Some(stated), Some(answer)) = (stated, &littles_law) {
        check_agreement(worker, stated.value.0, answer, reasons);
    }
    let per_second = match (stated, littles_law) {
        (Some(stated), _) => Some(reasons.taken(at, stated.value.0, stated.span)),
        (None, Some(answer)) => Some(reasons.computed(at, answer)),
        (None, None) => None,
    };
    let processing_time = processing_time.or_else(|| {
        let (concurrency, throughput) = (concurrency.as_ref()?, per_second.as_ref()?);
        let answer = Answer {
            value: concurrency.value / throughput.value,
            symbolic: "concurrency / throughput_per_worker",
            numbers: format!("{} / {}", concurrency.value, throughput.value),
            inputs: vec![concurrency.address.clone(), throughput.address.clone()],
        };
        Some(reasons.computed(address.child("processing_time"), answer))
    });
    Throughput { per_second, processing_time, concurrency }
}

fn check_agreement(worker: &Worker, stated: Exact, answer: &Answer<Exact>, reasons: &mut Reasons) {
    let (part, whole) = AGREEMENT;
    let off = match stated.checked_cmp(&answer.value) {
        Some(Ordering::Less) => answer.value - stated,
        _ => stated - answer.value,
    };
    if off <= answer.value * Exact::fraction(part, whole) {
        return;
    }
    let (Some(throughput), Some(concurrency), Some(time)) =
        (&worker.throughput_per_worker, &worker.concurrency, &worker.processing_time)
    else {
        return;
    };
    let message = format!(
        "a worker cannot carry {stated} messages per second: {} in flight, {} each, give {}",
        concurrency.value, time.value, answer.value
    );
    let needed = (stated * Exact::fraction(time.value.millis(), 1000)).ceil();
    let mut diagnostic = Diagnostic::error(message)
        .at(throughput.span, "stated here")
        .at(concurrency.span, "messages in flight")
        .at(time.span, "mean time per message")
        .note("Little's law: throughput = concurrency / processing_time; the two may differ by 20 % at most");
    if let Some(needed) = needed {
        diagnostic = diagnostic.help(format!("leave `throughput_per_worker` out, or write `concurrency = {needed}`"));
    }
    reasons.sink.error(diagnostic);
}

/// A consumer group gives each partition to one worker: more workers than partitions stand idle.
pub(super) fn check_partitions(
    worker: &Worker,
    throughput: &Throughput,
    scaling: &Scaling,
    place: Span,
    reasons: &mut Reasons,
) {
    let Some(partitions) = worker.kafka.as_ref().map(|kafka| kafka.value.partitions) else { return };
    let most = match scaling {
        Scaling::Fixed(replicas) => replicas,
        Scaling::Autoscaled(autoscaler) => &autoscaler.max,
    };
    if most.value <= partitions.value.0 {
        return;
    }
    let pin = match (worker.replicas, worker.autoscale.as_ref().and_then(|it| it.value.max)) {
        (Some(replicas), _) => Some(replicas.span),
        (None, max) => max.map(|it| it.span),
    };
    let floor = worker.autoscale.as_ref().and_then(|it| it.value.min).filter(|it| it.value.0 > partitions.value.0);
    let pin = pin.or(floor.map(|it| it.span));
    let message = format!("`{}` is {}, but the topic has {} partitions", most.address, most.value, partitions.value);
    let diagnostic = Diagnostic::error(message)
        .at(pin.unwrap_or(place), "workers beyond the partitions stand idle")
        .at(partitions.span, "each partition feeds one worker");
    reasons.sink.error(match pin {
        Some(_) => diagnostic.help(format!("write {} here, or add partitions to the topic", partitions.value)),
        None => with_ways_out(diagnostic, worker, throughput, most.value, partitions.value.0),
    });
}

/// Which partitions count, which processing time and which concurrency would do.
fn with_ways_out(
    diagnostic: Diagnostic,
    worker: &Worker,
    throughput: &Throughput,
    asked: i64,
    partitions: i64,
) -> Diagnostic {
    let mut diagnostic = diagnostic
        .help(format!("`partitions = {asked}`, once the topic has them (they can be added, never taken away)"));
    let margin = worker.safety_margin.map_or(Exact::fraction(3, 2), |it| it.value.0);
    let Some(rate) = worker.event_rate.map(|it| it.value.0 * margin) else { return diagnostic };
    // rate × margin / throughput ≤ partitions, solved for each of the numbers behind the throughput.
    let needed = rate / Exact::from(partitions);
    if let (Some(concurrency), Some(time)) = (&throughput.concurrency, &throughput.processing_time) {
        let longest = (concurrency.value / needed * Exact::from(1000)).floor().unwrap_or(0);
        if worker.throughput_per_worker.is_none() && longest > 0 {
            diagnostic = diagnostic.help(format!("`processing_time = \"{longest}ms\"` or less"));
        }
        if let (None, Some(least)) = (worker.throughput_per_worker, (needed * time.value).ceil()) {
            diagnostic = diagnostic.help(format!("`concurrency = {least}` or more"));
        }
    }
    if worker.throughput_per_worker.is_some() {
        diagnostic = diagnostic.help(format!("`throughput_per_worker = {needed}` or more, if a worker can be made to"));
    }
    diagnostic
}

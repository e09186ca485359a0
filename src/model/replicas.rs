//! Replicas from demand: `replicas(load) = ceil(load / per_pod × safety_margin)`.
//!
//! The formula is the capacity plan of InferaDB's runbook (100 000 / 5 000 × 1.5 = 30), rounded up once, at the end,
//! in exact arithmetic. The margin is counted here and in the metric target, and nowhere else: a target of
//! `per_pod / safety_margin` makes the HPA's fixed point this very formula.

use crate::diag::source::Span;
use crate::unit::exact::Exact;
use crate::why::{Address, Derived};

use super::reasons::{Answer, Reasons};
use super::workloads::{Load, LoadKind};

/// Fewer replicas than this cannot lose one without an outage.
pub(super) const LEAST_REPLICAS: i64 = 2;

/// Why the floor is two where no base load is stated.
pub(super) const LEAST_REASON: &str = "no base load is stated: two, so that one may fail";

/// Which demand is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    Target,
    Base,
}

impl Load {
    fn at(&self, moment: Moment) -> Option<&Derived<Exact>> {
        match moment {
            Moment::Target => self.target.as_ref(),
            Moment::Base => self.base.as_ref(),
        }
    }
}

/// Replicas for a load, before rounding.
pub(super) fn exact(load: Exact, per_pod: Exact, margin: Exact) -> Exact {
    load / per_pod * margin
}

/// `ceil(100000 / 5000 × 1.5)`.
pub(super) fn numbers(load: Exact, per_pod: Exact, margin: Exact) -> String {
    let [load, per_pod, margin] = [load, per_pod, margin].map(Exact::recomputable);
    format!("ceil({load} / {per_pod} × {margin})")
}

/// The larger answer over all kinds of demand, and at least `least`; `None` where the spec states no such demand.
pub(super) fn answer(
    loads: &[Load],
    moment: Moment,
    least: Option<&Derived<i64>>,
    of: &Address,
    place: Span,
    reasons: &mut Reasons,
) -> Option<Answer<i64>> {
    let stated: Vec<(&Load, &Derived<Exact>)> = loads.iter().filter_map(|it| Some((it, it.at(moment)?))).collect();
    let kinds: Vec<LoadKind> = stated.iter().map(|(load, _)| load.kind).collect();
    let mut best: Option<i64> = None;
    let mut texts = Vec::new();
    let mut inputs = Vec::new();
    for (load, demand) in stated {
        let (per_pod, margin) = (&load.per_pod, &load.margin);
        let place = reasons.causes.written_at(&demand.address).unwrap_or(place);
        let replicas = reasons.ceil(exact(demand.value, per_pod.value, margin.value), of, place)?;
        best = best.max(Some(replicas));
        texts.push(numbers(demand.value, per_pod.value, margin.value));
        inputs.extend([demand.address.clone(), per_pod.address.clone(), margin.address.clone()]);
    }
    let mut value = best?;
    let floor = match (moment, least) {
        (Moment::Base, _) => Some(LEAST_REPLICAS),
        (Moment::Target, least) => least.map(|it| it.value),
    };
    if let Some(floor) = floor.filter(|floor| value < *floor) {
        value = floor;
        texts.push(floor.to_string());
        inputs.extend(least.filter(|_| moment == Moment::Target).map(|it| it.address.clone()));
    }
    inputs.sort();
    inputs.dedup();
    let numbers = if texts.len() > 1 { format!("max({})", texts.join(", ")) } else { texts.concat() };
    Some(Answer { value, symbolic: symbolic(&kinds, moment), numbers, inputs })
}

fn symbolic(kinds: &[LoadKind], moment: Moment) -> &'static str {
    match (kinds, moment) {
        ([LoadKind::Requests], Moment::Target) => "max(min, ceil(target_rps / rps_per_pod × safety_margin))",
        ([LoadKind::Requests], Moment::Base) => "max(2, ceil(base_rps / rps_per_pod × safety_margin))",
        ([LoadKind::Connections], Moment::Target) => {
            "max(min, ceil(target_connections / connections_per_pod × safety_margin))"
        }
        ([LoadKind::Connections], Moment::Base) => {
            "max(2, ceil(base_connections / connections_per_pod × safety_margin))"
        }
        ([LoadKind::Events], Moment::Target) => "max(min, ceil(event_rate / throughput_per_worker × safety_margin))",
        ([LoadKind::Events], Moment::Base) => "max(2, ceil(base_event_rate / throughput_per_worker × safety_margin))",
        (_, Moment::Target) => {
            "max(min, ceil(target_rps / rps_per_pod × safety_margin), \
             ceil(target_connections / connections_per_pod × safety_margin))"
        }
        (_, Moment::Base) => {
            "max(2, ceil(base_rps / rps_per_pod × safety_margin), \
             ceil(base_connections / connections_per_pod × safety_margin))"
        }
    }
}

/// The load per pod at which the HPA's fixed point is the formula above: `per_pod / safety_margin`, rounded down to a
/// whole number from 10 up, else to a thousandth.
pub(super) fn metric_target(load: &Load, of: &Address, place: Span, reasons: &mut Reasons) -> Option<Answer<Exact>> {
    let exact = load.per_pod.value / load.margin.value;
    let whole = exact >= Exact::from(10);
    let value = match whole {
        true => Exact::from(reasons.floor(exact, of, place)?),
        false => Exact::fraction(reasons.floor(exact * Exact::from(1000), of, place)?, 1000),
    };
    let symbolic = match load.kind {
        LoadKind::Requests => "floor(rps_per_pod / safety_margin)",
        LoadKind::Connections => "floor(connections_per_pod / safety_margin)",
        LoadKind::Events => "floor(throughput_per_worker / safety_margin)",
    };
    let thousandth = if whole { "" } else { " to a thousandth" };
    let numbers =
        format!("floor({} / {}){thousandth}", load.per_pod.value.recomputable(), load.margin.value.recomputable());
    let inputs = vec![load.per_pod.address.clone(), load.margin.address.clone()];
    Some(Answer { value, symbolic, numbers, inputs })
}

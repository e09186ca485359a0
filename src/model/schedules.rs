//! Schedules: windows that raise a floor.
//!
//! A window never lowers a floor and never exceeds the most replicas. An HPA's floor is patched by two CronJobs, one at
//! each edge, so two windows on it must not overlap: the first one's end would undo the second. KEDA takes windows
//! as triggers and uses the largest, so there they may overlap.

use rayon::prelude::*;

use crate::diag::source::{Span, Spanned};
use crate::diag::{Diagnostic, suggest};
use crate::spec::Spec;
use crate::spec::scalar::Entry;
use crate::spec::schedule::Schedule as Written;
use crate::unit::cron::Cron;
use crate::unit::zone::{self, Zone};
use crate::why::{Address, Causes, Derived};

use super::apart;
use super::reasons::{Answer, Reasons};
use super::replicas;
use super::workloads::{Family, LoadKind, Scaling, Workload};

/// A window that raises the floor of one workload.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// The table's key.
    pub name: String,
    /// `schedule.office-hours`.
    pub address: Address,
    pub place: Span,
    pub start: Derived<Cron>,
    pub end: Derived<Cron>,
    pub time_zone: Derived<Zone>,
    /// Replicas to hold while the window is open.
    pub min: Derived<i64>,
}

/// The longest name that a CronJob may have: its controller adds 11 characters to name the Jobs
/// (kubernetes v1.36, `pkg/apis/batch/validation`).
pub(super) const LONGEST_CRONJOB: usize = 52;

impl Schedule {
    /// The names of the two CronJobs: `<workload>-<schedule>-up` and `-down`.
    pub fn cronjob_names(&self, workload: &Workload) -> [String; 2] {
        let target = &workload.target.name.value;
        [format!("{target}-{}-up", self.name), format!("{target}-{}-down", self.name)]
    }
}

pub(super) fn resolve(spec: &Spec, workloads: &mut [Workload], reasons: &mut Reasons) {
    let known = &reasons.causes;
    let all = spec.schedule.as_slice().par_iter().filter(|(name, _)| !spec.is_damaged("schedule", name));
    let found: Vec<_> =
        all.map(|(name, entry)| apart(|own| read(spec, name, entry, (workloads, known), own))).collect();
    for (index, schedule) in found.into_iter().filter_map(|it| reasons.take(it)) {
        workloads[index].schedules.push(schedule);
    }
    for workload in workloads {
        check_overlaps(workload, reasons);
    }
}

/// A schedule, and which workload's it is.
fn read(
    spec: &Spec,
    name: &str,
    entry: &Entry<Written>,
    (workloads, known): (&[Workload], &Causes),
    reasons: &mut Reasons,
) -> Option<(usize, Schedule)> {
    let written = &entry.value;
    let times_are_fine = check_times(name, written, reasons);
    let (family, target) = target(spec, name, entry.key, written, reasons)?;
    let index = workloads.binary_search_by(|it| it.name.as_str().cmp(target.value)).ok()?;
    let workload = workloads.get(index).filter(|it| it.family == family)?;
    let schedule = schedule(name, entry.key, written, (workload, known), reasons);
    schedule.filter(|_| times_are_fine).map(|it| (index, it))
}

/// The workload that a schedule names; what is missing because it was refused is passed over.
fn target<'s>(
    spec: &Spec,
    name: &str,
    place: Span,
    written: &'s Written,
    reasons: &mut Reasons,
) -> Option<(Family, Spanned<&'s str>)> {
    let (family, target) = match (&written.service, &written.worker) {
        (Some(service), None) => (Family::Service, service),
        (None, Some(worker)) => (Family::Worker, worker),
        (Some(service), Some(worker)) => {
            let message = format!("`schedule.{name}` names both a service and a worker");
            let diagnostic = Diagnostic::error(message).at(worker.span, "the worker").at(service.span, "the service");
            reasons.sink.error(diagnostic.help("keep one; a second schedule may raise the other"));
            return None;
        }
        (None, None) => {
            let message = format!("`schedule.{name}` does not say whose floor it raises");
            let diagnostic = Diagnostic::error(message).at(place, "");
            reasons.sink.error(diagnostic.help("write `service = \"api\"`, or `worker = \"download\"`"));
            return None;
        }
    };
    let target = Spanned { value: target.value.as_str(), span: target.span };
    let has = |family: Family, name: &str| match family {
        Family::Service => spec.service.get(name).is_some(),
        Family::Worker => spec.worker.get(name).is_some(),
    };
    if !has(family, target.value) && !spec.is_damaged(family.word(), target.value) {
        let message = format!("there is no `[{}.{}]`", family.word(), target.value);
        let (names, other): (Vec<&str>, Family) = match family {
            Family::Service => (spec.service.iter().map(|(name, _)| name).collect(), Family::Worker),
            Family::Worker => (spec.worker.iter().map(|(name, _)| name).collect(), Family::Service),
        };
        let help = match names.is_empty() {
            _ if has(other, target.value) => format!("write `{} = \"{}\"`", other.word(), target.value),
            true => format!("the spec has no {} at all", family.word()),
            false => suggest::help(target.value, names),
        };
        reasons.sink.error(Diagnostic::error(message).at(target.span, "named here").help(help));
        return None;
    }
    Some((family, target))
}

fn schedule(
    name: &str,
    place: Span,
    written: &Written,
    (workload, known): (&Workload, &Causes),
    reasons: &mut Reasons,
) -> Option<Schedule> {
    let address = Address::of(["schedule", name]);
    let min = floor(&address, place, written, workload, reasons);
    if is_keda(workload) {
        check_keda_times(written, reasons);
    }
    let (min, stated) = min?;
    check_floor(&min, stated, (workload, known), reasons);
    let mut taken = |key: &str, cron: &Spanned<Cron>| {
        let text = reasons.taken(address.child(key), cron.value.text().to_owned(), cron.span);
        text.map(|_| cron.value.clone())
    };
    let (start, end) = (taken("start", &written.start), taken("end", &written.end));
    let zone =
        reasons.taken(address.child("time_zone"), written.time_zone.value.name().to_owned(), written.time_zone.span);
    let schedule = Schedule {
        name: name.to_owned(),
        place,
        start,
        end,
        time_zone: zone.map(|_| written.time_zone.value.clone()),
        min,
        address,
    };
    check_names(&schedule, workload, reasons);
    Some(schedule)
}

/// The floor of the window, a pin or the replicas for a stated load, and where that is stated.
fn floor(
    address: &Address,
    place: Span,
    written: &Written,
    workload: &Workload,
    reasons: &mut Reasons,
) -> Option<(Derived<i64>, Span)> {
    let at = address.child("min");
    let loads = [
        ("rps", LoadKind::Requests, &written.rps, "max(min, ceil(rps / rps_per_pod × safety_margin))"),
        (
            "connections",
            LoadKind::Connections,
            &written.connections,
            "max(min, ceil(connections / connections_per_pod × safety_margin))",
        ),
        (
            "event_rate",
            LoadKind::Events,
            &written.event_rate,
            "max(min, ceil(event_rate / throughput_per_worker × safety_margin))",
        ),
    ];
    let stated =
        loads.into_iter().filter_map(|(key, kind, load, symbolic)| Some((key, kind, load.as_ref()?, symbolic)));
    let stated: Vec<_> = stated.collect();
    match (written.min, stated.as_slice()) {
        (Some(min), []) => Some((reasons.taken(at, min.value.0, min.span), min.span)),
        (None, [(key, kind, load, symbolic)]) => {
            let Some(carried) = workload.loads.iter().find(|it| it.kind == *kind) else {
                let message =
                    format!("`{key}` decides nothing: `{}` does not say what one pod carries of it", workload.address);
                let diagnostic = Diagnostic::error(message).at(load.span, "").at(workload.place, "not stated here");
                reasons.sink.error(diagnostic.help("write `min = 6` in the schedule instead"));
                return None;
            };
            let demand = reasons.taken(address.child(key), load.value.0, load.span);
            let (per_pod, margin) = (&carried.per_pod, &carried.margin);
            let exact = replicas::exact(demand.value, per_pod.value, margin.value);
            let mut answer = Answer {
                value: reasons.ceil(exact, &at, load.span)?,
                symbolic,
                numbers: replicas::numbers(demand.value, per_pod.value, margin.value),
                inputs: vec![demand.address, per_pod.address.clone(), margin.address.clone()],
            };
            let least = workload.floor();
            if answer.value < least.value {
                answer.value = least.value;
                answer.numbers = format!("max({}, {})", answer.numbers, least.value);
                answer.inputs.push(least.address.clone());
            }
            Some((reasons.computed(at, answer), load.span))
        }
        (min, stated) => {
            let message = format!("`{address}` must say exactly one of `min`, `rps`, `connections`, `event_rate`");
            let places = min.iter().map(|it| it.span).chain(stated.iter().map(|(_, _, load, _)| load.span));
            let diagnostic = places.fold(Diagnostic::error(message), |it, span| it.at(span, "a floor"));
            let nowhere = diagnostic.labels.is_empty().then_some(place);
            let help = if nowhere.is_some() { "write `min = 6`" } else { "keep one of them" };
            reasons.sink.error(diagnostic.at_some(nowhere, "no floor").help(help));
            None
        }
    }
}

/// A window raises the floor, and stays below the limit.
fn check_floor(min: &Derived<i64>, place: Span, (workload, known): (&Workload, &Causes), reasons: &mut Reasons) {
    if min.value < 1 {
        let message = format!("`{}` must be at least 1", min.address);
        reasons
            .sink
            .error(Diagnostic::error(message).at(place, "a window is for pods that run").help("write `min = 1`"));
        return;
    }
    if let (Scaling::Fixed(_), Some(partitions)) = (&workload.scaling, &workload.partitions)
        && min.value > partitions.value
    {
        let message = format!("`{}` is {}, but the topic has {} partitions", min.address, min.value, partitions.value);
        let diagnostic = Diagnostic::error(message).at(place, "workers beyond the partitions stand idle");
        let help = format!("write `min = {}` or less, or add partitions to the topic", partitions.value);
        reasons.sink.error(diagnostic.at(workload.place, "its topic is named here").help(help));
    }
    let floor = workload.floor();
    if min.value < floor.value {
        let message = format!(
            "`{}` is {}, below the floor `{}`, which is {}",
            min.address, min.value, floor.address, floor.value
        );
        let diagnostic = Diagnostic::error(message).at(place, "a window raises a floor, it never lowers one");
        let help = format!("write `min = {}` or more, or lower the floor of `{}`", floor.value, workload.address);
        let floor_at = known.written_at(&floor.address).unwrap_or(workload.place);
        reasons.sink.error(diagnostic.at(floor_at, "the floor is decided here").help(help));
    }
    if let Scaling::Autoscaled(autoscaler) = &workload.scaling
        && min.value > autoscaler.max.value
    {
        let max = &autoscaler.max;
        let message = format!("`{}` is {}, above `{}`, which is {}", min.address, min.value, max.address, max.value);
        let max_at = known.written_at(&max.address).unwrap_or(workload.place);
        let diagnostic = Diagnostic::error(message).at(place, "this window").at(max_at, "the limit is decided here");
        let help = format!("write `min = {}` or less, or raise the limit of `{}`", max.value, workload.address);
        reasons.sink.error(diagnostic.help(help));
    }
}

pub fn is_keda(workload: &Workload) -> bool {
    matches!(&workload.scaling, Scaling::Autoscaled(autoscaler) if autoscaler.keda.is_some())
}

fn check_times(name: &str, written: &Written, reasons: &mut Reasons) -> bool {
    let mut fine = true;
    let mut refuse = |diagnostic: Diagnostic| {
        reasons.sink.error(diagnostic);
        fine = false;
    };
    for cron in [&written.start, &written.end] {
        let text = cron.value.text();
        if cron.value.interval_seconds().is_some() {
            let message = format!("`{text}` has no fixed time of day: a window needs one at each edge");
            refuse(Diagnostic::error(message).at(cron.span, "").help("write five fields, such as \"0 7 * * 1-5\""));
        } else if !fires(&cron.value) {
            let diagnostic = Diagnostic::error(format!("`{text}` never fires"));
            refuse(diagnostic.at(cron.span, "no such day within five years").help("correct the day or the month"));
        }
    }
    if written.start.value.text() == written.end.value.text() {
        let message = format!("`schedule.{name}` ends the moment it starts");
        let diagnostic = Diagnostic::error(message).at(written.end.span, "the same as").at(written.start.span, "this");
        refuse(diagnostic.help("give `end` a later time"));
    }
    fine
}

fn check_keda_times(written: &Written, reasons: &mut Reasons) {
    for cron in [&written.start, &written.end] {
        if cron.value.is_descriptor() && cron.value.interval_seconds().is_none() {
            let message = format!("KEDA's cron trigger refuses `{}`", cron.value.text());
            let help = "write five fields, such as \"0 0 * * *\"";
            reasons.sink.error(Diagnostic::error(message).at(cron.span, "").help(help));
        }
    }
}

fn fires(cron: &Cron) -> bool {
    // Any fixed moment will do: the question is whether the line ever fires at all.
    cron.next_after(jiff::civil::date(2026, 1, 1).at(0, 0, 0, 0)).is_some()
}

fn check_names(schedule: &Schedule, workload: &Workload, reasons: &mut Reasons) {
    if is_keda(workload) {
        return;
    }
    let [_, longest] = schedule.cronjob_names(workload);
    if longest.len() > LONGEST_CRONJOB {
        let length = longest.len();
        let message =
            format!("the CronJob `{longest}` has {length} characters, Kubernetes takes {LONGEST_CRONJOB} at most");
        let help = "give the schedule a shorter name";
        let diagnostic = Diagnostic::error(message).at(schedule.place, "").at(workload.place, "the workload it is for");
        reasons.sink.error(diagnostic.help(help));
    }
}

/// Two windows whose CronJobs patch one object must never be open together.
fn check_overlaps(workload: &Workload, reasons: &mut Reasons) {
    if is_keda(workload) {
        return;
    }
    for (index, first) in workload.schedules.iter().enumerate() {
        for second in &workload.schedules[index + 1..] {
            check_overlap(first, second, reasons);
        }
    }
}

fn check_overlap(first: &Schedule, second: &Schedule, reasons: &mut Reasons) {
    let (a, b) = (&first.time_zone.value, &second.time_zone.value);
    let (start_a, end_a) = (&first.start.value, &first.end.value);
    let (start_b, end_b) = (&second.start.value, &second.end.value);
    let (message, help) = if let Some(moment) = zone::windows_overlap((start_a, end_a, a), (start_b, end_b, b)) {
        let message = format!("are open at the same time, first at {moment}: the end of one would undo the other");
        (message, "move an edge, or make one window of the two")
    } else if let Some(moment) = zone::coincide((end_a, a), (start_b, b)).or(zone::coincide((end_b, b), (start_a, a))) {
        let message = format!("meet, first at {moment}: which of the two CronJobs runs last is left to chance");
        (message, "make one window of the two, or leave a few minutes between them")
    } else {
        return;
    };
    let message = format!("`{}` and `{}` {message}", first.address, second.address);
    let diagnostic = Diagnostic::error(message).at(second.place, "this window").at(first.place, "and this one");
    reasons.sink.error(diagnostic.help(help));
}

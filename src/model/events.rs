//! Planned events: once, for some hours, a multiple of the peak.
//!
//! Before it begins the floor rises to what carries its demand, and the ceiling a little further; after it the floor comes
//! down in steps, and the ceiling with the last of them. An event goes before a schedule: the schedule's CronJobs
//! rest meanwhile, and at the end the floor is what the schedule says at that moment. Two events on one workload never
//! meet. `times` has the clock, `demand` the numbers.

pub mod room;

mod demand;
mod times;

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;

use crate::diag::source::{Span, Spanned};
use crate::diag::{Diagnostic, suggest};
use crate::spec::Spec;
use crate::spec::event::Demand;
use crate::spec::scalar::{Factor, Named, TableName, Text};
use crate::unit::exact::Exact;
use crate::unit::zone;
use crate::why::{Address, Derived};

use super::reasons::{Answer, Reasons};
use super::schedules::{self, LONGEST_CRONJOB, Schedule};
use super::workloads::{Family, Scaling, Workload};
use times::Times;

/// An event as one workload meets it.
#[derive(Debug, Clone)]
pub struct Event {
    /// The table's key.
    pub name: String,
    /// `event.launch`.
    pub address: Address,
    pub place: Span,
    /// What makes its objects' names new for each date: `launch-20270315`.
    pub stem: String,
    /// Replicas to hold meanwhile.
    pub min: Derived<i64>,
    /// The most replicas meanwhile.
    pub max: Derived<i64>,
    /// What holds from when on, in order; the last is the usual again.
    pub phases: Vec<Phase>,
    /// CronJobs of schedules that would move the floor meanwhile: they rest.
    pub paused: Vec<String>,
}

/// What a workload is raised to in an emergency.
#[derive(Debug, Clone)]
pub struct Emergency {
    pub min: Derived<i64>,
    pub max: Derived<i64>,
}

/// A part of an event.
#[derive(Debug, Clone)]
pub struct Phase {
    /// `up`, `step-1`, `down`.
    pub name: String,
    /// The minute at which it begins, as a cron line in UTC.
    pub from: Derived<String>,
    pub instant: Timestamp,
    pub limits: Derived<Limits>,
}

/// A floor and a ceiling, as one call sets both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub min: i64,
    pub max: i64,
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.min == self.max {
            true => write!(f, "{}", self.min),
            false => write!(f, "{} to {}", self.min, self.max),
        }
    }
}

impl Event {
    /// The name of the object that begins a phase: a CronJob, or a trigger behind the workload's name.
    pub fn object_name(&self, workload: &Workload, phase: &Phase) -> String {
        format!("{}-{}-{}", workload.target.name.value, self.stem, phase.name)
    }

    /// The name of the account under which its CronJobs run.
    pub fn account_name(&self, workload: &Workload) -> String {
        format!("{}-{}", workload.target.name.value, self.stem)
    }

    /// Phases that need a CronJob: with KEDA those that move the ceiling, for floors are triggers there.
    pub fn cronjob_phases(&self, workload: &Workload) -> Vec<&Phase> {
        let ceiling = usual_max(workload);
        match schedules::is_keda(workload) {
            true if ceiling.is_some_and(|it| self.max.value > it.value) => {
                self.phases.first().into_iter().chain(self.phases.last()).collect()
            }
            true => Vec::new(),
            false => self.phases.iter().collect(),
        }
    }
}

/// The ceiling outside of every event; a fixed number has none.
fn usual_max(workload: &Workload) -> Option<&Derived<i64>> {
    match &workload.scaling {
        Scaling::Autoscaled(autoscaler) => Some(&autoscaler.max),
        Scaling::Fixed(_) => None,
    }
}

pub(super) fn resolve(spec: &Spec, workloads: &mut [Workload], reasons: &mut Reasons) {
    for (name, entry) in spec.event.iter() {
        if spec.is_damaged("event", name) {
            continue;
        }
        let written = &entry.value;
        let address = Address::of(["event", name]);
        let times = times::resolve(&address, written, reasons);
        let selection = Selection {
            address: &address,
            place: entry.key,
            factor: written.factor.as_ref(),
            workloads: written.workloads.as_ref(),
            demand: written.demand.as_ref(),
        };
        for (index, part) in selected(spec, &selection, workloads, reasons) {
            let workload = &mut workloads[index];
            let (factor, headroom) = (written.factor.as_ref(), written.headroom.as_ref());
            let scene = Scene { name, address: &address, place: entry.key, factor, headroom, part };
            let Some((min, max)) = demand::limits(&scene, workload, reasons) else { continue };
            let Some(times) = &times else { continue };
            let event = event(&scene, times, (min, max), workload, reasons);
            workload.events.extend(event);
        }
    }
    for workload in workloads.iter() {
        check_overlaps(workload, reasons);
    }
    emergency(spec, workloads, reasons);
}

/// Floors and ceilings for a crowd that nobody announced: by the formulas of an event, without its hours.
fn emergency(spec: &Spec, workloads: &mut [Workload], reasons: &mut Reasons) {
    let Some(entry) = spec.emergency.as_ref().filter(|_| !spec.is_damaged("emergency", "")) else { return };
    let (written, place) = (&entry.value, entry.key);
    let address = Address::of(["emergency"]);
    let (factor, headroom) = (written.factor.as_ref(), written.headroom.as_ref());
    let (listed, demand) = (written.workloads.as_ref(), written.demand.as_ref());
    let selection = Selection { address: &address, place, factor, workloads: listed, demand };
    let own = demand.iter().flat_map(|it| it.iter()).filter_map(|(_, it)| it.value.factor.as_ref());
    for factor in factor.into_iter().chain(own).filter(|it| it.value.0 < Exact::from(1)) {
        let message = format!("an emergency at {} times the peak is none", factor.value);
        reasons.sink.error(Diagnostic::error(message).at(factor.span, "less than the peak").help("write `factor = 2`"));
    }
    for (index, part) in selected(spec, &selection, workloads, reasons) {
        let scene = Scene { name: "emergency", address: &address, place, factor, headroom, part };
        let workload = &mut workloads[index];
        if let Some((min, max)) = demand::limits(&scene, workload, reasons) {
            workload.emergency = Some(Emergency { min, max });
        }
    }
}

/// Which event is resolved, and what it says of the workload at hand.
struct Scene<'a> {
    name: &'a str,
    address: &'a Address,
    place: Span,
    factor: Option<&'a Spanned<Factor>>,
    headroom: Option<&'a Spanned<Factor>>,
    part: Option<&'a Demand>,
}

/// What an event and an emergency say alike of whom they are for.
struct Selection<'a> {
    address: &'a Address,
    place: Span,
    factor: Option<&'a Spanned<Factor>>,
    workloads: Option<&'a Spanned<Vec<Spanned<Text<TableName>>>>>,
    demand: Option<&'a Named<TableName, Demand>>,
}

/// The workloads that an event is for, each with its own line of `demand`.
fn selected<'s>(
    spec: &Spec,
    written: &Selection<'s>,
    workloads: &[Workload],
    reasons: &mut Reasons,
) -> Vec<(usize, Option<&'s Demand>)> {
    let (address, place) = (written.address, written.place);
    let listed = written.workloads.iter().flat_map(|it| &it.value).map(|it| (it.value.as_str(), it.span));
    let listed: Vec<(&str, Span)> = listed.collect();
    if let Some(list) = written.workloads {
        let names: Vec<&str> = listed.iter().map(|(name, _)| *name).collect();
        reasons.taken(address.child("workloads"), names.join(", "), list.span);
    }
    let own: Vec<(&str, Span)> =
        written.demand.iter().flat_map(|it| it.iter()).map(|(name, entry)| (name, entry.key)).collect();
    let mut names = BTreeSet::new();
    for (named, span) in listed.iter().chain(&own) {
        match spec.service.get(named).is_some() || spec.worker.get(named).is_some() {
            true => {
                names.insert(*named);
            }
            false => {
                let message = format!("there is no service and no worker `{named}`");
                let known = spec.service.iter().map(|it| it.0).chain(spec.worker.iter().map(|it| it.0));
                let help = suggest::help(named, known.collect::<Vec<_>>());
                reasons.sink.error(Diagnostic::error(message).at(*span, "named here").help(help));
            }
        }
    }
    if written.workloads.is_none() && written.factor.is_some() {
        names.extend(workloads.iter().filter(|it| it.peak().value > 0).map(|it| it.name.as_str()));
    }
    if listed.is_empty() && own.is_empty() && written.factor.is_none() {
        let message = format!("`{address}` does not say what to be ready for");
        let help = "write `factor = 3`, times the peak, or `demand = { api = { rps = 50_000 } }`";
        reasons.sink.error(Diagnostic::error(message).at(place, "neither a factor nor a demand").help(help));
    }
    let index = |name: &str| workloads.binary_search_by(|it| it.name.as_str().cmp(name)).ok();
    let part = |name: &str| written.demand.and_then(|it| it.get(name)).map(|entry| &entry.value);
    names.into_iter().filter_map(|it| Some((index(it)?, part(it)))).collect()
}

fn event(
    scene: &Scene<'_>,
    times: &Times,
    (min, max): (Derived<i64>, Derived<i64>),
    workload: &Workload,
    reasons: &mut Reasons,
) -> Option<Event> {
    let own = scene.address.child("demand").child(&workload.name);
    let (opens, closes) = (times.first(), times.last());
    // KEDA takes the largest of all triggers, so there a window needs no regard.
    let regarded: &[Schedule] = if schedules::is_keda(workload) { &[] } else { &workload.schedules };
    let meanwhile = Meanwhile::of(regarded, opens, closes, scene, reasons)?;
    let usual = meanwhile.open.iter().fold(workload.floor(), |most, it| if it.value > most.value { it } else { most });
    let mut phases: Vec<Phase> = Vec::new();
    for mark in &times.marks {
        let at = own.child(&mark.name);
        let answer = match (&mark.share, mark.is_last) {
            (_, true) => restored(meanwhile.afterwards.as_ref().unwrap_or(workload.floor()), workload),
            (None, false) => held(&min, &max, usual, reasons),
            (Some(share), false) => stepped(&min, &max, usual, share, &at, scene.place, reasons)?,
        };
        // A step that changes nothing needs nobody to take it.
        if !mark.is_last && phases.last().is_some_and(|it| it.limits.value == answer.value) {
            continue;
        }
        phases.push(Phase {
            name: mark.name.clone(),
            from: mark.from.clone(),
            instant: mark.instant,
            limits: reasons.computed(at, answer),
        });
    }
    let event = Event {
        name: scene.name.to_owned(),
        address: scene.address.clone(),
        place: scene.place,
        stem: format!("{}-{}", scene.name, times.date),
        min,
        max,
        phases,
        paused: meanwhile.paused(workload),
    };
    check_names(&event, workload, reasons);
    Some(event)
}

fn held(min: &Derived<i64>, max: &Derived<i64>, usual: &Derived<i64>, reasons: &Reasons) -> Answer<Limits> {
    let floor = min.value.max(usual.value);
    let formula = |it: &Derived<i64>| {
        let numbers = reasons.causes.get(&it.address).and_then(|why| why.numbers());
        numbers.map_or_else(|| it.value.to_string(), str::to_owned)
    };
    let least = if usual.value > min.value { format!("max({}, {})", usual.value, formula(min)) } else { formula(min) };
    let numbers = if min.address == max.address { least } else { format!("{least} to {}", formula(max)) };
    let mut inputs = vec![min.address.clone(), max.address.clone()];
    inputs.extend((usual.value > min.value).then(|| usual.address.clone()));
    let value = Limits { min: floor, max: max.value.max(floor) };
    Answer { value, symbolic: "min to max of the event", numbers, inputs }
}

/// The floor of a step, never below what holds without the event.
fn stepped(
    min: &Derived<i64>,
    max: &Derived<i64>,
    usual: &Derived<i64>,
    share: &Derived<Exact>,
    at: &Address,
    place: Span,
    reasons: &mut Reasons,
) -> Option<Answer<Limits>> {
    let part = reasons.ceil(Exact::from(min.value) * share.value, at, place)?;
    let floor = part.max(usual.value);
    let mut numbers = format!("ceil({} × {})", min.value, share.value);
    let mut inputs = vec![min.address.clone(), max.address.clone(), share.address.clone()];
    if usual.value > part {
        numbers = format!("max({}, {numbers})", usual.value);
        inputs.push(usual.address.clone());
    }
    // A fixed number has no ceiling: it is what the step says.
    let is_fixed = min.value == max.value && min.address == max.address;
    let value = Limits { min: floor, max: if is_fixed { floor } else { max.value.max(floor) } };
    if !is_fixed {
        numbers = format!("{numbers} to {}", value.max);
    }
    Some(Answer { value, symbolic: "max(floor, ceil(min × step)) to max of the event", numbers, inputs })
}

/// What holds without the event.
fn restored(floor: &Derived<i64>, workload: &Workload) -> Answer<Limits> {
    let max = usual_max(workload).unwrap_or(floor);
    let value = Limits { min: floor.value, max: max.value };
    let inputs = vec![floor.address.clone(), max.address.clone()];
    Answer { value, symbolic: "what holds without the event", numbers: value.to_string(), inputs }
}

/// What schedules do while an event lasts.
struct Meanwhile<'a> {
    /// Floors of windows that are open at some time of it.
    open: Vec<Derived<i64>>,
    /// The floor of the window that is open when it is over.
    afterwards: Option<Derived<i64>>,
    moving: Vec<&'a Schedule>,
}

impl<'a> Meanwhile<'a> {
    fn of(
        schedules: &'a [Schedule],
        opens: Timestamp,
        closes: Timestamp,
        scene: &Scene<'_>,
        reasons: &mut Reasons,
    ) -> Option<Self> {
        let mut found = Self { open: Vec::new(), afterwards: None, moving: Vec::new() };
        let mut is_fine = true;
        for it in schedules {
            let (start, end, zone) = (&it.start.value, &it.end.value, &it.time_zone.value);
            let after = closes.checked_add(jiff::SignedDuration::from_secs(1)).unwrap_or(Timestamp::MAX);
            let starts = zone.instants(start, opens, after);
            let ends = zone.instants(end, opens, after);
            let is_open = |at| zone::is_open((start, end, zone), at);
            if let Some(moment) = starts.first().into_iter().chain(ends.first()).find(|moment| **moment == opens) {
                let message = format!(
                    "`{}` begins to scale at {moment}, when `{}` moves the floor: which of the two CronJobs runs last is \
                     left to chance",
                    scene.address, it.address
                );
                let diagnostic = Diagnostic::error(message).at(scene.place, "this event").at(it.place, "this schedule");
                reasons.sink.error(diagnostic.help("write a `lead` that is ten minutes longer or shorter"));
                is_fine = false;
            }
            if is_open(opens) || !starts.is_empty() {
                found.open.push(it.min.clone());
            }
            if is_open(closes) {
                found.afterwards = Some(it.min.clone());
            }
            if !starts.is_empty() || !ends.is_empty() {
                found.moving.push(it);
            }
        }
        is_fine.then_some(found)
    }

    fn paused(&self, workload: &Workload) -> Vec<String> {
        self.moving.iter().flat_map(|it| it.cronjob_names(workload)).collect()
    }
}

fn check_names(event: &Event, workload: &Workload, reasons: &mut Reasons) {
    let names = event.cronjob_phases(workload).into_iter().map(|phase| event.object_name(workload, phase));
    if let Some(longest) = names.max_by_key(String::len).filter(|it| it.len() > LONGEST_CRONJOB) {
        let length = longest.len();
        let message =
            format!("the CronJob `{longest}` has {length} characters, Kubernetes takes {LONGEST_CRONJOB} at most");
        let diagnostic = Diagnostic::error(message).at(event.place, "").at(workload.place, "the workload it is for");
        reasons.sink.error(diagnostic.help("give the event a shorter name"));
    }
    let taken = workload.schedules.iter().filter(|_| schedules::is_keda(workload));
    for schedule in taken.filter(|it| it.name == event.stem || it.name.starts_with(&format!("{}-step-", event.stem))) {
        let message = format!("`{}` names two triggers of `{}`", schedule.name, workload.address);
        let diagnostic = Diagnostic::error(message).at(schedule.place, "a schedule").at(event.place, "an event");
        reasons.sink.error(diagnostic.help("give the schedule another name"));
    }
}

/// The end of one would undo the other.
fn check_overlaps(workload: &Workload, reasons: &mut Reasons) {
    let span = |it: &Event| Some((it.phases.first()?.instant, it.phases.last()?.instant));
    for (index, first) in workload.events.iter().enumerate() {
        for second in &workload.events[index + 1..] {
            let (Some((opens, closes)), Some((again, over))) = (span(first), span(second)) else { continue };
            if again <= closes && opens <= over {
                let message = format!(
                    "`{}` and `{}` meet at {} on `{}`, with what is before and after them: the end of one would undo \
                     the other",
                    first.address,
                    second.address,
                    opens.max(again),
                    workload.address
                );
                let diagnostic = Diagnostic::error(message).at(second.place, "this event").at(first.place, "and this");
                reasons.sink.error(diagnostic.help("make one event of the two, or take the workload out of one"));
            }
        }
    }
}

/// Words for messages: `workers` of a topic, `pods` of anything else.
fn pods(workload: &Workload) -> &'static str {
    match workload.family {
        Family::Service => "pods",
        Family::Worker => "workers",
    }
}

//! Names that must be unique, and names that grow too long once a prefix or a suffix is added.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use rayon::prelude::*;

use crate::diag::source::Span;
use crate::diag::{Diagnostic, Sink};
use crate::spec::Spec;
use crate::why::{Causes, Derived};

use super::autoscale::Autoscaler;
use super::schedules;
use super::workloads::{Family, Scaling, Workload};

/// KEDA names the HPA it makes `keda-hpa-<ScaledObject>`; its webhook refuses more than 63 characters
/// (kedacore/keda v2.20.2, `scaledobject_webhook.go`).
const KEDA_PREFIX: &str = "keda-hpa-";
const KEDA_LONGEST: usize = 63 - KEDA_PREFIX.len();

/// Reports names that are taken or too long; `known` has the reasons of the workloads.
pub(super) fn check(spec: &Spec, workloads: &[Workload], known: &Causes) -> Sink {
    let mut sink = Sink::default();
    check_tables(spec, &mut sink);
    let is_told = |it: &&Workload| it.family == Family::Worker && spec.service.get(&it.name).is_some();
    let workloads: Vec<&Workload> = workloads.iter().filter(|it| !is_told(it)).collect();
    let names: Vec<Vec<Name<'_>>> = workloads.par_iter().map(|it| names(it)).collect();
    if may_be_twice(&names) {
        check_names(&names, known, &mut sink);
    }
    for workload in workloads {
        check_keda_name(workload, known, &mut sink);
    }
    sink
}

/// What cannot have one name twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Namespace {
    Target,
    Scaler,
    Budget,
    CronJob,
    ConfigMap,
    ServiceAccount,
}

impl Namespace {
    /// What is wrong with a name that is there twice, and what to do.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Target => ("is scaled by two tables", "scale it in one of them only"),
            Self::Scaler => ("names two autoscalers", "give one of them another `name` under `autoscale`"),
            Self::Budget => ("names two PodDisruptionBudgets", "give one of them another `name` in `disruption`"),
            Self::CronJob => ("names two CronJobs", "give one of the schedules or events another name"),
            Self::ConfigMap => (
                "names two ConfigMaps: two workloads with `env` share the name of their object",
                "give one of the objects another name",
            ),
            Self::ServiceAccount => (
                "names two ServiceAccounts: two workloads with schedules or events share the name of their object",
                "give one of the objects another name",
            ),
        }
    }
}

/// A name that something is to have.
struct Name<'a> {
    namespace: Namespace,
    /// The kind of the object, where a namespace holds several.
    kind: &'a str,
    name: Cow<'a, str>,
    place: Place<'a>,
    /// Added to the label at its place.
    who: &'static str,
}

impl<'a> Name<'a> {
    fn new(namespace: Namespace, name: impl Into<Cow<'a, str>>, place: Place<'a>) -> Self {
        Self { namespace, kind: "", name: name.into(), place, who: "" }
    }

    fn key(&self) -> (Namespace, &str, &str) {
        (self.namespace, self.kind, &self.name)
    }
}

/// Every name that a workload needs, that of its own object first.
fn names(workload: &Workload) -> Vec<Name<'_>> {
    let target = &workload.target;
    let at_target = Place { name: Some(&target.name), table: workload.place };
    let mut names =
        vec![Name { kind: &target.kind.value, ..Name::new(Namespace::Target, &target.name.value, at_target) }];
    if !workload.schedules.is_empty() && !schedules::is_keda(workload) {
        let account = format!("{}-schedule", target.name.value);
        names.push(Name::new(Namespace::ServiceAccount, account, at_target));
        for schedule in &workload.schedules {
            let place = Place { name: None, table: schedule.place };
            let jobs = schedule.cronjob_names(workload).into_iter();
            names.extend(jobs.map(|it| Name::new(Namespace::CronJob, it, place)));
        }
    }
    for event in &workload.events {
        let phases = event.cronjob_phases(workload);
        if !phases.is_empty() {
            names.push(Name::new(Namespace::ServiceAccount, event.account_name(workload), at_target));
        }
        let place = Place { name: None, table: event.place };
        let jobs = phases.into_iter().map(|it| event.object_name(workload, it));
        names.extend(jobs.map(|it| Name::new(Namespace::CronJob, it, place)));
    }
    if let Some(env) = &workload.settings {
        names.push(Name::new(Namespace::ConfigMap, env.config_map.value.as_str(), at_target));
    }
    if let Scaling::Autoscaled(autoscaler) = &workload.scaling {
        names.extend(of_scaler(autoscaler, workload.place));
    }
    if let Some(disruption) = &workload.disruption {
        let place = Place { name: Some(&disruption.name), table: workload.place };
        names.push(Name::new(Namespace::Budget, &disruption.name.value, place));
    }
    names
}

/// The name of a HorizontalPodAutoscaler, or those of a ScaledObject and of the one that KEDA makes of it.
fn of_scaler<'a>(autoscaler: &'a Autoscaler, table: Span) -> impl Iterator<Item = Name<'a>> {
    const HPA: &str = "HorizontalPodAutoscaler";
    let name = &autoscaler.name.value;
    let place = Place { name: Some(&autoscaler.name), table };
    let named = |kind, name: Cow<'a, str>, who| Name { kind, who, ..Name::new(Namespace::Scaler, name, place) };
    let (first, second) = match autoscaler.keda {
        Some(_) => {
            let made = format!("{KEDA_PREFIX}{name}");
            (named("ScaledObject", name.into(), ""), Some(named(HPA, made.into(), ": KEDA makes it")))
        }
        None => (named(HPA, name.into(), ""), None),
    };
    std::iter::once(first).chain(second)
}

/// Whether some name may be there twice: a large platform has tens of thousands, nearly always each once, and to compare
/// short numbers for them is much less work than to compare texts.
fn may_be_twice(names: &[Vec<Name<'_>>]) -> bool {
    let hash = |name: &Name<'_>| {
        let mut hasher = DefaultHasher::new();
        name.key().hash(&mut hasher);
        hasher.finish()
    };
    let mut hashes: Vec<u64> = names.par_iter().flat_map_iter(|it| it.iter().map(hash)).collect();
    hashes.par_sort_unstable();
    !hashes.is_sorted_by(|a, b| a < b)
}

/// Reports every name that is there twice.
fn check_names(names: &[Vec<Name<'_>>], known: &Causes, sink: &mut Sink) {
    let mut seen: BTreeMap<(Namespace, &str, &str), &Name<'_>> = BTreeMap::new();
    for workload in names {
        for name in workload {
            let Some(first) = seen.insert(name.key(), name) else { continue };
            seen.insert(name.key(), first);
            let (twice, help) = name.namespace.words();
            let blank = if name.kind.is_empty() { "" } else { " " };
            let message = format!("`{}{blank}{}` {twice}", name.kind, name.name);
            let diagnostic = Diagnostic::error(message).at(name.place.span(known), format!("here again{}", name.who));
            sink.error(diagnostic.at(first.place.span(known), format!("first here{}", first.who)).help(help));
            // Two tables for one object have one mistake, whatever else they share.
            if name.namespace == Namespace::Target {
                break;
            }
        }
    }
}

/// Where a name was written, or the table that it is taken from.
#[derive(Clone, Copy)]
struct Place<'a> {
    name: Option<&'a Derived<String>>,
    table: Span,
}

impl Place<'_> {
    fn span(self, known: &Causes) -> Span {
        self.name.and_then(|name| known.written_at(&name.address)).unwrap_or(self.table)
    }
}

/// Names are unique over services and workers: `runs`, `--set` and file names use them alone.
fn check_tables(spec: &Spec, sink: &mut Sink) {
    for (name, worker) in spec.worker.iter() {
        if let Some(service) = spec.service.get(name) {
            let message = format!("`{name}` names both a service and a worker");
            let diagnostic = Diagnostic::error(message).at(worker.key, "the worker").at(service.key, "the service");
            sink.error(
                diagnostic
                    .help("give one of the two tables another name; `workload = { name = … }` keeps the object's"),
            );
        }
    }
}

fn check_keda_name(workload: &Workload, known: &Causes, sink: &mut Sink) {
    let Scaling::Autoscaled(autoscaler) = &workload.scaling else { return };
    let (name, length) = (&autoscaler.name.value, autoscaler.name.value.len());
    if autoscaler.keda.is_some() && length > KEDA_LONGEST {
        let place = Place { name: Some(&autoscaler.name), table: workload.place };
        let message = format!("the ScaledObject `{name}` has {length} characters, KEDA takes {KEDA_LONGEST} at most");
        let note = format!("KEDA names its own HorizontalPodAutoscaler `{KEDA_PREFIX}<name>`, 63 characters at most");
        let help = format!("write a shorter `name` under `[{}.autoscale]`", workload.address);
        sink.error(Diagnostic::error(message).at(place.span(known), "").note(note).help(help));
    }
}

//! Names that must be unique, and names that grow too long once a prefix or a suffix is added.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::diag::source::Span;
use crate::diag::{Diagnostic, Sink};
use crate::spec::Spec;
use crate::why::{Causes, Derived};

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
    let seen = |twice, help| Seen { twice, help, places: BTreeMap::new(), known };
    let mut targets = seen("is scaled by two tables", "scale it in one of them only");
    let mut scalers = seen("names two autoscalers", "give one of them another `name` under `autoscale`");
    let mut budgets = seen("names two PodDisruptionBudgets", "give one of them another `name` in `disruption`");
    let mut cronjobs = seen("names two CronJobs", "give one of the schedules or events another name");
    let mut settings = seen(
        "names two ConfigMaps: two workloads with `env` share the name of their object",
        "give one of the objects another name",
    );
    let mut accounts = seen(
        "names two ServiceAccounts: two workloads with schedules or events share the name of their object",
        "give one of the objects another name",
    );
    for workload in workloads {
        let is_told = workload.family == Family::Worker && spec.service.get(&workload.name).is_some();
        let target = &workload.target;
        let place = |name| Place { name: Some(name), table: workload.place };
        // Two tables for one object have one mistake, whatever else they share.
        if is_told || !targets.add(&target.kind.value, &target.name.value, place(&target.name), "", &mut sink) {
            continue;
        }
        if !workload.schedules.is_empty() && !schedules::is_keda(workload) {
            let account = format!("{}-schedule", target.name.value);
            accounts.add("", account, place(&target.name), "", &mut sink);
            for schedule in &workload.schedules {
                for name in schedule.cronjob_names(workload) {
                    cronjobs.add("", name, Place { name: None, table: schedule.place }, "", &mut sink);
                }
            }
        }
        for event in &workload.events {
            let phases = event.cronjob_phases(workload);
            if !phases.is_empty() {
                accounts.add("", event.account_name(workload), place(&target.name), "", &mut sink);
            }
            for phase in phases {
                let name = event.object_name(workload, phase);
                cronjobs.add("", name, Place { name: None, table: event.place }, "", &mut sink);
            }
        }
        if let Some(env) = &workload.settings {
            settings.add("", env.config_map.value.as_str(), place(&target.name), "", &mut sink);
        }
        if let Scaling::Autoscaled(autoscaler) = &workload.scaling {
            let name = &autoscaler.name.value;
            let place = place(&autoscaler.name);
            if autoscaler.keda.is_some() {
                check_keda_name(workload, name, place, known, &mut sink);
                scalers.add("ScaledObject", name, place, "", &mut sink);
                let made = format!("{KEDA_PREFIX}{name}");
                scalers.add("HorizontalPodAutoscaler", made, place, ": KEDA makes it", &mut sink);
            } else {
                scalers.add("HorizontalPodAutoscaler", name, place, "", &mut sink);
            }
        }
        if let Some(disruption) = &workload.disruption {
            budgets.add("", &disruption.name.value, place(&disruption.name), "", &mut sink);
        }
    }
    sink
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

fn check_keda_name(workload: &Workload, name: &str, place: Place<'_>, known: &Causes, sink: &mut Sink) {
    let length = name.len();
    if length > KEDA_LONGEST {
        let message = format!("the ScaledObject `{name}` has {length} characters, KEDA takes {KEDA_LONGEST} at most");
        let note = format!("KEDA names its own HorizontalPodAutoscaler `{KEDA_PREFIX}<name>`, 63 characters at most");
        let help = format!("write a shorter `name` under `[{}.autoscale]`", workload.address);
        sink.error(Diagnostic::error(message).at(place.span(known), "").note(note).help(help));
    }
}

/// Names that were seen, each with its kind, and where.
struct Seen<'a> {
    twice: &'static str,
    help: &'static str,
    places: BTreeMap<(&'a str, Cow<'a, str>), (Place<'a>, &'static str)>,
    known: &'a Causes,
}

impl<'a> Seen<'a> {
    /// Whether the name is new; `who` is added to the label at its place.
    fn add(
        &mut self,
        kind: &'a str,
        name: impl Into<Cow<'a, str>>,
        place: Place<'a>,
        who: &'static str,
        sink: &mut Sink,
    ) -> bool {
        let there = match self.places.entry((kind, name.into())) {
            Entry::Vacant(free) => {
                free.insert((place, who));
                return true;
            }
            Entry::Occupied(there) => there,
        };
        let ((kind, name), (first, who_first)) = (there.key(), there.get());
        let blank = if kind.is_empty() { "" } else { " " };
        let message = format!("`{kind}{blank}{name}` {}", self.twice);
        let diagnostic = Diagnostic::error(message).at(place.span(self.known), format!("here again{who}"));
        sink.error(diagnostic.at(first.span(self.known), format!("first here{who_first}")).help(self.help));
        false
    }
}

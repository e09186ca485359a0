//! Names that must be unique, and names that grow too long once a prefix or a suffix is added.

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::diag::source::Span;
use crate::spec::Spec;
use crate::why::Derived;

use super::reasons::Reasons;
use super::schedules;
use super::workloads::{Family, Scaling, Workload};

/// KEDA names the HPA it makes `keda-hpa-<ScaledObject>`; its webhook refuses more than 63 characters
/// (kedacore/keda v2.20.2, `scaledobject_webhook.go`).
const KEDA_PREFIX: &str = "keda-hpa-";
const KEDA_LONGEST: usize = 63 - KEDA_PREFIX.len();

pub(super) fn check(spec: &Spec, workloads: &[Workload], reasons: &mut Reasons) {
    check_tables(spec, reasons);
    let mut targets = Seen::new("is scaled by two tables", "scale it in one of them only");
    let mut scalers = Seen::new("names two autoscalers", "give one of them another `name` under `autoscale`");
    let mut budgets = Seen::new("names two PodDisruptionBudgets", "give one of them another `name` in `disruption`");
    let mut cronjobs = Seen::new("names two CronJobs", "give one of the schedules another name");
    let mut accounts = Seen::new(
        "names two ServiceAccounts: two workloads with schedules share the name of their object",
        "give one of the objects another name",
    );
    for workload in workloads {
        let is_told = workload.family == Family::Worker && spec.service.get(&workload.name).is_some();
        let target = &workload.target;
        let object = format!("{} {}", target.kind.value, target.name.value);
        // Two tables for one object have one mistake, whatever else they share.
        if is_told || !targets.add(object, place(&target.name, workload, reasons), "", reasons) {
            continue;
        }
        if !workload.schedules.is_empty() && !schedules::is_keda(workload) {
            let account = format!("{}-schedule", target.name.value);
            accounts.add(account, place(&target.name, workload, reasons), "", reasons);
            for schedule in &workload.schedules {
                for name in schedule.cronjob_names(workload) {
                    cronjobs.add(name, schedule.place, "", reasons);
                }
            }
        }
        if let Scaling::Autoscaled(autoscaler) = &workload.scaling {
            let name = &autoscaler.name.value;
            let place = place(&autoscaler.name, workload, reasons);
            if autoscaler.keda.is_some() {
                check_keda_name(workload, name, place, reasons);
                scalers.add(format!("ScaledObject {name}"), place, "", reasons);
                let made = format!("HorizontalPodAutoscaler {KEDA_PREFIX}{name}");
                scalers.add(made, place, ": KEDA makes it", reasons);
            } else {
                scalers.add(format!("HorizontalPodAutoscaler {name}"), place, "", reasons);
            }
        }
        if let Some(disruption) = &workload.disruption {
            budgets.add(disruption.name.value.clone(), place(&disruption.name, workload, reasons), "", reasons);
        }
    }
}

/// Where a name was written, or the table that it is taken from.
fn place(name: &Derived<String>, workload: &Workload, reasons: &Reasons) -> Span {
    reasons.causes.written_at(&name.address).unwrap_or(workload.place)
}

/// Names are unique over services and workers: `runs`, `--set` and file names use them alone.
fn check_tables(spec: &Spec, reasons: &mut Reasons) {
    for (name, worker) in spec.worker.iter() {
        if let Some(service) = spec.service.get(name) {
            let message = format!("`{name}` names both a service and a worker");
            let diagnostic = Diagnostic::error(message).at(worker.key, "the worker").at(service.key, "the service");
            reasons.sink.error(
                diagnostic
                    .help("give one of the two tables another name; `workload = { name = … }` keeps the object's"),
            );
        }
    }
}

fn check_keda_name(workload: &Workload, name: &str, place: Span, reasons: &mut Reasons) {
    let length = name.len();
    if length > KEDA_LONGEST {
        let message = format!("the ScaledObject `{name}` has {length} characters, KEDA takes {KEDA_LONGEST} at most");
        let note = format!("KEDA names its own HorizontalPodAutoscaler `{KEDA_PREFIX}<name>`, 63 characters at most");
        let help = format!("write a shorter `name` under `[{}.autoscale]`", workload.address);
        reasons.sink.error(Diagnostic::error(message).at(place, "").note(note).help(help));
    }
}

/// Names that were seen, and where.
struct Seen {
    twice: &'static str,
    help: &'static str,
    places: BTreeMap<String, (Span, &'static str)>,
}

impl Seen {
    fn new(twice: &'static str, help: &'static str) -> Self {
        Self { twice, help, places: BTreeMap::new() }
    }

    /// Whether the name is new; `who` is added to the label at its place.
    fn add(&mut self, name: String, place: Span, who: &'static str, reasons: &mut Reasons) -> bool {
        let Some((first, who_first)) = self.places.get(&name) else {
            self.places.insert(name, (place, who));
            return true;
        };
        let message = format!("`{name}` {}", self.twice);
        let diagnostic = Diagnostic::error(message).at(place, format!("here again{who}"));
        reasons.sink.error(diagnostic.at(*first, format!("first here{who_first}")).help(self.help));
        false
    }
}

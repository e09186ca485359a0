//! Names that must be unique, and names that grow too long once a prefix or a suffix is added.

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::diag::source::Span;
use crate::spec::Spec;

use super::reasons::Reasons;
use super::schedules;
use super::workloads::{Scaling, Workload};

/// KEDA names the HPA it makes `keda-hpa-<ScaledObject>`; its webhook refuses more than 63 characters
/// (kedacore/keda v2.20.2, `scaledobject_webhook.go`).
const KEDA_PREFIX: &str = "keda-hpa-";
const KEDA_LONGEST: usize = 63 - KEDA_PREFIX.len();

pub(super) fn check(spec: &Spec, workloads: &[Workload], reasons: &mut Reasons) {
    check_tables(spec, reasons);
    let mut targets = Seen::new("is scaled by two autoscalers", "scale it in one table only");
    let mut scalers = Seen::new("names two autoscalers", "give one another name: `[….autoscale] name = \"…\"`");
    let mut budgets =
        Seen::new("names two PodDisruptionBudgets", "give one another name: `disruption = { name = \"…\", … }`");
    let mut cronjobs = Seen::new("names two CronJobs", "give one of the schedules another name");
    let mut accounts = Seen::new(
        "names two ServiceAccounts: two workloads with schedules share the name of their object",
        "give one of the objects another name",
    );
    for workload in workloads {
        if !workload.schedules.is_empty() && !schedules::is_keda(workload) {
            accounts.add(format!("{}-schedule", workload.target.name.value), workload.place, reasons);
            for schedule in &workload.schedules {
                for name in schedule.cronjob_names(workload) {
                    cronjobs.add(name, schedule.place, reasons);
                }
            }
        }
        let target = &workload.target;
        let object = format!("{} {}", target.kind.value, target.name.value);
        targets.add(object, workload.place, reasons);
        if let Scaling::Autoscaled(autoscaler) = &workload.scaling {
            let name = &autoscaler.name.value;
            match &autoscaler.keda {
                Some(_) => {
                    check_keda_name(workload, name, reasons);
                    scalers.add(format!("ScaledObject {name}"), workload.place, reasons);
                    scalers.add(format!("HorizontalPodAutoscaler {KEDA_PREFIX}{name}"), workload.place, reasons);
                }
                None => scalers.add(format!("HorizontalPodAutoscaler {name}"), workload.place, reasons),
            }
        }
        if let Some(disruption) = &workload.disruption {
            budgets.add(disruption.name.value.clone(), workload.place, reasons);
        }
    }
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

fn check_keda_name(workload: &Workload, name: &str, reasons: &mut Reasons) {
    if name.len() > KEDA_LONGEST {
        let length = name.len();
        let message = format!("the ScaledObject `{name}` has {length} characters, KEDA takes {KEDA_LONGEST} at most");
        let note = format!("KEDA names its own HorizontalPodAutoscaler `{KEDA_PREFIX}<name>`, 63 characters at most");
        let help = format!("write a shorter `name` under `[{}.autoscale]`", workload.address);
        reasons.sink.error(Diagnostic::error(message).at(workload.place, "").note(note).help(help));
    }
}

/// Names that were seen, and where.
struct Seen {
    twice: &'static str,
    help: &'static str,
    places: BTreeMap<String, Span>,
}

impl Seen {
    fn new(twice: &'static str, help: &'static str) -> Self {
        Self { twice, help, places: BTreeMap::new() }
    }

    fn add(&mut self, name: String, place: Span, reasons: &mut Reasons) {
        match self.places.get(&name) {
            None => {
                self.places.insert(name, place);
            }
            Some(first) => {
                let message = format!("`{name}` {}", self.twice);
                let diagnostic = Diagnostic::error(message).at(place, "here again").at(*first, "first here");
                reasons.sink.error(diagnostic.help(self.help));
            }
        }
    }
}

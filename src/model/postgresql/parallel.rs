//! Settings that the cores decide. Below four of them parallel queries gain nothing, and PostgreSQL's defaults stay.

use crate::diag::Diagnostic;
use crate::diag::source::Spanned;
use crate::spec::postgresql::Usage;
use crate::spec::scalar::Whole;
use crate::unit::exact::Exact;
use crate::why::Derived;

use super::{Answer, Machine, Reasons, named};

/// From so many cores on queries are run in parallel.
const PARALLEL_FROM: i64 = 4;

/// Helpers of one query that are known to gain (PgTune: "no clear evidence" for more), but where queries are large.
const MOST_HELPERS: i64 = 4;

/// `max_worker_processes` of PostgreSQL.
const WORKER_PROCESSES: i64 = 8;

/// What was decided, in the order of the file.
pub(super) struct Parallel {
    pub(super) settings: Vec<(String, Derived<String>)>,
    /// Background processes, written into the file or PostgreSQL's own default.
    pub(super) worker_processes: Derived<i64>,
}

pub(super) fn resolve(machine: &Machine<'_>, reasons: &mut Reasons) -> Parallel {
    let written = machine.written;
    let is_large = machine.usage.value == Usage::Dw;
    let workers = |cores: &Derived<i64>| all(cores);
    let gather = |cores: &Derived<i64>| half(machine, cores, !is_large);
    let maintenance = |cores: &Derived<i64>| half(machine, cores, true);
    let processes = decide(machine, "max_worker_processes", written.max_worker_processes.as_ref(), workers, reasons);
    let per_gather = written.max_parallel_workers_per_gather.as_ref();
    let per_gather = decide(machine, "max_parallel_workers_per_gather", per_gather, gather, reasons);
    let parallel = decide(machine, "max_parallel_workers", written.max_parallel_workers.as_ref(), workers, reasons);
    let at_maintenance = written.max_parallel_maintenance_workers.as_ref();
    let at_maintenance = decide(machine, "max_parallel_maintenance_workers", at_maintenance, maintenance, reasons);
    let named_settings = [
        ("max_worker_processes", &processes),
        ("max_parallel_workers_per_gather", &per_gather),
        ("max_parallel_workers", &parallel),
        ("max_parallel_maintenance_workers", &at_maintenance),
    ];
    let settings = named_settings.into_iter().filter_map(|(name, it)| Some(named(name, it.as_ref()?))).collect();
    let worker_processes = processes.unwrap_or_else(|| {
        let at = machine.address.child("max_worker_processes");
        reasons.default(at, WORKER_PROCESSES, "PostgreSQL's own default, kept below 4 cores")
    });
    check_processes(machine, &worker_processes, parallel.as_ref(), reasons);
    Parallel { settings, worker_processes }
}

/// The pin, or what the cores say; `None` leaves PostgreSQL's default.
fn decide<const MIN: i64, const MAX: i64>(
    machine: &Machine<'_>,
    key: &str,
    pin: Option<&Spanned<Whole<MIN, MAX>>>,
    answer: impl Fn(&Derived<i64>) -> Answer<i64>,
    reasons: &mut Reasons,
) -> Option<Derived<i64>> {
    let pin = pin.map(|it| Spanned { value: it.value.0, span: it.span });
    match machine.cores.as_ref().filter(|it| it.value >= PARALLEL_FROM) {
        Some(cores) => Some(machine.decide(key, pin, answer(cores), reasons)),
        None => pin.map(|it| reasons.written(machine.address.child(key), &it)),
    }
}

fn all(cores: &Derived<i64>) -> Answer<i64> {
    let numbers = format!("{} cores", cores.value);
    Answer { value: cores.value, symbolic: "cpu", numbers, inputs: vec![cores.address.clone()] }
}

/// Half of the cores, rounded up.
fn half(machine: &Machine<'_>, cores: &Derived<i64>, is_limited: bool) -> Answer<i64> {
    let half = Exact::fraction(cores.value, 2).ceil().unwrap_or(i64::MAX);
    let numbers = format!("ceil({} / 2)", cores.value);
    let inputs = vec![cores.address.clone(), machine.usage.address.clone()];
    match is_limited {
        true => {
            let numbers = format!("min({MOST_HELPERS}, {numbers})");
            Answer { value: half.min(MOST_HELPERS), symbolic: "min(4, ceil(cpu / 2))", numbers, inputs }
        }
        false => Answer { value: half, symbolic: "ceil(cpu / 2)", numbers, inputs },
    }
}

/// Parallel workers are taken out of the background processes: more of them than processes never start.
fn check_processes(
    machine: &Machine<'_>,
    processes: &Derived<i64>,
    parallel: Option<&Derived<i64>>,
    reasons: &mut Reasons,
) {
    let Some(parallel) = parallel.filter(|it| it.value > processes.value) else { return };
    let written = machine.written;
    let message = format!(
        "`max_parallel_workers` is {}, and PostgreSQL has {} processes to run them",
        parallel.value, processes.value
    );
    let pins = [
        written.max_parallel_workers.as_ref().map(|it| it.span),
        written.max_worker_processes.as_ref().map(|it| it.span),
    ];
    let place = pins.into_iter().flatten().next().unwrap_or(machine.place);
    let diagnostic = Diagnostic::error(message).at(place, "more than there are");
    let help = format!("write `max_parallel_workers = {}`, or as many `max_worker_processes`", processes.value);
    reasons.sink.error(diagnostic.help(help));
}

//! Settings that memory, storage and the kind of queries decide.

use crate::diag::Diagnostic;
use crate::diag::source::Spanned;
use crate::spec::postgresql::{HugePages, Storage, Usage};
use crate::spec::scalar::Decimal;
use crate::unit::exact::Exact;
use crate::why::Derived;

use super::parallel::Parallel;
use super::{Answer, GB, MB, Machine, Reasons, Size, by, floor, named, pinned, spec_text};

/// Sorts and hashes that one connection is taken to do at the same time (PgTune: "max_connections * 2 or * 3").
const SORTS: i64 = 3;

/// No VACUUM gains from more.
const MOST_MAINTENANCE: Size = Size(8 * GB);

/// A simple sort would go to the disk with less.
const LEAST_WORK_MEM: Size = Size(4 * MB);

/// One segment of the log; PostgreSQL itself stops at it (`src/backend/access/transam/xlog.c`, `XLOGChooseNumBuffers`).
const MOST_WAL_BUFFERS: Size = Size(16 * MB);
const NEARLY_MOST_WAL_BUFFERS: Size = Size(14 * MB);
const LEAST_WAL_BUFFERS: Size = Size(32);

/// From so many shared buffers on large pages save page tables that count.
const HUGE: Size = Size(2 * GB);

/// What PostgreSQL takes at most, from the `max_val` of `pg_settings` and the block size of 8 kB.
const MOST_SHARED_BUFFERS: Size = Size(1_073_741_823 * 8);
const MOST_CACHE: Size = Size(2_147_483_647 * 8);
const MOST_PER_NODE: Size = Size(2_147_483_647);
const MOST_LOG_BUFFERS: Size = Size(262_143 * 8);
const MOST_LOG: Size = Size(2_147_483_647 * MB);

/// Two segments of the log.
const LEAST_LOG: Size = Size(32 * MB);

/// What was decided, in the order of the file.
pub(super) struct Memory {
    pub(super) settings: Vec<(String, Derived<String>)>,
    pub(super) work_mem: Derived<Size>,
    pub(super) peak: Derived<Size>,
}

/// `None` where the pins leave nothing to divide, which is then reported.
pub(super) fn resolve(machine: &Machine<'_>, parallel: &Parallel, reasons: &mut Reasons) -> Option<Memory> {
    let shared_buffers = shared_buffers(machine, reasons)?;
    let effective_cache_size = effective_cache_size(machine, reasons);
    let maintenance_work_mem = maintenance_work_mem(machine, reasons);
    let checkpoint = checkpoint_completion_target(machine, reasons);
    let wal_buffers = wal_buffers(machine, &shared_buffers, reasons);
    let statistics = default_statistics_target(machine, reasons);
    let page_cost = random_page_cost(machine, reasons);
    let concurrency = effective_io_concurrency(machine, reasons);
    let work_mem = work_mem(machine, &shared_buffers, parallel, reasons);
    let huge_pages = huge_pages(machine, &shared_buffers, reasons);
    let (min_wal_size, max_wal_size) = wal_sizes(machine, reasons);
    let peak = peak(machine, &shared_buffers, &work_mem, parallel, reasons);
    let settings = vec![
        named("shared_buffers", &shared_buffers),
        named("effective_cache_size", &effective_cache_size),
        named("maintenance_work_mem", &maintenance_work_mem),
        named("checkpoint_completion_target", &checkpoint),
        named("wal_buffers", &wal_buffers),
        named("default_statistics_target", &statistics),
        named("random_page_cost", &page_cost),
        named("effective_io_concurrency", &concurrency),
        named("work_mem", &work_mem),
        named("huge_pages", &huge_pages),
        named("min_wal_size", &min_wal_size),
        named("max_wal_size", &max_wal_size),
    ];
    Some(Memory { settings, work_mem, peak })
}

/// A part of the memory, in whole kB; `limit` is what it never exceeds.
fn part(machine: &Machine<'_>, factor: Exact, formula: (&'static str, &str), limit: Option<Size>) -> Answer<Size> {
    let memory = &machine.memory;
    let part = floor(Exact::from(memory.value.0) * factor);
    let numbers = format!("floor({} kB {})", memory.value.0, formula.1);
    let (value, numbers) = match limit {
        Some(limit) => (Size(part.min(limit.0)), format!("min({}, {numbers})", limit)),
        None => (Size(part), numbers),
    };
    Answer { value, symbolic: formula.0, numbers, inputs: vec![memory.address.clone()] }
}

fn shared_buffers(machine: &Machine<'_>, reasons: &mut Reasons) -> Option<Derived<Size>> {
    let pin = machine.written.shared_buffers.as_ref();
    let pin = pinned("shared_buffers", pin, Size(128), MOST_SHARED_BUFFERS, reasons);
    let answer = part(machine, Exact::fraction(1, 4), ("floor(memory / 4)", "/ 4"), None);
    let decided = machine.decide("shared_buffers", pin, answer, reasons);
    if let Some(pin) = pin.filter(|it| it.value >= machine.memory.value) {
        let message = format!("`shared_buffers` takes all of the memory: {} of {}", pin.value, machine.memory.value);
        let diagnostic = Diagnostic::error(message)
            .at(pin.span, "connections need memory beside it")
            .at(machine.written.memory.span, "all that there is")
            .help(format!("write `shared_buffers = \"{}\"`, a quarter", spec_text(Size(machine.memory.value.0 / 4))));
        reasons.sink.error(diagnostic);
        return None;
    }
    Some(decided)
}

fn effective_cache_size(machine: &Machine<'_>, reasons: &mut Reasons) -> Derived<Size> {
    let pin =
        pinned("effective_cache_size", machine.written.effective_cache_size.as_ref(), Size(8), MOST_CACHE, reasons);
    let answer = part(machine, Exact::fraction(3, 4), ("floor(memory × 3 / 4)", "× 3 / 4"), None);
    machine.decide("effective_cache_size", pin, answer, reasons)
}

fn maintenance_work_mem(machine: &Machine<'_>, reasons: &mut Reasons) -> Derived<Size> {
    let pin = machine.written.maintenance_work_mem.as_ref();
    let pin = pinned("maintenance_work_mem", pin, Size(MB), MOST_PER_NODE, reasons);
    let (divisor, formula) = match machine.usage.value {
        Usage::Dw => (8, ("min(8GB, floor(memory / 8))", "/ 8")),
        Usage::Web | Usage::Oltp | Usage::Mixed => (16, ("min(8GB, floor(memory / 16))", "/ 16")),
    };
    let mut answer = part(machine, Exact::fraction(1, divisor), formula, Some(MOST_MAINTENANCE));
    answer.inputs.push(machine.usage.address.clone());
    machine.decide("maintenance_work_mem", pin, answer, reasons)
}

fn checkpoint_completion_target(machine: &Machine<'_>, reasons: &mut Reasons) -> Derived<Exact> {
    let at = machine.address.child("checkpoint_completion_target");
    let written = exact(machine.written.checkpoint_completion_target.as_ref());
    if let Some(pin) = written.filter(|it| it.value > Exact::ONE) {
        let message = "`checkpoint_completion_target` is a part of the time: it ends at 1";
        reasons.sink.error(Diagnostic::error(message).at(pin.span, "").help("checkpoint_completion_target = 0.9"));
    }
    let reason = "PostgreSQL's own default since version 14: checkpoints spread over the time that they have";
    reasons.written_or(at, written.as_ref(), Exact::fraction(9, 10), reason)
}

/// 3 % of `shared_buffers`; near 16 MB it is 16 MB, for a segment of the log is not split.
fn wal_buffers(machine: &Machine<'_>, shared_buffers: &Derived<Size>, reasons: &mut Reasons) -> Derived<Size> {
    let pin = pinned("wal_buffers", machine.written.wal_buffers.as_ref(), LEAST_WAL_BUFFERS, MOST_LOG_BUFFERS, reasons);
    let part = Size(floor(Exact::fraction(3, 100) * Exact::from(shared_buffers.value.0)));
    let value = match part {
        part if part > NEARLY_MOST_WAL_BUFFERS => MOST_WAL_BUFFERS,
        part => part.max(LEAST_WAL_BUFFERS),
    };
    let answer = Answer {
        value,
        symbolic: "floor(shared_buffers × 3 / 100), at least 32kB; 16MB from 14MB on",
        numbers: format!("floor({} kB × 3 / 100) = {part}, 32kB to 16MB", shared_buffers.value.0),
        inputs: vec![shared_buffers.address.clone()],
    };
    machine.decide("wal_buffers", pin, answer, reasons)
}

fn default_statistics_target(machine: &Machine<'_>, reasons: &mut Reasons) -> Derived<i64> {
    let pin = machine.written.default_statistics_target.as_ref();
    let pin = pin.map(|it| Spanned { value: it.value.0, span: it.span });
    let value = if machine.usage.value == Usage::Dw { 500 } else { 100 };
    let answer = by(value, "by workload", &value.to_string(), &machine.usage);
    machine.decide("default_statistics_target", pin, answer, reasons)
}

fn random_page_cost(machine: &Machine<'_>, reasons: &mut Reasons) -> Derived<Exact> {
    let pin = exact(machine.written.random_page_cost.as_ref());
    let value = match machine.storage.value {
        Storage::Hdd => Exact::from(4),
        Storage::Ssd | Storage::San | Storage::Nvme => Exact::fraction(11, 10),
    };
    let answer = by(value, "by storage", &value.to_string(), &machine.storage);
    machine.decide("random_page_cost", pin, answer, reasons)
}

fn effective_io_concurrency(machine: &Machine<'_>, reasons: &mut Reasons) -> Derived<i64> {
    let pin = machine.written.effective_io_concurrency.as_ref();
    let pin = pin.map(|it| Spanned { value: it.value.0, span: it.span });
    let value = match machine.storage.value {
        Storage::Hdd => 2,
        Storage::Ssd => 200,
        Storage::San => 300,
        Storage::Nvme => 1000,
    };
    let answer = by(value, "by storage", &value.to_string(), &machine.storage);
    machine.decide("effective_io_concurrency", pin, answer, reasons)
}

/// What `shared_buffers` leaves, for three sorts in every connection and every background process; half of that where
/// queries are large, since those sort more than three times.
fn work_mem(
    machine: &Machine<'_>,
    shared_buffers: &Derived<Size>,
    parallel: &Parallel,
    reasons: &mut Reasons,
) -> Derived<Size> {
    let pin = pinned("work_mem", machine.written.work_mem.as_ref(), Size(64), MOST_PER_NODE, reasons);
    let (memory, connections, workers) = (&machine.memory, &machine.max_connections, &parallel.worker_processes);
    let rest = Exact::from(memory.value.0) - Exact::from(shared_buffers.value.0);
    let sorts = (Exact::from(connections.value) + Exact::from(workers.value)) * Exact::from(SORTS);
    let is_large = matches!(machine.usage.value, Usage::Dw | Usage::Mixed);
    let (halves, symbolic, half) = match is_large {
        true => (
            2,
            "max(4MB, floor((memory − shared_buffers) / ((max_connections + max_worker_processes) × 3) / 2))",
            " / 2",
        ),
        false => (1, "max(4MB, floor((memory − shared_buffers) / ((max_connections + max_worker_processes) × 3)))", ""),
    };
    let part = Size(floor(rest / sorts / Exact::from(halves)));
    let numbers = format!(
        "max(4MB, floor(({} − {}) kB / (({} + {}) × {SORTS}){half}))",
        memory.value.0, shared_buffers.value.0, connections.value, workers.value
    );
    let inputs = [&memory.address, &shared_buffers.address, &connections.address, &workers.address];
    let inputs = inputs.into_iter().chain([&machine.usage.address]).cloned().collect();
    machine.decide("work_mem", pin, Answer { value: part.max(LEAST_WORK_MEM), symbolic, numbers, inputs }, reasons)
}

fn huge_pages(machine: &Machine<'_>, shared_buffers: &Derived<Size>, reasons: &mut Reasons) -> Derived<HugePages> {
    let is_huge = shared_buffers.value >= HUGE;
    let answer = Answer {
        value: if is_huge { HugePages::Try } else { HugePages::Off },
        symbolic: "try from 2GB of shared_buffers on, else off",
        numbers: format!("{} {} {HUGE}", shared_buffers.value, if is_huge { "≥" } else { "<" }),
        inputs: vec![shared_buffers.address.clone()],
    };
    machine.decide("huge_pages", machine.written.huge_pages, answer, reasons)
}

fn wal_sizes(machine: &Machine<'_>, reasons: &mut Reasons) -> (Derived<Size>, Derived<Size>) {
    let (least, most) = match machine.usage.value {
        Usage::Web | Usage::Mixed => (Size(GB), Size(4 * GB)),
        Usage::Oltp => (Size(2 * GB), Size(8 * GB)),
        Usage::Dw => (Size(4 * GB), Size(16 * GB)),
    };
    let written = machine.written;
    let min_pin = pinned("min_wal_size", written.min_wal_size.as_ref(), LEAST_LOG, MOST_LOG, reasons);
    let max_pin = pinned("max_wal_size", written.max_wal_size.as_ref(), LEAST_LOG, MOST_LOG, reasons);
    let answer = |size: Size| by(size, "by workload", &size.to_string(), &machine.usage);
    let min = machine.decide("min_wal_size", min_pin, answer(least), reasons);
    let max = machine.decide("max_wal_size", max_pin, answer(most), reasons);
    if min.value > max.value {
        let message = format!("`min_wal_size` is {}, above `max_wal_size` of {}", min.value, max.value);
        let diagnostic = Diagnostic::error(message)
            .at_some(min_pin.map(|it| it.span), "kept for reuse")
            .at_some(max_pin.map(|it| it.span), "the most between two checkpoints");
        let lower = max_pin.map_or(least, |it| it.value);
        reasons.sink.error(diagnostic.help(format!("write `min_wal_size = \"{}\"` or less", spec_text(lower))));
    }
    (min, max)
}

/// What everything may take where every connection sorts three times at once.
fn peak(
    machine: &Machine<'_>,
    shared_buffers: &Derived<Size>,
    work_mem: &Derived<Size>,
    parallel: &Parallel,
    reasons: &mut Reasons,
) -> Derived<Size> {
    let (connections, workers) = (&machine.max_connections, &parallel.worker_processes);
    let sorts = (Exact::from(connections.value) + Exact::from(workers.value)) * Exact::from(SORTS);
    let value = Size(floor(Exact::from(shared_buffers.value.0) + sorts * Exact::from(work_mem.value.0)));
    let numbers = format!(
        "{} + ({} + {}) × {SORTS} × {}",
        shared_buffers.value, connections.value, workers.value, work_mem.value
    );
    let inputs = [&shared_buffers.address, &connections.address, &workers.address, &work_mem.address];
    let symbolic = "shared_buffers + (max_connections + max_worker_processes) × 3 × work_mem";
    let inputs = inputs.into_iter().cloned().collect();
    reasons.computed(machine.address.child("peak_memory"), Answer { value, symbolic, numbers, inputs })
}

fn exact(written: Option<&Spanned<Decimal<true>>>) -> Option<Spanned<Exact>> {
    written.map(|it| Spanned { value: it.value.0, span: it.span })
}

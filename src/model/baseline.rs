//! The base load: what one pod uses of its request then, which is what the autoscaler compares with its target, and what it would use of its CPU while it carries
//! its part of the peak.
//!
//! The percentage is that of the HorizontalPodAutoscaler, which drops what is behind the point (kubernetes v1.36,
//! `pkg/controller/podautoscaler/metrics/utilization.go`, `GetResourceUtilizationRatio`).

use crate::diag::Diagnostic;
use crate::diag::source::Spanned;
use crate::spec::workload::Resources as Written;
use crate::unit::exact::Exact;
use crate::unit::quantity::{Quantity, format_mebibytes, format_millicpu};
use crate::why::{Address, Derived};

use super::reasons::{Answer, Reasons};
use super::requests::Resources;
use super::workloads::{Load, LoadKind, Scaling};

/// What one pod uses at the base load, as far as the spec says so.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    pub cpu: Option<Box<Share>>,
    pub memory: Option<Box<Share>>,
    /// Percent of the CPU request while a pod carries what it is planned for, if its CPU follows the load; whoever uses some without any load uses less.
    pub cpu_at_peak: Option<Derived<i64>>,
}

/// What is used, and how much of the request that is.
#[derive(Debug, Clone)]
pub struct Share {
    pub usage: Derived<Quantity>,
    /// Whole percent of the request, rounded down.
    pub percent: Derived<i64>,
}

/// What is counted: thousandths of a CPU, or bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Cpu,
    Memory,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
        }
    }

    /// In CPUs, or in mebibytes.
    fn exact(self, quantity: &Quantity) -> Exact {
        match self {
            Self::Cpu => Exact::fraction(quantity.milli_ceil(), 1000),
            Self::Memory => Exact::fraction(quantity.bytes_ceil(), 1 << 20),
        }
    }
}

impl Share {
    /// The lowest whole target that is more than the autoscaler's tolerance above what is used.
    pub fn least_target(&self, tolerance: Exact) -> Option<i64> {
        Some((Exact::from(self.percent.value) / (Exact::from(1) - tolerance)).floor()? + 1)
    }

    /// The smallest request of which the usage is more than the tolerance below a target.
    pub fn least_cpu(&self, target: i64, tolerance: Exact) -> Option<String> {
        let request = self.request(Kind::Cpu, target, tolerance) * Exact::from(1000);
        Some(format_millicpu(request.floor()? + 1))
    }

    /// The same for memory, in whole mebibytes.
    pub fn least_memory(&self, target: i64, tolerance: Exact) -> Option<String> {
        let mebibytes = self.request(Kind::Memory, target, tolerance).floor()? + 1;
        Some(format_mebibytes(mebibytes.checked_mul(1 << 20)?))
    }

    fn request(&self, kind: Kind, target: i64, tolerance: Exact) -> Exact {
        let share = Exact::fraction(target, 100) * (Exact::from(1) - tolerance);
        kind.exact(&self.usage.value) / share
    }
}

/// The base load of a workload.
pub(super) fn resolve(
    written: Option<&Written>,
    address: &Address,
    resources: &Resources,
    (loads, scaling): (&[Load], Option<&Scaling>),
    reasons: &mut Reasons,
) -> Baseline {
    let Some(written) = written else { return Baseline::default() };
    let Resources { cpu, memory, cpu_limit, memory_limit } = resources;
    let cpu = share(Kind::Cpu, written.cpu_usage.as_ref(), address, (cpu, cpu_limit), reasons);
    let memory = share(Kind::Memory, written.memory_usage.as_ref(), address, (memory, memory_limit), reasons);
    let cpu_at_peak = cpu.as_ref().and_then(|cpu| at_peak(cpu, address, loads, scaling?, reasons));
    Baseline { cpu: cpu.map(Box::new), memory: memory.map(Box::new), cpu_at_peak }
}

fn share(
    kind: Kind,
    usage: Option<&Spanned<Quantity>>,
    address: &Address,
    (request, limit): (&Option<Derived<Quantity>>, &Option<Derived<Quantity>>),
    reasons: &mut Reasons,
) -> Option<Share> {
    let (usage, word) = (usage?, kind.word());
    // What is in the other's unit was reported.
    let is_odd = match kind {
        Kind::Cpu => usage.value.text().ends_with('i'),
        Kind::Memory => usage.value.bytes_ceil() < 1 << 20,
    };
    if is_odd {
        return None;
    }
    let at = address.child("resources").child(&format!("{word}_usage"));
    let derived = reasons.taken(at, usage.value.clone(), usage.span);
    // Kubernetes takes the limit where no request is written.
    let Some(request) = request.as_ref().or(limit.as_ref()) else {
        let message = format!("`{}` decides nothing without a request", derived.address);
        let diagnostic = Diagnostic::error(message).at(usage.span, "a part of what?");
        reasons
            .sink
            .error(diagnostic.help(format!("write what one pod requests: `{word} = \"{}\"` or more", usage.value)));
        return None;
    };
    if let Some(limit) = limit.as_ref().filter(|limit| usage.value > limit.value) {
        let message = format!("`{}` is {}, above the limit of {}", derived.address, usage.value, limit.value);
        let diagnostic = Diagnostic::error(message).at(usage.span, "no pod can use as much");
        let diagnostic = diagnostic.at_some(reasons.causes.written_at(&limit.address), "the limit");
        reasons.sink.error(diagnostic.help(format!("write `{word}_limit = \"{}\"` or more", usage.value)));
        return None;
    }
    let (used, requested) = (kind.exact(&usage.value), kind.exact(&request.value));
    if requested.is_zero() {
        return None;
    }
    let percent_at = address.child("baseline").child(word);
    let percent = Answer {
        value: reasons.floor(used / requested * Exact::from(100), &percent_at, usage.span)?,
        symbolic: match kind {
            Kind::Cpu => "floor(cpu_usage / cpu × 100)",
            Kind::Memory => "floor(memory_usage / memory × 100)",
        },
        numbers: format!("floor({} / {} × 100)", used.recomputable(), requested.recomputable()),
        inputs: vec![derived.address.clone(), request.address.clone()],
    };
    Some(Share { usage: derived, percent: reasons.computed(percent_at, percent) })
}

/// The base load is that of the fewest pods; at its peak a pod carries what it was measured to, less the safety margin.
fn at_peak(
    cpu: &Share,
    address: &Address,
    loads: &[Load],
    scaling: &Scaling,
    reasons: &mut Reasons,
) -> Option<Derived<i64>> {
    let ([load], Scaling::Autoscaled(autoscaler)) = (loads, scaling) else { return None };
    let (base, min) = (load.base.as_ref().filter(|it| it.value.is_positive())?, &autoscaler.min);
    let (share, per_pod, margin) = (&cpu.percent, &load.per_pod, &load.margin);
    let exact = Exact::from(share.value) * per_pod.value / margin.value * Exact::from(min.value) / base.value;
    let at = address.child("baseline").child("cpu_at_peak");
    let place = reasons.causes.written_at(&base.address)?;
    let [carried, factor, trough] = [per_pod.value, margin.value, base.value].map(Exact::recomputable);
    let answer = Answer {
        value: reasons.floor(exact, &at, place)?,
        symbolic: match load.kind {
            LoadKind::Requests => "floor(baseline.cpu × rps_per_pod / safety_margin / (base_rps / min))",
            LoadKind::Connections => {
                "floor(baseline.cpu × connections_per_pod / safety_margin / (base_connections / min))"
            }
            LoadKind::Events => "floor(baseline.cpu × throughput_per_worker / safety_margin / (base_event_rate / min))",
        },
        numbers: format!("floor({} × {carried} / {factor} / ({trough} / {}))", share.value, min.value),
        inputs: vec![
            share.address.clone(),
            per_pod.address.clone(),
            margin.address.clone(),
            base.address.clone(),
            min.address.clone(),
        ],
    };
    Some(reasons.computed(at, answer))
}

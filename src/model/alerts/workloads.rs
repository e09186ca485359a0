//! What is watched of services and workers.

use std::cmp::Ordering;

use crate::model::alerts::kinds::{self, Kind};
use crate::model::autoscale::Autoscaler;
use crate::model::capacity::Capacity;
use crate::model::reasons::{Answer, Reasons};
use crate::model::signals::{Fits, Series, Signals, pods};
use crate::model::workloads::{Scaling, Workload};
use crate::unit::exact::Exact;
use crate::unit::quantity::Quantity;
use crate::why::{Address, Derived};

use super::{Alert, Ceiling, Follows, Group, Parts, Query, Replicas, Settings, exactly, plain};

/// One group for each workload that does not want to be left alone.
pub(super) fn resolve(parts: &Parts<'_>, settings: &Settings<'_>, reasons: &mut Reasons) -> Vec<Group> {
    let mut groups = Vec::new();
    let watched = parts.workloads.iter().zip(&parts.monitoring.workloads).filter(|(_, it)| !it.is_left_alone);
    for (workload, signals) in watched {
        let capacity = parts.capacities.iter().find(|it| it.workload == workload.name);
        let watched = Watched { parts, settings, workload, signals, capacity };
        let alerts: Vec<Alert> = watched.alerts(reasons).into_iter().flatten().collect();
        let capacity = signals.demand.clone().zip(capacity.cloned());
        let namespace = parts.platform.namespace.value.clone();
        let labels = vec![("namespace", namespace), ("workload", workload.name.clone())];
        let replicas = watched.replicas();
        let follows = watched.capacity_follows();
        groups.push(Group {
            subject: workload.address.clone(),
            labels,
            alerts,
            capacity,
            follows,
            replicas: Some(replicas),
            monthly_price: None,
        });
    }
    groups
}

/// A workload and all that is known of it.
struct Watched<'a> {
    parts: &'a Parts<'a>,
    settings: &'a Settings<'a>,
    workload: &'a Workload,
    signals: &'a Signals,
    capacity: Option<&'a Capacity>,
}

impl Watched<'_> {
    /// Every alert that the numbers allow.
    fn alerts(&self, reasons: &mut Reasons) -> Vec<Option<Alert>> {
        let mut alerts = vec![self.capacity_exceeded(reasons), self.capacity_near_limit(reasons)];
        alerts.extend(self.slo(reasons));
        alerts.extend(self.lag(reasons));
        alerts.extend([
            self.at_maximum(reasons),
            self.below_minimum(reasons),
            self.pending(reasons),
            self.cpu(reasons),
            self.memory(reasons),
        ]);
        alerts
    }

    fn alert(
        &self,
        kind: &'static Kind,
        threshold: Derived<String>,
        query: Query,
        reasons: &mut Reasons,
    ) -> Option<Alert> {
        self.settings.alert(kind, threshold, query, reasons)
    }

    fn capacity_exceeded(&self, reasons: &mut Reasons) -> Option<Alert> {
        let (demand, capacity) = (self.signals.demand.clone()?, self.capacity?);
        let alert = self.alert(&kinds::CAPACITY_EXCEEDED, exactly(&capacity.peak), Query::Demand(demand), reasons)?;
        Some(Alert { follows: self.capacity_follows(), ..alert })
    }

    fn capacity_near_limit(&self, reasons: &mut Reasons) -> Option<Alert> {
        let (demand, capacity) = (self.signals.demand.clone()?, self.capacity?);
        let kind = &kinds::CAPACITY_NEAR_LIMIT;
        let at = self.workload.address.child("alerts").child(kind.key);
        let symbolic = "capacity.peak × saturation_percent, to a thousandth";
        let threshold = self.saturated(at.clone(), &capacity.peak, symbolic, reasons)?;
        let follows = match self.capacity_follows() {
            Some(follows) => {
                let symbolic = "what the other layers carry × saturation_percent, to a thousandth";
                let bound = self.other_layers();
                let bound = bound.and_then(|it| self.saturated(at.child("most"), it, symbolic, reasons));
                Some(Follows { bound, ..follows })
            }
            None => None,
        };
        let alert = self.alert(kind, threshold, Query::Demand(demand), reasons)?;
        Some(Alert { follows, ..alert })
    }

    fn saturated(
        &self,
        at: Address,
        carries: &Derived<Exact>,
        symbolic: &'static str,
        reasons: &mut Reasons,
    ) -> Option<Derived<String>> {
        let percent = &self.settings.saturation;
        let exact = carries.value * Exact::fraction(percent.value, 100);
        let answer = Answer {
            value: Exact::fraction((exact * Exact::from(1000)).floor()?, 1000),
            symbolic,
            numbers: format!("{} × {} %", carries.value, percent.value),
            inputs: vec![carries.address.clone(), percent.address.clone()],
        };
        Some(exactly(&reasons.computed(at, answer)))
    }

    /// The least that is carried by what no ceiling raises.
    fn other_layers(&self) -> Option<&Derived<Exact>> {
        let others = self.capacity?.layers.iter().filter(|(name, _)| *name != "pods").map(|(_, carries)| carries);
        others.min_by(|a, b| a.value.checked_cmp(&b.value).unwrap_or(Ordering::Equal))
    }

    /// What the pods carry grows with their ceiling, up to what the other layers carry.
    fn capacity_follows(&self) -> Option<Follows> {
        self.capacity.filter(|it| it.binds.value == "pods")?;
        Some(Follows { bound: self.other_layers().map(exactly), ..self.follows()? })
    }

    /// How a limit grows that was computed with the usual ceiling.
    fn follows(&self) -> Option<Follows> {
        Some(Follows { ceiling: self.ceiling()?, usual: self.workload.usual_peak().clone(), bound: None })
    }

    /// None where nothing raises it: then the number of the model says all.
    fn ceiling(&self) -> Option<Ceiling> {
        self.workload.is_raised().then(|| match &self.workload.scaling {
            Scaling::Autoscaled(autoscaler) => {
                let metric = &self.parts.monitoring.names.autoscaler_max_replicas;
                Ceiling::Stated(self.of_autoscaler(metric, autoscaler))
            }
            Scaling::Fixed(_) => Ceiling::Ready(self.ready()),
        })
    }

    fn slo(&self, reasons: &mut Reasons) -> [Option<Alert>; 3] {
        let slo = &self.signals.slo;
        let errors = self.signals.errors.clone().zip(slo.error_percent.as_ref()).and_then(|((part, whole), limit)| {
            self.alert(&kinds::ERROR_RATE_ABOVE_SLO, exactly(limit), Query::Percentage { part, whole }, reasons)
        });
        let quantiles =
            [(&kinds::LATENCY_P95_ABOVE_SLO, "0.95", &slo.p95), (&kinds::LATENCY_P99_ABOVE_SLO, "0.99", &slo.p99)];
        let [p95, p99] = quantiles.map(|(kind, quantile, limit)| {
            let buckets = self.signals.duration.clone()?;
            self.alert(kind, exactly(limit.as_ref()?), Query::Quantile { buckets, quantile }, reasons)
        });
        [errors, p95, p99]
    }

    /// The lag that a replica may have, of each and of all; and a queue that nobody takes from.
    fn lag(&self, reasons: &mut Reasons) -> [Option<Alert>; 3] {
        let Some(waiting) = self.signals.lag.clone() else { return [None, None, None] };
        let threshold = match &self.workload.scaling {
            Scaling::Autoscaled(autoscaler) => autoscaler.keda.as_ref().filter(|it| !it.queue.counts_rate),
            Scaling::Fixed(_) => None,
        };
        let threshold = threshold.map(|it| &it.lag_threshold);
        let beyond = threshold.and_then(|threshold| {
            let (peak, kind) = (self.workload.usual_peak(), &kinds::QUEUE_LAG_BEYOND_CAPACITY);
            let answer = Answer {
                value: threshold.value.checked_mul(peak.value)?,
                symbolic: "lag_threshold × most replicas",
                numbers: format!("{} × {}", threshold.value, peak.value),
                inputs: vec![threshold.address.clone(), peak.address.clone()],
            };
            let most = reasons.computed(self.workload.address.child("alerts").child(kind.key), answer);
            let alert = self.alert(kind, plain(&most), Query::Total(waiting.clone()), reasons)?;
            Some(Alert { follows: self.follows(), ..alert })
        });
        let high = threshold.and_then(|threshold| {
            let query = Query::ForEach { total: waiting.clone(), each: self.ready() };
            self.alert(&kinds::QUEUE_LAG_HIGH, plain(threshold), query, reasons)
        });
        let stalled = self.signals.committed.clone().and_then(|taken| {
            let kind = &kinds::QUEUE_STALLED;
            let at = self.workload.address.child("alerts").child(kind.key);
            let nothing = reasons.default(at, 0, "one message that waits while nothing moves is one too many");
            self.alert(kind, plain(&nothing), Query::Stalled { waiting, taken }, reasons)
        });
        [beyond, high, stalled]
    }

    /// What the autoscaler counts; of a fixed number what is ready.
    fn replicas(&self) -> Replicas {
        let (min, max) = (self.workload.floor().clone(), self.workload.usual_peak().clone());
        let now = match &self.workload.scaling {
            Scaling::Autoscaled(autoscaler) => Query::AtLeast(self.counted(autoscaler)),
            Scaling::Fixed(_) => Query::ReadyBelow(self.ready()),
        };
        Replicas { now, min, max, ceiling: self.ceiling() }
    }

    /// What kube-state-metrics says of the HPA; that of a ScaledObject is KEDA's.
    fn counted(&self, autoscaler: &Autoscaler) -> Series {
        self.of_autoscaler(&self.parts.monitoring.names.autoscaler_replicas, autoscaler)
    }

    fn of_autoscaler(&self, metric: &Derived<String>, autoscaler: &Autoscaler) -> Series {
        let name = match autoscaler.keda {
            Some(_) => format!("keda-hpa-{}", autoscaler.name.value),
            None => autoscaler.name.value.clone(),
        };
        let series = Series::new(&metric.value);
        series.is("namespace", &self.parts.platform.namespace.value).is("horizontalpodautoscaler", &name)
    }

    /// A limit that cannot be reached, or that is the floor too, says nothing.
    fn at_maximum(&self, reasons: &mut Reasons) -> Option<Alert> {
        let Scaling::Autoscaled(autoscaler) = &self.workload.scaling else { return None };
        if autoscaler.max.value <= autoscaler.min.value {
            return None;
        }
        let query = Query::AtLeast(self.counted(autoscaler));
        let alert = self.alert(&kinds::REPLICAS_AT_MAXIMUM, plain(&autoscaler.max), query, reasons)?;
        Some(Alert { follows: self.follows(), ..alert })
    }

    /// One that may rest at zero has no floor.
    fn below_minimum(&self, reasons: &mut Reasons) -> Option<Alert> {
        let rests = match &self.workload.scaling {
            Scaling::Autoscaled(autoscaler) => autoscaler.keda.as_ref().is_some_and(|it| it.idle.is_some()),
            Scaling::Fixed(_) => false,
        };
        let floor = self.workload.floor();
        if rests || floor.value == 0 {
            return None;
        }
        self.alert(&kinds::REPLICAS_BELOW_MINIMUM, plain(floor), Query::ReadyBelow(self.ready()), reasons)
    }

    fn pending(&self, reasons: &mut Reasons) -> Option<Alert> {
        if self.workload.peak().value == 0 {
            return None;
        }
        let series = self.pods(&self.parts.monitoring.names.pod_phase).is("phase", "Pending");
        let kind = &kinds::PODS_PENDING;
        let at = self.workload.address.child("alerts").child(kind.key);
        let nothing = reasons.default(at, 0, "a pod that waits so long waits for something that does not come");
        self.alert(kind, plain(&nothing), Query::Total(series), reasons)
    }

    fn cpu(&self, reasons: &mut Reasons) -> Option<Alert> {
        let limit = self.workload.resources.cpu_limit.as_ref()?;
        let percent = &self.settings.cpu;
        let milli = |it: &Quantity| Exact::fraction(it.milli_ceil(), 1000);
        let threshold = self.part_of_limit(&kinds::CPU_NEAR_LIMIT, limit, percent, milli, reasons)?;
        let series = self.pods(&self.parts.monitoring.names.container_cpu).of("container", Fits::Not(String::new()));
        let query = Query::OfPod { series, is_counter: true };
        self.alert(&kinds::CPU_NEAR_LIMIT, threshold, query, reasons)
    }

    fn memory(&self, reasons: &mut Reasons) -> Option<Alert> {
        let limit = self.workload.resources.memory_limit.as_ref()?;
        let percent = &self.settings.memory;
        let bytes = |it: &Quantity| Exact::from(it.bytes_ceil());
        let threshold = self.part_of_limit(&kinds::MEMORY_NEAR_LIMIT, limit, percent, bytes, reasons)?;
        let series = self.pods(&self.parts.monitoring.names.container_memory);
        let query = Query::OfPod { series: series.of("container", Fits::Not(String::new())), is_counter: false };
        self.alert(&kinds::MEMORY_NEAR_LIMIT, threshold, query, reasons)
    }

    fn part_of_limit(
        &self,
        kind: &Kind,
        limit: &Derived<Quantity>,
        percent: &Derived<i64>,
        number: impl Fn(&Quantity) -> Exact,
        reasons: &mut Reasons,
    ) -> Option<Derived<String>> {
        let exact = number(&limit.value) * Exact::fraction(percent.value, 100);
        let value = match exact >= Exact::from(1000) {
            true => Exact::from(exact.floor()?),
            false => Exact::fraction((exact * Exact::from(1000)).floor()?, 1000),
        };
        let answer = Answer {
            value,
            symbolic: "limit × percentage, rounded down",
            numbers: format!("{} × {} %", limit.value, percent.value),
            inputs: vec![limit.address.clone(), percent.address.clone()],
        };
        Some(exactly(&reasons.computed(self.workload.address.child("alerts").child(kind.key), answer)))
    }

    fn ready(&self) -> Series {
        self.pods(&self.parts.monitoring.names.pod_ready).is("condition", "true")
    }

    fn pods(&self, metric: &Derived<String>) -> Series {
        pods(metric, self.workload, &self.parts.platform.namespace)
    }
}

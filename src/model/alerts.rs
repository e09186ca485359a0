//! Alerts: from which number on somebody is told, and how long it must hold.
//!
//! Every threshold is one of the model's own numbers or a share of one, so an alert moves with what it watches. This file has
//! `[alerts]` itself; what is watched of a workload stands in `workloads`, of what workloads share in `shared`.

pub mod kinds;

mod shared;
mod workloads;

use crate::diag::source::Spanned;
use crate::diag::{Diagnostic, suggest};
use crate::spec::Spec;
use crate::spec::alerts::{Alerts as Written, Format, Rule, Share};
use crate::spec::scalar::{DnsSubdomain, Text};
use crate::unit::exact::Exact;
use crate::unit::kubernetes;
use crate::why::{Address, Derived};

use super::Platform;
use super::capacity::Capacity;
use super::nodes::{NodeGroup, decimal};
use super::pools::{Database, Pgbouncer};
use super::reasons::{Answer, Reasons};
use super::signals::{self, Demand, Monitoring, Series};
use super::workloads::Workload;
use kinds::{KINDS, Kind, Pace};

/// The rules of a platform.
#[derive(Debug)]
pub struct Alerts {
    /// Of the file and of the PrometheusRule.
    pub name: Derived<String>,
    /// Whether a plain rule file is asked for.
    pub for_prometheus: bool,
    /// Whether a PrometheusRule is asked for.
    pub for_operator: bool,
    /// Labels of the PrometheusRule, besides those of the platform.
    pub object_labels: Vec<(String, Derived<String>)>,
    pub runbook_url: Option<Derived<String>>,
    /// As Prometheus writes it.
    pub interval: Option<Derived<String>>,
    /// Labels of every alert.
    pub labels: Vec<(String, Derived<String>)>,
}

/// What is watched of one table.
#[derive(Debug)]
pub struct Group {
    /// `service.api`.
    pub subject: Address,
    /// Labels that say whose the rules are: `workload`, `api`.
    pub labels: Vec<(&'static str, String)>,
    pub alerts: Vec<Alert>,
    /// Its demand, and what each layer carries of it.
    pub capacity: Option<(Demand, Capacity)>,
    /// How its capacity follows the ceiling, where events or an emergency raise that and the pods are what carries least.
    pub follows: Option<Follows>,
    /// How many there are, the fewest, and the most.
    pub replicas: Option<Replicas>,
    /// USD per month of one of them, 730 hours.
    pub monthly_price: Option<Derived<String>>,
}

/// How many pods or nodes there are, and may be.
#[derive(Debug)]
pub struct Replicas {
    pub now: Query,
    pub min: Derived<i64>,
    /// As usual.
    pub max: Derived<i64>,
    /// What is the most at this moment, where events or an emergency raise it.
    pub ceiling: Option<Ceiling>,
}

/// A limit that grows with the ceiling while an event or an emergency raises that.
#[derive(Debug, Clone)]
pub struct Follows {
    pub ceiling: Ceiling,
    /// The most pods as usual, with which the limit was computed.
    pub usual: Derived<i64>,
    /// Where it grows no further: what the other layers carry.
    pub bound: Option<Derived<String>>,
}

/// The most pods that there may be at this moment.
#[derive(Debug, Clone)]
pub enum Ceiling {
    /// What the autoscaler says.
    Stated(Series),
    /// Where there is none: pods that are ready, and never fewer than usual.
    Ready(Series),
}

/// One alert.
#[derive(Debug)]
pub struct Alert {
    pub kind: &'static Kind,
    pub severity: Derived<&'static str>,
    /// How long it must hold, as Prometheus writes it.
    pub patience: Derived<String>,
    /// The number on the right, in plain decimals.
    pub threshold: Derived<String>,
    pub follows: Option<Follows>,
    pub query: Query,
}

/// What stands on the left, and how the two are compared.
#[derive(Debug, Clone)]
pub enum Query {
    /// Demand above.
    Demand(Demand),
    /// The percentage of one counter in another above.
    Percentage { part: Series, whole: Series },
    /// A quantile of a histogram above.
    Quantile { buckets: Series, quantile: &'static str },
    /// A gauge at or above.
    AtLeast(Series),
    /// Pods that are ready below; none is nought.
    ReadyBelow(Series),
    /// The sum over all series above.
    Total(Series),
    /// The sums of several series of one label's values above: the same thing, once for each exporter.
    TotalBy { label: &'static str, series: Vec<Series> },
    /// The sum over a pod's containers above; a rate where it is a counter.
    OfPod { series: Series, is_counter: bool },
    /// The sum of the first above so much for each that the second counts.
    ForEach { total: Series, each: Series },
    /// The sum of the first above while the second does not grow.
    Stalled { waiting: Series, taken: Series },
    /// The number of series at or above.
    CountAtLeast(Series),
}

/// What is there to watch.
pub(super) struct Parts<'a> {
    pub(super) platform: &'a Platform,
    pub(super) workloads: &'a [Workload],
    pub(super) databases: &'a [Database],
    pub(super) pgbouncers: &'a [Pgbouncer],
    pub(super) nodegroups: &'a [NodeGroup],
    pub(super) capacities: &'a [Capacity],
    pub(super) monitoring: &'a Monitoring,
}

/// Labels that every rule has from its table or its kind.
const OWN_LABELS: [&str; 9] =
    ["alertname", "database", "layer", "namespace", "nodegroup", "pgbouncer", "pool", "severity", "workload"];

/// What is watched: by rules, by a dashboard, or by both, with the same thresholds.
pub(super) fn watch(spec: &Spec, parts: &Parts<'_>, reasons: &mut Reasons) -> Vec<Group> {
    let (at, nothing) = (Address::of(["alerts"]), Written::default());
    let written = spec.alerts.as_ref().map_or(&nothing, |it| &it.value);
    check_rules(written, &at, reasons);
    let settings = Settings::of(written, &at, reasons);
    let mut groups = workloads::resolve(parts, &settings, reasons);
    groups.extend(shared::resolve(parts, &settings, reasons));
    groups
}

/// The rules; `None` where the spec does not ask for any.
pub(super) fn resolve(spec: &Spec, reasons: &mut Reasons) -> Option<Alerts> {
    let entry = spec.alerts.as_ref()?;
    let (at, written) = (Address::of(["alerts"]), &entry.value);
    check_labels(written, reasons);
    let name = file_name(spec, written.name.as_ref(), &at, entry.key, reasons)?;
    let format = written.format.map(|it| {
        let word = match it.value {
            Format::Prometheus => "prometheus",
            Format::Operator => "operator",
            Format::Both => "both",
        };
        reasons.taken(at.child("format"), word, it.span);
        it.value
    });
    let format = format.unwrap_or(Format::Prometheus);
    let labels = written.labels.iter().flat_map(|it| it.iter()).map(|(key, entry)| {
        let value =
            reasons.taken(at.child("labels").child(key), entry.value.value.as_str().to_owned(), entry.value.span);
        (key.to_owned(), value)
    });
    let labels = labels.collect();
    let object_labels = written.object_labels.iter().flat_map(|it| it.iter()).map(|(key, entry)| {
        let at = at.child("object_labels").child(key);
        (key.to_owned(), reasons.taken(at, entry.value.value.as_str().to_owned(), entry.value.span))
    });
    let object_labels = object_labels.collect();
    let url = written.runbook_url.as_ref();
    let runbook_url = url.map(|it| reasons.taken(at.child("runbook_url"), it.value.as_str().to_owned(), it.span));
    let interval = written.interval.as_ref();
    let interval = interval.map(|it| signals::duration(at.child("interval"), Some(it), "30s", "", reasons));
    Some(Alerts {
        name,
        for_prometheus: format != Format::Operator,
        for_operator: format != Format::Prometheus,
        object_labels,
        runbook_url,
        interval,
        labels,
    })
}

/// A name that a file and a Kubernetes object may have.
pub(super) fn file_name(
    spec: &Spec,
    written: Option<&Spanned<Text<DnsSubdomain>>>,
    at: &Address,
    place: crate::diag::source::Span,
    reasons: &mut Reasons,
) -> Option<Derived<String>> {
    if let Some(name) = written {
        return Some(reasons.taken(at.child("name"), name.value.as_str().to_owned(), name.span));
    }
    let Some(platform) = &spec.platform.name else {
        let reason = "the platform has no name";
        return Some(reasons.default(at.child("name"), "capgen".to_owned(), reason));
    };
    let text = platform.value.as_str();
    if kubernetes::dns_subdomain(text).is_err() {
        let message = format!("`{text}`, the platform's name, cannot name a file");
        let diagnostic = Diagnostic::error(message).at(place, "it would be named like it").at(platform.span, "");
        reasons.sink.error(diagnostic.help("write `name = \"…\"` in this table, in lowercase letters, digits and `-`"));
        return None;
    }
    Some(reasons.taken(at.child("name"), text.to_owned(), platform.span))
}

/// Kinds that are not there; and what is written of those that are, which is an input even where nothing is watched.
fn check_rules(written: &Written, at: &Address, reasons: &mut Reasons) {
    for (name, entry) in written.rule.iter().flat_map(|it| it.iter()) {
        let (at, rule) = (at.child("rule").child(name), &entry.value);
        rule.enabled.map(|it| reasons.taken(at.child("enabled"), it.value, it.span));
        rule.severity.map(|it| reasons.taken(at.child("severity"), it.value.word(), it.span));
        rule.r#for.as_ref().map(|it| signals::duration(at.child("for"), Some(it), "5m", "", reasons));
        if !KINDS.iter().any(|kind| kind.name == name) {
            let message = format!("there is no alert `{name}`");
            let help = suggest::help(name, KINDS.iter().map(|kind| kind.name));
            reasons.sink.error(Diagnostic::error(message).at(entry.key, "").help(help));
        }
    }
}

/// Labels that mean something already.
fn check_labels(written: &Written, reasons: &mut Reasons) {
    for (name, entry) in written.labels.iter().flat_map(|it| it.iter()) {
        if OWN_LABELS.contains(&name) {
            let message = format!("every alert has a label `{name}` of its own");
            let help = match name {
                "severity" => "write `severity` under `[alerts.rule.NAME]`",
                _ => "give the label another name",
            };
            reasons.sink.error(Diagnostic::error(message).at(entry.key, "").help(help));
        }
    }
}

/// What holds for all rules.
struct Settings<'a> {
    written: &'a Written,
    at: Address,
    usual: Derived<String>,
    scaling: Derived<String>,
    saturation: Derived<i64>,
    cpu: Derived<i64>,
    memory: Derived<i64>,
}

impl<'a> Settings<'a> {
    fn of(written: &'a Written, at: &Address, reasons: &mut Reasons) -> Self {
        let reason = "shorter is a spike that passes by itself";
        let usual = signals::duration(at.child("for"), written.r#for.as_ref(), "5m", reason, reasons);
        let reason = "longer than a node takes to come";
        let scaling = signals::duration(at.child("scaling_for"), written.scaling_for.as_ref(), "15m", reason, reasons);
        let mut share = |key: &str, written: Option<Spanned<Share>>, default, reason| match written {
            Some(it) => reasons.taken(at.child(key), it.value.0, it.span),
            None => reasons.default(at.child(key), default, reason),
        };
        let reason = "a fifth is left to act in";
        let saturation = share("saturation_percent", written.saturation_percent, 80, reason);
        let cpu = share("cpu_percent", written.cpu_percent, 90, "a tenth is left before the kernel throttles");
        let memory = share("memory_percent", written.memory_percent, 90, "a tenth is left before the kernel kills");
        Self { written, at: at.clone(), usual, scaling, saturation, cpu, memory }
    }

    /// An alert of a kind, unless it is switched off.
    fn alert(
        &self,
        kind: &'static Kind,
        threshold: Derived<String>,
        query: Query,
        reasons: &mut Reasons,
    ) -> Option<Alert> {
        let at = self.at.child("rule").child(kind.name);
        let nothing = Rule::default();
        let rule = self.written.rule.as_ref().and_then(|it| it.get(kind.name)).map_or(&nothing, |it| &it.value);
        let severity = match rule.severity {
            Some(it) => Derived { value: it.value.word(), address: at.child("severity") },
            None => reasons.default(at.child("severity"), kind.severity.word(), "how much it hurts"),
        };
        let patience = match (&rule.r#for, kind.pace) {
            (Some(it), _) => Derived { value: signals::prometheus(&it.value), address: at.child("for") },
            (None, Pace::Usual) => self.usual.clone(),
            (None, Pace::Scaling) => self.scaling.clone(),
        };
        let is_there = rule.enabled.is_none_or(|it| it.value);
        is_there.then_some(Alert { kind, severity, patience, threshold, follows: None, query })
    }
}

/// A number that is a threshold as it is.
fn plain(number: &Derived<i64>) -> Derived<String> {
    number.map(ToString::to_string)
}

/// A share of a whole number, rounded down.
fn share_of(
    kind: &Kind,
    subject: &Address,
    (of, text): (&Derived<i64>, &str),
    percent: &Derived<i64>,
    symbolic: &'static str,
    reasons: &mut Reasons,
) -> Option<Derived<String>> {
    let exact = Exact::from(of.value) * Exact::fraction(percent.value, 100);
    let value = exact.floor()?;
    let numbers = format!("floor({text} × {} %)", percent.value);
    let inputs = vec![of.address.clone(), percent.address.clone()];
    let answer = Answer { value, symbolic, numbers, inputs };
    let number = reasons.computed(subject.child("alerts").child(kind.key), answer);
    Some(plain(&number))
}

/// A number in plain decimals.
fn exactly(number: &Derived<Exact>) -> Derived<String> {
    number.map(|it| decimal(*it))
}

//! Signals: which series say how much is asked of what the spec describes, and how much of it is used.
//!
//! It knows the exporters' metrics and labels; how a query is written is the target's business. What no exporter counts,
//! requests say, is known only where the spec names the metric: an alert on a series that nobody serves would be silent for
//! ever.

use crate::diag::Diagnostic;
use crate::diag::source::Spanned;
use crate::spec::Spec;
use crate::spec::metrics::{Metrics, ServiceMetrics, Slo, WorkerMetrics};
use crate::spec::scalar::{LabelName, Line, MetricName, Named, Rule, Text};
use crate::spec::service::Service;
use crate::spec::worker::Worker;
use crate::unit::duration::Duration;
use crate::unit::exact::Exact;
use crate::why::{Address, Derived, Origin};

use super::reasons::Reasons;
use super::workloads::{LoadKind, Workload, Written};

/// The names of the exporters' series.
#[derive(Debug, Clone)]
pub struct Names {
    /// Over how long rates are taken, as Prometheus writes it.
    pub window: Derived<String>,
    pub autoscaler_replicas: Derived<String>,
    pub autoscaler_max_replicas: Derived<String>,
    pub pod_phase: Derived<String>,
    pub pod_ready: Derived<String>,
    pub node_labels: Derived<String>,
    pub node_group_label: Derived<String>,
    pub container_cpu: Derived<String>,
    pub container_memory: Derived<String>,
    pub kafka_lag: Derived<String>,
    pub kafka_committed: Derived<String>,
    pub kafka_written: Derived<String>,
    pub redis_length: Derived<String>,
    pub rabbitmq_messages: Derived<String>,
    pub pgbouncer_waiting: Derived<String>,
    pub pgbouncer_active: Derived<String>,
    pub pgbouncer_servers: Derived<String>,
    pub postgres_connections: Derived<String>,
}

/// Everything that is measured.
#[derive(Debug, Clone)]
pub struct Monitoring {
    pub names: Names,
    /// Of every workload, in their order.
    pub workloads: Vec<Signals>,
}

/// A metric and the labels by which its series are picked.
#[derive(Debug, Clone)]
pub struct Series {
    pub metric: String,
    pub matchers: Vec<Matcher>,
}

/// One label of a series.
#[derive(Debug, Clone)]
pub struct Matcher {
    pub label: String,
    pub value: Fits,
}

/// What a label's value must be.
#[derive(Debug, Clone)]
pub enum Fits {
    Exactly(String),
    Not(String),
    /// A regular expression of RE2 for the whole value.
    Pattern(String),
    /// One of several values.
    OneOf(Vec<String>),
}

impl Series {
    pub(super) fn new(metric: &str) -> Self {
        Self { metric: metric.to_owned(), matchers: Vec::new() }
    }

    #[must_use]
    pub(super) fn of(&self, label: &str, value: Fits) -> Self {
        let mut series = self.clone();
        series.matchers.push(Matcher { label: label.to_owned(), value });
        series
    }

    #[must_use]
    pub(super) fn is(&self, label: &str, value: &str) -> Self {
        self.of(label, Fits::Exactly(value.to_owned()))
    }
}

/// What arrives: a counter whose rate it is, or a gauge.
#[derive(Debug, Clone)]
pub struct Demand {
    pub series: Series,
    pub is_counter: bool,
    pub kind: LoadKind,
}

/// What is measured of one service or worker.
#[derive(Debug, Clone, Default)]
pub struct Signals {
    /// Whether the spec wants no alert for it.
    pub is_left_alone: bool,
    /// Its demand, in the unit in which its capacity is counted.
    pub demand: Option<Demand>,
    /// The counters of failures and of everything.
    pub errors: Option<(Series, Series)>,
    /// The `_bucket` series of a histogram in seconds.
    pub duration: Option<Series>,
    /// Messages that wait.
    pub lag: Option<Series>,
    /// What was taken from the queue so far.
    pub committed: Option<Series>,
    pub slo: Promise,
}

/// What is promised to those who use a workload.
#[derive(Debug, Clone, Default)]
pub struct Promise {
    /// In seconds.
    pub p95: Option<Derived<Exact>>,
    /// In seconds.
    pub p99: Option<Derived<Exact>>,
    pub error_percent: Option<Derived<Exact>>,
}

/// The longest name of a Deployment whose pods show the whole hash of their ReplicaSet: the API server cuts the generated
/// part of a pod's name to 58 characters (kubernetes v1.36, `apiserver/pkg/storage/names/generate.go`), and the hash has
/// up to 10 with a hyphen on either side.
const LONGEST_WHOLE: usize = 46;

/// What is measured, where somebody wants to know: an alert, a dashboard. Elsewhere the keys that were written are inputs, and
/// no default is named.
pub(super) fn resolve(
    spec: &Spec,
    workloads: &[Workload],
    namespace: &Derived<String>,
    is_wanted: bool,
    reasons: &mut Reasons,
) -> Option<Monitoring> {
    let mut own = Reasons::new();
    let names = names(&spec.metrics, &mut own);
    // Where nobody wants to know, what is written is still checked, and still an input.
    let asked = workloads.iter().filter(|it| is_wanted || is_written(it.written(spec)));
    let signals = asked.map(|it| of_workload(spec, it, &names, namespace, &mut own)).collect();
    if is_wanted {
        reasons.append(own);
        return Some(Monitoring { names, workloads: signals });
    }
    reasons.sink.append(own.sink);
    for (address, why) in own.causes.iter().filter(|(_, why)| matches!(why.origin, Origin::Written(_))) {
        reasons.causes.insert(address.clone(), why);
    }
    None
}

/// The names, written or by default.
fn names(written: &Metrics, reasons: &mut Reasons) -> Names {
    let at = Address::of(["metrics"]);
    let window = at.child("window");
    let reason = "long enough for a few scrapes, short enough to see a peak";
    let window = duration(window, written.window.as_ref(), "5m", reason, reasons);
    let mut name = |key: &str, written: Option<&Spanned<Text<MetricName>>>, default: &str, exporter| {
        text(at.child(key), written, default, exporter, reasons)
    };
    let (kube, cadvisor) = ("what kube-state-metrics calls it", "what cAdvisor calls it");
    let (kafka, pgbouncer) = ("what kafka_exporter calls it", "what pgbouncer_exporter calls it");
    let replicas = "kube_horizontalpodautoscaler_status_current_replicas";
    let waiting = "pgbouncer_pools_client_waiting_connections";
    let active = "pgbouncer_pools_client_active_connections";
    let (cpu, memory) = ("container_cpu_usage_seconds_total", "container_memory_working_set_bytes");
    let committed = "kafka_consumergroup_current_offset";
    let topic = "kafka_topic_partition_current_offset";
    let servers = "pgbouncer_databases_current_connections";
    let rabbitmq = "what RabbitMQ's own plugin calls it";
    Names {
        autoscaler_replicas: name("autoscaler_replicas", written.autoscaler_replicas.as_ref(), replicas, kube),
        autoscaler_max_replicas: {
            let written = written.autoscaler_max_replicas.as_ref();
            name("autoscaler_max_replicas", written, "kube_horizontalpodautoscaler_spec_max_replicas", kube)
        },
        pod_phase: name("pod_phase", written.pod_phase.as_ref(), "kube_pod_status_phase", kube),
        pod_ready: name("pod_ready", written.pod_ready.as_ref(), "kube_pod_status_ready", kube),
        node_labels: name("node_labels", written.node_labels.as_ref(), "kube_node_labels", kube),
        container_cpu: name("container_cpu", written.container_cpu.as_ref(), cpu, cadvisor),
        container_memory: name("container_memory", written.container_memory.as_ref(), memory, cadvisor),
        kafka_lag: name("kafka_lag", written.kafka_lag.as_ref(), "kafka_consumergroup_lag", kafka),
        kafka_committed: name("kafka_committed", written.kafka_committed.as_ref(), committed, kafka),
        kafka_written: name("kafka_written", written.kafka_written.as_ref(), topic, kafka),
        redis_length: {
            name("redis_length", written.redis_length.as_ref(), "redis_key_size", "what redis_exporter calls it")
        },
        rabbitmq_messages: {
            name("rabbitmq_messages", written.rabbitmq_messages.as_ref(), "rabbitmq_queue_messages", rabbitmq)
        },
        pgbouncer_waiting: name("pgbouncer_waiting", written.pgbouncer_waiting.as_ref(), waiting, pgbouncer),
        pgbouncer_active: name("pgbouncer_active", written.pgbouncer_active.as_ref(), active, pgbouncer),
        pgbouncer_servers: name("pgbouncer_servers", written.pgbouncer_servers.as_ref(), servers, pgbouncer),
        postgres_connections: {
            let postgres = "what postgres_exporter calls it";
            let written = written.postgres_connections.as_ref();
            name("postgres_connections", written, "pg_stat_activity_count", postgres)
        },
        node_group_label: {
            let reason = "what kube-state-metrics makes of the label that eksctl gives to nodes";
            let written = written.node_group_label.as_ref();
            text(at.child("node_group_label"), written, "label_alpha_eksctl_io_nodegroup_name", reason, reasons)
        },
        window,
    }
}

fn text<R: Rule>(
    at: Address,
    written: Option<&Spanned<Text<R>>>,
    default: &str,
    reason: &'static str,
    reasons: &mut Reasons,
) -> Derived<String> {
    match written {
        Some(written) => reasons.taken(at, written.value.as_str().to_owned(), written.span),
        None => reasons.default(at, default.to_owned(), reason),
    }
}

/// A duration as Prometheus writes it, which knows no decimals; nought is refused.
pub(super) fn duration(
    at: Address,
    written: Option<&Spanned<Duration>>,
    default: &str,
    reason: &'static str,
    reasons: &mut Reasons,
) -> Derived<String> {
    let Some(written) = written else { return reasons.default(at, default.to_owned(), reason) };
    if written.value.millis() == 0 {
        let message = format!("`{at}` is no time at all");
        let help = format!("write one such as `\"{default}\"`");
        reasons.sink.error(Diagnostic::error(message).at(written.span, "").help(help));
    }
    reasons.taken(at, prometheus(&written.value), written.span)
}

/// `1.5s` becomes `1500ms`.
pub(super) fn prometheus(duration: &Duration) -> String {
    match duration.text().contains('.') {
        true => format!("{}ms", duration.millis()),
        false => duration.text().to_owned(),
    }
}

/// Series of kube-state-metrics and cAdvisor for the pods of a workload.
pub(super) fn pods(metric: &Derived<String>, workload: &Workload, namespace: &Derived<String>) -> Series {
    Series { metric: metric.value.clone(), matchers: matchers(workload, namespace) }
}

fn matchers(workload: &Workload, namespace: &Derived<String>) -> Vec<Matcher> {
    let namespace = Matcher { label: "namespace".to_owned(), value: Fits::Exactly(namespace.value.clone()) };
    vec![namespace, Matcher { label: "pod".to_owned(), value: Fits::Pattern(pod_names(workload)) }]
}

/// The names of a workload's pods: a Deployment adds the hash of the ReplicaSet and five characters, a StatefulSet a number.
fn pod_names(workload: &Workload) -> String {
    let name = workload.target.name.value.replace('.', "\\.");
    match workload.target.kind.value.as_str() {
        "Deployment" if workload.target.name.value.len() <= LONGEST_WHOLE => format!("{name}-[a-z0-9]+-[a-z0-9]{{5}}"),
        "StatefulSet" => format!("{name}-[0-9]+"),
        _ => format!("{name}-.+"),
    }
}

/// Whether a service or worker says what it counts, what it promises, or that it wants no alert.
fn is_written((service, worker): Written<'_>) -> bool {
    let of_service = |it: &Service| it.metrics.is_some() || it.slo.is_some() || it.alerts.is_some();
    let of_worker = |it: &Worker| it.metrics.is_some() || it.slo.is_some() || it.alerts.is_some();
    service.is_some_and(of_service) || worker.is_some_and(of_worker)
}

/// What a spec measures of a workload, and what it promises.
fn of_workload(
    spec: &Spec,
    workload: &Workload,
    names: &Names,
    namespace: &Derived<String>,
    reasons: &mut Reasons,
) -> Signals {
    let at = workload.address.child("metrics");
    let (service, worker) = workload.written(spec);
    let of_service = service.and_then(|it| it.metrics.as_ref());
    let of_service = of_service.map(|it| self::of_service(it, workload, namespace, &at, reasons));
    let of_worker = worker.and_then(|it| it.metrics.as_ref());
    let of_worker = of_worker.map(|it| self::of_worker(it, workload, namespace, &at, reasons));
    let mut signals = of_service.or(of_worker).unwrap_or_default();
    if let Some(worker) = worker {
        of_queue(worker, names, &mut signals);
    }
    let counted = workload.counted_load().map(|it| it.kind);
    signals.demand = signals.demand.filter(|it| Some(it.kind) == counted);
    let wanted = service.and_then(|it| it.alerts).or(worker.and_then(|it| it.alerts));
    let wanted = wanted.map(|it| reasons.taken(workload.address.child("alerts"), it.value, it.span).value);
    signals.is_left_alone = wanted == Some(false);
    let of_service = service.and_then(|it| it.slo.as_ref());
    if let Some(written) = of_service.or(worker.and_then(|it| it.slo.as_ref())) {
        signals.slo = promise(written, &workload.address.child("slo"), reasons);
    }
    signals
}

pub(super) fn promise(written: &Slo, at: &Address, reasons: &mut Reasons) -> Promise {
    if let (Some(p95), Some(p99)) = (&written.p95, &written.p99)
        && p99.value < p95.value
    {
        let message = format!("`{at}.p99` is {}, less than `p95`, which is {}", p99.value, p95.value);
        let diagnostic = Diagnostic::error(message).at(p99.span, "99 of 100").at(p95.span, "95 of 100");
        reasons.sink.error(diagnostic.help("the slowest take longest: swap them"));
    }
    if let Some(percent) = &written.error_percent
        && percent.value.0 > Exact::from(100)
    {
        let message = format!("`{at}.error_percent` is {}, more than all", percent.value);
        let help = "write the percentage that may fail, such as `1`";
        reasons.sink.error(Diagnostic::error(message).at(percent.span, "").help(help));
    }
    let mut seconds = |key: &str, written: Option<&Spanned<Duration>>| {
        let written = written?;
        if written.value.millis() == 0 {
            let message = format!("`{at}.{key}` is no time at all");
            reasons.sink.error(Diagnostic::error(message).at(written.span, "").help("write one such as `\"500ms\"`"));
        }
        let text = reasons.taken(at.child(key), written.value.text().to_owned(), written.span);
        Some(text.map(|_| Exact::fraction(written.value.millis(), 1000)))
    };
    let (p95, p99) = (seconds("p95", written.p95.as_ref()), seconds("p99", written.p99.as_ref()));
    let percent = written.error_percent.as_ref();
    let error_percent = percent.map(|it| reasons.taken(at.child("error_percent"), it.value.0, it.span));
    Promise { p95, p99, error_percent }
}

fn of_service(
    written: &ServiceMetrics,
    workload: &Workload,
    namespace: &Derived<String>,
    at: &Address,
    reasons: &mut Reasons,
) -> Signals {
    let own = Own::new(written.r#match.as_ref(), workload, namespace, at, reasons);
    let requests = own.series("requests", written.requests.as_ref(), reasons);
    let connections = own.series("connections", written.connections.as_ref(), reasons);
    let errors = own.series("errors", written.errors.as_ref(), reasons);
    let duration = own.buckets(written.duration.as_ref(), reasons);
    let reason = "what most HTTP libraries call it";
    let label = text(at.child("status_label"), written.status_label.as_ref(), "status", reason, reasons);
    let reason = "HTTP's own failures of the server";
    let status = text(at.child("error_status"), written.error_status.as_ref(), "5..", reason, reasons);
    let failed =
        errors.or_else(|| requests.as_ref().map(|it| it.of(&label.value, Fits::Pattern(status.value.clone()))));
    let counted = workload.counted_load().map(|it| it.kind);
    let demand = match counted {
        Some(LoadKind::Connections) => {
            connections.map(|series| Demand { series, is_counter: false, kind: LoadKind::Connections })
        }
        _ => requests.clone().map(|series| Demand { series, is_counter: true, kind: LoadKind::Requests }),
    };
    Signals { demand, errors: failed.zip(requests), duration, ..Signals::default() }
}

fn of_worker(
    written: &WorkerMetrics,
    workload: &Workload,
    namespace: &Derived<String>,
    at: &Address,
    reasons: &mut Reasons,
) -> Signals {
    let own = Own::new(written.r#match.as_ref(), workload, namespace, at, reasons);
    let events = own.series("events", written.events.as_ref(), reasons);
    let processed = own.series("processed", written.processed.as_ref(), reasons);
    let errors = own.series("errors", written.errors.as_ref(), reasons);
    let duration = own.buckets(written.duration.as_ref(), reasons);
    let demand = events.map(|series| Demand { series, is_counter: true, kind: LoadKind::Events });
    Signals { demand, errors: errors.zip(processed), duration, ..Signals::default() }
}

/// The queue's own series, by the exporter of its kind.
fn of_queue(worker: &Worker, names: &Names, signals: &mut Signals) {
    if let Some(kafka) = &worker.kafka {
        let (topic, group) = (kafka.value.topic.value.as_str(), kafka.value.consumer_group.value.as_str());
        let of_group = |metric: &Derived<String>| Series::new(&metric.value).is("consumergroup", group);
        signals.lag = Some(of_group(&names.kafka_lag).is("topic", topic));
        signals.committed = Some(of_group(&names.kafka_committed).is("topic", topic));
        let series = Series::new(&names.kafka_written.value).is("topic", topic);
        signals.demand.get_or_insert(Demand { series, is_counter: true, kind: LoadKind::Events });
    } else if let Some(redis) = &worker.redis {
        signals.lag = Some(Series::new(&names.redis_length.value).is("key", redis.value.list.value.as_str()));
    } else if let Some(rabbitmq) = &worker.rabbitmq {
        let queue = rabbitmq.value.queue.value.as_str();
        signals.lag = Some(Series::new(&names.rabbitmq_messages.value).is("queue", queue));
    }
}

/// What a workload serves itself.
struct Own<'a> {
    at: &'a Address,
    matchers: Vec<Matcher>,
}

impl<'a> Own<'a> {
    fn new(
        written: Option<&Named<LabelName, Spanned<Text<Line>>>>,
        workload: &Workload,
        namespace: &Derived<String>,
        at: &'a Address,
        reasons: &mut Reasons,
    ) -> Self {
        let Some(written) = written else {
            return Self { at, matchers: matchers(workload, namespace) };
        };
        let matchers = written.iter().map(|(label, entry)| {
            let text = entry.value.value.as_str().to_owned();
            let value = reasons.taken(at.child("match").child(label), text, entry.value.span).value;
            Matcher { label: label.to_owned(), value: Fits::Exactly(value) }
        });
        Self { at, matchers: matchers.collect() }
    }

    fn series(&self, key: &str, written: Option<&Spanned<Text<MetricName>>>, reasons: &mut Reasons) -> Option<Series> {
        let written = written?;
        let metric = reasons.taken(self.at.child(key), written.value.as_str().to_owned(), written.span).value;
        Some(Series { metric, matchers: self.matchers.clone() })
    }

    fn buckets(&self, written: Option<&Spanned<Text<MetricName>>>, reasons: &mut Reasons) -> Option<Series> {
        let mut series = self.series("duration", written, reasons)?;
        series.metric.push_str("_bucket");
        Some(series)
    }
}

//! Kafka topics: how many partitions each needs, and what it takes to get there.
//!
//! A group gives each partition to one worker, so a topic needs as many partitions as the workers that its peak asks for, times
//! the growth that it is to carry: `partitions = ceil(event_rate / throughput_per_worker × safety_margin × growth)` of the
//! hungriest of its workers, rounded once. 1 000 messages per second at 100 per worker, a margin of 1.2 and a growth of 3 need 36.
//! Kafka adds partitions and takes none away (`kafka-topics.sh --alter`), so the number is never below what is there.

mod settings;

use crate::diag::Diagnostic;
use crate::diag::source::{Span, Spanned};
use crate::spec::Spec;
use crate::spec::topic::{ApiVersion, Topic as Written};
use crate::unit::exact::Exact;
use crate::why::{Address, Derived};

use super::Platform;
use super::reasons::{Answer, Reasons, more_is_more};
use super::workloads::Workload;

pub use settings::Value;

/// A Kafka topic.
#[derive(Debug, Clone)]
pub struct Topic {
    /// The table's key.
    pub key: String,
    /// `topic.downloads`.
    pub address: Address,
    pub name: Derived<String>,
    /// Partitions that it shall have.
    pub partitions: Derived<i64>,
    /// Partitions that it has, where they are fewer.
    pub current: Option<Derived<i64>>,
    pub replicas: Derived<i64>,
    /// As Kafka spells them, sorted.
    pub config: Vec<(String, Derived<Value>)>,
    pub strimzi: Option<Strimzi>,
}

/// Where Strimzi's KafkaTopic stands.
#[derive(Debug, Clone)]
pub struct Strimzi {
    pub cluster: Derived<String>,
    pub namespace: Derived<String>,
    /// `kafka.strimzi.io/v1`.
    pub api_version: &'static str,
}

/// Copies of a partition: one may fail while another is restarted, which is what Kafka's own guides assume.
const REPLICAS: i64 = 3;

/// Every topic, sorted by key. Every error goes into the sink; a topic in error is left out.
pub(super) fn resolve(spec: &Spec, platform: &Platform, workloads: &[Workload], reasons: &mut Reasons) -> Vec<Topic> {
    check_names(spec, reasons);
    let mut topics = Vec::new();
    for (key, entry) in spec.topic.iter() {
        let place = Place { key, address: Address::of(["topic", key]), span: entry.key };
        topics.extend(topic(spec, platform, workloads, &entry.value, &place, reasons));
    }
    topics
}

struct Place<'a> {
    key: &'a str,
    address: Address,
    /// Where the table's key stands.
    span: Span,
}

/// A worker that reads a topic.
struct Consumer<'a> {
    workload: &'a Workload,
    /// What its `kafka` says.
    partitions: &'a Derived<i64>,
    place: Span,
}

fn topic(
    spec: &Spec,
    platform: &Platform,
    workloads: &[Workload],
    written: &Written,
    place: &Place<'_>,
    reasons: &mut Reasons,
) -> Option<Topic> {
    let at = |key: &str| place.address.child(key);
    let name = match &written.name {
        Some(it) => reasons.taken(at("name"), it.value.as_str().to_owned(), it.span),
        None => reasons.default(at("name"), place.key.to_owned(), "the table's key"),
    };
    let consumers = consumers(spec, workloads, &name.value);
    let current = written.current_partitions.map(|it| reasons.taken(at("current_partitions"), it.value.0, it.span));
    let partitions = partitions(spec, written, place, &consumers, current.as_ref(), reasons);
    let replicas = match written.replicas {
        Some(it) => reasons.taken(at("replicas"), it.value.0, it.span),
        None => reasons.default(at("replicas"), REPLICAS, "one copy may fail while another is restarted"),
    };
    let config = settings::resolve(written, &place.address, &replicas, reasons);
    let strimzi = strimzi(platform, written, place, reasons);
    let partitions = partitions?;
    check_consumers(written, place, &consumers, &partitions, current.as_ref(), reasons);
    let current = current.filter(|it| it.value < partitions.value);
    Some(Topic {
        key: place.key.to_owned(),
        address: place.address.clone(),
        name,
        partitions,
        current,
        replicas,
        config,
        strimzi,
    })
}

/// The workers whose `kafka` names the topic.
fn consumers<'a>(spec: &Spec, workloads: &'a [Workload], topic: &str) -> Vec<Consumer<'a>> {
    let consumer = |workload: &'a Workload| {
        let kafka = workload.written(spec).1?.kafka.as_ref()?;
        let partitions = workload.partitions.as_ref()?;
        let is_it = kafka.value.topic.value.as_str() == topic;
        is_it.then_some(Consumer { workload, partitions, place: kafka.value.partitions.span })
    };
    workloads.iter().filter_map(consumer).collect()
}

/// What the topic shall have: the pin, else what its workers need, and never fewer than there are.
fn partitions(
    spec: &Spec,
    written: &Written,
    place: &Place<'_>,
    consumers: &[Consumer<'_>],
    current: Option<&Derived<i64>>,
    reasons: &mut Reasons,
) -> Option<Derived<i64>> {
    let at = place.address.child("partitions");
    let growth = growth(written, &place.address, reasons);
    let needs: Vec<Answer<i64>> = consumers.iter().filter_map(|it| need(it, &growth, &at, place, reasons)).collect();
    let there = current.or_else(|| consumers.first().map(|it| it.partitions));
    let answer = needs.into_iter().max_by_key(|it| it.value).map(|need| match there {
        Some(there) if there.value > need.value => Answer {
            value: there.value,
            symbolic: "max(what there are, ceil(need × growth))",
            numbers: format!("max({}, {})", there.value, need.numbers),
            inputs: need.inputs.into_iter().chain([there.address.clone()]).collect(),
        },
        _ => need,
    });
    let pin = written.partitions.map(|it| Spanned { value: it.value.0, span: it.span });
    if let (Some(pin), Some(current)) = (pin, current)
        && pin.value < current.value
    {
        let message = format!("`{}` has {} partitions, and Kafka takes none away", place.address, current.value);
        let there = written.current_partitions.map(|it| it.span);
        let diagnostic = Diagnostic::error(message).at(pin.span, "fewer").at_some(there, "what there are");
        let help = format!("partitions = {}, or leave it out; fewer need a new topic", current.value);
        reasons.sink.error(diagnostic.help(help));
        return None;
    }
    let decided = reasons.decided(at, pin.as_ref(), answer, more_is_more);
    if decided.is_none() && consumers.is_empty() && !spec.is_damaged("topic", place.key) && spec_is_whole(spec) {
        let message = format!("nothing decides how many partitions `{}` has", place.address);
        let diagnostic = Diagnostic::error(message).at(place.span, "no worker reads it, and there is no pin");
        let help = "write `partitions = 12`, or name the topic in the `kafka` of a worker";
        reasons.sink.error(diagnostic.help(help));
    }
    decided
}

/// Whether no worker was refused: one that was may have read the topic.
fn spec_is_whole(spec: &Spec) -> bool {
    !spec.worker.iter().any(|(name, _)| spec.is_damaged("worker", name))
}

fn growth(written: &Written, address: &Address, reasons: &mut Reasons) -> Derived<Exact> {
    let at = address.child("growth");
    let Some(growth) = &written.growth else { return reasons.default(at, Exact::ONE, "nothing on top of the peak") };
    if growth.value.0 < Exact::ONE {
        let message = format!("a growth of {} gives `{address}` fewer partitions than its peak needs", growth.value);
        let help = "growth = 2 counts twice the peak; to have fewer partitions, pin `partitions`";
        reasons.sink.error(Diagnostic::error(message).at(growth.span, "below 1").help(help));
    }
    reasons.taken(at, growth.value.0, growth.span)
}

/// Partitions for one worker: of its load, where the spec states one, else of its most replicas.
fn need(
    consumer: &Consumer<'_>,
    growth: &Derived<Exact>,
    at: &Address,
    place: &Place<'_>,
    reasons: &mut Reasons,
) -> Option<Answer<i64>> {
    let workload = consumer.workload;
    let load = workload.loads.first().and_then(|load| Some((load, load.target.as_ref()?)));
    let (exact, symbolic, numbers, mut inputs) = match load {
        Some((load, target)) => (
            target.value / load.per_pod.value * load.margin.value * growth.value,
            "ceil(event_rate / throughput_per_worker × safety_margin × growth)",
            format!(
                "ceil({} / {} × {} × {})",
                target.value,
                load.per_pod.value.recomputable(),
                load.margin.value,
                growth.value
            ),
            vec![target.address.clone(), load.per_pod.address.clone(), load.margin.address.clone()],
        ),
        None => {
            let most = workload.peak();
            let exact = Exact::from(most.value) * growth.value;
            let numbers = format!("ceil({} × {})", most.value, growth.value);
            (exact, "ceil(most replicas × growth)", numbers, vec![most.address.clone()])
        }
    };
    inputs.push(growth.address.clone());
    let value = reasons.ceil(exact, at, place.span)?.max(1);
    Some(Answer { value, symbolic, numbers, inputs })
}

/// Each worker must say what the topic has: `current_partitions` while it grows, else `partitions`.
fn check_consumers(
    written: &Written,
    place: &Place<'_>,
    consumers: &[Consumer<'_>],
    partitions: &Derived<i64>,
    current: Option<&Derived<i64>>,
    reasons: &mut Reasons,
) {
    let there = current.unwrap_or(partitions);
    let stated = match current {
        Some(_) => written.current_partitions.map(|it| it.span),
        None => written.partitions.map(|it| it.span),
    };
    for consumer in consumers.iter().filter(|it| it.partitions.value != there.value) {
        let found = consumer.partitions;
        let message = format!("`{}` is {}, and `{}` is {}", found.address, found.value, there.address, there.value);
        let label = if stated.is_some() { "the topic" } else { "the topic, as computed" };
        let diagnostic =
            Diagnostic::error(message).at(consumer.place, "the worker").at(stated.unwrap_or(place.span), label);
        let same = format!("partitions = {} in both, once the topic has them", there.value);
        let plan =
            format!("`current_partitions = {}` under `[{}]` writes a plan to get there", found.value, place.address);
        let done = format!("take `current_partitions` out of `[{}]`, if the topic has grown", place.address);
        let is_plan = current.is_none() && found.value < there.value;
        let is_done = current.is_some() && found.value == partitions.value;
        let diagnostic = if is_done { diagnostic.help(done) } else { diagnostic.help(same) };
        reasons.sink.error(if is_plan { diagnostic.help(plan) } else { diagnostic });
    }
}

fn strimzi(platform: &Platform, written: &Written, place: &Place<'_>, reasons: &mut Reasons) -> Option<Strimzi> {
    let namespace = written.namespace.as_ref();
    let namespace =
        namespace.map(|it| reasons.taken(place.address.child("namespace"), it.value.as_str().to_owned(), it.span));
    let api_version = match written.api_version.map(|it| it.value) {
        Some(ApiVersion::V1beta2) => "kafka.strimzi.io/v1beta2",
        Some(ApiVersion::V1) | None => "kafka.strimzi.io/v1",
    };
    if let Some(it) = written.api_version {
        reasons.taken(place.address.child("api_version"), api_version, it.span);
    }
    let Some(cluster) = &written.cluster else {
        let alone = [
            ("namespace", written.namespace.as_ref().map(|it| it.span)),
            ("api_version", written.api_version.map(|it| it.span)),
        ];
        for (key, span) in alone.into_iter().filter_map(|(key, span)| Some((key, span?))) {
            let message = format!("`{key}` of `{}` says where a KafkaTopic stands, and none is written", place.address);
            let help = "add `cluster = \"NAME\"`, the Kafka cluster of Strimzi, or take the key out";
            reasons.sink.error(Diagnostic::error(message).at(span, "without `cluster`").help(help));
        }
        return None;
    };
    Some(Strimzi {
        cluster: reasons.taken(place.address.child("cluster"), cluster.value.as_str().to_owned(), cluster.span),
        namespace: namespace.unwrap_or_else(|| platform.namespace.clone()),
        api_version,
    })
}

/// Two tables for one topic would disagree some day.
fn check_names(spec: &Spec, reasons: &mut Reasons) {
    let mut seen = std::collections::BTreeMap::new();
    for (key, entry) in spec.topic.iter() {
        let (name, span) = match &entry.value.name {
            Some(name) => (name.value.as_str(), name.span),
            None => (key, entry.key),
        };
        if let Some(first) = seen.insert(name, span) {
            let message = format!("two tables describe the topic `{name}`");
            let diagnostic = Diagnostic::error(message).at(span, "again").at(first, "the first one");
            reasons.sink.error(diagnostic.help("keep one of the two tables, or give one another `name`"));
        }
    }
}

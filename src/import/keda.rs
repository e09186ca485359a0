//! A ScaledObject: the queue of a worker, its limits, its windows.
//!
//! It knows `keda.sh/v1alpha1` (kedacore/keda v2.20) as far as the language does: one trigger of Kafka, a Redis list or
//! RabbitMQ, beside it CPU, memory and cron. Defaults are KEDA's own.

use super::behavior;
use super::cronjob::Window;
use super::found::Found;
use super::hpa::Autoscaler;
use super::toml::{Table, Value};
use super::tree;
use crate::doc::value::Node;

/// What a ScaledObject says about its workload.
#[derive(Debug, Clone, Default)]
pub(super) struct Scaled {
    pub(super) autoscaler: Autoscaler,
    /// `[….kafka]`, without its path up to there.
    pub(super) queue: Table,
    pub(super) windows: Vec<Window>,
    /// Numbers that nobody wrote.
    pub(super) assumed: Vec<(String, String)>,
}

/// KEDA's limits where nobody writes them.
const MIN: i64 = 0;
const MAX: i64 = 100;

/// A queue: its trigger, the spec's table, the threshold with KEDA's own value, and the keys that the spec has itself.
struct Kind {
    trigger: &'static str,
    threshold: (&'static str, i64),
    keys: &'static [(&'static str, &'static str)],
}

const KINDS: [Kind; 3] = [
    Kind {
        trigger: "kafka",
        threshold: ("lagThreshold", 10),
        keys: &[
            ("topic", "topic"),
            ("consumerGroup", "consumer_group"),
            ("bootstrapServers", "bootstrap_servers"),
            ("bootstrapServersFromEnv", "bootstrap_servers_env"),
            ("offsetResetPolicy", "offset_reset_policy"),
        ],
    },
    Kind {
        trigger: "redis",
        threshold: ("listLength", 5),
        keys: &[("address", "address"), ("addressFromEnv", "address_env"), ("listName", "list")],
    },
    Kind {
        trigger: "rabbitmq",
        threshold: ("value", 20),
        keys: &[("queueName", "queue"), ("hostFromEnv", "host_env"), ("mode", "mode")],
    },
];

/// Reads a ScaledObject; `None` where it stays as it is.
pub(super) fn read(found: &mut Found<'_>, index: usize) -> Option<Scaled> {
    let spec = found.objects[index].tree.get("spec")?;
    let triggers = tree::items_at(spec, "triggers");
    let queue = triggers.iter().enumerate().find_map(|(at, it)| Some((at, it, kind_of(it)?)));
    let Some((queue_at, trigger, kind)) = queue else {
        found.stays(index, "the spec scales by KEDA where there is a queue of Kafka, Redis or RabbitMQ".to_owned());
        return None;
    };
    let (min, max) = (tree::int_at(spec, "minReplicaCount"), tree::int_at(spec, "maxReplicaCount"));
    let (min, max) = (min.unwrap_or(MIN), max.unwrap_or(MAX));
    let mut scaled = Scaled::default();
    scaled.autoscaler.min = min;
    scaled.autoscaler.table.add("min", Value::Int(min)).add("max", Value::Int(max));
    let own = tree::text_at(spec, "scaleTargetRef envSourceContainerName");
    scaled.autoscaler.container = own;
    scaled.queue = self::queue(found, index, (queue_at, trigger), kind, max, &mut scaled.assumed);
    let threshold = tree::int_at(trigger, &format!("metadata {}", kind.threshold.0));
    let note = if threshold.is_some() { "" } else { "nothing is written: what KEDA takes for granted" };
    for (at, trigger) in triggers.iter().enumerate().filter(|(at, _)| *at != queue_at) {
        beside(found, index, (at, trigger), &mut scaled);
    }
    let table = &mut scaled.autoscaler.table;
    table.add_noted("lag_threshold", Value::Int(threshold.unwrap_or(kind.threshold.1)), note);
    pace(spec, table);
    fallback(spec, table);
    let place = "spec advanced horizontalPodAutoscalerConfig behavior";
    scaled.autoscaler.has_tolerance = behavior::add(found, index, place, false, &mut scaled.autoscaler.table);
    Some(scaled)
}

fn kind_of(trigger: &Node) -> Option<&'static Kind> {
    let name = tree::text_at(trigger, "type")?;
    KINDS.iter().find(|it| it.trigger == name)
}

/// The table of the queue, with the scaler's other keys as they are.
fn queue(
    found: &mut Found<'_>,
    index: usize,
    (at, trigger): (usize, &Node),
    kind: &Kind,
    max: i64,
    assumed: &mut Vec<(String, String)>,
) -> Table {
    let mut table = Table::new(&[kind.trigger], found.place(index, &format!("spec triggers {at}")));
    let metadata = tree::entries_at(trigger, "metadata");
    let value = |key: &str| metadata.iter().find(|(name, _)| name == key).and_then(|(_, node)| tree::text(node));
    for (theirs, ours) in kind.keys {
        let Some(text) = value(theirs) else { continue };
        let text = if *ours == "mode" { snake_case(&text) } else { text };
        table.add(*ours, Value::Text(text));
        if *ours == "topic"
            && let Some((partitions, place)) = partitions(found, &value("topic").unwrap_or_default())
        {
            table.add_noted("partitions", Value::Int(partitions), place);
        } else if *ours == "topic" {
            table.add_noted("partitions", Value::Int(max.max(1)), "assumed: write how many the topic has");
            let name = value("topic").unwrap_or_default();
            let what =
                format!("how many partitions the topic `{name}` has: {}, as many as the most replicas", max.max(1));
            assumed.push((found.place(index, &format!("spec triggers {at}")), what));
        }
    }
    if let Some(name) = tree::text_at(trigger, "authenticationRef name") {
        table.add("authentication_ref", Value::Text(name));
    }
    let mut others = Vec::new();
    for (key, node) in metadata {
        let is_own = kind.keys.iter().any(|(it, _)| it == key) || key == kind.threshold.0;
        match tree::text(node) {
            _ if is_own => {}
            Some(text) if key == "host" || tree::may_be_secret(key, &text) => {
                let why = "it may hold a secret, which belongs into a TriggerAuthentication";
                found.unsaid(index, &format!("spec triggers {at} metadata {key}"), why);
            }
            Some(text) => others.push((key.to_string(), Value::Text(text))),
            None => {}
        }
    }
    if !others.is_empty() {
        table.add("metadata", Value::Inline(others));
    }
    table
}

/// The partitions of a topic, where a KafkaTopic of Strimzi says so, and the place.
fn partitions(found: &Found<'_>, topic: &str) -> Option<(i64, String)> {
    let topics = found.of_kind(&["KafkaTopic"]).into_iter();
    let mut topics = topics.filter(|it| {
        let named = tree::text_at(&found.objects[*it].tree, "spec topicName");
        named.as_deref().unwrap_or(found.name(*it)) == topic
    });
    let index = topics.next()?;
    let partitions = tree::int_at(&found.objects[index].tree, "spec partitions")?;
    Some((partitions, found.place(index, "spec partitions")))
}

/// CPU, memory and cron beside the queue.
fn beside(found: &mut Found<'_>, index: usize, (at, trigger): (usize, &Node), scaled: &mut Scaled) {
    let place = format!("spec triggers {at}");
    let kind = tree::text_at(trigger, "type").unwrap_or_default();
    let is_percent = tree::text_at(trigger, "metricType").is_some_and(|it| it == "Utilization")
        || tree::text_at(trigger, "metadata type").is_some_and(|it| it == "Utilization");
    match (kind.as_str(), tree::int_at(trigger, "metadata value")) {
        ("cpu" | "memory", Some(percent)) if is_percent => {
            scaled.autoscaler.table.add(kind, Value::Int(percent));
            let container = tree::text_at(trigger, "metadata containerName");
            scaled.autoscaler.container = scaled.autoscaler.container.take().or(container);
        }
        ("cpu" | "memory", _) => found.unsaid(index, &place, "the spec knows CPU and memory in percent of the request"),
        ("cron", _) => match Window::of_trigger(trigger, found.place(index, &place)) {
            Some(window) => scaled.windows.push(window),
            None => found.unsaid(index, &place, "a window needs `start`, `end`, `timezone` and `desiredReplicas`"),
        },
        _ => found.unsaid(index, &place, "the spec knows one queue, CPU, memory and cron"),
    }
}

fn pace(spec: &Node, table: &mut Table) {
    for (theirs, ours) in [("pollingInterval", "polling_interval"), ("cooldownPeriod", "cooldown")] {
        if let Some(seconds) = tree::int_at(spec, theirs) {
            table.add(ours, Value::Text(format!("{seconds}s")));
        }
    }
    if tree::int_at(spec, "idleReplicaCount") == Some(0) {
        table.add("idle", Value::Bool(true));
    }
}

fn fallback(spec: &Node, table: &mut Table) {
    let Some(fallback) = spec.get("fallback") else { return };
    let number = |key| tree::int_at(fallback, key).map(Value::Int);
    let behavior = tree::text_at(fallback, "behavior").map(|it| Value::Text(snake_case(&it)));
    let fallback = Value::inline([
        ("failure_threshold", number("failureThreshold")),
        ("replicas", number("replicas")),
        ("behavior", behavior),
    ]);
    table.add("fallback", fallback);
}

/// `currentReplicas` and `QueueLength` as the spec has them.
fn snake_case(text: &str) -> String {
    let mut out = String::new();
    for (index, character) in text.chars().enumerate() {
        if character.is_ascii_uppercase() && index > 0 {
            out.push('_');
        }
        out.push(character.to_ascii_lowercase());
    }
    out
}

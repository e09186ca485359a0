//! The queue that a worker takes from, as KEDA's scalers want it.

use crate::diag::source::{Span, Spanned};
use crate::diag::{Diagnostic, suggest};
use crate::spec::scalar::{DnsSubdomain, Line, Named, Text, Word};
use crate::spec::worker::{Kafka, OffsetReset, Rabbitmq, RabbitmqMode, Redis, Worker};
use crate::why::{Address, Derived};

use super::autoscale::Scene;
use super::reasons::Reasons;

/// The queue that a worker takes from. Values are text, as KEDA's metadata wants them.
#[derive(Debug, Clone)]
pub struct Queue {
    /// KEDA's trigger type: `kafka`, `redis`, `rabbitmq`.
    pub kind: &'static str,
    /// Metadata in the order in which KEDA documents it; the threshold is not among it.
    pub metadata: Vec<(String, Derived<String>)>,
    /// The metadata key of the threshold: `lagThreshold`, `listLength`, `value`.
    pub threshold_key: &'static str,
    pub authentication: Option<Derived<String>>,
    /// Whether the scaler counts messages per second instead of messages that wait.
    pub counts_rate: bool,
}

/// Keys of each scaler that the spec does not have of its own (kedacore/keda v2.20.2, `schema/generated/scalers-schema.json`).
const KAFKA_KEYS: [&str; 11] = [
    "activationLagThreshold",
    "allowIdleConsumers",
    "ensureEvenDistributionOfPartitions",
    "excludePersistentLag",
    "limitToPartitionsWithLag",
    "partitionLimitation",
    "sasl",
    "saslTokenProvider",
    "scaleToZeroOnInvalidOffset",
    "tls",
    "version",
];
const REDIS_KEYS: [&str; 7] = [
    "activationListLength",
    "databaseIndex",
    "enableTLS",
    "passwordFromEnv",
    "unsafeSsl",
    "username",
    "usernameFromEnv",
];
const RABBITMQ_KEYS: [&str; 12] = [
    "activationValue",
    "excludeUnacknowledged",
    "operation",
    "pageSize",
    "passwordFromEnv",
    "protocol",
    "timeout",
    "unsafeSsl",
    "useRegex",
    "usernameFromEnv",
    "vhostName",
    "workloadIdentityResource",
];

/// What the values of those keys may be, where that is a fixed set (`allowedValue` of the same file; in the scalers'
/// sources `enum=` and `bool`).
const BOOLEAN: [&str; 2] = ["true", "false"];
const VALUES: [(&str, &[&str]); 14] = [
    ("allowIdleConsumers", &BOOLEAN),
    ("enableTLS", &BOOLEAN),
    ("ensureEvenDistributionOfPartitions", &BOOLEAN),
    ("excludePersistentLag", &BOOLEAN),
    ("excludeUnacknowledged", &BOOLEAN),
    ("limitToPartitionsWithLag", &BOOLEAN),
    ("operation", &["sum", "max", "avg"]),
    ("protocol", &["auto", "amqp", "http"]),
    ("sasl", &["none", "plaintext", "scram_sha256", "scram_sha512", "oauthbearer", "gssapi"]),
    ("saslTokenProvider", &["bearer", "aws_msk_iam"]),
    ("scaleToZeroOnInvalidOffset", &BOOLEAN),
    ("tls", &["enable", "disable"]),
    ("unsafeSsl", &BOOLEAN),
    ("useRegex", &BOOLEAN),
];

/// KEDA's keys that the spec writes itself, or that would hold a secret, and what to write instead.
const INSTEAD: [(&str, &str); 12] = [
    ("address", "address"),
    ("bootstrapServers", "bootstrap_servers"),
    ("consumerGroup", "consumer_group"),
    ("host", "host_env"),
    ("lagThreshold", "lag_threshold` under `autoscale"),
    ("listLength", "lag_threshold` under `autoscale"),
    ("listName", "list"),
    ("mode", "mode"),
    ("offsetResetPolicy", "offset_reset_policy"),
    ("password", "authentication_ref` with a TriggerAuthentication that holds the `password"),
    ("queueName", "queue"),
    ("topic", "topic"),
];

/// The queue of a worker; `None` where it has none, or where an error was reported.
pub(super) fn resolve(worker: &Worker, scene: &Scene<'_>, reasons: &mut Reasons) -> Option<Queue> {
    let at = |key: &str| scene.address.child(key);
    match (&worker.kafka, &worker.redis, &worker.rabbitmq) {
        (Some(kafka), _, _) => Some(of_kafka(kafka, &at("kafka"), reasons)),
        (_, Some(redis), _) => Some(of_redis(redis, &at("redis"), reasons)),
        (_, _, Some(rabbitmq)) => Some(of_rabbitmq(rabbitmq, &at("rabbitmq"), reasons)),
        (None, None, None) => None,
    }
}

/// A queue by which nothing scales is not judged; what is written of it is an input all the same.
pub(super) fn remember(worker: &Worker, scene: &Scene<'_>, reasons: &mut Reasons) {
    let mut own = Reasons::new();
    resolve(worker, scene, &mut own);
    reasons.causes.append(own.causes);
}

/// Reports a worker that names two queues.
pub(super) fn check_single(worker: &Worker, address: &Address, reasons: &mut Reasons) {
    let queues = [
        ("kafka", worker.kafka.as_ref().map(|it| it.span)),
        ("redis", worker.redis.as_ref().map(|it| it.span)),
        ("rabbitmq", worker.rabbitmq.as_ref().map(|it| it.span)),
    ];
    let named: Vec<(&str, Span)> = queues.into_iter().filter_map(|(kind, span)| Some((kind, span?))).collect();
    if let [(first, _), (second, _), ..] = named.as_slice() {
        let message = format!("`{address}` names more than one queue, `{first}` and `{second}`");
        let diagnostic = named.iter().fold(Diagnostic::error(message), |it, (_, span)| it.at(*span, "a queue"));
        reasons.sink.error(diagnostic.help("split it into two workers, one for each queue"));
    }
}

/// Collects metadata in the order in which it is added.
struct Metadata<'a> {
    at: &'a Address,
    pairs: Vec<(String, Derived<String>)>,
}

impl Metadata<'_> {
    fn add(&mut self, name: &str, key: &str, text: &str, span: Span, reasons: &mut Reasons) {
        self.pairs.push((name.to_owned(), reasons.taken(self.at.child(key), text.to_owned(), span)));
    }
}

fn of_kafka(kafka: &Spanned<Kafka>, at: &Address, reasons: &mut Reasons) -> Queue {
    let Kafka { topic, consumer_group, bootstrap_servers, bootstrap_servers_env, .. } = &kafka.value;
    let mut metadata = Metadata { at, pairs: Vec::new() };
    match (bootstrap_servers, bootstrap_servers_env) {
        (Some(it), None) => {
            metadata.add("bootstrapServers", "bootstrap_servers", it.value.as_str(), it.span, reasons);
        }
        (None, Some(it)) => {
            metadata.add("bootstrapServersFromEnv", "bootstrap_servers_env", it.value.as_str(), it.span, reasons);
        }
        (None, None) => {
            let message = format!("`{at}` does not say where its brokers are");
            let help = "write `bootstrap_servers_env = \"KAFKA_BROKER\"`, or `bootstrap_servers = \"kafka:9092\"`";
            reasons.sink.error(Diagnostic::error(message).at(kafka.span, "").help(help));
        }
        (Some(it), Some(env)) => two_addresses(at, it.span, env.span, reasons),
    }
    if let Some(servers) = bootstrap_servers {
        check_secret(&servers.value, servers.span, reasons);
    }
    metadata.add("consumerGroup", "consumer_group", consumer_group.value.as_str(), consumer_group.span, reasons);
    metadata.add("topic", "topic", topic.value.as_str(), topic.span, reasons);
    if let Some(it) = kafka.value.offset_reset_policy {
        let word = match it.value {
            OffsetReset::Earliest => "earliest",
            OffsetReset::Latest => "latest",
        };
        metadata.add("offsetResetPolicy", "offset_reset_policy", word, it.span, reasons);
    }
    other_keys(&mut metadata, kafka.value.metadata.as_ref(), &KAFKA_KEYS, reasons);
    Queue {
        kind: "kafka",
        authentication: authentication(kafka.value.authentication_ref.as_ref(), at, reasons),
        metadata: metadata.pairs,
        threshold_key: "lagThreshold",
        counts_rate: false,
    }
}

fn of_redis(redis: &Spanned<Redis>, at: &Address, reasons: &mut Reasons) -> Queue {
    let Redis { address, address_env, list, authentication_ref, metadata: other } = &redis.value;
    let mut metadata = Metadata { at, pairs: Vec::new() };
    match (address, address_env) {
        (Some(it), None) => metadata.add("address", "address", it.value.as_str(), it.span, reasons),
        (None, Some(it)) => metadata.add("addressFromEnv", "address_env", it.value.as_str(), it.span, reasons),
        (None, None) if authentication_ref.is_some() => {}
        (None, None) => {
            let message = format!("`{at}` does not say where its server is");
            let help = "write `address = \"redis:6379\"`, or `address_env = \"REDIS_ADDRESS\"`";
            reasons.sink.error(Diagnostic::error(message).at(redis.span, "").help(help));
        }
        (Some(it), Some(env)) => two_addresses(at, it.span, env.span, reasons),
    }
    if let Some(address) = address {
        check_secret(&address.value, address.span, reasons);
    }
    metadata.add("listName", "list", list.value.as_str(), list.span, reasons);
    other_keys(&mut metadata, other.as_ref(), &REDIS_KEYS, reasons);
    Queue {
        kind: "redis",
        authentication: authentication(authentication_ref.as_ref(), at, reasons),
        metadata: metadata.pairs,
        threshold_key: "listLength",
        counts_rate: false,
    }
}

fn of_rabbitmq(rabbitmq: &Spanned<Rabbitmq>, at: &Address, reasons: &mut Reasons) -> Queue {
    let Rabbitmq { queue, host_env, mode, authentication_ref, metadata: other } = &rabbitmq.value;
    let mut metadata = Metadata { at, pairs: Vec::new() };
    match host_env {
        Some(it) => metadata.add("hostFromEnv", "host_env", it.value.as_str(), it.span, reasons),
        None if authentication_ref.is_some() => {}
        None => {
            let message = format!("`{at}` does not say where its connection URL is");
            let help = "write `host_env = \"RABBITMQ_URL\"`, or `authentication_ref` with a TriggerAuthentication";
            reasons.sink.error(Diagnostic::error(message).at(rabbitmq.span, "").help(help));
        }
    }
    let rate = mode.is_some_and(|it| it.value == RabbitmqMode::MessageRate);
    let word = if rate { "MessageRate" } else { "QueueLength" };
    match mode {
        Some(it) => metadata.add("mode", "mode", word, it.span, reasons),
        None => {
            let default = reasons.default(at.child("mode"), word.to_owned(), "messages that wait are what lag means");
            metadata.pairs.push(("mode".to_owned(), default));
        }
    }
    metadata.add("queueName", "queue", queue.value.as_str(), queue.span, reasons);
    other_keys(&mut metadata, other.as_ref(), &RABBITMQ_KEYS, reasons);
    Queue {
        kind: "rabbitmq",
        authentication: authentication(authentication_ref.as_ref(), at, reasons),
        metadata: metadata.pairs,
        threshold_key: "value",
        counts_rate: rate,
    }
}

fn two_addresses(at: &Address, address: Span, variable: Span, reasons: &mut Reasons) {
    let message = format!("`{at}` says twice where its server is");
    let diagnostic = Diagnostic::error(message).at(variable, "in a variable").at(address, "and written out");
    reasons.sink.error(diagnostic.help("keep one of the two"));
}

fn check_secret(address: &Text<Word>, span: Span, reasons: &mut Reasons) {
    if address.as_str().contains('@') {
        let message = "an address with a password would write the secret into a file";
        let help = "write `host:port` alone, and put the password into a TriggerAuthentication: `authentication_ref`";
        reasons.sink.error(Diagnostic::error(message).at(span, "").help(help));
    }
}

fn authentication(
    written: Option<&Spanned<Text<DnsSubdomain>>>,
    at: &Address,
    reasons: &mut Reasons,
) -> Option<Derived<String>> {
    written.map(|it| reasons.taken(at.child("authentication_ref"), it.value.as_str().to_owned(), it.span))
}

/// The scaler's other keys, as KEDA spells them.
fn other_keys(
    metadata: &mut Metadata<'_>,
    written: Option<&Named<Word, Spanned<Text<Line>>>>,
    known: &[&str],
    reasons: &mut Reasons,
) {
    let at = metadata.at.child("metadata");
    for (key, entry) in written.iter().flat_map(|it| it.iter()) {
        if !known.contains(&key) {
            let message = format!("`{at}` cannot take the key `{key}`");
            let (label, help) = match INSTEAD.iter().find(|(it, _)| *it == key) {
                Some((_, instead)) => ("not from here", format!("write `{instead}`")),
                None => ("not a key of this scaler", suggest::help(key, known.iter().copied())),
            };
            reasons.sink.error(Diagnostic::error(message).at(entry.key, label).help(help));
            continue;
        }
        let text = entry.value.value.as_str();
        let words = VALUES.iter().find(|(it, _)| *it == key).map(|(_, words)| *words);
        if let Some(words) = words.filter(|words| !words.contains(&text)) {
            let message = format!("`{}` cannot be `{text}`", at.child(key));
            let help = suggest::help(text, words.iter().copied());
            reasons.sink.error(Diagnostic::error(message).at(entry.value.span, "").help(help));
        }
        let value = reasons.taken(at.child(key), text.to_owned(), entry.value.span);
        metadata.pairs.push((key.to_owned(), value));
    }
}

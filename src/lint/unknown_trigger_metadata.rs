//! A key of a trigger that KEDA passes over.

use crate::diag::suggest;

use super::files::{entries, get, items, text};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "unknown-trigger-metadata",
    level: Level::Warn,
    docs: r#"
### What it does
Looks in the metadata of KEDA's kafka, redis, rabbitmq, prometheus, cron, cpu and memory triggers for keys that the scaler does not know and that look like one that it
does; and for `type` under the metadata of a cpu or memory trigger, which KEDA 2.18 took away.
### Why is this bad?
KEDA says nothing: the key does nothing, and the default counts.
### Example
`lagTreshold: "1000"`: the lag of one replica is 10.
### Instead
Write the key as the scaler's page of KEDA's documentation has it.
"#,
    check: Check::Files(check),
};

const KAFKA: &[&str] = &[
    "activationLagThreshold",
    "allowIdleConsumers",
    "bootstrapServers",
    "consumerGroup",
    "ensureEvenDistributionOfPartitions",
    "excludePersistentLag",
    "lagThreshold",
    "limitToPartitionsWithLag",
    "offsetResetPolicy",
    "partitionLimitation",
    "sasl",
    "saslTokenProvider",
    "scaleToZeroOnInvalidOffset",
    "tls",
    "topic",
    "version",
];
const REDIS: &[&str] = &[
    "activationListLength",
    "address",
    "addresses",
    "databaseIndex",
    "enableTLS",
    "host",
    "hosts",
    "listLength",
    "listName",
    "password",
    "port",
    "ports",
    "sentinelMaster",
    "sentinelPassword",
    "sentinelUsername",
    "unsafeSsl",
    "username",
];
const RABBITMQ: &[&str] = &[
    "activationValue",
    "excludeUnacknowledged",
    "host",
    "metricName",
    "mode",
    "operation",
    "pageSize",
    "password",
    "protocol",
    "queueLength",
    "queueName",
    "timeout",
    "unsafeSsl",
    "useRegex",
    "username",
    "value",
    "vhostName",
    "workloadIdentityResource",
];
const PROMETHEUS: &[&str] = &[
    "activationThreshold",
    "authModes",
    "cortexOrgID",
    "customHeaders",
    "ignoreNullValues",
    "metricName",
    "namespace",
    "query",
    "queryParameters",
    "serverAddress",
    "threshold",
    "timeout",
    "unsafeSsl",
];
const CRON: &[&str] = &["desiredReplicas", "end", "start", "timezone"];
const RESOURCE: &[&str] = &["containerName", "value"];

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for object in files.of_kind("ScaledObject").chain(files.of_kind("ScaledJob")) {
        for trigger in items(get(&object.tree, "spec.triggers")) {
            let known = match text(trigger, "type") {
                Some("kafka") => KAFKA,
                Some("redis" | "redis-cluster" | "redis-sentinel") => REDIS,
                Some("rabbitmq") => RABBITMQ,
                Some("prometheus") => PROMETHEUS,
                Some("cron") => CRON,
                Some("cpu" | "memory") => RESOURCE,
                _ => continue,
            };
            for (key, node) in entries(trigger.get("metadata")) {
                // Every key may name a variable in its place.
                if known.contains(&key.strip_suffix("FromEnv").unwrap_or(key)) {
                    continue;
                }
                let is_old_type = key == "type" && std::ptr::eq(known, RESOURCE);
                let help = match suggest::nearest(key, known.iter().copied()) {
                    _ if is_old_type => "write `metricType` beside `metadata`: `metricType: Utilization`".to_owned(),
                    Some(near) => format!("write `{near}`"),
                    None => continue,
                };
                let message = format!("`{}`: KEDA passes over `{key}`", object.identity);
                findings.push(findings.finding(message).at(files.key(object, node), "does nothing").help(help));
            }
        }
    }
}

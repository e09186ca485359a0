//! Two workers that take from one queue, and both scale by all of it.

use std::collections::BTreeMap;

use crate::diag::source::Span;
use crate::model::workloads::{Family, Scaling};
use crate::spec::worker::Worker;

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "shared-queue",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for two workers with the same topic and consumer group, the same Redis list, or the same RabbitMQ queue, of which one at
least is scaled by it.
### Why is this bad?
KEDA counts the whole queue for each of them: both grow for the same messages, so there are twice the pods. Of a topic they
share the partitions too: together they may have more workers than partitions, and the rest stands idle.
### Example
`[worker.bulk]` and `[worker.live]`, both with `consumer_group = "mail"` and `topic = "mail"`.
### Instead
Give each worker a queue or a consumer group of its own, or make one worker of the two.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    let mut seen: BTreeMap<Vec<&str>, (&str, Span, bool)> = BTreeMap::new();
    let workers = facts.model.workloads.iter().filter(|it| it.family == Family::Worker && it.peak().value > 0);
    for workload in workers {
        let written = facts.spec.worker.get(&workload.name);
        let Some((identity, place)) = written.and_then(|it| identity(&it.value)) else { continue };
        let is_scaled = matches!(&workload.scaling, Scaling::Autoscaled(_));
        let Some((other, other_place, other_scaled)) = seen.get(&identity).copied() else {
            seen.insert(identity, (workload.address.as_str(), place, is_scaled));
            continue;
        };
        if is_scaled || other_scaled {
            let message =
                format!("`{other}` and `{}` take from one queue, and each scales by all of it", workload.address);
            let finding = findings.finding(message).at(place, "taken from here too").at(other_place, "taken from here");
            findings.push(finding.help("give each its own queue or consumer group, or make one worker of the two"));
        }
    }
}

/// What makes two queues one, and where its name stands. The server is part of it: as it is written, for a variable may mean
/// anything.
fn identity(worker: &Worker) -> Option<(Vec<&str>, Span)> {
    if let Some(kafka) = &worker.kafka {
        let kafka = &kafka.value;
        let servers = kafka.bootstrap_servers.as_ref().map(|it| it.value.as_str());
        let variable = kafka.bootstrap_servers_env.as_ref().map(|it| it.value.as_str());
        let (topic, group) = (kafka.topic.value.as_str(), &kafka.consumer_group);
        let server = servers.or(variable).unwrap_or_default();
        return Some((vec!["kafka", server, topic, group.value.as_str()], group.span));
    }
    if let Some(redis) = &worker.redis {
        let redis = &redis.value;
        let address = redis.address.as_ref().map(|it| it.value.as_str());
        let variable = redis.address_env.as_ref().map(|it| it.value.as_str());
        let secret = redis.authentication_ref.as_ref().map(|it| it.value.as_str());
        let number = redis.metadata.as_ref().and_then(|it| it.get("databaseIndex")).map(|it| it.value.value.as_str());
        let server = address.or(variable).or(secret).unwrap_or_default();
        return Some((vec!["redis", server, number.unwrap_or("0"), redis.list.value.as_str()], redis.list.span));
    }
    let rabbitmq = &worker.rabbitmq.as_ref()?.value;
    let variable = rabbitmq.host_env.as_ref().map(|it| it.value.as_str());
    let secret = rabbitmq.authentication_ref.as_ref().map(|it| it.value.as_str());
    let host = rabbitmq.metadata.as_ref().and_then(|it| it.get("vhostName")).map(|it| it.value.value.as_str());
    let server = variable.or(secret).unwrap_or_default();
    let queue = &rabbitmq.queue;
    Some((vec!["rabbitmq", server, host.unwrap_or_default(), queue.value.as_str()], queue.span))
}

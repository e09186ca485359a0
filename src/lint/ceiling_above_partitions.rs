//! More consumers than a topic has partitions, where both stand in files.

use crate::doc::object::Object;
use crate::doc::value::Node;

use super::files::scaling::Autoscaler;
use super::files::{get, int, items, name, scalar, text};
use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "ceiling-above-partitions",
    level: Level::Warn,
    docs: r#"
### What it does
Compares `maxReplicaCount` of ScaledObjects with a `kafka` trigger with the partitions of its topic, where a Strimzi KafkaTopic says how
many there are.
### Why is this bad?
A partition is read by one consumer of a group at most. KEDA stops at the number of partitions, so that the ceiling promises capacity which
never comes; with `allowIdleConsumers` the surplus runs and does nothing.
### Example
`maxReplicaCount: 30` for a topic with `partitions: 24`.
### Instead
Write a ceiling of at most the partitions, or give the topic more of them: they cannot be taken away again.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for autoscaler in files.autoscalers().filter(Autoscaler::is_keda) {
        let Some((max, most)) = autoscaler.max.zip(autoscaler.ceiling()) else { continue };
        let object = autoscaler.object;
        let triggers: Vec<&Node> = items(get(&object.tree, "spec.triggers")).collect();
        // What scales by something else, too, may well have use for more pods.
        let others =
            triggers.iter().filter(|it| !matches!(text(it, "type"), Some("kafka" | "cpu" | "memory" | "cron")));
        let mut topics = triggers.iter().filter(|it| text(it, "type") == Some("kafka"));
        let (Some(trigger), None, 0) = (topics.next(), topics.next(), others.count()) else { continue };
        let Some((node, topic)) = get(trigger, "metadata.topic").and_then(|it| Some((it, it.as_str()?))) else {
            continue;
        };
        let Some((of, partitions, count)) = partitions(files, object, topic).filter(|(.., it)| most > *it) else {
            continue;
        };
        let is_idle = get(trigger, "metadata.allowIdleConsumers").and_then(scalar).as_deref() == Some("true");
        let then = if is_idle { "the others do nothing" } else { "KEDA stops there" };
        let message = format!("`{}` may have {most} consumers of the {count} partitions of `{topic}`", object.identity);
        let finding = findings
            .finding(message)
            .at(files.at(object, max), then)
            .at(files.at(object, node), "the topic")
            .at(files.at(of, partitions), "one consumer for each at most");
        findings.push(finding.help(format!("write `maxReplicaCount: {count}`, or more partitions")));
    }
}

/// The KafkaTopic of a topic's name, and how many partitions it has.
fn partitions<'a>(files: &Files<'a>, near: &Object, topic: &str) -> Option<(&'a Object, &'a Node, i64)> {
    let is_it = |it: &&Object| text(&it.tree, "spec.topicName").unwrap_or(name(it)) == topic;
    // Kafka may well be in another namespace than who consumes from it.
    let mut found = files.of_kind("KafkaTopic").filter(is_it).filter(|it| files.are_near(it, near));
    let object = found.next().filter(|_| found.next().is_none())?;
    let node = get(&object.tree, "spec.partitions")?;
    Some((object, node, int(node)?))
}

//! More consumers than a topic has partitions, where both stand in files.

use super::files::scaling::Autoscaler;
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
        let Some(topic) = files.topic_of(&autoscaler).filter(|it| most > it.count) else { continue };
        let (object, count) = (autoscaler.object, topic.count);
        let then = if topic.is_on("allowIdleConsumers") { "the others do nothing" } else { "KEDA stops there" };
        let message =
            format!("`{}` may have {most} consumers of the {count} partitions of `{}`", object.identity, topic.name);
        let finding = findings
            .finding(message)
            .at(files.at(object, max), then)
            .at(files.at(object, topic.node), "the topic")
            .at(files.at(topic.object, topic.partitions), "one consumer for each at most");
        findings.push(finding.help(format!("write `maxReplicaCount: {count}`, or more partitions")));
    }
}

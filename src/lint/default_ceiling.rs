//! A hundred replicas that nobody decided on.

use super::files::get;

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "default-ceiling",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for ScaledObjects without `maxReplicaCount`.
### Why is this bad?
KEDA takes 100. Of a Kafka topic with 24 partitions that is 76 pods that wait, and a database has to answer all hundred.
### Example
`minReplicaCount: 4` and no `maxReplicaCount`.
### Instead
Write the most that the queue and what is behind it can use, for Kafka at most the partitions of the topic.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for autoscaler in files.autoscalers().filter(|it| it.is_keda() && it.max.is_none()) {
        let object = autoscaler.object;
        let Some(triggers) = get(&object.tree, "spec.triggers").filter(|_| !files.is_patch(object)) else { continue };
        let message = format!("`{}` may grow to 100 replicas, KEDA's default", object.identity);
        let finding = findings.finding(message).at(files.at(object, autoscaler.target), "no `maxReplicaCount`");
        let finding = finding.at(files.at(object, triggers), "as many as these ask for");
        findings.push(finding.help("add `maxReplicaCount`: for Kafka at most the partitions of the topic"));
    }
}

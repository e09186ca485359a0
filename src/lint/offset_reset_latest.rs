//! A consumer group that skips what waits for it.

use crate::model::workloads::Scaling;

use super::files::{get, items, text};
use super::{Check, Facts, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "offset-reset-latest",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for scaled consumer groups that start at the end of the topic: `offset_reset_policy = "latest"`.
### Why is this bad?
A group without a committed offset (a new one, or one that was away longer than the broker keeps offsets) skips every message
that waits, and KEDA counts one message for each partition instead of the backlog. A worker that must process everything loses
messages without a sign.
### Example
`offset_reset_policy = "latest"`
### Instead
Write `"earliest"`, and set `auto.offset.reset` of the client alike. Where only new messages count, say so with a waiver.
"#,
    check: Check::Both(check, check_files),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for workload in &facts.model.workloads {
        let Scaling::Autoscaled(autoscaler) = &workload.scaling else { continue };
        let metadata = autoscaler.keda.iter().flat_map(|it| &it.queue.metadata);
        let latest = metadata.filter(|(key, value)| key == "offsetResetPolicy" && value.value == "latest");
        for (_, policy) in latest {
            let message = format!("without a committed offset `{}` skips every message that waits", workload.address);
            let place = facts.place(&policy.address, workload.place);
            let finding = findings.finding(message).at(place, "starts at the end of the topic");
            findings.push(finding.help("write `offset_reset_policy = \"earliest\"`, and the same in the client"));
        }
    }
}

fn check_files(files: &Files<'_>, findings: &mut Findings<'_>) {
    for object in files.of_kind("ScaledObject") {
        for trigger in items(get(&object.tree, "spec.triggers")).filter(|it| text(it, "type") == Some("kafka")) {
            let Some(metadata) = get(trigger, "metadata") else { continue };
            let (place, label) = match get(metadata, "offsetResetPolicy") {
                Some(policy) if policy.as_str() == Some("latest") => (policy, "starts at the end of the topic"),
                Some(_) => continue,
                None => (metadata, "no `offsetResetPolicy`: KEDA takes `latest`"),
            };
            let message = format!("without a committed offset `{}` skips every message that waits", object.identity);
            let finding = findings.finding(message).at(files.at(object, place), label);
            findings.push(finding.help("write `offsetResetPolicy: earliest`, and the same in the client"));
        }
    }
}

//! A consumer group that skips what waits for it.

use crate::model::workloads::Scaling;

use super::{Check, Facts, Findings, Level, Lint};

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
    check: Check::Spec(check),
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

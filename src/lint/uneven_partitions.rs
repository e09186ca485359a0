//! A limit at which some workers get far more partitions than others.

use crate::model::workloads::Scaling;

use super::files::scaling::Autoscaler;
use super::{Check, Facts, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "uneven-partitions",
    level: Level::Warn,
    docs: r#"
### What it does
Divides a topic's partitions among the most workers, and looks for a worker that gets over 10 % more than the average. In files it compares the
`maxReplicaCount` of ScaledObjects with a `kafka` trigger with the partitions of Strimzi's KafkaTopic.
### Why is this bad?
The worker with the most partitions sets the pace: with 24 partitions on 9 workers, six have 3 and three have 2, so the group
carries as much as 8 workers would.
### Example
`partitions = 24` and `max = 9`
### Instead
Let `max` divide the partitions (8 or 12), or give the topic a number with many divisors. A trigger with `ensureEvenDistributionOfPartitions: "true"` skips the uneven numbers by
itself.
"#,
    check: Check::Both(check, check_files),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for workload in &facts.model.workloads {
        let (Some(partitions), most) = (&workload.partitions, workload.usual_peak()) else { continue };
        let Some(uneven) = uneven(partitions.value, most.value) else { continue };
        let place = facts.model.causes.written_at(&most.address).unwrap_or(workload.place);
        let finding = findings.finding(uneven.message()).at(place, uneven.label());
        let key = if matches!(workload.scaling, Scaling::Fixed(_)) { "replicas" } else { "max" };
        findings.push(finding.help(format!("write `{key} = {}`, which divides {}", uneven.near, uneven.total)));
    }
}

/// Partitions that do not go evenly to workers.
struct Uneven {
    total: i64,
    workers: i64,
    busiest: i64,
    /// The next number of workers that divides them.
    near: i64,
}

fn uneven(total: i64, workers: i64) -> Option<Uneven> {
    if workers < 1 || total < workers {
        return None;
    }
    let busiest = total.div_euclid(workers) + i64::from(total % workers != 0);
    let near = (workers..=total).find(|it| total % it == 0).unwrap_or(total);
    // busiest / (total / workers) > 1.1, in whole numbers.
    let is_uneven = busiest.checked_mul(workers)?.checked_mul(10)? > total.checked_mul(11)?;
    is_uneven.then_some(Uneven { total, workers, busiest, near })
}

impl Uneven {
    fn message(&self) -> String {
        let Self { total, workers, busiest, .. } = self;
        format!("{total} partitions on {workers} workers: the busiest has {busiest}, the others wait for it")
    }

    fn label(&self) -> String {
        format!("carries no more than {} workers would", self.total.div_euclid(self.busiest))
    }
}

fn check_files(files: &Files<'_>, findings: &mut Findings<'_>) {
    for autoscaler in files.autoscalers().filter(Autoscaler::is_keda) {
        let Some((max, most)) = autoscaler.max.zip(autoscaler.ceiling()) else { continue };
        let topic = files.topic_of(&autoscaler).filter(|it| !it.is_on("ensureEvenDistributionOfPartitions"));
        let Some((topic, uneven)) = topic.and_then(|it| Some((it, uneven(it.count, most)?))) else { continue };
        let object = autoscaler.object;
        let finding = findings
            .finding(format!("`{}`: {}", object.identity, uneven.message()))
            .at(files.at(object, max), uneven.label())
            .at(files.at(object, topic.node), "the topic")
            .at(files.at(topic.object, topic.partitions), "the partitions");
        let near = uneven.near;
        findings.push(finding.help(format!("write `maxReplicaCount: {near}`, which divides {}", uneven.total)));
    }
}

//! A limit at which some workers get far more partitions than others.

use crate::model::workloads::Scaling;

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "uneven-partitions",
    level: Level::Warn,
    docs: r#"
### What it does
Divides a topic's partitions among the most workers, and looks for a worker that gets over 10 % more than the average.
### Why is this bad?
The worker with the most partitions sets the pace: with 24 partitions on 9 workers, six have 3 and three have 2, so the group
carries as much as 8 workers would.
### Example
`partitions = 24` and `max = 9`
### Instead
Let `max` divide the partitions (8 or 12), or give the topic a number with many divisors.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for workload in &facts.model.workloads {
        let (Some(partitions), most) = (&workload.partitions, workload.usual_peak()) else { continue };
        if most.value < 1 || partitions.value < most.value {
            continue;
        }
        let (total, workers) = (partitions.value, most.value);
        let busiest = total.div_euclid(workers) + i64::from(total % workers != 0);
        // busiest / (total / workers) > 1.1, in whole numbers.
        if 10 * busiest * workers > 11 * total {
            let effective = total.div_euclid(busiest);
            let message =
                format!("{total} partitions on {workers} workers: the busiest has {busiest}, the others wait for it");
            let place = facts.model.causes.written_at(&most.address).unwrap_or(workload.place);
            let near = (workers..=total).find(|it| total % it == 0).unwrap_or(total);
            let finding =
                findings.finding(message).at(place, format!("carries no more than {effective} workers would"));
            let key = if matches!(workload.scaling, Scaling::Fixed(_)) { "replicas" } else { "max" };
            findings.push(finding.help(format!("write `{key} = {near}`, which divides {total}")));
        }
    }
}

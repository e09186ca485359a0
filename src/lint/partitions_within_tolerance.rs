//! A ceiling that the lag of a topic does not reach, because KEDA counts no more of it than partitions.
//!
//! `kafka_scaler.go` (kedacore/keda v2.20.2, `getTotalLag`) cuts the lag to partitions × threshold where its quotient, rounded down, is above the partitions: a lag between that
//! of 24 and of 25 workers is reported as it is, so that one in just that range may still get through; one that is larger does not.

use crate::model::pace::{settles, tolerance};
use crate::model::workloads::Scaling;
use crate::unit::exact::Exact;
use crate::why::Derived;

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "partitions-within-tolerance",
    level: Level::Warn,
    docs: r#"
### What it does
Plays `scale_up` from the floor under a lag without end, as the autoscaler does, for workers of a topic that scale on lag alone, and looks for those that rest below `max`.
### Why is this bad?
KEDA reports at most as much lag as the topic has partitions, times `lag_threshold`. The autoscaler divides that by the replicas that run, and does nothing while
it is within 10 % of the threshold (`--horizontal-pod-autoscaler-tolerance`, or a `tolerance` of its own). With 24 partitions and 22 workers it is 24 / 22 = 1.09: where small steps led to
22, the last two never come, and the margin that they are is not there.
### Example
`partitions = 24`, `max = 24`, and `scale_up = { policies = [{ pods = 2, period = "60s" }] }` from 4 workers: 6, 8, and so on to 22.
### Instead
Write `metadata = { allowIdleConsumers = "true" }` under `kafka`: KEDA then reports all of the lag, and `max` is the only limit. Or give the topic more partitions, or the policies larger
steps.
"#,
    check: Check::Spec(check),
};

/// Keys of KEDA's kafka scaler by which it counts something else than the partitions of the topic (kedacore/keda v2.20.2, `kafka_scaler.go`).
const OTHER_COUNTS: [(&str, Option<&str>); 2] = [("allowIdleConsumers", Some("true")), ("partitionLimitation", None)];

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for workload in &facts.model.workloads {
        let (Scaling::Autoscaled(autoscaler), Some(partitions)) = (&workload.scaling, &workload.partitions) else {
            continue;
        };
        // Usage may well ask for more pods than lag does.
        let Some(keda) = autoscaler.keda.as_ref().filter(|_| autoscaler.cpu.is_none() && autoscaler.memory.is_none())
        else {
            continue;
        };
        let is_other = |(key, value): &(String, Derived<String>)| {
            OTHER_COUNTS.iter().any(|(it, of)| it == key && of.is_none_or(|of| of == value.value))
        };
        if keda.queue.metadata.iter().any(is_other) {
            continue;
        }
        let reach = Exact::from(1) + tolerance(autoscaler.scale_up.as_deref());
        let (count, max) = (partitions.value, autoscaler.max.value);
        let is_content = |replicas: i64| Exact::from(count) <= Exact::from(replicas) * reach;
        let min = autoscaler.min.value.max(1);
        let Some(rest) = settles(autoscaler.scale_up.as_deref(), min, max, &is_content).filter(|it| *it < max) else {
            continue;
        };
        let message = format!(
            "a large lag leaves `{}` at {rest} of {max} workers: KEDA counts that of {count} at the most",
            workload.address
        );
        let finding = findings
            .finding(message)
            .at(facts.place(&autoscaler.max.address, workload.place), "never reached by lag")
            .at_some(
                facts.model.causes.written_at(&partitions.address),
                format!("{count} / {rest} is within the autoscaler's tolerance"),
            );
        let finding = finding.help(format!(
            "write `metadata = {{ allowIdleConsumers = \"true\" }}` under `kafka`: `max` keeps it at {max} all the same"
        ));
        let enough = (Exact::from(max - 1) * reach).floor().map(|it| it + 1);
        findings.push(match enough {
            Some(enough) => finding.help(format!("or `partitions = {enough}`, once the topic has them")),
            None => finding,
        });
    }
}

//! A safety margin that the autoscaler's own tolerance eats up.

use std::collections::BTreeSet;

use crate::model::workloads::Scaling;
use crate::unit::exact::Exact;

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "safety-margin-within-tolerance",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for safety margins under 1.1, or under 1 + `tolerance` where `scale_up` has one.
### Why is this bad?
The HorizontalPodAutoscaler leaves the replicas alone while the metric is within 10 % of its target
(`--horizontal-pod-autoscaler-tolerance`, 0.1). A margin of less is not there: pods may run at 110 % of what one was measured
to carry.
### Example
`safety_margin = 1.05`
### Instead
Write 1.1 or more, 1.5 where nothing else is known.
"#,
    check: Check::Spec(check),
};

/// `--horizontal-pod-autoscaler-tolerance` where a workload has none of its own, from Kubernetes 1.35 on.
const TOLERANCE: (i64, i64) = (1, 10);

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    let mut seen = BTreeSet::new();
    for workload in &facts.model.workloads {
        let Scaling::Autoscaled(autoscaler) = &workload.scaling else { continue };
        let own = autoscaler.scale_up.as_ref().and_then(|it| it.tolerance.as_ref());
        let own = own.and_then(|it| Exact::parse(&it.value).ok());
        let least = Exact::from(1) + own.unwrap_or(Exact::fraction(TOLERANCE.0, TOLERANCE.1));
        for load in &workload.loads {
            let margin = &load.margin;
            if margin.value < least
                && let Some(span) = facts.model.causes.written_at(&margin.address)
                && seen.insert(span)
            {
                let percent = (least - Exact::from(1)) * Exact::from(100);
                let message =
                    format!("a safety margin of {} is within the autoscaler's tolerance of {percent} %", margin.value);
                let finding = findings.finding(message).at(span, format!("less than {least}"));
                findings.push(finding.help(format!("write `safety_margin = {least}` or more")));
            }
        }
    }
}

//! A safety margin that the autoscaler's own tolerance eats up.

use std::collections::BTreeSet;

use crate::unit::exact::Exact;

use super::{Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "safety-margin-within-tolerance",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for safety margins under 1.1.
### Why is this bad?
The HorizontalPodAutoscaler leaves the replicas alone while the metric is within 10 % of its target
(`--horizontal-pod-autoscaler-tolerance`, 0.1). A margin of less is not there: pods may run at 110 % of what one was measured
to carry.
### Example
`safety_margin = 1.05`
### Instead
Write 1.1 or more, 1.5 where nothing else is known.
"#,
    check,
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    let mut seen = BTreeSet::new();
    for workload in &facts.model.workloads {
        for load in &workload.loads {
            let margin = &load.margin;
            if margin.value >= Exact::fraction(11, 10) {
                continue;
            }
            let Some(span) = facts.model.causes.written_at(&margin.address) else { continue };
            if seen.insert(span) {
                let message =
                    format!("a safety margin of {} is within the autoscaler's tolerance of 10 %", margin.value);
                let finding = findings.finding(message).at(span, "less than 1.1");
                findings.push(finding.help("safety_margin = 1.1, or more"));
            }
        }
    }
}

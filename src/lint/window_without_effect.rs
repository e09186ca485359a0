//! A window that raises a floor to where it already is.

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "window-without-effect",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for schedules whose replicas are those of the usual floor.
### Why is this bad?
Inside and outside of the window the same holds: two CronJobs or a trigger run for nothing, and whoever reads them believes that
the hours are covered.
### Example
`min = 2` in a schedule for a service with a floor of 2.
### Instead
Write more replicas or a larger load for the window, or take the schedule out.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for workload in &facts.model.workloads {
        let floor = workload.floor();
        for schedule in workload.schedules.iter().filter(|it| it.min.value == floor.value) {
            let message = format!("`{}` raises nothing: the floor is {} at all times", schedule.address, floor.value);
            let finding = findings
                .finding(message)
                .at(facts.place(&schedule.min.address, schedule.place), format!("{} here", schedule.min.value))
                .at(facts.place(&floor.address, workload.place), format!("`{}` is {}", floor.address, floor.value));
            findings.push(finding.help(format!("write `min = {}` or more, or take the schedule out", floor.value + 1)));
        }
    }
}

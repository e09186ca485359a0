//! A CronJob that scales what an autoscaler scales.

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "schedule-against-autoscaler",
    level: Level::Deny,
    docs: r#"
### What it does
Looks for CronJobs whose kubectl scales a workload that a HorizontalPodAutoscaler or a ScaledObject scales too.
### Why is this bad?
The autoscaler takes it back: fewer replicas are raised at its next look, 15 s later, more replicas are taken away after the time of its window,
and what lies outside of its limits is corrected at once. The schedule does nothing.
### Example
`kubectl scale deployment web --replicas=2` in a CronJob, with a HorizontalPodAutoscaler on `web`.
### Instead
Move the autoscaler's floor: `kubectl patch hpa web-hpa --patch '{"spec":{"minReplicas":6}}'`, or with KEDA a trigger of the type `cron`. capgen
writes either from a `[schedule.…]` table.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for call in files.calls().iter().filter(|it| it.verb() == Some("scale")) {
        let Some((kind, name)) = call.what() else { continue };
        let mut rivals = files.autoscalers().filter(|it| it.scaled() == Some((kind, name)));
        let Some(autoscaler) = rivals.find(|it| files.are_together(it.object, call.job)) else { continue };
        let message = format!(
            "`{}` scales `{kind} {name}`, and `{}` takes it back",
            call.job.identity, autoscaler.object.identity
        );
        let finding = findings.finding(message).at(files.at(call.job, call.node), "undone by the autoscaler");
        let finding = finding.at(files.at(autoscaler.object, autoscaler.target), "scales it, too");
        let help = match (autoscaler.is_keda(), call.replicas()) {
            (true, _) => "add a trigger of the type `cron` to the ScaledObject, and delete the CronJob".to_owned(),
            (false, replicas) => format!(
                "move the floor: `kubectl patch hpa {} --patch '{{\"spec\":{{\"minReplicas\":{}}}}}'`",
                super::files::name(autoscaler.object),
                replicas.unwrap_or(2)
            ),
        };
        findings.push(finding.help(help));
    }
}

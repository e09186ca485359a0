//! A name to which a controller can add nothing more.

use super::files::{get, kind, name};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "name-too-long",
    level: Level::Deny,
    docs: r#"
### What it does
Measures the names of CronJobs (52 characters at most) and of ScaledObjects without a name for their autoscaler (54).
### Why is this bad?
The controller makes names out of them: a CronJob's Jobs have eleven characters more, KEDA's autoscaler starts with `keda-hpa-`. Where the result is longer
than 63 characters, the API server or KEDA's webhook refuses the object.
### Example
`metadata: { name: scale-the-notification-service-of-the-platform-up-in-the-morning }` of a CronJob.
### Instead
Write a shorter name; for a ScaledObject `advanced.horizontalPodAutoscalerConfig.name` helps, too.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for object in files.kubernetes() {
        let has_name = || get(&object.tree, "spec.advanced.horizontalPodAutoscalerConfig.name").is_some();
        let most = match kind(object) {
            "CronJob" => 52,
            "ScaledObject" if !has_name() => 54,
            _ => continue,
        };
        let length = name(object).chars().count();
        if let Some(node) = get(&object.tree, "metadata.name").filter(|_| length > most) {
            let message = format!("`{}` is refused: {length} characters are more than {most}", object.identity);
            let finding = findings.finding(message).at(files.at(object, node), format!("{length} characters"));
            findings.push(finding.help(format!("write a name of {most} characters or fewer")));
        }
    }
}

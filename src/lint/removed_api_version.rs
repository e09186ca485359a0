//! A version of an API that Kubernetes no longer serves.

use super::files::{get, kind, text};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "removed-api-version",
    level: Level::Deny,
    docs: r#"
### What it does
Looks for `apiVersion`s of autoscalers, disruption budgets, CronJobs and workloads that were removed, the last of them in Kubernetes 1.26.
### Why is this bad?
The API server answers "no matches for kind": the file cannot be applied, and a restored backup is incomplete without a word before that.
### Example
`apiVersion: autoscaling/v2beta2`
### Instead
Write the version that took its place: `autoscaling/v2`, `policy/v1`, `batch/v1`, `apps/v1`.
"#,
    check: Check::Files(check),
};

/// Kind, version, what took its place, and since when it is gone (FairwindsOps/pluto, `versions.yaml`).
const REMOVED: [(&str, &str, &str, &str); 14] = [
    ("HorizontalPodAutoscaler", "autoscaling/v2beta1", "autoscaling/v2", "1.25"),
    ("HorizontalPodAutoscaler", "autoscaling/v2beta2", "autoscaling/v2", "1.26"),
    ("PodDisruptionBudget", "policy/v1beta1", "policy/v1", "1.25"),
    ("CronJob", "batch/v1beta1", "batch/v1", "1.25"),
    ("CronJob", "batch/v2alpha1", "batch/v1", "1.21"),
    ("Deployment", "extensions/v1beta1", "apps/v1", "1.16"),
    ("Deployment", "apps/v1beta1", "apps/v1", "1.16"),
    ("Deployment", "apps/v1beta2", "apps/v1", "1.16"),
    ("StatefulSet", "apps/v1beta1", "apps/v1", "1.16"),
    ("StatefulSet", "apps/v1beta2", "apps/v1", "1.16"),
    ("DaemonSet", "extensions/v1beta1", "apps/v1", "1.16"),
    ("DaemonSet", "apps/v1beta2", "apps/v1", "1.16"),
    ("ReplicaSet", "extensions/v1beta1", "apps/v1", "1.16"),
    ("ReplicaSet", "apps/v1beta2", "apps/v1", "1.16"),
];

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for object in files.kubernetes() {
        let Some(version) = get(&object.tree, "apiVersion") else { continue };
        let row = REMOVED.iter().find(|it| it.0 == kind(object) && Some(it.1) == version.as_str());
        if let Some((_, old, new, since)) = row {
            let message = format!("`{}`: `{old}` is gone since Kubernetes {since}", object.identity);
            let finding = findings.finding(message).at(files.at(object, version), "no server knows it");
            findings.push(finding.help(format!("write `apiVersion: {new}`")));
        }
    }
    // What is scaled may be named by a version that is gone, too.
    for autoscaler in files.autoscalers() {
        let (Some(version), Some((of, _))) = (get(autoscaler.target, "apiVersion"), autoscaler.scaled()) else {
            continue;
        };
        let row = REMOVED.iter().find(|it| it.0 == of && text(autoscaler.target, "apiVersion") == Some(it.1));
        if let Some((_, old, new, since)) = row {
            let message = format!("`{}` scales a `{old}`, gone since Kubernetes {since}", autoscaler.object.identity);
            let finding = findings.finding(message).at(files.at(autoscaler.object, version), "no server knows it");
            findings.push(finding.help(format!("write `apiVersion: {new}`")));
        }
    }
}

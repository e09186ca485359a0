//! A kubectl, or an autoscaler of the cluster, of any version.

use super::files::{get, pods};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "image-without-version",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for containers of kubectl and of the cluster autoscaler whose image has no tag, or `latest`.
### Why is this bad?
Both follow Kubernetes' versions and work with its neighbours only. A node that pulls the image anew gets another one than the node before, and
one day it no longer talks to the API server.
### Example
`image: bitnami/kubectl`
### Instead
Write the cluster's minor version: `registry.k8s.io/kubectl:v1.34.0`.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for (object, pod) in files.pods() {
        for container in pods::containers(pod) {
            let Some(image) = get(container, "image") else { continue };
            let Some(text) = image.as_str() else { continue };
            let last = text.rsplit('/').next().unwrap_or_default();
            let program = last.split([':', '@']).next().unwrap_or_default();
            let is_pinned = text.contains('@') || last.split_once(':').is_some_and(|(_, tag)| tag != "latest");
            if is_pinned || !matches!(program, "kubectl" | "cluster-autoscaler") {
                continue;
            }
            let message = format!("`{}` runs a {program} of any version", object.identity);
            let finding = findings.finding(message).at(files.at(object, image), "no version");
            let instead = match program {
                "kubectl" => "registry.k8s.io/kubectl:v1.34.0",
                _ => "registry.k8s.io/autoscaling/cluster-autoscaler:v1.34.0",
            };
            findings.push(finding.help(format!("write `image: {instead}`, with the minor version of the cluster")));
        }
    }
}

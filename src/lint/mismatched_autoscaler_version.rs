//! A cluster autoscaler of another minor version than its cluster.

use crate::spec::scalar::version;

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "mismatched-autoscaler-version",
    level: Level::Warn,
    docs: r#"
### What it does
Compares the tag of the cluster autoscaler's image with `kubernetes_version`: major and minor must be the same.
### Why is this bad?
It carries the scheduler's code of its own minor version, and reckons with it whether a pod would fit on a new node. Another
scheduler decides otherwise: nodes are started that help no pod, or pods wait for a node that never comes. Upstream tests no other
pairs.
### Example
`image = "registry.k8s.io/autoscaling/cluster-autoscaler:v1.21.0"` on Kubernetes 1.34.
### Instead
Leave `image` out, or give it the cluster's minor version, and change it with the cluster.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    let Some(cluster) = &facts.model.cluster else { return };
    let Some(autoscaler) = &cluster.autoscaler else { return };
    let tag = &autoscaler.tag;
    let Some(place) = facts.model.causes.written_at(&tag.address) else { return };
    // A tag that is no version says nothing.
    let number = tag.value.split(['@', '-']).next().and_then(|it| version(it.strip_prefix('v').unwrap_or(it)));
    let Some((major, minor)) = number else { return };
    let (wanted_major, wanted_minor) = facts.model.platform.kubernetes;
    if (major, minor) == (wanted_major, wanted_minor) {
        return;
    }
    let message =
        format!("the cluster autoscaler is of version {major}.{minor}, the cluster of {wanted_major}.{wanted_minor}");
    let finding = findings.finding(message).at(place, format!("made for Kubernetes {major}.{minor}"));
    let finding = finding.at_some(facts.model.causes.written_at(&cluster.version.address), "the cluster");
    let help = format!("image = \"{}:v{wanted_major}.{wanted_minor}.0\"", autoscaler.repository.value);
    findings.push(finding.help(help));
}

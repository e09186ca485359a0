//! A cluster autoscaler of another minor version than its cluster.

use crate::spec::scalar::version;

use super::files::{get, pods, scalar, text};
use super::{Check, Facts, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "mismatched-autoscaler-version",
    level: Level::Warn,
    docs: r#"
### What it does
Compares the tag of the cluster autoscaler's image with `kubernetes_version`: major and minor must be the same. In files the cluster is the one
of eksctl's configuration.
### Why is this bad?
It carries the scheduler's code of its own minor version, and reckons with it whether a pod would fit on a new node. Another
scheduler decides otherwise: nodes are started that help no pod, or pods wait for a node that never comes. Upstream tests no other
pairs.
### Example
`image = "registry.k8s.io/autoscaling/cluster-autoscaler:v1.21.0"` on Kubernetes 1.34.
### Instead
Leave `image` out, or give it the cluster's minor version, and change it with the cluster.
"#,
    check: Check::Both(check, check_files),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    let Some(cluster) = &facts.model.cluster else { return };
    let Some(autoscaler) = &cluster.autoscaler else { return };
    let tag = &autoscaler.tag;
    let Some(place) = facts.model.causes.written_at(&tag.address) else { return };
    let Some((major, minor)) = number(&tag.value) else { return };
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

/// Major and minor of a tag; one that is no version says nothing.
fn number(tag: &str) -> Option<(u32, u32)> {
    tag.split(['@', '-']).next().and_then(|it| version(it.strip_prefix('v').unwrap_or(it)))
}

fn check_files(files: &Files<'_>, findings: &mut Findings<'_>) {
    let mut clusters = files.of_kind("ClusterConfig");
    let (Some(cluster), None) = (clusters.next(), clusters.next()) else { return };
    let Some(stated) = get(&cluster.tree, "metadata.version") else { return };
    let Some((wanted_major, wanted_minor)) = scalar(stated).as_deref().and_then(number) else { return };
    for (object, pod) in files.pods() {
        for container in pods::containers(pod) {
            let Some((image, name)) = get(container, "image").zip(text(container, "image")) else { continue };
            let Some((repository, tag)) = name.rsplit_once(':') else { continue };
            let is_it = repository.rsplit('/').next() == Some("cluster-autoscaler");
            let Some((major, minor)) = number(tag).filter(|_| is_it) else { continue };
            if (major, minor) == (wanted_major, wanted_minor) || !files.are_near(object, cluster) {
                continue;
            }
            let message = format!(
                "`{}` is of version {major}.{minor}, the cluster of {wanted_major}.{wanted_minor}",
                object.identity
            );
            let finding = findings
                .finding(message)
                .at(files.at(object, image), format!("made for Kubernetes {major}.{minor}"))
                .at(files.at(cluster, stated), "the cluster");
            findings.push(finding.help(format!(
                "write `image: registry.k8s.io/autoscaling/cluster-autoscaler:v{wanted_major}.{wanted_minor}.0`"
            )));
        }
    }
}

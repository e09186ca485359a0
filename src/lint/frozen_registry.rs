//! An image from a place that gets no more of them.

use super::files::{get, pods};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "frozen-registry",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for images from `k8s.gcr.io` and `gcr.io/google-containers`, and for `bitnami/kubectl`.
### Why is this bad?
`k8s.gcr.io` is frozen since 3 April 2023: what is there gets no mending, and new versions are elsewhere. The tags of `bitnami/kubectl` left Docker
Hub in September 2025: a node that has not pulled the image yet gets none.
### Example
`image: k8s.gcr.io/autoscaling/cluster-autoscaler:v1.21.0`
### Instead
Write `registry.k8s.io` before the same path, with a version that fits the cluster; for kubectl `registry.k8s.io/kubectl:v1.34.0`.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for (object, pod) in files.pods() {
        for container in pods::containers(pod) {
            let Some(image) = get(container, "image") else { continue };
            let Some(text) = image.as_str() else { continue };
            let plain = text.strip_prefix("docker.io/").unwrap_or(text);
            let frozen = ["k8s.gcr.io/", "gcr.io/google-containers/", "gcr.io/google_containers/"];
            let (label, help) = match frozen.iter().find_map(|it| text.strip_prefix(it)) {
                Some(rest) => (
                    "frozen since April 2023",
                    format!("write `registry.k8s.io/{rest}`, with a version that fits the cluster"),
                ),
                None if plain == "bitnami/kubectl" || plain.starts_with("bitnami/kubectl:") => (
                    "its tags are gone since September 2025",
                    "write `registry.k8s.io/kubectl:v1.34.0`, which takes arguments and has no shell".to_owned(),
                ),
                None => continue,
            };
            let message = format!("`{}` takes an image from where no more of them come", object.identity);
            findings.push(findings.finding(message).at(files.at(object, image), label).help(help));
        }
    }
}

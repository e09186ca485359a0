//! A shell's command in an image that has no shell.

use super::files::{get, items, pods};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "shell-without-shell",
    level: Level::Deny,
    docs: r#"
### What it does
Looks for containers of `registry.k8s.io/kubectl` and of the cluster autoscaler that start `sh` or `bash`.
### Why is this bad?
These images hold one program and nothing else: the container never starts.
### Example
`image: registry.k8s.io/kubectl:v1.34.0` with `command: ["/bin/sh", "-c", "kubectl scale …"]`
### Instead
Give the arguments alone: `args: ["scale", "deployment", "web", "--replicas=2"]`.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for (object, pod) in files.pods() {
        for container in pods::containers(pod) {
            let image = get(container, "image").and_then(|it| it.as_str()).unwrap_or_default();
            let has_no_shell = image.starts_with("registry.k8s.io/kubectl")
                || image.contains("/autoscaling/cluster-autoscaler") && !image.starts_with("k8s.gcr.io/");
            let Some(first) = items(container.get("command")).next().filter(|_| has_no_shell) else { continue };
            let program = first.as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default();
            if matches!(program, "sh" | "bash" | "ash") {
                let message = format!("`{}` never starts: its image has no `{program}`", object.identity);
                let finding = findings.finding(message).at(files.at(object, first), "not in the image");
                let help = "take `command` out and give the arguments alone: `args: [\"scale\", \"deployment\", …]`";
                findings.push(finding.help(help));
            }
        }
    }
}

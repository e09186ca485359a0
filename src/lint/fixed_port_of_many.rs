//! A service of Docker Compose with several containers and one port, or one name, for all of them.

use crate::doc::value::Node;

use super::files::compose::Service;
use super::files::{get, items, scalar};
use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "fixed-port-of-many",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for services of Docker Compose with more than one container (`deploy.replicas`, `scale`) and a fixed port of the host or a
`container_name`.
### Why is this bad?
A port of the host and a name belong to one container: the first one starts, the others fail ("port is already allocated"). Under Swarm, whose
ports all nodes share, the ports do no harm.
### Example
`deploy: { replicas: 4 }` with `ports: ["8000:8000"]`.
### Instead
Publish the port of what stands in front (nginx, Traefik), or write the container's port alone, or a range as long as the replicas.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for service in files.compose_services() {
        let Some((replicas, count)) = service.replicas().filter(|(_, it)| *it > 1) else { continue };
        let Some((place, what)) = only_one(&service) else { continue };
        let message = format!("`{}` asks for {count} containers, and only one can have its {what}", service.title());
        let finding = findings
            .finding(message)
            .at(files.at(service.object, place), "for one container")
            .at(files.at(service.object, replicas), "all of them want it");
        findings.push(finding.help(match what {
            "name" => "take `container_name` out",
            _ => "write the port of the container alone, and publish that of the proxy in front",
        }));
    }
}

/// What only one container can have.
fn only_one<'a>(service: &Service<'a>) -> Option<(&'a Node, &'static str)> {
    let name = get(service.node, "container_name").map(|it| (it, "name"));
    let mut ports = items(get(service.node, "ports")).filter(|it| is_fixed(it));
    name.or_else(|| ports.next().map(|it| (it, "port")))
}

/// Whether a port of the host is named: `80:8000`, `127.0.0.1:80:8000`, `{ published: 80 }`; no range, no variable.
fn is_fixed(port: &Node) -> bool {
    if let Some(published) = get(port, "published").and_then(scalar) {
        return get(port, "mode").is_none() && !published.is_empty() && published.bytes().all(|it| it.is_ascii_digit());
    }
    let Some(text) = scalar(port) else { return false };
    let text = text.split('/').next().unwrap_or_default();
    let Some((host, _)) = text.rsplit_once(':') else { return false };
    let host = host.rsplit(':').next().unwrap_or_default();
    !host.is_empty() && host.bytes().all(|it| it.is_ascii_digit())
}

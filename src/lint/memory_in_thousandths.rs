//! Memory in a unit that makes it next to nothing.

use crate::unit::quantity::Quantity;

use super::files::{get, pods, scalar};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "memory-in-thousandths",
    level: Level::Deny,
    docs: r#"
### What it does
Looks for requests and limits of memory below one mebibyte, in pods and in services of Docker Compose.
### Why is this bad?
`m` is a thousandth: `512m` is half a byte, and legal. A limit of it kills every container at its start; a request of it lets the scheduler put any
number of pods on a node, and an autoscaler on memory sees ten million percent. A number without a unit is bytes.
### Example
`memory: 512m`
### Instead
Write `memory: 512Mi`.
"#,
    check: Check::Files(check),
};

/// No program runs in less.
const LEAST: i64 = 1 << 20;

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for service in files.compose_services() {
        for of in ["reservations", "limits"] {
            let Some((node, bytes)) = service.amount(of, "memory").filter(|(_, it)| (1..LEAST).contains(it)) else {
                continue;
            };
            let message = format!("`{}`: {bytes} bytes of memory", service.title());
            let finding = findings.finding(message).at(files.at(service.object, node), "less than any program needs");
            findings.push(finding.help("write the unit that is meant, such as `memory: 512m`"));
        }
    }
    for (object, pod) in files.pods() {
        let paths = ["resources.requests.memory", "resources.limits.memory"];
        for memory in pods::containers(pod).flat_map(|it| paths.into_iter().filter_map(|path| get(it, path))) {
            let Some(text) = scalar(memory) else { continue };
            let Some(bytes) = Quantity::parse(&text).ok().map(|it| it.bytes_ceil()) else { continue };
            if (1..LEAST).contains(&bytes) {
                let message = format!(
                    "`{}`: {text} of memory is {bytes} byte{}",
                    object.identity,
                    if bytes == 1 { "" } else { "s" }
                );
                let digits = text.trim_end_matches(|it: char| it.is_ascii_alphabetic());
                let finding = findings.finding(message).at(files.at(object, memory), "less than any program needs");
                findings.push(finding.help(format!("write `memory: {digits}Mi`")));
            }
        }
    }
}

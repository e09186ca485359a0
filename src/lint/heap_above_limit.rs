//! A heap that may grow beyond the memory of its container.

use crate::doc::object::Object;
use crate::doc::value::Node;
use crate::unit::quantity::Quantity;

use super::files::{get, items, pods, scalar};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "heap-above-limit",
    level: Level::Deny,
    docs: r#"
### What it does
Compares `--max-old-space-size` of Node.js and `-Xmx` of Java, in the environment and in the arguments of a container, with its limit of memory; of
services of Docker Compose, too.
### Why is this bad?
The runtime collects garbage when the heap comes near its own bound. The kernel's comes first: the container is killed without a word in its log.
### Example
`NODE_OPTIONS: --max-old-space-size=4096` with `limits: { memory: 2Gi }`.
### Instead
Write a heap of three quarters of the limit; the rest is for stacks, buffers and the program itself.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for (object, pod) in files.pods() {
        for container in pods::containers(pod) {
            let Some(limit) = get(container, "resources.limits.memory") else { continue };
            let Some(bytes) = scalar(limit).and_then(|it| Quantity::parse(&it).ok()).map(|it| it.bytes_ceil()) else {
                continue;
            };
            let environment = items(container.get("env")).filter_map(|it| get(it, "value"));
            let words = ["command", "args"].into_iter().flat_map(|it| items(container.get(it)));
            let title = object.identity.to_string();
            environment.chain(words).for_each(|it| judge(files, findings, &title, object, it, (limit, bytes)));
        }
    }
    for service in files.compose_services() {
        let Some(limit) = service.amount("limits", "memory") else { continue };
        service.words().for_each(|it| judge(files, findings, &service.title(), service.object, it, limit));
    }
}

fn judge(
    files: &Files<'_>,
    findings: &mut Findings<'_>,
    title: &str,
    object: &Object,
    node: &Node,
    (limit, bytes): (&Node, i64),
) {
    let Some((_, written)) = node.as_str().and_then(heap).filter(|(heap, _)| *heap > bytes) else { return };
    let message = format!("`{title}`: a heap of {written} does not fit into the container");
    let finding = findings.finding(message).at(files.at(object, node), "may grow to this");
    let finding = finding.at(files.at(object, limit), "killed at this");
    let mebibytes = bytes / 4 * 3 / (1 << 20);
    let help = match written.starts_with("-Xmx") {
        true => format!("write `-Xmx{mebibytes}m`, or raise the limit"),
        false => format!("write `--max-old-space-size={mebibytes}`, or raise the limit"),
    };
    findings.push(finding.help(help));
}

/// The bytes that a heap may have, and the flag that says so.
fn heap(text: &str) -> Option<(i64, &str)> {
    text.split_whitespace().find_map(|word| {
        let megabytes =
            word.strip_prefix("--max-old-space-size=").or_else(|| word.strip_prefix("--max_old_space_size="));
        if let Some(megabytes) = megabytes {
            return Some((megabytes.parse::<i64>().ok()?.checked_mul(1 << 20)?, word));
        }
        let size = word.strip_prefix("-Xmx")?;
        let digits = size.trim_end_matches(|it: char| it.is_ascii_alphabetic());
        let unit = match size.get(digits.len()..)?.to_ascii_lowercase().as_str() {
            "" => 1,
            "k" => 1 << 10,
            "m" => 1 << 20,
            "g" => 1 << 30,
            _ => return None,
        };
        Some((digits.parse::<i64>().ok()?.checked_mul(unit)?, word))
    })
}

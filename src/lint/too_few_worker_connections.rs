//! Workers of nginx that have fewer connections than their upstreams are to have.

use crate::doc::nginx::Directive;
use crate::doc::object::Object;

use super::files::{entries, get, text};
use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "too-few-worker-connections",
    level: Level::Warn,
    docs: r#"
### What it does
Compares `worker_connections` with what the upstreams ask of a worker: the idle connections of `keepalive`, or, where every server has a
`max_conns`, two connections (to the client and to the server) for each request that they allow.
### Why is this bad?
Connections to clients and to servers, idle ones among them, count together. Above the limit nginx takes no more clients
("worker_connections are not enough"), long before the servers are busy.
### Example
`worker_connections 512;` with an upstream whose four servers have `max_conns=200` each: 1600 in a single worker.
### Instead
Write the sum and room for clients that wait, and a `worker_rlimit_nofile` of at least as much.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    let mains = files.nginx_mains();
    let is_only = mains.len() == 1;
    for main in &mains {
        let events = main.directives.iter().find(|it| it.name == "events").and_then(|it| it.block.as_deref());
        let stated = events.unwrap_or_default().iter().find(|it| it.name == "worker_connections");
        let Some((place, limit)) = stated.and_then(|it| Some((it.places.get(1)?, number(it.arguments.first()?)?)))
        else {
            continue;
        };
        let workers = main.directives.iter().find(|it| it.name == "worker_processes");
        let workers = workers.map_or(Some(1), |it: &Directive| number(it.arguments.first()?)).filter(|it| *it > 0);
        let upstreams = files.nginx("upstream").filter(|(it, _)| is_only || it.file == main.name);
        let asked: Vec<(&Object, i64)> = upstreams.map(|(it, _)| (it, asked(it, workers))).collect();
        let sum = asked.iter().fold(0_i64, |sum, (_, it)| sum.saturating_add(*it));
        let Some((most, share)) = asked.iter().max_by_key(|(_, it)| *it).filter(|_| sum > limit) else { continue };
        let message = format!("each worker may have {limit} connections, and the upstreams ask {sum} of it");
        let finding = findings
            .finding(message)
            .at(crate::diag::source::Span::new(main.file, place.clone()), "clients and servers together")
            .at(files.at(most, &most.tree), format!("{share} of them"));
        let help =
            format!("write `worker_connections {};`, and `worker_rlimit_nofile` with as much", power_of_two(sum));
        findings.push(finding.help(help));
    }
}

fn number(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// Connections of one worker: what is kept idle, or what a full upstream takes on both sides, whatever is more.
fn asked(upstream: &Object, workers: Option<i64>) -> i64 {
    let keepalive = text(&upstream.tree, "keepalive").and_then(number).unwrap_or(0);
    let servers = entries(Some(&upstream.tree)).filter(|(key, _)| key.starts_with("server "));
    let serving = servers.filter(|(_, it)| get(it, "backup").is_none() && get(it, "down").is_none());
    let limits: Option<Vec<i64>> =
        serving.map(|(_, it)| text(it, "max_conns").and_then(number).filter(|it| *it > 0)).collect();
    let sum = limits.unwrap_or_default().into_iter().fold(0_i64, i64::saturating_add);
    // Without `zone` each worker counts for itself; with one the workers share, and `auto` is not known.
    let of_worker = match (get(&upstream.tree, "zone").is_some(), workers) {
        (false, _) => sum,
        (true, Some(workers)) => sum / workers + i64::from(sum % workers != 0),
        (true, None) => 0,
    };
    keepalive.max(of_worker.saturating_mul(2))
}

fn power_of_two(at_least: i64) -> i64 {
    let mut power = 512_i64;
    while power < at_least && power < i64::MAX / 2 {
        power *= 2;
    }
    power
}

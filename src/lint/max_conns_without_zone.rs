//! A limit of connections that every nginx worker counts for itself.

use super::files::{entries, get, text};
use super::{Check, Facts, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "max-conns-without-zone",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for upstreams with `max_conns` and no `zone`.
### Why is this bad?
Without shared memory each worker process of nginx counts its own connections: on eight cores the server gets eight times the
limit.
### Example
`servers = [{ address = "web1:8000", max_conns = 100 }]`
### Instead
Add `zone = "64k"` to the upstream.
"#,
    check: Check::Both(check, check_files),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for upstream in facts.model.upstreams.iter().filter(|it| it.zone.is_none()) {
        let Some(limit) = upstream.servers.iter().find_map(|it| it.max_conns.as_ref()) else { continue };
        let Some(place) = facts.model.causes.written_at(&limit.address) else { continue };
        let message = format!("each nginx worker counts the `max_conns` of `{}` for itself", upstream.address);
        let finding = findings.finding(message).at(place, format!("{} for each worker", limit.value));
        findings.push(finding.help(format!("add `zone = \"64k\"` to `[{}]`", upstream.address)));
    }
}

fn check_files(files: &Files<'_>, findings: &mut Findings<'_>) {
    for (object, name) in files.nginx("upstream").filter(|(it, _)| get(&it.tree, "zone").is_none()) {
        let servers = entries(Some(&object.tree)).filter(|(key, _)| key.starts_with("server "));
        let limits = servers.filter_map(|(_, it)| Some((it, text(it, "max_conns").filter(|it| *it != "0")?)));
        let Some((server, limit)) = limits.into_iter().next() else { continue };
        let message = format!("each nginx worker counts the `max_conns` of `{name}` for itself");
        let place = get(server, "max_conns").unwrap_or(server);
        let finding = findings.finding(message).at(files.at(object, place), format!("{limit} for each worker"));
        findings.push(finding.help(format!("add `zone {name} 64k;` to the upstream")));
    }
}

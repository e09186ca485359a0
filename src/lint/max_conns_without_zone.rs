//! A limit of connections that every nginx worker counts for itself.

use super::{Check, Facts, Findings, Level, Lint};

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
    check: Check::Spec(check),
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

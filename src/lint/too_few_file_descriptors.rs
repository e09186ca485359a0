//! A PgBouncer that may open fewer files than it needs for its connections.

use crate::doc::object::Object;
use crate::doc::value::Node;

use super::files::compose::Service;
use super::files::{get, int, pools, text, title};
use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "too-few-file-descriptors",
    level: Level::Warn,
    docs: r#"
### What it does
Compares `ulimits.nofile` of the one PgBouncer in a compose file with what the one PgBouncer ini among the files may open: `max_client_conn`, and the pools and reserves of all entries
for one user each. A limit that the host, a unit of systemd or a node sets is in no file that capgen reads.
### Why is this bad?
Every connection is a file. Above the limit PgBouncer takes no more clients, or opens no more connections to the server, whatever its own settings say.
### Example
`ulimits: { nofile: 1024 }` beside `max_client_conn = 5000`
### Instead
Write more than the sum, with room for the log and the sockets: `ulimits: { nofile: 8192 }`.
"#,
    check: Check::Files(check),
};

/// Beside connections: the log, the listening sockets, the resolver, libevent's own.
const OWN: i64 = 16;

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    let mut inis = files.pgbouncers();
    let (Some(ini), None) = (inis.next(), inis.next()) else { return };
    let mut services = files.compose_services().filter(is_pgbouncer);
    let (Some(service), None) = (services.next(), services.next()) else { return };
    let Some((place, limit)) = limit(service) else { return };
    let Some((clients, servers)) = needed(ini) else { return };
    let needed = clients.1.saturating_add(servers).saturating_add(OWN);
    if limit >= needed {
        return;
    }
    let message = format!("`{}` may open {limit} files, and `{}` needs {needed}", service.title(), title(ini));
    let finding = findings
        .finding(message)
        .at(files.at(service.object, place), "every connection is a file")
        .at(files.at(ini, clients.0), format!("and {servers} to the server, {OWN} of its own"));
    let round = needed.saturating_add(1023).div_euclid(1024).saturating_mul(1024);
    findings.push(finding.help(format!("write `nofile: {round}`, or fewer connections")));
}

fn is_pgbouncer(service: &Service<'_>) -> bool {
    text(service.node, "image").unwrap_or(service.name).contains("pgbouncer") || service.name.contains("pgbouncer")
}

/// The limit that counts at the start, the soft one.
fn limit<'a>(service: Service<'a>) -> Option<(&'a Node, i64)> {
    let node = get(service.node, "ulimits.nofile")?;
    let node = get(node, "soft").unwrap_or(node);
    Some((node, int(node)?)).filter(|(_, it)| *it > 0)
}

/// The clients, with their place, and the connections to servers.
fn needed(ini: &Object) -> Option<((&Node, i64), i64)> {
    let (written, clients) = pools::clients(ini)?;
    let servers = pools::pools(ini)?.iter().map(|it| it.of_user).fold(0, i64::saturating_add);
    Some(((written.unwrap_or(&ini.tree), clients), servers))
}

//! More clients than server connections where a client keeps its connection.

use std::cmp::Ordering;

use crate::unit::exact::Exact;

use crate::doc::value::Node;

use super::files::{entries, get, int, text, title};
use super::{Check, Facts, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "session-pool-below-clients",
    level: Level::Warn,
    docs: r#"
### What it does
Compares, for a PgBouncer in session mode, the connections that all pods open to an entry at their peak with the server
connections that the entry may open over all processes. A file shows neither pods nor users: there it looks for a `max_client_conn` above ten
times the connections of one user.
### Why is this bad?
In session mode a client keeps its server connection until it leaves. Clients above that number wait, by default for two
minutes, and then fail: the pool shares nothing.
### Example
`pool_mode = "session"`, 30 pods with `pool_connections = { main = 10 }`, and a pool of 97.
### Instead
Write `pool_mode = "transaction"` where the programs allow it, or open fewer connections for each pod.
"#,
    check: Check::Both(check, check_files),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    let sessions = facts.model.pgbouncers.iter().filter(|it| it.pool_mode.value == "session");
    for (pgbouncer, entry) in sessions.flat_map(|it| it.entries.iter().map(move |entry| (it, entry))) {
        let of_entry = facts.model.workloads.iter().flat_map(|workload| {
            let opened = workload.pool_connections.iter().filter(|it| it.name == entry.name);
            opened.map(|it| (it.place, Exact::from(workload.peak().value) * Exact::from(it.count.value)))
        });
        let opened: Vec<_> = of_entry.collect();
        let clients = opened.iter().fold(Exact::ZERO, |sum, (_, clients)| sum + *clients);
        let servers = Exact::from(pgbouncer.instances.value) * Exact::from(entry.max_db_connections.value);
        let Some((place, _)) = opened.first() else { continue };
        if clients.checked_cmp(&servers) != Some(Ordering::Greater) {
            continue;
        }
        let message = format!(
            "`{}` has {clients} clients at peak for {servers} server connections, and a session keeps its own",
            entry.address
        );
        let mode = facts.place(&pgbouncer.pool_mode.address, *place);
        let finding = findings.finding(message).at(mode, "one client, one server connection").at(*place, "clients");
        findings.push(finding.help("write `pool_mode = \"transaction\"`, or fewer `pool_connections`"));
    }
}

fn check_files(files: &Files<'_>, findings: &mut Findings<'_>) {
    for object in files.pgbouncers() {
        let Some(section) = object.tree.get("pgbouncer") else { continue };
        let mode = get(section, "pool_mode");
        // PgBouncer's default is a session for each client.
        if mode.is_some_and(|it| it.as_str() != Some("session")) {
            continue;
        }
        let Some((node, clients)) = get(section, "max_client_conn").and_then(|it| Some((it, int(it)?))) else {
            continue;
        };
        let global = |key: &str, default: i64| get(section, key).map_or(Some(default), int);
        let of_entry = |settings: &Node| {
            // An entry that shares by transaction, or whose pool has no limit, keeps nobody waiting.
            let own = |key: &str| get(settings, key).and_then(int);
            let pool = own("pool_size").or_else(|| global("default_pool_size", 20))?;
            let reserve =
                own("reserve_pool").or_else(|| own("reserve_pool_size")).or_else(|| global("reserve_pool_size", 0))?;
            let is_bounded = pool > 0 && text(settings, "pool_mode").is_none_or(|it| it == "session");
            is_bounded.then(|| pool.saturating_add(reserve))
        };
        let sizes: Option<Vec<i64>> = entries(object.tree.get("databases")).map(|(_, it)| of_entry(it)).collect();
        let Some(servers) =
            sizes.filter(|it| !it.is_empty()).map(|it| it.iter().fold(0_i64, |sum, it| sum.saturating_add(*it)))
        else {
            continue;
        };
        // Each user has pools of its own; with ten of them there is room for all.
        if clients > servers.saturating_mul(10) {
            let message = format!(
                "`{}`: {clients} clients for {servers} server connections of a user, and a session keeps its own",
                title(object)
            );
            let finding = findings.finding(message).at(files.at(object, node), "most of them wait");
            let label = if mode.is_some() { "one client, one server connection" } else { "no `pool_mode`: sessions" };
            let finding = finding.at(files.at(object, mode.unwrap_or(section)), label);
            findings
                .push(finding.help("write `pool_mode = transaction` where the programs allow it, or fewer clients"));
        }
    }
}

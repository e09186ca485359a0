//! More clients than server connections where a client keeps its connection.

use std::cmp::Ordering;

use crate::unit::exact::Exact;

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "session-pool-below-clients",
    level: Level::Warn,
    docs: r#"
### What it does
Compares, for a PgBouncer in session mode, the connections that all pods open to an entry at their peak with the server
connections that the entry may open over all processes.
### Why is this bad?
In session mode a client keeps its server connection until it leaves. Clients above that number wait, by default for two
minutes, and then fail: the pool shares nothing.
### Example
`pool_mode = "session"`, 30 pods with `pool_connections = { main = 10 }`, and a pool of 97.
### Instead
Write `pool_mode = "transaction"` where the programs allow it, or open fewer connections for each pod.
"#,
    check: Check::Spec(check),
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

//! Pools that are larger than the server behind them.

use crate::doc::object::Object;
use crate::doc::value::Node;

use super::files::{entries, get, int, scalar, text};
use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "pools-above-server",
    level: Level::Deny,
    docs: r#"
### What it does
Adds up the pools and reserves of all entries of the files' PgBouncers, for one user each, and compares the sum with `max_connections` of the one
`postgresql.conf` among them, less what it keeps for superusers.
### Why is this bad?
PgBouncer opens what its pools allow, and the server refuses the surplus with "too many clients already": at the peak, and to migrations and
exporters as well. A second user, or a second process of PgBouncer, takes as much once more.
### Example
Entries with `pool_size=100` and `pool_size=200`, and a server with `max_connections = 100`.
### Instead
Write smaller pools, or more `max_connections` where the memory is there. capgen derives both from one `[database.…]`.
"#,
    check: Check::Files(check),
};

/// PostgreSQL's defaults of `max_connections` and `superuser_reserved_connections`, PgBouncer's of `default_pool_size`.
const MAX_CONNECTIONS: i64 = 100;
const SUPERUSERS: i64 = 3;
const POOL: i64 = 20;

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    // Only where one server and one host stand there is it clear which belongs to which.
    let mut servers = files.settings("postgresql").filter(|it| !it.file.ends_with("recovery.conf"));
    let (Some(server), None) = (servers.next(), servers.next()) else { return };
    let mut hosts: Vec<&str> = Vec::new();
    let mut sum = 0_i64;
    let mut largest: Option<(&Object, &Node, i64)> = None;
    for object in files.pgbouncers() {
        for (_, entry) in entries(object.tree.get("databases")) {
            let host = text(entry, "host").unwrap_or_default();
            if !hosts.contains(&host) {
                hosts.push(host);
            }
            let connections = connections(object, entry);
            sum = sum.saturating_add(connections);
            if largest.is_none_or(|(.., it)| connections > it) {
                largest = Some((object, entry, connections));
            }
        }
    }
    let setting = |key: &str| {
        let named = entries(Some(&server.tree)).filter(|(name, _)| name.eq_ignore_ascii_case(key));
        named.last().and_then(|(_, node)| Some((node, scalar(node)?.parse::<i64>().ok()?)))
    };
    let stated = setting("max_connections");
    let reserved = setting("superuser_reserved_connections").map_or(SUPERUSERS, |(_, it)| it)
        + setting("reserved_connections").map_or(0, |(_, it)| it);
    let usable = stated.map_or(MAX_CONNECTIONS, |(_, it)| it).saturating_sub(reserved);
    let (Some((object, entry, most)), 1) = (largest, hosts.len()) else { return };
    if sum <= usable {
        return;
    }
    let message =
        format!("the pools may open {sum} connections for a single user, and the server has {usable} for them");
    let place = get(entry, "pool_size").unwrap_or(entry);
    let finding = findings
        .finding(message)
        .at(files.at(object, place), format!("{most} of them"))
        .at(files.at(server, stated.map_or(&server.tree, |(node, _)| node)), format!("{reserved} are kept back"));
    findings.push(finding.help(format!("write pools of {usable} together, or `max_connections = {}`", sum + reserved)));
}

/// What one process opens for one user of an entry; 0 where nothing limits it.
fn connections(object: &Object, entry: &Node) -> i64 {
    let global = |key: &str| object.tree.get("pgbouncer").and_then(|it| get(it, key)).and_then(int);
    let own = |key: &str| get(entry, key).and_then(int);
    let pool = own("pool_size").or_else(|| global("default_pool_size")).unwrap_or(POOL);
    let reserve = own("reserve_pool").or_else(|| own("reserve_pool_size")).or_else(|| global("reserve_pool_size"));
    let most = own("max_db_connections").or_else(|| global("max_db_connections")).filter(|it| *it > 0);
    let wanted = if pool > 0 { pool.saturating_add(reserve.unwrap_or(0).max(0)) } else { 0 };
    most.map_or(wanted, |it| if pool > 0 { wanted.min(it) } else { it })
}

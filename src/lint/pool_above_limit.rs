//! Pools that are larger than the connections of their database.

use super::files::{entries, get, int, title};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "pool-above-limit",
    level: Level::Warn,
    docs: r#"
### What it does
Adds the pool and the reserve of one user, and compares them with the `max_db_connections` of the entry; and `min_pool_size` with the pool.
### Why is this bad?
Every user of an entry has a pool of its own. What one user's pool takes of the limit the others wait for, and a pool above the limit never reaches
its size. A `min_pool_size` above the pool is cut to it.
### Example
`default_pool_size = 40` with `reserve_pool_size = 20` and `max_db_connections = 50`.
### Instead
Write pools and reserves that fit: together, over all users of an entry, at most `max_db_connections`.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for object in files.pgbouncers() {
        let global = |key: &str| object.tree.get("pgbouncer").and_then(|it| get(it, key));
        for (entry, settings) in entries(object.tree.get("databases")) {
            let size = get(settings, "pool_size").or_else(|| global("default_pool_size"));
            let reserve = get(settings, "reserve_pool").or_else(|| get(settings, "reserve_pool_size"));
            let reserve = reserve.or_else(|| global("reserve_pool_size"));
            let most = get(settings, "max_db_connections").or_else(|| global("max_db_connections"));
            let least = get(settings, "min_pool_size").or_else(|| global("min_pool_size"));
            // PgBouncer's defaults.
            let (pool, spare) = (size.map_or(Some(20), int).unwrap_or(0), reserve.and_then(int).unwrap_or(0));
            let needed = pool.saturating_add(spare);
            let place = size.or(reserve).or(most).unwrap_or(settings);
            if let Some((most, limit)) = most.and_then(|it| Some((it, int(it)?))).filter(|(_, it)| *it > 0 && pool > 0)
                && needed > limit
            {
                let message =
                    format!("`{}`: one user of `{entry}` may take {needed} connections of {limit}", title(object));
                let finding = findings.finding(message).at(files.at(object, place), format!("and {spare} in reserve"));
                let finding = finding.at(files.at(object, most), "for all users of the entry");
                findings.push(finding.help(format!("write `max_db_connections={needed}` or more, or a smaller pool")));
            }
            if let Some((node, least)) = least.and_then(|it| Some((it, int(it)?)))
                && pool > 0
                && least > pool
            {
                let message = format!("`{}`: `{entry}` keeps {pool} connections at most, not {least}", title(object));
                let finding = findings.finding(message).at(files.at(object, node), format!("cut to {pool}"));
                let finding = finding.at_some(size.map(|it| files.at(object, it)), "the pool");
                findings.push(finding.help(format!("write `min_pool_size={pool}` or less")));
            }
        }
    }
}

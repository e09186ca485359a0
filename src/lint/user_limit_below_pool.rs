//! A limit for each user that a pool cannot reach its size under.

use super::files::{entries, get, int, title};
use super::{Check, Facts, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "user-limit-below-pool",
    level: Level::Warn,
    docs: r#"
### What it does
Compares `max_user_connections` among a PgBouncer's settings with the pool and the reserve of each entry.
### Why is this bad?
PgBouncer counts a user's server connections over all entries. A pool that is larger than this limit never reaches its size, and
the budget that it was given stays unused.
### Example
`settings = { max_user_connections = 20 }` with `pool_size = 20` and `reserve_pool = 5`.
### Instead
Raise the limit, or take it out: `max_db_connections` is written, unless it is pinned to 0, and holds the budget.
"#,
    check: Check::Both(check, check_files),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for pgbouncer in &facts.model.pgbouncers {
        let limit = pgbouncer.settings.iter().find(|(key, _)| key == "max_user_connections");
        let Some((limit, of)) = limit.and_then(|(_, it)| Some((it.value.parse::<i64>().ok()?, it))) else { continue };
        // 0 means no limit.
        let Some(place) = facts.model.causes.written_at(&of.address).filter(|_| limit > 0) else { continue };
        for entry in &pgbouncer.entries {
            let pool = entry.pool_size.value.saturating_add(entry.reserve_pool.value);
            if pool > limit {
                let message =
                    format!("`{}` never reaches its {pool} connections: a user has {limit} at most", entry.address);
                let finding = findings.finding(message).at(place, "over all entries together");
                let size = facts.model.causes.written_at(&entry.pool_size.address);
                let finding = finding.at_some(size, format!("and {} in reserve", entry.reserve_pool.value));
                findings.push(finding.help(format!("write `max_user_connections = {pool}` or more, or take it out")));
            }
        }
    }
}

fn check_files(files: &Files<'_>, findings: &mut Findings<'_>) {
    for object in files.pgbouncers() {
        let global = |key: &str| object.tree.get("pgbouncer").and_then(|it| get(it, key));
        let Some((node, limit)) = global("max_user_connections").and_then(|it| Some((it, int(it)?))) else { continue };
        for (entry, settings) in entries(object.tree.get("databases")).filter(|_| limit > 0) {
            let reserve = ["reserve_pool", "reserve_pool_size"].into_iter().find_map(|key| get(settings, key));
            let reserve = reserve.or_else(|| global("reserve_pool_size")).and_then(int).unwrap_or(0);
            let size = get(settings, "pool_size").or_else(|| global("default_pool_size"));
            // PgBouncer's default; what is no number is another lint's.
            let Some(pool) = size.map_or(Some(20), int).map(|it| it.saturating_add(reserve)) else { continue };
            if pool > limit {
                let message = format!(
                    "`{}`: `{entry}` never reaches its {pool} connections, a user has {limit} at most",
                    title(object)
                );
                let finding = findings.finding(message).at(files.at(object, node), "over all entries together");
                let finding = finding.at_some(size.map(|it| files.at(object, it)), format!("and {reserve} in reserve"));
                findings.push(finding.help(format!("write `max_user_connections = {pool}` or more, or take it out")));
            }
        }
    }
}

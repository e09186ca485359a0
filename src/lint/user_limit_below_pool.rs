//! A limit for each user that a pool cannot reach its size under.

use super::{Check, Facts, Findings, Level, Lint};

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
Raise the limit, or take it out: `max_db_connections` is always written and holds the budget.
"#,
    check: Check::Spec(check),
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

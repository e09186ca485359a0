//! An entry of PgBouncer whose connections nothing limits.

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "pool-without-limit",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for entries of PgBouncer with `max_db_connections = 0`, which is no limit.
### Why is this bad?
PgBouncer has a pool for each pair of entry and user: a user that nobody counted opens `pool_size` and `reserve_pool` connections more in every process, and the server refuses
the surplus with "too many clients already". The budget of the server is only kept for as many `users` as the spec says.
### Example
`pool_size = 20` and `max_db_connections = 0`: a migration under a user of its own opens 20 more.
### Instead
Leave `max_db_connections` out: it is then written as `users × (pool_size + reserve_pool)`.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for pgbouncer in &facts.model.pgbouncers {
        for entry in &pgbouncer.entries {
            let place = entry.no_limit.as_ref().and_then(|it| facts.model.causes.written_at(&it.address));
            let Some(place) = place else { continue };
            let (users, most) = (entry.users.value, entry.max_db_connections.value);
            let counted = match users {
                1 => "one user".to_owned(),
                users => format!("{users} users"),
            };
            let message = format!(
                "nothing limits `{}`: {most} connections per process are counted, for {counted}, and each further user opens {} \
                 more",
                entry.address,
                entry.pool_size.value.saturating_add(entry.reserve_pool.value),
            );
            let finding = findings.finding(message).at(place, "no limit");
            findings.push(finding.help(format!("leave it out, or write `max_db_connections = {most}`")));
        }
    }
}

//! A query that PgBouncer never asks.

use super::files::{entries, get, scalar, text, title};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "reset-without-effect",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for `server_reset_query` in an ini whose every pool shares connections by transaction or statement.
### Why is this bad?
PgBouncer runs it only where a client has the connection for itself, in session mode: what the query should clear (prepared statements, settings, locks) stays for the
next client.
### Example
`pool_mode = transaction` with `server_reset_query = DISCARD ALL`.
### Instead
Take it out, and keep the programs from session features; or write `server_reset_query_always = 1`, which costs a round trip for each transaction.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for object in files.pgbouncers() {
        let Some(section) = object.tree.get("pgbouncer") else { continue };
        let Some(query) = get(section, "server_reset_query").filter(|it| it.as_str() != Some("")) else { continue };
        let shares = |mode: &str| matches!(mode, "transaction" | "statement");
        let modes = ["databases", "users"].into_iter().flat_map(|it| entries(object.tree.get(it)));
        let mut own = modes.filter_map(|(_, it)| text(it, "pool_mode"));
        let always = get(section, "server_reset_query_always").and_then(scalar).is_some_and(|it| it != "0");
        let Some(mode) = get(section, "pool_mode").filter(|it| it.as_str().is_some_and(shares)) else { continue };
        if !always && own.all(shares) {
            let message = format!("`{}`: PgBouncer never asks the `server_reset_query`", title(object));
            let finding = findings.finding(message).at(files.key(object, query), "for sessions only");
            let finding = finding.at(files.at(object, mode), "no sessions");
            findings.push(finding.help("take it out, or write `server_reset_query_always = 1`"));
        }
    }
}

//! A setting that PgBouncer does not know.

use crate::diag::suggest;
use crate::model::pgbouncer_settings::{InFile, in_file};

use super::files::{entries, scalar, title};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "unknown-setting",
    level: Level::Deny,
    docs: r#"
### What it does
Looks for keys of the section `[pgbouncer]` and parameters of `[databases]` that no PgBouncer up to 1.25 knows.
### Why is this bad?
One of them is enough, and PgBouncer does not start, or goes on with the old file after a reload.
### Example
`max_clients = 1000`
### Instead
Write the key that is meant: `max_client_conn = 1000`.
"#,
    check: Check::Files(check),
};

/// What `parse_database` of PgBouncer's `src/loader.c` reads.
const PARAMETERS: [&str; 22] = [
    "application_name",
    "auth_dbname",
    "auth_query",
    "auth_user",
    "client_encoding",
    "connect_query",
    "datestyle",
    "dbname",
    "host",
    "load_balance_hosts",
    "max_db_client_connections",
    "max_db_connections",
    "min_pool_size",
    "password",
    "pool_mode",
    "pool_size",
    "port",
    "reserve_pool",
    "reserve_pool_size",
    "server_lifetime",
    "target_session_attrs",
    "timezone",
];

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for object in files.pgbouncers() {
        for (key, node) in entries(object.tree.get("pgbouncer")) {
            if let InFile::Unknown(near) = in_file(key, &scalar(node).unwrap_or_default()) {
                let message = format!("`{}`: PgBouncer knows no setting `{key}`", title(object));
                let finding = findings.finding(message).at(files.key(object, node), "refuses the whole file");
                findings.push(finding.help(help(near)));
            }
        }
        for (entry, settings) in entries(object.tree.get("databases")) {
            for (key, node) in entries(Some(settings)).filter(|(key, _)| *key != "user" && !PARAMETERS.contains(key)) {
                let message = format!("`{}`: PgBouncer knows no parameter `{key}` of `{entry}`", title(object));
                let finding = findings.finding(message).at(files.key(object, node), "refuses the whole file");
                findings.push(finding.help(help(suggest::nearest(key, PARAMETERS))));
            }
        }
    }
}

fn help(near: Option<&str>) -> String {
    match near {
        Some(near) => format!("write `{near}`, if that is meant"),
        None => "take it out; PgBouncer's `doc/config.md` lists what it knows".to_owned(),
    }
}

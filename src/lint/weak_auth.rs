//! Clients of PgBouncer that log in without a password, or with one that is easily read.

use super::files::{get, title};
use super::{Check, Facts, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "weak-auth",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for PgBouncers with `auth_type` `any`, `trust`, `plain` or `md5`.
### Why is this bad?
`any` and `trust` ask for no password, `plain` sends it as it is. An MD5 secret is as good as the password to whoever reads the
file, and PostgreSQL deprecates it from 18 on.
### Example
`auth_type = "md5"`
### Instead
Write `auth_type = "scram-sha-256"` with SCRAM secrets in the file of the users. Where those secrets are in it already, `md5` uses
them, and nothing else changes.
"#,
    check: Check::Both(check, check_files),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for pgbouncer in &facts.model.pgbouncers {
        let auth_type = &pgbouncer.auth_type;
        let Some(label) = weakness(&auth_type.value) else { continue };
        let Some(place) = facts.model.causes.written_at(&auth_type.address) else { continue };
        let message = format!("clients of `{}` log in with `{}`", pgbouncer.address, auth_type.value);
        let help = "write `auth_type = \"scram-sha-256\"`, with SCRAM secrets in the file of the users";
        findings.push(findings.finding(message).at(place, label).help(help));
    }
}

fn weakness(auth_type: &str) -> Option<&'static str> {
    match auth_type {
        "any" | "trust" => Some("asks for no password"),
        "plain" => Some("sends the password as it is"),
        "md5" => Some("the secret is as good as the password"),
        _ => None,
    }
}

fn check_files(files: &Files<'_>, findings: &mut Findings<'_>) {
    for object in files.pgbouncers() {
        let Some(node) = get(&object.tree, "pgbouncer.auth_type") else { continue };
        let Some((auth_type, label)) = node.as_str().and_then(|it| Some((it, weakness(it)?))) else { continue };
        let message = format!("clients of `{}` log in with `{auth_type}`", title(object));
        let help = "write `auth_type = scram-sha-256`, with SCRAM secrets in the file of the users";
        findings.push(findings.finding(message).at(files.at(object, node), label).help(help));
    }
}

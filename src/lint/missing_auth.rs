//! A PgBouncer that lets nobody in.

use super::files::{entries, get, text, title};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "missing-auth",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for inis of PgBouncer that name no users: neither `auth_file`, nor `auth_query` with `auth_user`, nor an `auth_type` that asks elsewhere.
### Why is this bad?
Passwords are compared with a list that is not there: "no such user" for every client.
### Example
`[pgbouncer]` without any key that starts with `auth_`.
### Instead
Write `auth_type = scram-sha-256` and `auth_file = /etc/pgbouncer/userlist.txt`.
"#,
    check: Check::Files(check),
};

/// Types that take nobody's word, or another's: no list of users is needed.
const ELSEWHERE: [&str; 5] = ["any", "cert", "hba", "ldap", "pam"];

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for object in files.pgbouncers() {
        let Some(section) = get(&object.tree, "pgbouncer") else { continue };
        let auth_type = section.get("auth_type");
        let asks_elsewhere = text(section, "auth_type").is_some_and(|it| ELSEWHERE.contains(&it));
        // A query needs the user that asks it, for all entries or for each.
        let is_user = |key: &str| key == "auth_user";
        let has_user = section.get("auth_user").is_some()
            || entries(object.tree.get("databases")).any(|(_, it)| entries(Some(it)).any(|(key, _)| is_user(key)));
        // An entry with a user and a password of its own still asks its clients for theirs.
        if section.get("auth_file").is_some() || has_user || asks_elsewhere {
            continue;
        }
        let message = format!("`{}` knows no users, so it lets nobody in", title(object));
        let finding = findings.finding(message).at(files.at(object, section), "no `auth_file`");
        let finding = finding.at_some(auth_type.map(|it| files.at(object, it)), "asks for a password");
        findings.push(finding.help("add `auth_type = scram-sha-256` and `auth_file = /etc/pgbouncer/userlist.txt`"));
    }
}

//! A value that PgBouncer cannot read.

use crate::model::pgbouncer_settings::{InFile, in_file};

use super::files::{entries, scalar, title};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "unreadable-setting",
    level: Level::Deny,
    docs: r#"
### What it does
Reads the values of the section `[pgbouncer]` as PgBouncer does: numbers without units, 0 and 1 for switches.
### Why is this bad?
PgBouncer does not start. There are no units, and no comment behind a value: all that stands on the line belongs to it.
### Example
`server_idle_timeout = 600s`, `max_client_conn = 1000 ; for the peak`
### Instead
Write the number alone, `server_idle_timeout = 600`, and the comment on the line above.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for object in files.pgbouncers() {
        for (key, node) in entries(object.tree.get("pgbouncer")) {
            let Some(value) = scalar(node) else { continue };
            let InFile::Unreadable(expected) = in_file(key, &value) else { continue };
            let comment = value.find([';', '#']);
            let (label, help) = match (comment, number(&value)) {
                (Some(at), _) => (
                    "the comment is a part of the value",
                    format!("write `{key} = {}`, and the comment on a line of its own", value[..at].trim_end()),
                ),
                (None, Some(number)) => ("no unit", format!("write `{key} = {number}`")),
                (None, None) => ("cannot be read", format!("write {expected}")),
            };
            let message = format!("`{}`: `{key}` is {expected}", title(object));
            let place = if value.is_empty() { files.key(object, node) } else { files.at(object, node) };
            findings.push(findings.finding(message).at(place, label).help(help));
        }
    }
}

/// The seconds that a duration with a unit means.
fn number(value: &str) -> Option<i64> {
    crate::unit::duration::Duration::parse(value).ok()?.whole_seconds()
}

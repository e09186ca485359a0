//! A setting that PostgreSQL no longer has.

use super::files::{entries, title};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "removed-postgresql-setting",
    level: Level::Deny,
    docs: r#"
### What it does
Looks in `postgresql.conf` for settings that were removed: those of `recovery.conf` that have other names since 12, `wal_keep_segments`, `checkpoint_segments`.
### Why is this bad?
PostgreSQL does not start: "unrecognized configuration parameter".
### Example
`wal_keep_segments = 64`
### Instead
Write what took its place: `wal_keep_size = 1GB`; a standby is one by the file `standby.signal`.
"#,
    check: Check::Files(check),
};

/// Name, the version without it, and what to do (the release notes of PostgreSQL).
const REMOVED: [(&str, &str, &str); 7] = [
    ("checkpoint_segments", "9.5", "write `max_wal_size = 1GB`"),
    ("wal_keep_segments", "13", "write `wal_keep_size`, 16 MB for each segment"),
    ("standby_mode", "12", "take it out and put an empty file `standby.signal` into the data directory"),
    ("trigger_file", "12", "take it out: `pg_ctl promote` or `SELECT pg_promote()` ends a standby"),
    ("promote_trigger_file", "16", "take it out: `pg_ctl promote` or `SELECT pg_promote()` ends a standby"),
    ("vacuum_defer_cleanup_age", "16", "take it out; `hot_standby_feedback = on` on the standby does it"),
    ("stats_temp_directory", "15", "take it out: statistics are in shared memory"),
];

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for object in files.settings("postgresql") {
        for (name, node) in entries(Some(&object.tree)) {
            let Some((_, since, help)) = REMOVED.iter().find(|it| it.0.eq_ignore_ascii_case(name)) else { continue };
            let message = format!("`{}`: PostgreSQL has no `{name}` since {since}", title(object));
            let finding = findings.finding(message).at(files.key(object, node), "stops the server from starting");
            findings.push(finding.help(*help));
        }
    }
}

//! A PgBouncer that nobody can reach over the network.

use super::files::{get, title};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "missing-listen-address",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for inis of PgBouncer without `listen_addr`.
### Why is this bad?
There is no default: only the Unix socket is opened, and every client of another pod or host is refused.
### Example
`[pgbouncer]` with `listen_port = 6432` alone.
### Instead
Write `listen_addr = 0.0.0.0`, or `127.0.0.1` beside a program on the same host.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for object in files.pgbouncers() {
        let Some(section) = get(&object.tree, "pgbouncer").filter(|it| it.get("listen_addr").is_none()) else {
            continue;
        };
        let message = format!("`{}` listens on no address, on its Unix socket alone", title(object));
        let finding = findings.finding(message).at(files.at(object, section), "no `listen_addr`");
        let finding = match section.get("listen_port") {
            Some(port) => finding.at(files.key(object, port), "used on no address"),
            None => finding,
        };
        findings.push(finding.help("add `listen_addr = 0.0.0.0`, or `127.0.0.1` beside a program on the same host"));
    }
}

//! A backup server where the balancing method knows none.

use super::files::entries;

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "backup-without-effect",
    level: Level::Deny,
    docs: r#"
### What it does
Looks for `backup` servers of upstreams with `hash`, `ip_hash` or `random`.
### Why is this bad?
nginx refuses the file: "balancing method does not support parameter \"backup\"".
### Example
`ip_hash;` and `server web2:8000 backup;`
### Instead
Take `backup` out, or balance by `least_conn`.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for (object, name) in files.nginx("upstream") {
        let method = entries(Some(&object.tree)).find(|(key, _)| matches!(*key, "hash" | "ip_hash" | "random"));
        let Some((method, node)) = method else { continue };
        for (server, settings) in entries(Some(&object.tree)).filter(|(key, _)| key.starts_with("server ")) {
            let Some(backup) = settings.get("backup") else { continue };
            let message = format!("nginx refuses `{name}`: `{method}` knows no backup");
            let finding = findings.finding(message).at(files.at(object, backup), format!("of `{}`", &server[7..]));
            let finding = finding.at(files.key(object, node), "the method");
            findings.push(finding.help("take `backup` out, or write `least_conn;`"));
        }
    }
}

//! A driver that sends PgBouncer a parameter which it refuses.

use crate::doc::object::Object;
use crate::doc::value::Node;

use super::files::{entries, get, int, items, kind, pods, text, title};
use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "refused-startup-parameter",
    level: Level::Deny,
    docs: r#"
### What it does
Looks for `jdbc:postgresql://` addresses, in the environment of containers and in ConfigMaps, that lead to the port of a PgBouncer whose
`ignore_startup_parameters` does not name `extra_float_digits`.
### Why is this bad?
Java's driver sends that parameter with every new connection. PgBouncer keeps track of a few parameters only, and refuses a client that
sends another one: "unsupported startup parameter: extra_float_digits".
### Example
`DATABASE_URL: jdbc:postgresql://pgbouncer:6432/shop`, and an ini without `ignore_startup_parameters`.
### Instead
Add `ignore_startup_parameters = extra_float_digits` to the section `[pgbouncer]`.
"#,
    check: Check::Files(check),
};

const PARAMETER: &str = "extra_float_digits";

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    let refusing: Vec<(&Object, i64)> = files
        .pgbouncers()
        .filter_map(|it| Some((it, get(&it.tree, "pgbouncer")?)))
        .filter(|(_, section)| !ignores(section))
        .map(|(object, section)| (object, get(section, "listen_port").and_then(int).unwrap_or(6432)))
        .collect();
    let taking: Vec<i64> = files
        .pgbouncers()
        .filter_map(|it| get(&it.tree, "pgbouncer"))
        .filter(|section| ignores(section))
        .map(|section| get(section, "listen_port").and_then(int).unwrap_or(6432))
        .collect();
    let mut told = Vec::new();
    for (object, node) in values(files) {
        let Some((host, port)) = node.as_str().and_then(address) else { continue };
        // PostgreSQL's own port may well be the server's.
        let leads_there = |it: i64| it == port && (port != 5432 || host.contains("pgbouncer"));
        let Some((ini, _)) = refusing.iter().find(|(_, it)| leads_there(*it) && !taking.contains(it)) else { continue };
        if told.contains(&&ini.file) {
            continue;
        }
        told.push(&ini.file);
        let message = format!("`{}` refuses `{}`: Java's driver sends `{PARAMETER}`", title(ini), object.identity);
        let section = get(&ini.tree, "pgbouncer").unwrap_or(&ini.tree);
        let place = get(section, "ignore_startup_parameters").unwrap_or(section);
        let finding = findings.finding(message).at(files.at(ini, place), format!("no `{PARAMETER}` is ignored"));
        let finding = finding.at(files.at(object, node), "sent with every connection");
        let written = text(section, "ignore_startup_parameters").filter(|it| !it.trim().is_empty());
        let others = written.map(|it| format!("{}, ", it.trim())).unwrap_or_default();
        findings.push(finding.help(format!("write `ignore_startup_parameters = {others}{PARAMETER}`")));
    }
}

fn ignores(section: &Node) -> bool {
    text(section, "ignore_startup_parameters").is_some_and(|it| it.split(',').any(|it| it.trim() == PARAMETER))
}

/// Texts that programs are given.
fn values<'a>(files: &Files<'a>) -> Vec<(&'a Object, &'a Node)> {
    let of_pods = files.pods().flat_map(|(object, pod)| {
        let variables = pods::containers(pod).flat_map(|it| items(it.get("env")));
        variables.filter_map(|it| get(it, "value")).map(move |it| (object, it))
    });
    let of_maps = files
        .kubernetes()
        .filter(|it| kind(it) == "ConfigMap")
        .flat_map(|object| entries(get(&object.tree, "data")).map(move |(_, it)| (object, it)));
    of_pods.chain(of_maps).collect()
}

/// Host and port of the first JDBC address in a text.
fn address(text: &str) -> Option<(&str, i64)> {
    let (_, rest) = text.split_once("jdbc:postgresql://")?;
    let server = rest.split(['/', '?', ' ', '\n', '"', '\'']).next()?;
    let (host, port) = server.rsplit_once(':')?;
    Some((host, port.parse().ok()?))
}

//! Connections that nginx could keep, and closes.

use crate::doc::object::Object;
use crate::doc::value::Node;

use super::files::{entries, get};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "keepalive-without-headers",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for locations that pass requests to an upstream with `keepalive`, and set neither `proxy_http_version 1.1` nor an empty `Connection` header.
### Why is this bad?
nginx before 1.29.7 speaks HTTP/1.0 to the upstream and says `Connection: close`: the server closes, and nothing is left to be kept.
### Example
`keepalive 32;` in the upstream, and a location with `proxy_pass` alone.
### Instead
Write both lines into the location or the server: `proxy_http_version 1.1;` and `proxy_set_header Connection "";`.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    let kept =
        files.nginx("upstream").filter_map(|(object, name)| Some((object, name, get(&object.tree, "keepalive")?)));
    for (upstream, name, keepalive) in kept {
        for (server, _) in files.nginx("server").filter(|(it, _)| it.file == upstream.file) {
            let mut found = Vec::new();
            passing(&server.tree, Inherited::default(), name, &mut found);
            for (pass, missing) in found {
                report(files, findings, [(upstream, keepalive), (server, pass)], name, missing);
            }
        }
    }
}

/// What a block says for those within it.
#[derive(Debug, Clone, Copy, Default)]
struct Inherited {
    has_version: bool,
    has_header: bool,
}

impl Inherited {
    /// A header in a block replaces those around it; a version that is not written is the one around it.
    fn with(self, block: &Node) -> Self {
        let sets = || entries(Some(block)).filter(|(key, _)| key.starts_with("proxy_set_header "));
        let is_connection = |key: &str| key.eq_ignore_ascii_case("proxy_set_header connection");
        Self {
            has_version: match block.get("proxy_http_version") {
                Some(version) => version.as_str() != Some("1.0"),
                None => self.has_version,
            },
            has_header: match sets().next() {
                // A map for WebSockets decides by a variable.
                Some(_) => sets().any(|(key, value)| {
                    is_connection(key) && !value.as_str().is_some_and(|it| it.eq_ignore_ascii_case("close"))
                }),
                None => self.has_header,
            },
        }
    }
}

fn passing<'a>(block: &'a Node, around: Inherited, upstream: &str, found: &mut Vec<(&'a Node, &'static str)>) {
    let here = around.with(block);
    for (key, node) in entries(Some(block)) {
        let target = node.as_str().and_then(|it| it.strip_prefix("http://").or_else(|| it.strip_prefix("https://")));
        if key == "proxy_pass" && target.and_then(|it| it.split('/').next()) == Some(upstream) {
            match (here.has_version, here.has_header) {
                (true, true) => {}
                (false, true) => found.push((node, "`proxy_http_version 1.1;`")),
                (true, false) => found.push((node, "`proxy_set_header Connection \"\";`")),
                (false, false) => {
                    found.push((node, "`proxy_http_version 1.1;` and `proxy_set_header Connection \"\";`"));
                }
            }
        } else if key.starts_with("location ") || key.starts_with("if ") || key.starts_with("limit_except ") {
            passing(node, here, upstream, found);
        }
    }
}

fn report(
    files: &Files<'_>,
    findings: &mut Findings<'_>,
    [(upstream, keepalive), (server, pass)]: [(&Object, &Node); 2],
    name: &str,
    missing: &str,
) {
    let message = format!("nginx before 1.29.7 keeps no connection to `{name}` here");
    let finding = findings.finding(message).at(files.at(server, pass), "closed behind every request");
    let finding = finding.at(files.key(upstream, keepalive), "to be kept");
    findings.push(finding.help(format!("add {missing}")));
}

//! A new connection to the upstream for every request.

use super::files::get;

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "upstream-without-keepalive",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for nginx upstreams of HTTP servers without `keepalive`.
### Why is this bad?
nginx before 1.29.7 opens a connection for each request and closes it again: under load that costs a round trip each time, and runs out of ports.
From 1.29.7 on it keeps 32 where nothing is written.
### Example
An `upstream` with its servers alone.
### Instead
Write `keepalive 32;` behind the servers, and in the location `proxy_http_version 1.1;` and `proxy_set_header Connection "";`.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for (object, name) in files.nginx("upstream") {
        // Only what some location passes HTTP requests to: a stream has no requests, and other files none of ours.
        let user = files.nginx("server").find(|(server, _)| server.file == object.file && passes(&server.tree, name));
        if user.is_none() || get(&object.tree, "keepalive").is_some() {
            continue;
        }
        let message = format!("nginx before 1.29.7 opens a connection to `{name}` for every request");
        let finding = findings.finding(message).at(files.at(object, &object.tree), "no `keepalive`");
        let help = "add `keepalive 32;`, and `proxy_http_version 1.1;` and `proxy_set_header Connection \"\";` in the location";
        findings.push(finding.help(help));
    }
}

/// Whether a block passes HTTP to an upstream, here or further in.
fn passes(block: &crate::doc::value::Node, upstream: &str) -> bool {
    super::files::entries(Some(block)).any(|(key, node)| {
        let to = node.as_str().and_then(|it| it.strip_prefix("http://").or_else(|| it.strip_prefix("https://")));
        key == "proxy_pass" && to.and_then(|it| it.split('/').next()) == Some(upstream) || passes(node, upstream)
    })
}

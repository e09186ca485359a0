//! nginx: `upstream` blocks, and the `server` blocks that pass everything on to one.

use std::collections::BTreeMap;

use super::draft::{Draft, Unit};
use super::found::Found;
use super::toml::{Table, Value};
use super::tree;
use crate::doc::object::Identity;
use crate::doc::value::{self, Node};

/// The first nginx that keeps connections by itself, and takes `keepalive 0`.
const KEEPS_CONNECTIONS: &str = "1.29.7";

/// Servers from which on a pattern says more than a list.
const PATTERN: usize = 3;

/// Adds `[upstream.…]`. A `server` block is taken over where it does what the build would write.
pub(super) fn add(draft: &mut Draft, found: &mut Found<'_>) {
    let of_kind =
        |wanted: &'static str| move |it: &Identity| matches!(it, Identity::Nginx { kind, .. } if *kind == wanted);
    let servers = found.of_format(of_kind("server"));
    let mut passing: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for index in servers {
        match passed_to(&found.objects[index].tree) {
            Some(upstream) => passing.entry(upstream).or_default().push(index),
            None => found.stays(index, "it does more than to pass everything on to one upstream".to_owned()),
        }
    }
    for index in found.of_format(of_kind("upstream")) {
        let name = found.name(index).to_owned();
        let Some(mut upstream) = Upstream::read(found, index) else { continue };
        let mut objects = vec![index];
        for block in passing.remove(&name).unwrap_or_default() {
            match upstream.server.is_none().then(|| upstream.takes(&found.objects[block].tree, &name)).flatten() {
                Some(server) => {
                    upstream.server = Some(server);
                    objects.push(block);
                }
                None => found.stays(block, "it is not the server block that capgen writes for the upstream".to_owned()),
            }
        }
        objects.iter().for_each(|it| found.take(*it));
        let tables = vec![upstream.table(&name, found.place(index, ""))];
        draft.add(Unit {
            table: format!("upstream.{name}"),
            objects: found.described(&objects),
            tables,
            ..Unit::default()
        });
    }
    for index in passing.into_values().flatten() {
        found.stays(index, "its upstream was not read".to_owned());
    }
}

/// An upstream in the making.
#[derive(Default)]
struct Upstream {
    servers: Vec<Value>,
    /// What every server says alike.
    max_fails: Option<String>,
    fail_timeout: Option<String>,
    keepalive: i64,
    balance: Option<&'static str>,
    zone: Option<String>,
    version: Option<&'static str>,
    server: Option<Value>,
}

impl Upstream {
    fn read(found: &mut Found<'_>, index: usize) -> Option<Self> {
        let tree = &found.objects[index].tree;
        let mut upstream = Self::default();
        let is_server = |key: &str| key.starts_with("server ");
        let servers = tree::entries(tree).iter().filter(|(key, _)| is_server(key));
        let parameters: Vec<&Node> = servers.map(|(_, node)| node).collect();
        upstream.max_fails = common(&parameters, "max_fails");
        upstream.fail_timeout = common(&parameters, "fail_timeout");
        for (key, node) in tree::entries(tree) {
            let value = tree::text(node).unwrap_or_default();
            match key.as_ref() {
                it if is_server(it) => {
                    let server = server(found, index, it, node, &upstream);
                    upstream.servers.push(server);
                }
                "least_conn" => upstream.balance = Some("least_conn"),
                "ip_hash" => upstream.balance = Some("ip_hash"),
                "random" if value.is_empty() => upstream.balance = Some("random"),
                "zone" => upstream.zone = value.split(' ').nth(1).map(str::to_owned),
                "keepalive" => match value.parse() {
                    Ok(number) => upstream.keepalive = number,
                    Err(_) => found.unsaid_keys(index, &["keepalive"], "it is no number"),
                },
                it => found.unsaid_keys(index, &[it], "the spec has no such directive"),
            }
        }
        if upstream.servers.is_empty() {
            found.stays(index, "it has no server".to_owned());
            return None;
        }
        if tree.get("keepalive").is_some() && upstream.keepalive == 0 {
            upstream.version = Some(KEEPS_CONNECTIONS);
        }
        Some(upstream)
    }

    /// The spec's word for a server block, if the build would write it.
    fn takes(&mut self, block: &Node, name: &str) -> Option<Value> {
        let listens: Vec<&str> =
            tree::entries(block).iter().filter_map(|(key, _)| key.strip_prefix("listen ")).collect();
        let [listen] = listens.as_slice() else { return None };
        let (listen, server_name) = (listen.parse::<i64>().ok()?, tree::text_at(block, "server_name")?);
        let with_headers = self.keepalive > 0;
        let is = |headers: bool| is_block(block, name, listen, &server_name, headers);
        if !is(with_headers) {
            // Without the headers that HTTP/1.1 asks for, it is what capgen writes for an nginx that needs none.
            if !with_headers || !is(false) {
                return None;
            }
            self.version = Some(KEEPS_CONNECTIONS);
        }
        let listen = (listen != 80).then_some(Value::Int(listen));
        Some(Value::inline([("listen", listen), ("server_name", Some(Value::Text(server_name)))]))
    }

    fn table(&self, name: &str, place: String) -> Table {
        let mut table = Table::new(&["upstream", name], place);
        match pattern(&self.servers) {
            Some((pattern, count)) => {
                table.add("servers", Value::Text(pattern)).add("count", Value::Int(count));
            }
            None => _ = table.add("servers", Value::List(self.servers.clone())),
        }
        table.add("keepalive", Value::Int(self.keepalive));
        if let Some(balance) = self.balance {
            table.add("balance", Value::text(balance));
        }
        if let Some(fails) = &self.max_fails {
            table.add("max_fails", fails.parse().map_or_else(|_| Value::text(fails), Value::Int));
        }
        if let Some(timeout) = &self.fail_timeout {
            table.add("fail_timeout", Value::text(timeout));
        }
        if let Some(zone) = &self.zone {
            table.add("zone", Value::text(zone));
        }
        if let Some(version) = self.version {
            let note = "from here on nginx keeps connections by itself";
            table.add_noted("version", Value::text(version), note);
        }
        if let Some(server) = &self.server {
            table.add("server", server.clone());
        }
        table
    }
}

/// The upstream to which a block passes everything.
fn passed_to(block: &Node) -> Option<String> {
    let passed = tree::text_at(block.get("location /")?, "proxy_pass")?;
    passed.strip_prefix("http://").map(|it| it.trim_end_matches('/').to_owned())
}

/// What all servers say of a parameter.
fn common(servers: &[&Node], key: &str) -> Option<String> {
    let first = parameter(servers.first()?, key)?;
    servers.iter().all(|it| parameter(it, key).as_ref() == Some(&first)).then_some(first)
}

/// A parameter; a time without a unit is in seconds.
fn parameter(server: &Node, key: &str) -> Option<String> {
    let text = tree::text(server.get(key)?)?;
    let is_bare = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    Some(if key == "fail_timeout" && is_bare { format!("{text}s") } else { text })
}

fn server(found: &mut Found<'_>, index: usize, key: &str, node: &Node, upstream: &Upstream) -> Value {
    let address = key.strip_prefix("server ").unwrap_or(key);
    let number = |text: Option<String>| text.and_then(|it| it.parse().ok()).map(Value::Int);
    for (parameter, _) in tree::entries(node) {
        let is_said = match parameter.as_ref() {
            "max_fails" => upstream.max_fails.is_some(),
            "fail_timeout" => upstream.fail_timeout.is_some(),
            it => matches!(it, "weight" | "max_conns" | "backup"),
        };
        if !is_said {
            found.unsaid_keys(index, &[key, parameter], "the spec has no word for it, or says it of all servers alike");
        }
    }
    let weight = number(tree::text_at(node, "weight")).filter(|it| *it != Value::Int(1));
    let max_conns = number(tree::text_at(node, "max_conns")).filter(|it| *it != Value::Int(0));
    let backup = node.get("backup").map(|_| Value::Bool(true));
    if weight.is_none() && max_conns.is_none() && backup.is_none() {
        return Value::text(address);
    }
    let address = Some(Value::text(address));
    Value::inline([("address", address), ("weight", weight), ("backup", backup), ("max_conns", max_conns)])
}

/// `web{n}:8000` for `web1:8000`, `web2:8000`, …
fn pattern(servers: &[Value]) -> Option<(String, i64)> {
    let addresses: Vec<&str> = servers
        .iter()
        .map(|it| if let Value::Text(text) = it { Some(text.as_str()) } else { None })
        .collect::<Option<_>>()?;
    let first = addresses.first().filter(|_| addresses.len() >= PATTERN)?;
    let fits = |pattern: &String| {
        addresses.iter().enumerate().all(|(at, it)| pattern.replace("{n}", &(at + 1).to_string()) == **it)
    };
    let candidates = first.match_indices('1').map(|(at, _)| format!("{}{{n}}{}", &first[..at], &first[at + 1..]));
    let pattern = candidates.into_iter().find(fits)?;
    Some((pattern, i64::try_from(addresses.len()).ok()?))
}

/// Whether a block is the one that the template writes.
fn is_block(block: &Node, upstream: &str, listen: i64, server_name: &str, headers: bool) -> bool {
    let text = |text: &str| -> Node { value::Value::Text(text.to_owned().into()).into() };
    let mut location = vec![("proxy_pass".to_owned(), text(&format!("http://{upstream}")))];
    if headers {
        location.push(("proxy_http_version".to_owned(), text("1.1")));
        location.push(("proxy_set_header Connection".to_owned(), text("\"\"")));
    }
    for (header, variable) in
        [("Host", "$host"), ("X-Real-IP", "$remote_addr"), ("X-Forwarded-For", "$proxy_add_x_forwarded_for")]
    {
        location.push((format!("proxy_set_header {header}"), text(variable)));
    }
    let expected = [(format!("listen {listen}"), text("")), ("server_name".to_owned(), text(server_name))];
    let is_there = |node: &Node, (key, value): &(String, Node)| node.get(key) == Some(value);
    let inside = block.get("location /");
    tree::entries(block).len() == expected.len() + 1
        && expected.iter().all(|it| is_there(block, it))
        && inside
            .is_some_and(|it| tree::entries(it).len() == location.len() && location.iter().all(|one| is_there(it, one)))
}

//! Upstreams as specs see them: text in, servers or messages out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use crate::diag::Sink;
use crate::diag::source::Sources;
use crate::model::{self, Model};
use crate::spec::upstream::Balance;
use crate::spec::{self, Files, Request};
use crate::why::Address;

/// The one file of a test.
struct OneFile<'a>(&'a str);

impl Files for OneFile<'_> {
    fn read(&self, _: &str) -> Result<String, String> {
        Ok(self.0.to_owned())
    }

    fn matching(&self, _: &str) -> Result<Vec<String>, String> {
        Ok(Vec::new())
    }
}

/// A model, or every error with the texts it points to and its help.
fn resolve(text: &str) -> Result<Model, Vec<(String, Vec<String>, String)>> {
    let text = format!("version = 1\n{text}");
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let request = Request { file: "capacity.toml", env: None, set: &[] };
    let model = spec::parse(&request, &OneFile(&text), &mut sources, &mut sink)
        .and_then(|spec| model::resolve(&spec, &mut sink));
    let shown = |it: crate::diag::Diagnostic| {
        let places = it.labels.iter().map(|label| sources.snippet(label.span).to_owned()).collect();
        (it.message, places, it.help.join("; "))
    };
    let errors: Vec<_> = sink.into_sorted().into_iter().map(shown).collect();
    match model {
        Ok(model) if errors.is_empty() => Ok(model),
        _ => Err(errors),
    }
}

/// `[upstream.web]` with these keys.
fn web(keys: &str) -> String {
    format!("[service.web]\nreplicas = 3\n[worker.load]\nreplicas = 3\n[upstream.web]\n{keys}\n")
}

fn model(keys: &str) -> Model {
    resolve(&web(keys)).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

fn servers(model: &Model) -> Vec<&str> {
    model.upstreams[0].servers.iter().map(|it| it.address.value.as_str()).collect()
}

fn check_error(keys: &str, message: &str, places: &[&str], help: &str) {
    let found = resolve(&web(keys)).expect_err("an error");
    let [(found, found_places, found_help)] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!(found, message);
    assert_eq!(found_places, places);
    assert_eq!(found_help, help);
}

#[test]
fn a_pattern_is_written_out() {
    let by_count = model("servers = \"web{n}:8000\"\ncount = 2");
    assert_eq!(servers(&by_count), ["web1:8000", "web2:8000"]);
    let server = &by_count.upstreams[0].servers[1].address;
    assert_eq!(server.address.as_str(), "upstream.web.servers[1]");
    let why = by_count.causes.get(&server.address).expect("a cause");
    assert_eq!(why.numbers(), Some("web{n}:8000 with n = 2"));
    let inputs: Vec<&str> = why.inputs.iter().map(Address::as_str).collect();
    assert_eq!(inputs, ["upstream.web.servers", "upstream.web.count"]);
    let by_service = model("servers = \"10.0.0.{n}:80\"\nservice = \"web\"");
    assert_eq!(servers(&by_service), ["10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"]);
    let why = by_service.causes.get(&Address::verbatim("upstream.web.servers[0]")).expect("a cause");
    assert_eq!(why.inputs[1].as_str(), "service.web.replicas");
}

#[test]
fn a_list_is_taken_as_it_is() {
    let second = "{ address = \"[::1]:65535\", weight = 2, max_conns = 9 }";
    let listed = model(&format!("servers = [\"a:1\", {second}, {{ address = \"b:1\", backup = true }}]"));
    assert_eq!(servers(&listed), ["a:1", "[::1]:65535", "b:1"]);
    let server = &listed.upstreams[0].servers[1];
    assert_eq!(server.weight.as_ref().map(|it| it.address.as_str()), Some("upstream.web.servers[1].weight"));
    assert_eq!(server.max_conns.as_ref().map(|it| it.value), Some(9));
    assert!(listed.upstreams[0].servers[2].backup);
}

#[test]
fn defaults_and_pins() {
    let bare = model("servers = [\"a:1\"]");
    let upstream = &bare.upstreams[0];
    assert_eq!((upstream.version, upstream.balance), ((1, 29, 0), Balance::RoundRobin));
    assert_eq!(upstream.keepalive.as_ref().map(|it| it.value), Some(32));
    assert!(upstream.max_fails.is_none() && upstream.fail_timeout.is_none() && upstream.zone.is_none());
    let numbers = "keepalive = 0\nfail_timeout = \"1m30s\"\nmax_fails = 0\nversion = \"1.29.7\"";
    let server = "server = { server_name = \"himalytix.com\" }";
    let full = model(&format!("servers = [\"a:1\"]\n{numbers}\n{server}"));
    let upstream = &full.upstreams[0];
    assert_eq!(upstream.keepalive.as_ref().map(|it| it.value), Some(0), "or nginx would keep 32 by itself");
    assert_eq!(upstream.version, (1, 29, 7));
    let before = model("servers = [\"a:1\"]\nkeepalive = 0\nversion = \"1.29.6\"");
    assert!(before.upstreams[0].keepalive.is_none(), "nginx refuses it");
    assert_eq!(upstream.fail_timeout.as_ref().map(|it| it.value), Some(90));
    assert_eq!(upstream.max_fails.as_ref().map(|it| it.value), Some(0));
    let block = upstream.server.as_ref().expect("a block");
    assert_eq!((block.listen.value, block.server_name.value.as_str()), (80, "himalytix.com"));
}

#[test]
fn how_many_is_said_once() {
    let help = "keep one of them";
    let both = "servers = \"w{n}:1\"\ncount = 2\nservice = \"web\"";
    check_error(both, "`upstream.web` has both `count` and `service`", &["2", "\"web\""], help);
    let message = "nothing says how many servers `upstream.web` has";
    let help = "`count = 4`, or `service = \"…\"` for as many as it has pods";
    check_error("servers = \"w{n}:1\"", message, &["\"w{n}:1\""], help);
    let message = "`count` counts the servers of a pattern, these are listed";
    let help = "take `count` out, or write `servers = \"web{n}:8000\"`";
    check_error("servers = [\"a:1\"]\ncount = 1", message, &["1", "[\"a:1\"]"], help);
    let unknown = |name: &str| format!("servers = \"w{{n}}:1\"\nservice = \"{name}\"");
    check_error(&unknown("wep"), "there is no `[service.wep]`", &["\"wep\""], "did you mean `web`?");
    let help = "`load` is a worker; write `count = …`";
    check_error(&unknown("load"), "there is no `[service.load]`", &["\"load\""], help);
}

#[test]
fn a_damaged_upstream_is_not_judged() {
    let found = resolve(&web("servers = \"w{n}:1\"\ncount = \"two\"")).expect_err("an error");
    assert_eq!(found.len(), 1, "{found:#?}");
}

#[test]
fn a_service_of_too_many_pods_is_no_upstream() {
    for replicas in ["0", "10001"] {
        let text = web("servers = \"w{n}:1\"\nservice = \"web\"").replacen('3', replicas, 1);
        let found = resolve(&text).expect_err("an error");
        assert!(found.iter().any(|it| it.0.starts_with("an upstream has 1 to 10000 servers")), "{found:?}");
    }
}

#[test]
fn addresses_are_hosts_and_ports() {
    let refused = |address: &str, message: &str| {
        let keys = format!("servers = [\"{address}\"]");
        let place = format!("\"{address}\"");
        check_error(&keys, message, &[&place], "write `host:port`, such as `web1:8000`");
    };
    refused("web", "`web` has no port");
    refused("web:0", "`web:0` has no port from 1 to 65535 at its end");
    refused("web:65536", "`web:65536` has no port from 1 to 65535 at its end");
    refused("web:+80", "`web:+80` has no port from 1 to 65535 at its end");
    refused("::1:80", "`::1:80`: an IPv6 address stands in brackets, `[::1]:80`");
    refused("[web]:80", "`[web]:80` has no IPv6 address between its brackets");
    refused("http://web:80", "`http://web:80` has a scheme: an upstream has only hosts and ports");
    let socket = "`unix:/run/x` is a socket on one machine, an upstream of capgen is reached over the network";
    refused("unix:/run/x", socket);
    let message = "the server `A:1` is listed twice";
    let help = "take one out; `weight = 2` gives a server twice as much";
    check_error("servers = [\"a:1\", \"A:1\"]", message, &["\"A:1\"", "\"a:1\""], help);
    let message = "an upstream without servers: nginx refuses it";
    check_error("servers = []", message, &["[]"], "servers = [\"web1:8000\"]");
}

#[test]
fn nothing_in_an_address_can_end_a_directive() {
    for hostile in
        ["; ", "} ", "{ ", "# ", "' ", "\\\" ", "$x ", "\\\\ ", " ", ";", "a b", "\\t", "é", "\\u202E", "/", "?"]
    {
        for text in [
            format!("[\"web{hostile}:80\"]"),
            format!("[\"web:80{hostile}\"]"),
            format!("\"w{{n}}{hostile}:80\"\ncount = 1"),
        ] {
            let found = resolve(&web(&format!("servers = {text}"))).expect_err(&text);
            assert!(!found.is_empty(), "{text}");
        }
    }
}

#[test]
fn a_pattern_has_its_number_once() {
    let message = "a pattern has `{n}` exactly once, this one 0 times";
    let help = "`servers = [\"web:80\"]` for a single server, or `servers = \"web{n}:8000\"`";
    check_error("servers = \"web:80\"\ncount = 1", message, &["\"web:80\""], help);
    let message = "a pattern has `{n}` exactly once, this one 2 times";
    check_error("servers = \"w{n}:{n}\"\ncount = 1", message, &["\"w{n}:{n}\""], "servers = \"web{n}:8000\"");
    let message = "`web:655360` has no port from 1 to 65535 at its end";
    let help = "servers = \"web{n}:8000\"";
    check_error(
        "servers = \"web:65536{n}\"\ncount = 1",
        "`web:655361` has no port from 1 to 65535 at its end",
        &["\"web:65536{n}\""],
        help,
    );
    let far = "servers = \"web:6553{n}\"\ncount = 10000";
    check_error(far, &message.replace("655360", "65536"), &["\"web:6553{n}\""], help);
}

#[test]
fn nginx_refuses_some_combinations() {
    let backup = "servers = [\"a:1\", { address = \"b:1\", backup = true }]\nbalance = \"ip_hash\"";
    let message = "nginx has no `backup` servers beside `ip_hash` and `random`";
    check_error(backup, message, &["true", "\"ip_hash\""], "`balance = \"least_conn\"`, or take `backup` out");
    let only = "servers = [{ address = \"b:1\", backup = true }]";
    let message = "all servers are `backup`: nginx wants one at least that is not";
    let place = "[{ address = \"b:1\", backup = true }]";
    check_error(only, message, &[place], "take `backup` out of one of them");
    let message = "nginx counts `fail_timeout` in whole seconds, not `1500ms`";
    let short = "servers = [\"a:1\"]\nfail_timeout = \"1500ms\"";
    check_error(short, message, &["\"1500ms\""], "fail_timeout = \"2s\"");
}

#[test]
fn a_zone_is_a_size() {
    let zone = |text: &str| format!("servers = [\"a:1\"]\nzone = \"{text}\"");
    for good in ["32k", "64k", "1m"] {
        assert_eq!(model(&zone(good)).upstreams[0].zone.as_ref().map(|it| it.value.as_str()), Some(good));
    }
    let message = "a `zone` of `31k` is too small: nginx wants 32k at least";
    check_error(&zone("31k"), message, &["\"31k\""], "zone = \"64k\"");
    for bad in ["64", "64K", "k", "-64k", "+64k", "99999999999m", "4194304m", "6.4m"] {
        check_error(&zone(bad), &format!("`{bad}` is no size of a `zone`"), &[&format!("\"{bad}\"")], "zone = \"64k\"");
    }
}

#[test]
fn versions_gate_what_may_be_written() {
    let message = "nginx knows `balance = \"random\"` from 1.15.1 on";
    let help = "take it out, or upgrade and write `version = \"1.15.1\"`";
    let random = "servers = [\"a:1\"]\nbalance = \"random\"\nversion = \"1.15\"";
    check_error(random, message, &["\"random\"", "\"1.15\""], help);
    let message = "nginx knows `max_conns` from 1.11.5 on";
    let help = "take it out, or upgrade and write `version = \"1.11.5\"`";
    let conns = "servers = [{ address = \"a:1\", max_conns = 5 }]\nversion = \"1.11.4\"";
    check_error(conns, message, &["5", "\"1.11.4\""], help);
    let message = "nginx 1.8 is too old: capgen writes for 1.9.0 and later";
    let help = "upgrade nginx and write `version = \"1.29\"`";
    check_error("servers = [\"a:1\"]\nversion = \"1.8\"", message, &["\"1.8\""], help);
}

//! The servers of an upstream: a list, or a pattern and how many.
//!
//! An address is checked down to its characters here, so that nothing in it can end a directive of nginx.

use std::collections::BTreeMap;

use crate::diag::source::{Span, Spanned};
use crate::diag::{Diagnostic, suggest};
use crate::spec::Spec;
use crate::spec::scalar::{Entry, TableName, Text};
use crate::spec::upstream::{Server as WrittenServer, Servers, Upstream as Written};
use crate::unit::kubernetes;
use crate::why::{Address, Derived};

use super::super::reasons::{Answer, Reasons};
use super::super::workloads::{Family, Workload};
use super::{Server, number};

/// What stands for the number of a server.
const NUMBER: &str = "{n}";

/// More servers than these in one upstream are a slip of the keyboard, and would take minutes to resolve.
const MOST_SERVERS: i64 = 10_000;

/// The servers of an upstream; those with errors are left out, each error is reported.
pub(super) fn resolve(
    spec: &Spec,
    entry: &Entry<Written>,
    address: &Address,
    workloads: &[Workload],
    reasons: &mut Reasons,
) -> Vec<Server> {
    let (written, at) = (&entry.value, address.child("servers"));
    match &written.servers.value {
        Servers::List(list) => {
            check_uncounted(written, reasons);
            listed(list, written.servers.span, &at, reasons)
        }
        Servers::Pattern(pattern) => {
            let pattern = Spanned { value: pattern.as_str(), span: written.servers.span };
            let template = reasons.taken(at.clone(), pattern.value.to_owned(), pattern.span);
            let well_formed = check_pattern(pattern, reasons);
            match count(spec, entry, address, workloads, reasons) {
                Some(count) if well_formed => expanded(pattern, &template, &count, &at, reasons),
                _ => Vec::new(),
            }
        }
    }
}

/// A list says itself how many there are.
fn check_uncounted(written: &Written, reasons: &mut Reasons) {
    let count = written.count.as_ref().map(|it| ("count", it.span));
    let service = written.service.as_ref().map(|it| ("service", it.span));
    for (key, place) in [count, service].into_iter().flatten() {
        let message = format!("`{key}` counts the servers of a pattern, these are listed");
        let diagnostic = Diagnostic::error(message).at(place, "a number").at(written.servers.span, "beside a list");
        reasons.sink.error(diagnostic.help(format!("take `{key}` out, or write `servers = \"web{NUMBER}:8000\"`")));
    }
}

fn listed(list: &[Spanned<WrittenServer>], place: Span, at: &Address, reasons: &mut Reasons) -> Vec<Server> {
    if list.is_empty() {
        let message = "an upstream without servers: nginx refuses it";
        reasons.sink.error(Diagnostic::error(message).at(place, "").help("servers = [\"web1:8000\"]"));
    }
    let mut first: BTreeMap<String, Span> = BTreeMap::new();
    let mut servers = Vec::with_capacity(list.len());
    for (index, server) in list.iter().enumerate() {
        let (text, details) = (server.value.address.as_str(), &server.value.details);
        let place = details.address.as_ref().map_or(server.span, |it| it.span);
        if let Err(fault) = check_address(text) {
            reasons.sink.error(Diagnostic::error(fault).at(place, "").help("write `host:port`, such as `web1:8000`"));
            continue;
        }
        if let Some(other) = first.insert(text.to_ascii_lowercase(), place) {
            let message = format!("the server `{text}` is listed twice");
            let diagnostic = Diagnostic::error(message).at(place, "here again").at(other, "first here");
            reasons.sink.error(diagnostic.help("take one out; `weight = 2` gives a server twice as much"));
        }
        let at = at.index(index);
        servers.push(Server {
            weight: number(details.weight.as_ref()).map(|it| reasons.written(at.child("weight"), &it)),
            max_conns: number(details.max_conns.as_ref()).map(|it| reasons.written(at.child("max_conns"), &it)),
            backup: details.backup.as_ref().is_some_and(|it| reasons.written(at.child("backup"), it).value),
            address: reasons.taken(at, text.to_owned(), place),
        });
    }
    servers
}

fn check_pattern(pattern: Spanned<&str>, reasons: &mut Reasons) -> bool {
    let found = pattern.value.matches(NUMBER).count();
    if found != 1 {
        let message = format!("a pattern has `{NUMBER}` exactly once, this one {found} times");
        let diagnostic = Diagnostic::error(message).at(pattern.span, "");
        let help = match found {
            0 => format!(
                "`servers = [\"{}\"]` for a single server, or `servers = \"web{NUMBER}:8000\"`",
                pattern.value.escape_debug()
            ),
            _ => format!("servers = \"web{NUMBER}:8000\""),
        };
        reasons.sink.error(diagnostic.help(help));
    }
    found == 1
}

/// How many servers a pattern makes: `count`, or as many pods as a service has at most.
fn count(
    spec: &Spec,
    entry: &Entry<Written>,
    address: &Address,
    workloads: &[Workload],
    reasons: &mut Reasons,
) -> Option<Derived<i64>> {
    let written = &entry.value;
    match (number(written.count.as_ref()), &written.service) {
        (Some(count), None) => Some(reasons.written(address.child("count"), &count)),
        (None, Some(service)) => {
            reasons.taken(address.child("service"), service.value.as_str().to_owned(), service.span);
            pods(spec, service, workloads, reasons)
        }
        (Some(count), Some(service)) => {
            let message = format!("`{address}` has both `count` and `service`");
            let diagnostic =
                Diagnostic::error(message).at(count.span, "a number").at(service.span, "and pods to count");
            reasons.sink.error(diagnostic.help("keep one of them"));
            None
        }
        (None, None) => {
            let message = format!("nothing says how many servers `{address}` has");
            let diagnostic = Diagnostic::error(message).at(written.servers.span, "a pattern");
            reasons.sink.error(diagnostic.help("`count = 4`, or `service = \"…\"` for as many as it has pods"));
            None
        }
    }
}

fn pods(
    spec: &Spec,
    service: &Spanned<Text<TableName>>,
    workloads: &[Workload],
    reasons: &mut Reasons,
) -> Option<Derived<i64>> {
    let name = service.value.as_str();
    let Some(workload) = workloads.iter().find(|it| it.family == Family::Service && it.name == name) else {
        // A service whose own numbers could not be found has its own errors.
        if spec.service.get(name).is_none() && !spec.is_damaged("service", name) {
            let help = match (spec.worker.get(name), spec.service.is_empty()) {
                (Some(_), _) => format!("`{name}` is a worker; write `count = …`"),
                (None, true) => "count = 4".to_owned(),
                (None, false) => suggest::help(name, spec.service.iter().map(|(name, _)| name)),
            };
            let message = format!("there is no `[service.{name}]`");
            reasons.sink.error(Diagnostic::error(message).at(service.span, "refers to nothing").help(help));
        }
        return None;
    };
    let pods = workload.usual_peak();
    if !(1..=MOST_SERVERS).contains(&pods.value) {
        let message = format!("an upstream has 1 to {MOST_SERVERS} servers, `service.{name}` has {} pods", pods.value);
        let diagnostic = Diagnostic::error(message).at(service.span, "counted here").at(workload.place, "this service");
        reasons.sink.error(diagnostic.help("write `count = …` instead of `service`"));
        return None;
    }
    Some(pods.clone())
}

fn expanded(
    pattern: Spanned<&str>,
    template: &Derived<String>,
    count: &Derived<i64>,
    at: &Address,
    reasons: &mut Reasons,
) -> Vec<Server> {
    let mut servers = Vec::new();
    for number in 1..=count.value {
        let address = pattern.value.replace(NUMBER, &number.to_string());
        if let Err(fault) = check_address(&address) {
            let help = format!("servers = \"web{NUMBER}:8000\"");
            let diagnostic = Diagnostic::error(fault).at(pattern.span, format!("with n = {number}"));
            reasons.sink.error(diagnostic.help(help));
            return Vec::new();
        }
        let answer = Answer {
            value: address,
            symbolic: "servers with n = 1 … count",
            numbers: format!("{} with n = {number}", pattern.value),
            inputs: vec![template.address.clone(), count.address.clone()],
        };
        let address = reasons.computed(at.index(servers.len()), answer);
        servers.push(Server { address, weight: None, max_conns: None, backup: false });
    }
    servers
}

/// `host:port`, the host a name, an IPv4 address or an IPv6 address in brackets.
fn check_address(text: &str) -> Result<(), String> {
    let shown = text.escape_debug();
    if text.starts_with("unix:") {
        return Err(format!("`{shown}` is a socket on one machine, an upstream of capgen is reached over the network"));
    }
    if text.contains("://") {
        return Err(format!("`{shown}` has a scheme: an upstream has only hosts and ports"));
    }
    let Some((host, port)) = text.rsplit_once(':') else { return Err(format!("`{shown}` has no port")) };
    let valid_port = (1..=5).contains(&port.len())
        && !port.starts_with('0')
        && port.bytes().all(|byte| byte.is_ascii_digit())
        && port.parse::<u16>().is_ok();
    if !valid_port {
        return Err(format!("`{shown}` has no port from 1 to 65535 at its end"));
    }
    match host.strip_prefix('[').map(|rest| rest.strip_suffix(']')) {
        Some(Some(inside)) if inside.contains(':') => kubernetes::host(inside),
        Some(_) => Err(format!("`{shown}` has no IPv6 address between its brackets")),
        None if host.contains(':') => Err(format!("`{shown}`: an IPv6 address stands in brackets, `[::1]:80`")),
        None => kubernetes::host(host),
    }
}

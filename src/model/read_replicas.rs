//! Read replicas of a database: how many the reads need, where they are, and what each has left for PgBouncer.
//!
//! `count = max(1, ceil(target_rps / rps_per_replica × safety_margin))`. Check: 9 000 reads per second, 5 000 for each
//! replica and a margin of 1.5 are ceil(2.7) = 3.
//!
//! PgBouncer takes the hosts in turn (`host` in its `doc/config.md`, since 1.17), and when one fails it takes the others:
//! the budget is that of one replica, for it may be the one that is left.

use crate::diag::Diagnostic;
use crate::diag::source::{Span, Spanned};
use crate::spec::Spec;
use crate::spec::replicas::Replicas as Written;
use crate::spec::scalar::Entry;
use crate::unit::exact::Exact;
use crate::unit::kubernetes;
use crate::why::{Address, Derived};

use super::pattern::{self, NUMBER};
use super::pools::Database;
use super::reasons::{Answer, Reasons, more_is_more};

/// The read replicas of one database.
#[derive(Debug, Clone)]
pub struct ReadReplicas {
    /// The name of its `[database.NAME]`.
    pub name: String,
    /// `database.main.replicas`.
    pub address: Address,
    pub count: Derived<i64>,
    /// All hosts with commas between them, as PgBouncer takes them.
    pub hosts: Derived<String>,
    pub port: Derived<i64>,
    pub config_map: Derived<String>,
    /// Names and addresses in the ConfigMap, in the order of the replicas.
    pub endpoints: Vec<(String, Derived<String>)>,
}

/// PostgreSQL's own port, which an address leaves out.
const PORT: i64 = 5432;

/// Room for growth and for what the measurement does not know, as for services.
const MARGIN: (i64, i64) = (3, 2);

/// The replicas of every database that has some, sorted by name; one with errors is left out.
pub(super) fn resolve(spec: &Spec, databases: &[Database], reasons: &mut Reasons) -> Vec<ReadReplicas> {
    let mut found = Vec::new();
    for database in databases.iter().filter(|it| !spec.is_damaged("database", &it.name)) {
        let Some(entry) = spec.database.get(&database.name) else { continue };
        let Some(written) = &entry.value.replicas else { continue };
        let Some(replicas) = of_database(database, entry.key, written, reasons) else { continue };
        found.push(replicas);
    }
    found
}

fn of_database(
    database: &Database,
    place: Span,
    written: &Spanned<Written>,
    reasons: &mut Reasons,
) -> Option<ReadReplicas> {
    let (address, replicas) = (database.address.child("replicas"), &written.value);
    let count = count(&address, written, reasons)?;
    let hosts = pattern::hosts(&replicas.host, &count, &address.child("host"), reasons)?;
    let port = match &replicas.port {
        Some(port) => reasons.taken(address.child("port"), port.value.0, port.span),
        None => database.port.clone(),
    };
    let config_map = config_map(database, place, replicas, &address, reasons)?;
    let keys = keys(&address, replicas, &count, reasons)?;
    let endpoint = |host: &Derived<String>| match port.value {
        PORT => host.value.clone(),
        port if host.value.contains(':') => format!("[{}]:{port}", host.value),
        port => format!("{}:{port}", host.value),
    };
    let endpoints = keys.into_iter().zip(&hosts);
    let endpoints = endpoints.map(|(key, host)| (key.value, host.map(|_| endpoint(host)))).collect();
    let joined: Vec<&str> = hosts.iter().map(|it| it.value.as_str()).collect();
    let answer = Answer {
        value: joined.join(","),
        symbolic: "every replica, in turn",
        numbers: format!("{} hosts", count.value),
        inputs: vec![address.child("host"), count.address.clone()],
    };
    let hosts = reasons.computed(address.child("hosts"), answer);
    Some(ReadReplicas { name: database.name.clone(), address, count, hosts, port, config_map, endpoints })
}

fn count(address: &Address, written: &Spanned<Written>, reasons: &mut Reasons) -> Option<Derived<i64>> {
    let (at, replicas) = (address.child("count"), &written.value);
    let pin = replicas.count.as_ref().map(|it| Spanned { value: it.value.0, span: it.span });
    let margin = replicas.safety_margin.as_ref().map(|it| Spanned { value: it.value.0, span: it.span });
    let default = Exact::fraction(MARGIN.0, MARGIN.1);
    let margin = reasons.written_or(address.child("safety_margin"), margin.as_ref(), default, "as for services");
    let target = replicas.target_rps.as_ref();
    let target = target.map(|it| reasons.taken(address.child("target_rps"), it.value.0, it.span));
    let each = replicas.rps_per_replica.as_ref();
    let each = each.map(|it| reasons.taken(address.child("rps_per_replica"), it.value.0, it.span));
    let answer = match (&target, &each) {
        (Some(target), Some(each)) => {
            let exact = target.value / each.value * margin.value;
            let place = replicas.target_rps.as_ref().map_or(written.span, |it| it.span);
            let value = reasons.ceil(exact, &at, place)?.max(1);
            Some(Answer {
                value,
                symbolic: "max(1, ceil(target_rps / rps_per_replica × safety_margin))",
                numbers: format!("max(1, ceil({} / {} × {}))", target.value, each.value, margin.value),
                inputs: vec![target.address.clone(), each.address.clone(), margin.address.clone()],
            })
        }
        _ => None,
    };
    if let Some(answer) = answer.as_ref().filter(|it| it.value > MOST && pin.is_none()) {
        let message = format!("`{address}` asks for {} replicas, {MOST} are the most", answer.value);
        let place = replicas.target_rps.as_ref().map_or(written.span, |it| it.span);
        let help = "check the units of `target_rps` and `rps_per_replica`";
        reasons.sink.error(Diagnostic::error(message).at(place, answer.numbers.clone()).help(help));
        return None;
    }
    if pin.is_none() && answer.is_none() {
        let message = format!("nothing says how many replicas `{address}` needs");
        let help = "`target_rps = 9_000` and `rps_per_replica = 5_000`, or `count = 3`";
        reasons.sink.error(Diagnostic::error(message).at(written.span, "").help(help));
    }
    reasons.decided(at, pin.as_ref(), answer, more_is_more)
}

/// More would be a mistake in the units.
const MOST: i64 = 1000;

/// The ConfigMap's name: what the spec says, or made of the database's, where Kubernetes takes it.
fn config_map(
    database: &Database,
    place: Span,
    written: &Written,
    address: &Address,
    reasons: &mut Reasons,
) -> Option<Derived<String>> {
    let at = address.child("config_map");
    if let Some(name) = &written.config_map {
        return Some(reasons.taken(at, name.value.as_str().to_owned(), name.span));
    }
    let name = format!("{}-read-endpoints", database.name);
    if let Err(fault) = kubernetes::dns_subdomain(&name) {
        let message = format!("the ConfigMap of `{address}` cannot have its name: {fault}");
        let diagnostic = Diagnostic::error(message).at(place, "made of this name");
        reasons.sink.error(diagnostic.help("write `config_map = \"read-endpoints\"`"));
        return None;
    }
    Some(reasons.default(at, name, "the database's name, and what it holds"))
}

/// The names of the addresses: as `ConfigMap` takes keys (`IsConfigMapKey`, apimachinery `validation.go`).
fn keys(
    address: &Address,
    written: &Written,
    count: &Derived<i64>,
    reasons: &mut Reasons,
) -> Option<Vec<Derived<String>>> {
    let at = address.child("key");
    if let Some(pattern) = &written.key {
        return pattern::names(pattern, count, &at, config_map_key, "key = \"read{n}\"", reasons);
    }
    let pattern = reasons.default(at, format!("read{NUMBER}"), "read1, read2, …");
    Some((1..=count.value).map(|n| pattern.map(|it| it.replace(NUMBER, &n.to_string()))).collect())
}

fn config_map_key(text: &str) -> Result<(), String> {
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || b"-_.".contains(&it);
    match text.len() <= 253 && !matches!(text, "." | "..") && !text.starts_with("..") && text.bytes().all(is_plain) {
        true => Ok(()),
        false => Err(format!("`{}` is no key of a ConfigMap: letters, digits, `-`, `_` and `.`", text.escape_debug())),
    }
}

/// The server that every replica is, for the budget of PgBouncer: its own limits, or those of the database.
pub(super) fn server(entry: &Entry<crate::spec::pool::Database>) -> Option<Entry<crate::spec::pool::Database>> {
    let replicas = &entry.value.replicas.as_ref()?.value;
    let mut value = entry.value.clone();
    value.max_connections = replicas.max_connections.or(value.max_connections);
    value.reserved_connections = replicas.reserved_connections.or(value.reserved_connections);
    Some(Entry { key: entry.key, value })
}

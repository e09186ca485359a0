//! One PgBouncer beside its entries: where it listens, how clients log in, how many it lets in.

use crate::diag::Diagnostic;
use crate::diag::source::Span;
use crate::spec::Spec;
use crate::spec::pool::{AuthType, Pgbouncer as Written, PoolMode};
use crate::spec::scalar::{Entry, version};
use crate::unit::exact::Exact;
use crate::unit::kubernetes;
use crate::why::{Address, Derived};

use super::super::pgbouncer_settings;
use super::super::reasons::{Answer, Reasons, more_is_more};
use super::{ByName, Opens, Pgbouncer, PoolEntry, number, of_name};

/// PgBouncer where the spec names no version: the one whose keys `pgbouncer_settings` has in full.
const PGBOUNCER: (u32, u32) = (1, 25);

/// The oldest PgBouncer whose keys `pgbouncer_settings` has in full.
const OLDEST: (u32, u32) = (1, 18);

/// `auth_type = ldap` came with this version (PgBouncer `NEWS.md`).
const LDAP: (u32, u32) = (1, 25);

/// A PgBouncer; `None` where something that must be there is missing, which is then reported.
pub(super) fn resolve(
    spec: &Spec,
    name: &str,
    entry: &Entry<Written>,
    pooled: &ByName<'_>,
    entries: Vec<PoolEntry>,
    reasons: &mut Reasons,
) -> Option<Pgbouncer> {
    let (address, written) = (Address::of(["pgbouncer", name]), &entry.value);
    let version = version_of(written, &address, reasons);
    let instances = number(written.instances.as_ref());
    let instances = reasons.written_or(address.child("instances"), instances.as_ref(), 1, "one process");
    let pool_mode = pool_mode(written, &address, reasons);
    let listen_addr = listen_addr(written, &address, reasons);
    let port = number(written.listen_port.as_ref());
    let listen_port = reasons.written_or(address.child("listen_port"), port.as_ref(), 6432, "PgBouncer's own default");
    let auth_type = auth_type(written, &address, version, reasons);
    let auth_file = match &written.auth_file {
        Some(file) => reasons.taken(address.child("auth_file"), file.value.as_str().to_owned(), file.span),
        None => {
            let file = "/etc/pgbouncer/userlist.txt".to_owned();
            reasons.default(address.child("auth_file"), file, "where PgBouncer's packages and images put it")
        }
    };
    let settings = pgbouncer_settings::resolve(written, &address, version, reasons);
    let max_client_conn = max_client_conn(spec, name, entry, pooled, reasons)?;
    Some(Pgbouncer {
        name: name.to_owned(),
        address,
        instances,
        pool_mode,
        version,
        listen_addr,
        listen_port,
        auth_type,
        auth_file,
        max_client_conn,
        settings,
        entries,
    })
}

fn version_of(written: &Written, address: &Address, reasons: &mut Reasons) -> (u32, u32) {
    let at = address.child("version");
    let Some(text) = &written.version else {
        let (major, minor) = PGBOUNCER;
        reasons.default(at, format!("{major}.{minor}"), "the newest whose keys capgen knows");
        return PGBOUNCER;
    };
    reasons.taken(at, text.value.as_str().to_owned(), text.span);
    let version = version(text.value.as_str()).unwrap_or(PGBOUNCER);
    if version < OLDEST {
        let (major, minor) = OLDEST;
        let message = format!("PgBouncer {} is too old: capgen knows the keys from {major}.{minor} on", text.value);
        let help = format!("upgrade PgBouncer and write `version = \"{major}.{minor}\"` or later");
        reasons.sink.error(Diagnostic::error(message).at(text.span, "this version").help(help));
        // Keys are then judged by the oldest known version: one message about the version is enough.
        return OLDEST;
    }
    version
}

fn pool_mode(written: &Written, address: &Address, reasons: &mut Reasons) -> Derived<String> {
    let at = address.child("pool_mode");
    let Some(mode) = &written.pool_mode else {
        let reason = "pods share connections only where a connection goes back after each transaction";
        return reasons.default(at, "transaction".to_owned(), reason);
    };
    let text = match mode.value {
        PoolMode::Session => "session",
        PoolMode::Transaction => "transaction",
        PoolMode::Statement => "statement",
    };
    reasons.taken(at, text.to_owned(), mode.span)
}

/// One address, several with commas between, or `*` for all.
fn listen_addr(written: &Written, address: &Address, reasons: &mut Reasons) -> Derived<String> {
    let at = address.child("listen_addr");
    let Some(text) = &written.listen_addr else {
        let reason = "all addresses: without it PgBouncer opens no TCP port at all";
        return reasons.default(at, "0.0.0.0".to_owned(), reason);
    };
    for part in text.value.as_str().split(',').filter(|part| *part != "*") {
        if let Err(fault) = kubernetes::host(part) {
            let message = format!("PgBouncer cannot listen there: {fault}");
            let help = "listen_addr = \"0.0.0.0\"";
            reasons.sink.error(Diagnostic::error(message).at(text.span, "").help(help));
        }
    }
    reasons.taken(at, text.value.as_str().to_owned(), text.span)
}

fn auth_type(written: &Written, address: &Address, version: (u32, u32), reasons: &mut Reasons) -> Derived<String> {
    let at = address.child("auth_type");
    let Some(auth_type) = &written.auth_type else {
        return reasons.default(at, "scram-sha-256".to_owned(), "PostgreSQL's own default since version 14");
    };
    if auth_type.value == AuthType::Ldap && version < LDAP {
        let message = format!("`auth_type = \"ldap\"` is known to PgBouncer from {}.{} on", LDAP.0, LDAP.1);
        let here = format!("this one is {}.{}", version.0, version.1);
        let help = format!("version = \"{}.{}\"", LDAP.0, LDAP.1);
        let diagnostic = Diagnostic::error(message).at(auth_type.span, "too new");
        reasons.sink.error(diagnostic.at_some(written.version.as_ref().map(|it| it.span), here).help(help));
    }
    let text = match auth_type.value {
        AuthType::Any => "any",
        AuthType::Trust => "trust",
        AuthType::Plain => "plain",
        AuthType::Md5 => "md5",
        AuthType::ScramSha256 => "scram-sha-256",
        AuthType::Cert => "cert",
        AuthType::Hba => "hba",
        AuthType::Pam => "pam",
        AuthType::Ldap => "ldap",
    };
    reasons.taken(at, text.to_owned(), auth_type.span)
}

/// All connections that pods at their most replicas open to the entries. Each process must be able to take all of them:
/// it may be the one that is left.
fn max_client_conn(
    spec: &Spec,
    name: &str,
    entry: &Entry<Written>,
    pooled: &ByName<'_>,
    reasons: &mut Reasons,
) -> Option<Derived<i64>> {
    let at = Address::of(["pgbouncer", name, "max_client_conn"]);
    let pin = number(entry.value.max_client_conn.as_ref());
    let place = pin.map_or(entry.key, |it| it.span);
    let answer = clients(&entry.value, pooled, &at, place, reasons)?;
    if pin.is_none() && answer.is_none() {
        report_unknown_clients(spec, name, entry, reasons);
    }
    reasons.decided(at, pin.as_ref(), answer, more_is_more)
}

/// Clients of one process; `Some(None)` where no pod opens a connection, `None` where the number is out of range.
fn clients(
    written: &Written,
    pooled: &ByName<'_>,
    at: &Address,
    place: Span,
    reasons: &mut Reasons,
) -> Option<Option<Answer<i64>>> {
    let Some(pools) = &written.pool else { return Some(None) };
    let mut total = Exact::ZERO;
    let (mut terms, mut inputs) = (Vec::new(), Vec::new());
    for Opens { workload, opened } in pools.iter().flat_map(|(name, _)| of_name(pooled, name)) {
        let (peak, count) = (workload.peak(), &opened.count);
        total = total + Exact::from(peak.value) * Exact::from(count.value);
        terms.push(format!("{} × {}", peak.value, count.value));
        inputs.extend([peak.address.clone(), count.address.clone()]);
    }
    let value = reasons.ceil(total, at, place)?;
    inputs.sort();
    inputs.dedup();
    let symbolic = "sum of replicas at peak × pool_connections";
    Some((value > 0).then(|| Answer { value, symbolic, numbers: terms.join(" + "), inputs }))
}

/// Says that the clients are unknown, unless a workload that has errors of its own may have told.
fn report_unknown_clients(spec: &Spec, name: &str, entry: &Entry<Written>, reasons: &mut Reasons) {
    let pools: Vec<&str> = entry.value.pool.iter().flat_map(|pools| pools.iter()).map(|(pool, _)| pool).collect();
    let services = spec.service.iter().map(|(key, it)| ("service", key, it.value.pool_connections.as_ref()));
    let workers = spec.worker.iter().map(|(key, it)| ("worker", key, it.value.pool_connections.as_ref()));
    let told = services.chain(workers).any(|(kind, key, opened)| {
        let opens = opened.is_some_and(|it| it.iter().any(|(pool, count)| pools.contains(&pool) && count.value.0 > 0));
        opens || spec.is_damaged(kind, key)
    });
    if told {
        return;
    }
    let pool = pools.first().copied().unwrap_or("NAME");
    let message = format!("nothing says how many clients `pgbouncer.{name}` must let in");
    let diagnostic = Diagnostic::error(message)
        .at(entry.key, "no `max_client_conn`, and no service or worker opens a connection to its entries")
        .help(format!("`pool_connections = {{ {pool} = 10 }}` in the service or worker that connects"))
        .help("or pin it here: `max_client_conn = 1000`");
    reasons.sink.error(diagnostic);
}

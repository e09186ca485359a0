//! The connection budget: from pods over PgBouncer to PostgreSQL.
//!
//! Knows what a server can give and who takes it. How that is divided is the business of `budget`, how an entry's part
//! becomes pool sizes that of `sizes`, what else stands in a PgBouncer's table that of `pooler`, and what a name refers
//! to that of `references`. How a file spells all this is the target's.

mod budget;
mod pooler;
mod references;
mod sizes;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::diag::source::Spanned;
use crate::spec::Spec;
use crate::spec::pool as written;
use crate::spec::scalar::{Entry, Whole};
use crate::unit::exact::Exact;
use crate::why::{Address, Derived};

use super::read_replicas::{self, ReadReplicas};
use super::reasons::{Answer, Reasons};
use super::workloads::{Opened, Workload};
use budget::Candidate;
use sizes::Sizes;

/// Servers and poolers.
#[derive(Debug)]
pub(super) struct Pools {
    pub(super) databases: Vec<Database>,
    pub(super) replicas: Vec<ReadReplicas>,
    pub(super) pgbouncers: Vec<Pgbouncer>,
}

/// A PostgreSQL server.
#[derive(Debug, Clone)]
pub struct Database {
    pub name: String,
    /// `database.main`.
    pub address: Address,
    pub host: Derived<String>,
    pub port: Derived<i64>,
    pub max_connections: Derived<i64>,
    /// What is left for PgBouncer: `database.main.usable_connections`.
    pub usable: Derived<i64>,
}

/// A PgBouncer.
#[derive(Debug, Clone)]
pub struct Pgbouncer {
    pub name: String,
    /// `pgbouncer.main`.
    pub address: Address,
    pub instances: Derived<i64>,
    pub pool_mode: Derived<String>,
    /// Major and minor version.
    pub version: (u32, u32),
    pub listen_addr: Derived<String>,
    pub listen_port: Derived<i64>,
    pub auth_type: Derived<String>,
    pub auth_file: Derived<String>,
    pub max_client_conn: Derived<i64>,
    /// Other keys of the `[pgbouncer]` section, sorted; values as the ini has them.
    pub settings: Vec<(String, Derived<String>)>,
    /// Entries of `[databases]`, sorted by name.
    pub entries: Vec<PoolEntry>,
}

/// One entry of `[databases]`.
#[derive(Debug, Clone)]
pub struct PoolEntry {
    pub name: String,
    /// `pgbouncer.main.pool.labeling`.
    pub address: Address,
    /// The `[database.NAME]` it leads to.
    pub database: String,
    /// What of it: `database.main`, or `database.main.replicas`.
    pub server: Address,
    pub host: Derived<String>,
    pub port: Derived<i64>,
    pub dbname: Derived<String>,
    pub users: Derived<i64>,
    pub pool_size: Derived<i64>,
    pub reserve_pool: Derived<i64>,
    pub min_pool_size: Option<Derived<i64>>,
    /// Per process, for the users that are known.
    pub max_db_connections: Derived<i64>,
    /// The pinned 0 by which PgBouncer does not hold it.
    pub no_limit: Option<Derived<i64>>,
}

/// `superuser_reserved_connections` of PostgreSQL (`doc/src/sgml/config.sgml`): pods never get these.
const SUPERUSER_RESERVED: i64 = 3;

/// The servers and the poolers of a spec. Every limit of PgBouncer counts per process, so that of every entry does too.
///
/// Check: 400 connections less 3, 20 and 30 × 1 leave 347; `share = 0.7` over 2 processes is 121 each.
pub(super) fn resolve(spec: &Spec, workloads: &[Workload], reasons: &mut Reasons) -> Pools {
    references::check(spec, reasons);
    let candidates = candidates(spec, reasons);
    let mut of_database: BTreeMap<&str, Vec<&Candidate<'_>>> = BTreeMap::new();
    let mut of_replicas: BTreeMap<&str, Vec<&Candidate<'_>>> = BTreeMap::new();
    let mut of_pgbouncer: BTreeMap<&str, Vec<&Candidate<'_>>> = BTreeMap::new();
    for candidate in &candidates {
        let of_server = if candidate.is_for_replicas() { &mut of_replicas } else { &mut of_database };
        of_server.entry(candidate.database()).or_default().push(candidate);
        of_pgbouncer.entry(candidate.pgbouncer).or_default().push(candidate);
    }
    let direct = by_name(workloads, |it| &it.database_connections);
    let pooled = by_name(workloads, |it| &it.pool_connections);
    let mut databases = Vec::new();
    let mut sizes: BTreeMap<Address, Sizes> = BTreeMap::new();
    for (name, entry) in spec.database.iter().filter(|(name, _)| !spec.is_damaged("database", name)) {
        let pools = of_name(&of_database, name);
        let Some(database) = database(name, entry, of_name(&direct, name), pools, reasons) else { continue };
        sizes.extend(sizes_on(spec, &database, entry, pools, reasons));
        databases.push(database);
    }
    let replicas = read_replicas::resolve(spec, &databases, reasons);
    let mut servers = databases.clone();
    for replicas in &replicas {
        let Some(entry) = spec.database.get(&replicas.name).and_then(read_replicas::server) else { continue };
        let pools = of_name(&of_replicas, &replicas.name);
        let Some(server) = replica(replicas, &entry, pools, reasons) else { continue };
        sizes.extend(sizes_on(spec, &server, &entry, pools, reasons));
        servers.push(server);
    }
    servers.sort_by(|a, b| a.address.cmp(&b.address));
    let mut pgbouncers = Vec::new();
    for (name, entry) in spec.pgbouncer.iter().filter(|(name, _)| !spec.is_damaged("pgbouncer", name)) {
        let own = of_name(&of_pgbouncer, name).iter();
        let entries = own.filter_map(|it| pool_entry(it, &servers, &mut sizes, reasons)).collect();
        pgbouncers.extend(pooler::resolve(spec, name, entry, &pooled, entries, reasons));
    }
    Pools { databases, replicas, pgbouncers }
}

/// What an entry with errors takes is not known, so neither is what the others get.
fn sizes_on(
    spec: &Spec,
    server: &Database,
    entry: &Entry<written::Database>,
    pools: &[&Candidate<'_>],
    reasons: &mut Reasons,
) -> Vec<(Address, Sizes)> {
    match pools.iter().all(|it| !spec.is_damaged("pgbouncer", it.pgbouncer)) {
        true => budget::resolve(server, entry, pools, reasons),
        false => Vec::new(),
    }
}

/// What the pods of one workload open.
struct Opens<'a> {
    workload: &'a Workload,
    opened: &'a Opened,
}

/// Who opens connections, by what they are opened to.
type ByName<'a> = BTreeMap<&'a str, Vec<Opens<'a>>>;

fn by_name<'a>(workloads: &'a [Workload], opened: fn(&Workload) -> &[Opened]) -> ByName<'a> {
    let mut found = ByName::new();
    for workload in workloads {
        for opened in opened(workload) {
            found.entry(opened.name.as_str()).or_default().push(Opens { workload, opened });
        }
    }
    found
}

fn of_name<'f, T>(found: &'f BTreeMap<&str, Vec<T>>, name: &str) -> &'f [T] {
    found.get(name).map(Vec::as_slice).unwrap_or_default()
}

/// The bare number of the spec's.
fn number<const MIN: i64, const MAX: i64>(written: Option<&Spanned<Whole<MIN, MAX>>>) -> Option<Spanned<i64>> {
    written.map(|it| Spanned { value: it.value.0, span: it.span })
}

/// Every entry of every PgBouncer, by name.
fn candidates<'s>(spec: &'s Spec, reasons: &mut Reasons) -> Vec<Candidate<'s>> {
    let mut candidates = Vec::new();
    for (pgbouncer, entry) in spec.pgbouncer.iter() {
        let address = Address::of(["pgbouncer", pgbouncer]);
        let instances = number(entry.value.instances.as_ref());
        let instances = reasons.written_or(address.child("instances"), instances.as_ref(), 1, "one process");
        for (name, pool) in entry.value.pool.iter().flat_map(|pools| pools.iter()) {
            let address = address.child("pool").child(name);
            let users = number(pool.value.users.as_ref());
            let users = reasons.written_or(address.child("users"), users.as_ref(), 1, "one user for all pods");
            let (place, written, instances) = (pool.key, &pool.value, instances.clone());
            candidates.push(Candidate { pgbouncer, name, place, address, written, instances, users });
        }
    }
    candidates
}

/// A server and what it has left for PgBouncer.
fn database(
    name: &str,
    entry: &Entry<written::Database>,
    direct: &[Opens<'_>],
    pools: &[&Candidate<'_>],
    reasons: &mut Reasons,
) -> Option<Database> {
    let (address, written) = (Address::of(["database", name]), &entry.value);
    let host = reasons.taken(address.child("host"), written.host.value.as_str().to_owned(), written.host.span);
    let port = number(written.port.as_ref());
    let port = reasons.written_or(address.child("port"), port.as_ref(), 5432, "PostgreSQL's own default port");
    let most = number(written.max_connections.as_ref());
    let at = address.child("max_connections");
    let max_connections = reasons.written_or(at, most.as_ref(), 100, "PostgreSQL's own default");
    let reserved = number(written.reserved_connections.as_ref());
    let at = address.child("reserved_connections");
    let reserved = reasons.written_or(at, reserved.as_ref(), 0, "none are reserved");
    let known = Known { name, address, host, port, max_connections, reserved };
    known.server(entry, direct, pools, reasons)
}

/// Each replica of a database: PgBouncer takes them in turn, and one may be all that is left.
fn replica(
    replicas: &ReadReplicas,
    entry: &Entry<written::Database>,
    pools: &[&Candidate<'_>],
    reasons: &mut Reasons,
) -> Option<Database> {
    let (address, written) = (replicas.address.clone(), &entry.value);
    let (host, port) = (replicas.hosts.clone(), replicas.port.clone());
    let of_database = Address::of(["database", replicas.name.as_str()]);
    let mut limit = |key: &str, written: Option<Spanned<i64>>, default: i64| {
        let own = written.filter(|it| reasons.causes.written_at(&of_database.child(key)) != Some(it.span));
        if let Some(own) = own {
            return reasons.written(address.child(key), &own);
        }
        let value = written.map_or(default, |it| it.value);
        let (numbers, inputs) = (value.to_string(), vec![of_database.child(key)]);
        reasons.computed(address.child(key), Answer { value, symbolic: "that of the database", numbers, inputs })
    };
    let max_connections = limit("max_connections", number(written.max_connections.as_ref()), 100);
    let reserved = limit("reserved_connections", number(written.reserved_connections.as_ref()), 0);
    let known = Known { name: &replicas.name, address, host, port, max_connections, reserved };
    known.server(entry, &[], pools, reasons)
}

/// A server before its connections are divided.
struct Known<'a> {
    name: &'a str,
    address: Address,
    host: Derived<String>,
    port: Derived<i64>,
    max_connections: Derived<i64>,
    reserved: Derived<i64>,
}

impl Known<'_> {
    fn server(
        self,
        entry: &Entry<written::Database>,
        direct: &[Opens<'_>],
        pools: &[&Candidate<'_>],
        reasons: &mut Reasons,
    ) -> Option<Database> {
        let answer = usable_connections(&self, entry, direct, reasons)?;
        let usable = reasons.computed(self.address.child("usable_connections"), answer);
        let Self { address, host, port, max_connections, .. } = self;
        let database = Database { name: self.name.to_owned(), address, host, port, max_connections, usable };
        check_usable(&database, entry, direct, pools, reasons);
        Some(database)
    }
}

/// Connections of the server less those that PgBouncer never gets: the superusers', the reserved ones, and those that
/// pods open directly at their most replicas.
fn usable_connections(
    known: &Known<'_>,
    entry: &Entry<written::Database>,
    direct: &[Opens<'_>],
    reasons: &mut Reasons,
) -> Option<Answer<i64>> {
    let Known { address, max_connections, reserved, .. } = known;
    let reason = "PostgreSQL's own default: it keeps these for superusers";
    let superusers = reasons.default(address.child("superuser_reserved_connections"), SUPERUSER_RESERVED, reason);
    let mut numbers = format!("{} − {} − {}", max_connections.value, superusers.value, reserved.value);
    let mut usable = Exact::from(max_connections.value) - Exact::from(superusers.value) - Exact::from(reserved.value);
    let mut inputs = vec![max_connections.address.clone(), superusers.address, reserved.address.clone()];
    for Opens { workload, opened } in direct {
        let (peak, count) = (workload.peak(), &opened.count);
        usable = usable - Exact::from(peak.value) * Exact::from(count.value);
        numbers.push_str(&format!(" − {} × {}", peak.value, count.value));
        inputs.extend([peak.address.clone(), count.address.clone()]);
    }
    let value = reasons.floor(usable, &address.child("usable_connections"), entry.key)?;
    let symbolic =
        "max_connections − superuser_reserved_connections − reserved_connections − direct connections at peak";
    Some(Answer { value, symbolic, numbers, inputs })
}

/// A server that only serves direct clients may be full to the last connection; one behind PgBouncer may not.
fn check_usable(
    database: &Database,
    entry: &Entry<written::Database>,
    direct: &[Opens<'_>],
    pools: &[&Candidate<'_>],
    reasons: &mut Reasons,
) {
    let (usable, written) = (database.usable.value, &entry.value);
    let least = if pools.is_empty() { 0 } else { 1 };
    if usable >= least {
        return;
    }
    let who = if pools.is_empty() { "those who connect to it" } else { "PgBouncer" };
    let message = format!("`{}` has no connection left for {who}: {usable} are usable", database.address);
    let most = written.max_connections.as_ref().map_or(entry.key, |it| it.span);
    let mut diagnostic = Diagnostic::error(message)
        .at(most, format!("{} at most", database.max_connections.value))
        .at_some(written.reserved_connections.as_ref().map(|it| it.span), "reserved");
    for Opens { workload, opened } in direct {
        let text = format!("{} pods open {} each", workload.peak().value, opened.count.value);
        diagnostic = diagnostic.at(opened.place, text);
    }
    let needed: i64 = pools.iter().map(|it| it.instances.value.saturating_mul(it.users.value)).sum();
    let help =
        format!("`max_connections = {}`, or fewer reserved and direct ones", most_for(database, needed.max(least)));
    reasons.sink.error(diagnostic.note(formula_of(&database.usable, reasons)).help(help));
}

/// The `max_connections` at which so many are usable.
fn most_for(database: &Database, usable: i64) -> i64 {
    database.max_connections.value.saturating_sub(database.usable.value).saturating_add(usable)
}

/// `400 − 3 − 20 = 377 connections are usable`.
fn formula_of(usable: &Derived<i64>, reasons: &Reasons) -> String {
    let numbers = reasons.causes.get(&usable.address).and_then(|why| why.numbers());
    let numbers = numbers.map(|it| format!("{it} = ")).unwrap_or_default();
    format!("{numbers}{} connections are usable", usable.value)
}

/// A `[databases]` entry, where its server is known and its sizes could be found.
fn pool_entry(
    candidate: &Candidate<'_>,
    servers: &[Database],
    sizes: &mut BTreeMap<Address, Sizes>,
    reasons: &mut Reasons,
) -> Option<PoolEntry> {
    let address = Address::of(["database", candidate.database()]);
    let server = if candidate.is_for_replicas() { address.child("replicas") } else { address };
    let database = servers.binary_search_by(|it| it.address.cmp(&server)).ok().and_then(|at| servers.get(at))?;
    let Sizes { pool_size, reserve_pool, min_pool_size, max_db_connections, no_limit } =
        sizes.remove(&candidate.address)?;
    let (address, written) = (candidate.address.clone(), candidate.written);
    reasons.taken(address.child("database"), database.name.clone(), written.database.span);
    if let Some(replicas) = &written.replicas {
        reasons.written(address.child("replicas"), replicas);
    }
    let at = address.child("dbname");
    let dbname = match &written.dbname {
        Some(name) => reasons.taken(at, name.value.as_str().to_owned(), name.span),
        None => reasons.default(at, candidate.name.to_owned(), "the entry's name"),
    };
    Some(PoolEntry {
        name: candidate.name.to_owned(),
        address,
        database: database.name.clone(),
        server,
        host: database.host.clone(),
        port: database.port.clone(),
        dbname,
        users: candidate.users.clone(),
        pool_size,
        reserve_pool,
        min_pool_size,
        max_db_connections,
        no_limit,
    })
}

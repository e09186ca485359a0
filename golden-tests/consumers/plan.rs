//! What a lock file promises of the PgBouncers in its folder, and which clients put that to the test.

use std::collections::BTreeMap;

use capgen::doc::ini;
use capgen::why::Address;

use crate::output::{Pooler, Poolers};
use crate::postgres::COUNTED;

/// Clients of one test, all together. Each that is served is a process of PostgreSQL.
const CLIENTS: usize = 300;

/// Processes that are started of one PgBouncer; more of them do the same.
const INSTANCES: usize = 4;

/// Clients of a user beyond those that can be served.
const WAITING: usize = 2;

/// The PgBouncers of a folder.
pub(crate) struct Plan {
    pub(crate) poolers: Vec<PlannedPooler>,
    /// What PgBouncer may take of each server.
    usable: BTreeMap<String, usize>,
}

/// One PgBouncer.
pub(crate) struct PlannedPooler {
    pub(crate) instances: usize,
    pub(crate) entries: Vec<PlannedEntry>,
}

/// One entry of `[databases]`.
pub(crate) struct PlannedEntry {
    pub(crate) name: String,
    pub(crate) dbname: String,
    /// The server it leads to: `database.main`, or its replicas, each of which may be the only one left.
    database: String,
    /// Server connections of one process.
    limit: usize,
    /// Server connections of one user in one process.
    per_user: usize,
    /// Users that connect: one more than planned where the entry is limited, and nobody else's.
    pub(crate) users: Vec<String>,
    /// Clients of each user in one process.
    pub(crate) clients: usize,
}

impl PlannedEntry {
    /// What one process opens when all clients have connected.
    fn opened(&self) -> usize {
        self.limit.min(self.users.len() * self.clients.min(self.per_user))
    }
}

impl Plan {
    /// The plan of a lock; `None` where there is no lock.
    pub(crate) fn read(poolers: &Poolers) -> Result<Option<Self>, String> {
        if poolers.values.is_empty() {
            return Ok(None);
        }
        let mut plan = Self { poolers: Vec::new(), usable: BTreeMap::new() };
        for member in &poolers.members {
            let pooler = pooler(poolers, member, plan.entries().count())?;
            for entry in &pooler.entries {
                let address = Address::verbatim(&entry.database).child("usable_connections");
                plan.usable.insert(entry.database.clone(), number(poolers, &address)?);
            }
            plan.poolers.push(pooler);
        }
        Ok(Some(plan))
    }

    /// Every entry with the number of its processes.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (usize, &PlannedEntry)> {
        self.poolers.iter().flat_map(|pooler| pooler.entries.iter().map(|entry| (pooler.instances, entry)))
    }

    /// Whether everything is open that the clients can open.
    ///
    /// # Errors
    /// Which promise is broken.
    pub(crate) fn judge(&self, connections: &BTreeMap<String, usize>) -> Result<bool, String> {
        let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
        let mut is_reached = true;
        for (instances, entry) in self.entries() {
            let seen: usize = entry.users.iter().filter_map(|user| connections.get(user)).sum();
            let planned = instances * entry.limit;
            if seen > planned {
                return Err(format!("PostgreSQL saw {seen} connections of `{}`, {planned} are planned", entry.name));
            }
            is_reached &= seen >= instances * entry.opened();
            *taken.entry(&entry.database).or_default() += seen;
        }
        for (database, usable) in &self.usable {
            let seen = taken.get(database.as_str()).copied().unwrap_or_default();
            if seen > *usable {
                return Err(format!("PostgreSQL saw {seen} connections of `{database}`, {usable} are usable"));
            }
        }
        Ok(is_reached)
    }
}

fn pooler(poolers: &Poolers, member: &Pooler, first: usize) -> Result<PlannedPooler, String> {
    let address = Address::of(["pgbouncer", &member.name]);
    let instances = number(poolers, &address.child("instances"))?.min(INSTANCES);
    let ini = ini::parse(&member.ini).map_err(|fault| fault.to_string())?;
    let names = ini.section("databases").into_iter().flat_map(|section| &section.entries);
    let entry = |(index, it): (usize, &ini::Entry)| entry(poolers, &address, &it.key, first + index);
    let mut entries = names.enumerate().map(entry).collect::<Result<Vec<_>, String>>()?;
    limit_clients(&mut entries, number(poolers, &address.child("max_client_conn"))?.min(CLIENTS / instances));
    Ok(PlannedPooler { instances, entries })
}

fn entry(poolers: &Poolers, pgbouncer: &Address, name: &str, index: usize) -> Result<PlannedEntry, String> {
    let address = pgbouncer.child("pool").child(name);
    let number = |key: &str| number(poolers, &address.child(key));
    let per_user = number("pool_size")? + number("reserve_pool")?;
    // Where nothing limits an entry, the plan holds for the users that it counts with, and says so (`pool-without-limit`).
    let (limit, users) = match number("max_db_connections")? {
        0 => (number("most_connections")?, number("users")?),
        limit => (limit, number("users")? + 1),
    };
    Ok(PlannedEntry {
        name: name.to_owned(),
        dbname: text(poolers, &address.child("dbname"))?.to_owned(),
        database: server(poolers, &address)?.as_str().to_owned(),
        limit,
        per_user,
        users: (0..users).map(|user| format!("{COUNTED}{index}_{user}")).collect(),
        clients: per_user + WAITING,
    })
}

fn server(poolers: &Poolers, entry: &Address) -> Result<Address, String> {
    let database = Address::of(["database", text(poolers, &entry.child("database"))?]);
    match text(poolers, &entry.child("replicas")) {
        Ok("true") => Ok(database.child("replicas")),
        _ => Ok(database),
    }
}

/// Takes clients away, from each entry the same part, until one process has no more than `most`.
fn limit_clients(entries: &mut [PlannedEntry], most: usize) {
    let wanted: usize = entries.iter().map(|entry| entry.users.len() * entry.clients).sum();
    for entry in entries.iter_mut().filter(|_| wanted > most) {
        entry.clients = (entry.clients * most / wanted).max(1);
    }
}

fn number(poolers: &Poolers, address: &Address) -> Result<usize, String> {
    let text = text(poolers, address)?;
    text.parse().map_err(|_| format!("the lock has `{text}` for `{address}`"))
}

fn text<'a>(poolers: &'a Poolers, address: &Address) -> Result<&'a str, String> {
    poolers.values.get(address.as_str()).map(String::as_str).ok_or_else(|| format!("the lock has no `{address}`"))
}

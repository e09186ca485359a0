//! PgBouncer: every generated file must start, and under load must keep what the lock file promises.
//!
//! The load is more clients than an entry has connections, of one user more than planned, all busy. PostgreSQL must
//! then see exactly `max_db_connections` for each entry and process, and no more than `usable_connections` for all
//! entries of a server together. What a copy of the file has changed is in `copy.rs`.

use std::net::TcpStream;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use capgen::why::Address;

use crate::copy;
use crate::output::{Pooler, Poolers};
use crate::postgres::{self, COUNTED, PAUSE, Postgres};
use crate::program::{self, Daemon, Folder};

/// Clients of one test, all together: each is a connection and maybe a process of PostgreSQL.
const CLIENTS: usize = 300;

/// Processes that are started of one PgBouncer; more do the same.
const INSTANCES: usize = 4;

/// How long the load may take to open all that is planned.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long PostgreSQL is watched after that. The reserve opens after a second, so a breach is not missed.
const WATCH: Duration = Duration::from_millis(1500);

/// What is not installed.
pub(crate) fn missing() -> Option<String> {
    program::missing("pgbouncer", "pgbouncer").or_else(postgres::missing)
}

/// # Errors
/// What PgBouncer says where it refuses a file, or which promise it breaks.
pub(crate) fn check(poolers: &Poolers, postgres: &Postgres) -> Result<(), String> {
    let folder = Folder::create()?;
    let plan = Plan::new(poolers)?;
    let users: Vec<String> = plan.entries.iter().flat_map(Entry::user_names).collect();
    let databases: Vec<&str> = plan.entries.iter().map(|entry| entry.dbname.as_str()).collect();
    postgres.create(&databases, &users)?;
    let mut processes = Vec::new();
    for member in &poolers.members {
        processes.push(start(member, poolers, &users, postgres, &folder)?);
    }
    if plan.entries.iter().any(|entry| entry.limit == 0) {
        // Without a lock there is no promise.
        return Ok(());
    }
    let verdict = plan.load(&processes, &folder).and_then(|clients| plan.watch(postgres, &clients));
    drop(processes);
    postgres.disconnect()?;
    verdict
}

//! A PostgreSQL of the test's own, on the loopback address only, that counts who is connected.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::program::{self, Daemon, Folder};

/// More than any test opens: each connection is a process.
const MAX_CONNECTIONS: u32 = 500;

/// What the name of every counted user starts with.
pub(crate) const COUNTED: &str = "capgen_";

/// How long a start may take, and an end.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often something is asked again.
pub(crate) const PAUSE: Duration = Duration::from_millis(100);

/// One server for all tests, started by the first that needs it. Dropping stops it.
#[derive(Default)]
pub(crate) struct Shared {
    server: Mutex<Option<Result<Arc<Postgres>, String>>>,
    turn: Mutex<()>,
}

impl Shared {
    /// The server, for this test alone until the answer is dropped: a test counts the connections that it sees there.
    ///
    /// # Errors
    /// Why it could not be started; it is not tried again.
    pub(crate) fn get(&self) -> Result<Alone<'_>, String> {
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut server = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        let server = server.get_or_insert_with(|| Postgres::start().map(Arc::new)).clone()?;
        Ok(Alone { server, _turn: turn })
    }
}

/// The shared server, while nobody else has it.
pub(crate) struct Alone<'a> {
    server: Arc<Postgres>,
    _turn: MutexGuard<'a, ()>,
}

impl Deref for Alone<'_> {
    type Target = Postgres;

    fn deref(&self) -> &Postgres {
        &self.server
    }
}

/// What psql runs.
pub(crate) enum Sql<'a> {
    Statements(&'a str),
    File(&'a str),
}

/// A running server.
pub(crate) struct Postgres {
    pub(crate) port: u16,
    daemon: Daemon,
    /// Where its files are, until it is stopped.
    folder: Option<Folder>,
}

/// What is not installed.
pub(crate) fn missing() -> Option<String> {
    ["initdb", "pg_ctl", "postgres", "psql", "pgbench"].iter().find_map(|name| program::missing(name, "postgresql"))
}

impl Postgres {
    fn start() -> Result<Self, String> {
        let options = ["-c", "listen_addresses=127.0.0.1", "-c", "shared_buffers=16MB", "-c"].map(str::to_owned);
        let mut options = options.to_vec();
        options.push(format!("max_connections={MAX_CONNECTIONS}"));
        Self::run(Self::initialized()?, &options)
    }

    /// A folder with an empty cluster in `data`.
    pub(crate) fn initialized() -> Result<Folder, String> {
        let folder = Folder::create()?;
        let mut command = program::server("initdb", &folder)?;
        command.args(["--auth=trust", "--username=postgres", "--no-sync", "--no-locale", "--encoding=UTF8", "data"]);
        program::run(&mut command)?;
        Ok(folder)
    }

    /// Starts a server on the cluster of a folder.
    pub(crate) fn run(folder: Folder, options: &[String]) -> Result<Self, String> {
        let port = program::free_port()?;
        let mut command = program::server("postgres", &folder)?;
        command.args(["-D", "data", "-F", "-c", "unix_socket_directories=", "-c", &format!("port={port}")]);
        command.args(options);
        let daemon = Daemon::start(command, folder.path().join("postgres.log"))?;
        let mut server = Self { port, daemon, folder: Some(folder) };
        let started = Instant::now();
        while let Err(error) = server.query("select 1") {
            if server.daemon.has_ended() || started.elapsed() > PATIENCE {
                return Err(format!("PostgreSQL does not start: {error}\n{}", server.daemon.log()));
            }
            sleep(PAUSE);
        }
        Ok(server)
    }

    /// Stops the server and gives the folder back, for another start.
    pub(crate) fn stop(mut self) -> Option<Folder> {
        let folder = self.folder.take()?;
        stop(&folder, "fast").ok()?;
        let started = Instant::now();
        while !self.daemon.has_ended() && started.elapsed() < PATIENCE {
            sleep(PAUSE);
        }
        Some(folder)
    }

    /// The rows of a query, fields separated by a blank.
    pub(crate) fn query(&self, sql: &str) -> Result<String, String> {
        let folder = self.folder.as_ref().ok_or("the server is stopped")?;
        let mut command = program::server("psql", folder)?;
        command.args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-F", " ", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
        command.args(["-U", "postgres", "-d", "postgres", "-c", sql]);
        program::run(&mut command)
    }

    /// Runs a file of SQL, or statements, in a database of its own.
    pub(crate) fn run_in(&self, database: &str, what: &Sql<'_>) -> Result<String, String> {
        let folder = self.folder.as_ref().ok_or("the server is stopped")?;
        let mut command = program::server("psql", folder)?;
        command.args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-F", " ", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
        command.args(["-U", "postgres", "-d", database]);
        match what {
            Sql::Statements(text) => command.args(["-c", text]),
            Sql::File(text) => command.arg("-f").arg(folder.write("run.sql", text)?),
        };
        program::run(&mut command)
    }

    /// Makes the databases and users that are not there yet.
    pub(crate) fn create(&self, databases: &[&str], users: &[&str]) -> Result<(), String> {
        let missing = |kind: &str, known: &str, names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| format!("('{name}')")).collect();
            self.query(&format!(
                "select distinct format('create {kind} %I', name) from (values {}) as wanted (name) \
                 where name not in (select {known})",
                names.join(", ")
            ))
        };
        let databases = missing("database", "datname from pg_database", databases)?;
        let users = missing("user", "rolname from pg_roles", users)?;
        databases.lines().chain(users.lines()).try_for_each(|statement| self.query(statement).map(|_| ()))
    }

    /// Connections of every counted user.
    pub(crate) fn connections(&self) -> Result<BTreeMap<String, usize>, String> {
        let rows = self.query("select usename, count(*) from pg_stat_activity where usename is not null group by 1")?;
        let row = |line: &str| {
            let (user, count) = line.split_once(' ')?;
            user.starts_with(COUNTED).then(|| Some((user.to_owned(), count.parse().ok()?)))?
        };
        Ok(rows.lines().filter_map(row).collect())
    }

    /// Ends the connections of the counted users, so that the next test starts at none.
    pub(crate) fn disconnect(&self) -> Result<(), String> {
        let started = Instant::now();
        while !self.connections()?.is_empty() {
            self.query(&format!(
                "select pg_terminate_backend(pid) from pg_stat_activity where starts_with(usename, '{COUNTED}')"
            ))?;
            if started.elapsed() > PATIENCE {
                return Err("connections stay open".to_owned());
            }
            sleep(PAUSE);
        }
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // A postmaster that is killed leaves its shared memory behind; where this fails, it is killed all the same.
        if let Some(folder) = &self.folder {
            let _ = stop(folder, "immediate");
        }
    }
}

fn stop(folder: &Folder, mode: &str) -> Result<(), String> {
    let mut command = program::server("pg_ctl", folder)?;
    command.args(["stop", "-D", "data", "-m", mode, "-t", "10"]);
    program::run(&mut command).map(|_| ())
}

//! PgBouncer: every generated file must start, and under load must keep what the lock file promises.
//!
//! The load is more clients than an entry has connections, of one user more than planned, all of them busy.
//! PostgreSQL must then see `max_db_connections` for each entry and process, and not one more; and no more than
//! `usable_connections` for all entries of a server together.

use std::net::TcpStream;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use capgen::why::Address;

use crate::copy::Here;
use crate::output::{Pooler, Poolers};
use crate::plan::{Plan, PlannedPooler};
use crate::postgres::{self, PAUSE, Postgres};
use crate::program::{self, Daemon, Folder};

/// How long PgBouncer may take to start, and how long it may open nothing more before all that is planned is open.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long PostgreSQL is watched after that. The reserve opens after one second, so no breach is missed.
const WATCH: Duration = Duration::from_millis(1500);

/// The password of every user.
const PASSWORD: &str = "capgen";

/// The same as PgBouncer keeps it (RFC 5803), of one iteration: 4096 for each of hundreds of clients take seconds.
const SECRET: &str = concat!(
    "SCRAM-SHA-256$1:Y2FwZ2VuLWNvbnN1bWVycw==$",
    "uqKXgmXopTSQttFEVQ4z9VfseuJztFia8ePWkSEN3Tk=:l9O3CUfOnOVUwfyCnWpdrodgRdPEAjeX8q/TmpnWf24="
);

/// What is not installed.
pub(crate) fn missing() -> Option<String> {
    program::missing("pgbouncer", "pgbouncer").or_else(postgres::missing)
}

/// # Errors
/// What PgBouncer says where it refuses a file, or which promise it breaks.
pub(crate) fn check(poolers: &Poolers, postgres: &Postgres) -> Result<(), String> {
    let folder = Folder::create()?;
    let plan = Plan::read(poolers)?;
    let mut running = Vec::new();
    for (index, pooler) in poolers.members.iter().enumerate() {
        let planned = plan.as_ref().and_then(|plan| plan.poolers.get(index));
        for _ in 0..planned.map_or(1, |it| it.instances) {
            running.push((start(pooler, planned, poolers, postgres, &folder)?, planned));
        }
    }
    let Some(plan) = plan.as_ref() else { return Ok(()) };
    let verdict = put_under_load(plan, &running, postgres, &folder);
    drop(running);
    postgres.disconnect()?;
    verdict
}

/// A running PgBouncer.
struct Process {
    daemon: Daemon,
    port: u16,
}

/// Starts one process. A setting that the spec wrote for a newer PgBouncer than the installed one is taken out, with a
/// line that says so; everything else must be known to every version that capgen writes for.
fn start(
    pooler: &Pooler,
    planned: Option<&PlannedPooler>,
    poolers: &Poolers,
    postgres: &Postgres,
    folder: &Folder,
) -> Result<Process, String> {
    let users = planned.into_iter().flat_map(|it| &it.entries).flat_map(|entry| &entry.users);
    let lines: String = users.map(|user| format!("\"{user}\" \"{SECRET}\"\n")).collect();
    let auth_file = folder.write(&format!("{}.users", pooler.name), &(pooler.user_list.clone() + &lines))?;
    let mut too_new = Vec::new();
    loop {
        let port = program::free_port()?;
        let auth_file = auth_file.to_string_lossy();
        let here = Here { listen_port: port, auth_file: &auth_file, postgres_port: postgres.port, too_new: &too_new };
        let name = format!("{}-{port}", pooler.name);
        let ini = folder.write(&format!("{name}.ini"), &here.copy(pooler))?;
        let mut command = program::server("pgbouncer", folder)?;
        command.arg(ini);
        let mut daemon = Daemon::start(command, folder.path().join(format!("{name}.log")))?;
        let said = wait_for(&mut daemon, port);
        let Err(said) = said else { return Ok(Process { daemon, port }) };
        match newer_setting(&said, pooler, poolers) {
            Some(key) if !too_new.contains(&key) => {
                eprintln!("not checked: `{key}` of `{}`: the installed PgBouncer is too old for it", pooler.name);
                too_new.push(key);
            }
            _ => return Err(said),
        }
    }
}

/// Waits until a process listens.
///
/// # Errors
/// What it said, where it ended or complained.
fn wait_for(daemon: &mut Daemon, port: u16) -> Result<(), String> {
    let started = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if daemon.has_ended() || started.elapsed() > PATIENCE {
            return Err(daemon.log());
        }
        sleep(PAUSE / 10);
    }
    let log = daemon.log();
    match [" ERROR ", " FATAL ", " WARNING "].iter().any(|level| log.contains(level)) {
        true => Err(log),
        false => Ok(()),
    }
}

/// The setting that PgBouncer does not know, where the spec wrote it as it stands, and wrote it for a newer version.
fn newer_setting(said: &str, pooler: &Pooler, poolers: &Poolers) -> Option<String> {
    let key = said.split_once("unknown parameter: pgbouncer/")?.1.lines().next()?;
    let address = Address::of(["pgbouncer", &pooler.name]);
    let value = |address: Address| poolers.values.get(address.as_str());
    value(address.child("settings").child(key))?;
    let meant = version(value(address.child("version"))?)?;
    let printed = Command::new(program::find("pgbouncer")?).arg("--version").output().ok()?;
    let installed = version(String::from_utf8_lossy(&printed.stdout).strip_prefix("PgBouncer ")?)?;
    (installed < meant).then(|| key.to_owned())
}

/// Major and minor at the start of a text.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split(['.', '\n']).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// Connects all clients, and watches PostgreSQL until everything is open, and a while longer.
fn put_under_load(
    plan: &Plan,
    running: &[(Process, Option<&PlannedPooler>)],
    postgres: &Postgres,
    folder: &Folder,
) -> Result<(), String> {
    let users: Vec<&str> = plan.entries().flat_map(|(_, entry)| &entry.users).map(String::as_str).collect();
    let databases: Vec<&str> = plan.entries().map(|(_, entry)| entry.dbname.as_str()).collect();
    postgres.create(&databases, &users)?;
    folder.write("busy.sql", "select pg_sleep(60)\n")?;
    let mut clients = Vec::new();
    for (process, planned) in running {
        for entry in planned.iter().flat_map(|planned| &planned.entries) {
            for user in &entry.users {
                let log = folder.path().join(format!("clients-{}-{user}.log", process.port));
                clients.push(Daemon::start(busy(process.port, user, &entry.name, entry.clients, folder)?, log)?);
            }
        }
    }
    watch(plan, postgres).map_err(|error| {
        let logs = running.iter().map(|(process, _)| &process.daemon).chain(&clients).map(Daemon::log);
        logs.fold(error, |text, log| text + "\n" + &log)
    })
}

/// Clients of one user, each with a query that does not end.
fn busy(port: u16, user: &str, entry: &str, clients: usize, folder: &Folder) -> Result<Command, String> {
    let mut command = program::server("pgbench", folder)?;
    command.envs([("PGPASSWORD", PASSWORD), ("PGSSLMODE", "disable"), ("PGGSSENCMODE", "disable")]);
    command.args(["-n", "-f", "busy.sql", "-t", "1", "-c", &clients.to_string()]);
    command.args(["-h", "127.0.0.1", "-p", &port.to_string(), "-U", user, entry]);
    Ok(command)
}

fn watch(plan: &Plan, postgres: &Postgres) -> Result<(), String> {
    let (mut reached, mut grown, mut most) = (None, Instant::now(), 0);
    while reached.is_none_or(|since: Instant| since.elapsed() < WATCH) {
        let connections = postgres.connections()?;
        if plan.judge(&connections)? {
            reached.get_or_insert_with(Instant::now);
        }
        let all = connections.values().sum();
        if all > most {
            (grown, most) = (Instant::now(), all);
        } else if reached.is_none() && grown.elapsed() > PATIENCE {
            return Err(format!("the clients do not open what is planned, so nothing is proven: {connections:?}"));
        }
        sleep(PAUSE);
    }
    Ok(())
}

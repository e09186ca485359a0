//! Redis: a real server must start with every generated file and hold every setting of it, and a shell must make real
//! servers the cluster that the lock file promises.
//!
//! Servers listen on addresses of 127.0.0.0/8 that are the test's own, on the ports of the files. Host names resolve on a platform
//! and not here, so `libnss_wrapper` answers for them. A cluster is made twice: of nothing, where each master must get the planned
//! slots and a second run must change nothing; and of a smaller one that holds keys, which must all be there afterwards.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::folder;
use crate::output::Plan;
use crate::program::{self, Daemon, Folder};

/// How long a start may take, and a cluster until all of it agrees.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(50);

/// How far a master of a cluster that has grown may be from an equal part, in percent: `redis-cli` itself leaves 2.
const UNEVEN: i64 = 2;

/// Where pip puts shellcheck (`.ci/pipelines.txt`).
const SHELLCHECK: &str = "target/ci/pipelines/bin/shellcheck";

/// Keys of a cluster that grows.
const KEYS: usize = 60;

/// What is not installed.
pub(crate) fn missing() -> Option<String> {
    let library = || {
        let missing = program::nss_wrapper().is_none();
        missing.then(|| "libnss_wrapper is not installed (apt-get install libnss-wrapper)".to_owned())
    };
    let programs =
        [("redis-server", "redis-server"), ("redis-cli", "redis-tools"), ("sh", "dash"), ("getent", "libc-bin")];
    let shellcheck = || {
        let missing = !folder(SHELLCHECK).is_file();
        missing.then(|| format!("{SHELLCHECK} is not there (.ci/run makes it)"))
    };
    programs.iter().find_map(|(name, package)| program::missing(name, package)).or_else(library).or_else(shellcheck)
}

/// What a broken script is tried on.
pub(crate) fn usual(script: &str) -> Plan {
    let settings = "port 6379\ncluster-enabled yes\n".to_owned();
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    let numbers = [("masters", "3"), ("replicas", "1"), ("servers", "6"), ("port", "6379")];
    let slots = [("slots[0]", "0-5460"), ("slots[1]", "5461-10922"), ("slots[2]", "10923-16383")];
    values.extend(numbers.iter().chain(&slots).map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    values.extend((0..6).map(|index| (format!("host[{index}]"), format!("redis-cache-{index}"))));
    Plan { settings, script: script.to_owned(), values }
}

/// # Errors
/// What Redis says where it refuses the file, or which setting it does not hold.
pub(crate) fn check_settings(text: &str) -> Result<(), String> {
    let server = Server::start(text, &own_addresses(1)[0])?;
    let mut written = text.lines().filter(|line| !line.starts_with('#')).peekable();
    if written.peek().is_none() {
        return Err("nothing is set".to_owned());
    }
    for line in written {
        let (name, value) = line.split_once(' ').ok_or_else(|| format!("`{line}` is no setting"))?;
        let said = server.ask(&["CONFIG", "GET", name])?;
        let held = said.split_once('\n').map_or("", |(_, value)| value.trim_end_matches('\n'));
        let value = value.trim_matches('"');
        // Redis answers with the old name of a replica, and with all classes.
        let is_held = match name {
            "client-output-buffer-limit" => held.contains(&value.replace("replica", "slave")),
            _ => held == value,
        };
        if !is_held {
            return Err(format!("`{name}` is written as `{value}`, and the server has `{held}`"));
        }
    }
    Ok(())
}

/// # Errors
/// What the shell says, or how the cluster differs from the plan.
pub(crate) fn check_new(plan: &Plan) -> Result<(), String> {
    judge(&plan.script)?;
    let bed = Bed::start(plan)?;
    bed.run()?;
    bed.is_planned()?;
    let nodes = bed.nodes()?;
    for index in 0..bed.number("masters")? {
        let slots = &plan.values[&format!("slots[{index}]")];
        let address = &bed.servers[usize::try_from(index).unwrap_or_default()].address;
        let master = nodes.iter().find(|it| it.address == *address && it.is_master);
        let held = master.map(|it| it.slots.join(" ")).unwrap_or_default();
        if held != *slots {
            return Err(format!("master {index} has the slots `{held}`, and `{slots}` were planned"));
        }
    }
    bed.run()?;
    match bed.nodes()? == nodes {
        true => Ok(()),
        false => Err("a second run changes something".to_owned()),
    }
}

/// What shellcheck has against a script.
fn judge(script: &str) -> Result<(), String> {
    let place = Folder::create()?;
    let script = place.write("cluster.sh", script)?;
    let mut command = Command::new(folder(SHELLCHECK));
    let output = command.args(["--shell", "sh", "--format", "gcc"]).arg(script).output();
    let output = output.map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("shellcheck: {}", String::from_utf8_lossy(&output.stdout))),
    }
}

/// # Errors
/// What the shell says, or what got lost.
pub(crate) fn check_growth(plan: &Plan) -> Result<(), String> {
    let bed = Bed::start(plan)?;
    let before = usize::try_from(bed.number("masters")? - 1).unwrap_or_default();
    let first: Vec<String> = bed.servers[..before].iter().map(Server::endpoint).collect();
    let mut create = redis_cli(&bed.servers[0].folder)?;
    create.args(["--cluster", "create"]).args(&first).args(["--cluster-replicas", "0", "--cluster-yes"]);
    program::run(&mut create)?;
    for server in &bed.servers[..before] {
        server.wait_for("cluster_state:ok", &["CLUSTER", "INFO"])?;
    }
    for key in 0..KEYS {
        bed.servers[0].wait_for("OK", &["-c", "SET", &format!("key-{key}"), &key.to_string()])?;
    }
    bed.run()?;
    bed.is_planned()?;
    let even = 16_384 / bed.number("masters")?;
    for master in bed.nodes()?.iter().filter(|it| it.is_master) {
        if (master.count() - even).abs() * 100 > even * UNEVEN {
            return Err(format!("{} has {} slots, {even} would be even", master.address, master.count()));
        }
    }
    for key in 0..KEYS {
        let value = bed.servers[0].ask(&["-c", "GET", &format!("key-{key}")])?;
        if value.trim() != key.to_string() {
            return Err(format!("key-{key} is `{}`", value.trim()));
        }
    }
    bed.refuses_a_stranger()
}

/// The servers of a plan.
struct Bed<'a> {
    plan: &'a Plan,
    servers: Vec<Server>,
    /// Where the script and the names of the servers are.
    folder: Folder,
}

impl<'a> Bed<'a> {
    fn start(plan: &'a Plan) -> Result<Self, String> {
        let hosts = (0..).map_while(|index| plan.values.get(&format!("host[{index}]")));
        let hosts: Vec<&String> = hosts.collect();
        // One more, which is in no plan.
        let addresses = own_addresses(hosts.len() + 1);
        let start = |address: &String| Server::start(&plan.settings, address);
        let servers = addresses.iter().map(start).collect::<Result<Vec<_>, _>>()?;
        let folder = Folder::create()?;
        let names: Vec<String> = hosts.iter().zip(&addresses).map(|(host, at)| format!("{at} {host}\n")).collect();
        folder.write("hosts", &names.concat())?;
        folder.write("cluster.sh", &plan.script)?;
        Ok(Self { plan, servers, folder })
    }

    fn number(&self, key: &str) -> Result<i64, String> {
        let value = self.plan.values.get(key).ok_or_else(|| format!("the lock has no `{key}`"))?;
        value.parse().map_err(|_| format!("`{key}` is `{value}`"))
    }

    fn run(&self) -> Result<(), String> {
        let mut command = Command::new(program::find("sh").unwrap_or_default());
        command.env_clear().env("PATH", "/usr/bin:/bin").arg(self.folder.path().join("cluster.sh"));
        command.env("LD_PRELOAD", program::nss_wrapper().unwrap_or_default());
        command.env("NSS_WRAPPER_HOSTS", self.folder.path().join("hosts"));
        let output = command.output().map_err(|error| error.to_string())?;
        let said = [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned()).concat();
        if output.status.success() { Ok(()) } else { Err(said) }
    }

    /// Masters and replicas are as many as planned, and every slot has a master.
    fn is_planned(&self) -> Result<(), String> {
        self.servers[0].wait_for("cluster_state:ok", &["CLUSTER", "INFO"])?;
        let nodes = self.nodes()?;
        let masters: Vec<&Node> = nodes.iter().filter(|it| it.is_master).collect();
        let slots: i64 = masters.iter().map(|it| it.count()).sum();
        let replicas = |master: &&Node| nodes.iter().filter(|it| it.master == master.id).count();
        let replicas: Vec<usize> = masters.iter().map(replicas).collect();
        let planned = (self.number("masters")?, self.number("replicas")?);
        let is_even = replicas.iter().all(|it| i64::try_from(*it) == Ok(planned.1));
        match i64::try_from(masters.len()) == Ok(planned.0) && is_even && slots == 16_384 {
            true => self
                .servers
                .iter()
                .rev()
                .skip(1)
                .try_for_each(|it| it.wait_for("cluster_state:ok", &["CLUSTER", "INFO"])),
            false => Err(format!(
                "{planned:?} masters and replicas were planned; these have {replicas:?}, and {slots} slots"
            )),
        }
    }

    fn nodes(&self) -> Result<Vec<Node>, String> {
        let said = self.servers[0].ask(&["CLUSTER", "NODES"])?;
        let mut nodes: Vec<Node> = said.lines().filter_map(Node::parse).collect();
        nodes.sort();
        Ok(nodes)
    }

    /// A server that is in the cluster and in no plan: nothing may be changed then.
    fn refuses_a_stranger(&self) -> Result<(), String> {
        let stranger = self.servers.last().ok_or("no server")?;
        let mut add = redis_cli(&stranger.folder)?;
        add.args(["--cluster", "add-node", &stranger.endpoint(), &self.servers[0].endpoint()]);
        program::run(&mut add)?;
        let id = stranger.ask(&["CLUSTER", "MYID"])?;
        self.servers[0].wait_for(id.trim(), &["CLUSTER", "NODES"])?;
        match self.run() {
            Err(said) if said.contains("none of these") => Ok(()),
            Err(said) => Err(said),
            Ok(()) => Err("a server that nobody planned is let pass".to_owned()),
        }
    }
}

/// A line of `CLUSTER NODES`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Node {
    address: String,
    id: String,
    is_master: bool,
    /// The identity of its master; `-` for a master.
    master: String,
    slots: Vec<String>,
}

impl Node {
    fn parse(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [id, address, flags, master, _, _, _, _, slots @ ..] = fields.as_slice() else { return None };
        Some(Self {
            address: address.rsplit_once('@')?.0.rsplit_once(':')?.0.to_owned(),
            id: (*id).to_owned(),
            is_master: flags.contains("master"),
            master: (*master).to_owned(),
            slots: slots.iter().map(|it| (*it).to_owned()).collect(),
        })
    }

    fn count(&self) -> i64 {
        let range = |it: &String| {
            let (first, last) = it.split_once('-').unwrap_or((it, it));
            Some(last.parse::<i64>().ok()? - first.parse::<i64>().ok()? + 1)
        };
        self.slots.iter().filter_map(range).sum()
    }
}

/// A running server. Dropping it stops it.
struct Server {
    address: String,
    port: String,
    folder: Folder,
    daemon: Daemon,
}

impl Server {
    /// With the file as it is; what is overridden is where it listens, where its files are, and how soon a cluster talks.
    fn start(settings: &str, address: &str) -> Result<Self, String> {
        let folder = Folder::create()?;
        let file = folder.write("redis.conf", settings)?;
        let mut command = program::server("redis-server", &folder)?;
        command.arg(file).args(["--bind", address, "--bind-source-addr", address, "--protected-mode", "no"]);
        command.args(["--dir", ".", "--daemonize", "no"]);
        if settings.contains("cluster-enabled yes") && !settings.contains("cluster-node-timeout") {
            command.args(["--cluster-node-timeout", "2000"]);
        }
        let daemon = Daemon::start(command, folder.path().join("redis.log"))?;
        let port = settings.lines().find_map(|line| line.strip_prefix("port ")).unwrap_or("6379").to_owned();
        let mut server = Self { address: address.to_owned(), port, folder, daemon };
        let started = Instant::now();
        while !server.ask(&["PING"]).is_ok_and(|it| it.contains("PONG")) {
            if server.daemon.has_ended() || started.elapsed() > PATIENCE {
                return Err(format!("Redis does not start: {}", server.daemon.log()));
            }
            sleep(PAUSE);
        }
        Ok(server)
    }

    fn endpoint(&self) -> String {
        format!("{}:{}", self.address, self.port)
    }

    fn ask(&self, command: &[&str]) -> Result<String, String> {
        let mut client = redis_cli(&self.folder)?;
        client.args(["-h", &self.address, "-p", &self.port]).args(command);
        Ok(program::run(&mut client)?.replace('\r', ""))
    }

    /// Until the answer has something in it.
    fn wait_for(&self, part: &str, command: &[&str]) -> Result<(), String> {
        let started = Instant::now();
        loop {
            let said = self.ask(command)?;
            if said.contains(part) {
                return Ok(());
            }
            if started.elapsed() > PATIENCE {
                return Err(format!("no `{part}` in\n{said}"));
            }
            sleep(PAUSE);
        }
    }
}

fn redis_cli(folder: &Folder) -> Result<Command, String> {
    program::server("redis-cli", folder)
}

/// Addresses of this computer that no other test has: two runs may go on at the same time.
fn own_addresses(count: usize) -> Vec<String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let run = std::process::id() % 16_000;
    let count = u32::try_from(count).unwrap_or_default();
    let first = NEXT.fetch_add(count, Ordering::Relaxed);
    // From 127.2.0.1 on: the first addresses are what other servers listen on.
    let address =
        |number: u32| format!("127.{}.{}.{}", 2 + run / 256 + 63 * (number / 254 % 4), run % 256, 1 + number % 254);
    (first..first + count).map(address).collect()
}

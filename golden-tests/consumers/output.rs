//! The generated files of the golden cases and the examples, and the files that are broken on purpose.
//!
//! An output folder is where a lock file stands. Only files that are as the lock says are looked at: what a case
//! edited by hand is not capgen's.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use capgen::render::lock::{self, Lock};
use capgen::why::Address;

/// One output folder.
pub(crate) struct Output {
    /// Its path in the package.
    pub(crate) name: String,
    lock: Lock,
    /// Path below the folder, and text.
    files: Vec<(String, String)>,
}

/// The PgBouncers of one output folder: they share the servers.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Poolers {
    /// What the lock says of them and of the servers: inputs and numbers, by address.
    pub(crate) values: BTreeMap<String, String>,
    pub(crate) members: Vec<Pooler>,
}

/// One PgBouncer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pooler {
    pub(crate) name: String,
    pub(crate) ini: String,
    /// What stands beside it as the form of the user list.
    pub(crate) user_list: String,
}

/// A page for who is on call, and the other files of its output folder.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Page {
    pub(crate) text: String,
    /// Path below the folder, and text.
    pub(crate) files: Vec<(String, String)>,
    /// Whether it says how a workload is stopped for maintenance: an autoscaler leaves one without replicas alone.
    pub(crate) may_stop: bool,
    /// Whether the spec leaves targets out, so that commands may be about objects of other folders.
    pub(crate) is_narrowed: bool,
}

/// What a Redis Cluster is made of: the settings of its servers, the commands, and what the lock says by the last part of the address.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Plan {
    pub(crate) settings: String,
    pub(crate) script: String,
    pub(crate) values: BTreeMap<String, String>,
}

impl Output {
    fn is_narrowed(&self) -> bool {
        self.lock.inputs.get(&Address::of(["output", "targets"])).is_some()
    }

    /// The nginx files, by name.
    pub(crate) fn upstreams(&self) -> impl Iterator<Item = (String, String)> {
        self.below("nginx/").map(|(path, text)| (format!("nginx/{}/{path}", self.name), text.clone()))
    }

    /// The files of Prometheus rules, by name.
    pub(crate) fn rules(&self) -> impl Iterator<Item = (String, String)> {
        let files = self.below("alerts/").chain(self.below("k8s/alerts/prometheusrule"));
        files.map(|(path, text)| (format!("prometheus/{}/{path}", self.name), text.clone()))
    }

    /// The load tests, by name.
    pub(crate) fn load_tests(&self) -> impl Iterator<Item = (String, String)> {
        self.below("load-tests/").map(|(path, text)| (format!("{}/{path}", self.name), text.clone()))
    }

    /// The dashboards, by name.
    pub(crate) fn dashboards(&self) -> impl Iterator<Item = (String, String)> {
        self.below("grafana/").map(|(path, text)| (format!("grafana/{}/{path}", self.name), text.clone()))
    }

    /// The plans of Kafka's topics, by name.
    pub(crate) fn plans(&self) -> impl Iterator<Item = (String, String)> {
        let plans = self.below("kafka/").filter(|(path, _)| path.ends_with(".sh"));
        plans.map(|(path, text)| (format!("kafka/{}/{path}", self.name), text.clone()))
    }

    /// The page for who is on call, if there is one, and the files that it speaks of.
    pub(crate) fn runbook(&self) -> Option<(String, Page)> {
        let (_, text) = self.files.iter().find(|(path, _)| path == "RUNBOOK.md")?;
        let page =
            Page { text: text.clone(), files: self.files.clone(), may_stop: false, is_narrowed: self.is_narrowed() };
        Some((format!("runbook/{}", self.name), page))
    }

    /// The page for an emergency, if there is one, and the files that it speaks of.
    pub(crate) fn emergency(&self) -> Option<(String, Page)> {
        let (_, text) = self.files.iter().find(|(path, _)| path == "emergency/README.md")?;
        let page =
            Page { text: text.clone(), files: self.files.clone(), may_stop: true, is_narrowed: self.is_narrowed() };
        Some((format!("emergency/{}", self.name), page))
    }

    /// The files with CronJobs, and the others, which they patch, as a page without words.
    pub(crate) fn cron_jobs(&self) -> Option<(String, Page)> {
        let has_some = self.below("k8s/").any(|(_, text)| text.contains("kind: CronJob\n"));
        let page =
            Page { text: String::new(), files: self.files.clone(), may_stop: false, is_narrowed: self.is_narrowed() };
        has_some.then(|| (format!("cronjob/{}", self.name), page))
    }

    /// All that Kustomize reads, if there is something and no case took a part of it away.
    pub(crate) fn kustomization(&self) -> Option<(String, Vec<(String, String)>)> {
        let files: Vec<_> = self.files.iter().filter(|(path, _)| path.ends_with(".yaml")).cloned().collect();
        let is_whole = self.files.len() == self.lock.files.len();
        let is_there = is_whole && files.iter().any(|(path, _)| path.ends_with("kustomization.yaml"));
        is_there.then(|| (format!("kustomize/{}", self.name), files))
    }

    /// The files below a folder, by name.
    pub(crate) fn in_folder(&self, folder: &str) -> Vec<(String, String)> {
        self.below(folder).map(|(path, text)| (format!("{folder}{}/{path}", self.name), text.clone())).collect()
    }

    /// The files of one kind of target: path and text.
    pub(crate) fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a (String, String)> {
        self.files.iter().filter(move |(path, _)| path.starts_with(folder))
    }

    /// The settings of PostgreSQL servers, by name: the text, and the version that the spec names.
    pub(crate) fn servers(&self) -> impl Iterator<Item = (String, (String, Option<u32>))> {
        self.below("postgresql/").filter(|(path, _)| path.ends_with(".conf")).map(|(path, text)| {
            let name = path.trim_start_matches("postgresql/").trim_end_matches(".conf");
            let address = Address::of(["database", name, "instance", "version"]);
            let value = self.lock.inputs.get(&address).or_else(|| self.lock.numbers.get(&address));
            let version = value.and_then(|it| it.split('.').next()?.parse().ok());
            (format!("postgresql/{}/{name}", self.name), (text.clone(), version))
        })
    }

    /// The SQL of shards, by name: the text, and what the lock says of them, by the last part of the address.
    pub(crate) fn shards(&self) -> impl Iterator<Item = (String, (String, BTreeMap<String, String>))> {
        self.below("postgresql/").filter(|(path, _)| path.ends_with("-shards.sql")).map(|(path, text)| {
            let name = path.trim_start_matches("postgresql/").trim_end_matches("-shards.sql");
            let values = self.values_below(&Address::of(["database", name, "shards"]));
            (format!("shards/{}/{name}", self.name), (text.clone(), values))
        })
    }

    /// The settings of Redis servers, by name.
    pub(crate) fn redis_settings(&self) -> impl Iterator<Item = (String, String)> {
        let files = self.below("redis/").filter(|(path, _)| path.ends_with(".conf"));
        files.map(|(path, text)| (format!("redis/{}/{path}", self.name), text.clone()))
    }

    /// The Redis Clusters, by name.
    pub(crate) fn redis_clusters(&self) -> impl Iterator<Item = (String, Plan)> {
        self.below("redis/").filter_map(|(path, script)| {
            let name = path.strip_prefix("redis/")?.strip_suffix("-cluster.sh")?;
            let (_, settings) = self.below("redis/").find(|(it, _)| *it == format!("redis/{name}.conf"))?;
            let values = self.values_below(&Address::of(["redis", name]));
            let plan = Plan { settings: settings.clone(), script: script.clone(), values };
            Some((format!("redis/{}/{name}", self.name), plan))
        })
    }

    /// What the lock says below an address, by the rest of theirs.
    fn values_below(&self, address: &Address) -> BTreeMap<String, String> {
        let prefix = format!("{address}.");
        let both = [&self.lock.inputs, &self.lock.numbers].into_iter().flat_map(|it| it.starting_with(&prefix));
        both.map(|it| (it.address().as_str().trim_start_matches(&prefix).to_owned(), it.value.to_owned())).collect()
    }

    /// The PgBouncers, if there are any.
    pub(crate) fn poolers(&self) -> Option<(String, Poolers)> {
        let text = |path: &str| self.files.iter().find(|(it, _)| it == path).map(|(_, text)| text.clone());
        let named = |path: &str| path.strip_prefix("pgbouncer/")?.strip_suffix("/pgbouncer.ini").map(str::to_owned);
        let member = |(path, ini): &(String, String)| {
            let name = named(path)?;
            let user_list = text(&format!("pgbouncer/{name}/userlist.txt.example")).unwrap_or_default();
            Some(Pooler { name, ini: ini.clone(), user_list })
        };
        let members: Vec<Pooler> = self.files.iter().filter_map(member).collect();
        let poolers = Poolers { values: values(&self.lock), members };
        (!poolers.members.is_empty()).then(|| (format!("pgbouncer/{}", self.name), poolers))
    }
}

fn values(lock: &Lock) -> BTreeMap<String, String> {
    let tables = ["database.", "pgbouncer."].into_iter();
    let used = tables.flat_map(|it| lock.inputs.starting_with(it).chain(lock.numbers.starting_with(it)));
    used.map(|it| (it.address().to_string(), it.value.to_owned())).collect()
}

/// Every output folder below some folders, in the order of their names.
pub(crate) fn find(roots: &[PathBuf]) -> Result<Vec<Output>, String> {
    let mut locks = Vec::new();
    for root in roots {
        walk(root, &mut locks)?;
    }
    locks.sort();
    Ok(locks.iter().filter_map(|path| load(path)).collect())
}

fn walk(folder: &Path, locks: &mut Vec<PathBuf>) -> Result<(), String> {
    for path in listing(folder)? {
        if path.is_dir() && !path.is_symlink() {
            walk(&path, locks)?;
        } else if path.file_name().is_some_and(|name| name == lock::PATH) {
            locks.push(path);
        }
    }
    Ok(())
}

/// What stands in a folder; one that is not there is empty.
fn listing(folder: &Path) -> Result<Vec<PathBuf>, String> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).and_then(|entries| entries.map(|it| it.map(|it| it.path())).collect());
    entries.map_err(|error| format!("{}: {error}", folder.display()))
}

/// `None` where the lock is broken, which some cases show.
fn load(path: &Path) -> Option<Output> {
    let lock = Lock::parse(&fs::read_to_string(path).ok()?).ok()?;
    let folder = path.parent()?;
    let untouched = |locked: lock::LockedFile<'_>| {
        let text = fs::read_to_string(folder.join(locked.path)).ok()?;
        (lock::sha256(text.as_bytes()) == locked.sha256).then(|| (locked.path.to_owned(), text))
    };
    let files = lock.files.iter().filter_map(untouched).collect();
    let name = folder.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(folder).display().to_string();
    Some(Output { name, lock, files })
}

/// The first of those that are equal.
pub(crate) fn distinct<T: Ord + Clone>(all: impl Iterator<Item = (String, T)>) -> Vec<(String, T)> {
    let mut seen = BTreeSet::new();
    all.filter(|(_, it)| seen.insert(it.clone())).collect()
}

/// The files of a folder that are broken on purpose, by test name.
pub(crate) fn fixtures(folder: &Path, extension: &str) -> Result<Vec<(String, String)>, String> {
    let mut paths = listing(folder)?;
    paths.retain(|path| path.extension().is_some_and(|it| it == extension));
    paths.sort();
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let consumer = folder.file_name().unwrap_or_default().to_string_lossy();
        Ok((format!("broken/{consumer}/{stem}"), text))
    };
    paths.iter().map(read).collect()
}

/// A broken ini as the only PgBouncer of an output, with what stands in the lock file beside it, if one does.
pub(crate) fn fixture_poolers(folder: &Path, name: &str, ini: &str) -> Result<Poolers, String> {
    let stem = name.rsplit('/').next().unwrap_or(name);
    let values = match fs::read_to_string(folder.join(format!("{stem}.lock.json"))) {
        Ok(text) => values(&Lock::parse(&text)?),
        Err(_) => BTreeMap::new(),
    };
    let member = Pooler { name: "main".to_owned(), ini: ini.to_owned(), user_list: String::new() };
    Ok(Poolers { values, members: vec![member] })
}

/// A broken page, with the Kubernetes documents that stand beside the broken pages.
pub(crate) fn fixture_page(folder: &Path, text: &str) -> Result<Page, String> {
    let mut files = Vec::new();
    for path in listing(folder)?.into_iter().filter(|it| it.extension().is_some_and(|it| it == "yaml")) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().replace('_', "/");
        files.push((name, fs::read_to_string(&path).map_err(|error| error.to_string())?));
    }
    Ok(Page { text: text.to_owned(), files, may_stop: false, is_narrowed: false })
}

/// Broken CronJobs, and what they patch.
pub(crate) fn cron_job_page(text: String) -> Page {
    Page { text: String::new(), files: vec![("k8s/it.yaml".to_owned(), text)], may_stop: false, is_narrowed: false }
}

/// # Errors
/// Where a broken file was accepted, or refused for another reason than its first line says.
pub(crate) fn must_be_refused(text: &str, verdict: Result<(), String>) -> Result<(), String> {
    let first = text.lines().next().unwrap_or_default().trim_start_matches(['#', ';', '/', '<', '!', '-', ' ']);
    let reason = first.strip_prefix("refused: ").ok_or("the first line names no reason")?.trim_end_matches(" -->");
    must_say(reason, verdict)
}

/// The files of a folder that are broken on purpose and can hold no comment: the reason stands beside each in `<name>.refused`.
pub(crate) fn fixtures_with_reasons(folder: &Path, extension: &str) -> Result<Vec<(String, String, String)>, String> {
    let with_reason = |(name, text): (String, String)| {
        let stem = name.rsplit('/').next().unwrap_or(&name);
        let path = folder.join(format!("{stem}.refused"));
        let reason = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok((name, text, reason.trim().to_owned()))
    };
    fixtures(folder, extension)?.into_iter().map(with_reason).collect()
}

/// # Errors
/// Where a broken file was accepted, or refused for another reason.
pub(crate) fn must_say(reason: &str, verdict: Result<(), String>) -> Result<(), String> {
    match verdict {
        Ok(()) => Err(format!("accepted, where `{reason}` was expected")),
        Err(error) if error.contains(reason) => Ok(()),
        Err(error) => Err(format!("refused, but not because of `{reason}`:\n{error}")),
    }
}

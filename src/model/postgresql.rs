//! Settings of a PostgreSQL server, from its memory, its cores and its storage.
//!
//! The rules are PgTune's (le0pard/pgtune `src/features/configuration/configurationSlice.js`), in exact arithmetic and
//! rounded down to whole kilobytes, as PgTune does. Numbers that the cores decide stand in `parallel`, what else a file
//! may say in `settings`. PostgreSQL's kilobyte has 1024 bytes, like its `MB` and `GB`.
//!
//! Check: 16 GiB, 200 connections and 8 cores give `shared_buffers` 4 GB and a `work_mem` of 20164 kB.

mod memory;
mod parallel;
mod settings;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use crate::diag::Diagnostic;
use crate::diag::source::{Span, Spanned};
use crate::spec::Spec;
use crate::spec::postgresql::{Instance, Storage, Usage};
use crate::spec::scalar::major;
use crate::unit::exact::Exact;
use crate::unit::quantity::Quantity;
use crate::why::{Address, Derived};

use super::pools::Database;
use super::reasons::{Answer, Reasons};

/// The settings of one server.
#[derive(Debug, Clone)]
pub struct Server {
    /// The name of its `[database.NAME]`.
    pub name: String,
    /// `database.main`.
    pub address: Address,
    /// Names and values as PostgreSQL spells them, in the order of the file.
    pub settings: Vec<(String, Derived<String>)>,
    /// What the server may take in all.
    pub memory: Derived<Size>,
    /// What all connections take where each sorts three times at once, beside `shared_buffers`.
    pub peak_memory: Derived<Size>,
    pub work_mem: Derived<Size>,
    pub max_connections: Derived<i64>,
}

/// An amount of memory, in kB of 1024 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub i64);

impl fmt::Display for Size {
    /// As PostgreSQL prints it: in the largest unit that leaves no fraction.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(1 << 30, "TB"), (1 << 20, "GB"), (1 << 10, "MB")];
        let unit = units.into_iter().find(|(unit, _)| self.0 != 0 && self.0 % unit == 0);
        let (unit, name) = unit.unwrap_or((1, "kB"));
        write!(f, "{}{name}", self.0 / unit)
    }
}

/// One megabyte and one gigabyte of PostgreSQL's, in kB.
const MB: i64 = 1 << 10;
const GB: i64 = 1 << 20;

/// Less memory is no server, more is beyond what its largest settings can say (`effective_cache_size` ends at 16 TB).
const LEAST_MEMORY: i64 = 64 * MB;
const MOST_MEMORY: i64 = 16 << 30;

/// More than PostgreSQL's largest number of parallel workers.
const MOST_CORES: i64 = 1024;

/// PostgreSQL where the spec names no version.
const POSTGRESQL: u32 = 17;

/// The versions whose settings `settings` has in full.
const OLDEST: u32 = 13;
const NEWEST: u32 = 18;

/// The servers whose machine is known, sorted by name.
pub(super) fn resolve(spec: &Spec, databases: &[Database], reasons: &mut Reasons) -> Vec<Server> {
    let sound = databases.iter().filter(|it| !spec.is_damaged("database", &it.name));
    let mut files: BTreeMap<String, Span> = BTreeMap::new();
    let server = |database: &Database| {
        let entry = spec.database.get(&database.name)?;
        let instance = entry.value.instance.as_ref()?;
        check_file(&database.name, entry.key, &mut files, reasons);
        server(database, instance, reasons)
    };
    sound.filter_map(server).collect()
}

/// Where capital letters count for nothing, on macOS and Windows, two names would be one file.
fn check_file(name: &str, place: Span, files: &mut BTreeMap<String, Span>, reasons: &mut Reasons) {
    if let Some(first) = files.get(&name.to_lowercase()) {
        let message = format!("`{name}.conf` is the file of two databases wherever capital letters count for nothing");
        let diagnostic = Diagnostic::error(message).at(place, "here again").at(*first, "first here");
        reasons.sink.error(diagnostic.help("give one of them another name"));
    }
    files.entry(name.to_lowercase()).or_insert(place);
}

/// A machine, and what was decided of it so far.
struct Machine<'a> {
    /// `database.main.instance`.
    address: Address,
    written: &'a Instance,
    place: Span,
    memory: Derived<Size>,
    /// Whole cores; `None` where they are not stated.
    cores: Option<Derived<i64>>,
    storage: Derived<Storage>,
    usage: Derived<Usage>,
    version: u32,
    max_connections: Derived<i64>,
}

fn server(database: &Database, instance: &Spanned<Instance>, reasons: &mut Reasons) -> Option<Server> {
    let machine = machine(database, instance, reasons)?;
    let parallel = parallel::resolve(&machine, reasons);
    let memory = memory::resolve(&machine, &parallel, reasons)?;
    let mut settings = vec![named("max_connections", &machine.max_connections)];
    settings.extend(memory.settings);
    settings.extend(parallel.settings);
    settings.extend(settings::resolve(&machine, reasons));
    Some(Server {
        name: database.name.clone(),
        address: database.address.clone(),
        settings,
        memory: machine.memory,
        peak_memory: memory.peak,
        work_mem: memory.work_mem,
        max_connections: machine.max_connections,
    })
}

fn machine<'a>(database: &Database, instance: &'a Spanned<Instance>, reasons: &mut Reasons) -> Option<Machine<'a>> {
    let (address, written) = (database.address.child("instance"), &instance.value);
    let version = version(written, &address, reasons);
    let storage = written.storage.as_ref();
    let storage = reasons.written_or(address.child("storage"), storage, Storage::Ssd, "what servers have today");
    let usage = written.workload.as_ref();
    let usage = reasons.written_or(address.child("workload"), usage, Usage::Web, "PgTune's own default");
    let size = Size(written.memory.value.bytes_ceil() / 1024);
    let memory = reasons.taken(address.child("memory"), size, written.memory.span);
    let cores = written.cpu.as_ref().map(|cpu| {
        let cores = cpu.value.milli_ceil() / 1000;
        if cores > MOST_CORES {
            let message = format!("a server with {cores} cores is beyond what PostgreSQL can be told");
            let help = format!("write `cpu = \"{MOST_CORES}\"` or less");
            reasons.sink.error(Diagnostic::error(message).at(cpu.span, "").help(help));
        }
        reasons.taken(address.child("cpu"), cores, cpu.span)
    });
    if !(LEAST_MEMORY..=MOST_MEMORY).contains(&size.0) {
        let (least, most) = (Size(LEAST_MEMORY), Size(MOST_MEMORY));
        let message = format!("`memory` is {}: a PostgreSQL server has {least} to {most}", written.memory.value);
        let diagnostic = Diagnostic::error(message).at(written.memory.span, "");
        reasons.sink.error(diagnostic.help("memory = \"16Gi\""));
        return None;
    }
    let (place, max_connections) = (instance.span, database.max_connections.clone());
    Some(Machine { address, written, place, memory, cores, storage, usage, version, max_connections })
}

fn version(written: &Instance, address: &Address, reasons: &mut Reasons) -> u32 {
    let at = address.child("version");
    let Some(text) = &written.version else {
        reasons.default(at, POSTGRESQL, "what most providers install");
        return POSTGRESQL;
    };
    reasons.taken(at, text.value.as_str().to_owned(), text.span);
    let version = major(text.value.as_str()).unwrap_or(POSTGRESQL);
    if !(OLDEST..=NEWEST).contains(&version) {
        let message = format!("capgen knows the settings of PostgreSQL {OLDEST} to {NEWEST}, not those of {version}");
        let nearest = version.clamp(OLDEST, NEWEST);
        let help = format!("write `version = \"{nearest}\"`");
        reasons.sink.error(Diagnostic::error(message).at(text.span, "").help(help));
        return nearest;
    }
    version
}

impl Machine<'_> {
    /// Decides a number that may be pinned. It carries no load by itself, so a pin is never more or less than asked.
    fn decide<T: Clone + fmt::Display>(
        &self,
        key: &str,
        pin: Option<Spanned<T>>,
        answer: Answer<T>,
        reasons: &mut Reasons,
    ) -> Derived<T> {
        let (address, value) = (self.address.child(key), answer.value.clone());
        let decided = reasons.decided(address.clone(), pin.as_ref(), Some(answer), |_, _| Ordering::Equal);
        decided.unwrap_or(Derived { value, address })
    }
}

/// A pinned amount of memory within what PostgreSQL takes for this setting.
fn pinned(
    key: &'static str,
    written: Option<&Spanned<Quantity>>,
    least: Size,
    most: Size,
    reasons: &mut Reasons,
) -> Option<Spanned<Size>> {
    let written = written?;
    let size = Size(written.value.bytes_ceil() / 1024);
    if size < least || size > most {
        let message = format!("`{key}` cannot be {}: PostgreSQL takes {least} to {most}", written.value);
        let nearest = spec_text(size.clamp(least, most));
        let help = format!("write `{key} = \"{nearest}\"`, or leave it out");
        reasons.sink.error(Diagnostic::error(message).at(written.span, "").help(help));
    }
    Some(Spanned { value: size, span: written.span })
}

/// As a spec writes it: `4Gi`.
fn spec_text(size: Size) -> String {
    size.to_string().replace("kB", "Ki").replace('B', "i")
}

fn named<T: fmt::Display>(name: &str, value: &Derived<T>) -> (String, Derived<String>) {
    (name.to_owned(), value.map(T::to_string))
}

/// A number out of PgTune's tables, with the input that picks the row.
fn by<T, K: fmt::Display>(value: T, symbolic: &'static str, shown: &str, key: &Derived<K>) -> Answer<T> {
    Answer { value, symbolic, numbers: format!("{shown} for {}", key.value), inputs: vec![key.address.clone()] }
}

/// Rounded down; the inputs are bounded, so that nothing leaves the range.
fn floor(value: Exact) -> i64 {
    value.floor().unwrap_or(i64::MAX)
}

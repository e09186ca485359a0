//! From the root file to one merged tree: includes, environment, flags.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::tree::{self, Entry, Node, Table, Value};
use super::{Request, merge};
use crate::diag::source::{FileId, SourceKind, Sources, Span};
use crate::diag::{Diagnostic, Reported, Sink, secret, suggest};

/// Where files come from: the disk, or a revision of a repository. Paths use `/` and are relative to one folder.
pub trait Files: Sync {
    /// The text of a file.
    fn read(&self, path: &str) -> Result<String, String>;
    /// The files that match a pattern, sorted.
    fn matching(&self, pattern: &str) -> Result<Vec<String>, String>;
    /// Whether there is such a file.
    fn has(&self, path: &str) -> bool {
        self.read(path).is_ok()
    }
}

/// Files above this size are refused: no spec is that long, and spans count in 32 bits.
const LARGEST_FILE: usize = 64 << 20;

/// Specs below this size, in bytes, are compiled faster by one thread than by several, which take about a millisecond
/// to start and to meet (`benches/build.rs`, 10 workloads).
const SMALL: usize = 64 << 10;

/// Starts as many threads as an input of this size, in bytes, is worth, this one among them, unless some run already.
pub fn start_threads(size: usize) {
    let threads = if size < SMALL { 1 } else { 0 };
    let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).use_current_thread().build_global();
}

/// A spec as one tree.
pub(super) struct Loaded {
    pub(super) tree: Table,
    /// Whether some `[env.NAME]` stands in it, laid on it or not.
    pub(super) has_environments: bool,
}

/// Reads the root file and everything it includes, then lays the environment and the flags on it.
pub(super) fn load(
    request: &Request<'_>,
    files: &dyn Files,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Result<Loaded, Reported> {
    let mut merged = read_all(request.file, files, sources, sink)?;
    sink.ok()?;
    let environments = merged.0.remove("env");
    let has_environments = environments.is_some();
    if let Some(name) = request.env {
        apply_environment(&mut merged, environments, name, sink);
    }
    for flag in request.set {
        apply_flag(&mut merged, flag, sources, sink);
    }
    sink.ok().map(|()| Loaded { tree: merged, has_environments })
}

/// Whether a spec has an `[env.NAME]`; one that cannot be read may have any.
pub fn has_environment(file: &str, name: &str, files: &dyn Files) -> bool {
    let merged = read_all(file, files, &mut Sources::default(), &mut Sink::default());
    merged.map_or(true, |mut it| match it.0.remove("env").map(|it| it.node.value) {
        Some(Value::Table(environments)) => environments.0.contains_key(name),
        other => other.is_some(),
    })
}

/// A file that is to be read, and who asked for it.
struct Wanted {
    path: String,
    /// The files on the way from the root, for cycles.
    way: Vec<String>,
    asked: Option<Span>,
}

fn read_all(root: &str, files: &dyn Files, sources: &mut Sources, sink: &mut Sink) -> Result<Table, Reported> {
    let mut all = Vec::new();
    let mut seen = BTreeSet::from([root.to_owned()]);
    let mut wanted = vec![Wanted { path: root.to_owned(), way: Vec::new(), asked: None }];
    while !wanted.is_empty() {
        let mut opened: Vec<(Wanted, FileId)> = Vec::new();
        let texts: Vec<_> = match wanted.len() < MANY {
            true => wanted.iter().map(|file| read_one(files, &file.path)).collect(),
            false => {
                start_threads(usize::MAX);
                wanted.par_iter().map(|file| read_one(files, &file.path)).collect()
            }
        };
        for (file, text) in wanted.into_iter().zip(texts) {
            match text {
                Ok(text) => {
                    let id = sources.add(SourceKind::File, file.path.clone(), text);
                    opened.push((file, id));
                }
                Err(fault) => {
                    let message = format!("reading `{}`: {fault}", file.path.escape_debug());
                    let help = match file.asked {
                        None => "name another spec with `--file`, or start one with `capgen init`",
                        Some(_) => {
                            "paths are relative to the file that includes; a folder is named by a pattern: \"services/*.toml\""
                        }
                    };
                    sink.error(Diagnostic::error(message).at_some(file.asked, "included here").help(help));
                }
            }
        }
        let parsed = parse_all(&opened, sources);
        wanted = Vec::new();
        for ((file, _), (mut table, faults)) in opened.into_iter().zip(parsed) {
            sink.append(faults);
            if let Some(include) = table.0.remove("include") {
                wanted.extend(included(&file, &include, files, &mut seen, sink));
            }
            all.push(table);
        }
    }
    let merged = merge::union(all, sink);
    sink.ok().map(|()| merged)
}

/// So many files are read faster by all cores than by one, with the time that it takes to start them.
const MANY: usize = 64;

fn read_one(files: &dyn Files, path: &str) -> Result<String, String> {
    let text = files.read(path)?;
    match text.len() > LARGEST_FILE {
        true => Err(format!("the file has {} MiB, more than {} are refused", text.len() >> 20, LARGEST_FILE >> 20)),
        false => Ok(text),
    }
}

/// Parses on all cores, unless there is so little that starting them would take longer.
fn parse_all(opened: &[(Wanted, FileId)], sources: &Sources) -> Vec<(Table, Sink)> {
    let parse = |(_, id): &(Wanted, FileId)| parse(*id, sources.text(*id));
    match sources.size() < SMALL {
        true => opened.iter().map(parse).collect(),
        false => {
            start_threads(sources.size());
            opened.par_iter().map(parse).collect()
        }
    }
}

fn parse(file: FileId, text: &str) -> (Table, Sink) {
    let mut sink = Sink::default();
    let table = tree::parse(file, text, &mut sink);
    (table, sink)
}

/// The files that an `include` names and that were not read yet.
fn included(
    from: &Wanted,
    include: &Entry,
    files: &dyn Files,
    seen: &mut BTreeSet<String>,
    sink: &mut Sink,
) -> Vec<Wanted> {
    let Value::List(patterns) = &include.node.value else {
        let message = format!("expected an array of patterns, found {}", include.node.kind());
        let help = "write `include = [\"services/*.toml\"]`";
        sink.error(Diagnostic::error(message).at(include.node.span, "").help(help));
        return Vec::new();
    };
    let mut wanted = Vec::new();
    for pattern in patterns {
        let Value::Text(text) = &pattern.value else {
            let message = format!("expected a pattern in quotes, found {}", pattern.kind());
            sink.error(Diagnostic::error(message).at(pattern.span, "").help("write one such as \"services/*.toml\""));
            continue;
        };
        let found = resolve(&from.path, text).and_then(|pattern| files.matching(&pattern));
        let mut way = from.way.clone();
        way.push(from.path.clone());
        match found {
            Err(fault) => {
                let help = "write a path relative to this file such as \"services/*.toml\"";
                sink.error(Diagnostic::error(format!("include: {fault}")).at(pattern.span, "").help(help));
            }
            Ok(found) if found.is_empty() => {
                let message = format!("no file matches `{}`", text.escape_debug());
                let help = "patterns are relative to the file that includes; take the line out if nothing is to match";
                sink.error(Diagnostic::error(message).at(pattern.span, "").help(help));
            }
            Ok(found) => {
                for path in found {
                    if way.contains(&path) && !text.contains(['*', '?', '[', '{']) {
                        let circle = [way.as_slice(), std::slice::from_ref(&path)].concat().join("` → `");
                        let message = format!("the includes go in a circle: `{circle}`");
                        let diagnostic = Diagnostic::error(message).at(pattern.span, "closes the circle");
                        sink.error(diagnostic.help("take it out: a file is included once"));
                    } else if seen.insert(path.clone()) {
                        wanted.push(Wanted { path, way: way.clone(), asked: Some(pattern.span) });
                    }
                }
            }
        }
    }
    wanted
}

/// A pattern relative to the file that names it, without `.` and `..`.
fn resolve(from: &str, pattern: &str) -> Result<String, String> {
    let is_odd = |it: char| it.is_control() || matches!(it, '\\' | ':');
    if pattern.is_empty() || pattern.starts_with('/') || pattern.contains(is_odd) {
        return Err(format!("`{}` is no relative path with `/`", pattern.escape_debug()));
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    for part in pattern.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let root = if from.starts_with('/') { "/" } else { "" };
    Ok(format!("{root}{}", parts.join("/")))
}

fn apply_environment(merged: &mut Table, environments: Option<Entry>, name: &str, sink: &mut Sink) {
    let mut tables = match environments {
        Some(Entry { node: Node { value: Value::Table(tables), .. }, .. }) => tables,
        _ => Table::default(),
    };
    match tables.0.remove(name) {
        Some(Entry { node: Node { value: Value::Table(over), .. }, .. }) => merge::overlay(merged, over, &[]),
        Some(entry) => {
            let message = format!("expected a table, found {}", entry.node.kind());
            let help = format!("begin it with `[env.{name}]`");
            sink.error(Diagnostic::error(message).at(entry.node.span, "").help(help));
        }
        None => {
            let message = format!("there is no `[env.{}]` in the spec", name.escape_debug());
            let help = match tables.0.is_empty() {
                true => "the spec has no `[env.NAME]` at all; leave `--env` out".to_owned(),
                false => suggest::help(name, tables.0.keys().map(|it| &**it)),
            };
            sink.error(Diagnostic::error(message).help(help));
        }
    }
}

/// Lays one `--set KEY=VALUE` on the tree. The value is TOML; what is not is taken as a string.
fn apply_flag(merged: &mut Table, flag: &str, sources: &mut Sources, sink: &mut Sink) {
    if flag.trim().is_empty() {
        // An empty CAPGEN_SET, or the newline at its end.
        return;
    }
    let file = sources.add(SourceKind::Flag, format!("--set {}", secret::shown(&visible(flag))), flag);
    let mut faults = Sink::default();
    let parsed = tree::parse(file, flag, &mut faults);
    let over = match faults.ok() {
        Ok(()) => Some(parsed).filter(|it| it.0.len() == 1 && !flag.trim_start().starts_with('[')),
        Err(_) => as_string(file, flag),
    };
    match over {
        Some(over) => {
            check_flag_target(merged, &over, sink);
            let mut over = over;
            keep_places(merged, &mut over);
            merge::overlay(merged, over, &[]);
        }
        None => {
            let message = format!("`--set {}` is no assignment", visible(flag));
            let help = "write `--set service.api.target_rps=120000`";
            sink.error(Diagnostic::error(message).help(help));
        }
    }
}

/// A flag on the way to a key does not write the tables that it passes: they stay where a file has them.
fn keep_places(merged: &Table, over: &mut Table) {
    for (key, there) in merged.0.iter() {
        let Some(above) = over.0.get_mut(key) else { continue };
        if let (Value::Table(under), Value::Table(below)) = (&there.node.value, &mut above.node.value) {
            (above.key, above.node.span) = (there.key, there.node.span);
            keep_places(under, below);
        }
    }
}

/// A flag changes what is there: a name that no table has is a slip of the keyboard.
fn check_flag_target(merged: &Table, over: &Table, sink: &mut Sink) {
    let names_tables = |kind: &str| merge::CONTAINERS.contains(&kind) && !matches!(kind, "lints" | "env");
    for (kind, entry) in over.0.iter().filter(|(kind, _)| names_tables(kind)) {
        let there = merged.0.get(kind).and_then(|it| it.node.table());
        for (name, named) in entry.node.table().iter().flat_map(|it| it.0.iter()) {
            if there.is_none_or(|it| !it.0.contains_key(name)) {
                let message = format!("there is no `[{kind}.{}]` to set a key of", visible(name));
                let help = match there {
                    Some(tables) => suggest::help(name, tables.0.keys().map(|it| &**it)),
                    None => format!("the spec has no {kind} at all"),
                };
                sink.error(Diagnostic::error(message).at(named.key, "").help(help));
            }
        }
    }
}

/// A flag as it was typed, but for what could steer a terminal.
fn visible(flag: &str) -> String {
    let shown = |it: char| if it.is_control() { it.escape_debug().to_string() } else { it.to_string() };
    flag.chars().map(shown).collect()
}

/// `a.b=text`: the key as TOML, the value as it is.
fn as_string(file: FileId, flag: &str) -> Option<Table> {
    let (key, text) = flag.split_once('=')?;
    let mut faults = Sink::default();
    let mut table = tree::parse(file, &format!("{key}=''"), &mut faults);
    faults.ok().ok()?;
    let value = Node { value: Value::Text(text.into()), span: Span::new(file, key.len() + 1..flag.len()) };
    replace_leaf(&mut table, &value);
    Some(table)
}

fn replace_leaf(table: &mut Table, value: &Node) {
    for entry in table.0.values_mut() {
        match &mut entry.node.value {
            Value::Table(below) if !below.0.is_empty() => replace_leaf(below, value),
            _ => entry.node = value.clone(),
        }
    }
}

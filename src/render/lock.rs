//! The lock file: what the last build wrote, and from which values.
//!
//! It answers three questions of the next build: which files are ours, was one edited by hand, and which input of a
//! changed number is new. It holds no spans, no time and no name of a machine, so neither a comment in the spec nor a
//! moved line changes it. It knows nothing of disks.

mod files;
mod stream;

use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;
use std::iter;

use rayon::iter::Either;
use rayon::prelude::*;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use sha2::{Digest, Sha256};

pub use files::{LockedFile, LockedFiles};
pub use stream::read;

use super::{File, Tree};
use crate::why::values::Values;
use crate::why::{Address, Causes, Origin};

/// The lock's path in the output folder.
pub const PATH: &str = "capgen.lock.json";

/// What stands before the path of the spec.
const SOURCE_KEY: &str = ",\n  \"source\": ";

/// The format that this version reads and writes. Another number means another meaning: it is not guessed at.
pub const VERSION: u32 = 1;

/// Where the spec stands of which a lock says nothing, as a path from the output folder.
pub const SOURCE: &str = "../capacity.toml";

/// How much of a lock's beginning may be read to know its [`source`], in bytes.
pub const START: u64 = 8192;

/// What a build wrote, as its lock file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// The format: [`VERSION`].
    pub version: u32,
    /// The version of capgen that wrote it.
    pub capgen: String,
    /// The SHA-256 of the resolved inputs, in lowercase hex.
    pub spec: String,
    /// Every written file but the lock itself, by its path in the output folder.
    pub files: LockedFiles,
    /// What was written, in the spec or in a flag.
    pub inputs: Values,
    /// What capgen decided: by a formula, by default, by a row of its catalogue.
    pub numbers: Values,
}

/// A lock that is to be written. It borrows: a platform has hundreds of thousands of values.
#[derive(Debug)]
pub struct Draft<'a> {
    /// The SHA-256 of the resolved inputs, in lowercase hex.
    spec: String,
    /// The path of the spec from the output folder, where it is not [`SOURCE`].
    source: Option<String>,
    /// Each file's hash, in lowercase hex; sorted by path.
    files: Vec<(&'a File, String)>,
    inputs: Vec<(&'a Address, &'a str)>,
    numbers: Vec<(&'a Address, &'a str)>,
}

impl Draft<'_> {
    /// Names the spec that is built, by its path from the output folder.
    #[must_use]
    pub fn of_spec(mut self, source: &str) -> Self {
        self.source = (source != SOURCE).then(|| source.to_owned());
        self
    }

    /// The file's text: sorted JSON with one entry a line, so that git merges it.
    pub fn print(&self) -> String {
        self.pieces().concat()
    }

    /// The file's text in pieces, made on all cores: that of a large platform is among the largest things there are, and
    /// need not be in memory twice.
    pub fn pieces(&self) -> Vec<String> {
        let mut start = format!("{{\n  \"version\": {VERSION},\n  \"capgen\": ");
        quote(&mut start, env!("CARGO_PKG_VERSION"));
        start.push_str(",\n  \"spec\": ");
        quote(&mut start, &self.spec);
        if let Some(source) = &self.source {
            start.push_str(SOURCE_KEY);
            quote(&mut start, source);
        }
        let mut pieces = vec![start];
        member(&mut pieces, "files", &self.files, |out, (file, hash)| {
            quote(out, &file.path);
            out.push_str(": { \"sha256\": ");
            quote(out, hash);
            out.push_str(", \"owner\": ");
            quote(out, file.owner.as_str());
            out.push_str(" }");
        });
        for (name, values) in [("inputs", &self.inputs), ("numbers", &self.numbers)] {
            member(&mut pieces, name, values, |out, (address, value)| {
                quote(out, address.as_str());
                out.push_str(": ");
                quote(out, value);
            });
        }
        pieces.push("\n}\n".to_owned());
        pieces
    }

    /// The SHA-256 of the file's text, in lowercase hex.
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        self.pieces().iter().for_each(|piece| hash.update(piece.as_bytes()));
        hex(&hash.finalize())
    }

    /// The hash of a file, in lowercase hex, where the lock lists it.
    pub fn sha256_of(&self, path: &str) -> Option<&str> {
        let found = self.files.binary_search_by(|(file, _)| file.path.as_str().cmp(path));
        self.files.get(found.ok()?).map(|(_, hash)| hash.as_str())
    }
}

impl Lock {
    /// The lock that is to be written for a tree and the values that decided it.
    pub fn of<'a>(tree: &'a Tree, causes: &'a Causes) -> Draft<'a> {
        let (mut inputs, mut numbers): (Vec<_>, Vec<_>) =
            causes.par_iter().partition_map(|(address, why)| match why.origin {
                Origin::Written(_) => Either::Left((address, why.value)),
                _ => Either::Right((address, why.value)),
            });
        // Not quite the order of the tables: `service.a-b.max` stands before `service.a.max`.
        inputs.par_sort_unstable();
        numbers.par_sort_unstable();
        let hashes = || tree.files.par_iter().map(|file| (file, sha256(&file.bytes))).collect();
        let (files, spec) = rayon::join(hashes, || fingerprint(&inputs));
        Draft { spec, source: None, files, inputs, numbers }
    }

    /// Reads a lock. Unknown fields are ignored.
    ///
    /// # Errors
    /// The reason, as a phrase, where the text is no lock (git's conflict marks, say) or has another format.
    pub fn parse(text: &str) -> Result<Self, String> {
        let read: Read = serde_json::from_str(text).map_err(|error| fault(text, &error))?;
        check_version(read.version)?;
        Ok(Self {
            version: read.version,
            capgen: read.capgen,
            spec: read.spec,
            files: read.files,
            inputs: read.inputs,
            numbers: read.numbers,
        })
    }
}

/// Reads only the files of a lock: who writes needs no more, and the values are most of a large lock.
///
/// # Errors
/// As for [`Lock::parse`].
pub fn parse_files(text: &str) -> Result<LockedFiles, String> {
    let read: ReadFiles = serde_json::from_str(text).map_err(|error| fault(text, &error))?;
    check_version(read.version)?;
    Ok(read.files)
}

/// The path of the spec that a lock was written for, seen from the output folder, from as much as [`START`] of its text.
pub fn source(start: &str) -> String {
    let after = start.split_once("\"files\": {").map_or(start, |(before, _)| before).split_once(SOURCE_KEY);
    let line = after.and_then(|(_, rest)| rest.lines().next());
    let text = line.and_then(|it| serde_json::from_str(it.trim_end_matches(',')).ok());
    text.unwrap_or_else(|| SOURCE.to_owned())
}

/// How the reason begins why a lock with git's marks of a merge conflict cannot be read.
pub const CONFLICT: &str = "it has a merge conflict";

/// The line on which git's marks begin, counted from 1.
fn conflict(text: &str) -> Option<usize> {
    text.lines().position(|line| line.starts_with("<<<<<<<")).map(|it| it + 1)
}

/// Why a text is no lock.
fn fault(text: &str, error: &serde_json::Error) -> String {
    match conflict(text) {
        Some(line) => format!("{CONFLICT}, `<<<<<<<` on line {line}"),
        None => error.to_string(),
    }
}

fn check_version(version: u32) -> Result<(), String> {
    match version {
        VERSION => Ok(()),
        other => Err(format!("it has format {other}, this version of capgen reads {VERSION}")),
    }
}

/// The SHA-256 of some bytes, in lowercase hex.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// One hash over all inputs, as `address=value` lines in the order of the addresses.
fn fingerprint(inputs: &[(&Address, &str)]) -> String {
    let mut hash = Sha256::new();
    let mut lines = String::new();
    for some in inputs.chunks(256) {
        lines.clear();
        lines.extend(some.iter().flat_map(|(address, value)| [address.as_str(), "=", value, "\n"]));
        hash.update(&lines);
    }
    hex(&hash.finalize())
}

fn hex(digest: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
    let mut text = String::with_capacity(2 * digest.len());
    text.extend(digest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
    text
}

/// A member of the outer object that is an object itself: one entry a line.
fn member<T: Sync>(pieces: &mut Vec<String>, name: &str, entries: &[T], entry: impl Fn(&mut String, &T) + Sync) {
    pieces.push(format!(",\n  \"{name}\": {{"));
    let print = |entries: &[T]| {
        let mut out = String::with_capacity(80 * entries.len());
        for it in entries {
            out.push_str("\n    ");
            entry(&mut out, it);
            out.push(',');
        }
        out
    };
    pieces.par_extend(entries.par_chunks(4096).map(print));
    if let Some(last) = pieces.last_mut()
        && last.ends_with(',')
    {
        last.pop();
        last.push_str("\n  ");
    }
    pieces.push("}".to_owned());
}

/// A JSON string. Nearly none has anything to escape, and there are as many as numbers in a platform.
fn quote(out: &mut String, text: &str) {
    out.push('"');
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') & (byte != b'"') & (byte != b'\\');
    // Without an early end the pass takes many bytes at a time.
    match text.bytes().fold(true, |plain, byte| plain & is_plain(byte)) {
        true => out.push_str(text),
        false => text.chars().for_each(|character| escape(out, character)),
    }
    out.push('"');
}

fn escape(out: &mut String, character: char) {
    match character {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        it if it.is_control() => {
            let _ = write!(out, "\\u{:04x}", u32::from(it));
        }
        it => out.push(it),
    }
}

/// The lock as it stands on disk. What an older version did not write yet is empty.
#[derive(Deserialize)]
struct Read {
    version: u32,
    #[serde(default)]
    capgen: String,
    #[serde(default)]
    spec: String,
    #[serde(default)]
    files: LockedFiles,
    #[serde(default, deserialize_with = "values")]
    inputs: Values,
    #[serde(default, deserialize_with = "values")]
    numbers: Values,
}

/// Reads values entry by entry, without a text of its own for any of them.
fn values<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Values, D::Error> {
    deserializer.deserialize_map(Entries)
}

struct Entries;

/// A text that is copied only where JSON has something escaped in it.
#[derive(Deserialize)]
struct Borrowed<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Visitor<'de> for Entries {
    type Value = Values;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("values by address")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Values, A::Error> {
        let entries = iter::from_fn(|| members.next_entry::<Borrowed<'de>, Borrowed<'de>>().transpose());
        entries.map(|entry| entry.map(|(address, value)| (address.0, value.0))).collect()
    }
}

/// The part of [`Read`] that says which files are ours.
#[derive(Deserialize)]
struct ReadFiles {
    version: u32,
    #[serde(default)]
    files: LockedFiles,
}

#[cfg(test)]
mod tests;

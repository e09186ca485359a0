//! The lock file: what the last build wrote, and from which values.
//!
//! It answers three questions of the next build: which files are ours, was one edited by hand, and which input of a
//! changed number is new. It holds no spans, no time and no name of a machine, so neither a comment in the spec nor a
//! moved line changes it. It knows nothing of disks.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rayon::prelude::*;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::Tree;
use crate::why::{Address, Causes, Origin, Why};

/// The lock's path in the output folder.
pub const PATH: &str = "capgen.lock.json";

/// The format that this version reads and writes. Another number means another meaning: it is not guessed at.
pub const VERSION: u32 = 1;

/// What a build wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// The format: [`VERSION`].
    pub version: u32,
    /// The version of capgen that wrote it.
    pub capgen: String,
    /// The SHA-256 of the resolved inputs, in lowercase hex.
    pub spec: String,
    /// Every written file but the lock itself, by its path in the output folder.
    pub files: BTreeMap<String, LockedFile>,
    /// Everything that was not computed: what was written, defaults and catalogue rows.
    pub inputs: BTreeMap<Address, String>,
    /// Everything that a formula gave.
    pub numbers: BTreeMap<Address, String>,
}

/// One written file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedFile {
    /// The SHA-256 of its bytes, in lowercase hex.
    pub sha256: String,
    /// The spec table that asked for it.
    pub owner: Address,
}

impl Lock {
    /// The lock of a tree and of the values that decided it.
    pub fn of(tree: &Tree, causes: &Causes) -> Self {
        let locked = |file: &super::File| {
            (file.path.clone(), LockedFile { sha256: sha256(&file.bytes), owner: file.owner.clone() })
        };
        let (numbers, inputs): (Vec<_>, Vec<_>) =
            causes.iter().partition(|(_, why)| matches!(why.origin, Origin::Formula { .. }));
        let values = |of: Vec<(&Address, &Why)>| -> BTreeMap<Address, String> {
            of.into_iter().map(|(address, why)| (address.clone(), why.value.clone())).collect()
        };
        let (files, (inputs, numbers)) = rayon::join(
            || tree.files.par_iter().map(locked).collect::<Vec<_>>(),
            || rayon::join(|| values(inputs), || values(numbers)),
        );
        Self {
            version: VERSION,
            capgen: env!("CARGO_PKG_VERSION").to_owned(),
            spec: fingerprint(&inputs),
            files: files.into_iter().collect(),
            inputs,
            numbers,
        }
    }

    /// The file's text: sorted JSON with one entry a line, so that git merges it.
    pub fn print(&self) -> String {
        let mut out =
            String::with_capacity(256 + 160 * self.files.len() + 64 * (self.inputs.len() + self.numbers.len()));
        let _ = write!(out, "{{\n  \"version\": {},\n  \"capgen\": ", self.version);
        quote(&mut out, &self.capgen);
        out.push_str(",\n  \"spec\": ");
        quote(&mut out, &self.spec);
        member(&mut out, "files", &self.files, |out, path, file| {
            quote(out, path);
            out.push_str(": { \"sha256\": ");
            quote(out, &file.sha256);
            out.push_str(", \"owner\": ");
            quote(out, file.owner.as_str());
            out.push_str(" }");
        });
        for (name, values) in [("inputs", &self.inputs), ("numbers", &self.numbers)] {
            member(&mut out, name, values, |out, address, value| {
                quote(out, address.as_str());
                out.push_str(": ");
                quote(out, value);
            });
        }
        out.push_str("\n}\n");
        out
    }

    /// Reads a lock. Unknown fields are ignored.
    ///
    /// # Errors
    /// The reason, as a phrase, where the text is no lock (git's conflict marks, say) or has another format.
    pub fn parse(text: &str) -> Result<Self, String> {
        let read: Read = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if read.version != VERSION {
            return Err(format!("it has format {}, this version of capgen reads {VERSION}", read.version));
        }
        let addressed = |values: BTreeMap<String, String>| -> BTreeMap<Address, String> {
            values.into_iter().map(|(address, value)| (Address::verbatim(&address), value)).collect()
        };
        let locked = |file: ReadFile| LockedFile { sha256: file.sha256, owner: Address::verbatim(&file.owner) };
        Ok(Self {
            version: read.version,
            capgen: read.capgen,
            spec: read.spec,
            files: read.files.into_iter().map(|(path, file)| (path, locked(file))).collect(),
            inputs: addressed(read.inputs),
            numbers: addressed(read.numbers),
        })
    }
}

/// The SHA-256 of some bytes, in lowercase hex.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// One hash over all inputs, as `address=value` lines in the order of the addresses.
fn fingerprint(inputs: &BTreeMap<Address, String>) -> String {
    let mut hash = Sha256::new();
    for (address, value) in inputs {
        for part in [address.as_str(), "=", value, "\n"] {
            hash.update(part.as_bytes());
        }
    }
    hex(&hash.finalize())
}

fn hex(digest: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
    digest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// A member of the outer object that is an object itself: one entry a line.
fn member<K: Sync, V: Sync>(
    out: &mut String,
    name: &str,
    entries: &BTreeMap<K, V>,
    entry: impl Fn(&mut String, &K, &V) + Sync,
) {
    let print = |entries: &[(&K, &V)]| {
        entries.iter().fold(String::new(), |mut out, (key, value)| {
            out.push_str("\n    ");
            entry(&mut out, key, value);
            out.push(',');
            out
        })
    };
    let entries: Vec<(&K, &V)> = entries.iter().collect();
    let printed: Vec<String> = entries.par_chunks(4096).map(print).collect();
    let _ = write!(out, ",\n  \"{name}\": {{");
    out.extend(printed);
    if out.ends_with(',') {
        out.pop();
        out.push_str("\n  ");
    }
    out.push('}');
}

/// A JSON string. Nearly none has anything to escape, and there are as many as numbers in a platform.
fn quote(out: &mut String, text: &str) {
    out.push('"');
    match text.bytes().any(|byte| matches!(byte, b'"' | b'\\' | ..0x20 | 0x7f..)) {
        true => text.chars().for_each(|character| escape(out, character)),
        false => out.push_str(text),
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
    files: BTreeMap<String, ReadFile>,
    #[serde(default)]
    inputs: BTreeMap<String, String>,
    #[serde(default)]
    numbers: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct ReadFile {
    sha256: String,
    #[serde(default)]
    owner: String,
}

#[cfg(test)]
mod tests;

//! A lock read piece by piece, as capgen prints it: one entry a line.
//!
//! That of a large platform is longer than all that a diff keeps of it. A lock that is laid out in any other way is left to
//! [`Lock::parse`], which also has the words for what is wrong with one; the tests hold that both read the same.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;

use super::{Lock, LockedFile, LockedFiles, Read, check_version};
use crate::why::values::Builder;

/// What is read at once, and the longest line, in bytes. Tests need not be long to be read in pieces.
const PIECE: usize = if cfg!(test) { 600 } else { 256 << 10 };

/// Reads a lock; `None` where there is a doubt, or where the stream fails.
pub fn read(stream: &mut dyn io::Read) -> Option<Lock> {
    let mut reading = Reading::default();
    let mut piece = vec![0; PIECE];
    let mut kept = 0;
    loop {
        let length = stream.read(piece.get_mut(kept..)?).ok()?;
        let there = piece.get(..kept + length)?;
        let end = match length {
            0 => there.len(),
            _ => there.iter().rposition(|it| *it == b'\n').map_or(0, |at| at + 1),
        };
        str::from_utf8(there.get(..end)?).ok()?.split_terminator('\n').try_for_each(|line| reading.line(line))?;
        if length == 0 {
            return reading.done();
        }
        let all = kept + length;
        piece.copy_within(end..all, 0);
        kept = all - end;
        // Nothing more finds room: the line is too long.
        if kept == PIECE {
            return None;
        }
    }
}

/// What was read so far.
#[derive(Default)]
struct Reading {
    /// Every line that is no entry: a lock in which nothing stands.
    frame: String,
    section: Option<Section>,
    /// Whether an entry has to follow.
    goes_on: bool,
    files: LockedFiles,
    inputs: Builder,
    numbers: Builder,
}

#[derive(Clone, Copy)]
enum Section {
    Files,
    Inputs,
    Numbers,
}

impl Reading {
    fn line(&mut self, line: &str) -> Option<()> {
        if let Some(section) = self.section
            && line.starts_with("    \"")
        {
            return self.entry(section, line.trim_start_matches(' '));
        }
        if self.goes_on {
            return None;
        }
        self.section = match line {
            "  \"files\": {" => Some(Section::Files),
            "  \"inputs\": {" => Some(Section::Inputs),
            "  \"numbers\": {" => Some(Section::Numbers),
            _ => None,
        };
        self.goes_on = self.section.is_some();
        self.frame.extend([line, "\n"]);
        (self.frame.len() <= PIECE).then_some(())
    }

    fn entry(&mut self, section: Section, line: &str) -> Option<()> {
        if !self.goes_on {
            return None;
        }
        let entry = line.strip_suffix(',');
        self.goes_on = entry.is_some();
        let entry = entry.unwrap_or(line);
        match section {
            Section::Files => self.files.push(file(entry)?),
            Section::Inputs => {
                let (address, value) = pair(entry)?;
                self.inputs.push(&address, &value);
            }
            Section::Numbers => {
                let (address, value) = pair(entry)?;
                self.numbers.push(&address, &value);
            }
        }
        Some(())
    }

    fn done(self) -> Option<Lock> {
        let Read { version, capgen, spec, files, inputs, numbers } = serde_json::from_str(&self.frame).ok()?;
        check_version(version).ok()?;
        let is_frame = files.is_empty() && inputs.is_empty() && numbers.is_empty();
        let (files, inputs, numbers) = (self.files.in_order(), self.inputs.done(), self.numbers.done());
        is_frame.then_some(Lock { version, capgen, spec, files, inputs, numbers })
    }
}

/// An address and its value: `"service.api.rps": "100"`.
fn pair(entry: &str) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
    if !is_plain(entry) {
        let read: BTreeMap<String, String> = serde_json::from_str(&format!("{{{entry}}}")).ok()?;
        let mut read = read.into_iter();
        let (Some((address, value)), None) = (read.next(), read.next()) else { return None };
        return Some((address.into(), value.into()));
    }
    let (address, rest) = entry.strip_prefix('"')?.split_once('"')?;
    Some((address.into(), without_quotes(rest.strip_prefix(": \"")?.strip_suffix('"')?)?.into()))
}

/// `"k8s/api/hpa.yaml": { "sha256": "…", "owner": "service.api" }`.
fn file(entry: &str) -> Option<LockedFile<'_>> {
    let (path, rest) = entry.strip_prefix('"').filter(|_| is_plain(entry))?.split_once('"')?;
    let (sha256, rest) = rest.strip_prefix(": { \"sha256\": \"")?.split_once('"')?;
    let owner = without_quotes(rest.strip_prefix(", \"owner\": \"")?.strip_suffix("\" }")?)?;
    Some(LockedFile { path, sha256, owner })
}

/// Whether nothing is escaped, and nothing had to be.
fn is_plain(entry: &str) -> bool {
    entry.bytes().fold(true, |plain, byte| plain & (byte >= b' ') & (byte != b'\\'))
}

fn without_quotes(text: &str) -> Option<&str> {
    (!text.contains('"')).then_some(text)
}

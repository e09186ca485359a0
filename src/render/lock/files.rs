//! The files that a lock lists, close together: a large platform has tens of thousands, of which a build or a diff asks
//! for few.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::Borrowed;

/// Files by their paths in the output folder, sorted, each path once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LockedFiles {
    /// Path, hash and owner of each file, one after the other.
    text: String,
    entries: Vec<Entry>,
}

/// Where the path begins in the text, and where path, hash and owner end; the longest lock that is read has a sixteenth
/// of what fits.
type Entry = [u32; 4];

/// One written file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockedFile<'a> {
    /// Its path in the output folder.
    pub path: &'a str,
    /// The SHA-256 of its bytes, in lowercase hex.
    pub sha256: &'a str,
    /// The spec table that asked for it.
    pub owner: &'a str,
}

impl LockedFiles {
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn get(&self, path: &str) -> Option<LockedFile<'_>> {
        let first = self.entries.partition_point(|entry| self.read(entry).path < path);
        self.entries.get(first).map(|entry| self.read(entry)).filter(|it| it.path == path)
    }

    /// All, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = LockedFile<'_>> {
        self.entries.iter().map(|entry| self.read(entry))
    }

    /// The paths of all, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|it| it.path)
    }

    fn read(&self, [start, path, hash, owner]: &Entry) -> LockedFile<'_> {
        let text = |from: &u32, to: &u32| self.text.get(*from as usize..*to as usize).unwrap_or_default();
        LockedFile { path: text(start, path), sha256: text(path, hash), owner: text(hash, owner) }
    }

    pub(super) fn push(&mut self, file: LockedFile<'_>) {
        self.entries.push(["", file.path, file.sha256, file.owner].map(|piece| {
            self.text.push_str(piece);
            u32::try_from(self.text.len()).unwrap_or(u32::MAX)
        }));
    }
}

/// From files in any order; of two with one path the last stands.
impl<'a> FromIterator<LockedFile<'a>> for LockedFiles {
    fn from_iter<I: IntoIterator<Item = LockedFile<'a>>>(files: I) -> Self {
        let mut made = Self::default();
        files.into_iter().for_each(|it| made.push(it));
        made.in_order()
    }
}

impl LockedFiles {
    pub(super) fn in_order(self) -> Self {
        if self.iter().is_sorted_by(|a, b| a.path < b.path) {
            return self;
        }
        let mut sorted: Vec<LockedFile<'_>> = self.iter().collect();
        sorted.reverse();
        sorted.sort_by_key(|it| it.path);
        sorted.dedup_by_key(|it| it.path);
        sorted.into_iter().collect()
    }
}

impl<'de> Deserialize<'de> for LockedFiles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Files)
    }
}

struct Files;

impl<'de> Visitor<'de> for Files {
    type Value = LockedFiles;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("files by path")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<LockedFiles, A::Error> {
        let mut made = LockedFiles::default();
        while let Some((path, file)) = members.next_entry::<Borrowed<'de>, Read<'de>>()? {
            made.push(LockedFile { path: &path.0, sha256: &file.sha256, owner: &file.owner });
        }
        Ok(made.in_order())
    }
}

/// A file as it stands in the lock.
#[derive(Deserialize)]
struct Read<'a> {
    #[serde(borrow)]
    sha256: Cow<'a, str>,
    #[serde(borrow, default)]
    owner: Cow<'a, str>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn file<'a>(path: &'a str, sha256: &'a str) -> LockedFile<'a> {
        LockedFile { path, sha256, owner: "service.a" }
    }

    #[test]
    fn files_are_found_whatever_their_order() {
        let sorted: LockedFiles =
            [file("", "0"), file("a", "1"), file("a-b", ""), file("a/b", "3")].into_iter().collect();
        let shuffled = r#"{ "a/b": { "sha256": "2" }, "a-b": { "sha256": "", "owner": "service.a" },
                 "\u0061": { "owner": "service.a", "sha256": "1" }, "": { "sha256": "0", "owner": "service.a" },
                 "a/b": { "sha256": "3", "owner": "service\u002ea" } }"#;
        assert_eq!(serde_json::from_str::<LockedFiles>(shuffled).unwrap(), sorted);
        assert_eq!(sorted.paths().collect::<Vec<_>>(), ["", "a", "a-b", "a/b"]);
        for it in sorted.iter() {
            assert_eq!(sorted.get(it.path), Some(it));
        }
        assert_eq!((sorted.get("a/"), sorted.get("b"), LockedFiles::default().get("")), (None, None, None));
    }
}

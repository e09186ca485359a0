//! Compares what stands in the output folder with what should, and tells our files from those of people.
//!
//! It reads only. A file is ours where its bytes have the hash that the last lock recorded; the lock of a build that
//! was killed half way counts too. Everything else that differs was edited by hand.

use std::borrow::Cow;
use std::io;

use rayon::prelude::*;

use super::commit::{STAGED_LOCK, STAGING};
use super::error::WriteError;
use super::folder::Folder;
use super::look::{Expected, Looked, Way, is_file_of, look, parent, read_file};
use super::{Kind, Step};
use crate::render::lock::{self, Draft, LockedFile, LockedFiles};
use crate::render::{File, Tree};

/// Said where there is no lock file at all.
pub(super) const NO_LOCK: &str = "there is no `capgen.lock.json`";

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Survey<'a> {
    /// Every file that differs, sorted by path.
    pub(super) steps: Vec<Step<'a>>,
    pub(super) unchanged: usize,
    /// The lock on disk is the new one to the byte.
    pub(super) same_lock: bool,
    /// A staging folder stands there.
    pub(super) leftover: bool,
    /// Why nothing is known about earlier builds.
    pub(super) unknown: Option<String>,
}

/// Looks at every path of the tree and of the old lock.
pub(super) fn survey<'a>(
    folder: Option<&Folder>,
    tree: &'a Tree,
    new_lock: &'a Draft<'a>,
    new_lock_text: &[String],
) -> Result<Survey<'a>, WriteError> {
    if let Some(file) = tree.files.iter().find(|file| !is_safe(&file.path)) {
        return Err(WriteError::new(format!("`{}` asks for a file at the unsafe path {:?}", file.owner, file.path)));
    }
    let mut found = Survey { unknown: Some(NO_LOCK.to_owned()), ..Survey::default() };
    let Some(folder) = folder else {
        let new = |file: &'a File| Step {
            path: Cow::from(&file.path),
            bytes: Some(&file.bytes),
            kind: Kind::New,
            existing: 0,
        };
        found.steps = tree.files.iter().map(new).collect();
        return Ok(found);
    };
    let known = read_locks(folder, new_lock, new_lock_text, &mut found)?;
    let expected = expected(tree, &known);
    let looked: Vec<Vec<Looked>> = expected
        .par_chunk_by(|a, b| parent(&a.0) == parent(&b.0))
        .map_init(Way::default, |way, group| look(folder, way, group, &known))
        .collect::<Result<_, _>>()?;
    let blocked = sort_out(expected, looked.into_iter().flatten(), &mut found);
    match blocked.is_empty() {
        true => Ok(found),
        false => Err(WriteError::blocked(folder, blocked)),
    }
}

/// Whether every file has the bytes of its hash, and the lock too.
pub(super) fn stands(folder: &Folder, files: &[(String, String)], lock: &str) -> Result<bool, WriteError> {
    let is_lock =
        || read_file(&folder.dir, lock::PATH).ok().flatten().is_some_and(|bytes| lock::sha256(&bytes) == lock);
    if !files.iter().all(|(path, _)| is_safe(path)) || folder.dir.symlink_metadata(STAGING).is_ok() || !is_lock() {
        return Ok(false);
    }
    let locked = files.iter().map(|(path, sha256)| LockedFile { path, sha256, owner: "" });
    let known = Known { same: None, others: vec![locked.collect()] };
    let expected: Vec<Expected<'_>> = files.iter().map(|(path, _)| (Cow::from(path), None)).collect();
    let looked: Vec<bool> = expected
        .par_chunk_by(|a, b| parent(&a.0) == parent(&b.0))
        .map_init(Way::default, |way, group| {
            look(folder, way, group, &known).map(|all| all.iter().all(|it| matches!(it, Looked::Ours)))
        })
        .collect::<Result<_, _>>()?;
    Ok(looked.into_iter().all(|it| it))
}

/// What to do about each path; returns why some cannot be written to.
fn sort_out<'a>(
    expected: Vec<Expected<'a>>,
    looked: impl Iterator<Item = Looked>,
    found: &mut Survey<'a>,
) -> Vec<String> {
    let mut blocked = Vec::new();
    for ((path, bytes), looked) in expected.into_iter().zip(looked) {
        let step = |kind, existing| Step { path, bytes, kind, existing };
        match (looked, bytes) {
            // A file that should go and went, or made way for something else, is nobody's concern any more.
            (Looked::Missing { .. } | Looked::Blocked(_), None) => {}
            (Looked::Missing { existing }, Some(_)) => found.steps.push(step(Kind::New, existing)),
            (Looked::Same, _) => found.unchanged += 1,
            (Looked::Ours, Some(_)) => found.steps.push(step(Kind::Changed, 0)),
            (Looked::Ours, None) => found.steps.push(step(Kind::Removed, 0)),
            (Looked::Edited, _) => found.steps.push(step(Kind::HandEdited, 0)),
            (Looked::Blocked(reason), Some(_)) => blocked.push(reason),
        }
    }
    // Everything below a blocked folder gives the same reason.
    blocked.dedup();
    blocked
}

/// The locks that say which files are ours: the one on disk, and the one of a build that was killed.
#[derive(Default)]
pub(super) struct Known<'a> {
    /// The new lock, where it is the one on disk: all that it lists is in the tree.
    same: Option<&'a Draft<'a>>,
    others: Vec<LockedFiles>,
}

impl Known<'_> {
    /// The hashes of what earlier builds wrote to a path, in lowercase hex.
    pub(super) fn hashes(&self, path: &str) -> impl Iterator<Item = &str> {
        let others = self.others.iter().filter_map(move |files| files.get(path));
        self.same.and_then(|lock| lock.sha256_of(path)).into_iter().chain(others.map(|it| it.sha256))
    }
}

fn read_locks<'a>(
    folder: &Folder,
    new: &'a Draft<'a>,
    new_text: &[String],
    found: &mut Survey<'_>,
) -> Result<Known<'a>, WriteError> {
    let mut known = Known::default();
    if folder.dir.symlink_metadata(lock::PATH).is_ok_and(|it| !it.is_file()) {
        return Err(WriteError::blocked(folder, vec![format!("`{}` is not a file", folder.shown(lock::PATH))]));
    }
    let refused = |error: io::Error| WriteError::io("read", &folder.shown(lock::PATH), &error);
    if is_file_of(&folder.dir, lock::PATH, new_text).map_err(refused)? {
        found.same_lock = true;
        found.unknown = None;
        known.same = Some(new);
    } else if let Some(bytes) = read_file(&folder.dir, lock::PATH).map_err(refused)? {
        match parse(&bytes) {
            Ok(files) => {
                found.unknown = None;
                known.others.push(files);
            }
            Err(reason) => found.unknown = Some(format!("`{}` cannot be read: {reason}", folder.shown(lock::PATH))),
        }
    }
    found.leftover = folder.dir.symlink_metadata(STAGING).is_ok();
    // Only who holds the folder knows that the staging folder is not another build at work.
    if found.leftover && folder.is_held() {
        let killed = read_file(&folder.dir, STAGED_LOCK).ok().flatten().and_then(|bytes| parse(&bytes).ok());
        known.others.extend(killed);
    }
    Ok(known)
}

fn parse(bytes: &[u8]) -> Result<LockedFiles, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let files = lock::parse_files(text)?;
    // A lock is a file like any other in a pull request: what it lists is not trusted.
    let found = files.paths().find(|path| !is_safe(path)).map(str::to_owned);
    match found {
        Some(path) => Err(format!("it lists the unsafe path {path:?}")),
        None => Ok(files),
    }
}

/// Whether a path stays in the output folder on every system, and off what `write` itself keeps there.
fn is_safe(path: &str) -> bool {
    let is_name = |name: &str| !matches!(name, "" | "." | "..");
    let is_plain = |character: char| !character.is_control() && !matches!(character, '\\' | ':');
    let first = path.split('/').next().unwrap_or_default();
    path.chars().all(is_plain)
        && path.split('/').all(is_name)
        && !first.eq_ignore_ascii_case(STAGING)
        && !path.eq_ignore_ascii_case(lock::PATH)
}

/// Every path that matters, sorted.
fn expected<'a>(tree: &'a Tree, known: &Known<'_>) -> Vec<Expected<'a>> {
    let is_wanted = |path: &str| tree.files.binary_search_by(|file| file.path.as_str().cmp(path)).is_ok();
    let listed = known.others.iter().flat_map(LockedFiles::paths);
    let gone: Vec<&str> = listed.filter(|path| !is_wanted(path)).collect();
    let mut expected: Vec<Expected<'a>> =
        tree.files.iter().map(|file| (Cow::from(&file.path), Some(&*file.bytes))).collect();
    if !gone.is_empty() {
        expected.extend(gone.into_iter().map(|path| (Cow::Owned(path.to_owned()), None)));
        expected.sort_by(|(a, _), (b, _)| a.cmp(b));
        expected.dedup_by(|(a, _), (b, _)| a == b);
    }
    expected
}

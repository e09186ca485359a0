//! Compares what stands in the output folder with what should, and tells our files from those of people.
//!
//! It reads only. A file is ours where its bytes have the hash that the last lock recorded; the lock of a build that
//! was killed half way counts too. Everything else that differs was edited by hand.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rayon::prelude::*;

use super::commit::{STAGED_LOCK, STAGING};
use super::error::WriteError;
use super::folder::Folder;
use super::look::{Expected, Looked, Way, look, parent, read_file};
use super::{Kind, Step};
use crate::render::lock::{self, Draft, LockedFiles};
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
    new_lock: &Draft<'_>,
    new_lock_text: &str,
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
fn read_locks(
    folder: &Folder,
    new: &Draft<'_>,
    new_text: &str,
    found: &mut Survey<'_>,
) -> Result<Vec<LockedFiles>, WriteError> {
    let mut locks = Vec::new();
    if folder.dir.symlink_metadata(lock::PATH).is_ok_and(|it| !it.is_file()) {
        return Err(WriteError::blocked(folder, vec![format!("`{}` is not a file", folder.shown(lock::PATH))]));
    }
    match read_file(&folder.dir, lock::PATH) {
        Ok(Some(bytes)) if bytes == new_text.as_bytes() => {
            found.same_lock = true;
            found.unknown = None;
            locks.push(new.files());
        }
        Ok(Some(bytes)) => match parse(&bytes) {
            Ok(files) => {
                found.unknown = None;
                locks.push(files);
            }
            Err(reason) => found.unknown = Some(format!("`{}` cannot be read: {reason}", folder.shown(lock::PATH))),
        },
        Ok(None) => {}
        Err(error) => return Err(WriteError::io("read", &folder.shown(lock::PATH), &error)),
    }
    found.leftover = folder.dir.symlink_metadata(STAGING).is_ok();
    // Only who holds the folder knows that the staging folder is not another build at work.
    if found.leftover && folder.is_held() {
        let killed = read_file(&folder.dir, STAGED_LOCK).ok().flatten().and_then(|bytes| parse(&bytes).ok());
        locks.extend(killed);
    }
    Ok(locks)
}

fn parse(bytes: &[u8]) -> Result<LockedFiles, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let files = lock::parse_files(text)?;
    // A lock is a file like any other in a pull request: what it lists is not trusted.
    match files.keys().find(|path| !is_safe(path)) {
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
fn expected<'a>(tree: &'a Tree, known: &[LockedFiles]) -> Vec<Expected<'a>> {
    let wanted = tree.files.iter().map(|file| (Cow::from(&file.path), Some(&*file.bytes)));
    let mut expected: BTreeMap<Cow<'a, str>, Option<&'a [u8]>> = wanted.collect();
    for path in known.iter().flat_map(LockedFiles::keys) {
        if !expected.contains_key(path.as_str()) {
            expected.insert(Cow::Owned(path.clone()), None);
        }
    }
    expected.into_iter().collect()
}

//! Stages everything new in a folder beside the old files, then renames it into place; an error puts all back.
//!
//! No `fsync`: a machine that loses power can lose a build, not a source. What it leaves is a stale folder, which
//! `capgen build --check` reports and the next build repairs, and waiting for the disk once for each of thousands of
//! files would cost more than the whole compilation.

use std::collections::BTreeSet;
use std::io::{self, Write as _};

use cap_std::fs::{Dir, OpenOptions};
use rayon::prelude::*;

use super::error::WriteError;
use super::folder::Folder;
use super::look::parent;
use super::{Kind, Step};
use crate::render::lock;

/// The staging folder, in the output folder so that both are on one file system.
pub(super) const STAGING: &str = ".capgen-staging";
/// What is to come, under the paths that it will have.
const NEW: &str = ".capgen-staging/new";
/// What was replaced, numbered, until all is in place.
const OLD: &str = ".capgen-staging/old";
/// The lock of a build that is at work or was killed.
pub(super) const STAGED_LOCK: &str = ".capgen-staging/new/capgen.lock.json";

/// A rename from one path in the output folder to another.
type Rename = (String, String);

/// Writes and removes what the steps say, then the lock if there is a new one: all or, after an error, nothing.
pub(super) fn commit(folder: &Folder, steps: &[Step<'_>], new_lock: Option<&[String]>) -> Result<(), WriteError> {
    clear_leftover(folder)?;
    let undo = |error: WriteError| {
        let _ = folder.dir.remove_dir_all(STAGING);
        error.note("nothing was changed")
    };
    stage(folder, steps, new_lock).map_err(undo)?;
    let renames = renames(steps, new_lock.is_some());
    for (index, (from, to)) in renames.iter().enumerate() {
        if let Err(error) = folder.dir.rename(from, &folder.dir, to) {
            let path = if to.starts_with(OLD) { from } else { to };
            let error = WriteError::io("replace", &folder.shown(path), &error);
            return Err(roll_back(folder, renames.get(..index).unwrap_or_default(), error).map_or_else(|it| it, undo));
        }
    }
    // From here on the build is done: what cannot be tidied up now, the next build does.
    let _ = folder.dir.remove_dir_all(STAGING);
    remove_empty_folders(&folder.dir, steps);
    Ok(())
}

/// Removes what a killed build left. It cannot be told from a build at work where folders cannot be held.
fn clear_leftover(folder: &Folder) -> Result<(), WriteError> {
    let Ok(metadata) = folder.dir.symlink_metadata(STAGING) else { return Ok(()) };
    let shown = folder.shown(STAGING);
    if !folder.is_held() {
        return Err(WriteError::new(format!("another build is at work in `{}`, or was killed", folder.shown("")))
            .help(format!("if none is running, remove `{shown}`")));
    }
    let removed = match metadata.is_dir() {
        true => folder.dir.remove_dir_all(STAGING),
        false => folder.dir.remove_file(STAGING),
    };
    removed.map_err(|error| WriteError::io("remove", &shown, &error))
}

fn stage(folder: &Folder, steps: &[Step<'_>], new_lock: Option<&[String]>) -> Result<(), WriteError> {
    let refused = |path: &str, error: io::Error| WriteError::io("write", &folder.shown(path), &error);
    for staging in [STAGING, NEW, OLD] {
        folder.dir.create_dir(staging).map_err(|error| refused(staging, error))?;
    }
    let new = folder.dir.open_dir(NEW).map_err(|error| refused(NEW, error))?;
    let groups = steps.par_chunk_by(|a, b| parent(&a.path) == parent(&b.path));
    groups.try_for_each_init(
        || None,
        |around, group| {
            let mut files = group.iter().filter_map(|step| Some((&*step.path, step.bytes?))).peekable();
            let Some((first, _)) = files.peek() else { return Ok(()) };
            let parent = parent(first);
            let dir = open_new_folder(&new, around, parent).map_err(|error| refused(parent, error))?;
            files.try_for_each(|(path, bytes)| {
                write_new(&dir, name(path), [bytes]).map_err(|error| refused(path, error))
            })
        },
    )?;
    let lock = new_lock.map_or(Ok(()), |text| write_new(&new, lock::PATH, text.iter().map(String::as_bytes)));
    lock.map_err(|error| refused(lock::PATH, error))
}

/// `around` is the folder that the last one stood in, kept open because neighbours share it.
fn open_new_folder<'p>(new: &Dir, around: &mut Option<(&'p str, Dir)>, path: &'p str) -> io::Result<Dir> {
    if path.is_empty() {
        return new.try_clone();
    }
    let outer = parent(path);
    if around.as_ref().is_none_or(|(open, _)| *open != outer) {
        *around = Some((outer, open_all(new, outer)?));
    }
    let dir = around.as_ref().map_or(new, |(_, dir)| dir);
    dir.create_dir_all(name(path))?;
    dir.open_dir(name(path))
}

fn open_all(new: &Dir, path: &str) -> io::Result<Dir> {
    if path.is_empty() {
        return new.try_clone();
    }
    new.create_dir_all(path)?;
    new.open_dir(path)
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn write_new<'b>(dir: &Dir, name: &str, pieces: impl IntoIterator<Item = &'b [u8]>) -> io::Result<()> {
    let mut file = dir.open_with(name, OpenOptions::new().write(true).create_new(true))?;
    pieces.into_iter().try_for_each(|piece| file.write_all(piece))
}

/// The renames in order: old files away, new files and whole new folders in, the lock last.
///
/// The old go first, because on a file system that ignores case an old name may be a new one. The lock alone is
/// replaced in one rename: nothing follows that could fail, and a killed build must not leave the folder without it.
fn renames(steps: &[Step<'_>], has_lock: bool) -> Vec<Rename> {
    let old = steps.iter().filter(|step| step.kind != Kind::New).map(|step| &*step.path);
    let away = old.enumerate().map(|(index, path)| (path.to_owned(), format!("{OLD}/{index}")));
    let mut new: Vec<&str> = steps.iter().filter(|step| step.bytes.is_some()).map(outermost_new).collect();
    // Neighbours, because the steps are sorted and all that is below a folder shares its prefix.
    new.dedup();
    let into_place = new.into_iter().chain(has_lock.then_some(lock::PATH));
    away.chain(into_place.map(|path| (format!("{NEW}/{path}"), path.to_owned()))).collect()
}

/// The file, or the outermost folder around it that does not exist yet: one rename for all that is in it.
fn outermost_new<'a>(step: &'a Step<'_>) -> &'a str {
    let path = &*step.path;
    if step.kind != Kind::New {
        return path;
    }
    let from = step.existing + usize::from(step.existing > 0);
    let end = path.get(from..).and_then(|rest| rest.find('/')).map_or(path.len(), |slash| from + slash);
    path.get(..end).unwrap_or(path)
}

/// Undoes renames, the last one first. `Err`: some could not be undone, and the error says where the old files are.
fn roll_back(folder: &Folder, done: &[Rename], error: WriteError) -> Result<WriteError, WriteError> {
    let back = |(from, to): &&Rename| folder.dir.rename(to, &folder.dir, from).is_err();
    let stuck: Vec<&Rename> = done.iter().rev().filter(back).collect();
    match stuck.is_empty() {
        true => Ok(error),
        false => Err(stuck.into_iter().fold(error, |error, (from, to)| {
            error.note(format!("`{}` could not be put back to `{}`", folder.shown(to), folder.shown(from)))
        })),
    }
}

/// Removes the folders that became empty, innermost first.
fn remove_empty_folders(dir: &Dir, steps: &[Step<'_>]) {
    let removed = steps.iter().filter(|step| step.bytes.is_none());
    let above = |path: &str| -> Vec<String> {
        let ends = path.match_indices('/').map(|(end, _)| end);
        ends.filter_map(|end| path.get(..end)).map(str::to_owned).collect()
    };
    let folders: BTreeSet<String> = removed.flat_map(|step| above(&step.path)).collect();
    for folder in folders.iter().rev() {
        // It fails where the folder is not empty, and then it stays.
        let _ = dir.remove_dir(folder);
    }
}

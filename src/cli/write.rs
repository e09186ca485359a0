//! Writes a tree into the output folder: all of it or nothing, only what differs, and nothing that is not ours.
//!
//! This is the one place that writes. It compares bytes and hashes; it must not know what the files mean.
//!
//! - **All or nothing.** Everything new is staged beside the old files ([`commit`]), then renamed into place. An error
//!   on the way puts every old file back.
//! - **Nothing that is not ours.** A file is replaced or removed only where its bytes are the ones that the lock file
//!   recorded ([`survey`]). `--force` overrides that; a linked folder on the way, or a folder in place of a file, is
//!   refused even then.
//! - **Nothing outside.** Every access goes through a handle of the output folder ([`folder`]), which neither `..` nor
//!   a link can leave.
//! - **One build at a time.** A plan holds the output folder until it is dropped; a second build waits.

#![allow(clippy::disallowed_methods, reason = "this is the one place that writes")]

mod commit;
mod error;
mod folder;
mod look;
mod survey;

use std::borrow::Cow;
use std::path::Path;

pub use error::WriteError;

use crate::render::Tree;
use crate::render::lock::{self, Draft};
use folder::Folder;

/// What a build would do to the output folder, and the hold on that folder.
#[derive(Debug)]
pub struct Plan<'a> {
    out: &'a Path,
    tree: &'a Tree,
    lock: &'a Draft<'a>,
    /// The text of the new lock, in pieces, where it differs from the one on disk.
    new_lock: Option<Vec<String>>,
    /// `None`: there is no output folder yet.
    folder: Option<Folder>,
    /// Every file that differs, sorted by path.
    steps: Vec<Step<'a>>,
    unchanged: usize,
    /// A build was killed and left its staging folder behind.
    leftover: bool,
    /// Why nothing is known about earlier builds.
    unknown: Option<String>,
}

/// One file that differs.
#[derive(Debug)]
struct Step<'a> {
    path: Cow<'a, str>,
    /// The bytes it should have; `None`: it should go.
    bytes: Option<&'a [u8]>,
    kind: Kind,
    /// For a new file: how much of its path exists already, in bytes.
    existing: usize,
}

/// How a file on disk differs from what the spec asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    New,
    Changed,
    /// No longer asked for.
    Removed,
    /// Neither what capgen wrote nor what it would write.
    HandEdited,
    /// The staging folder of a build that was killed.
    Leftover,
}

/// A place where the output folder is not what the spec asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// As the person would type it, seen from the current directory.
    pub path: String,
    pub kind: Kind,
}

/// What was done. The lock file is not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    pub written: usize,
    pub unchanged: usize,
    pub removed: usize,
}

/// Compares the output folder with the tree, after waiting for a build that is at work there. Writes nothing.
///
/// The plan holds the folder: a second plan of it waits until this one is dropped or applied, in one process too.
///
/// # Errors
/// The folder cannot be read, or a link or a folder stands where no build may write.
pub fn plan<'a>(out: &'a Path, tree: &'a Tree, lock: &'a Draft<'a>) -> Result<Plan<'a>, WriteError> {
    plan_in(Folder::open(out)?, out, tree, lock, lock.pieces())
}

fn plan_in<'a>(
    folder: Option<Folder>,
    out: &'a Path,
    tree: &'a Tree,
    lock: &'a Draft<'a>,
    lock_text: Vec<String>,
) -> Result<Plan<'a>, WriteError> {
    let found = survey::survey(folder.as_ref(), tree, lock, &lock_text)
        .inspect_err(|_| folder.iter().for_each(Folder::abandon))?;
    let new_lock = (!found.same_lock).then_some(lock_text);
    Ok(Plan {
        out,
        tree,
        lock,
        new_lock,
        folder,
        unchanged: found.unchanged,
        steps: found.steps,
        leftover: found.leftover,
        unknown: found.unknown,
    })
}

/// Whether the output folder holds these files (path and SHA-256) and this lock (its SHA-256), and no build is half done.
pub fn stands(out: &Path, files: &[(String, String)], lock: &str) -> bool {
    let folder = Folder::open(out).ok().flatten();
    folder.is_some_and(|folder| survey::stands(&folder, files, lock).unwrap_or(false))
}

/// Everything that is not as the spec asks, sorted by path; empty: the folder is current.
pub fn check(plan: &Plan<'_>) -> Vec<Stale> {
    let stale = |path: &str, kind: Kind| Stale { path: error::shown(plan.out, path), kind };
    let mut all: Vec<Stale> = plan.steps.iter().map(|step| stale(&step.path, step.kind)).collect();
    if plan.new_lock.is_some() {
        let is_new = plan.unknown.as_deref() == Some(survey::NO_LOCK);
        all.push(stale(lock::PATH, if is_new { Kind::New } else { Kind::Changed }));
    }
    if plan.leftover {
        all.push(stale(commit::STAGING, Kind::Leftover));
    }
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all
}

/// Does what the plan says. `force` overwrites and removes files that were edited by hand too.
///
/// # Errors
/// Files were edited by hand (all are named), or the disk refuses; in both cases nothing was changed.
pub fn apply(plan: Plan<'_>, force: bool) -> Result<Summary, WriteError> {
    let plan = match plan.folder {
        Some(_) => plan,
        // Another build may have been first: what it wrote is compared once the folder is held.
        None => {
            let lock_text = plan.new_lock.unwrap_or_else(|| plan.lock.pieces());
            plan_in(Some(Folder::create(plan.out)?), plan.out, plan.tree, plan.lock, lock_text)?
        }
    };
    if !force {
        refuse_hand_edited(&plan)?;
    }
    let Some(folder) = plan.folder else { return Ok(Summary::default()) };
    let removed = plan.steps.iter().filter(|step| step.bytes.is_none()).count();
    let summary = Summary { written: plan.steps.len() - removed, unchanged: plan.unchanged, removed };
    if plan.new_lock.is_some() || !plan.steps.is_empty() || plan.leftover {
        commit::commit(&folder, &plan.steps, plan.new_lock.as_deref()).inspect_err(|_| folder.abandon())?;
    }
    Ok(summary)
}

fn refuse_hand_edited(plan: &Plan<'_>) -> Result<(), WriteError> {
    let edited = plan.steps.iter().filter(|step| step.kind == Kind::HandEdited);
    let edited: Vec<String> = edited.map(|step| error::shown(plan.out, &step.path)).collect();
    match edited.is_empty() {
        true => Ok(()),
        false => Err(WriteError::hand_edited(plan.out, &edited, plan.unknown.as_deref())),
    }
}

#[cfg(test)]
mod tests;

//! Against the output folder: what the next build would change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use rayon::prelude::*;

use crate::diag::Diagnostic;
use crate::doc::object::{self, Object};
use crate::doc::state::{Memory, State};
use crate::render;
use crate::render::lock::{self, Lock};
use crate::state::Loaded;
use crate::state::output::Folder;
use crate::target::Gathered;
use crate::why::Address;

use super::super::ExitStatus;
use super::super::args::Common;
use super::super::compile;
use super::super::terminal::Terminal;
use super::pick::in_order;
use super::{Sides, failed, finished, named};

/// Compiles the spec and reads those files of the output folder that are not what they should be.
///
/// Artifacts whose files are equal to the byte are let go at once: of a large platform few files change.
pub(super) fn sides(common: &Common, terminal: &Terminal) -> Result<Sides, ExitStatus> {
    let folder = OnceLock::new();
    let (new, paths, differing) = (Gathered::default(), Gathered::default(), Gathered::default());
    let compiled = compile::compile(common, &|product, artifact| {
        let Ok(folder) = folder.get_or_init(|| Folder::open(&product.out)) else { return };
        let bytes = render::print(&artifact, &product.model.causes);
        paths.add([artifact.path.clone()]);
        if let Some(read) = folder.read(&artifact.path, Some(&bytes)).transpose() {
            differing.add([(artifact.path.clone(), read)]);
            new.add(named(&product.out, object::of_artifact(artifact)));
        }
    });
    let compiled = finished(compiled, common, terminal)?;
    let folder = match folder.into_inner().transpose() {
        Ok(folder) => folder,
        Err(error) => return Err(failed(&[error], terminal)),
    };
    let (new, mut paths, mut differing) = (in_order(new), paths.into_vec(), differing.into_vec());
    let mut found = State { is_ours: true, unchanged: paths.len() - differing.len(), ..State::default() };
    paths.par_sort_unstable();
    let mut notes = Vec::new();
    let lock = folder.as_ref().and_then(|folder| read_lock(folder, &mut notes));
    if let (Some(folder), Some(lock)) = (&folder, &lock) {
        let gone = lock.files.par_iter().filter(|(path, _)| paths.binary_search(path).is_err());
        differing.par_extend(gone.filter_map(|(path, _)| Some((path.clone(), folder.read(path, None).transpose()?))));
    }
    differing.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut errors = Vec::new();
    for (_, read) in differing {
        match read {
            Ok(read) => found.add(read),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(failed(&errors, terminal));
    }
    if let (Some(folder), Some(lock)) = (&folder, lock) {
        remember(&mut found, lock, folder, &new);
    }
    Ok(Sides { compiled, new, old: Loaded { state: found, notes } })
}

/// What nothing is known about without the lock.
const UNKNOWN: &str = "no change can name its cause, and files that are no longer asked for are not looked for";

/// The lock; without one, or with one that cannot be read, nothing is known about causes and about files that are to go.
fn read_lock(folder: &Folder, notes: &mut Vec<String>) -> Option<Lock> {
    let name = folder.name(lock::PATH);
    let fault = match folder.text(lock::PATH) {
        Ok(Some(text)) => match Lock::parse(&text) {
            Ok(lock) => return Some(lock),
            Err(reason) => format!("`{name}` cannot be read: {reason}"),
        },
        // Where nothing was ever built, there is nothing to know.
        Ok(None) if !folder.exists() => return None,
        Ok(None) => format!("there is no `{name}`"),
        Err(Diagnostic { message, .. }) => message,
    };
    notes.push(format!("{fault}: {UNKNOWN}"));
    None
}

/// What the lock knows: the former inputs, who asked for each file, which files were edited or deleted since.
fn remember(state: &mut State, lock: Lock, folder: &Folder, new: &[Object]) {
    let (mut edited, mut deleted) = (BTreeSet::new(), BTreeSet::new());
    let mut owners: BTreeMap<String, Address> = BTreeMap::new();
    let read: BTreeSet<&str> = state.objects.iter().map(|it| it.file.as_str()).collect();
    let wanted: BTreeSet<&str> = new.iter().map(|it| it.file.as_str()).collect();
    let Lock { capgen, inputs, numbers, files, .. } = lock;
    for (path, locked) in files {
        let name = folder.name(&path);
        let is_read = read.contains(name.as_str());
        let is_as_written =
            || folder.text(&path).ok().flatten().is_some_and(|text| lock::sha256(text.as_bytes()) == locked.sha256);
        if is_read {
            if !is_as_written() {
                edited.insert(name.clone());
            }
            owners.insert(name, locked.owner);
        } else if wanted.contains(name.as_str()) {
            // It is not equal and it was not found.
            deleted.insert(name);
        }
    }
    for object in &mut state.objects {
        object.owner = owners.get(&object.file).cloned();
        // A file that no build wrote was written by hand.
        if object.owner.is_none() {
            edited.insert(object.file.clone());
        }
    }
    state.memory = Some(Memory { capgen, inputs, numbers, edited, deleted, ..Memory::default() });
}

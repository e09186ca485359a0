//! Against the output folder: what the next build would change.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::Diagnostic;
use crate::doc::object::Object;
use crate::doc::state::{Memory, State};
use crate::render;
use crate::render::lock::{self, Lock};
use crate::state::Loaded;
use crate::state::output::{Folder, Output};
use crate::why::Address;

use super::super::ExitStatus;
use super::super::args::Common;
use super::super::compile;
use super::super::terminal::Terminal;
use super::{Sides, failed, finished, named, objects_of};

/// Compiles the spec and reads those files of the output folder that are not what they should be.
///
/// Artifacts whose files are equal to the byte are let go at once: of a large platform few files change.
pub(super) fn sides(common: &Common, terminal: &Terminal) -> Result<Sides, ExitStatus> {
    let mut new = Vec::new();
    let mut paths = BTreeSet::new();
    let mut found = State { is_ours: true, ..State::default() };
    let mut errors = Vec::new();
    let mut folder = None;
    let compiled = compile::compile(common, &mut |product, artifacts| {
        let folder = folder.get_or_insert_with(|| Folder::open(&product.out));
        let Ok(folder) = folder else { return };
        let files = render::print_all(&artifacts, &product.model.causes);
        let wanted: Vec<(&str, &[u8])> =
            artifacts.iter().map(|it| it.path.as_str()).zip(files.iter().map(Vec::as_slice)).collect();
        paths.extend(artifacts.iter().map(|it| it.path.clone()));
        match folder.read(&wanted, &[]) {
            Ok(Output { loaded, equal }) => {
                let differing: Vec<_> =
                    artifacts.into_iter().filter(|it| equal.binary_search(&it.path).is_err()).collect();
                new.extend(named(&product.out, objects_of(differing)));
                join(&mut found, loaded.state);
            }
            Err(more) => errors.extend(more),
        }
    });
    let compiled = finished(compiled, common, terminal)?;
    let folder = match folder.transpose() {
        Ok(folder) => folder,
        Err(error) => return Err(failed(&[error], terminal)),
    };
    let mut notes = Vec::new();
    if let Some(folder) = folder {
        let lock = read_lock(&folder, &mut notes);
        let gone: Vec<&str> = match &lock {
            Some(lock) => lock.files.keys().filter(|it| !paths.contains(*it)).map(String::as_str).collect(),
            None => Vec::new(),
        };
        match folder.read(&[], &gone) {
            Ok(Output { loaded, .. }) => join(&mut found, loaded.state),
            Err(more) => errors.extend(more),
        }
        if let Some(lock) = lock {
            remember(&mut found, lock, &folder, &new);
        }
    }
    if !errors.is_empty() {
        return Err(failed(&errors, terminal));
    }
    Ok(Sides { compiled, new, old: Loaded { state: found, notes } })
}

fn join(state: &mut State, more: State) {
    state.objects.extend(more.objects);
    state.skipped.extend(more.skipped);
    state.unchanged += more.unchanged;
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

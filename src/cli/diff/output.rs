//! Against the output folder: what the next build would change.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};

use rayon::prelude::*;

use crate::diag::Diagnostic;
use crate::doc::object::{self, Object, Read};
use crate::doc::state::{Memory, State};
use crate::render;
use crate::render::lock::{self, Lock, LockedFile, LockedFiles};
use crate::state::Loaded;
use crate::state::output::Folder;
use crate::target::Gathered;
use crate::why::Address;

use super::super::ExitStatus;
use super::super::args::Common;
use super::super::compile::{self, Job};
use super::super::disk;
use super::super::terminal::Terminal;
use super::pick::in_order;
use super::{Sides, failed, finished, named};

/// Compiles the spec and reads those files of the output folder that are not what they should be.
///
/// Artifacts whose files are equal to the byte are let go at once: of a large platform few files change.
pub(super) fn sides(common: &Common, terminal: &Terminal) -> Result<Sides, ExitStatus> {
    let place = OnceLock::new();
    let (new, paths, differing) = (Gathered::default(), Gathered::default(), Gathered::default());
    let file = disk::find(common.file.as_deref());
    let begin = |out: &Path| _ = place.get_or_init(|| Place::open(out));
    let compiled = compile::run(Job { begin: &begin, ..Job::of(common, &file) }, &|product, artifact| {
        let Some(Ok(Place { folder, .. })) = place.get() else { return };
        let bytes = render::print(&artifact, &product.model.causes);
        match folder.read(&artifact.path, Some(&bytes)).transpose() {
            None => paths.add([artifact.path]),
            Some(read) => {
                paths.add([artifact.path.clone()]);
                differing.add([(artifact.path.clone(), read.map(hashed))]);
                new.add(named(&product.out, object::of_artifact(artifact)));
            }
        }
    });
    let compiled = finished(compiled, common, terminal)?;
    let place = match place.into_inner() {
        Some(Ok(place)) => place,
        Some(Err(error)) => return Err(failed(&[error], terminal)),
        None => return Err(ExitStatus::Failed),
    };
    let (folder, lock) = place.read();
    let (lock, note) = match lock {
        Ok(lock) => (lock, None),
        Err(note) => (None, Some(note)),
    };
    let (new, paths, mut differing) = (in_order(new), paths.into_vec(), differing.into_vec());
    let unchanged = paths.len() - differing.len();
    if let Some(lock) = &lock {
        let read = |path: &str| Some((path.to_owned(), folder.read(path, None).transpose()?.map(hashed)));
        differing.par_extend(gone(&lock.files, paths).into_par_iter().filter_map(read));
    }
    let (mut found, hashes) = state_of(differing).map_err(|errors| failed(&errors, terminal))?;
    found.unchanged = unchanged;
    if let Some(lock) = lock {
        remember(&mut found, lock, &folder, (&hashes, &new));
    }
    Ok(Sides { compiled, new, old: Loaded { state: found, notes: note.into_iter().collect() } })
}

/// What was read of a file, and the hash of its text.
type Hashed = (Read, String);

fn hashed((read, text): (Read, String)) -> Hashed {
    (read, lock::sha256(text.as_bytes()))
}

/// The hashes of files by their paths.
type Hashes = BTreeMap<String, String>;

/// What was read of the output folder, in the order of the paths; every error, where there is one.
fn state_of(mut read: Vec<(String, Result<Hashed, Diagnostic>)>) -> Result<(State, Hashes), Vec<Diagnostic>> {
    let (mut found, mut hashes) = (State { is_ours: true, ..State::default() }, Hashes::new());
    let mut errors = Vec::new();
    read.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (path, read) in read {
        match read {
            Ok((read, hash)) => {
                found.add(read);
                hashes.insert(path, hash);
            }
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok((found, hashes)) } else { Err(errors) }
}

/// The output folder, of which the lock is read while the spec is compiled.
struct Place {
    folder: Arc<Folder>,
    /// `None` where one thread does everything: then it is read afterwards.
    lock: Option<JoinHandle<Remembered>>,
}

/// The lock, or why there is none that can be read; `None`: nothing was ever built.
type Remembered = Result<Option<Lock>, String>;

impl Place {
    fn open(out: &Path) -> Result<Self, Diagnostic> {
        let folder = Arc::new(Folder::open(out)?);
        let read = {
            let folder = Arc::clone(&folder);
            move || read_lock(&folder)
        };
        // Not a task of the pool: whoever waits there for a part of the model would take it up, and be kept by it.
        let lock = match rayon::current_num_threads() {
            1 => None,
            _ => thread::Builder::new().spawn(read).ok(),
        };
        Ok(Self { folder, lock })
    }

    fn read(self) -> (Arc<Folder>, Remembered) {
        let lock = self.lock.and_then(|it| it.join().ok()).unwrap_or_else(|| read_lock(&self.folder));
        (self.folder, lock)
    }
}

/// The files of a lock that are not asked for any more, sorted.
fn gone(locked: &LockedFiles, mut asked: Vec<String>) -> Vec<&str> {
    asked.par_sort_unstable();
    let mut asked = asked.iter().map(String::as_str).peekable();
    let is_gone = |path: &&str| {
        while asked.next_if(|it| it < path).is_some() {}
        asked.peek() != Some(path)
    };
    locked.paths().filter(is_gone).collect()
}

/// What nothing is known about without the lock.
const UNKNOWN: &str = "no change can name its cause, and files that are no longer asked for are not looked for";

/// The lock; without one, or with one that cannot be read, nothing is known about causes and about files that are to go.
fn read_lock(folder: &Folder) -> Remembered {
    let streamed = folder.stream(lock::PATH).ok().flatten().and_then(|mut stream| lock::read(&mut stream));
    if streamed.is_some() {
        return Ok(streamed);
    }
    let name = folder.name(lock::PATH);
    let fault = match folder.text(lock::PATH) {
        Ok(Some(text)) => match Lock::parse(&text) {
            Ok(lock) => return Ok(Some(lock)),
            Err(reason) => format!("`{name}` cannot be read: {reason}"),
        },
        // Where nothing was ever built, there is nothing to know.
        Ok(None) if !folder.exists() => return Ok(None),
        Ok(None) => format!("there is no `{name}`"),
        Err(Diagnostic { message, .. }) => message,
    };
    Err(format!("{fault}: {UNKNOWN}"))
}

/// What the lock knows: the former inputs, who asked for each file, which files were edited or deleted since.
fn remember(state: &mut State, lock: Lock, folder: &Folder, (hashes, new): (&Hashes, &[Object])) {
    let Lock { capgen, inputs, numbers, files, .. } = lock;
    let read: BTreeSet<&str> = state.objects.iter().map(|it| it.file.as_str()).collect();
    let locked = |name: &str| files.get(folder.path(name)?);
    let is_as_written = |file: &LockedFile<'_>| hashes.get(file.path).is_some_and(|hash| hash.as_str() == file.sha256);
    let owners: BTreeMap<&str, (Address, bool)> = read
        .iter()
        .filter_map(|name| Some((*name, locked(name)?)))
        .map(|(name, file)| (name, (Address::verbatim(file.owner), is_as_written(&file))))
        .collect();
    // A file that no build wrote was written by hand.
    let is_edited = |name: &&&str| owners.get(**name).is_none_or(|(_, is_as_written)| !is_as_written);
    let edited = read.iter().filter(is_edited).map(|it| (*it).to_owned()).collect();
    // It is not equal and it was not found.
    let is_deleted = |name: &&str| !read.contains(name) && locked(name).is_some();
    let deleted = new.iter().map(|it| it.file.as_str()).filter(is_deleted).map(str::to_owned).collect();
    let owners: Vec<Option<Address>> =
        state.objects.iter().map(|it| owners.get(it.file.as_str()).map(|(owner, _)| owner.clone())).collect();
    for (object, owner) in state.objects.iter_mut().zip(owners) {
        object.owner = owner;
    }
    state.memory = Some(Memory { capgen, inputs, numbers, edited, deleted, ..Memory::default() });
}

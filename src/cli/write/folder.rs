//! The output folder as a handle that nothing can leave, held by one build at a time.
//!
//! The hold is an advisory lock on the folder itself (`flock`), so no file for it appears among files that people
//! commit, and a killed build leaves no lock behind. Where folders cannot be locked (Windows, some network file systems)
//! the staging folder stands in: `commit` creates it and refuses where it exists.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use super::error::{WriteError, shown};

/// The output folder.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) dir: Dir,
    /// Keeps other builds out until it is closed; `None` where folders cannot be locked.
    hold: Option<File>,
    out: PathBuf,
    /// The folders that did not exist before, outermost first.
    created: Vec<PathBuf>,
}

impl Folder {
    /// Opens and holds the folder, which may itself be a link: its place is the person's choice. `None`: there is none.
    pub(super) fn open(out: &Path) -> Result<Option<Self>, WriteError> {
        // An empty path means the current directory, as it does in `Path::join`.
        let place = if out.as_os_str().is_empty() { Path::new(".") } else { out };
        match fs::metadata(place) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return Err(not_a_folder(out)),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == ErrorKind::NotADirectory => return Err(not_a_folder(out)),
            Err(error) => return Err(refused(out, &error)),
        }
        let hold = File::open(place).ok().filter(|file| file.lock().is_ok());
        let dir = Dir::open_ambient_dir(place, ambient_authority()).map_err(|error| refused(out, &error))?;
        Ok(Some(Self { dir, hold, out: out.to_owned(), created: Vec::new() }))
    }

    /// Creates, opens and holds the folder. It may exist: another build can have been faster.
    pub(super) fn create(out: &Path) -> Result<Self, WriteError> {
        let missing = out.ancestors().take_while(|it| !it.as_os_str().is_empty() && !it.exists());
        let mut created: Vec<PathBuf> = missing.map(Path::to_owned).collect();
        created.reverse();
        fs::create_dir_all(out).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists | ErrorKind::NotADirectory => not_a_folder(out),
            _ => WriteError::io("create", &shown(out, ""), &error),
        })?;
        match Self::open(out)? {
            Some(folder) => Ok(Self { created, ..folder }),
            None => Err(WriteError::new(format!("`{}` was removed while it was built", shown(out, "")))),
        }
    }

    /// Whether no other build can be at work in the folder.
    pub(super) fn is_held(&self) -> bool {
        self.hold.is_some()
    }

    /// A path in the folder as the person would type it.
    pub(super) fn shown(&self, path: &str) -> String {
        shown(&self.out, path)
    }

    /// Removes the folders that [`Folder::create`] made, as far as they are empty.
    pub(super) fn abandon(&self) {
        for folder in self.created.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

fn not_a_folder(out: &Path) -> WriteError {
    WriteError::new(format!("`{}` is not a folder", shown(out, "")))
        .help("move it away, or name another output folder with `--out-dir`")
}

fn refused(out: &Path, error: &std::io::Error) -> WriteError {
    WriteError::io("open", &shown(out, ""), error)
}

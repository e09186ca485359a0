//! Writing expectations: `CAPGEN_BLESS=1` makes what came out what is expected.
//!
//! It is no way around a check: the caller blesses only what has no problem.

use std::env;
use std::fs;
use std::io;
use std::path::Path;

use super::tree::{self, Tree};

/// Whether this run writes expectations.
pub(crate) fn is_asked() -> bool {
    env::var_os("CAPGEN_BLESS").is_some_and(|value| value != "0" && !value.is_empty())
}

/// # Errors
/// Where expectations would be written on a build machine: nobody would look at them there.
pub(crate) fn refuse_in_ci() -> Result<(), String> {
    match is_asked() && env::var_os("CI").is_some_and(|value| value != "false" && !value.is_empty()) {
        true => {
            Err("CAPGEN_BLESS is set where CI is set: bless on your machine, read the change, commit it".to_owned())
        }
        false => Ok(()),
    }
}

/// Makes the files below a folder that `old` names those of `new`: writes what differs, removes what is stale.
pub(crate) fn replace(folder: &Path, old: &Tree, new: &Tree) -> io::Result<()> {
    for path in tree::removed(old, new) {
        fs::remove_file(folder.join(&path))?;
        remove_empty_parents(folder, &path);
    }
    tree::write(folder, &tree::changed(old, new))
}

fn remove_empty_parents(folder: &Path, path: &str) {
    let mut parent = Path::new(path).parent();
    while let Some(empty) = parent.filter(|it| !it.as_os_str().is_empty()) {
        // A folder that is not empty stays, and so do the ones above it.
        if fs::remove_dir(folder.join(empty)).is_err() {
            return;
        }
        parent = empty.parent();
    }
}

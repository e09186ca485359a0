//! The output folder as it stands on disk.
//!
//! A file that is equal to the byte needs no reading, and a file that is nobody's is none of capgen's business.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read as _, Seek as _};
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File};
use rayon::prelude::*;

use super::{Loaded, text};
use crate::diag::Diagnostic;
use crate::doc::object::{Identity, Read};
use crate::doc::state::State;

/// The output folder against what is to be written into it.
#[derive(Debug, Clone, Default)]
pub struct Output {
    pub loaded: Loaded,
    /// The paths whose files are equal to the byte, sorted; their number is `unchanged`.
    pub equal: Vec<String>,
}

/// A folder that paths of the output cannot leave.
#[derive(Debug)]
pub struct Folder {
    /// `None`: it does not exist, so nothing is there.
    dir: Option<Dir>,
    shown: String,
}

/// What one path turned out to be.
enum Found {
    Nothing,
    Equal,
    Other(Read),
}

impl Folder {
    /// Opens the output folder.
    ///
    /// # Errors
    /// It is there and cannot be opened.
    pub fn open(folder: &Path) -> Result<Self, Diagnostic> {
        let shown = shown(folder);
        let place = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        match Dir::open_ambient_dir(place, ambient_authority()) {
            Ok(dir) => Ok(Self { dir: Some(dir), shown }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self { dir: None, shown }),
            Err(error) => Err(text::unreadable(&shown, &error)),
        }
    }

    /// The text of a file, the lock say; `None`: there is none.
    ///
    /// # Errors
    /// It is there and cannot be read as a text.
    pub fn text(&self, path: &str) -> Result<Option<String>, Diagnostic> {
        let bytes = self.bytes(path)?;
        bytes.map(|bytes| text::decoded(&self.name(path), bytes)).transpose()
    }

    /// Reads the files that are to be written (`wanted`: path and bytes) and those that a former build wrote (`known`).
    ///
    /// # Errors
    /// Every file that cannot be read or is not what its name says.
    pub fn read(&self, wanted: &[(&str, &[u8])], known: &[&str]) -> Result<Output, Vec<Diagnostic>> {
        let mut paths: BTreeMap<&str, Option<&[u8]>> = known.iter().map(|path| (*path, None)).collect();
        paths.extend(wanted.iter().map(|(path, bytes)| (*path, Some(*bytes))));
        let paths: Vec<_> = paths.into_iter().collect();
        let found: Vec<_> = paths.par_iter().map(|(path, wanted)| self.one(path, *wanted)).collect();
        let (mut output, mut errors) = (Output::default(), Vec::new());
        let state = &mut output.loaded.state;
        for ((path, _), found) in paths.iter().zip(found) {
            match found {
                Ok(Found::Nothing) => {}
                Ok(Found::Equal) => output.equal.push((*path).to_owned()),
                Ok(Found::Other(read)) => {
                    state.objects.extend(read.objects);
                    state.skipped.extend(read.skipped);
                }
                Err(error) => errors.push(error),
            }
        }
        *state = State { is_ours: true, unchanged: output.equal.len(), ..std::mem::take(state) };
        if errors.is_empty() { Ok(output) } else { Err(errors) }
    }

    fn one(&self, path: &str, wanted: Option<&[u8]>) -> Result<Found, Diagnostic> {
        let Some(mut file) = self.file(path)? else { return Ok(Found::Nothing) };
        let name = self.name(path);
        if let Some(wanted) = wanted
            && holds(&mut file, wanted).map_err(|error| text::unreadable(&name, &error))?
        {
            return Ok(Found::Equal);
        }
        let mut read = text::output(&name, bytes_of(file, &name)?)?;
        for object in &mut read.objects {
            if let Identity::File { path: identity } = &mut object.identity {
                path.clone_into(identity);
            }
        }
        Ok(Found::Other(read))
    }

    fn bytes(&self, path: &str) -> Result<Option<Vec<u8>>, Diagnostic> {
        self.file(path)?.map(|file| bytes_of(file, &self.name(path))).transpose()
    }

    fn file(&self, path: &str) -> Result<Option<File>, Diagnostic> {
        let Some(dir) = &self.dir else { return Ok(None) };
        match dir.open(path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            Err(error) => Err(text::unreadable(&self.name(path), &error)),
        }
    }

    /// A path as a person would type it.
    pub fn name(&self, path: &str) -> String {
        below(&self.shown, path)
    }

    /// Whether there is such a folder at all.
    pub fn exists(&self) -> bool {
        self.dir.is_some()
    }
}

/// Whether a file has just these bytes; it is read from its start again afterwards. Most files of a large platform do, and
/// none of those needs memory of its own.
fn holds(file: &mut File, wanted: &[u8]) -> io::Result<bool> {
    let mut piece = [0; 8 << 10];
    let mut rest = wanted;
    loop {
        let length = match file.read(&mut piece) {
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        match piece.get(..length).and_then(|read| rest.strip_prefix(read)) {
            Some([]) if length == 0 => return Ok(true),
            Some(left) if length > 0 => rest = left,
            _ => {
                file.rewind()?;
                return Ok(false);
            }
        }
    }
}

fn bytes_of(mut file: File, name: &str) -> Result<Vec<u8>, Diagnostic> {
    let length = file.metadata().map_or(0, |it| it.len());
    text::all_of(&mut file, length, name)
}

/// A path of an output folder as a person would type it, whether or not that folder is on disk.
pub fn name(folder: &Path, path: &str) -> String {
    below(&shown(folder), path)
}

fn shown(folder: &Path) -> String {
    folder.to_string_lossy().replace('\\', "/")
}

fn below(folder: &str, path: &str) -> String {
    match folder {
        "" | "." => path.to_owned(),
        folder => format!("{}/{path}", folder.trim_end_matches('/')),
    }
}

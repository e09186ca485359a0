//! The output folder as it stands on disk.
//!
//! A file that is equal to the byte needs no reading, and a file that is nobody's is none of capgen's business.

use std::io::{self, ErrorKind, Read as _, Seek as _};
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File};

use super::text;
use crate::diag::Diagnostic;
use crate::doc::object::{Identity, Read};

/// A folder that paths of the output cannot leave.
#[derive(Debug)]
pub struct Folder {
    /// `None`: it does not exist, so nothing is there.
    dir: Option<Dir>,
    shown: String,
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

    /// A file as a stream; `None`: there is none.
    ///
    /// # Errors
    /// It is there and cannot be opened.
    pub fn stream(&self, path: &str) -> Result<Option<impl io::Read + use<>>, Diagnostic> {
        self.file(path)
    }

    /// Reads a file, and its text; `None`: it holds just the wanted bytes. A file that is not there holds nothing.
    ///
    /// # Errors
    /// It cannot be read, or is not what its name says.
    pub fn read(&self, path: &str, wanted: Option<&[u8]>) -> Result<Option<(Read, String)>, Diagnostic> {
        let Some(mut file) = self.file(path)? else { return Ok(Some(Default::default())) };
        let name = self.name(path);
        if let Some(wanted) = wanted
            && holds(&mut file, wanted).map_err(|error| text::unreadable(&name, &error))?
        {
            return Ok(None);
        }
        let (mut read, text) = text::output(&name, bytes_of(file, &name)?)?;
        for object in &mut read.objects {
            if let Identity::File { path: identity } = &mut object.identity {
                path.clone_into(identity);
            }
        }
        Ok(Some((read, text)))
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

    /// The path that has such a [`Folder::name`].
    pub fn path<'a>(&self, name: &'a str) -> Option<&'a str> {
        match self.shown.as_str() {
            "" | "." => Some(name),
            folder => name.strip_prefix(folder.trim_end_matches('/'))?.strip_prefix('/'),
        }
    }

    /// Whether there is such a folder at all.
    pub fn exists(&self) -> bool {
        self.dir.is_some()
    }
}

/// Whether a file has just these bytes, as most files of a large platform; otherwise it is read from its start again.
fn holds(file: &mut File, wanted: &[u8]) -> io::Result<bool> {
    // One byte more shows a file that goes on; that it was asked for and not given, one that does not.
    let mut there = vec![0; wanted.len() + 1];
    let mut length = 0;
    while length < there.len() {
        match file.read(&mut there[length..]) {
            Ok(more) => {
                length += more;
                if more == 0 || length == wanted.len() {
                    break;
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let is_same = there.get(..length) == Some(wanted);
    if !is_same {
        file.rewind()?;
    }
    Ok(is_same)
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

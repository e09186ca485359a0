//! What is said when the output folder cannot be read or written: what, where, why, and what to type.

use std::io;
use std::path::Path;

use super::folder::Folder;
use crate::diag::Diagnostic;
use crate::render::lock;

/// Why nothing was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteError {
    /// One phrase that stands alone.
    pub message: String,
    /// Facts, one file each where files are listed.
    pub notes: Vec<String>,
    /// Something that can be typed.
    pub help: Option<String>,
}

impl From<WriteError> for Diagnostic {
    fn from(error: WriteError) -> Self {
        let diagnostic = error.notes.into_iter().fold(Self::error(error.message), Self::note);
        error.help.into_iter().fold(diagnostic, Self::help)
    }
}

impl WriteError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), notes: Vec::new(), help: None }
    }

    #[must_use]
    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    #[must_use]
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The system refused to `verb` the path.
    pub(super) fn io(verb: &str, path: &str, error: &io::Error) -> Self {
        let it = Self::new(format!("cannot {verb} `{path}`: {error}"));
        match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                it.help("make the folder writable, or name another one with `--out-dir`")
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => it.help("free some space, then run it again"),
            _ => it,
        }
    }

    /// Links, folders and the like where a build must not write, each with its reason.
    pub(super) fn blocked(folder: &Folder, reasons: Vec<String>) -> Self {
        let count = match reasons.len() {
            1 => "1 place".to_owned(),
            count => format!("{count} places"),
        };
        let it = Self::new(format!("{count} in `{}` cannot be written to", folder.shown("")));
        let it = reasons.into_iter().fold(it, Self::note);
        it.help("move them away, or name another folder with `--out-dir`; `--force` does not override this")
    }

    /// Files that would be overwritten or removed although capgen did not write what is in them.
    pub(super) fn hand_edited(out: &Path, paths: &[String], unknown: Option<&str>) -> Self {
        let (count, they) = match paths.len() {
            1 => ("1 file".to_owned(), "it"),
            count => (format!("{count} files"), "them"),
        };
        let it = match unknown {
            None => Self::new(format!("{count} in `{}` edited by hand", shown(out, ""))),
            Some(_) => Self::new(format!("{count} in `{}` may not be what capgen wrote", shown(out, ""))),
        };
        let it = paths.iter().fold(it, |it, path| it.note(format!("`{path}`")));
        let it = match unknown {
            None => it,
            Some(reason) => it.note(format!("nothing is known about an earlier build: {reason}")),
        };
        match unknown.filter(|it| it.contains(lock::CONFLICT)) {
            Some(_) => it.help(
                "resolve the conflict in the spec; then `capgen build --force` writes the files and the lock anew, and no \
                 mark in them has to be resolved by hand",
            ),
            None => it.help(format!("move the edits into the spec, or overwrite {they} with `capgen build --force`")),
        }
    }
}

/// A path in the output folder as the person would type it; the folder itself for an empty path.
pub(super) fn shown(out: &Path, path: &str) -> String {
    let folder = out.to_string_lossy();
    match (folder.trim_end_matches('/'), path) {
        ("", "") if folder.starts_with('/') => "/".to_owned(),
        ("" | ".", "") => ".".to_owned(),
        ("", path) if folder.starts_with('/') => format!("/{path}"),
        ("" | ".", path) => path.to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, path) => format!("{folder}/{path}"),
    }
}

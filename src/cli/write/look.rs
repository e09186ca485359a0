//! Looks at single paths of the output folder: what stands there, and is it ours?
//!
//! It follows no link and opens nothing but regular files. It must not know what becomes of the answer.

use std::borrow::Cow;
use std::io::{self, ErrorKind, Read as _};

use cap_std::fs::Dir;

use super::error::WriteError;
use super::folder::Folder;
use super::survey::Known;
use crate::render::lock::sha256;

/// A path and the bytes that it should have; without bytes, an earlier build's file that should go.
pub(super) type Expected<'a> = (Cow<'a, str>, Option<&'a [u8]>);

/// What stands at a path.
pub(super) enum Looked {
    /// Nothing; so many bytes of the path are folders that exist.
    Missing { existing: usize },
    /// The bytes that it should have.
    Same,
    /// The bytes that an earlier build wrote.
    Ours,
    /// Anything else that can be replaced: a file, or a link that would be replaced and not followed.
    Edited,
    /// Something that is never replaced, and why.
    Blocked(String),
}

/// The folder of a path; empty for the output folder itself.
pub(super) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// The folders that were opened last, outermost first: neighbours in a sorted list share most of them.
#[derive(Default)]
pub(super) struct Way(Vec<(String, Dir)>);

/// Looks at some files of one folder.
pub(super) fn look(
    folder: &Folder,
    way: &mut Way,
    group: &[Expected<'_>],
    known: &Known<'_>,
) -> Result<Vec<Looked>, WriteError> {
    let Some((first, _)) = group.first() else { return Ok(Vec::new()) };
    let parent = parent(first);
    let refused = |path: &str, error: io::Error| WriteError::io("read", &folder.shown(path), &error);
    match descend(folder, way, parent).map_err(|error| refused(parent, error))? {
        Parent::Missing { existing } => Ok(group.iter().map(|_| Looked::Missing { existing }).collect()),
        Parent::Blocked(reason) => Ok(group.iter().map(|_| Looked::Blocked(reason.clone())).collect()),
        Parent::Open(dir) => group
            .iter()
            .map(|(path, bytes)| {
                let looked = look_at(folder, dir, path, *bytes, known);
                looked.map_err(|error| refused(path, error))
            })
            .collect(),
    }
}

/// The folder that a file stands in.
enum Parent<'w> {
    Open(&'w Dir),
    Missing { existing: usize },
    Blocked(String),
}

/// Opens a folder step by step, so that no link on the way is followed.
fn descend<'w>(folder: &'w Folder, Way(open): &'w mut Way, parent: &str) -> io::Result<Parent<'w>> {
    let names = || parent.split('/').filter(|name| !name.is_empty());
    let shared = open.iter().zip(names()).take_while(|((name, _), wanted)| name == wanted).count();
    open.truncate(shared);
    let mut existing = names().take(shared).map(str::len).sum::<usize>() + shared.saturating_sub(1);
    for name in names().skip(shared) {
        let end = existing + usize::from(existing > 0) + name.len();
        let here = || folder.shown(parent.get(..end).unwrap_or(parent));
        let dir = open.last().map_or(&folder.dir, |(_, dir)| dir);
        match dir.symlink_metadata(name) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Parent::Missing { existing }),
            Err(error) => return Err(error),
            Ok(metadata) if metadata.is_symlink() => {
                return Ok(Parent::Blocked(format!("`{}` is a link where a folder should be", here())));
            }
            Ok(metadata) if !metadata.is_dir() => {
                return Ok(Parent::Blocked(format!("`{}` is a file where a folder should be", here())));
            }
            Ok(_) => {
                let dir = dir.open_dir(name)?;
                open.push((name.to_owned(), dir));
            }
        }
        existing = end;
    }
    Ok(Parent::Open(open.last().map_or(&folder.dir, |(_, dir)| dir)))
}

fn look_at(folder: &Folder, dir: &Dir, path: &str, bytes: Option<&[u8]>, known: &Known<'_>) -> io::Result<Looked> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let metadata = match dir.symlink_metadata(name) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Ok(Looked::Missing { existing: parent(path).len() });
        }
        other => other?,
    };
    if metadata.is_dir() {
        return Ok(Looked::Blocked(format!("`{}` is a folder where a file should be", folder.shown(path))));
    }
    let mut hashes = known.hashes(path).peekable();
    let may_be_same = bytes.is_some_and(|bytes| bytes.len() as u64 == metadata.len());
    // Reading a pipe would wait for ever, and a file that is neither wanted nor known need not be read.
    if !metadata.is_file() || !may_be_same && hashes.peek().is_none() {
        return Ok(Looked::Edited);
    }
    let found = read_known_length(dir, name, metadata.len())?;
    if bytes == Some(&*found) {
        return Ok(Looked::Same);
    }
    let is_ours = hashes.peek().is_some() && {
        let hash = sha256(&found);
        hashes.any(|known| known == hash)
    };
    Ok(if is_ours { Looked::Ours } else { Looked::Edited })
}

/// Reads in one call what is expected to be there: with thousands of files the second call, for the end, counts.
fn read_known_length(dir: &Dir, name: &str, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
    dir.open(name)?.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// A file's bytes; `None`: there is none.
pub(super) fn read_file(dir: &Dir, path: &str) -> io::Result<Option<Vec<u8>>> {
    let mut file = match dir.open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// Whether a file is there and has these bytes, which need not be in one piece; none is read that cannot be the same.
pub(super) fn is_file_of(dir: &Dir, path: &str, pieces: &[String]) -> io::Result<bool> {
    let mut file = match dir.open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        other => other?,
    };
    if file.metadata()?.len() != pieces.iter().map(|it| it.len() as u64).sum::<u64>() {
        return Ok(false);
    }
    let mut found = Vec::new();
    for piece in pieces {
        found.resize(piece.len(), 0);
        match file.read_exact(&mut found) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(false),
            other => other?,
        }
        if found != piece.as_bytes() {
            return Ok(false);
        }
    }
    Ok(true)
}

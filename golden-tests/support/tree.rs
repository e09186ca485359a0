//! A folder as a value: what stands at each path below it. Git's own folder is not looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

/// What stands at one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    /// The bytes of a file, and whether it can be run.
    File { bytes: Vec<u8>, executable: bool },
    /// Where a symbolic link points, as it was written.
    Link(String),
}

impl Entry {
    /// A file that cannot be run.
    pub(crate) fn file(bytes: impl Into<Vec<u8>>) -> Self {
        Self::File { bytes: bytes.into(), executable: false }
    }

    /// The bytes of a file; a link has none.
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::File { bytes, .. } => Some(bytes),
            Self::Link(_) => None,
        }
    }

    /// The text of a file, where it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        self.bytes().and_then(|bytes| std::str::from_utf8(bytes).ok())
    }
}

/// Every file and link of a folder, by its path below it, with `/`.
pub(crate) type Tree = BTreeMap<String, Entry>;

/// Reads a folder; one that is not there is empty.
pub(crate) fn read(root: &Path) -> io::Result<Tree> {
    let mut tree = Tree::new();
    walk(root, "", &mut |path, entry| {
        if let Some(entry) = entry {
            tree.insert(path, entry);
        }
    })?;
    Ok(tree)
}

/// The folders below a folder that hold nothing.
pub(crate) fn empty_folders(root: &Path) -> io::Result<BTreeSet<String>> {
    let mut empty = BTreeSet::new();
    walk(root, "", &mut |path, entry| {
        if entry.is_none() {
            empty.insert(path);
        }
    })?;
    Ok(empty)
}

/// Writes a tree into a folder, over what may stand there.
pub(crate) fn write(root: &Path, tree: &Tree) -> io::Result<()> {
    for (path, entry) in tree {
        let path = root.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        // Writing through a link would change another file.
        if path.is_symlink() || matches!(entry, Entry::Link(_)) && path.is_file() {
            fs::remove_file(&path)?;
        }
        match entry {
            Entry::Link(target) => symlink(target, &path)?,
            Entry::File { bytes, executable } => {
                fs::write(&path, bytes)?;
                if *executable {
                    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
                }
            }
        }
    }
    Ok(())
}

/// What was created or changed from `before` to `after`.
pub(crate) fn changed(before: &Tree, after: &Tree) -> Tree {
    let differs = |(path, entry): &(&String, &Entry)| before.get(*path) != Some(*entry);
    after.iter().filter(differs).map(|(path, entry)| (path.clone(), entry.clone())).collect()
}

/// The paths of `before` that are gone in `after`.
pub(crate) fn removed(before: &Tree, after: &Tree) -> BTreeSet<String> {
    before.keys().filter(|path| !after.contains_key(*path)).cloned().collect()
}

/// The part of a tree below a folder, by paths below that folder. The empty name is the whole tree.
pub(crate) fn below(tree: &Tree, folder: &str) -> Tree {
    let inside = |(path, entry): (&String, &Entry)| {
        let rest = if folder.is_empty() { Some(path.as_str()) } else { path.strip_prefix(folder)?.strip_prefix('/') };
        rest.map(|rest| (rest.to_owned(), entry.clone()))
    };
    tree.iter().filter_map(inside).collect()
}

/// Visits every file and link, and as `None` every folder without an entry.
fn walk(folder: &Path, prefix: &str, visit: &mut impl FnMut(String, Option<Entry>)) -> io::Result<()> {
    let listing = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        listing => listing?,
    };
    let mut is_empty = true;
    for item in listing {
        let item = item?;
        is_empty = false;
        let name = item.file_name().to_string_lossy().into_owned();
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
        let kind = item.file_type()?;
        if kind.is_symlink() {
            visit(path, Some(Entry::Link(fs::read_link(item.path())?.to_string_lossy().into_owned())));
        } else if kind.is_dir() {
            if name != ".git" {
                walk(&item.path(), &path, visit)?;
            }
        } else {
            let executable = item.metadata()?.permissions().mode() & 0o100 != 0;
            visit(path, Some(Entry::File { bytes: fs::read(item.path())?, executable }));
        }
    }
    if is_empty && !prefix.is_empty() {
        visit(prefix.to_owned(), None);
    }
    Ok(())
}

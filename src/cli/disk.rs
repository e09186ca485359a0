//! Spec files on disk.

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use globset::GlobBuilder;

use crate::spec::Files;

/// The name of a spec, searched upwards from the current directory.
const SPEC: &str = "capacity.toml";

/// Reads specs from disk; `-` is standard input.
pub(super) struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> Result<String, String> {
        let bytes = match path {
            "-" => {
                let mut bytes = Vec::new();
                std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
            }
            path => std::fs::read(path),
        };
        let bytes = bytes.map_err(|error| reason(&error))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
            format!("line {line} is not UTF-8 text")
        })?;
        Ok(match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        })
    }

    fn matching(&self, pattern: &str) -> Result<Vec<String>, String> {
        matching(pattern, |start, depth| {
            let mut found = Vec::new();
            walk(start, depth, &mut |path| found.push(path.to_owned()))?;
            Ok(found)
        })
    }

    fn has(&self, path: &str) -> bool {
        Path::new(path).exists()
    }
}

/// The files that match a pattern, sorted. `list` gives those of a folder (empty: the current one), down to a depth.
pub(super) fn matching(
    pattern: &str,
    list: impl FnOnce(&str, usize) -> Result<Vec<String>, String>,
) -> Result<Vec<String>, String> {
    let Some(wild) = pattern.find(['*', '?', '[', '{']) else { return Ok(vec![pattern.to_owned()]) };
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    let glob = glob.map_err(|error| format!("`{pattern}` is no pattern: {}", error.kind()))?.compile_matcher();
    let fixed = pattern[..wild].rsplit_once('/').map(|(folder, _)| folder);
    let start = match fixed {
        Some("") => "/",
        Some(folder) => folder,
        None => "",
    };
    let depth = if pattern.contains("**") { usize::MAX } else { pattern[wild..].matches('/').count() };
    let mut found = list(start, depth)?;
    found.retain(|path| glob.is_match(path));
    found.sort();
    Ok(found)
}

/// Visits the files of a folder, down to a depth. Links to folders are not followed: they may lead in a circle.
fn walk(folder: &str, depth: usize, visit: &mut impl FnMut(&str)) -> Result<(), String> {
    let listing = std::fs::read_dir(if folder.is_empty() { "." } else { folder });
    let listing = match listing {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        listing => listing.map_err(|error| format!("listing `{folder}`: {}", reason(&error)))?,
    };
    for entry in listing {
        let entry = entry.map_err(|error| format!("listing `{folder}`: {}", reason(&error)))?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let path = match folder {
            "" => name.to_owned(),
            "/" => format!("/{name}"),
            folder => format!("{folder}/{name}"),
        };
        let kind = entry.file_type().map_err(|error| format!("looking at `{path}`: {}", reason(&error)))?;
        match kind.is_dir() {
            true if depth > 0 => walk(&path, depth.saturating_sub(1), visit)?,
            true => {}
            false => visit(&path),
        }
    }
    Ok(())
}

/// Why the disk refused, without the numbers of the operating system.
pub(super) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "no such file".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        ErrorKind::IsADirectory => "it is a folder".to_owned(),
        kind => kind.to_string(),
    }
}

/// The spec to read: the named one, or the nearest `capacity.toml` from here upwards.
pub(super) fn find(named: Option<&str>) -> String {
    if let Some(named) = named {
        return named.to_owned();
    }
    let here = std::env::current_dir().unwrap_or_default();
    let mut path = PathBuf::from(SPEC);
    for _ in here.ancestors() {
        if path.is_file() {
            return path.to_string_lossy().into_owned();
        }
        path = Path::new("..").join(path);
    }
    SPEC.to_owned()
}

/// The nearest `capacity.toml` from a path upwards: in its own folders, then from here on.
pub(super) fn above(path: &Path) -> Option<String> {
    let own = path.ancestors().map(|it| it.join(SPEC)).find(|it| it.is_file());
    match own {
        Some(spec) => Some(spec.to_string_lossy().into_owned()),
        None if path.is_absolute() => None,
        None => Some(find(None)).filter(|it| Path::new(it).is_file()),
    }
}

/// The folder that a spec stands in, to put before relative paths.
pub(super) fn folder_of(spec: &str) -> &Path {
    match spec {
        "-" => Path::new(""),
        spec => Path::new(spec).parent().unwrap_or(Path::new("")),
    }
}

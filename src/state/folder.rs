//! A folder of manifests, in any layout.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::{Loaded, Outcome, text};
use crate::diag::Diagnostic;
use crate::doc::object::{Identity, Read};
use crate::doc::state::State;

/// The endings of files that can hold objects.
const ENDINGS: &[&str] = &["yaml", "yml", "json", "ini", "conf"];

/// The lock file that capgen writes beside its output: no manifest.
const LOCK: &str = "capgen.lock.json";

/// How deep folders are followed.
const DEEPEST: usize = 64;

/// Reads every `.yaml`, `.yml`, `.json`, `.ini` and `.conf` file below a folder, in the order of the paths.
///
/// Hidden files and folders are passed over, links to folders not followed: they may lead in a circle.
///
/// The output folder of the spec itself, `out`, is passed over where it stands below: its own build would be compared, and
/// hide what people wrote.
///
/// # Errors
/// The folder cannot be listed, and every file that cannot be read or is not what it claims to be.
pub fn read(folder: &str, out: &Path) -> Outcome {
    let mut paths = files(folder).map_err(|error| vec![error])?;
    let built = built(folder, out);
    let before = paths.len();
    paths.retain(|path| built.as_ref().is_none_or(|built| !is_below(path, built)));
    let passed = before > paths.len();
    let one = |path: &String| text::objects(path, text::bytes_of(Path::new(path), path)?);
    let (mut state, mut errors) = (State::default(), Vec::new());
    for read in paths.par_iter().map(one).collect::<Vec<Result<Read, Diagnostic>>>() {
        match read {
            Ok(read) => {
                state.objects.extend(read.objects);
                state.skipped.extend(read.skipped);
            }
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    for object in &mut state.objects {
        if let Identity::File { path } = &mut object.identity {
            *path = below(folder, path).to_owned();
        }
    }
    let mut notes = if paths.is_empty() { vec![holds_nothing(folder)] } else { Vec::new() };
    if passed {
        let out = super::output::name(out, "");
        let out = out.trim_end_matches('/');
        notes
            .push(format!("`{out}` was passed over: it holds what this spec wrote; `--against dir:{out}` compares it"));
    }
    Ok(Loaded { state, notes })
}

/// The true place of the output folder, where a build wrote it and it stands below a folder.
fn built(folder: &str, out: &Path) -> Option<PathBuf> {
    let (folder, out) = (fs::canonicalize(folder).ok()?, fs::canonicalize(out).ok()?);
    (out != folder && out.starts_with(&folder) && out.join(LOCK).is_file()).then_some(out)
}

fn is_below(path: &str, folder: &Path) -> bool {
    let parent = Path::new(path).parent().map(|it| if it.as_os_str().is_empty() { Path::new(".") } else { it });
    parent.and_then(|it| fs::canonicalize(it).ok()).is_some_and(|it| it.starts_with(folder))
}

/// The files below a folder that can hold objects, as a person would type them, sorted.
///
/// # Errors
/// A folder that cannot be listed.
pub(super) fn files(folder: &str) -> Result<Vec<String>, Diagnostic> {
    let mut paths = Vec::new();
    walk(folder, DEEPEST, &mut paths)?;
    paths.sort();
    Ok(paths)
}

/// What is said about a folder without such files.
pub(super) fn holds_nothing(folder: &str) -> String {
    format!("`{folder}` holds no {}", ENDINGS.join(", "))
}

/// Collects the files below a folder, as a person would type them.
fn walk(folder: &str, depth: usize, paths: &mut Vec<String>) -> Result<(), Diagnostic> {
    let listing = fs::read_dir(folder).map_err(|error| not_listed(folder, &error))?;
    for entry in listing {
        let entry = entry.map_err(|error| text::unreadable(folder, &error))?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|it| !it.starts_with('.')) else { continue };
        let path = joined(folder, name);
        let kind = entry.file_type().map_err(|error| text::unreadable(&path, &error))?;
        if kind.is_dir() && depth > 0 {
            walk(&path, depth - 1, paths)?;
        } else if name != LOCK && can_hold_objects(name) && (kind.is_file() || Path::new(&path).is_file()) {
            paths.push(path);
        }
    }
    Ok(())
}

fn not_listed(folder: &str, error: &std::io::Error) -> Diagnostic {
    match Path::new(folder).is_file() {
        true => Diagnostic::error(format!("`{folder}` is a file")).help(format!("`--against file:{folder}`")),
        false if error.kind() == ErrorKind::NotFound => {
            Diagnostic::error(format!("`{folder}` cannot be listed: no such folder"))
        }
        false => Diagnostic::error(format!("`{folder}` cannot be listed: {}", error.kind())),
    }
}

fn can_hold_objects(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}

/// A path in a folder; the current folder is not named.
fn joined(folder: &str, name: &str) -> String {
    match folder {
        "." => name.to_owned(),
        folder if folder.ends_with('/') => format!("{folder}{name}"),
        folder => format!("{folder}/{name}"),
    }
}

fn below<'a>(folder: &str, path: &'a str) -> &'a str {
    path.strip_prefix(folder).map_or(path, |rest| rest.trim_start_matches('/'))
}

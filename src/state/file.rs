//! One file of manifests: a dump of `kubectl`, the output of Helm, a PgBouncer ini, an nginx conf.

use std::path::Path;

use super::{Loaded, Outcome, text};
use crate::diag::Diagnostic;
use crate::doc::state::State;

/// Reads a file; `-` is standard input.
///
/// # Errors
/// The file cannot be read, is longer than 256 MiB (YAML: 64 MiB), is not what it claims to be, or holds nothing that can be
/// compared: of what a program should have written nothing may have come.
pub fn read(path: &str) -> Outcome {
    let shown = if path == "-" { "standard input" } else { path };
    let read = || {
        let bytes = match path {
            "-" => text::all(&mut std::io::stdin().lock(), shown),
            path if Path::new(path).is_dir() => {
                Err(Diagnostic::error(format!("`{path}` is a folder")).help(format!("`--against dir:{path}`")))
            }
            path => text::bytes_of(Path::new(path), path),
        };
        text::objects(shown, bytes?)
    };
    let read = read().map_err(|error| vec![error])?;
    if read.objects.is_empty() {
        let reason = read.skipped.first().map_or("nothing stands in it", |(_, reason)| *reason);
        let error = Diagnostic::error(format!("`{shown}` holds nothing to compare with: {reason}"));
        return Err(vec![error.help("look whether what writes it failed; to see everything as new, name an empty folder: `--against dir:FOLDER`")]);
    }
    let state = State { objects: read.objects, skipped: read.skipped, ..State::default() };
    Ok(Loaded { state, notes: Vec::new() })
}

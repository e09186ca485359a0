//! One file of manifests: a dump of `kubectl`, the output of Helm, a PgBouncer ini, an nginx conf.

use std::path::Path;

use super::{Loaded, Outcome, text};
use crate::diag::Diagnostic;
use crate::doc::state::State;

/// Reads a file; `-` is standard input.
///
/// # Errors
/// The file cannot be read, is longer than 256 MiB (YAML: 64 MiB), or is not what it claims to be.
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
    let state = State { objects: read.objects, skipped: read.skipped, ..State::default() };
    Ok(Loaded { state, notes: Vec::new() })
}

//! Any number of folders and files at once, with the texts that they hold: what an import reads.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Loaded, folder, text};
use crate::diag::Diagnostic;
use crate::doc::object;
use crate::doc::state::State;

/// How standard input is named.
const STANDARD_INPUT: &str = "standard input";

/// What was read, and the texts by the name of their file.
#[derive(Debug, Default)]
pub struct Sources {
    pub loaded: Loaded,
    pub texts: BTreeMap<String, String>,
}

/// Reads folders, files, and standard input (`-`), in the order in which they are named. What is named twice counts once.
///
/// # Errors
/// Everything that cannot be read or is not what it claims to be.
pub fn read(paths: &[String]) -> Result<Sources, Vec<Diagnostic>> {
    let (mut files, mut errors, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for path in paths {
        match path.as_str() {
            path if path != "-" && Path::new(path).is_dir() => match folder::list(path) {
                Ok(found) => {
                    notes.extend(found.is_empty().then(|| folder::nothing(path)));
                    files.extend(found);
                }
                Err(error) => errors.push(error),
            },
            path => files.push(path.to_owned()),
        }
    }
    let mut sources = Sources { loaded: Loaded { state: State::default(), notes }, texts: BTreeMap::new() };
    for file in files {
        if sources.texts.contains_key(named(&file)) {
            continue;
        }
        errors.extend(one(&file, &mut sources).err());
    }
    if errors.is_empty() { Ok(sources) } else { Err(errors) }
}

fn named(file: &str) -> &str {
    if file == "-" { STANDARD_INPUT } else { file }
}

fn one(file: &str, sources: &mut Sources) -> Result<(), Diagnostic> {
    let shown = named(file);
    let bytes = match file {
        "-" => text::all(&mut std::io::stdin().lock(), shown)?,
        file => text::bytes_of(Path::new(file), file)?,
    };
    let text = text::decoded(shown, bytes)?;
    let read = object::of_text(shown, &text).map_err(|fault| text::faulty(shown, &fault))?;
    sources.loaded.state.objects.extend(read.objects);
    sources.loaded.state.skipped.extend(read.skipped);
    sources.texts.insert(shown.to_owned(), text);
    Ok(())
}

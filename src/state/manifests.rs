//! Files and folders that somebody names, as texts: what is said about them points into them.

use std::collections::BTreeSet;
use std::path::Path;

use rayon::prelude::*;

use super::{folder, text};
use crate::diag::Diagnostic;

/// Texts by the names that a person would type, in the order of the paths; those of a folder are sorted.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    pub texts: Vec<(String, String)>,
    /// One sentence each.
    pub notes: Vec<String>,
    /// Every file that cannot be read or is no text, and every folder that cannot be listed.
    pub errors: Vec<Diagnostic>,
}

/// Reads files, and what can hold objects below folders; `-` is standard input. A file that is named twice is read once.
pub fn read(paths: &[String]) -> Texts {
    let (mut names, mut notes, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for path in paths {
        match Path::new(path).is_dir() && path != "-" {
            false => names.push(path.clone()),
            true => match folder::files(path) {
                Ok(found) if found.is_empty() => notes.push(folder::holds_nothing(path)),
                Ok(found) => names.extend(found),
                Err(error) => errors.push(error),
            },
        }
    }
    let mut seen = BTreeSet::new();
    names.retain(|it| seen.insert(it.strip_prefix("./").unwrap_or(it).to_owned()));
    let one = |name: &String| -> Result<(String, String), Diagnostic> {
        let (shown, bytes) = match name.as_str() {
            "-" => ("standard input", text::all(&mut std::io::stdin().lock(), "standard input")?),
            name => (name, text::bytes_of(Path::new(name), name)?),
        };
        // Places are counted behind a byte order mark, as editors do.
        let text = text::decoded(shown, bytes)?;
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        Ok((shown.to_owned(), text))
    };
    let mut texts = Vec::with_capacity(names.len());
    for read in names.par_iter().map(one).collect::<Vec<_>>() {
        match read {
            Ok(text) => texts.push(text),
            Err(error) => errors.push(error),
        }
    }
    Texts { texts, notes, errors }
}

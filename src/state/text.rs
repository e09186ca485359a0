//! From bytes to objects: encodings, limits, and faults that name file and line.

use std::io::{ErrorKind, Read};
use std::path::Path;

use crate::diag::{Diagnostic, secret};
use crate::doc::object::{self, Read as Objects};
use crate::doc::value::{Fault, single_line};

/// The longest text that is read, in bytes: a dump of some 40 000 objects as JSON. YAML has a lower limit of its own.
pub(super) const LONGEST: u64 = 256 << 20;

/// Reads a file to its end.
///
/// # Errors
/// A message that names the file.
pub(super) fn bytes_of(path: &Path, shown: &str) -> Result<Vec<u8>, Diagnostic> {
    let mut file = std::fs::File::open(path).map_err(|error| unreadable(shown, &error))?;
    // A pipe has no length, and is read as it comes.
    let length = file.metadata().map_or(0, |it| it.len());
    all_of(&mut file, length, shown)
}

/// Everything that a stream holds, up to the longest text.
///
/// # Errors
/// A message that names the stream.
pub(super) fn all(stream: &mut dyn Read, shown: &str) -> Result<Vec<u8>, Diagnostic> {
    all_of(stream, 0, shown)
}

/// The same for a stream whose length is known: two calls of the system instead of many.
pub(super) fn all_of(stream: &mut dyn Read, length: u64, shown: &str) -> Result<Vec<u8>, Diagnostic> {
    let mut bytes = Vec::with_capacity(usize::try_from(length.min(LONGEST)).unwrap_or(0) + 1);
    stream.take(LONGEST + 1).read_to_end(&mut bytes).map_err(|error| unreadable(shown, &error))?;
    match bytes.len() as u64 > LONGEST {
        true => Err(Diagnostic::error(format!("`{shown}` is longer than {} MiB", LONGEST >> 20))
            .help("compare with less: the objects of one namespace or one kind")),
        false => Ok(bytes),
    }
}

/// The objects of a file's bytes.
///
/// # Errors
/// A message that names file, line and column.
pub(super) fn objects(shown: &str, bytes: Vec<u8>) -> Result<Objects, Diagnostic> {
    read(object::of_text, shown, &decoded(shown, bytes)?)
}

/// The same for a file that capgen writes, which may be a text of any kind; and its text.
///
/// # Errors
/// As [`objects`].
pub(super) fn output(shown: &str, bytes: Vec<u8>) -> Result<(Objects, String), Diagnostic> {
    let text = decoded(shown, bytes)?;
    Ok((read(object::of_output, shown, &text)?, text))
}

fn read(reader: fn(&str, &str) -> Result<Objects, Fault>, shown: &str, text: &str) -> Result<Objects, Diagnostic> {
    reader(shown, text).map_err(|fault| {
        let place = match (fault.line, fault.column) {
            (Some(line), Some(column)) => format!("{shown}:{line}:{column}"),
            (Some(line), None) => format!("{shown}:{line}"),
            _ => shown.to_owned(),
        };
        Diagnostic::error(format!("`{place}`: {}", short(&secret::shown(&single_line(&fault.message)))))
    })
}

/// A message that may quote a text of any length, at a length that a person reads.
fn short(message: &str) -> String {
    const LONGEST: usize = 400;
    match message.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message.to_owned(),
    }
}

/// The text of a file: UTF-8, or the UTF-16 that a redirection in PowerShell writes.
///
/// # Errors
/// A message that names file and line.
pub(super) fn decoded(shown: &str, bytes: Vec<u8>) -> Result<String, Diagnostic> {
    let pairs = |to: fn([u8; 2]) -> u16| -> Option<String> {
        let units: Vec<u16> = bytes.get(2..)?.chunks_exact(2).map(|it| to([it[0], it[1]])).collect();
        String::from_utf16(&units).ok()
    };
    let wide = match bytes.as_slice() {
        [0xff, 0xfe, ..] => pairs(u16::from_le_bytes),
        [0xfe, 0xff, ..] => pairs(u16::from_be_bytes),
        _ => None,
    };
    if let Some(text) = wide {
        return Ok(text);
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
        Diagnostic::error(format!("`{shown}:{line}`: not UTF-8 text"))
    })
}

/// A file that the disk does not give.
pub(super) fn unreadable(shown: &str, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(format!("`{shown}` cannot be read: {}", reason(error)))
}

/// Why the disk refused, without the numbers of the operating system.
fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "no such file".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        ErrorKind::IsADirectory => "it is a folder".to_owned(),
        kind => kind.to_string(),
    }
}

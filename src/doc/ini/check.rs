//! What can be written into a file of PgBouncer so that it is read back as it was.
//!
//! The dialect has no escapes outside connection strings, so what it cannot say has to be refused.

use crate::doc::value::is_hidden;

/// Whether a text survives as a value: neither a hidden character (a newline, a tab, NUL) nor a blank at its ends.
///
/// # Errors
/// One phrase that names the character, to be put behind the name of the value.
pub fn value_is_printable(value: &str) -> Result<(), String> {
    if let Some(character) = value.chars().find(|it| is_hidden(*it)) {
        return Err(format!("contains {}, which an ini of PgBouncer cannot hold", name(character)));
    }
    // PgBouncer trims with `isspace`, whose characters beyond the blank are hidden ones.
    match (value.starts_with(' '), value.ends_with(' ')) {
        (true, _) => Err("starts with a blank, which PgBouncer drops".to_owned()),
        (_, true) => Err("ends with a blank, which PgBouncer drops".to_owned()),
        _ => Ok(()),
    }
}

/// The same for a value in a connection string, which cannot be empty.
///
/// # Errors
/// As [`value_is_printable`].
pub fn pair_value_is_printable(value: &str) -> Result<(), String> {
    match value.is_empty() {
        true => Err("is empty, which PgBouncer refuses in a connection string".to_owned()),
        false => value_is_printable(value),
    }
}

/// Whether a text can be a key: letters, digits, `_`, `.`, `-` and `*` (`cfparser.c`; quoted keys need 1.25).
///
/// # Errors
/// One phrase that names the character.
pub fn key_is_printable(key: &str) -> Result<(), String> {
    match key.chars().find(|it| !(it.is_ascii_alphanumeric() || matches!(it, '_' | '.' | '-' | '*'))) {
        Some(character) => Err(format!("contains {}, which PgBouncer does not read in a name", name(character))),
        None if key.is_empty() => Err("is empty".to_owned()),
        None => Ok(()),
    }
}

fn name(character: char) -> String {
    match character {
        '\n' => "a newline".to_owned(),
        '\r' => "a carriage return".to_owned(),
        '\t' => "a tab".to_owned(),
        '\0' => "a NUL".to_owned(),
        ' ' => "a blank".to_owned(),
        it if is_hidden(it) => format!("U+{:04X}", u32::from(it)),
        it => format!("`{it}`"),
    }
}

//! The text of an ini as PgBouncer reads it, and refused where PgBouncer would refuse it or silently lose something.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::{Entry, Ini, IniValue, Section, has_pairs};
use crate::doc::value::{Fault, Node, Value};

/// Reads a file. A byte order mark and CRLF are accepted; sections of one name are merged.
///
/// # Errors
/// The first fault, with its line: what PgBouncer calls a syntax error, `%include` (one file is read here), a key that
/// stands twice, and a second `[pgbouncer]`, at which PgBouncer would forget the first.
pub fn parse(text: &str) -> Result<Ini, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut ini = Ini::default();
    let mut seen = Seen::default();
    let mut current = None;
    for (index, line) in text.split('\n').enumerate() {
        let line = line.trim_matches(is_space);
        let parsed = match line.as_bytes().first() {
            None | Some(b';' | b'#') => Ok(()),
            Some(b'[') => section(&mut ini, &mut seen, line).map(|section| current = Some(section)),
            Some(b'%') => Err("`%include` and other directives are not followed".to_owned()),
            Some(_) => match current.and_then(|it: usize| Some((it, ini.sections.get_mut(it)?))) {
                Some((position, section)) => entry(section, position, &mut seen, line),
                None => Err("a setting stands before the first section".to_owned()),
            },
        };
        parsed.map_err(|message| Fault::line(index + 1, message))?;
    }
    Ok(ini)
}

/// What was read, for a text of a million settings is no slower to read than to look at.
#[derive(Default)]
struct Seen<'a> {
    /// The position of each section, by name.
    sections: BTreeMap<&'a str, usize>,
    /// Every key with the position of its section.
    keys: BTreeSet<(usize, &'a str)>,
}

/// C's `isspace`, without the newline that ends a line.
pub(super) fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\u{b}' | '\u{c}')
}

/// Opens a section and gives its position.
fn section<'a>(ini: &mut Ini, seen: &mut Seen<'a>, line: &'a str) -> Result<usize, String> {
    let (name, rest) = line[1..].split_once(']').ok_or("a section's name needs `]` on the same line")?;
    if !rest.trim_start_matches(is_space).is_empty() && !rest.trim_start_matches(is_space).starts_with([';', '#']) {
        return Err(format!("unexpected text after `[{name}]`"));
    }
    match seen.sections.get(name) {
        Some(_) if name == "pgbouncer" => Err("a second `[pgbouncer]` makes PgBouncer forget the first".to_owned()),
        Some(position) => Ok(*position),
        None => {
            seen.sections.insert(name, ini.sections.len());
            ini.sections.push(Section { name: name.to_owned(), entries: Vec::new() });
            Ok(ini.sections.len() - 1)
        }
    }
}

fn entry<'a>(section: &mut Section, position: usize, seen: &mut Seen<'a>, line: &'a str) -> Result<(), String> {
    let (key, value) = line.split_once('=').ok_or("expected `key = value`")?;
    let key = key.trim_end_matches([' ', '\t']);
    super::key_is_printable(key).map_err(|why| format!("the key `{key}` {why}"))?;
    let value = value.trim_start_matches([' ', '\t']);
    if value.contains('\0') {
        return Err("PgBouncer stops reading at a NUL".to_owned());
    }
    if !seen.keys.insert((position, key)) {
        return Err(format!("`{key}` stands twice in `[{}]`", section.name));
    }
    let value = match has_pairs(&section.name) {
        true => {
            IniValue::Pairs(pairs(value)?.into_iter().map(|(key, value, _)| (key.to_owned(), scalar(&value))).collect())
        }
        false => IniValue::Scalar(scalar(value)),
    };
    section.entries.push(Entry { key: key.to_owned(), value });
    Ok(())
}

/// A whole number in its usual form is a number; `007` and `+5` stay as they are written.
fn scalar(text: &str) -> Node {
    match text.parse::<i64>() {
        Ok(int) if int.to_string() == text => Value::Int(int).into(),
        _ => Value::Text(Cow::Owned(text.to_owned())).into(),
    }
}

/// A connection string (`cstr_get_pair` in `src/loader.c`): only the blank separates, a tab is part of a value.
///
/// Each parameter is the key as it lies in the text, the value without quotes, and the value as it lies there.
pub(super) fn pairs(text: &str) -> Result<Vec<(&str, String, &str)>, String> {
    let mut pairs = Vec::new();
    let mut seen = BTreeSet::new();
    let mut rest = text.trim_matches(' ');
    while !rest.is_empty() {
        let end = rest.find(['=', ' ']).ok_or_else(|| format!("expected `=` after `{rest}`"))?;
        let (key, after) = rest.split_at(end);
        let value =
            after.trim_start_matches(' ').strip_prefix('=').ok_or_else(|| format!("expected `=` after `{key}`"))?;
        super::key_is_printable(key).map_err(|why| format!("the parameter `{key}` {why}"))?;
        let written = value.trim_start_matches(' ');
        let (value, after) = pair_value(written).map_err(|why| format!("`{key}` {why}"))?;
        if !seen.insert(key) {
            return Err(format!("`{key}` stands twice in one connection string"));
        }
        let written = written.get(..written.len() - after.len()).unwrap_or_default().trim_end_matches(' ');
        pairs.push((key, value, written));
        rest = after.trim_start_matches(' ');
    }
    Ok(pairs)
}

/// The value at the start of a text, and what follows.
fn pair_value(text: &str) -> Result<(String, &str), &'static str> {
    let (value, rest) = match text.strip_prefix('\'') {
        Some(quoted) => unquote(quoted)?,
        None => {
            let (value, rest) = text.split_once(' ').unwrap_or((text, ""));
            (value.to_owned(), rest)
        }
    };
    match value.is_empty() {
        true => Err("is empty, which PgBouncer refuses"),
        false => Ok((value, rest)),
    }
}

/// The text up to the closing quote, where two quotes stand for one.
fn unquote(text: &str) -> Result<(String, &str), &'static str> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('\'').ok_or("has a quote that is not closed")?;
        value.push_str(before);
        match after.strip_prefix('\'') {
            Some(after) => {
                value.push('\'');
                rest = after;
            }
            // PgBouncer drops the character after the quote, whatever it is.
            None if after.is_empty() || after.starts_with(' ') => return Ok((value, after)),
            None => return Err("needs a blank after its closing quote"),
        }
    }
}

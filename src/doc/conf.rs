//! Flat configuration files, one setting a line: `postgresql.conf` and `redis.conf`.
//!
//! They differ in the sign between name and value and in their quotes (PostgreSQL `src/backend/utils/misc/guc-file.l`;
//! Redis `src/config.c` and `sds.c`, `sdssplitargs`). This module knows that syntax and must not know what a setting means.
//!
//! A value that is a whole number in its usual form is a [`Value::Int`], every other one a [`Value::Text`].

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::value::mark::{Inside, Mark};
use super::value::{Node, Value, is_hidden, single_line};
use crate::why::Address;

/// A file.
#[derive(Debug, Clone, PartialEq)]
pub struct Conf {
    pub dialect: Dialect,
    /// Names and values, in the order of the file. Redis has names that stand several times.
    pub entries: Vec<(String, Node)>,
}

/// Whose syntax it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `name = 'value'`.
    Postgresql,
    /// `name word word`.
    Redis,
}

impl Dialect {
    /// The program, as its folder is called.
    pub fn program(self) -> &'static str {
        match self {
            Self::Postgresql => "postgresql",
            Self::Redis => "redis",
        }
    }

    /// By the folder that capgen writes such files to, `postgresql/main.conf`, or by the name that everybody gives them.
    pub fn of(file: &str) -> Option<Self> {
        let (folder, name) = file.rsplit_once(['/', '\\']).unwrap_or(("", file));
        if matches!(name, "postgresql.conf" | "postgresql.auto.conf" | "recovery.conf") {
            return Some(Self::Postgresql);
        }
        match folder.rsplit(['/', '\\']).next() {
            _ if !name.ends_with(".conf") => None,
            folder => [Self::Postgresql, Self::Redis].into_iter().find(|it| folder == Some(it.program())),
        }
    }
}

/// The text of a value that says what it is: a number where it looks like one.
pub fn value(text: &str) -> Value {
    match text.parse::<i64>() {
        Ok(number) if number.to_string() == text => Value::Int(number),
        _ => Value::Text(Cow::Owned(text.to_owned())),
    }
}

/// The file as text. What `comment` says about an address stands on a line of its own above the setting.
pub fn print(conf: &Conf, comment: &dyn Fn(&Address) -> Option<String>) -> String {
    let mut out = String::new();
    for (name, node) in &conf.entries {
        if let Some(text) = node.address.as_ref().and_then(comment) {
            out.extend(["# ", &*single_line(&text), "\n"]);
        }
        let value = match &node.value {
            Value::Int(number) => number.to_string(),
            Value::Text(text) => quoted(text, conf.dialect),
            other => {
                debug_assert!(false, "a setting is one number or text, not {other:?}");
                String::new()
            }
        };
        let sign = match conf.dialect {
            Dialect::Postgresql => " = ",
            Dialect::Redis => " ",
        };
        out.extend([&*single_line(name), sign, &value, "\n"]);
    }
    out
}

/// A text as the file's reader takes it. A hidden character could end a line, so it is printed as a blank.
fn quoted(text: &str, dialect: Dialect) -> String {
    let text = text.replace(is_hidden, " ");
    match dialect {
        Dialect::Postgresql if is_plain(&text) => text,
        Dialect::Postgresql => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''")),
        Dialect::Redis if text.trim().is_empty() => "\"\"".to_owned(),
        Dialect::Redis => text.split(' ').filter(|it| !it.is_empty()).map(redis_word).collect::<Vec<_>>().join(" "),
    }
}

/// A word, or a number with a unit behind it.
fn is_plain(text: &str) -> bool {
    let rest = text.trim_start_matches(|it: char| it.is_ascii_digit() || it == '.');
    let is_number = rest.len() < text.len() && text.starts_with(|it: char| it.is_ascii_digit());
    let is_word = text.starts_with(|it: char| it.is_ascii_alphabetic())
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || b"_-.:/".contains(&it));
    is_word || is_number && rest.bytes().all(|it| it.is_ascii_alphabetic())
}

fn redis_word(word: &str) -> String {
    match word.contains(['"', '\'', '\\', '#']) {
        true => format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"")),
        false => word.to_owned(),
    }
}

/// The settings of a text as a map; of a name that stands several times all values, for PostgreSQL the last.
///
/// It refuses nothing: what is no setting is kept as a name without a value, so that a difference is seen.
pub fn parse(text: &str, dialect: Dialect) -> Node {
    let mut found: BTreeMap<String, Vec<Node>> = BTreeMap::new();
    let mut order = Vec::new();
    for line in text.lines().map(str::trim).filter(|it| !it.is_empty() && !it.starts_with('#')) {
        let end = line.find(|it: char| it.is_whitespace() || it == '=').unwrap_or(line.len());
        let (name, rest) = line.split_at(end);
        let values = found.entry(name.to_owned()).or_insert_with(|| {
            order.push(name.to_owned());
            Vec::new()
        });
        match dialect {
            Dialect::Postgresql => *values = vec![value(&unquoted_postgresql(rest)).into()],
            Dialect::Redis => values.push(value(&unquoted_redis(rest)).into()),
        }
    }
    tree(order.into_iter().filter_map(|name| found.remove_entry(&name)).collect())
}

/// Where names and values of a text stand, as [`parse`] finds them.
pub fn marks(text: &str, dialect: Dialect) -> Mark {
    let mut found: Vec<(String, Vec<Mark>)> = Vec::new();
    let place = |piece: &str| {
        let start = (piece.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
        Some(start..start + piece.len()).filter(|it| !it.is_empty() && text.get(it.clone()).is_some())
    };
    for line in text.lines().map(str::trim).filter(|it| !it.is_empty() && !it.starts_with('#')) {
        let end = line.find(|it: char| it.is_whitespace() || it == '=').unwrap_or(line.len());
        let (name, rest) = line.split_at(end);
        let rest = rest.trim_start();
        let value = match dialect {
            Dialect::Postgresql => {
                let rest = rest.strip_prefix('=').unwrap_or(rest).trim_start();
                rest.split([' ', '\t', '#']).next().filter(|_| !rest.starts_with('\'')).unwrap_or(rest)
            }
            Dialect::Redis => rest,
        };
        let mark = Mark { key: place(name), value: place(value), ..Mark::default() };
        match (found.iter_mut().find(|(known, _)| known == name), dialect) {
            (Some((_, marks)), Dialect::Postgresql) => *marks = vec![mark],
            (Some((_, marks)), Dialect::Redis) => marks.push(mark),
            (None, _) => found.push((name.to_owned(), vec![mark])),
        }
    }
    let joined = |mut marks: Vec<Mark>| match marks.len() {
        1 => marks.remove(0),
        _ => Mark { key: marks.first().and_then(|it| it.key.clone()), value: None, inside: Inside::List(marks) },
    };
    let entries = found.into_iter().map(|(name, marks)| (name, joined(marks))).collect();
    Mark { inside: Inside::Map(entries), ..Mark::default() }
}

/// The map of a file that is to be written, with the addresses of its leaves.
pub fn tree_of(conf: &Conf) -> Node {
    let mut entries: Vec<(String, Vec<Node>)> = Vec::new();
    for (name, node) in &conf.entries {
        match entries.iter_mut().find(|(known, _)| known == name) {
            Some((_, values)) => values.push(node.clone()),
            None => entries.push((name.clone(), vec![node.clone()])),
        }
    }
    tree(entries)
}

fn tree(entries: Vec<(String, Vec<Node>)>) -> Node {
    let node = |mut values: Vec<Node>| match values.len() {
        1 => values.remove(0),
        _ => Value::List(values).into(),
    };
    Value::Map(entries.into_iter().map(|(name, values)| (Cow::Owned(name), node(values))).collect()).into()
}

/// `= 'it''s'  # comment` is `it's`.
fn unquoted_postgresql(rest: &str) -> String {
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('=').unwrap_or(rest).trim_start();
    let Some(quoted) = rest.strip_prefix('\'') else {
        return rest.split([' ', '\t', '#']).next().unwrap_or_default().to_owned();
    };
    let mut text = String::new();
    let mut characters = quoted.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\'' if characters.peek() == Some(&'\'') => text.extend(characters.next()),
            '\'' => break,
            '\\' => text.extend(characters.next()),
            other => text.push(other),
        }
    }
    text
}

/// The words with one blank between them, without their quotes.
fn unquoted_redis(rest: &str) -> String {
    let (mut text, mut quote, mut characters) = (String::new(), None, rest.trim().chars());
    while let Some(character) = characters.next() {
        match (quote, character) {
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), it) if it == open => quote = None,
            (Some('"'), '\\') => text.extend(characters.next()),
            (None, it) if it.is_whitespace() => {
                if !text.ends_with(' ') {
                    text.push(' ');
                }
            }
            (_, it) => text.push(it),
        }
    }
    text
}

#[cfg(test)]
mod tests;

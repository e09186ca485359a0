//! The keys of PgBouncer's `[pgbouncer]` section: since which version, and what their values look like.
//!
//! From `bouncer_params` of `src/main.c` and from `NEWS.md`, PgBouncer 1.18 to 1.25. An unknown key or a value with a
//! unit makes PgBouncer refuse the whole file, so neither gets that far. How the file is laid out is the target's.

mod keys;
#[cfg(test)]
mod tests;

use crate::diag::source::{Span, Spanned};
use crate::diag::{Diagnostic, suggest};
use crate::spec::pool::{Pgbouncer, Setting};
use crate::unit::duration::Duration;
use crate::why::{Address, Derived};

use super::reasons::Reasons;
use keys::{KEYS, Key, Kind};

/// The largest number that PgBouncer reads: its settings are C `int`s.
const LARGEST: i64 = 2_147_483_647;

/// Keys that have a place of their own in the spec.
const OWN: [&str; 6] = ["auth_file", "auth_type", "listen_addr", "listen_port", "max_client_conn", "pool_mode"];

/// Keys that every entry is written with, and the entry's own name for them.
const PER_ENTRY: [(&str, &str); 4] = [
    ("default_pool_size", "pool_size"),
    ("max_db_connections", "max_db_connections"),
    ("min_pool_size", "min_pool_size"),
    ("reserve_pool_size", "reserve_pool"),
];

/// The `settings` of a PgBouncer, sorted by key, with their values as the ini has them.
pub(super) fn resolve(
    written: &Pgbouncer,
    address: &Address,
    version: (u32, u32),
    reasons: &mut Reasons,
) -> Vec<(String, Derived<String>)> {
    let mut settings = Vec::new();
    for (name, entry) in written.settings.iter().flat_map(|settings| settings.iter()) {
        let value = match known(name, entry.key, written, address, version) {
            Ok(key) => value(key, &entry.value),
            Err(refused) => Err(*refused),
        };
        match value {
            Ok(text) => {
                let at = address.child("settings").child(name);
                settings.push((name.to_owned(), reasons.taken(at, text, entry.value.span)));
            }
            Err(diagnostic) => {
                reasons.sink.error(diagnostic);
            }
        }
    }
    settings
}

/// The key, if `settings` may have it and this version knows it.
fn known(
    name: &str,
    place: Span,
    written: &Pgbouncer,
    address: &Address,
    version: (u32, u32),
) -> Result<&'static Key, Box<Diagnostic>> {
    if OWN.contains(&name) {
        let message = format!("`{name}` has a key of its own");
        let help = format!("write it in `[{address}]` itself: `{name} = …`");
        return Err(Box::new(Diagnostic::error(message).at(place, "not in `settings`").help(help)));
    }
    if let Some((_, own)) = PER_ENTRY.iter().find(|(key, _)| *key == name) {
        let entry = written.pool.iter().flat_map(|pools| pools.iter()).map(|(name, _)| name).next();
        let entry = address.child("pool").child(entry.unwrap_or("NAME"));
        let message = format!("`{name}` decides nothing: every entry is written with its own `{own}`");
        let help = format!("`{own} = …` in `[{entry}]`");
        return Err(Box::new(Diagnostic::error(message).at(place, "not in `settings`").help(help)));
    }
    let Some(key) = KEYS.iter().find(|key| key.name == name) else {
        let message = format!("capgen knows no PgBouncer setting `{}`", name.escape_debug());
        let diagnostic = Diagnostic::error(message).at(place, "");
        let near = suggest::nearest(name, KEYS.iter().filter(|it| it.since <= version).map(|it| it.name));
        return Err(Box::new(match near {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => {
                diagnostic.help("take it out; PgBouncer's `doc/config.md` lists the keys of its `[pgbouncer]` section")
            }
        }));
    };
    let (major, minor) = key.since;
    if key.since > version {
        let message = format!("PgBouncer knows `{name}` from {major}.{minor} on");
        let here = format!("this one is {}.{}", version.0, version.1);
        let diagnostic = Diagnostic::error(message).at(place, here);
        let diagnostic = diagnostic.at_some(written.version.as_ref().map(|it| it.span), "by this line");
        return Err(Box::new(
            diagnostic.help(format!("take it out, or upgrade and write `version = \"{major}.{minor}\"`")),
        ));
    }
    Ok(key)
}

/// The value as the ini has it.
fn value(key: &Key, written: &Spanned<Setting>) -> Result<String, Diagnostic> {
    let fault = match (key.kind, &written.value) {
        (Kind::Switch, Setting::Switch(on)) => return Ok(i32::from(*on).to_string()),
        (Kind::Switch, Setting::Number(number @ 0..=1)) => return Ok(number.to_string()),
        (Kind::Integer | Kind::Seconds | Kind::Milliseconds, Setting::Number(number @ 0..=LARGEST)) => {
            return Ok(number.to_string());
        }
        (Kind::Seconds, Setting::Text(text)) => match time(text.as_str(), 1000) {
            Ok(seconds) => return Ok(seconds),
            Err(fault) => fault,
        },
        (Kind::Milliseconds, Setting::Text(text)) => match time(text.as_str(), 1) {
            Ok(milliseconds) => return Ok(milliseconds),
            Err(fault) => fault,
        },
        (Kind::Mode, Setting::Text(text)) if is_mode(text.as_str()) => return Ok(text.to_string()),
        (Kind::OneOf(choices), Setting::Text(text)) if choices.contains(&text.as_str()) => return Ok(text.to_string()),
        (Kind::Text, Setting::Text(text)) if text.as_str().trim() == text.as_str() => return Ok(text.to_string()),
        (Kind::Text, Setting::Text(_)) => "the blanks at its ends would be lost in the file".to_owned(),
        (Kind::Text, Setting::Number(_) | Setting::Switch(_)) => "it is a text".to_owned(),
        _ => format!("expected {}", key.kind.expected()),
    };
    let message = format!("`{}` cannot have this value: {fault}", key.name);
    Err(Diagnostic::error(message).at(written.span, "").help(key.kind.example(key.name)))
}

/// A duration in whole units of so many milliseconds: an ini value has no unit.
fn time(text: &str, unit: i64) -> Result<String, String> {
    let millis = Duration::parse(text)?.millis();
    match millis % unit {
        0 if millis / unit <= LARGEST => Ok((millis / unit).to_string()),
        0 => Err(format!("`{text}` is longer than PgBouncer can count")),
        _ => Err(format!("`{text}` is not a whole number of seconds")),
    }
}

/// What PgBouncer says of a setting in a file that capgen did not write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InFile {
    Fine,
    /// No version up to 1.25 knows it; the name that may be meant.
    Unknown(Option<&'static str>),
    /// It cannot be read; what is expected.
    Unreadable(String),
}

/// Reads a setting of the `[pgbouncer]` section as PgBouncer does (`lib/usual/cfparser.c`): whole numbers in any base of
/// C, seconds with a fraction, words in any case.
pub fn in_file(name: &str, value: &str) -> InFile {
    let kind = match (KEYS.iter().find(|key| key.name == name), name) {
        (Some(key), _) => key.kind,
        (None, "pool_mode") => Kind::OneOf(&["session", "transaction", "statement"]),
        (None, "auth_type") => Kind::OneOf(&AUTH_TYPES),
        (None, "auth_file" | "listen_addr") => Kind::Text,
        (None, "listen_port" | "max_client_conn") => Kind::Integer,
        (None, _) if PER_ENTRY.iter().any(|(key, _)| *key == name) => Kind::Integer,
        (None, _) => {
            let others = OWN.into_iter().chain(PER_ENTRY.map(|(key, _)| key));
            return InFile::Unknown(suggest::nearest(name, KEYS.iter().map(|it| it.name).chain(others)));
        }
    };
    let is_fine = match kind {
        Kind::Integer | Kind::Switch => is_c_int(value),
        Kind::Seconds | Kind::Milliseconds => value.parse::<f64>().is_ok_and(f64::is_finite),
        Kind::Mode => !value.is_empty() && value.bytes().all(|digit| (b'0'..=b'7').contains(&digit)),
        Kind::OneOf(choices) => choices.iter().any(|it| it.eq_ignore_ascii_case(value)),
        Kind::Text => true,
    };
    match (is_fine, kind) {
        (true, _) => InFile::Fine,
        (false, Kind::Seconds) => InFile::Unreadable("a number of seconds without a unit".to_owned()),
        (false, Kind::Milliseconds) => InFile::Unreadable("a number of milliseconds without a unit".to_owned()),
        (false, Kind::Switch) => InFile::Unreadable("0 or 1".to_owned()),
        (false, Kind::Mode) => InFile::Unreadable("an octal mode such as 0770".to_owned()),
        (false, _) => InFile::Unreadable(kind.expected()),
    }
}

/// `auth_type_map` of `src/main.c`.
const AUTH_TYPES: [&str; 9] = ["any", "trust", "plain", "md5", "cert", "hba", "ldap", "pam", "scram-sha-256"];

fn is_c_int(value: &str) -> bool {
    let digits = value.strip_prefix(['-', '+']).unwrap_or(value);
    match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => u32::from_str_radix(hex, 16).is_ok(),
        None => {
            digits.parse::<i64>().is_ok_and(|it| it <= LARGEST) && digits.starts_with(|it: char| it.is_ascii_digit())
        }
    }
}

/// The mode of a file as C reads it: octal, with a leading zero.
fn is_mode(text: &str) -> bool {
    text.len() == 4 && text.starts_with('0') && text.bytes().all(|digit| (b'0'..=b'7').contains(&digit))
}

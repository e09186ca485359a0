//! The settings of Redis that the spec may name. A server does not start with a name or a value that it does not know.
//!
//! `settings.csv` is what Redis 7.0.15 answers: the names of `CONFIG GET *`, and what it says of a wrong value of each. Later versions
//! know them too (`redis.conf` of 7.4, 8.0). Left out are old spellings (`slave-…`, `…-ziplist-…`), what has a key of its own, what
//! makes a server leave its container's foreground, and secrets: these never pass through capgen.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::diag::source::{Span, Spanned};
use crate::diag::{Diagnostic, suggest};
use crate::spec::postgresql::ServerValue;
use crate::spec::redis::Redis as Written;
use crate::unit::exact::Exact;
use crate::unit::quantity::Quantity;
use crate::why::{Address, Derived};

use super::Reasons;

static CSV: &str = include_str!("settings.csv");

/// Settings that have a key of their own, and it.
const OWN: [(&str, &str); 6] = [
    ("cluster-enabled", "cluster"),
    ("maxclients", "maxclients"),
    ("maxmemory", "maxmemory"),
    ("maxmemory-policy", "maxmemory_policy"),
    ("port", "port"),
    ("replicaof", "replicas"),
];

/// What the spec never holds.
const SECRETS: [&str; 5] = ["masterauth", "masteruser", "requirepass", "tls-client-key-file-pass", "tls-key-file-pass"];

/// One row.
#[derive(Debug, Clone, Copy)]
struct Setting {
    name: &'static str,
    kind: Kind,
    least: Option<i64>,
    most: Option<i64>,
}

/// What a value looks like.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Switch,
    Choice(&'static str),
    Text,
    Whole,
    Memory {
        /// Whether it may be a part of `maxmemory`.
        or_percent: bool,
    },
    /// `save`: seconds and changes, in pairs.
    Points,
    /// `client-output-buffer-limit`: a class, two amounts of memory, seconds.
    Limits,
}

/// The `settings` of a table, sorted by name, as Redis reads them.
pub(super) fn resolve(written: &Written, address: &Address, reasons: &mut Reasons) -> Vec<(String, Derived<String>)> {
    let mut found = Vec::new();
    for (name, entry) in written.settings.iter().flat_map(|settings| settings.iter()) {
        match known(name, entry.key).and_then(|setting| value(setting, &entry.value)) {
            Ok(text) => {
                let at = address.child("settings").child(name);
                found.push((name.to_owned(), reasons.taken(at, text, entry.value.span)));
            }
            Err(diagnostic) => {
                reasons.sink.error(*diagnostic);
            }
        }
    }
    found
}

fn rows() -> &'static BTreeMap<&'static str, Setting> {
    static ROWS: OnceLock<BTreeMap<&'static str, Setting>> = OnceLock::new();
    ROWS.get_or_init(|| CSV.lines().skip(1).filter_map(parse).map(|row| (row.name, row)).collect())
}

fn parse(line: &'static str) -> Option<Setting> {
    let mut fields = line.split(',');
    let mut next = || fields.next();
    let (name, kind, least, most, choices) = (next()?, next()?, next()?.parse().ok(), next()?.parse().ok(), next()?);
    let kind = match kind {
        "bool" => Kind::Switch,
        "enum" => Kind::Choice(choices),
        "text" => Kind::Text,
        "integer" => Kind::Whole,
        "memory" => Kind::Memory { or_percent: false },
        "memory-or-percent" => Kind::Memory { or_percent: true },
        "points" => Kind::Points,
        "limits" => Kind::Limits,
        _ => return None,
    };
    Some(Setting { name, kind, least, most })
}

fn known(name: &str, place: Span) -> Result<&'static Setting, Box<Diagnostic>> {
    let error = |message: String, label: &str, help: String| {
        Err(Box::new(Diagnostic::error(message).at(place, label).help(help)))
    };
    if let Some((_, key)) = OWN.iter().find(|(own, _)| *own == name) {
        let help = format!("write `{key} = …` in the table itself");
        return error(format!("`{name}` has a key of its own"), "not in `settings`", help);
    }
    if SECRETS.contains(&name) {
        let help = "write it into a file of the server's own that has `include` of this one".to_owned();
        return error(format!("`{name}` is a secret, and a spec holds none"), "", help);
    }
    match rows().get(name) {
        Some(setting) => Ok(setting),
        None => {
            let help = match suggest::nearest(name, rows().keys().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "take it out; `CONFIG GET *` lists what a server knows".to_owned(),
            };
            error(format!("capgen knows no setting `{}` of Redis", name.escape_debug()), "", help)
        }
    }
}

/// The value as Redis reads it.
fn value(setting: &Setting, written: &Spanned<ServerValue>) -> Result<String, Box<Diagnostic>> {
    let found = match (setting.kind, &written.value) {
        (Kind::Switch, ServerValue::Switch(on)) => Ok(switch(*on).to_owned()),
        (Kind::Choice(choices), ServerValue::Switch(on)) if has(choices, switch(*on)) => Ok(switch(*on).to_owned()),
        (Kind::Switch, ServerValue::Text(text)) if has("yes|no", text.as_str()) => Ok(text.as_str().to_owned()),
        (Kind::Choice(choices), ServerValue::Text(text)) if has(choices, text.as_str()) => Ok(text.as_str().to_owned()),
        (Kind::Text | Kind::Points, ServerValue::Empty) => Ok(String::new()),
        (Kind::Text, ServerValue::Text(text)) => words(text.as_str()).map(|it| it.join(" ")),
        (Kind::Points, ServerValue::Text(text)) => words(text.as_str()).and_then(|it| points(&it)),
        (Kind::Limits, ServerValue::Text(text)) => words(text.as_str()).and_then(|it| limits(&it)),
        (Kind::Memory { or_percent }, ServerValue::Text(text)) => match percent(text.as_str()).filter(|_| or_percent) {
            Some(percent) => Ok(percent),
            None => memory(text.as_str()).and_then(|it| setting.in_range(it)).map(|it| it.to_string()),
        },
        (Kind::Whole | Kind::Memory { .. } | Kind::Text, ServerValue::Number(number)) => {
            whole(*number).and_then(|it| setting.in_range(it)).map(|it| it.to_string())
        }
        (kind, _) => Err(format!("expected {}", kind.expected())),
    };
    found.map_err(|fault| {
        let fault = fault.split(", expected ").next().unwrap_or(&fault);
        let (fault, help) = match (fault.split_once(", write "), setting.meant(&written.value)) {
            (Some((fault, meant)), _) => (fault, format!("write {meant}")),
            (None, Some(meant)) => (fault, format!("did you mean `{meant}`?")),
            (None, None) => (fault, setting.example()),
        };
        let message = format!("`{}` cannot have this value: {fault}", setting.name);
        Box::new(Diagnostic::error(message).at(written.span, "").help(help))
    })
}

fn switch(on: bool) -> &'static str {
    if on { "yes" } else { "no" }
}

fn has(choices: &str, text: &str) -> bool {
    choices.split('|').any(|it| it == text)
}

fn whole(number: Exact) -> Result<i64, String> {
    number.floor().filter(|_| number.floor() == number.ceil()).ok_or_else(|| "expected a whole number".to_owned())
}

/// Words with blanks between them; what would need quotes no setting of Redis needs.
fn words(text: &str) -> Result<Vec<&str>, String> {
    match text.chars().find(|it| "\"'\\".contains(*it) || !it.is_ascii()) {
        None => Ok(text.split(' ').filter(|it| !it.is_empty()).collect()),
        Some(wrong) => Err(format!("`{wrong}` is not allowed in it")),
    }
}

/// `1gb` is Redis' own spelling, `1Gi` that of a spec (`src/util.c`, `memtoull`).
fn memory(text: &str) -> Result<i64, String> {
    let digits = text.trim_end_matches(|it: char| it.is_ascii_alphabetic());
    let unit = match &*text[digits.len()..].to_lowercase() {
        "" | "b" => 1,
        "k" => 1000,
        "kb" => 1 << 10,
        "m" if text.ends_with('m') => 1_000_000,
        "mb" => 1 << 20,
        "g" if text.ends_with('g') => 1_000_000_000,
        "gb" => 1 << 30,
        _ => return Ok(Quantity::parse(text)?.bytes_ceil()),
    };
    let number = digits.parse::<i64>().ok().and_then(|it| it.checked_mul(unit));
    number.ok_or_else(|| "expected an amount of memory".to_owned())
}

/// `5%`, of at most 100.
fn percent(text: &str) -> Option<String> {
    let number: u8 = text.strip_suffix('%')?.parse().ok()?;
    (number <= 100).then(|| format!("{number}%"))
}

fn points(words: &[&str]) -> Result<String, String> {
    let is_number = |it: &&str| it.parse::<i32>().is_ok_and(|it| it > 0);
    match words.len().is_multiple_of(2) && words.iter().all(is_number) {
        true => Ok(words.join(" ")),
        false => Err("expected seconds and changes, in pairs".to_owned()),
    }
}

fn limits(words: &[&str]) -> Result<String, String> {
    let mut found = Vec::new();
    for four in words.chunks(4) {
        let [class, hard, soft, seconds] = four else { return Err(format!("expected {}", Kind::Limits.expected())) };
        if !has("normal|replica|pubsub", class) || !seconds.parse::<i32>().is_ok_and(|it| it >= 0) {
            return Err(format!("expected {}", Kind::Limits.expected()));
        }
        found.push(format!("{class} {} {} {seconds}", memory(hard)?, memory(soft)?));
    }
    Ok(found.join(" "))
}

impl Setting {
    fn in_range(&self, number: i64) -> Result<i64, String> {
        match (self.least.filter(|it| number < *it), self.most.filter(|it| number > *it)) {
            (Some(least), _) => Err(format!("it is at least {least}")),
            (_, Some(most)) => Err(format!("it is at most {most}")),
            _ => Ok(number),
        }
    }

    /// The assignment that a slip of the keyboard stands for.
    fn meant(&self, written: &ServerValue) -> Option<String> {
        match (self.kind, written) {
            (Kind::Choice(choices), ServerValue::Text(text)) => {
                let near = suggest::nearest(text.as_str(), choices.split('|'))?;
                Some(format!("{} = \"{near}\"", self.name))
            }
            _ => None,
        }
    }

    /// An assignment that would do.
    fn example(&self) -> String {
        let value = match self.kind {
            Kind::Switch => "true".to_owned(),
            Kind::Choice(choices) => format!("\"{}\"", choices.split('|').next().unwrap_or_default()),
            Kind::Text => "\"…\" in plain words".to_owned(),
            Kind::Whole => 60.max(self.least.unwrap_or(0)).min(self.most.unwrap_or(60)).to_string(),
            Kind::Memory { .. } => "\"64Mi\"".to_owned(),
            Kind::Points => "\"3600 1 300 100\"".to_owned(),
            Kind::Limits => "\"replica 256Mi 64Mi 60\"".to_owned(),
        };
        format!("{} = {value}", self.name)
    }
}

impl Kind {
    fn expected(self) -> String {
        match self {
            Self::Switch => "`true` or `false`".to_owned(),
            Self::Choice(choices) => format!("one of `{}`", choices.replace('|', "`, `")),
            Self::Text => "a text".to_owned(),
            Self::Whole => "a whole number".to_owned(),
            Self::Memory { or_percent: false } => "an amount of memory in quotes".to_owned(),
            Self::Memory { or_percent: true } => "an amount of memory or a percentage in quotes".to_owned(),
            Self::Points => "seconds and changes, in pairs".to_owned(),
            Self::Limits => "a class (`normal`, `replica`, `pubsub`), two amounts of memory, and seconds".to_owned(),
        }
    }
}

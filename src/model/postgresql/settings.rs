//! The settings of PostgreSQL that the spec may name: since which version, until which one, and what their values look like.
//!
//! `settings.csv` has the rows of `pg_settings` of PostgreSQL 15 (name, kind, unit, range, choices) and what the release
//! notes of 14 to 18 add, rename and remove ("Server Configuration", and "Migration"); without those that have a key of
//! their own. A server does not start with a name that it does not know, so none gets that far.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::diag::source::{Span, Spanned};
use crate::diag::{Diagnostic, suggest};
use crate::spec::postgresql::ServerValue;
use crate::unit::duration::Duration;
use crate::unit::exact::Exact;
use crate::unit::quantity::Quantity;
use crate::why::Derived;

use super::{MB, Machine, Reasons, Size};

static CSV: &str = include_str!("settings.csv");

/// Settings that have a key of their own, in `[database.NAME]` and in its `instance`.
const OWN: [(&str, &str); 17] = [
    ("checkpoint_completion_target", "instance"),
    ("default_statistics_target", "instance"),
    ("effective_cache_size", "instance"),
    ("effective_io_concurrency", "instance"),
    ("huge_pages", "instance"),
    ("maintenance_work_mem", "instance"),
    ("max_connections", ""),
    ("max_parallel_maintenance_workers", "instance"),
    ("max_parallel_workers", "instance"),
    ("max_parallel_workers_per_gather", "instance"),
    ("max_wal_size", "instance"),
    ("max_worker_processes", "instance"),
    ("min_wal_size", "instance"),
    ("random_page_cost", "instance"),
    ("shared_buffers", "instance"),
    ("wal_buffers", "instance"),
    ("work_mem", "instance"),
];

/// What runbooks still have and no supported version knows: in which version it went, and what is written instead.
const GONE: [(&str, u32, &str); 13] = [
    ("checkpoint_segments", 9, "write `max_wal_size = \"4Gi\"` in the `instance` itself"),
    ("default_with_oids", 12, "take it out: no table has oids any more"),
    ("force_parallel_mode", 16, "from 16 on it is `debug_parallel_query`"),
    ("operator_precedence_warning", 14, "take it out"),
    ("primary_slot_name_file", 12, "write `primary_slot_name`"),
    ("promote_trigger_file", 16, "take it out, and promote by `pg_ctl promote`"),
    ("recovery_target_file", 12, "write `recovery_target`"),
    ("sql_inheritance", 10, "take it out: it is always on"),
    ("ssl_ecdh_curve", 18, "from 18 on it is `ssl_groups`"),
    ("standby_mode", 12, "take it out: an empty file `standby.signal` in the data folder makes a standby"),
    ("stats_temp_directory", 15, "take it out: statistics are kept in shared memory"),
    ("trigger_file", 12, "take it out, and promote by `pg_ctl promote`"),
    ("wal_keep_segments", 13, "write `wal_keep_size = \"1Gi\"`: 16 MiB for each segment"),
];

/// One row.
#[derive(Debug, Clone, Copy)]
struct Setting {
    name: &'static str,
    since: u32,
    /// The version that no longer has it.
    until: Option<u32>,
    kind: Kind,
    least: Option<Exact>,
    most: Option<Exact>,
}

/// What a value looks like.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Switch,
    Choice(&'static str),
    Text,
    /// A list of words, or a switch.
    TextOrSwitch,
    Number {
        is_whole: bool,
        unit: Unit,
    },
}

/// What a number without a unit counts.
#[derive(Debug, Clone, Copy)]
enum Unit {
    None,
    /// Bytes.
    Memory(i64),
    /// Milliseconds.
    Time(i64),
}

/// The `settings` of a server, sorted by name, with values as PostgreSQL reads them.
pub(super) fn resolve(machine: &Machine<'_>, reasons: &mut Reasons) -> Vec<(String, Derived<String>)> {
    let mut found = Vec::new();
    for (name, entry) in machine.written.settings.iter().flat_map(|settings| settings.iter()) {
        let value = match is_of_extension(name) {
            true => Ok(of_extension(&entry.value.value)),
            false => known(name, entry.key, machine).and_then(|setting| value(setting, &entry.value)),
        };
        match value {
            Ok(text) => {
                let at = machine.address.child("settings").child(name);
                found.push((name.to_owned(), reasons.taken(at, text, entry.value.span)));
            }
            Err(diagnostic) => {
                reasons.sink.error(*diagnostic);
            }
        }
    }
    found
}

/// `pg_stat_statements.max`: what an extension reads, which no table can know.
fn is_of_extension(name: &str) -> bool {
    let is_part = |part: &str| {
        let first = part.bytes().next().unwrap_or_default();
        (first.is_ascii_alphabetic() || first == b'_')
            && part.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_' || it == b'$')
    };
    name.contains('.') && name.split('.').all(is_part)
}

fn of_extension(written: &ServerValue) -> String {
    match written {
        ServerValue::Switch(on) => switch(*on).to_owned(),
        ServerValue::Number(number) => super::super::nodes::decimal(*number),
        ServerValue::Text(text) => text.as_str().to_owned(),
        ServerValue::Empty => String::new(),
    }
}

fn rows() -> &'static BTreeMap<&'static str, Setting> {
    static ROWS: OnceLock<BTreeMap<&'static str, Setting>> = OnceLock::new();
    ROWS.get_or_init(|| CSV.lines().skip(1).filter_map(parse).map(|row| (row.name, row)).collect())
}

fn parse(line: &'static str) -> Option<Setting> {
    let mut fields = line.split(',');
    let mut next = || fields.next();
    let (name, since, until) = (next()?, next()?.parse().ok()?, next()?.parse().ok());
    let (kind, unit) = (next()?, next()?);
    let (least, most) = (Exact::parse(next()?).ok(), Exact::parse(next()?).ok());
    let choices = next()?;
    let kind = match kind {
        "bool" => Kind::Switch,
        "enum" => Kind::Choice(choices),
        "string" => Kind::Text,
        "mixed" => Kind::TextOrSwitch,
        kind => Kind::Number { is_whole: kind == "integer", unit: Unit::of(unit) },
    };
    Some(Setting { name, since, until, kind, least, most })
}

impl Unit {
    fn of(text: &str) -> Self {
        match text {
            "B" => Self::Memory(1),
            "kB" => Self::Memory(1024),
            "8kB" => Self::Memory(8192),
            "MB" => Self::Memory(1024 * MB),
            "ms" => Self::Time(1),
            "s" => Self::Time(1000),
            "min" => Self::Time(60_000),
            _ => Self::None,
        }
    }
}

/// The row, if `settings` may have it and this version knows it.
fn known(name: &str, place: Span, machine: &Machine<'_>) -> Result<&'static Setting, Box<Diagnostic>> {
    if let Some((_, table)) = OWN.iter().find(|(own, _)| *own == name) {
        let address = if table.is_empty() {
            machine.address.as_str().trim_end_matches(".instance")
        } else {
            machine.address.as_str()
        };
        let message = format!("`{name}` has a key of its own");
        let help = format!("write it in `[{address}]` itself: `{name} = …`");
        return Err(Box::new(Diagnostic::error(message).at(place, "not in `settings`").help(help)));
    }
    let version = machine.version;
    let by_line = machine.written.version.as_ref().map(|it| it.span);
    let gone = GONE.iter().find(|(gone, since, _)| *gone == name && version >= *since);
    let row = rows().get(name);
    let removed = row.and_then(|row| row.until).filter(|until| version >= *until);
    if let Some(since) = removed.or(gone.map(|(_, since, _)| *since)) {
        let message = format!("PostgreSQL {since} removed `{name}`: a server that finds it does not start");
        let help = gone.map_or("take it out", |(_, _, help)| *help);
        let diagnostic = Diagnostic::error(message).at(place, format!("this one is {version}"));
        return Err(Box::new(diagnostic.at_some(by_line, "by this line").help(help)));
    }
    let Some(row) = row else {
        let message = format!("capgen knows no setting `{}` of PostgreSQL {version}", name.escape_debug());
        let here = |it: &&Setting| it.since <= version && it.until.is_none_or(|until| version < until);
        let near = suggest::nearest(name, rows().values().filter(here).map(|it| it.name));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "take it out; `SELECT name FROM pg_settings` lists what a server knows".to_owned(),
        };
        return Err(Box::new(Diagnostic::error(message).at(place, "").help(help)));
    };
    if row.since > version {
        let message = format!("PostgreSQL knows `{name}` from {} on", row.since);
        let diagnostic = Diagnostic::error(message).at(place, format!("this one is {version}"));
        let help = format!("take it out, or upgrade and write `version = \"{}\"`", row.since);
        return Err(Box::new(diagnostic.at_some(by_line, "by this line").help(help)));
    }
    Ok(row)
}

/// The value as PostgreSQL reads it.
fn value(setting: &Setting, written: &Spanned<ServerValue>) -> Result<String, Box<Diagnostic>> {
    let fault = match (setting.kind, &written.value) {
        (Kind::Switch | Kind::TextOrSwitch, ServerValue::Switch(on)) => return Ok(switch(*on).to_owned()),
        (Kind::Choice(choices), ServerValue::Switch(on)) if choices.split('|').any(|it| it == switch(*on)) => {
            return Ok(switch(*on).to_owned());
        }
        (Kind::Choice(choices), ServerValue::Text(text)) if choices.split('|').any(|it| it == text.as_str()) => {
            return Ok(text.as_str().to_owned());
        }
        (Kind::Text | Kind::TextOrSwitch, ServerValue::Text(text)) => return Ok(text.as_str().to_owned()),
        (Kind::Text | Kind::TextOrSwitch, ServerValue::Empty) => return Ok(String::new()),
        (Kind::Number { is_whole, .. }, ServerValue::Number(number)) => match setting.in_range(*number) {
            Ok(()) if !is_whole || number.floor() == number.ceil() => return Ok(super::super::nodes::decimal(*number)),
            Ok(()) => "expected a whole number".to_owned(),
            Err(fault) => fault,
        },
        (Kind::Number { unit: Unit::Memory(unit), .. }, ServerValue::Text(text)) => {
            match memory(text.as_str())
                .and_then(|(bytes, text)| setting.in_range(Exact::fraction(bytes, unit)).map(|()| text))
            {
                Ok(text) => return Ok(text),
                Err(fault) => fault,
            }
        }
        (Kind::Number { unit: Unit::Time(unit), .. }, ServerValue::Text(text)) => {
            match time(text.as_str())
                .and_then(|(millis, text)| setting.in_range(Exact::fraction(millis, unit)).map(|()| text))
            {
                Ok(text) => return Ok(text),
                Err(fault) => fault,
            }
        }
        (kind, _) => format!("expected {}", kind.expected()),
    };
    let fault = fault.split(", expected ").next().unwrap_or(&fault);
    let (fault, help) = match (fault.split_once(", write "), setting.meant(&written.value)) {
        (Some((fault, meant)), _) => (fault, format!("write {meant}")),
        (None, Some(meant)) => (fault, format!("did you mean `{meant}`?")),
        (None, None) => (fault, setting.example()),
    };
    let message = format!("`{}` cannot have this value: {fault}", setting.name);
    Err(Box::new(Diagnostic::error(message).at(written.span, "").help(help)))
}

impl Setting {
    fn in_range(&self, number: Exact) -> Result<(), String> {
        let (least, most) = (self.least.filter(|it| number < *it), self.most.filter(|it| number > *it));
        match (least, most) {
            (Some(least), _) => Err(format!("it is at least {}", self.spelled(least))),
            (_, Some(most)) => Err(format!("it is at most {}", self.spelled(most))),
            _ => Ok(()),
        }
    }

    /// A number of this setting with its unit.
    fn spelled(&self, number: Exact) -> String {
        let times = |unit: i64| (number * Exact::from(unit)).floor().unwrap_or(i64::MAX);
        match self.kind {
            Kind::Number { unit: Unit::Memory(bytes), .. } if times(bytes) % 1024 == 0 => {
                Size(times(bytes) / 1024).to_string()
            }
            Kind::Number { unit: Unit::Memory(bytes), .. } => format!("{}B", times(bytes)),
            Kind::Number { unit: Unit::Time(millis), .. } => spelled(times(millis)),
            _ => number.to_string(),
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
            Kind::Switch | Kind::TextOrSwitch => "true".to_owned(),
            Kind::Choice(choices) => format!("\"{}\"", choices.split('|').next().unwrap_or_default()),
            Kind::Text => "\"…\"".to_owned(),
            Kind::Number { unit: Unit::Memory(_), .. } => "\"1Gi\"".to_owned(),
            Kind::Number { unit: Unit::Time(_), .. } => "\"30s\"".to_owned(),
            Kind::Number { .. } => {
                self.least.filter(|it| it.is_positive()).or(self.most).map_or("1".to_owned(), |it| it.to_string())
            }
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
            Self::TextOrSwitch => "a text, or `true` or `false`".to_owned(),
            Self::Number { unit: Unit::Memory(_), .. } => "an amount of memory in quotes".to_owned(),
            Self::Number { unit: Unit::Time(_), .. } => "a duration in quotes".to_owned(),
            Self::Number { is_whole: true, .. } => "a whole number".to_owned(),
            Self::Number { is_whole: false, .. } => "a number".to_owned(),
        }
    }
}

fn switch(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

/// Bytes, and how PostgreSQL spells them.
fn memory(text: &str) -> Result<(i64, String), String> {
    let bytes = Quantity::parse(text)?.bytes_ceil();
    match bytes % 1024 {
        0 => Ok((bytes, Size(bytes / 1024).to_string())),
        _ => Ok((bytes, format!("{bytes}B"))),
    }
}

/// Milliseconds, and how PostgreSQL spells them.
fn time(text: &str) -> Result<(i64, String), String> {
    let millis = Duration::parse(text)?.millis();
    Ok((millis, spelled(millis)))
}

fn spelled(millis: i64) -> String {
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1000, "s")];
    let unit = units.into_iter().find(|(unit, _)| millis != 0 && millis % unit == 0);
    let (unit, name) = unit.unwrap_or((1, "ms"));
    format!("{}{name}", millis / unit)
}

/// Rows that could be read.
#[cfg(test)]
pub(super) fn count() -> usize {
    rows().len()
}

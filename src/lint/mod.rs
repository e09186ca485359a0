//! Lints: opinions about a spec that builds. Each has a name, a level and its documentation.
//!
//! An error stops the run and has no level; a lint can be allowed. To add one:
//! 1. name the bad pattern, so that "allow `<name>`" reads well: `single-replica`, never `enough-replicas`;
//! 2. write `src/lint/<name>.rs` with its documentation under the four headings, a `LINT` and a `check`, which pushes
//!    a message that stands alone, the places that took part, and what to type;
//! 3. list it here, in the `mod` lines and in [`LINTS`];
//! 4. add `golden-tests/cases/lint/<name>/fires` and `…/silent`, with caret comments.

mod pin_above_model;
mod pin_below_model;
mod safety_margin_within_tolerance;
mod single_replica;
mod uneven_partitions;

use crate::diag::{Diagnostic, Severity, Sink, suggest};
use crate::model::Model;
use crate::spec::Spec;
use crate::spec::lints::{Choice, Level};

/// An opinion about a spec.
#[derive(Debug)]
pub struct Lint {
    /// Reads after "allow": `single-replica`.
    pub name: &'static str,
    /// The level where the spec sets none.
    pub level: Level,
    /// Markdown under four headings: what it does, why is this bad, example, instead.
    pub docs: &'static str,
    check: fn(&Facts<'_>, &mut Findings<'_>),
}

/// Every lint, sorted by name.
pub static LINTS: &[&Lint] = &[
    &pin_above_model::LINT,
    &pin_below_model::LINT,
    &safety_margin_within_tolerance::LINT,
    &single_replica::LINT,
    &uneven_partitions::LINT,
];

/// What a lint may look at.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub spec: &'a Spec,
    pub model: &'a Model,
}

/// Takes the findings of one lint, at its level.
struct Findings<'a> {
    lint: &'static Lint,
    severity: Severity,
    source: String,
    sink: &'a mut Sink,
}

impl Findings<'_> {
    /// Begins a finding; [`Findings::push`] takes it.
    fn finding(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::lint(self.severity, self.lint.name, message)
    }

    fn push(&mut self, diagnostic: Diagnostic) {
        self.sink.push(diagnostic.note(self.source.clone()));
    }
}

/// The lint of a name.
pub fn find(name: &str) -> Option<&'static Lint> {
    LINTS.iter().find(|lint| lint.name == name).copied()
}

/// Runs every lint that is not allowed.
pub fn run(facts: &Facts<'_>, sink: &mut Sink) {
    for lint in LINTS {
        let choice = facts.spec.lints.get(lint.name).map(|entry| &entry.value);
        let level = choice.map_or(lint.level, Choice::level);
        let severity = match level {
            Level::Allow => continue,
            Level::Warn => Severity::Warning,
            Level::Deny => Severity::Error,
        };
        let by = if choice.is_some() { "in `[lints]`" } else { "by default" };
        let source =
            format!("`{}` is set to `{}` {by}; `capgen explain {}` has more", lint.name, level.word(), lint.name);
        (lint.check)(facts, &mut Findings { lint, severity, source, sink });
    }
}

/// Checks `[lints]` itself: names that exist, waivers that have not expired. `today` is a date as `2026-11-22`.
pub fn check_settings(spec: &Spec, today: &str, sink: &mut Sink) {
    for (name, entry) in spec.lints.iter() {
        if find(name).is_none() {
            let message = format!("there is no lint `{name}`");
            let help = suggest::help(name, LINTS.iter().map(|lint| lint.name));
            sink.error(Diagnostic::error(message).at(entry.key, "").help(help));
        }
        if let Choice::Setting(setting) = &entry.value
            && let Some(until) = setting.until.as_ref().filter(|it| it.value.as_str() < today)
        {
            let message = format!("the waiver of `{name}` has expired");
            let help = "mend what it waives and take it out, or give it a new date with a new reason";
            sink.error(Diagnostic::error(message).at(until.span, "its last day").help(help));
        }
    }
}

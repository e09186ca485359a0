//! Lints: opinions about a spec that builds. Each has a name, a level and its documentation.
//!
//! An error stops the run and has no level; a lint can be allowed. To add one:
//! 1. name the bad pattern, so that "allow `<name>`" reads well: `single-replica`, never `enough-replicas`;
//! 2. write `src/lint/<name>.rs` with its documentation under the four headings, a `LINT` and a `check`, which pushes
//!    a message that stands alone, the places that took part, and what to type;
//! 3. list it here, in the `mod` lines and in [`LINTS`];
//! 4. add `golden-tests/cases/lint/<name>/fires` and `…/silent`, with caret comments;
//! 5. write `docs/lints.md` anew: `CAPGEN_BLESS=1 cargo test --test tidy generated`.
//!
//! The level says how sure a finding is: `deny` where the platform does not do what the spec states, `warn` where something
//! is almost always a mistake, `allow` where only some teams want to hear of it.

mod blocked_drain;
mod expired_waiver;
mod fallback_beyond_limits;
mod floating_ami;
mod implausible_resources;
mod max_conns_without_zone;
mod memory_as_only_signal;
mod mismatched_autoscaler_version;
mod missing_fallback;
mod node_group_without_headroom;
mod offset_reset_latest;
mod pin_above_model;
mod pin_below_model;
mod pod_bound_nodes;
mod polling_without_idle;
mod resource_metric_without_request;
mod safety_margin_within_tolerance;
mod schedule_in_skipped_hour;
mod session_pool_below_clients;
mod shared_queue;
mod single_replica;
mod single_replica_on_spot;
mod slow_scale_up;
mod unequal_instance_types;
mod uneven_partitions;
mod unused_waiver;
mod upstream_of_autoscaled_service;
mod user_limit_below_pool;
mod weak_auth;
mod window_without_effect;
mod window_without_end;
mod work_mem_over_memory;

use std::fmt::Write as _;

use crate::diag::source::Span;
use crate::diag::{Diagnostic, Severity, Sink, suggest};
use crate::model::Model;
use crate::model::workloads::Workload;
use crate::spec::Spec;
use crate::spec::lints::{Choice, Level};
use crate::why::Address;

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
    &blocked_drain::LINT,
    &expired_waiver::LINT,
    &fallback_beyond_limits::LINT,
    &floating_ami::LINT,
    &implausible_resources::LINT,
    &max_conns_without_zone::LINT,
    &memory_as_only_signal::LINT,
    &mismatched_autoscaler_version::LINT,
    &missing_fallback::LINT,
    &node_group_without_headroom::LINT,
    &offset_reset_latest::LINT,
    &pin_above_model::LINT,
    &pin_below_model::LINT,
    &pod_bound_nodes::LINT,
    &polling_without_idle::LINT,
    &resource_metric_without_request::LINT,
    &safety_margin_within_tolerance::LINT,
    &schedule_in_skipped_hour::LINT,
    &session_pool_below_clients::LINT,
    &shared_queue::LINT,
    &single_replica::LINT,
    &single_replica_on_spot::LINT,
    &slow_scale_up::LINT,
    &unequal_instance_types::LINT,
    &uneven_partitions::LINT,
    &unused_waiver::LINT,
    &upstream_of_autoscaled_service::LINT,
    &user_limit_below_pool::LINT,
    &weak_auth::LINT,
    &window_without_effect::LINT,
    &window_without_end::LINT,
    &work_mem_over_memory::LINT,
];

/// What a lint may look at.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub spec: &'a Spec,
    pub model: &'a Model,
    /// A date as `2026-11-22`, by which waivers expire.
    pub today: &'a str,
}

impl Facts<'_> {
    /// Where a value was written; `other` where nobody wrote it.
    fn place(&self, address: &Address, other: Span) -> Span {
        self.model.causes.written_at(address).unwrap_or(other)
    }

    /// The service or worker of a name.
    fn workload(&self, name: &str) -> Option<&Workload> {
        let workloads = &self.model.workloads;
        workloads.binary_search_by(|it| it.name.as_str().cmp(name)).ok().and_then(|index| workloads.get(index))
    }
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

/// Runs every lint that is not allowed. A setting that has expired counts no more.
pub fn run(facts: &Facts<'_>, sink: &mut Sink) {
    for lint in LINTS {
        let choice = facts.spec.lints.get(lint.name).map(|entry| &entry.value);
        let choice = choice.filter(|it| it.expired(facts.today).is_none());
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

/// Whether a lint would find anything.
fn finds_something(lint: &'static Lint, facts: &Facts<'_>) -> bool {
    let mut sink = Sink::default();
    let source = String::new();
    (lint.check)(facts, &mut Findings { lint, severity: Severity::Note, source, sink: &mut sink });
    !sink.into_sorted().is_empty()
}

/// Checks `[lints]` itself: every name must be that of a lint.
pub fn check_settings(spec: &Spec, sink: &mut Sink) {
    for (name, entry) in spec.lints.iter().filter(|(name, _)| find(name).is_none()) {
        let message = format!("there is no lint `{name}`");
        let help = match suggest::nearest(name, LINTS.iter().map(|lint| lint.name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`capgen schema lints` prints all of them".to_owned(),
        };
        sink.error(Diagnostic::error(message).at(entry.key, "").help(help));
    }
}

const HEAD: &str = "\
# Lints

Written by `capgen schema lints`; `capgen explain LINT` prints one of them.

A lint is an opinion about a spec that builds. Its level is `allow` (nothing is said), `warn`, or `deny` (the run fails).
`[lints]` sets another one: `single-replica = \"allow\"`, or `{ level = \"allow\", reason = \"…\", until = \"2027-01-31\" }`.
";

/// The page of all lints, in Markdown.
pub fn reference() -> String {
    let mut page = HEAD.to_owned();
    page += "\n| lint | level |\n|---|---|\n";
    // Writing into a text does not fail.
    for lint in LINTS {
        let _ = writeln!(page, "| [{0}](#{0}) | {1} |", lint.name, lint.level.word());
    }
    for lint in LINTS {
        let docs = lint.docs.trim().replace("\n### ", "\n\n### ");
        let _ = writeln!(page, "\n## {}\n\nLevel: {}\n\n{docs}", lint.name, lint.level.word());
    }
    page
}

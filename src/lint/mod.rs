//! Lints: opinions about a spec that builds, and about files that capgen did not write. Each has a name, a level and its documentation.
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

mod backup_without_effect;
mod baseline_above_target;
mod behavior_out_of_bounds;
mod blocked_drain;
mod both_disruption_bounds;
mod budget_without_pods;
mod ceiling_above_partitions;
mod choice_without_effect;
mod comment_of_another_language;
mod cpu_as_only_signal;
mod deadline_too_short;
mod default_ceiling;
mod delayed_scale_up;
mod desired_size_in_file;
mod distant_event;
mod event_in_repeated_hour;
mod expired_waiver;
mod fallback_beyond_limits;
mod field_of_another_version;
pub mod files;
mod fixed_port_of_many;
mod floating_ami;
mod frozen_registry;
mod heap_above_limit;
mod image_without_version;
mod implausible_resources;
mod keepalive_without_headers;
mod key_of_another_group;
mod kubectl_without_account;
mod kubectl_without_permission;
mod limit_below_request;
mod literal_secret;
mod max_conns_without_zone;
mod memory_as_only_signal;
mod memory_in_thousandths;
mod metadata_not_text;
mod min_above_max;
mod minimum_without_user;
mod mismatched_autoscaler_version;
mod missing_auth;
mod missing_deadline;
mod missing_fallback;
mod missing_listen_address;
mod missing_restart_policy;
mod mistyped_field;
mod name_too_long;
mod node_group_without_headroom;
mod nodes_below_peak;
mod offset_reset_latest;
mod overlapping_windows;
mod partitions_within_tolerance;
mod past_event;
mod patch_without_target;
mod pin_above_model;
mod pin_below_model;
mod pod_bound_nodes;
mod polling_without_idle;
mod pool_above_limit;
mod pool_without_limit;
mod pools_above_server;
mod redis_without_replicas;
mod refused_startup_parameter;
mod refused_upstream;
mod removed_api_version;
mod removed_postgresql_setting;
mod replicas_beside_autoscaler;
mod reset_without_effect;
mod resource_metric_without_request;
mod safety_margin_within_tolerance;
mod schedule_against_autoscaler;
mod schedule_in_skipped_hour;
mod schedule_without_time_zone;
mod scheduled_floor_above_ceiling;
mod session_pool_below_clients;
mod shared_queue;
mod shell_without_shell;
mod single_replica;
mod single_replica_on_spot;
mod slow_scale_up;
mod spot_pools_without_effect;
mod target_within_tolerance;
mod target_without_group;
mod too_few_file_descriptors;
mod too_few_worker_connections;
mod two_autoscalers;
mod two_owners_of_resources;
mod unequal_instance_types;
mod uneven_partitions;
mod unexpanded_variable;
mod unknown_field;
mod unknown_setting;
mod unknown_trigger_metadata;
mod unmatched_selector;
mod unreachable_alert;
mod unreadable_schedule;
mod unreadable_setting;
mod unused_waiver;
mod upstream_of_autoscaled_service;
mod upstream_without_keepalive;
mod user_limit_below_pool;
mod weak_auth;
mod window_without_effect;
mod window_without_end;
mod work_mem_over_memory;
mod zero_without_signal;

use std::fmt::Write as _;

use rayon::prelude::*;

use crate::diag::source::Span;
use crate::diag::{Diagnostic, Severity, Sink, suggest};
use crate::model::Model;
use crate::model::workloads::Workload;
use crate::spec::Spec;
use crate::spec::lints::{Choice, Level};
use crate::why::Address;

pub use files::Files;

/// An opinion about a spec.
#[derive(Debug)]
pub struct Lint {
    /// Reads after "allow": `single-replica`.
    pub name: &'static str,
    /// The level where the spec sets none.
    pub level: Level,
    /// Markdown under four headings: what it does, why is this bad, example, instead.
    pub docs: &'static str,
    check: Check,
}

/// What a lint looks at.
#[derive(Debug, Clone, Copy)]
enum Check {
    /// A spec and what it means.
    Spec(fn(&Facts<'_>, &mut Findings<'_>)),
    /// Files that capgen did not write.
    Files(fn(&Files<'_>, &mut Findings<'_>)),
    Both(fn(&Facts<'_>, &mut Findings<'_>), fn(&Files<'_>, &mut Findings<'_>)),
}

impl Check {
    fn of_spec(self) -> Option<fn(&Facts<'_>, &mut Findings<'_>)> {
        match self {
            Self::Spec(check) | Self::Both(check, _) => Some(check),
            Self::Files(_) => None,
        }
    }

    fn of_files(self) -> Option<fn(&Files<'_>, &mut Findings<'_>)> {
        match self {
            Self::Files(check) | Self::Both(_, check) => Some(check),
            Self::Spec(_) => None,
        }
    }

    /// For the reference.
    fn words(self) -> &'static str {
        match self {
            Self::Spec(_) => "the spec",
            Self::Files(_) => "files",
            Self::Both(..) => "the spec, files",
        }
    }
}

/// Every lint, sorted by name.
pub static LINTS: &[&Lint] = &[
    &backup_without_effect::LINT,
    &baseline_above_target::LINT,
    &behavior_out_of_bounds::LINT,
    &blocked_drain::LINT,
    &both_disruption_bounds::LINT,
    &budget_without_pods::LINT,
    &ceiling_above_partitions::LINT,
    &choice_without_effect::LINT,
    &comment_of_another_language::LINT,
    &cpu_as_only_signal::LINT,
    &deadline_too_short::LINT,
    &default_ceiling::LINT,
    &delayed_scale_up::LINT,
    &desired_size_in_file::LINT,
    &distant_event::LINT,
    &event_in_repeated_hour::LINT,
    &expired_waiver::LINT,
    &fallback_beyond_limits::LINT,
    &field_of_another_version::LINT,
    &fixed_port_of_many::LINT,
    &floating_ami::LINT,
    &frozen_registry::LINT,
    &heap_above_limit::LINT,
    &image_without_version::LINT,
    &implausible_resources::LINT,
    &keepalive_without_headers::LINT,
    &key_of_another_group::LINT,
    &kubectl_without_account::LINT,
    &kubectl_without_permission::LINT,
    &limit_below_request::LINT,
    &literal_secret::LINT,
    &max_conns_without_zone::LINT,
    &memory_as_only_signal::LINT,
    &memory_in_thousandths::LINT,
    &metadata_not_text::LINT,
    &min_above_max::LINT,
    &minimum_without_user::LINT,
    &mismatched_autoscaler_version::LINT,
    &missing_auth::LINT,
    &missing_deadline::LINT,
    &missing_fallback::LINT,
    &missing_listen_address::LINT,
    &missing_restart_policy::LINT,
    &mistyped_field::LINT,
    &name_too_long::LINT,
    &node_group_without_headroom::LINT,
    &nodes_below_peak::LINT,
    &offset_reset_latest::LINT,
    &overlapping_windows::LINT,
    &partitions_within_tolerance::LINT,
    &past_event::LINT,
    &patch_without_target::LINT,
    &pin_above_model::LINT,
    &pin_below_model::LINT,
    &pod_bound_nodes::LINT,
    &polling_without_idle::LINT,
    &pool_above_limit::LINT,
    &pool_without_limit::LINT,
    &pools_above_server::LINT,
    &redis_without_replicas::LINT,
    &refused_startup_parameter::LINT,
    &refused_upstream::LINT,
    &removed_api_version::LINT,
    &removed_postgresql_setting::LINT,
    &replicas_beside_autoscaler::LINT,
    &reset_without_effect::LINT,
    &resource_metric_without_request::LINT,
    &safety_margin_within_tolerance::LINT,
    &schedule_against_autoscaler::LINT,
    &schedule_in_skipped_hour::LINT,
    &schedule_without_time_zone::LINT,
    &scheduled_floor_above_ceiling::LINT,
    &session_pool_below_clients::LINT,
    &shared_queue::LINT,
    &shell_without_shell::LINT,
    &single_replica::LINT,
    &single_replica_on_spot::LINT,
    &slow_scale_up::LINT,
    &spot_pools_without_effect::LINT,
    &target_within_tolerance::LINT,
    &target_without_group::LINT,
    &too_few_file_descriptors::LINT,
    &too_few_worker_connections::LINT,
    &two_autoscalers::LINT,
    &two_owners_of_resources::LINT,
    &unequal_instance_types::LINT,
    &uneven_partitions::LINT,
    &unexpanded_variable::LINT,
    &unknown_field::LINT,
    &unknown_setting::LINT,
    &unknown_trigger_metadata::LINT,
    &unmatched_selector::LINT,
    &unreachable_alert::LINT,
    &unreadable_schedule::LINT,
    &unreadable_setting::LINT,
    &unused_waiver::LINT,
    &upstream_of_autoscaled_service::LINT,
    &upstream_without_keepalive::LINT,
    &user_limit_below_pool::LINT,
    &weak_auth::LINT,
    &window_without_effect::LINT,
    &window_without_end::LINT,
    &work_mem_over_memory::LINT,
    &zero_without_signal::LINT,
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
    let levels = Levels { flags: &[], spec: Some(facts.spec), today: facts.today };
    let found = LINTS.par_iter().map(|lint| {
        let mut own = Sink::default();
        if let (Some(check), Some(mut findings)) = (lint.check.of_spec(), levels.findings(lint, &mut own)) {
            check(facts, &mut findings);
        }
        own
    });
    found.collect::<Vec<Sink>>().into_iter().for_each(|own| sink.append(own));
}

/// Runs every lint of files that is not allowed.
pub fn run_files(files: &Files<'_>, levels: &Levels<'_>, sink: &mut Sink) {
    for lint in LINTS {
        if let (Some(check), Some(mut findings)) = (lint.check.of_files(), levels.findings(lint, sink)) {
            check(files, &mut findings);
        }
    }
}

/// Who says how much a lint weighs: flags, else the spec, else the lint itself.
#[derive(Debug, Clone, Copy)]
pub struct Levels<'a> {
    /// The last flag of a lint counts.
    pub flags: &'a [(&'static Lint, Level)],
    pub spec: Option<&'a Spec>,
    /// A date as `2026-11-22`, by which waivers expire.
    pub today: &'a str,
}

impl Levels<'_> {
    /// What takes the findings of a lint; `None` where it is allowed.
    fn findings<'s>(&self, lint: &'static Lint, sink: &'s mut Sink) -> Option<Findings<'s>> {
        let flag = self.flags.iter().rev().find(|(of, _)| of.name == lint.name).map(|(_, level)| *level);
        let choice = self.spec.and_then(|it| it.lints.get(lint.name)).map(|entry| &entry.value);
        let choice = choice.filter(|it| it.expired(self.today).is_none()).map(Choice::level);
        let (level, by) = match (flag, choice) {
            (Some(level), _) => (level, "by a flag"),
            (None, Some(level)) => (level, "in `[lints]`"),
            (None, None) => (lint.level, "by default"),
        };
        let severity = match level {
            Level::Allow => return None,
            Level::Warn => Severity::Warning,
            Level::Deny => Severity::Error,
        };
        let source =
            format!("`{}` is set to `{}` {by}; `capgen explain {}` has more", lint.name, level.word(), lint.name);
        Some(Findings { lint, severity, source, sink })
    }
}

/// Whether a lint would find anything; one of files may.
fn finds_something(lint: &'static Lint, facts: &Facts<'_>) -> bool {
    let Some(check) = lint.check.of_spec() else { return true };
    let mut sink = Sink::default();
    let source = String::new();
    check(facts, &mut Findings { lint, severity: Severity::Note, source, sink: &mut sink });
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
    page += "\n| lint | level | looks at |\n|---|---|---|\n";
    // Writing into a text does not fail.
    for lint in LINTS {
        let _ = writeln!(page, "| [{0}](#{0}) | {1} | {2} |", lint.name, lint.level.word(), lint.check.words());
    }
    for lint in LINTS {
        let docs = lint.docs.trim().replace("\n### ", "\n\n### ");
        let _ = writeln!(page, "\n## {}\n\nLevel: {}\n\n{docs}", lint.name, lint.level.word());
    }
    page
}

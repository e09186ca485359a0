//! The draft against what was read: compiled, compared, and without what does not hold.
//!
//! A table that the spec's own rules refuse is left out with the reason, and what it stood for stays as it is. So every
//! draft ends in a spec that compiles, and what its build would still change is known.

use std::borrow::Cow;

use crate::diag::{Diagnostic, Severity};
use crate::diff::{self, Changes, ObjectChange};
use crate::doc::object::{Identity, OVERRIDE, Object};
use crate::doc::state::State;
use crate::doc::value::Value;
use crate::import::{Draft, Printed};
use crate::spec::{Files, Request};
use crate::target::Gathered;

use super::super::compile::{self, Compiled, Job};
use super::pick;

/// A spec that compiles.
pub(super) struct Settled {
    pub(super) text: String,
    /// What its build would change.
    pub(super) changes: Changes,
    /// Whether nothing had to be left out to make it exact.
    pub(super) is_whole: bool,
}

/// How the draft is called in messages that nobody should see.
const NAME: &str = "capacity.toml";

/// Leaves out of a draft what cannot be built; with `exact` also what a build would change.
///
/// # Errors
/// What is wrong with the draft as a whole.
pub(super) fn settle(draft: &mut Draft, old: &State, exact: bool) -> Result<Settled, Vec<Diagnostic>> {
    let mut is_whole = true;
    loop {
        let printed = draft.print();
        let (compiled, mut new) = compiled(&printed.text);
        let Some(product) = &compiled.product else {
            match leave_out_refused(draft, &printed, &compiled) {
                true => continue,
                false => return Err(compiled.diagnostics),
            }
        };
        if waive(draft, &compiled) {
            continue;
        }
        let there = laid_over(old, &new);
        let changes = diff::diff(&mut new, &there, &product.model.causes);
        if leave_out_inexact(draft, &changes) {
            continue;
        }
        if exact && leave_out_changed(draft, &changes, old) {
            is_whole = false;
            continue;
        }
        return Ok(Settled { text: printed.text, changes, is_whole });
    }
}

/// What is there, less the services of Docker Compose that the build says nothing of: its file is laid over theirs, so they
/// stay.
fn laid_over<'a>(old: &'a State, new: &[Object]) -> Cow<'a, State> {
    let is_override = |it: &Object| matches!(&it.identity, Identity::File { path } if path == OVERRIDE);
    let Some(index) = old.objects.iter().position(is_override) else { return Cow::Borrowed(old) };
    let built = new.iter().find(|it| is_override(it)).and_then(|it| it.tree.get("services"));
    let mut state = old.clone();
    let mut further = state.objects.split_off(index).into_iter();
    if let (Some(mut object), Some(built)) = (further.next(), built) {
        if let Value::Map(entries) = &mut object.tree.value {
            for (_, services) in entries {
                if let Value::Map(services) = &mut services.value {
                    services.retain(|(name, _)| built.get(name).is_some());
                }
            }
        }
        state.objects.push(object);
    }
    state.objects.extend(further.filter(|it| !is_override(it)));
    Cow::Owned(state)
}

fn compiled(text: &str) -> (Compiled, Vec<Object>) {
    let request = Request { file: NAME, env: None, set: &[] };
    let job = Job { request, files: &Memory(text), out_dir: None, begin: &|_| {} };
    let new = Gathered::default();
    let compiled = compile::run(job, &|_, artifact| new.add(pick::of_import(artifact)));
    (compiled, pick::in_order(new))
}

/// The draft as the only file.
struct Memory<'a>(&'a str);

impl Files for Memory<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        match path == NAME {
            true => Ok(self.0.to_owned()),
            false => Err("no such file".to_owned()),
        }
    }

    fn matching(&self, _: &str) -> Result<Vec<String>, String> {
        Ok(Vec::new())
    }

    fn has(&self, path: &str) -> bool {
        path == NAME
    }
}

/// Leaves out every table in which an error stands. `false` where there was none.
fn leave_out_refused(draft: &mut Draft, printed: &Printed, compiled: &Compiled) -> bool {
    let mut any = false;
    let errors = compiled.diagnostics.iter().filter(|it| it.severity == Severity::Error && it.lint.is_none());
    for error in errors {
        let tables = error.labels.iter().filter_map(|label| {
            let line = compiled.sources.position(label.span).line;
            draft.table_at(printed, line).map(str::to_owned)
        });
        if let Some(table) = tables.into_iter().next() {
            any |= draft.leave_out(&table, &format!("a spec cannot say it: {}", error.message));
        }
    }
    any
}

/// A lint that stops a build is a warning until somebody looks at it.
fn waive(draft: &mut Draft, compiled: &Compiled) -> bool {
    let lints = compiled.diagnostics.iter().filter(|it| it.severity == Severity::Error).filter_map(|it| it.lint);
    let mut any = false;
    for lint in lints {
        any |= draft.waive(lint);
    }
    any
}

/// Leaves out what would be made a second time.
fn leave_out_inexact(draft: &mut Draft, changes: &Changes) -> bool {
    let mut any = false;
    for change in &changes.objects {
        for table in wrong(draft, change) {
            any |= draft.leave_out(&table, "capgen would write it in another way");
        }
    }
    any
}

/// Leaves out all that would be changed: of a workload the one object that would be, where the rest can stand alone.
fn leave_out_changed(draft: &mut Draft, changes: &Changes, old: &State) -> bool {
    let mut any = false;
    for change in &changes.objects {
        if let Some(owner) = &change.owner {
            let path = change.edits.first().map(|it| format!(" `{}` of", it.path)).unwrap_or_default();
            let why = format!("the build would change{path} `{}`", change.identity);
            any |= draft.leave_out_object(owner.as_str(), &change.identity, &why);
        }
    }
    for loss in changes.ignored.iter().filter(|it| it.is_loss() && !old.is_live) {
        let unit = draft.units().find(|unit| unit.objects.iter().any(|(object, _)| *object == *loss.identity));
        if let Some(table) = unit.map(|it| it.table.clone()) {
            let why = format!("the build would take `{}` out of `{}`", loss.path, loss.identity);
            any |= draft.leave_out(&table, &why);
        }
    }
    any
}

/// The tables that must be exact and are not, by a change.
fn wrong(draft: &Draft, change: &ObjectChange) -> Vec<String> {
    let owner = change.owner.as_ref().map(|it| it.as_str()).unwrap_or_default();
    let is_right = matches!(&change.identity, Identity::Kubernetes { kind, .. }
        if matches!(kind.as_str(), "ServiceAccount" | "Role" | "RoleBinding"));
    let units = draft.units().filter(|it| it.must_be_exact);
    let units = units.filter(|it| it.table == owner || is_right && it.serves(owner));
    units.map(|it| it.table.clone()).collect()
}

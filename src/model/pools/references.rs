//! The names by which workloads, PgBouncer entries and servers refer to each other.
//!
//! Read from the spec itself: a workload whose numbers could not be found still names what it names.

use std::collections::BTreeMap;

use crate::diag::source::{Span, Spanned};
use crate::diag::{Diagnostic, suggest};
use crate::spec::Spec;
use crate::spec::pool::Pool;
use crate::spec::scalar::{Count, EntryName, Named};
use crate::why::Address;

use super::super::reasons::Reasons;

/// Reports every name that refers to nothing, and every entry that two PgBouncers claim.
pub(super) fn check(spec: &Spec, reasons: &mut Reasons) {
    let entries = check_entries(spec, reasons);
    // A table with errors may have had the entry that now seems to be missing.
    let damaged = spec.pgbouncer.iter().any(|(name, _)| spec.is_damaged("pgbouncer", name));
    let services = spec.service.iter().map(|(_, it)| (&it.value.pool_connections, &it.value.database_connections));
    let workers = spec.worker.iter().map(|(_, it)| (&it.value.pool_connections, &it.value.database_connections));
    for (pools, databases) in services.chain(workers) {
        if !damaged {
            check_opened(pools.as_ref(), |name, place| unknown_entry(&entries, name, place), reasons);
        }
        check_opened(databases.as_ref(), |name, place| unknown_database(spec, name, place), reasons);
    }
}

fn check_opened(
    opened: Option<&Named<EntryName, Spanned<Count>>>,
    unknown: impl Fn(&str, Span) -> Option<Diagnostic>,
    reasons: &mut Reasons,
) {
    let names = opened.into_iter().flat_map(Named::iter);
    for diagnostic in names.filter_map(|(name, entry)| unknown(name, entry.key)) {
        reasons.sink.error(diagnostic);
    }
}

/// The names of all entries, each with the place where it stands first.
fn check_entries<'s>(spec: &'s Spec, reasons: &mut Reasons) -> BTreeMap<&'s str, Span> {
    let mut first: BTreeMap<&str, Span> = BTreeMap::new();
    for (pgbouncer, entry) in spec.pgbouncer.iter() {
        let pools = entry.value.pool.as_ref();
        if pools.is_none_or(Named::is_empty) && !spec.is_damaged("pgbouncer", pgbouncer) {
            let message = format!("`pgbouncer.{pgbouncer}` has no entry: it leads nowhere");
            let help = format!("[pgbouncer.{pgbouncer}.pool.NAME] with `database = \"…\"`");
            reasons.sink.error(Diagnostic::error(message).at(entry.key, "").help(help));
        }
        for (name, pool) in pools.into_iter().flat_map(Named::iter) {
            if name == "pgbouncer" {
                let message = "an entry cannot be named `pgbouncer`: that is PgBouncer's own admin console";
                let help = "give it another name, and its database by `dbname = \"pgbouncer\"`";
                reasons.sink.error(Diagnostic::error(message).at(pool.key, "").help(help));
            }
            if let Some(place) = first.get(name) {
                let message = format!("two PgBouncers have an entry `{name}`: `pool_connections` could mean either");
                // The tables come in the order of their names; what the reader sees is the order of the file.
                let (before, again) = match (place.file, place.start) <= (pool.key.file, pool.key.start) {
                    true => (*place, pool.key),
                    false => (pool.key, *place),
                };
                let diagnostic = Diagnostic::error(message).at(again, "here again").at(before, "first here");
                reasons.sink.error(diagnostic.help(format!("rename one and write `dbname = \"{name}\"` in it")));
            }
            first.entry(name).or_insert(pool.key);
            let database = &pool.value.database;
            if let Some(diagnostic) = unknown_database(spec, database.value.as_str(), database.span) {
                reasons.sink.error(diagnostic);
            } else if let Some(diagnostic) = unknown_replicas(spec, &pool.value) {
                reasons.sink.error(diagnostic);
            }
        }
    }
    first
}

fn unknown_database(spec: &Spec, name: &str, place: Span) -> Option<Diagnostic> {
    if spec.database.get(name).is_some() || spec.is_damaged("database", name) {
        return None;
    }
    let address = Address::of(["database", name]);
    let help = match spec.database.is_empty() {
        true => format!("[{address}] with `host = \"…\"`"),
        false => suggest::help(name, spec.database.iter().map(|(name, _)| name)),
    };
    Some(Diagnostic::error(format!("there is no `[{address}]`")).at(place, "refers to nothing").help(help))
}

/// An entry for replicas that nobody stated.
fn unknown_replicas(spec: &Spec, pool: &Pool) -> Option<Diagnostic> {
    let (name, place) = (pool.database.value.as_str(), pool.replicas.filter(|it| it.value)?.span);
    let database = spec.database.get(name).filter(|it| it.value.replicas.is_none())?;
    if spec.is_damaged("database", name) {
        return None;
    }
    let message = format!("`database.{name}` has no replicas");
    let help = format!("[database.{name}.replicas] with `host = \"…{{n}}…\"` and `count = 2`");
    Some(Diagnostic::error(message).at(place, "leads to nothing").at(database.key, "this one").help(help))
}

fn unknown_entry(known: &BTreeMap<&str, Span>, name: &str, place: Span) -> Option<Diagnostic> {
    if known.contains_key(name) {
        return None;
    }
    let help = match known.is_empty() {
        true => format!("[{}] with `database = \"…\"`", Address::of(["pgbouncer", "main", "pool", name])),
        false => suggest::help(name, known.keys().copied()),
    };
    Some(Diagnostic::error(format!("no PgBouncer has an entry `{name}`")).at(place, "refers to nothing").help(help))
}

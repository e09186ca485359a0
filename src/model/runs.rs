//! Lists of workloads by name: `runs` of what runs pods elsewhere.

use std::collections::BTreeMap;

use crate::diag::source::{Span, Spanned};
use crate::diag::{Diagnostic, suggest};
use crate::spec::Spec;
use crate::spec::scalar::{Entry, Named, TableName, Text};
use crate::why::{Address, Derived};

use super::reasons::Reasons;
use super::workloads::Workload;

/// A workload, and its name as the list has it.
pub(super) struct Run<'w> {
    pub(super) workload: &'w Workload,
    pub(super) name: Derived<String>,
    pub(super) place: Span,
}

/// The workloads that a list names, in its order; what is missing because it was refused is passed over.
pub(super) fn resolve<'w>(
    spec: &Spec,
    workloads: &'w [Workload],
    table: &Address,
    written: &Spanned<Vec<Spanned<Text<TableName>>>>,
    reasons: &mut Reasons,
) -> Vec<Run<'w>> {
    if written.value.is_empty() {
        let message = format!("`{table}` runs nothing");
        let help = "name services and workers: `runs = [\"api\"]`, or take the table out";
        reasons.sink.error(Diagnostic::error(message).at(written.span, "").help(help));
    }
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    let mut found = Vec::new();
    for (index, name) in written.value.iter().enumerate() {
        let (text, place) = (name.value.as_str(), name.span);
        if let Some(first) = seen.insert(text, place) {
            let diagnostic = Diagnostic::error(format!("`{table}` runs `{text}` twice")).at(place, "and here");
            reasons.sink.error(diagnostic.at(first, "first here").help("take one of the two out of `runs`"));
            continue;
        }
        let name = reasons.taken(table.child("runs").index(index), text.to_owned(), place);
        match workloads.binary_search_by(|it| it.name.as_str().cmp(text)) {
            Ok(index) => found.push(Run { workload: &workloads[index], name, place }),
            Err(_) => check_exists(spec, table, text, place, reasons),
        }
    }
    found
}

fn check_exists(spec: &Spec, table: &Address, name: &str, place: Span, reasons: &mut Reasons) {
    if spec.service.get(name).is_none() && spec.worker.get(name).is_none() {
        let message = format!("`{table}` runs `{name}`, which is neither a service nor a worker");
        let names = spec.service.iter().map(|(name, _)| name).chain(spec.worker.iter().map(|(name, _)| name));
        let help = suggest::help(name, names.collect::<Vec<_>>());
        reasons.sink.error(Diagnostic::error(message).at(place, "not in the spec").help(help));
    }
}

/// What one of them has for itself. A table for something that is not in the list decides nothing.
pub(super) fn check_own<T>(
    table: &Address,
    own: Option<&Named<TableName, T>>,
    written: &[Spanned<Text<TableName>>],
    reasons: &mut Reasons,
) {
    for (name, Entry { key, .. }) in own.iter().flat_map(|it| it.iter()) {
        if written.iter().all(|it| it.value.as_str() != name) {
            let message = format!("`{table}` does not run `{name}`, so its table decides nothing");
            let mut known: Vec<&str> = written.iter().map(|it| it.value.as_str()).collect();
            known.sort_unstable();
            known.dedup();
            let help = suggest::help(name, known);
            let help = if written.is_empty() { format!("add it: `runs = [\"{name}\"]`") } else { help };
            reasons.sink.error(Diagnostic::error(message).at(*key, "not in `runs`").help(help));
        }
    }
}

/// Reports a name that two of them share.
pub(super) fn check_names<'a>(what: &str, names: impl Iterator<Item = (&'a str, Span)>, reasons: &mut Reasons) {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for (name, place) in names {
        if let Some(first) = seen.insert(name, place) {
            let message = format!("`{name}` names two {what}");
            let diagnostic = Diagnostic::error(message).at(place, "here again").at(first, "first here");
            reasons.sink.error(diagnostic.help("give one of them another `name`"));
        }
    }
}

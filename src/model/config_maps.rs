//! ConfigMaps that are not those of workloads: their names must be free.

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::diag::source::Span;
use crate::why::Derived;

use super::reasons::Reasons;
use super::workloads::Workload;

/// Reports every name that two ConfigMaps have. Each comes with the place of its table; those of workloads were compared with each
/// other before.
pub(super) fn check<'a>(
    workloads: &'a [Workload],
    others: impl Iterator<Item = (&'a Derived<String>, Span)>,
    reasons: &mut Reasons,
) {
    let of_workloads = workloads.iter().filter_map(|it| Some((&it.settings.as_ref()?.config_map, it.place)));
    let mut first: BTreeMap<&str, Span> = of_workloads.map(|(name, place)| (name.value.as_str(), place)).collect();
    for (name, table) in others {
        let place = reasons.causes.written_at(&name.address).unwrap_or(table);
        match first.get(name.value.as_str()) {
            Some(before) => {
                let message = format!("`{}` names two ConfigMaps", name.value);
                let diagnostic = Diagnostic::error(message).at(place, "here again").at(*before, "first here");
                reasons.sink.error(diagnostic.help("give one of them another `config_map`"));
            }
            None => _ = first.insert(&name.value, place),
        }
    }
}

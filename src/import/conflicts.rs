//! What no spec could say because it contradicts itself: two owners of one replica count.

use std::collections::BTreeMap;

use super::found::Found;
use super::workloads::target_of;
use crate::diag::Diagnostic;

/// Every workload that two autoscalers scale, with the places of both.
pub(super) fn check(found: &Found<'_>) -> Vec<Diagnostic> {
    let mut owners: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for index in found.of_kind(&["HorizontalPodAutoscaler", "ScaledObject"]) {
        if let Some(target) = target_of(&found.objects[index]) {
            owners.entry((target.kind, target.name)).or_default().push(index);
        }
    }
    let contradiction = |((kind, name), indices): ((String, String), Vec<usize>)| {
        let [first, second, ..] = indices.as_slice() else { return None };
        let shown = |index: usize| format!("`{}` (`{}`)", found.objects[index].identity, found.place(index, ""));
        let message = format!("{} and {} both scale the {kind} `{name}`", shown(*first), shown(*second));
        let help = format!("delete one of the two: {}", help(found, *first, *second));
        Some(Diagnostic::error(message).help(help))
    };
    owners.into_iter().filter_map(contradiction).collect()
}

fn help(found: &Found<'_>, first: usize, second: usize) -> &'static str {
    match (found.kind(first), found.kind(second)) {
        ("HorizontalPodAutoscaler", "HorizontalPodAutoscaler") => "they undo each other at every tick",
        _ => "KEDA makes a HorizontalPodAutoscaler of its own, and they undo each other at every tick",
    }
}

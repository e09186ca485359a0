//! PodDisruptionBudgets: how many pods a drain may take.

use crate::diag::Diagnostic;
use crate::diag::source::Spanned;
use crate::spec::workload::{Amount, Disruption};
use crate::why::{Address, Derived};

use super::reasons::Reasons;
use super::workloads::ScaleTarget;

/// The PodDisruptionBudget; exactly one bound is there.
#[derive(Debug, Clone)]
pub struct Disruptions {
    pub name: Derived<String>,
    pub min_available: Option<Derived<Amount>>,
    pub max_unavailable: Option<Derived<Amount>>,
}

/// Pods that a drain may take, in percent, where the spec says nothing.
const MAX_UNAVAILABLE: Amount = Amount::Percent(25);

pub(super) fn resolve(
    written: Option<&Spanned<Disruption>>,
    target: &ScaleTarget,
    address: &Address,
    reasons: &mut Reasons,
) -> Option<Disruptions> {
    let at = address.child("disruption");
    let Some(written) = written else {
        let reason = "a drain takes a quarter of the pods at a time";
        let most = reasons.default(at.child("max_unavailable"), MAX_UNAVAILABLE, reason);
        return Some(Disruptions { name: target.name.clone(), min_available: None, max_unavailable: Some(most) });
    };
    let budget = match &written.value {
        Disruption::None => return None,
        Disruption::Budget(budget) => budget,
    };
    let name = match &budget.name {
        Some(name) => reasons.taken(at.child("name"), name.value.as_str().to_owned(), name.span),
        None => target.name.clone(),
    };
    let min_available = budget.min_available.map(|it| reasons.taken(at.child("min_available"), it.value, it.span));
    let max_unavailable = match (budget.max_unavailable, budget.min_available) {
        (Some(it), None) => Some(reasons.taken(at.child("max_unavailable"), it.value, it.span)),
        (None, None) => {
            let reason = "a drain takes a quarter of the pods at a time";
            Some(reasons.default(at.child("max_unavailable"), MAX_UNAVAILABLE, reason))
        }
        (None, Some(_)) => None,
        (Some(most), Some(least)) => {
            let message = "`disruption` says both how many may be down and how many must stay up";
            let diagnostic = Diagnostic::error(message).at(most.span, "may be down").at(least.span, "must stay up");
            reasons.sink.error(diagnostic.help("keep one; `max_unavailable` stays right when the workload scales"));
            None
        }
    };
    Some(Disruptions { name, min_available, max_unavailable })
}

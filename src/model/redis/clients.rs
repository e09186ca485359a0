//! Who connects to one Redis server: every pod at its most replicas, within what the server lets in.

use crate::diag::source::Spanned;
use crate::diag::{Diagnostic, suggest};
use crate::spec::Spec;
use crate::spec::redis::Redis as Written;
use crate::spec::scalar::Entry;
use crate::unit::exact::Exact;
use crate::why::{Address, Derived};

use super::{Answer, Reasons, Workload, more_is_more, number};

/// `None` where nobody says how many there are.
pub(super) fn resolve(
    spec: &Spec,
    address: &Address,
    entry: &Entry<Written>,
    workloads: &[Workload],
    maxclients: &Derived<i64>,
    reasons: &mut Reasons,
) -> Option<Derived<i64>> {
    let (at, written) = (address.child("max_connections"), &entry.value);
    let reserved = number(written.reserved_clients);
    let reason = "replicas, exporters, administrators; Redis itself keeps 32 files for such";
    let reserved = reasons.written_or(address.child("reserved_clients"), reserved.as_ref(), 32, reason);
    let answer = opened(spec, address, written, workloads, &at, reasons);
    let pin: Option<Spanned<i64>> = number(written.max_connections);
    let decided = reasons.decided(at, pin.as_ref(), answer, more_is_more)?;
    let free = maxclients.value.saturating_sub(reserved.value);
    if decided.value > free {
        let message = format!("`{address}` gets {} connections on each server, {free} fit", decided.value);
        let note = format!("{} clients less {} reserved", maxclients.value, reserved.value);
        let place = pin.map_or(entry.key, |it| it.span);
        let most = written.maxclients.as_ref().map(|it| it.span);
        let diagnostic = Diagnostic::error(message).at(place, "").at_some(most, "the most at once").note(note);
        let help = format!("fewer connections, or `maxclients = {}`", decided.value.saturating_add(reserved.value));
        reasons.sink.error(diagnostic.help(help));
    }
    Some(decided)
}

/// The connections of all pods at their most replicas.
fn opened(
    spec: &Spec,
    address: &Address,
    written: &Written,
    workloads: &[Workload],
    at: &Address,
    reasons: &mut Reasons,
) -> Option<Answer<i64>> {
    let connections = written.connections.as_ref()?;
    let (mut total, mut terms, mut inputs) = (Exact::ZERO, Vec::new(), Vec::new());
    let mut first = None;
    for (name, count) in connections.iter() {
        let count_at = address.child("connections").child(name);
        let each = reasons.taken(count_at, count.value.value.0, count.value.span);
        first.get_or_insert(count.value.span);
        let Some(workload) = workloads.iter().find(|it| it.name == name) else {
            let is_there = spec.service.get(name).is_some() || spec.worker.get(name).is_some();
            if !is_there {
                let names = spec.service.iter().map(|(name, _)| name).chain(spec.worker.iter().map(|(name, _)| name));
                let diagnostic = Diagnostic::error(format!("no service or worker is called `{name}`"));
                reasons.sink.error(diagnostic.at(count.key, "refers to nothing").help(suggest::help(name, names)));
            }
            continue;
        };
        let peak = workload.peak();
        total = total + Exact::from(peak.value) * Exact::from(each.value);
        terms.push(format!("{} × {}", peak.value, each.value));
        inputs.extend([peak.address.clone(), each.address]);
    }
    let value = reasons.ceil(total, at, first?)?;
    Some(Answer { value, symbolic: "sum of replicas at peak × connections", numbers: terms.join(" + "), inputs })
}

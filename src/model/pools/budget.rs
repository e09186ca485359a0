//! How the connections of one server are divided over the entries that lead to it.
//!
//! Pinned entries are taken off first, then shares of the whole, then what is left goes in equal parts to the others.
//! Every part is rounded down, per process, and never up: parts that add up to the server never exceed it.

use crate::diag::Diagnostic;
use crate::diag::source::{Span, Spanned};
use crate::spec::pool::{Database as WrittenDatabase, Pool};
use crate::spec::scalar::{Entry, Factor};
use crate::unit::exact::Exact;
use crate::why::{Address, Derived};

use super::super::reasons::{Answer, Reasons, more_is_more};
use super::sizes::{self, Basis, Sizes};
use super::{Database, formula_of, most_for, number};

/// Places that an error about a whole server shows at most.
const SHOWN: usize = 8;

/// An entry that is to be given its sizes.
#[derive(Debug)]
pub(super) struct Candidate<'s> {
    pub(super) pgbouncer: &'s str,
    pub(super) name: &'s str,
    /// Where the entry's name stands.
    pub(super) place: Span,
    pub(super) address: Address,
    pub(super) written: &'s Pool,
    pub(super) instances: Derived<i64>,
    pub(super) users: Derived<i64>,
}

impl<'s> Candidate<'s> {
    /// The server that it leads to, as written.
    pub(super) fn database(&self) -> &'s str {
        self.written.database.value.as_str()
    }

    /// Whether it leads to that server's replicas.
    pub(super) fn is_for_replicas(&self) -> bool {
        self.written.replicas.is_some_and(|it| it.value)
    }

    /// Pinned entries are taken off the server before anything is divided.
    fn is_pinned(&self) -> bool {
        self.written.pool_size.is_some() || self.limit().is_some()
    }

    /// The pin of `max_db_connections`, where it is a limit: PgBouncer knows none of 0.
    pub(super) fn limit(&self) -> Option<Spanned<i64>> {
        number(self.written.max_db_connections.as_ref()).filter(|it| it.value > 0)
    }

    fn is_equal(&self) -> bool {
        !self.is_pinned() && self.written.share.is_none()
    }

    /// The place that decides its size.
    pub(super) fn deciding(&self) -> Span {
        let written = self.written;
        let pin = self.limit().or(number(written.pool_size.as_ref()));
        pin.map(|it| it.span).or(written.share.as_ref().map(|it| it.span)).unwrap_or(self.place)
    }

    /// What all its processes may open.
    fn total(&self, sizes: &Sizes) -> Exact {
        Exact::from(self.instances.value) * Exact::from(sizes.max_db_connections.value)
    }
}

/// The sizes of every entry of one server: pinned entries first, then shares, then equal parts of what is left.
pub(super) fn resolve(
    database: &Database,
    server: &Entry<WrittenDatabase>,
    candidates: &[&Candidate<'_>],
    reasons: &mut Reasons,
) -> Vec<(Address, Sizes)> {
    let mut sized: Vec<(&Candidate<'_>, Sizes)> = Vec::new();
    let mut all_known = check_shares(database, candidates, reasons);
    for candidate in candidates.iter().filter(|it| !it.is_equal()) {
        let basis = basis(candidate, database, reasons);
        match basis.and_then(|basis| sizes::resolve(candidate, &basis, database, reasons)) {
            Some(sizes) => sized.push((candidate, sizes)),
            None => all_known = false,
        }
    }
    // Errors so far leave the rest unknown; dividing it would only repeat them in other words.
    if all_known && database.usable.value > 0 && fits(database, server, &sized, reasons) {
        let equal: Vec<&Candidate<'_>> = candidates.iter().copied().filter(|it| it.is_equal()).collect();
        sized.extend(divide(database, &sized, &equal, reasons));
    }
    sized.into_iter().map(|(candidate, sizes)| (candidate.address.clone(), sizes)).collect()
}

/// `None` where nothing can be divided, which is reported already.
fn basis(candidate: &Candidate<'_>, database: &Database, reasons: &mut Reasons) -> Option<Basis> {
    let written = candidate.written;
    let at = candidate.address.child("connections");
    if let Some(pin) = number(written.pool_size.as_ref()) {
        if let Some(share) = &written.share {
            let message = format!("`{}` has both `share` and `pool_size`", candidate.address);
            let diagnostic = Diagnostic::error(message)
                .at(share.span, "a part of the server")
                .at(pin.span, "and a number")
                .help(format!("keep `pool_size = {}`, or `share = {}`", pin.value, share.value));
            reasons.sink.error(diagnostic);
        }
        return reasons
            .decided(candidate.address.child("pool_size"), Some(&pin), None, more_is_more)
            .map(Basis::PoolSize);
    }
    let instances = Exact::from(candidate.instances.value);
    let (answer, price) = match (&written.share, candidate.limit()) {
        (Some(share), _) => (shared(candidate, share, database, &at, reasons)?, Some(instances / share.value.0)),
        (None, Some(pin)) => {
            let inputs = vec![candidate.address.child("max_db_connections")];
            (Answer { value: pin.value, symbolic: "max_db_connections", numbers: pin.value.to_string(), inputs }, None)
        }
        (None, None) => return None,
    };
    Some(Basis::Connections { connections: reasons.computed(at, answer), price })
}

/// `floor(usable × share / instances)`; check: `floor(347 × 0.7 / 2)` = 121.
fn shared(
    candidate: &Candidate<'_>,
    share: &Spanned<Factor>,
    database: &Database,
    at: &Address,
    reasons: &mut Reasons,
) -> Option<Answer<i64>> {
    let instances = &candidate.instances;
    let part = reasons.taken(candidate.address.child("share"), share.value.0, share.span);
    if database.usable.value < 1 {
        return None;
    }
    let exact = Exact::from(database.usable.value) * part.value / Exact::from(instances.value);
    Some(Answer {
        value: reasons.floor(exact, at, share.span)?,
        symbolic: "floor(usable_connections × share / instances)",
        numbers: format!("floor({} × {} / {})", database.usable.value, part.value, instances.value),
        inputs: vec![database.usable.address.clone(), part.address, instances.address.clone()],
    })
}

/// Equal parts of what the others left: `floor(remaining / entries / instances)`.
fn divide<'c, 's>(
    database: &Database,
    taken: &[(&'c Candidate<'s>, Sizes)],
    equal: &[&'c Candidate<'s>],
    reasons: &mut Reasons,
) -> Vec<(&'c Candidate<'s>, Sizes)> {
    let Some(first) = equal.first() else { return Vec::new() };
    let Some(remaining) = remaining(database, taken, first.place, reasons) else { return Vec::new() };
    let entries = i64::try_from(equal.len()).unwrap_or(i64::MAX);
    let mut divided = Vec::new();
    for candidate in equal.iter().copied() {
        let (at, instances) = (candidate.address.child("connections"), &candidate.instances);
        let price = Exact::from(entries) * Exact::from(instances.value);
        let Some(value) = reasons.floor(Exact::from(remaining.value) / price, &at, candidate.place) else { continue };
        let answer = Answer {
            value,
            symbolic: "floor(remaining_connections / entries without share or pin / instances)",
            numbers: format!("floor({} / {entries} / {})", remaining.value, instances.value),
            inputs: vec![remaining.address.clone(), instances.address.clone()],
        };
        let basis = Basis::Connections { connections: reasons.computed(at, answer), price: Some(price) };
        divided.extend(sizes::resolve(candidate, &basis, database, reasons).map(|sizes| (candidate, sizes)));
    }
    divided
}

/// What pinned and shared entries leave, in all processes: `database.main.remaining_connections`.
fn remaining(
    database: &Database,
    taken: &[(&Candidate<'_>, Sizes)],
    place: Span,
    reasons: &mut Reasons,
) -> Option<Derived<i64>> {
    let at = database.address.child("remaining_connections");
    let mut left = Exact::from(database.usable.value);
    let mut numbers = database.usable.value.to_string();
    let mut inputs = vec![database.usable.address.clone()];
    for (candidate, sizes) in taken {
        left = left - candidate.total(sizes);
        numbers.push_str(&format!(" − {} × {}", candidate.instances.value, sizes.max_db_connections.value));
        inputs.extend([candidate.instances.address.clone(), sizes.max_db_connections.address.clone()]);
    }
    let value = reasons.floor(left, &at, place)?;
    let symbolic = "usable_connections − instances × max_db_connections of pinned and shared entries";
    inputs.sort();
    inputs.dedup();
    Some(reasons.computed(at, Answer { value, symbolic, numbers, inputs }))
}

/// Whether the shares of the server are not more than the server.
fn check_shares(database: &Database, candidates: &[&Candidate<'_>], reasons: &mut Reasons) -> bool {
    let shares: Vec<&Spanned<Factor>> = candidates.iter().filter_map(|it| it.written.share.as_ref()).collect();
    let sum = shares.iter().fold(Exact::ZERO, |sum, share| sum + share.value.0);
    let Some((last, others)) = shares.split_last().filter(|_| sum > Exact::ONE) else { return true };
    let message = format!("the shares of `{}` add up to {sum}: a server has only 1 to share", database.address);
    let alone = last.value.0 > Exact::ONE;
    let label = if alone { "a share is above 0 and at most 1" } else { "one too many" };
    let mut diagnostic = Diagnostic::error(message).at(last.span, label);
    for share in others.iter().take(SHOWN) {
        diagnostic = diagnostic.at(share.span, format!("{}", share.value));
    }
    let rest = Exact::ONE - others.iter().fold(Exact::ZERO, |sum, share| sum + share.value.0);
    let help = match rest.is_positive() {
        true if alone && others.is_empty() => "`share = 0.5` for half of the server".to_owned(),
        true => format!("`share = {rest}` here, or less in the others"),
        false => "give each entry less, or leave `share` out for equal parts".to_owned(),
    };
    reasons.sink.error(diagnostic.help(help));
    false
}

/// Whether the pinned and shared entries fit on the server. Equal parts always do: they are parts of what is left.
fn fits(
    database: &Database,
    server: &Entry<WrittenDatabase>,
    sized: &[(&Candidate<'_>, Sizes)],
    reasons: &mut Reasons,
) -> bool {
    let total = sized.iter().fold(Exact::ZERO, |sum, (candidate, sizes)| sum + candidate.total(sizes));
    let usable = database.usable.value;
    if total <= Exact::from(usable) {
        return true;
    }
    let message = format!("the pools of `{}` may open {total} connections, {usable} are usable", database.address);
    let mut diagnostic = Diagnostic::error(message);
    for (candidate, sizes) in sized.iter().take(SHOWN) {
        let text = format!("{} × {} connections", candidate.instances.value, sizes.max_db_connections.value);
        diagnostic = diagnostic.at(candidate.deciding(), text);
    }
    let most = server.value.max_connections.as_ref().map_or(server.key, |it| it.span);
    diagnostic = diagnostic.at(most, format!("{} on this server", database.max_connections.value));
    if sized.len() > SHOWN {
        diagnostic = diagnostic.note(format!("and {} further entries", sized.len() - SHOWN));
    }
    let needed = total.ceil().map(|total| most_for(database, total));
    let help = match needed {
        Some(needed) => format!("smaller pools, or `{}.max_connections = {needed}`", database.address),
        None => "smaller pools".to_owned(),
    };
    reasons.sink.error(diagnostic.note(formula_of(&database.usable, reasons)).help(help));
    false
}

//! Changes as people and machines read them. One file per format, all over the same [`Report`]; none of them computes.
//!
//! What several formats need stands in `phrase` and `totals` (words), `hunks` (the lines that differ), `rows` (capacity
//! and cost) and `findings` (changes one by one).

pub mod github;
pub mod json;
pub mod markdown;
pub mod sarif;
pub mod summary;
pub mod terminal;

mod findings;
mod hunks;
pub(super) mod phrase;
mod rows;
mod totals;

use std::cmp::Reverse;

use crate::diag::Diagnostic;
use crate::diag::source::{Sources, Span};
use crate::diff::{Attribution, Changes, InputRef, ObjectChange};
use crate::why::{Address, Causes};

/// What every format is made from.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    pub changes: &'a Changes,
    /// The new side's reasons: they know where an input is written.
    pub causes: &'a Causes,
    /// The texts of the new side.
    pub sources: &'a Sources,
    /// The other side as the person named it: `git:main`.
    pub against: &'a str,
    /// What the lints find about the new side, by place.
    pub findings: &'a [Diagnostic],
    /// What is to be known about the other side: what stands there twice, or was passed over.
    pub notes: &'a [String],
    /// Whether ignored differences are listed, and not only counted.
    pub shows_ignored: bool,
}

impl<'a> Report<'a> {
    /// The objects, the worst first, then by identity.
    fn riskiest_first(&self) -> Vec<&'a ObjectChange> {
        let mut objects: Vec<&ObjectChange> = self.changes.objects.iter().collect();
        objects.sort_by_key(|it| (Reverse(it.risk.risk), &it.identity));
        objects
    }

    /// Where an input is written now. At the address of one that is gone another may stand: the next member of a list.
    fn place(&self, input: &InputRef) -> Option<Span> {
        let is_gone = input.whole.is_none() && input.after.is_none();
        if is_gone && self.changes.attribution == Attribution::Inputs {
            return None;
        }
        // A table below a header is where the first of its values is.
        let header = Address::verbatim(input.address.header());
        let below = || self.causes.below(&header).map(|(it, _)| it).filter(|it| it.is_within(&input.address));
        let first = || below().filter_map(|it| self.causes.written_at(it)).min();
        self.causes.place(&input.address).or_else(|| input.whole.and_then(|_| first()))
    }
}

#[cfg(test)]
mod tests;

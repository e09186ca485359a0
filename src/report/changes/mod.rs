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

use crate::diag::source::Sources;
use crate::diff::{Changes, ObjectChange};
use crate::why::Causes;

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
}

#[cfg(test)]
mod tests;

//! Changes as people and machines read them. One file per format, all over the same [`Report`]; none of them computes.

use crate::diag::source::Sources;
use crate::diff::Changes;
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

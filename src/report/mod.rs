//! What people and machines read about a run. One file per format; a report never computes.

pub mod changes;
pub mod diagnostics;
pub mod explanation;
pub mod findings;
pub mod page;

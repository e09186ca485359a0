//! YAML, read as Kubernetes does it and printed so that no reader can mistake a value.
//!
//! Printing is our own: what `serde_yaml` prints changes type in kubectl, whose reader takes `on`, `1_000` and `12:30`
//! for other things than texts. Reading goes through `serde_yaml` behind guards against hostile texts,
//! but for what programs write: `block`.
//! It must not know what a document means.

mod block;
mod print;
mod read;
mod scalar;
mod tags;

pub use print::print;
pub use read::{Limits, by_library, marked, parse};

#[cfg(test)]
pub(in crate::doc) mod tests;

//! The machinery of the golden suite: one file per step between a folder on disk and a verdict.
//!
//! Nothing here knows what capgen should write. That stands in the cases, and in `oracle.rs`.

pub(crate) mod bless;
pub(crate) mod caret;
pub(crate) mod case;
pub(crate) mod command;
pub(crate) mod compare;
pub(crate) mod example;
pub(crate) mod fixture;
pub(crate) mod proof;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod tree;

//! capgen, a compiler for capacity: one TOML spec becomes the files that a platform consumes.
//!
//! Data flows one way. [`spec`] reads what was written, [`model`] says what it means, [`target`] arranges it into
//! documents ([`doc`]), [`render`] prints them, [`cli`] writes them. [`why`] keeps the reason of every number beside it,
//! [`diag`] what went wrong, [`lint`] what could be better; [`report`] shows both to people. [`state`] reads what is there now,
//! [`diff`] compares the documents with it, and [`import`] makes a spec of it. [`unit`] knows quantities, durations, cron lines and names. Everything but `cli` and
//! `state` is pure; `golden-tests/tidy.rs` keeps who may know whom.

pub mod cli;
pub mod diag;
pub mod diff;
pub mod doc;
pub mod import;
pub mod lint;
pub mod model;
pub mod render;
pub mod report;
pub mod spec;
pub mod state;
pub mod target;
pub mod unit;
pub mod why;

//! Targets: what a model becomes. One file each, and none knows another.
//!
//! A target arranges the model's numbers into documents; it never computes, and nothing that a user wrote can make it
//! fail but a template. To add one:
//! write `src/target/<name>.rs` with its structs in upstream's field order, a `TARGET` and an `emit`; list it here in the
//! `mod` lines and in [`TARGETS`]; add golden cases under `golden-tests/cases/build/<name>/` and a row to
//! `docs/targets.md`. Structured formats are serialized, never templated.

pub mod kube;

mod cronjob;
mod eksctl;
mod hpa;
mod keda;
mod kustomization;
mod nginx;
mod pdb;
mod pgbouncer;

use std::fmt;

use crate::doc::template::{self, Template};
use crate::doc::{Artifact, ser};
use crate::model::Model;
use crate::why::Address;

/// Something that capgen writes.
#[derive(Debug)]
pub struct Target {
    /// As `[output] targets` names it.
    pub name: &'static str,
    /// One line for the reference.
    pub summary: &'static str,
    /// The artifacts of a model; empty where the model has no data for it.
    pub emit: fn(&Model) -> Result<Vec<Artifact>, Fault>,
}

/// Why a model could not become documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A defect of capgen itself: its own structs or its own template could not become a document.
    Internal(String),
    /// A template of the user's failed for the table `owner`; the place is in its source.
    Template { name: &'static str, owner: Address, error: template::Error },
}

impl From<ser::Error> for Fault {
    fn from(error: ser::Error) -> Self {
        Self::Internal(error.to_string())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Internal(fault) => f.write_str(fault),
            Self::Template { name, owner, error } => write!(f, "the template `{name}` fails for `{owner}`: {error}"),
        }
    }
}

/// Every template that a user may replace, sorted by name.
pub static TEMPLATES: &[&Template] = &[&nginx::TEMPLATE];

/// Every target, sorted by name.
pub static TARGETS: &[&Target] =
    &[&cronjob::TARGET, &eksctl::TARGET, &hpa::TARGET, &keda::TARGET, &nginx::TARGET, &pdb::TARGET, &pgbouncer::TARGET];

/// Hands over the artifacts of each selected target as soon as they are there, and last the kustomization over their
/// Kubernetes documents: a large platform's documents need not all be in memory at once.
pub fn emit_each(model: &Model, selected: &[&Target], take: &mut dyn FnMut(Vec<Artifact>)) -> Result<(), Fault> {
    let mut paths = Vec::new();
    for target in selected {
        let artifacts = (target.emit)(model)?;
        paths.extend(artifacts.iter().map(|it| it.path.clone()));
        take(artifacts);
    }
    take(kustomization::over(paths)?.into_iter().collect());
    Ok(())
}

/// All artifacts at once, sorted by path.
pub fn emit(model: &Model, selected: &[&Target]) -> Result<Vec<Artifact>, Fault> {
    let mut all = Vec::new();
    emit_each(model, selected, &mut |artifacts| all.extend(artifacts))?;
    all.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(all)
}

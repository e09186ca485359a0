//! Targets: what a model becomes. One file each, and none knows another.
//!
//! A target arranges the model's numbers into documents; it never computes, and nothing that a user wrote can make it
//! fail but a template. To add one:
//! write `src/target/<name>.rs` with its structs in upstream's field order, a `TARGET` and an `emit`; list it here in the
//! `mod` lines and in [`TARGETS`]; add golden cases under `golden-tests/cases/build/<name>/` and a row to
//! `docs/targets.md`. Structured formats are serialized, never templated.

pub mod kube;
pub mod promql;

mod affinity;
mod alerts;
mod cluster_autoscaler;
mod component;
mod compose;
mod cronjob;
mod ecs;
mod eksctl;
mod emergency;
mod endpoints;
mod env;
mod event;
mod grafana;
mod hpa;
mod job;
mod kafka;
mod karpenter;
mod keda;
mod kustomization;
mod load_test;
mod nginx;
mod pdb;
mod pgbouncer;
mod postgresql;
mod redis;
mod redis_pools;
mod resources;
mod runbook;
mod shards;

use std::fmt;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

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
    /// Hands over the artifacts of a model, each as soon as it is there; none where the model has no data for it.
    pub emit: fn(&Model, Take<'_>) -> Result<(), Fault>,
}

/// What is done with an artifact as soon as it is there, on whichever core made it: in no order.
pub type Take<'a> = &'a (dyn Fn(Artifact) + Sync);

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
pub static TEMPLATES: &[&Template] = &[
    &emergency::TEMPLATE,
    &load_test::K6,
    &kafka::TEMPLATE,
    &load_test::LOCUST,
    &nginx::TEMPLATE,
    &shards::TEMPLATE,
    &redis::TEMPLATE,
    &runbook::TEMPLATE,
];

/// Every target, sorted by name.
pub static TARGETS: &[&Target] = &[
    &affinity::TARGET,
    &alerts::TARGET,
    &cluster_autoscaler::TARGET,
    &compose::TARGET,
    &cronjob::TARGET,
    &ecs::TARGET,
    &eksctl::TARGET,
    &emergency::TARGET,
    &endpoints::TARGET,
    &env::TARGET,
    &event::TARGET,
    &grafana::TARGET,
    &hpa::TARGET,
    &kafka::TARGET,
    &karpenter::TARGET,
    &keda::TARGET,
    &load_test::TARGET,
    &nginx::TARGET,
    &pdb::TARGET,
    &pgbouncer::TARGET,
    &postgresql::TARGET,
    &redis::TARGET,
    &redis_pools::TARGET,
    &resources::TARGET,
    &runbook::TARGET,
    &shards::TARGET,
];

/// Makes the artifacts of each table on all cores: of a large platform, the documents of a few tables are in memory at a time.
fn emit_all<T: Sync, A: IntoIterator<Item = Artifact>>(
    tables: &[T],
    take: Take<'_>,
    artifacts: impl Fn(&T) -> Result<A, Fault> + Sync,
) -> Result<(), Fault> {
    let made = tables.par_iter().map(|table| artifacts(table).map(|made| made.into_iter().for_each(take)));
    // Of several faults the first is told, whichever was found first.
    made.find_map_first(Result::err).map_or(Ok(()), Err)
}

/// Hands over artifacts that were made together.
fn hand_over(artifacts: Vec<Artifact>, take: Take<'_>) {
    artifacts.into_par_iter().for_each(take);
}

/// Hands over the artifacts of each selected target as soon as they are there, and last the kustomization over their
/// Kubernetes documents: a large platform's documents need not all be in memory at once.
pub fn emit_each(model: &Model, selected: &[&Target], take: Take<'_>) -> Result<(), Fault> {
    let paths = Gathered::default();
    let list = |artifact: Artifact| {
        if kustomization::lists(&artifact.path) {
            paths.add([artifact.path.clone()]);
        }
        take(artifact);
    };
    for target in selected {
        (target.emit)(model, &list)?;
    }
    kustomization::over(paths.into_vec())?.into_iter().for_each(take);
    Ok(())
}

/// What was handed over, gathered from all cores.
#[derive(Debug)]
pub struct Gathered<T>(Mutex<Vec<T>>);

impl<T> Default for Gathered<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Gathered<T> {
    pub fn add(&self, some: impl IntoIterator<Item = T>) {
        // A thread that panicked ends the run: what it left behind is read by nobody.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(some);
    }

    /// All, in no order.
    pub fn into_vec(self) -> Vec<T> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All artifacts at once, sorted by path.
pub fn emit(model: &Model, selected: &[&Target]) -> Result<Vec<Artifact>, Fault> {
    let all = Gathered::default();
    emit_each(model, selected, &|artifact| all.add([artifact]))?;
    let mut all = all.into_vec();
    all.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(all)
}

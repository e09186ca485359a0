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
    /// Hands over the artifacts of a model, some at a time; none where the model has no data for it.
    pub emit: fn(&Model, Take<'_>) -> Result<(), Fault>,
}

/// What is done with artifacts as soon as they are there.
pub type Take<'a> = &'a mut dyn FnMut(Vec<Artifact>);

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

/// Tables whose artifacts are in memory at the same time: enough for every core, few beside a large platform.
const AT_A_TIME: usize = 1024;

/// Makes the artifacts of each table on all cores, and hands them over in the order of the tables.
fn emit_all<T: Sync, A: IntoIterator<Item = Artifact> + Send>(
    tables: &[T],
    take: Take<'_>,
    artifacts: impl Fn(&T) -> Result<A, Fault> + Sync,
) -> Result<(), Fault> {
    for some in tables.chunks(AT_A_TIME) {
        let made: Vec<Result<A, Fault>> = some.par_iter().map(&artifacts).collect();
        // Of several faults the first is told, whichever was found first.
        let made: Vec<A> = made.into_iter().collect::<Result<_, _>>()?;
        take(made.into_iter().flatten().collect());
    }
    Ok(())
}

/// Hands over the artifacts of each selected target as soon as they are there, and last the kustomization over their
/// Kubernetes documents: a large platform's documents need not all be in memory at once.
pub fn emit_each(model: &Model, selected: &[&Target], take: Take<'_>) -> Result<(), Fault> {
    let mut paths = Vec::new();
    for target in selected {
        (target.emit)(model, &mut |artifacts| {
            paths.extend(artifacts.iter().map(|it| it.path.clone()));
            take(artifacts);
        })?;
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

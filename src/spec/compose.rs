//! `[compose]`: services that run under Docker Compose, and what of their capacity an override file says.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar::{Count, EntryName, Named, Positive, Rate, TableName, Text};
use crate::diag::source::Spanned;
use crate::unit::duration::Duration;

/// Workloads that run under Docker Compose: an override file for `docker compose --file … --file`.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Compose {
    /// Services and workers of this spec that Compose runs.
    pub runs: Spanned<Vec<Spanned<Text<TableName>>>>,
    /// How many containers of each: what always runs, or what the peak asks. Compose scales nothing by itself. Default: `floor`.
    #[schemars(extend("default" = "floor"))]
    pub size: Option<Spanned<Size>>,
    /// How containers are replaced, of all services (`deploy.update_config`).
    pub update: Option<Update>,
    /// When containers are started again, of all services (`deploy.restart_policy`).
    pub restart: Option<Restart>,
    /// What one of them has for itself, by the name in `runs`.
    pub service: Option<Named<TableName, ComposeService>>,
}

/// Which moment a number of containers is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Size {
    /// The fewest replicas, outside of every schedule.
    Floor,
    /// The most replicas.
    Peak,
}

/// One service of a Compose file.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ComposeService {
    /// Its name in the Compose file. Default: that in `runs`.
    pub name: Option<Spanned<Text<EntryName>>>,
    /// Pin: containers. Default: what `size` says.
    pub replicas: Option<Spanned<Count>>,
    /// Its own way of being replaced; a key that is absent is that of all.
    pub update: Option<Update>,
    /// Its own way of being started again.
    pub restart: Option<Restart>,
}

/// How containers are replaced by those of a new version.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Update {
    /// Containers at a time; 0 is all of them.
    pub parallelism: Option<Spanned<Count>>,
    /// The wait between two groups.
    pub delay: Option<Spanned<Duration>>,
    /// What happens where a new container fails.
    pub failure_action: Option<Spanned<FailureAction>>,
    /// How long a new container is watched.
    pub monitor: Option<Spanned<Duration>>,
    /// The part of them that may fail, from 0 to 1.
    pub max_failure_ratio: Option<Spanned<Rate>>,
    /// Which comes first: the end of the old container or the start of the new one.
    pub order: Option<Spanned<UpdateOrder>>,
}

/// What happens where a new container fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureAction {
    Continue,
    Pause,
    Rollback,
}

/// What comes first in an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UpdateOrder {
    StopFirst,
    StartFirst,
}

/// When a container is started again.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Restart {
    /// After which end of it.
    pub condition: Option<Spanned<RestartCondition>>,
    /// The wait before it.
    pub delay: Option<Spanned<Duration>>,
    /// How often it is tried.
    pub max_attempts: Option<Spanned<Positive>>,
    /// How long a container must run to count as started.
    pub window: Option<Spanned<Duration>>,
}

/// After which end a container is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RestartCondition {
    None,
    OnFailure,
    Any,
}

//! `[schedule.NAME]`: a window in which the floor is higher.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar::{Count, Factor, TableName, Text};
use crate::diag::source::Spanned;
use crate::unit::cron::Cron;
use crate::unit::zone::Zone;

/// A window that raises the floor of one service or worker. Exactly one of `min`, `rps`, `connections`, `event_rate`.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// The service whose floor it raises.
    pub service: Option<Spanned<Text<TableName>>>,
    /// Or the worker.
    pub worker: Option<Spanned<Text<TableName>>>,
    /// When it begins: a cron line with five fields.
    pub start: Spanned<Cron>,
    /// When it ends.
    pub end: Spanned<Cron>,
    /// The clock that `start` and `end` mean.
    pub time_zone: Spanned<Zone>,
    /// Replicas to hold meanwhile.
    pub min: Option<Spanned<Count>>,
    /// Or the requests per second to be ready for.
    pub rps: Option<Spanned<Factor>>,
    /// Or the open connections.
    pub connections: Option<Spanned<Factor>>,
    /// Or the messages per second.
    pub event_rate: Option<Spanned<Factor>>,
}

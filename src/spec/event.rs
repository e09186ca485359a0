//! `[event.NAME]`: a crowd that comes once, and what is to be ready for it. `[emergency]`: one that nobody announced.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar::{Count, Factor, Named, Positive, TableName, Text};
use crate::diag::source::Spanned;
use crate::unit::duration::Duration;
use crate::unit::moment::Moment;
use crate::unit::zone::Zone;

/// A planned event: floors and ceilings rise before it, and come down in steps after it. It happens once.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// When it begins: a date-time without quotes, on the clock of `time_zone` or with an offset.
    pub at: Spanned<Moment>,
    /// The clock that `at` means; without an offset it is required.
    pub time_zone: Option<Spanned<Zone>>,
    /// How long it lasts.
    pub duration: Spanned<Duration>,
    /// How long before it the pods are to be there: for new nodes, for images, for caches to warm. Default: "30m".
    #[schemars(extend("default" = "30m"))]
    pub lead: Option<Spanned<Duration>>,
    /// Times the demand at peak. Required, unless every workload has its own line in `demand`.
    pub factor: Option<Spanned<Factor>>,
    /// The ceiling meanwhile, as a factor on the floor: more may come than was planned. Default: 1.2.
    #[schemars(extend("default" = 1.2))]
    pub headroom: Option<Spanned<Factor>>,
    /// Services and workers that it is for. Default: all of them, or those of `demand` where there is no `factor`.
    pub workloads: Option<Spanned<Vec<Spanned<Text<TableName>>>>>,
    /// What a service or worker is to be ready for, where that is not `factor` times its peak.
    pub demand: Option<Named<TableName, Demand>>,
    /// Floors after the event, one `step` each, as parts of the floor meanwhile: `[0.8, 0.6, 0.4]`. Default: none.
    pub cooldown_steps: Option<Spanned<Vec<Spanned<Factor>>>>,
    /// How long each of `cooldown_steps` lasts. Default: "15m".
    #[schemars(extend("default" = "15m"))]
    pub step: Option<Spanned<Duration>>,
}

/// What one service or worker is to be ready for: `factor`, or a demand, or replicas.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Demand {
    /// Times its demand at peak.
    pub factor: Option<Spanned<Factor>>,
    /// Or requests per second.
    pub rps: Option<Spanned<Factor>>,
    /// Open connections, alone or beside `rps`.
    pub connections: Option<Spanned<Factor>>,
    /// Or messages per second.
    pub event_rate: Option<Spanned<Factor>>,
    /// Or replicas to hold.
    pub min: Option<Spanned<Positive>>,
    /// The most replicas meanwhile, instead of `headroom`.
    pub max: Option<Spanned<Count>>,
}

/// What to raise floors and ceilings to when a crowd comes that nobody announced: patches and commands, ready to use.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Emergency {
    /// Times the demand at peak. Required, unless every workload has its own line in `demand`.
    pub factor: Option<Spanned<Factor>>,
    /// The ceiling meanwhile, as a factor on the floor. Default: 1.2.
    #[schemars(extend("default" = 1.2))]
    pub headroom: Option<Spanned<Factor>>,
    /// Services and workers that it is for. Default: all of them, or those of `demand` where there is no `factor`.
    pub workloads: Option<Spanned<Vec<Spanned<Text<TableName>>>>>,
    /// What a service or worker is raised to, where that is not `factor` times its peak.
    pub demand: Option<Named<TableName, Demand>>,
}

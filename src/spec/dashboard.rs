//! `[dashboard]`: a Grafana dashboard over the numbers of the model.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar::{DashboardUid, DnsSubdomain, Line, Text};
use crate::diag::source::Spanned;
use crate::unit::duration::Duration;

/// A Grafana dashboard. The table asks for it; every key has a default.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dashboard {
    /// Name of the file. Default: the platform's name.
    pub name: Option<Spanned<Text<DnsSubdomain>>>,
    /// By what Grafana knows it: two of one `uid` are one dashboard. Default: `capgen-` and the name.
    pub uid: Option<Spanned<Text<DashboardUid>>>,
    /// Its title. Default: the name, and "capacity".
    pub title: Option<Spanned<Text<Line>>>,
    /// Words by which it is found.
    pub tags: Option<Spanned<Vec<Spanned<Text<Line>>>>>,
    /// How often it asks. Default: "30s".
    #[schemars(extend("default" = "30s"))]
    pub refresh: Option<Spanned<Duration>>,
    /// How far it looks back. Default: "6h".
    #[schemars(extend("default" = "6h"))]
    pub range: Option<Spanned<Duration>>,
}

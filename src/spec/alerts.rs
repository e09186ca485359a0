//! `[alerts]`: Prometheus rules from the numbers of the model.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalar::{DnsSubdomain, LabelKey, LabelName, LabelValue, Line, Named, Text, Url, Whole, Word};
use crate::diag::source::Spanned;
use crate::unit::duration::Duration;

/// A percentage of a limit.
pub type Share = Whole<1, 100>;

/// Alerts and recording rules. The table asks for them; every key has a default.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alerts {
    /// Name of the file and of the PrometheusRule. Default: the platform's name.
    pub name: Option<Spanned<Text<DnsSubdomain>>>,
    /// A plain rule file, a PrometheusRule for the Prometheus Operator, or both. Default: `prometheus`.
    #[schemars(extend("default" = "prometheus"))]
    pub format: Option<Spanned<Format>>,
    /// Labels of every alert: `{ team = "infrastructure" }`.
    pub labels: Option<Named<LabelName, Spanned<Text<Line>>>>,
    /// Labels of the PrometheusRule, by which the operator picks it: `{ release = "prometheus" }`.
    pub object_labels: Option<Named<LabelKey, Spanned<Text<LabelValue>>>>,
    /// Where the answers stand; each alert adds `#` and its name.
    pub runbook_url: Option<Spanned<Text<Url>>>,
    /// How often rules are evaluated. Default: as Prometheus is set.
    pub interval: Option<Spanned<Duration>>,
    /// How long a demand, a lag, a pool or a promise must be off before it is told. Default: "5m".
    #[schemars(extend("default" = "5m"))]
    pub r#for: Option<Spanned<Duration>>,
    /// How long pods and nodes may take to come before it is told. Default: "15m".
    #[schemars(extend("default" = "15m"))]
    pub scaling_for: Option<Spanned<Duration>>,
    /// Share of a capacity, a pool or a server's connections from which on it is told. Default: 80.
    #[schemars(extend("default" = 80))]
    pub saturation_percent: Option<Spanned<Share>>,
    /// Share of its CPU limit that a pod may use. Default: 90.
    #[schemars(extend("default" = 90))]
    pub cpu_percent: Option<Spanned<Share>>,
    /// Share of its memory limit that a pod may use. Default: 90.
    #[schemars(extend("default" = 90))]
    pub memory_percent: Option<Spanned<Share>>,
    /// What differs for one kind of alert: `[alerts.rule.PodsPending]`.
    pub rule: Option<Named<Word, Rule>>,
}

/// In which form rules are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// A rule file for `rule_files` of Prometheus.
    Prometheus,
    /// A `monitoring.coreos.com/v1` PrometheusRule, in the kustomization.
    Operator,
    /// Both.
    Both,
}

/// What differs for one kind of alert.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `false` leaves this kind of alert out.
    pub enabled: Option<Spanned<bool>>,
    /// How bad it is. Default: `critical` where people are hurt, else `warning`.
    pub severity: Option<Spanned<Severity>>,
    /// How long it must hold. Default: `for` or `scaling_for` of `[alerts]`.
    pub r#for: Option<Spanned<Duration>>,
}

/// How bad an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Info,
    Warning,
    Critical,
}

impl Severity {
    /// The word of the spec, and of the label.
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

//! What Prometheus and its operator take for granted.
//!
//! Source: `prometheus/prometheus` v3, `model/rulefmt/rulefmt.go`: a group is known by its name, a rule by what it records or
//! tells and by its labels. Groups are evaluated side by side; rules of one group one after the other, but none of capgen's
//! reads what another records.

use super::Row;
use super::Rule::{Duration, Members};

const ORDER: &str = "the order means nothing";
const SAME: &str = "the same time";

const fn row(kind: &'static str, place: &'static str, rule: super::Rule, reason: &'static str) -> Row {
    Row { kind, place, rule, reason }
}

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row("PrometheusRule", "spec groups", Members(&["name"]), ORDER),
    row("PrometheusRule", "spec groups [] rules", Members(&["record", "alert", "labels layer"]), ORDER),
    row("PrometheusRule", "spec groups [] interval", Duration, SAME),
    row("PrometheusRule", "spec groups [] rules [] for", Duration, SAME),
    row("rules", "groups", Members(&["name"]), ORDER),
    row("rules", "groups [] rules", Members(&["record", "alert", "labels layer"]), ORDER),
    row("rules", "groups [] interval", Duration, SAME),
    row("rules", "groups [] rules [] for", Duration, SAME),
];

//! Queries in PromQL. Vocabulary, not a target: rules and dashboards ask the same.
//!
//! Every label value is a quoted string in which backslashes and quotes are escaped; metric and label names passed their rules
//! in the spec.

use std::fmt::Write as _;

use crate::model::alerts::{Ceiling, Follows, Query};
use crate::model::capacity::Capacity;
use crate::model::signals::{Demand, Fits, Matcher, Series};
use crate::unit::exact::Exact;
use crate::why::Derived;

/// What a query measures, without the comparison. `window` is over how long rates are taken.
pub(super) fn value(query: &Query, window: &str) -> String {
    match query {
        Query::Demand(it) => demand(it, window),
        Query::Percentage { part, whole } => {
            format!("100 * {} / {}", rate("", part, window), rate("", whole, window))
        }
        Query::Quantile { buckets, quantile } => {
            format!("histogram_quantile({quantile}, {})", rate(" by (le) ", buckets, window))
        }
        Query::AtLeast(series) => format!("max({})", selector(series)),
        Query::ReadyBelow(series) => format!("(sum({}) or vector(0))", selector(series)),
        Query::Total(series) => format!("sum({})", selector(series)),
        Query::TotalBy { label, series } => {
            let sums: Vec<String> = series.iter().map(|it| format!("sum by ({label}) ({})", selector(it))).collect();
            sums.join(" + ")
        }
        Query::OfPod { series, is_counter: true } => rate(" by (pod) ", series, window),
        Query::OfPod { series, is_counter: false } => format!("sum by (pod) ({})", selector(series)),
        // While no pod is ready, everything waits for the first.
        Query::ForEach { total, each } => {
            format!("sum({}) / clamp_min(sum({}) or vector(0), 1)", selector(total), selector(each))
        }
        Query::Stalled { waiting, .. } => format!("sum({})", selector(waiting)),
        Query::CountAtLeast(series) => format!("count({})", selector(series)),
    }
}

/// The expression that has a result while an alert's condition holds.
pub(super) fn condition(query: &Query, threshold: &str, window: &str) -> String {
    let value = value(query, window);
    match query {
        Query::AtLeast(_) | Query::CountAtLeast(_) => format!("{value} >= {threshold}"),
        Query::ReadyBelow(_) => format!("{value} < {threshold}"),
        Query::Stalled { taken, .. } => {
            format!("{value} > {threshold} and sum(changes({}[{window}])) == 0", selector(taken))
        }
        _ => format!("{value} > {threshold}"),
    }
}

/// A limit at this moment: the number, or what becomes of it while the ceiling is raised.
pub(super) fn limit(number: &str, follows: Option<&Follows>) -> String {
    let Some(Follows { ceiling: most, usual, bound }) = follows else { return number.to_owned() };
    let usual = usual.value.to_string();
    let most = match most {
        // While nobody asks kube-state-metrics, the usual holds.
        Ceiling::Stated(_) => format!("({} or vector({usual}))", ceiling(most)),
        Ceiling::Ready(_) => format!("clamp_min({}, {usual})", ceiling(most)),
    };
    let raised = if number == usual { most } else { format!("{number} * {most} / {usual}") };
    match bound {
        Some(bound) => format!("clamp_max({raised}, {})", bound.value),
        None => raised,
    }
}

/// What one layer carries. Of all layers only the pods grow with the ceiling.
pub(super) fn carried(layer: &str, carries: &Derived<Exact>, follows: Option<&Follows>) -> String {
    let number = carries.value.to_string();
    match follows.filter(|_| layer == "pods") {
        Some(follows) => limit(&number, Some(&Follows { bound: None, ..follows.clone() })),
        None => format!("vector({number})"),
    }
}

/// The part of a capacity that a demand uses.
pub(super) fn used(demand: &str, capacity: &Capacity, follows: Option<&Follows>) -> String {
    let limit = limit(&capacity.peak.value.to_string(), follows);
    if follows.is_some() { format!("{demand} / ({limit})") } else { format!("{demand} / {limit}") }
}

/// The most pods that there may be.
pub(super) fn ceiling(ceiling: &Ceiling) -> String {
    match ceiling {
        Ceiling::Stated(series) => format!("max({})", selector(series)),
        Ceiling::Ready(series) => format!("(sum({}) or vector(0))", selector(series)),
    }
}

/// How much arrives.
pub(super) fn demand(demand: &Demand, window: &str) -> String {
    match demand.is_counter {
        true => rate("", &demand.series, window),
        false => format!("sum({})", selector(&demand.series)),
    }
}

fn rate(by: &str, series: &Series, window: &str) -> String {
    format!("sum{by}(rate({}[{window}]))", selector(series))
}

fn selector(series: &Series) -> String {
    let matchers: Vec<String> = series.matchers.iter().map(matcher).collect();
    match matchers.is_empty() {
        true => series.metric.clone(),
        false => format!("{}{{{}}}", series.metric, matchers.join(",")),
    }
}

fn matcher(matcher: &Matcher) -> String {
    let (operator, value) = match &matcher.value {
        Fits::Exactly(text) => ("=", quoted(text)),
        Fits::Not(text) => ("!=", quoted(text)),
        Fits::Pattern(text) => ("=~", quoted(text)),
        Fits::OneOf(words) => {
            let words: Vec<String> = words.iter().map(|it| literal(it)).collect();
            ("=~", quoted(&words.join("|")))
        }
    };
    format!("{}{operator}{value}", matcher.label)
}

/// A word as a regular expression of RE2 that fits nothing else.
fn literal(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for it in word.chars() {
        if it.is_ascii_punctuation() && !"-_".contains(it) {
            out.push('\\');
        }
        out.push(it);
    }
    out
}

/// A string as PromQL has it: Go's escapes (prometheus `util/strutil/quote.go`).
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for it in text.chars() {
        match it {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            // Grafana looks for its variables in a query: `$name`, `${name}` and `[[name]]`.
            '$' => out.push_str("\\x24"),
            '[' if out.ends_with('[') => out.push_str("\\x5b"),
            it if it.is_control() => {
                // Writing into a text cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(it));
            }
            it => out.push(it),
        }
    }
    out.push('"');
    out
}

/// Plain text where Prometheus and Grafana expand templates.
pub(super) fn untemplated(text: &str) -> String {
    text.replace("{{", "{{ \"{{\" }}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_cannot_end_early() {
        assert_eq!(quoted(r#"a"} or up{x="\"#), r#""a\"} or up{x=\"\\""#);
        assert_eq!(quoted("a\nb"), r#""a\u000ab""#);
        assert_eq!(quoted("${a} [[b]] [c]"), r#""\x24{a} [\x5bb]] [c]""#);
        assert_eq!(literal("a.b-c"), r"a\.b-c");
        assert_eq!(untemplated("{{{ $value }}"), "{{ \"{{\" }}{ $value }}");
    }
}

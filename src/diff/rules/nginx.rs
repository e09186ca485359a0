//! What nginx takes for granted in `upstream` and `server` blocks.
//!
//! Source: nginx.org, `http/ngx_http_upstream_module` (2026-07).

use super::Row;
use super::Rule::{Default, Duration, Text};

const ASSUMED: &str = "nginx takes it for granted";

const fn row(place: &'static str, rule: super::Rule, reason: &'static str) -> Row {
    Row { kind: "nginx", place, rule, reason }
}

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row("* weight", Default("\"1\""), ASSUMED),
    row("* max_fails", Default("\"1\""), ASSUMED),
    row("* max_conns", Default("\"0\""), ASSUMED),
    row("* fail_timeout", Default("\"10s\""), ASSUMED),
    row("* fail_timeout", Duration, "the same time"),
    row("* *", Text, "nginx reads both alike"),
    row("*", Text, "nginx reads both alike"),
];

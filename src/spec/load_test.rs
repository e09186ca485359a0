//! `[load_test.NAME]`: a script that brings the demand of the spec, to see whether the supply carries it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::metrics::Slo;
use super::scalar::{
    BaseUrl, Factor, HeaderName, HeaderValue, HttpMethod, Line, Named, Positive, Rate, RequestPath, TableName, Text,
    VariableName, Whole,
};
use crate::diag::source::Spanned;
use crate::unit::duration::Duration;

/// A load test of one service.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoadTest {
    /// The service whose demand it brings.
    pub service: Spanned<Text<TableName>>,
    /// The program that runs it. Default: `k6`.
    #[schemars(extend("default" = "k6"))]
    pub tool: Option<Spanned<Tool>>,
    /// Where the service answers, where no variable says so.
    pub url: Option<Spanned<Text<BaseUrl>>>,
    /// The variable that says where the service answers. Default: "BASE_URL".
    #[schemars(extend("default" = "BASE_URL"))]
    pub url_env: Option<Spanned<Text<VariableName>>>,
    /// What is asked. Default: `GET /`.
    pub requests: Option<Vec<Request>>,
    /// Headers of every request.
    pub headers: Option<Named<HeaderName, Spanned<Text<HeaderValue>>>>,
    /// Headers whose values are secrets: the variables that hold them, `{ Authorization = "TOKEN" }`.
    pub headers_env: Option<Named<HeaderName, Spanned<Text<VariableName>>>>,
    /// Requests per second at the top. Default: the service's `target_rps`.
    pub target_rps: Option<Spanned<Factor>>,
    /// Requests per second at the start. Default: the service's `base_rps`, or 0.
    pub start_rps: Option<Spanned<Rate>>,
    /// The top alone, from the first second to the last, instead of `stages`.
    pub duration: Option<Spanned<Duration>>,
    /// How the rate changes. Default: two minutes up, five at the top, two down.
    pub stages: Option<Spanned<Vec<Stage>>>,
    /// How long a request takes: it decides how many wait at once. Default: `p95` of the promise, or "1s".
    pub response_time: Option<Spanned<Duration>>,
    /// Factor on those that wait at once, for answers that are slower than expected. Default: 2.
    #[schemars(extend("default" = 2))]
    pub margin: Option<Spanned<Factor>>,
    /// What must hold. Default: the service's `slo`.
    pub slo: Option<Slo>,
}

/// The program that runs a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tool {
    K6,
    Locust,
}

/// One kind of request.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Default: `GET`, or `POST` where there is a body.
    pub method: Option<Spanned<Text<HttpMethod>>>,
    /// Path and query: "/api/v1/tasks".
    pub path: Spanned<Text<RequestPath>>,
    /// The body, as it is sent.
    pub body: Option<Spanned<Text<Line>>>,
    /// Its share among all requests. Default: 1.
    #[schemars(extend("default" = 1))]
    pub weight: Option<Spanned<Positive>>,
    /// The status of a good answer. Default: any below 400.
    pub status: Option<Spanned<Whole<100, 599>>>,
}

/// A part of the test. Exactly one of `rps` and `percent`.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// How long it takes to come to the rate.
    pub duration: Spanned<Duration>,
    /// Requests per second at its end.
    pub rps: Option<Spanned<Rate>>,
    /// Or the share of the top.
    pub percent: Option<Spanned<Whole<0, 1000>>>,
}

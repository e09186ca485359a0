//! Load tests: a script of k6 or of Locust for each, from a template, because programs have no serializer.
//!
//! It knows which template is for which tool. Every text is printed as a literal of the language, so that nothing a spec says can
//! be code; secrets are read from variables when the test runs.

use serde::Serialize;

use crate::doc::template::{Language, Template};
use crate::doc::{Artifact, Body, ser};
use crate::model::Model;
use crate::model::load_tests::{LoadTest, Request, Stage, Tool};
use crate::model::nodes::decimal;
use crate::unit::exact::Exact;
use crate::why::Derived;

use super::{Fault, Take, Target};

pub(super) static TARGET: Target = Target {
    name: "load-test",
    summary: "a load test for k6 or Locust: load-tests/<name>.js, load-tests/<name>.py",
    emit,
};

pub(super) static K6: Template = Template {
    name: "k6/load-test.js.j2",
    source: include_str!("../../templates/k6/load-test.js.j2"),
    comment: "//",
    language: Language::Script,
    fuel: FUEL,
};

pub(super) static LOCUST: Template = Template {
    name: "locust/locustfile.py.j2",
    source: include_str!("../../templates/locust/locustfile.py.j2"),
    comment: "#",
    language: Language::Script,
    fuel: FUEL,
};

/// Steps of the engine: some forty for each of ten thousand requests, four times over.
const FUEL: u64 = 2_000_000;

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    super::emit_all(&model.load_tests, take, |test| Ok([artifact(test, model)?]))
}

fn artifact(test: &LoadTest, model: &Model) -> Result<Artifact, Fault> {
    let (template, ending) = match test.tool {
        Tool::K6 => (&K6, "js"),
        Tool::Locust => (&LOCUST, "py"),
    };
    let file = format!("{}.{ending}", test.name);
    let context = ser::to_node(&Context::new(test, &file))?;
    let replacement = model.templates.get(template.name).map(String::as_str);
    let text = template.render(replacement, &context).map_err(|error| match replacement {
        Some(_) => Fault::Template { name: template.name, owner: test.address.clone(), error },
        None => Fault::Internal(format!("`{}` for `{}`: {error}", template.name, test.address)),
    })?;
    Ok(Artifact { path: format!("load-tests/{file}"), owner: test.address.clone(), body: Body::Text(text) })
}

/// What the templates see. `docs/templates.md` promises every name and type to people who replace them.
#[derive(Debug, Serialize)]
struct Context<'a> {
    name: &'a str,
    file: &'a str,
    service: &'a Derived<String>,
    url: Option<&'a Derived<String>>,
    url_env: &'a Derived<String>,
    requests: Vec<RequestEntry<'a>>,
    headers: Vec<Header<'a>>,
    headers_env: Vec<SecretHeader<'a>>,
    start: &'a Derived<i64>,
    start_users: &'a Derived<i64>,
    constant: bool,
    stages: Vec<StageEntry<'a>>,
    in_flight: &'a Derived<i64>,
    max_in_flight: &'a Derived<i64>,
    rate_per_user: Derived<Number>,
    p95: Option<&'a Derived<i64>>,
    p99: Option<&'a Derived<i64>>,
    error_rate: Option<Derived<Number>>,
}

#[derive(Debug, Serialize)]
struct RequestEntry<'a> {
    method: &'a Derived<String>,
    path: &'a Derived<String>,
    body: Option<&'a Derived<String>>,
    weight: &'a Derived<i64>,
    status: Option<&'a Derived<i64>>,
}

#[derive(Debug, Serialize)]
struct Header<'a> {
    name: &'a str,
    value: &'a Derived<String>,
}

#[derive(Debug, Serialize)]
struct SecretHeader<'a> {
    name: &'a str,
    variable: &'a Derived<String>,
}

#[derive(Debug, Serialize)]
struct StageEntry<'a> {
    seconds: &'a Derived<i64>,
    rate: &'a Derived<i64>,
    users: &'a Derived<i64>,
}

/// A decimal as a number of the engine.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Number {
    Float(f64),
    Text(String),
}

impl Number {
    fn of(number: &Exact) -> Self {
        let text = decimal(*number);
        text.parse().map_or(Self::Text(text), Self::Float)
    }
}

impl<'a> Context<'a> {
    fn new(test: &'a LoadTest, file: &'a str) -> Self {
        let headers = test.headers.iter().map(|(name, value)| Header { name, value });
        let secret = test.headers_env.iter().map(|(name, variable)| SecretHeader { name, variable });
        Self {
            name: &test.name,
            file,
            service: &test.service,
            url: test.url.as_ref(),
            url_env: &test.url_env,
            requests: test.requests.iter().map(RequestEntry::new).collect(),
            headers: headers.collect(),
            headers_env: secret.collect(),
            start: &test.start,
            start_users: &test.start_users,
            constant: test.is_constant,
            stages: test.stages.iter().map(StageEntry::new).collect(),
            in_flight: &test.in_flight,
            max_in_flight: &test.max_in_flight,
            rate_per_user: test.rate_per_user.map(Number::of),
            p95: test.p95.as_ref(),
            p99: test.p99.as_ref(),
            error_rate: test.error_rate.as_ref().map(|it| it.map(Number::of)),
        }
    }
}

impl<'a> RequestEntry<'a> {
    fn new(request: &'a Request) -> Self {
        Self {
            method: &request.method,
            path: &request.path,
            body: request.body.as_ref(),
            weight: &request.weight,
            status: request.status.as_ref(),
        }
    }
}

impl<'a> StageEntry<'a> {
    fn new(stage: &'a Stage) -> Self {
        Self { seconds: &stage.seconds, rate: &stage.rate, users: &stage.users }
    }
}

//! Load tests: the rates of a test, and how many must wait at once so that the rates are really reached.
//!
//! Little's law: at a rate of λ per second and W seconds for each answer, λ × W wait at once. A tool that has fewer of them
//! slows down with the service and never shows what it cannot carry, so the rates are those of arrivals (an open model), and there are
//! `margin` times as many as the expected answer asks for.

use crate::diag::source::{Span, Spanned};
use crate::diag::{Diagnostic, suggest};
use crate::spec::Spec;
use crate::spec::load_test::{
    LoadTest as Written, Request as WrittenRequest, Stage as WrittenStage, Tool as WrittenTool,
};
use crate::unit::duration::Duration;
use crate::unit::exact::Exact;
use crate::why::{Address, Derived};

use super::reasons::{Answer, Reasons};
use super::signals::{self, Promise};
use super::workloads::{LoadKind, Workload};

/// The program that runs a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    K6,
    Locust,
}

/// A load test.
#[derive(Debug)]
pub struct LoadTest {
    pub name: String,
    /// `load_test.peak`.
    pub address: Address,
    pub tool: Tool,
    /// The service.
    pub service: Derived<String>,
    pub url: Option<Derived<String>>,
    pub url_env: Derived<String>,
    /// Never empty.
    pub requests: Vec<Request>,
    pub headers: Vec<(String, Derived<String>)>,
    pub headers_env: Vec<(String, Derived<String>)>,
    /// Requests per second at the start, rounded up.
    pub start: Derived<i64>,
    /// Users of a closed model who bring the rate of the start.
    pub start_users: Derived<i64>,
    /// Whether the top is held from the first second on.
    pub is_constant: bool,
    /// Never empty.
    pub stages: Vec<Stage>,
    /// Requests that wait at once at the top.
    pub in_flight: Derived<i64>,
    /// As many at the most.
    pub max_in_flight: Derived<i64>,
    /// What one user of a closed model brings per second.
    pub rate_per_user: Derived<Exact>,
    /// In milliseconds.
    pub p95: Option<Derived<i64>>,
    /// In milliseconds.
    pub p99: Option<Derived<i64>>,
    /// As a fraction.
    pub error_rate: Option<Derived<Exact>>,
}

/// One kind of request.
#[derive(Debug)]
pub struct Request {
    pub method: Derived<String>,
    pub path: Derived<String>,
    pub body: Option<Derived<String>>,
    pub weight: Derived<i64>,
    pub status: Option<Derived<i64>>,
}

/// A part of the test.
#[derive(Debug)]
pub struct Stage {
    /// In whole seconds.
    pub seconds: Derived<i64>,
    /// Requests per second at its end, rounded up.
    pub rate: Derived<i64>,
    /// Users of a closed model who bring that rate.
    pub users: Derived<i64>,
}

/// Up, at the top, down: seconds and percent of the top.
const STAGES: [(i64, i64); 3] = [(120, 100), (300, 100), (120, 0)];

pub(super) fn resolve(spec: &Spec, workloads: &[Workload], reasons: &mut Reasons) -> Vec<LoadTest> {
    let mut tests = Vec::new();
    for (name, entry) in spec.load_test.iter().filter(|(name, _)| !spec.is_damaged("load_test", name)) {
        tests.extend(load_test(spec, name, entry.key, &entry.value, workloads, reasons));
    }
    tests
}

fn load_test(
    spec: &Spec,
    name: &str,
    place: Span,
    written: &Written,
    workloads: &[Workload],
    reasons: &mut Reasons,
) -> Option<LoadTest> {
    let address = Address::of(["load_test", name]);
    let at = |key: &str| address.child(key);
    let target = written.service.value.as_str();
    let service = reasons.taken(at("service"), target.to_owned(), written.service.span);
    check_service(spec, target, written.service.span, reasons);
    let workload = workloads.iter().find(|it| it.name == target);
    let load = workload.and_then(|it| it.loads.iter().find(|load| load.kind == LoadKind::Requests));
    let top_rps = match (&written.target_rps, load.and_then(|it| it.target.as_ref())) {
        (Some(rps), _) => Some(reasons.taken(at("target_rps"), rps.value.0, rps.span)),
        (None, target) => target.cloned(),
    };
    if top_rps.is_none() && workload.is_some() {
        let message = format!("`{address}` does not say which rate it goes to, and neither does `service.{target}`");
        reasons.sink.error(Diagnostic::error(message).at(place, "").help("write `target_rps = 1_000`"));
    }
    let start_rps = start_rps(written, load.and_then(|it| it.base.as_ref()), &address, reasons);
    let own = written.slo.as_ref().map(|it| signals::promise(it, &at("slo"), reasons));
    let of_service = spec.service.get(target).and_then(|it| it.value.slo.as_ref());
    let slo =
        own.or_else(|| of_service.map(|it| signals::promise(it, &Address::of(["service", target, "slo"]), reasons)));
    let slo = slo.unwrap_or_default();
    let requests = requests(written.requests.as_deref(), &address, place, reasons);
    let (headers, headers_env) = headers(written, &address, reasons);
    let url = written.url.as_ref().map(|it| reasons.taken(at("url"), it.value.as_str().to_owned(), it.span));
    let url_env = match &written.url_env {
        Some(it) => reasons.taken(at("url_env"), it.value.as_str().to_owned(), it.span),
        None => reasons.default(at("url_env"), "BASE_URL".to_owned(), "what most scripts call it"),
    };
    let tool = written.tool.map(|it| {
        let (tool, word) = match it.value {
            WrittenTool::K6 => (Tool::K6, "k6"),
            WrittenTool::Locust => (Tool::Locust, "locust"),
        };
        reasons.taken(at("tool"), word, it.span);
        tool
    });
    let response = response_time(written, &slo, &address, reasons);
    let margin = match &written.margin {
        Some(it) => reasons.taken(at("margin"), it.value.0, it.span),
        None => reasons.default(at("margin"), Exact::from(2), "answers may take twice as long before the rate breaks"),
    };
    let top_rps = top_rps?;
    let scene = Scene { address: &address, place, top: &top_rps, response: &response, margin: &margin };
    let stages = scene.stages(written, reasons)?;
    // Without a beginning of its own it is at the top at once.
    let start_rps = start_rps.unwrap_or_else(|| top_rps.clone());
    let start = scene.whole("start_rate", &start_rps, reasons)?;
    // The highest rate may be that of a stage, or the one it starts from.
    let rates = stages.iter().map(|it| &it.rate).chain([&start]);
    let highest = rates.max_by_key(|it| it.value)?.map(|it| Exact::from(*it));
    let scene = Scene { top: &highest, ..scene };
    let start_users = Scene { top: &start_rps, ..scene }.in_flight("start_users", margin.value, reasons)?;
    let in_flight = scene.in_flight("in_flight", Exact::from(1), reasons)?;
    let max_in_flight = scene.in_flight("max_in_flight", margin.value, reasons)?;
    Some(LoadTest {
        name: name.to_owned(),
        tool: tool.unwrap_or(Tool::K6),
        service,
        url,
        url_env,
        requests,
        headers,
        headers_env,
        start,
        start_users,
        is_constant: written.duration.is_some(),
        stages,
        in_flight,
        max_in_flight,
        rate_per_user: scene.rate_per_user(reasons),
        p95: slo.p95.as_ref().map(milliseconds),
        p99: slo.p99.as_ref().map(milliseconds),
        error_rate: slo.error_percent.map(|it| it.map(|percent| *percent / Exact::from(100))),
        address,
    })
}

/// Where the rate begins; `None` where it is the same all the time.
fn start_rps(
    written: &Written,
    base: Option<&Derived<Exact>>,
    address: &Address,
    reasons: &mut Reasons,
) -> Option<Derived<Exact>> {
    let at = address.child("start_rps");
    match (&written.start_rps, &written.duration, base) {
        (Some(rps), Some(duration), _) => {
            let message = format!("`{at}` decides nothing beside `duration`: the rate is the same all the time");
            let diagnostic = Diagnostic::error(message).at(rps.span, "").at(duration.span, "the top alone");
            reasons.sink.error(diagnostic.help("write `stages` instead of `duration`, or take the line out"));
            None
        }
        (None, Some(_), _) => None,
        (Some(rps), None, _) => Some(reasons.taken(at, rps.value.0, rps.span)),
        (None, None, Some(base)) => Some(base.clone()),
        (None, None, None) => Some(reasons.default(at, Exact::ZERO, "from nothing: a service that has just started")),
    }
}

fn check_service(spec: &Spec, target: &str, place: Span, reasons: &mut Reasons) {
    if spec.service.get(target).is_none() && !spec.is_damaged("service", target) {
        let message = format!("there is no `[service.{target}]`");
        let help = match spec.service.is_empty() {
            true => "a load test is for a service, and the spec has none".to_owned(),
            false => suggest::help(target, spec.service.iter().map(|(name, _)| name)),
        };
        reasons.sink.error(Diagnostic::error(message).at(place, "named here").help(help));
    }
}

fn milliseconds(seconds: &Derived<Exact>) -> Derived<i64> {
    seconds.map(|it| (*it * Exact::from(1000)).ceil().unwrap_or_default())
}

/// What is written, or else `GET /`.
fn requests(written: Option<&[WrittenRequest]>, address: &Address, place: Span, reasons: &mut Reasons) -> Vec<Request> {
    let at = address.child("requests");
    let Some(written) = written else {
        let reason = "the one page that every service has";
        let at = at.index(0);
        return vec![Request {
            method: reasons.default(at.child("method"), "GET".to_owned(), reason),
            path: reasons.default(at.child("path"), "/".to_owned(), reason),
            body: None,
            weight: reasons.default(at.child("weight"), 1, "all are alike"),
            status: None,
        }];
    };
    if written.is_empty() {
        let message = format!("`{at}` is empty: there is nothing to ask");
        let help = "write `requests = [{ path = \"/\" }]`, or take the line out";
        reasons.sink.error(Diagnostic::error(message).at(place, "").help(help));
    }
    let request = |(index, written): (usize, &WrittenRequest)| {
        let at = at.index(index);
        let mut text = |key: &str, text: &str, span| reasons.taken(at.child(key), text.to_owned(), span);
        let path = text("path", written.path.value.as_str(), written.path.span);
        let body = written.body.as_ref().map(|it| text("body", it.value.as_str(), it.span));
        let method = written.method.as_ref().map(|it| text("method", it.value.as_str(), it.span));
        let default = if body.is_some() { "POST" } else { "GET" };
        let reason = "what a request with a body, or without one, mostly is";
        let method = method.unwrap_or_else(|| reasons.default(at.child("method"), default.to_owned(), reason));
        let weight = match written.weight {
            Some(it) => reasons.taken(at.child("weight"), it.value.0, it.span),
            None => reasons.default(at.child("weight"), 1, "all are alike"),
        };
        let status = written.status.map(|it| reasons.taken(at.child("status"), it.value.0, it.span));
        Request { method, path, body, weight, status }
    };
    written.iter().enumerate().map(request).collect()
}

/// Headers that are secrets.
const SECRET: [&str; 4] = ["Authorization", "Cookie", "Proxy-Authorization", "X-API-Key"];

type Headers = Vec<(String, Derived<String>)>;

/// Headers as they are, and headers from variables; none in both.
fn headers(written: &Written, address: &Address, reasons: &mut Reasons) -> (Headers, Headers) {
    let mut plain = Headers::new();
    for (name, entry) in written.headers.iter().flat_map(|it| it.iter()) {
        if SECRET.iter().any(|it| it.eq_ignore_ascii_case(name)) {
            let message = format!("the header `{name}` would write a secret into a file");
            let help =
                format!("write `headers_env = {{ {name} = \"TOKEN\" }}`, and set the variable when the test runs");
            reasons.sink.error(Diagnostic::error(message).at(entry.key, "").help(help));
        }
        let text = entry.value.value.as_str().to_owned();
        plain.push((name.to_owned(), reasons.taken(address.child("headers").child(name), text, entry.value.span)));
    }
    let mut secret = Headers::new();
    for (name, entry) in written.headers_env.iter().flat_map(|it| it.iter()) {
        if let Some((_, first)) = plain.iter().find(|(it, _)| it.eq_ignore_ascii_case(name)) {
            let message = format!("`{address}` says twice what the header `{name}` is");
            let diagnostic = Diagnostic::error(message).at(entry.key, "from a variable");
            let first = reasons.causes.written_at(&first.address);
            reasons.sink.error(diagnostic.at_some(first, "and written out").help("keep one of the two"));
        }
        let text = entry.value.value.as_str().to_owned();
        let at = address.child("headers_env").child(name);
        secret.push((name.to_owned(), reasons.taken(at, text, entry.value.span)));
    }
    (plain, secret)
}

/// In seconds: what is written, what is promised, or a second.
fn response_time(written: &Written, slo: &Promise, address: &Address, reasons: &mut Reasons) -> Derived<Exact> {
    let at = address.child("response_time");
    match (&written.response_time, &slo.p95) {
        (Some(time), _) => {
            check_time(&at, time, reasons);
            let text = reasons.taken(at, time.value.text().to_owned(), time.span);
            text.map(|_| Exact::fraction(time.value.millis(), 1000))
        }
        (None, Some(p95)) => p95.clone(),
        (None, None) => {
            let reason = "nobody said how long an answer takes, and more waiting users do no harm";
            reasons.default(at, Exact::from(1), reason)
        }
    }
}

fn check_time(at: &Address, time: &Spanned<Duration>, reasons: &mut Reasons) {
    if time.value.millis() == 0 {
        let message = format!("`{at}` is no time at all");
        reasons.sink.error(Diagnostic::error(message).at(time.span, "").help("write one such as `\"500ms\"`"));
    }
}

/// What the rates of one test come from.
struct Scene<'a> {
    address: &'a Address,
    place: Span,
    top: &'a Derived<Exact>,
    /// In seconds.
    response: &'a Derived<Exact>,
    margin: &'a Derived<Exact>,
}

impl Scene<'_> {
    /// A rate as the tools take it: whole, and never less than was asked for.
    fn whole(&self, key: &str, rate: &Derived<Exact>, reasons: &mut Reasons) -> Option<Derived<i64>> {
        let at = self.address.child(key);
        let value = reasons.ceil(rate.value, &at, self.place)?;
        let numbers = format!("ceil({})", rate.value.recomputable());
        let symbolic = "the rate, rounded up";
        Some(reasons.computed(at, Answer { value, symbolic, numbers, inputs: vec![rate.address.clone()] }))
    }

    fn stages(&self, written: &Written, reasons: &mut Reasons) -> Option<Vec<Stage>> {
        let at = self.address.child("stages");
        if let (Some(duration), Some(stages)) = (&written.duration, &written.stages) {
            let message = format!("`{}` has both `duration` and `stages`", self.address);
            let diagnostic =
                Diagnostic::error(message).at(duration.span, "the top alone").at(stages.span, "and stages");
            reasons.sink.error(diagnostic.help("keep one of the two"));
            return None;
        }
        if let Some(duration) = &written.duration {
            let seconds = whole_seconds(self.address.child("duration"), duration, reasons)?;
            return Some(vec![self.stage(&at.index(0), seconds, self.top.clone(), reasons)?]);
        }
        let Some(written) = &written.stages else {
            let stage = |(index, (seconds, percent)): (usize, (i64, i64))| {
                let at = at.index(index);
                let reason = "two minutes up, five at the top, two down";
                let seconds = reasons.default(at.child("seconds"), seconds, reason);
                let percent = reasons.default(at.child("percent"), percent, reason);
                let rate = self.part(&at, &percent, reasons);
                self.stage(&at, seconds, rate, reasons)
            };
            return STAGES.into_iter().enumerate().map(stage).collect();
        };
        if written.value.is_empty() {
            let message = format!("`{at}` is empty: the test would end before it begins");
            let help = "write `stages = [{ duration = \"2m\", percent = 100 }]`, or take the line out";
            reasons.sink.error(Diagnostic::error(message).at(written.span, "").help(help));
            return None;
        }
        let stages = written.value.iter().enumerate();
        let stages: Vec<Option<Stage>> =
            stages.map(|(index, it)| self.written_stage(&at.index(index), it, reasons)).collect();
        stages.into_iter().collect()
    }

    fn written_stage(&self, at: &Address, written: &WrittenStage, reasons: &mut Reasons) -> Option<Stage> {
        let rate = match (&written.rps, written.percent) {
            (Some(rps), None) => Some(reasons.taken(at.child("rps"), rps.value.0, rps.span)),
            (None, Some(percent)) => {
                let percent = reasons.taken(at.child("percent"), percent.value.0, percent.span);
                Some(self.part(at, &percent, reasons))
            }
            (rps, percent) => {
                let message = format!("`{at}` must say exactly one of `rps` and `percent`");
                let places = rps.iter().map(|it| it.span).chain(percent.iter().map(|it| it.span));
                let diagnostic = Diagnostic::error(message).at(written.duration.span, "of this stage");
                let diagnostic = places.fold(diagnostic, |it, span| it.at(span, "a rate"));
                reasons.sink.error(diagnostic.help("write `percent = 100`"));
                None
            }
        };
        let seconds = whole_seconds(at.child("duration"), &written.duration, reasons);
        self.stage(at, seconds?, rate?, reasons)
    }

    /// A part of the top.
    fn part(&self, at: &Address, percent: &Derived<i64>, reasons: &mut Reasons) -> Derived<Exact> {
        let answer = Answer {
            value: self.top.value * Exact::fraction(percent.value, 100),
            symbolic: "target_rps × percent",
            numbers: format!("{} × {} %", self.top.value.recomputable(), percent.value),
            inputs: vec![self.top.address.clone(), percent.address.clone()],
        };
        reasons.computed(at.child("rps"), answer)
    }

    fn stage(&self, at: &Address, seconds: Derived<i64>, rate: Derived<Exact>, reasons: &mut Reasons) -> Option<Stage> {
        let here = Scene { address: at, top: &rate, ..*self };
        Some(Stage {
            seconds,
            rate: here.whole("rate", &rate, reasons)?,
            users: here.in_flight("users", self.margin.value, reasons)?,
        })
    }

    /// Little's law: what arrives in the time of one answer waits at once. At least one.
    fn in_flight(&self, key: &str, margin: Exact, reasons: &mut Reasons) -> Option<Derived<i64>> {
        let at = self.address.child(key);
        let exact = self.top.value * self.response.value * margin;
        let value = reasons.ceil(exact, &at, self.place)?.max(1);
        let (top, response) = (self.top.value.recomputable(), self.response.value.recomputable());
        let mut inputs = vec![self.top.address.clone(), self.response.address.clone()];
        let (symbolic, numbers) = match margin == Exact::from(1) {
            true => ("max(1, ceil(rate × response_time)): Little's law", format!("ceil({top} × {response} s)")),
            false => {
                inputs.push(self.margin.address.clone());
                let numbers = format!("ceil({top} × {response} s × {})", margin.recomputable());
                ("max(1, ceil(rate × response_time × margin)): Little's law", numbers)
            }
        };
        let numbers = if exact.is_positive() { numbers } else { format!("max(1, {numbers})") };
        Some(reasons.computed(at, Answer { value, symbolic, numbers, inputs }))
    }

    /// A user who asks again so often brings this rate as long as answers take no longer.
    fn rate_per_user(&self, reasons: &mut Reasons) -> Derived<Exact> {
        let (response, margin) = (self.response, self.margin);
        let answer = Answer {
            value: Exact::from(1) / (response.value * margin.value),
            symbolic: "1 / (response_time × margin)",
            numbers: format!("1 / ({} s × {})", response.value.recomputable(), margin.value.recomputable()),
            inputs: vec![response.address.clone(), margin.address.clone()],
        };
        reasons.computed(self.address.child("rate_per_user"), answer)
    }
}

/// Whole seconds, for that is what every tool takes.
fn whole_seconds(at: Address, written: &Spanned<Duration>, reasons: &mut Reasons) -> Option<Derived<i64>> {
    match written.value.whole_seconds() {
        Some(seconds @ 1..) => Some(reasons.taken(at, seconds, written.span)),
        _ => {
            let message = format!("`{at}` must be whole seconds, at least one");
            reasons.sink.error(Diagnostic::error(message).at(written.span, "").help("write one such as `\"2m\"`"));
            None
        }
    }
}

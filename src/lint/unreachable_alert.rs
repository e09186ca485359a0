//! An alert about PgBouncer that can never fire.

use crate::doc::object::Object;
use crate::doc::value::Node;

use super::files::{get, kind, pools, text};
use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "unreachable-alert",
    level: Level::Warn,
    docs: r#"
### What it does
Compares alerts that ask whether a metric of `pgbouncer_exporter` is above a number, and nothing else, with the most that the PgBouncers among the files allow: pools and reserves,
`max_db_connections`, `max_client_conn`. It reads PrometheusRules and files of rules.
### Why is this bad?
A pool that is full stands at its limit and never above: the alert is silent at just the moment that it is there for.
### Example
`pgbouncer_pools_server_active_connections > 150`, where a pool has 25 connections at most
### Instead
Write a number below the limit, or look at who waits: `pgbouncer_pools_client_waiting_connections > 0`. capgen derives both (target `alerts`).
"#,
    check: Check::Files(check),
};

/// What bounds a metric.
#[derive(Clone, Copy, PartialEq)]
enum Bound {
    /// The pool of one user of an entry.
    Pool,
    /// All pools of an entry.
    Database,
    Clients,
}

/// By the names of `prometheus-community/pgbouncer_exporter`, with the label that holds the entry.
const METRICS: [(&str, Bound, &str); 8] = [
    ("pgbouncer_databases_current_connections", Bound::Database, "name"),
    ("pgbouncer_pools_client_active_connections", Bound::Clients, "database"),
    ("pgbouncer_pools_client_waiting_connections", Bound::Clients, "database"),
    ("pgbouncer_pools_server_active_connections", Bound::Pool, "database"),
    ("pgbouncer_pools_server_idle_connections", Bound::Pool, "database"),
    ("pgbouncer_pools_server_login_connections", Bound::Pool, "database"),
    ("pgbouncer_pools_server_testing_connections", Bound::Pool, "database"),
    ("pgbouncer_pools_server_used_connections", Bound::Pool, "database"),
];

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for (object, rule) in files.rules() {
        let Some((alert, expression)) = text(rule, "alert").zip(get(rule, "expr")) else { continue };
        let Some(asked) = expression.as_str().and_then(comparison) else { continue };
        let Some((_, bound, label)) = METRICS.iter().find(|(metric, ..)| *metric == asked.metric) else { continue };
        let Some(limit) = limit(files, object, *bound, asked.entry(label)) else { continue };
        if !asked.is_above(limit.most) {
            continue;
        }
        let title = match kind(object) {
            "" => object.file.clone(),
            _ => object.identity.to_string(),
        };
        let most = limit.most;
        let message = format!("`{title}`: `{alert}` never fires: {} at most {most}", limit.what);
        let finding = findings
            .finding(message)
            .at(files.at(object, expression), format!("asks for more than {most}"))
            .at(files.at(limit.ini, limit.place), "the limit");
        findings.push(finding.help(format!("compare with a number below {most}, or alert on clients that wait")));
    }
}

/// The most that a metric reaches, and what says so.
struct Limit<'a> {
    most: i64,
    what: String,
    ini: &'a Object,
    place: &'a Node,
}

/// Over all PgBouncers that may be meant; `None` where one of them has no limit.
fn limit<'a>(files: &Files<'a>, near: &Object, bound: Bound, entry: Option<&str>) -> Option<Limit<'a>> {
    let mut limit: Option<Limit<'a>> = None;
    for ini in files.pgbouncers().filter(|it| files.are_near(it, near)) {
        for found in limits(ini, bound, entry)? {
            if limit.as_ref().is_none_or(|it| found.most > it.most) {
                limit = Some(found);
            }
        }
    }
    limit
}

fn limits<'a>(ini: &'a Object, bound: Bound, entry: Option<&str>) -> Option<Vec<Limit<'a>>> {
    if bound == Bound::Clients {
        let (written, most) = pools::clients(ini)?;
        return Some(vec![Limit {
            most,
            what: "the clients are".to_owned(),
            ini,
            place: written.unwrap_or(&ini.tree),
        }]);
    }
    let all = pools::pools(ini)?;
    // `*` stands for every name that has no entry.
    let is_named = all.iter().any(|it| Some(it.name) == entry);
    let is_meant = |name: &str| entry.is_none_or(|it| if is_named { it == name } else { name == "*" });
    let one = |it: pools::Entry<'a>| {
        let (most, what) = match bound {
            Bound::Database => (it.of_all?, format!("the connections of `{}` are", it.name)),
            _ => (it.of_user, format!("the connections of a pool of `{}` are", it.name)),
        };
        let limit = get(it.node, "max_db_connections").or_else(|| pools::global(ini, "max_db_connections"));
        let place = if bound == Bound::Database { limit.or(it.place) } else { it.place };
        Some(Limit { most, what, ini, place: place.unwrap_or(it.node) })
    };
    all.into_iter().filter(|it| is_meant(it.name)).map(one).collect()
}

/// `metric{label="value"} > 150`.
struct Comparison<'a> {
    metric: &'a str,
    labels: &'a str,
    is_strict: bool,
    number: f64,
}

impl<'a> Comparison<'a> {
    /// The entry that the labels name; `None`: any.
    fn entry(&self, label: &str) -> Option<&'a str> {
        self.labels.split(',').find_map(|it| {
            let value = it.trim().strip_prefix(label)?.trim_start().strip_prefix('=')?.trim_start();
            value.strip_prefix('"')?.strip_suffix('"').or_else(|| value.strip_prefix('\'')?.strip_suffix('\''))
        })
    }

    /// Whether nothing up to a limit is as large as is asked for.
    fn is_above(&self, most: i64) -> bool {
        // A limit of connections is far below what a float holds exactly.
        let most = i32::try_from(most).map_or(f64::INFINITY, f64::from);
        if self.is_strict { self.number >= most } else { self.number > most }
    }
}

/// Only what is one metric, compared with one number: no function, no operator, no range.
fn comparison(expression: &str) -> Option<Comparison<'_>> {
    let expression = expression.trim();
    let is_name = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | ':');
    let (metric, rest) = expression.split_at(expression.find(|it| !is_name(it))?);
    let rest = rest.trim_start();
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(inside) => inside.split_once('}')?,
        None => ("", rest),
    };
    let rest = rest.trim_start();
    let operators = [(">=", false), ("==", false), (">", true)];
    let (number, is_strict) = operators.iter().find_map(|(sign, strict)| Some((rest.strip_prefix(sign)?, *strict)))?;
    let number = number.trim().parse::<f64>().ok().filter(|it| it.is_finite())?;
    Some(Comparison { metric, labels, is_strict, number })
}

//! The page of `capgen report`: what every layer carries against what is asked, in one HTML file that needs nothing else.
//!
//! It has no script, loads nothing (its own policy forbids it), prints, and is read by keyboard and by ear: every chart repeats
//! numbers that stand beside it as text. Lengths in a chart are drawn, never printed: the model has computed every number
//! that can be read. How a table and a bar look in HTML stands in `table` and `bars`, one section each in the other files.

mod bars;
mod capacity;
mod connections;
mod nodes;
mod numbers;
mod table;
mod workloads;

use crate::diag::source::Sources;
use crate::doc::markup::{grouped, html};
use crate::model::Model;
use crate::model::workloads::Family;
use crate::unit::exact::Exact;
use crate::why::{Address, Derived};

/// What the page is made from.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    pub model: &'a Model,
    pub sources: &'a Sources,
    /// The environment that was laid on the spec.
    pub environment: Option<&'a str>,
}

/// Colours, distances and what changes in the dark, on paper and on small screens.
const STYLE: &str = include_str!("page/page.css");

/// A part of the page: nothing where the model has nothing for it.
struct Section {
    id: &'static str,
    title: &'static str,
    /// HTML.
    body: String,
}

/// The whole page.
pub fn html_page(page: &Page<'_>) -> String {
    let sections = [
        capacity::section(page),
        workloads::pods(page),
        workloads::autoscalers(page),
        workloads::schedules(page),
        connections::databases(page),
        connections::pgbouncers(page),
        connections::upstreams(page),
        nodes::section(page),
        numbers::section(page),
    ];
    let sections: Vec<Section> = sections.into_iter().filter(|it| !it.body.is_empty()).collect();
    let title = title(page);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" content=\"capgen\">\n\
         <title>{title}</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#content\">Skip to the content</a>\n\
         <header>\n<h1>{title}</h1>\n{}</header>\n",
        summary(page)
    );
    out.push_str(&navigation(&sections));
    out.push_str("<main id=\"content\" tabindex=\"-1\">\n");
    for Section { id, title, body } in &sections {
        out.push_str(&format!("<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{title}</h2>\n{body}</section>\n"));
    }
    if sections.is_empty() {
        out.push_str("<p>The spec has no workload, no server and no node.</p>\n");
    }
    out.push_str(
        "</main>\n<footer>\n<p>Made by capgen from the capacity spec. <code>capgen explain</code> says where each number \
         comes from.</p>\n</footer>\n</body>\n</html>\n",
    );
    out
}

fn navigation(sections: &[Section]) -> String {
    let link = |it: &Section| format!("<li><a href=\"#{}\">{}</a></li>\n", it.id, it.title);
    match sections {
        [] => String::new(),
        some => {
            format!("<nav aria-label=\"Sections\">\n<ul>\n{}</ul>\n</nav>\n", some.iter().map(link).collect::<String>())
        }
    }
}

fn title(page: &Page<'_>) -> String {
    let name = page.model.causes.shown(Address::of(["platform", "name"]));
    let name = name.map(|it| format!(" of {}", html(&it.value))).unwrap_or_default();
    let environment = page.environment.map(|it| format!(", {}", html(it))).unwrap_or_default();
    format!("Capacity{name}{environment}")
}

/// What there is, counted, and what it costs.
fn summary(page: &Page<'_>) -> String {
    let model = page.model;
    let of = |family: Family| model.workloads.iter().filter(|it| it.family == family).count();
    let counted = [
        ("Services", of(Family::Service)),
        ("Workers", of(Family::Worker)),
        ("Databases", model.databases.len()),
        ("PgBouncers", model.pgbouncers.len()),
        ("Node groups", model.nodegroups.len()),
    ];
    let counted = counted.into_iter().filter(|(_, count)| *count > 0);
    let mut tiles: Vec<(&str, String)> = counted.map(|(what, count)| (what, count.to_string())).collect();
    let cost = |key: &str| model.causes.shown(Address::of(["cluster", key]));
    if let Some((least, most)) = cost("monthly_cost_min").zip(cost("monthly_cost_max")) {
        tiles.push(("USD per month", span(&grouped(&least.value), &grouped(&most.value))));
    }
    if tiles.is_empty() {
        return String::new();
    }
    let tiles: String =
        tiles.into_iter().map(|(what, value)| format!("<div><dt>{what}</dt><dd>{value}</dd></div>\n")).collect();
    format!("<dl class=\"tiles\">\n{tiles}</dl>\n")
}

/// A number from and to: `5 to 30`, or one where both are the same.
fn span(least: &str, most: &str) -> String {
    match least == most {
        true => html(most),
        false => format!("{} <span class=\"to\">to</span> {}", html(least), html(most)),
    }
}

/// A text as code.
fn code(text: &str) -> String {
    format!("<code>{}</code>", html(text))
}

fn number<T: ToString>(number: &Derived<T>) -> String {
    html(&grouped(&number.value.to_string()))
}

/// A number, and below it how it was computed, where it was.
fn explained<T: ToString>(value: &Derived<T>, page: &Page<'_>) -> String {
    match page.model.causes.get(&value.address).and_then(|why| why.numbers()) {
        Some(numbers) => format!("{}<small>{}</small>", number(value), html(numbers)),
        None => number(value),
    }
}

/// What is not stated.
const NOTHING: &str = "<span class=\"nothing\">not stated</span>";

/// The length of a part, in thousandths of the whole; what is larger than the whole fills it.
fn part(value: Exact, whole: Exact) -> i64 {
    match whole.is_positive() {
        true => (value * Exact::from(1000) / whole).floor().unwrap_or(1000).clamp(0, 1000),
        false => 0,
    }
}

fn largest(values: impl Iterator<Item = Exact>) -> Exact {
    values.fold(Exact::ZERO, |most, it| if it > most { it } else { most })
}

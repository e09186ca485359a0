//! A Grafana dashboard: one row for each table that is watched, one panel for each question, the model's numbers as lines.
//!
//! It knows how panels are laid out; what a panel is in Grafana's JSON stands in `json`. The data source is a variable, so that the
//! dashboard fits any Grafana, and the numbers of the panels follow their order, so that the same spec gives the same bytes.

mod json;

use crate::doc::ser::to_node;
use crate::doc::{Artifact, Body};
use crate::model::Model;
use crate::model::alerts::{Alert, Ceiling, Group, Query};
use crate::why::{Address, Derived};

use super::{Fault, Take, Target, promql};
use json::{Dashboard, Number, Panel, Place, Query as Asked, Row, Step};

pub(super) static TARGET: Target =
    Target { name: "grafana", summary: "a Grafana dashboard: grafana/<name>.json", emit };

/// Panels stand three in a line of Grafana's 24 columns.
const WIDTH: usize = 8;
const HEIGHT: usize = 8;
const A_LINE: usize = 24 / WIDTH;

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    let (Some(dashboard), Some(monitoring)) = (&model.dashboard, &model.monitoring) else { return Ok(()) };
    let window = &monitoring.names.window.value;
    let mut layout = Layout::default();
    layout.row("Overview".to_owned(), overview(&model.watched, window));
    for group in &model.watched {
        layout.row(group.subject.to_string(), panels(group, window));
    }
    let path = format!("grafana/{}.json", dashboard.name.value);
    let document = to_node(&Dashboard::new(dashboard, layout.panels))?;
    take(Artifact { path, owner: Address::of(["dashboard"]), body: Body::Json(document) });
    Ok(())
}

/// Where the next panel stands.
#[derive(Default)]
struct Layout {
    panels: Vec<json::Entry>,
    y: usize,
}

impl Layout {
    /// A row and its panels; one without panels is left out.
    fn row(&mut self, title: String, panels: Vec<Panel>) {
        if panels.is_empty() {
            return;
        }
        let id = self.panels.len() + 1;
        self.panels.push(json::Entry::Row(Row::new(id, title, Place { h: 1, w: 24, x: 0, y: self.y })));
        self.y += 1;
        let lines = panels.len().div_ceil(A_LINE);
        for (index, mut panel) in panels.into_iter().enumerate() {
            panel.id = self.panels.len() + 1;
            let (x, y) = (index % A_LINE * WIDTH, self.y + index / A_LINE * HEIGHT);
            panel.grid_pos = Place { h: HEIGHT, w: WIDTH, x, y };
            self.panels.push(json::Entry::Panel(Box::new(panel)));
        }
        self.y += lines * HEIGHT;
    }
}

/// What concerns all: how much of each capacity is used, and what the nodes cost.
fn overview(groups: &[Group], window: &str) -> Vec<Panel> {
    let used = groups.iter().filter_map(|group| {
        let (demand, capacity) = group.capacity.as_ref()?;
        let expr = promql::used(&promql::demand(demand, window), capacity, group.follows.as_ref());
        Some((group.subject.to_string(), at(expr, &capacity.peak)))
    });
    let used: Vec<(String, Derived<String>)> = used.collect();
    let cost = groups.iter().filter_map(|group| {
        let (replicas, price) = (group.replicas.as_ref()?, group.monthly_price.as_ref()?);
        let expr = format!("{} * {}", promql::value(&replicas.now, window), price.value);
        Some((group.subject.to_string(), at(expr, price)))
    });
    let cost: Vec<(String, Derived<String>)> = cost.collect();
    let mut panels = Vec::new();
    if !used.is_empty() {
        let full = Step { value: Some(Number::Whole(1)), color: "red" };
        panels.push(Panel::new("Capacity in use", "percentunit", asked(used), vec![Step::base("green"), full]));
    }
    if !cost.is_empty() {
        let mut panel = Panel::new("Monthly cost of the nodes that are there", "currencyUSD", asked(cost), Vec::new());
        panel.stack();
        panels.push(panel);
    }
    panels
}

/// Every question about one table.
fn panels(group: &Group, window: &str) -> Vec<Panel> {
    let mut panels: Vec<Panel> = capacity(group, window).into_iter().collect();
    panels.extend(replicas(group, window));
    // The capacity and the replicas have panels of their own; of two alerts on one query both lines stand in one panel.
    let is_shown = |alert: &&Alert| match &alert.query {
        Query::Demand(_) | Query::AtLeast(_) | Query::CountAtLeast(_) => false,
        Query::ReadyBelow(_) => group.replicas.is_none(),
        _ => true,
    };
    let mut shown: Vec<(String, Vec<&Alert>)> = Vec::new();
    for alert in group.alerts.iter().filter(is_shown) {
        let expr = promql::value(&alert.query, window);
        match shown.iter_mut().find(|(it, _)| *it == expr) {
            Some((_, alerts)) => alerts.push(alert),
            None => shown.push((expr, vec![alert])),
        }
    }
    panels.extend(shown.into_iter().filter_map(|(expr, alerts)| question(expr, &alerts)));
    panels
}

fn question(expr: String, alerts: &[&Alert]) -> Option<Panel> {
    let first = alerts.first()?;
    let mut steps = vec![Step::base("green")];
    for alert in alerts {
        let color = if alert.severity.value == "critical" { "red" } else { "orange" };
        // Nothing at all as a limit is the axis itself.
        if alert.threshold.value != "0" {
            steps.push(Step { value: Some(Number::of(&alert.threshold)), color });
        }
    }
    let legend = match &first.query {
        Query::OfPod { .. } => "{{pod}}".to_owned(),
        Query::TotalBy { label, .. } => format!("{{{{{label}}}}}"),
        _ => first.kind.unit.to_owned(),
    };
    let asked = asked(vec![(legend, at(expr, &first.threshold))]);
    Some(Panel::new(first.kind.title, unit(first.kind.unit), asked, steps))
}

/// Demand, and a line for each layer that carries it.
fn capacity(group: &Group, window: &str) -> Option<Panel> {
    let (demand, capacity) = group.capacity.as_ref()?;
    let mut queries = vec![("demand".to_owned(), at(promql::demand(demand, window), &capacity.peak))];
    for (layer, carries) in &capacity.layers {
        queries.push((format!("{layer} carry"), at(promql::carried(layer, carries, group.follows.as_ref()), carries)));
    }
    let peak = Step { value: Some(Number::of(&capacity.peak)), color: "red" };
    Some(Panel::new("Demand against capacity", "short", asked(queries), vec![Step::base("green"), peak]))
}

/// How many there are, between the fewest and the most.
fn replicas(group: &Group, window: &str) -> Option<Panel> {
    let replicas = group.replicas.as_ref()?;
    let mut steps = vec![Step::base("green"), Step { value: Some(Number::of(&replicas.min)), color: "blue" }];
    if replicas.max.value != replicas.min.value {
        steps.push(Step { value: Some(Number::of(&replicas.max)), color: "orange" });
    }
    let title = if group.monthly_price.is_some() { "Nodes against limits" } else { "Replicas against limits" };
    let mut queries = vec![("now".to_owned(), at(promql::value(&replicas.now, window), &replicas.max))];
    if let Some(most @ Ceiling::Stated(_)) = &replicas.ceiling {
        queries.push(("at most".to_owned(), at(promql::ceiling(most), &replicas.max)));
    }
    Some(Panel::new(title, "short", asked(queries), steps))
}

fn at<T>(expr: String, from: &Derived<T>) -> Derived<String> {
    Derived { value: expr, address: from.address.clone() }
}

/// Queries with their legends, named A, B and so on as Grafana does.
fn asked(queries: Vec<(String, Derived<String>)>) -> Vec<Asked> {
    let named = queries.into_iter().enumerate();
    named.map(|(index, (legend, expr))| Asked::new(index, legend, expr)).collect()
}

/// A unit in Grafana's words.
fn unit(unit: &str) -> &'static str {
    match unit {
        "bytes" => "bytes",
        "percent" => "percent",
        "seconds" => "s",
        _ => "short",
    }
}

//! What each layer carries of a workload's demand, and which of them is full first.

use crate::doc::markup::{grouped, html};
use crate::model::capacity::Capacity;
use crate::model::workloads::{Load, Workload};
use crate::unit::exact::Exact;

use super::bars::{Bar, chart};
use super::{Page, Section, code, largest, number, part};

pub(super) fn section(page: &Page<'_>) -> Section {
    let model = page.model;
    let mut body = String::new();
    let known = model.capacities.iter().filter_map(|capacity| {
        let workload = model.workloads.iter().find(|it| it.name == capacity.workload)?;
        Some((capacity, workload, workload.counted_load()?))
    });
    for (capacity, workload, load) in known {
        body.push_str(&figure(capacity, workload, load));
    }
    if !body.is_empty() {
        body.insert_str(
            0,
            "<p>Pods, partitions, connections and nodes each let so much through: pods × what one carries ÷ safety \
             margin. The least of them is what the workload carries.</p>\n",
        );
    }
    let is_known = |name: &str| model.capacities.iter().any(|it| it.workload == name);
    let unknown = model.workloads.iter().filter(|it| !is_known(&it.name));
    let unknown: Vec<String> = unknown.map(|it| code(it.address.as_str())).collect();
    if !unknown.is_empty() {
        let unknown = unknown.join(", ");
        body.push_str(&format!(
            "<p class=\"unknown\">Not known, for nothing says what one pod carries: {unknown}.</p>\n"
        ));
    }
    Section { id: "capacity", title: "Demand and capacity", body }
}

fn figure(capacity: &Capacity, workload: &Workload, load: &Load) -> String {
    let unit = load.kind.unit();
    let target = load.target.as_ref();
    let whole = largest(capacity.layers.iter().map(|(_, it)| it.value).chain(target.map(|it| it.value)));
    let marks: Vec<i64> = target.iter().map(|it| part(it.value, whole)).collect();
    let bar = |(name, carries): &(&'static str, crate::why::Derived<Exact>)| {
        let kind = if *name == capacity.binds.value { "bind" } else { "main" };
        let value = grouped(&carries.value.to_string());
        let asked = target.map(|it| format!(", asked {}", grouped(&it.value.to_string()))).unwrap_or_default();
        Bar {
            name: layer(name).to_owned(),
            label: format!("{} carries {value} {unit}{asked}", layer(name)),
            value: html(&value),
            parts: vec![(0, part(carries.value, whole), kind)],
            marks: marks.clone(),
        }
    };
    let bars: Vec<Bar> = capacity.layers.iter().map(bar).collect();
    let mut legend = vec![("bind", "carries least")];
    if bars.len() > 1 {
        legend.push(("main", "other layers"));
    }
    if target.is_some() {
        legend.push(("mark", "asked at peak"));
    }
    let verdict = match target {
        Some(target) if capacity.peak.value < target.value => {
            "<strong class=\"bad\">Carries less than is asked</strong>"
        }
        Some(_) => "<strong class=\"good\">Carries what is asked</strong>",
        None => "No demand is stated",
    };
    let asked = target.map(|it| format!("asked {} {unit} at peak, ", number(it))).unwrap_or_default();
    let text = format!(
        "<p>{verdict}: {asked}carried {} {unit}, limited by {}; one pod carries {} with a margin of {}.</p>\n",
        number(&capacity.peak),
        layer(capacity.binds.value).to_lowercase(),
        number(&load.per_pod),
        number(&load.margin),
    );
    let caption = format!("What each layer carries, in {unit}");
    format!(
        "<article>\n<h3>{}</h3>\n{text}{}</article>\n",
        code(workload.address.as_str()),
        chart(&caption, &legend, &bars)
    )
}

/// A layer, for people.
pub(super) fn layer(name: &str) -> &str {
    match name {
        "pods" => "Pods at their most",
        "partitions" => "Partitions of the topic",
        "clients" => "Clients of PgBouncer",
        "database" => "Connections of the database",
        "nodes" => "Nodes",
        other => other,
    }
}

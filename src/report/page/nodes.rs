//! Node groups: how many nodes, of what, at what cost.

use crate::doc::markup::{grouped, html};
use crate::model::nodes::{NodeGroup, Purchase};
use crate::unit::exact::Exact;

use super::bars::{Bar, chart};
use super::table::{Column, table};
use super::{NOTHING, Page, Section, code, explained, largest, part, span};

pub(super) fn section(page: &Page<'_>) -> Section {
    let groups = &page.model.nodegroups;
    let mut body = String::new();
    if !groups.is_empty() {
        let whole = largest(groups.iter().map(|it| Exact::from(it.max.value)));
        let bars: Vec<Bar> = groups.iter().map(|it| bar(it, whole)).collect();
        let legend = [("main", "always there"), ("soft", "added for pods that wait")];
        body = chart("Nodes of each group, fewest to most", &legend, &bars);
        let columns = [
            Column::Text("Group"),
            Column::Text("Bought as"),
            Column::Text("Instance types"),
            Column::Text("Runs"),
            Column::Number("Fewest nodes"),
            Column::Number("Most nodes"),
            Column::Number("USD per month"),
        ];
        let rows: Vec<Vec<String>> = groups.iter().map(|it| row(it, page)).collect();
        body.push_str(&table("nodes-table", "Node groups; a month has 730 hours", &columns, &rows));
    }
    Section { id: "nodes", title: "Nodes and cost", body }
}

fn bar(group: &NodeGroup, whole: Exact) -> Bar {
    let (start, end) = (part(Exact::from(group.min.value), whole), part(Exact::from(group.max.value), whole));
    Bar {
        name: code(group.address.as_str()),
        value: span(&grouped(&group.min.value.to_string()), &grouped(&group.max.value.to_string())),
        label: format!("{} to {} nodes", group.min.value, group.max.value),
        parts: vec![(0, start, "main"), (start, end - start, "soft")],
        marks: Vec::new(),
    }
}

fn row(group: &NodeGroup, page: &Page<'_>) -> Vec<String> {
    let cost = |key: &str| page.model.causes.shown(group.address.child(key));
    let cost = cost("monthly_cost_min").zip(cost("monthly_cost_max"));
    let cost = cost.map(|(least, most)| span(&grouped(&least.value), &grouped(&most.value)));
    let codes = |all: &[crate::why::Derived<String>]| -> Vec<String> { all.iter().map(|it| code(&it.value)).collect() };
    let runs = codes(&group.runs);
    vec![
        code(group.address.as_str()),
        html(match group.purchase {
            Purchase::OnDemand => "on demand",
            Purchase::ManagedSpot => "spot",
            Purchase::Mixed(_) => "mixed, self-managed",
        }),
        codes(&group.instance_types).join(" "),
        if runs.is_empty() { NOTHING.to_owned() } else { runs.join(" ") },
        explained(&group.min, page),
        explained(&group.max, page),
        cost.unwrap_or_else(|| "<span class=\"nothing\">not known</span>".to_owned()),
    ]
}

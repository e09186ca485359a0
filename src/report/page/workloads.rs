//! Services and workers: how many pods, what moves them, when the floor is higher.

use crate::doc::markup::{grouped, html};
use crate::model::autoscale::{Autoscaler, Rules};
use crate::model::workloads::{Load, Resources, Scaling, Workload};
use crate::unit::exact::Exact;
use crate::why::Derived;

use super::bars::{Bar, chart};
use super::table::{Column, table};
use super::{NOTHING, Page, Section, code, explained, largest, number, part, span};

/// Floors, ceilings and sizes of pods.
pub(super) fn pods(page: &Page<'_>) -> Section {
    let workloads = &page.model.workloads;
    let mut body = String::new();
    if !workloads.is_empty() {
        let whole = largest(workloads.iter().map(|it| Exact::from(it.peak().value)));
        let bars: Vec<Bar> = workloads.iter().map(|it| bar(it, whole)).collect();
        let mut legend = vec![("main", "always there"), ("soft", "added with the load")];
        if workloads.iter().any(|it| !it.schedules.is_empty()) {
            legend.push(("mark", "floor of a schedule"));
        }
        if workloads.iter().any(|it| during_event(it).is_some()) {
            legend.push(("alt", "added in an event"));
        }
        body = chart("Pods of each workload, fewest to most", &legend, &bars);
        let columns = [
            Column::Text("Workload"),
            Column::Text("Runs as"),
            Column::Number("Demand, trough to peak"),
            Column::Number("One pod carries"),
            Column::Number("Fewest pods"),
            Column::Number("Most pods"),
            Column::Number("CPU"),
            Column::Number("Memory"),
        ];
        let rows: Vec<Vec<String>> = workloads.iter().map(|it| row(it, page)).collect();
        body.push_str(&table(
            "pods-table",
            "Workloads: demand, pods, and what one pod requests (limit)",
            &columns,
            &rows,
        ));
    }
    Section { id: "pods", title: "Pods", body }
}

/// The most pods in an event, where it raises them above the usual.
fn during_event(workload: &Workload) -> Option<&Derived<i64>> {
    Some(workload.peak()).filter(|it| it.value > workload.usual_peak().value)
}

fn bar(workload: &Workload, whole: Exact) -> Bar {
    let (floor, usual, event) = (workload.floor(), workload.usual_peak(), during_event(workload));
    let [start, end] = [floor, usual].map(|it| part(Exact::from(it.value), whole));
    let shown = |it: &Derived<i64>| grouped(&it.value.to_string());
    let mut bar = Bar {
        name: code(workload.address.as_str()),
        value: span(&shown(floor), &shown(usual)),
        label: format!("{} to {} pods", floor.value, usual.value),
        parts: vec![(0, start, "main"), (start, end - start, "soft")],
        marks: workload.schedules.iter().map(|it| part(Exact::from(it.min.value), whole)).collect(),
    };
    if let Some(event) = event {
        bar.value.push_str(&format!("; event {}", shown(event)));
        bar.label.push_str(&format!(", {} in an event", event.value));
        bar.parts.push((end, part(Exact::from(event.value), whole) - end, "alt"));
    }
    bar
}

fn row(workload: &Workload, page: &Page<'_>) -> Vec<String> {
    let lines = |of: fn(&Load) -> Option<String>| {
        let lines: Vec<String> = workload.loads.iter().filter_map(of).collect();
        if lines.is_empty() { NOTHING.to_owned() } else { lines.join("<br>") }
    };
    let demand = |load: &Load| {
        let target = number(load.target.as_ref()?);
        let base = load.base.as_ref().map(|it| format!("{} <span class=\"to\">to</span> ", number(it)));
        Some(format!("{}{target} <span class=\"unit\">{}</span>", base.unwrap_or_default(), load.kind.unit()))
    };
    let per_pod =
        |load: &Load| Some(format!("{} <span class=\"unit\">{}</span>", number(&load.per_pod), load.kind.unit()));
    let Resources { cpu, memory, cpu_limit, memory_limit } = &workload.resources;
    let size = |request: Option<String>, limit: Option<String>| match (request, limit) {
        (Some(request), Some(limit)) => format!("{}\u{a0}({})", html(&request), html(&limit)),
        (Some(only), None) => html(&only),
        (None, Some(limit)) => format!("({})", html(&limit)),
        (None, None) => NOTHING.to_owned(),
    };
    let text = |it: &Derived<crate::unit::quantity::Quantity>| it.value.to_string();
    vec![
        code(workload.address.as_str()),
        format!("{} {}", html(&workload.target.kind.value), code(&workload.target.name.value)),
        lines(demand),
        lines(per_pod),
        explained(workload.floor(), page),
        most(workload, page),
        size(cpu.as_ref().map(text), cpu_limit.as_ref().map(text)),
        size(memory.as_ref().map(text), memory_limit.as_ref().map(text)),
    ]
}

/// The most pods as usual, and in an event.
fn most(workload: &Workload, page: &Page<'_>) -> String {
    let event =
        during_event(workload).map(|it| format!("<br>{} <span class=\"unit\">in an event</span>", explained(it, page)));
    format!("{}{}", explained(workload.usual_peak(), page), event.unwrap_or_default())
}

/// What autoscalers look at, and how fast they act.
pub(super) fn autoscalers(page: &Page<'_>) -> Section {
    let scaled = page.model.workloads.iter().filter_map(|workload| match &workload.scaling {
        Scaling::Autoscaled(autoscaler) => Some((workload, autoscaler.as_ref())),
        Scaling::Fixed(_) => None,
    });
    let row = |(workload, autoscaler): (&Workload, &Autoscaler)| {
        vec![
            code(&autoscaler.name.value),
            if autoscaler.keda.is_some() { "ScaledObject" } else { "HPA" }.to_owned(),
            code(workload.address.as_str()),
            signals(autoscaler).join("<br>"),
            pace(autoscaler.scale_up.as_deref()),
            pace(autoscaler.scale_down.as_deref()),
        ]
    };
    let rows: Vec<Vec<String>> = scaled.map(row).collect();
    let columns = [
        Column::Text("Autoscaler"),
        Column::Text("Kind"),
        Column::Text("Scales"),
        Column::Words("Signals and their targets"),
        Column::Words("Up"),
        Column::Words("Down"),
    ];
    let caption = "Autoscalers: of several signals the one that asks for most pods wins";
    let body = if rows.is_empty() { String::new() } else { table("autoscalers-table", caption, &columns, &rows) };
    Section { id: "autoscaling", title: "Autoscaling", body }
}

fn signals(autoscaler: &Autoscaler) -> Vec<String> {
    let mut signals = Vec::new();
    if let Some(keda) = &autoscaler.keda {
        let what = if keda.queue.counts_rate { "messages per second" } else { "waiting messages" };
        signals.push(format!("{} {what} per pod ({})", number(&keda.lag_threshold), keda.queue.kind));
    }
    let metric =
        |it: &crate::model::autoscale::PodsMetric| format!("{} {} per pod", code(&it.name.value), number(&it.target));
    signals.extend(autoscaler.metrics.iter().map(metric));
    signals.extend(autoscaler.cpu.iter().map(|it| format!("CPU {}\u{a0}%", number(it))));
    signals.extend(autoscaler.memory.iter().map(|it| format!("memory {}\u{a0}%", number(it))));
    signals
}

/// How fast pods come or go.
fn pace(rules: Option<&Rules>) -> String {
    let Some(rules) = rules else { return "Kubernetes’ own pace".to_owned() };
    let mut words = Vec::new();
    words.extend(rules.window.iter().map(|it| format!("after {}\u{a0}s", number(it))));
    if rules.select.as_ref().is_some_and(|it| it.value == "Disabled") {
        words.push("never".to_owned());
        return words.join(", ");
    }
    let policy = |it: &crate::model::autoscale::Policy| {
        let unit = if it.kind == "Percent" { "%" } else { "pods" };
        format!("{}\u{a0}{unit} in {}\u{a0}s", number(&it.value), number(&it.period))
    };
    let policies: Vec<String> = rules.policies.iter().map(policy).collect();
    if !policies.is_empty() {
        let least = rules.select.as_ref().is_some_and(|it| it.value == "Min");
        let joint = if least { " and " } else { " or " };
        words.push(format!("at most {}", policies.join(joint)));
    }
    if words.is_empty() { "Kubernetes’ own pace".to_owned() } else { words.join(", ") }
}

/// Windows that raise a floor.
pub(super) fn schedules(page: &Page<'_>) -> Section {
    let all = page.model.workloads.iter().flat_map(|it| it.schedules.iter().map(move |schedule| (it, schedule)));
    let rows = all.map(|(workload, schedule)| {
        vec![
            code(&schedule.name),
            code(workload.address.as_str()),
            code(schedule.start.value.text()),
            code(schedule.end.value.text()),
            html(schedule.time_zone.value.name()),
            explained(workload.floor(), page),
            explained(&schedule.min, page),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let columns = [
        Column::Text("Schedule"),
        Column::Text("Workload"),
        Column::Text("Opens"),
        Column::Text("Closes"),
        Column::Text("Time zone"),
        Column::Number("Usual floor"),
        Column::Number("Floor while open"),
    ];
    let caption = "Schedules: windows in which more pods are always there";
    let body = if rows.is_empty() { String::new() } else { table("schedules-table", caption, &columns, &rows) };
    Section { id: "schedules", title: "Schedules", body }
}

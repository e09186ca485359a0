//! Prometheus rules: one group for each table that is watched.
//!
//! It knows the rule file of Prometheus (prometheus v3, `model/rulefmt/rulefmt.go`) and the Operator's PrometheusRule
//! (`monitoring.coreos.com/v1`), whose groups are the same. Labels and annotations are templates there, so that what a spec
//! says in them is kept from being one.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::doc::ser::to_node;
use crate::doc::{Artifact, Body};
use crate::model::Model;
use crate::model::alerts::{Alert, Alerts, Group};
use crate::why::{Address, Derived};

use super::kube::{Metadata, Object};
use super::{Fault, Take, Target, promql};

pub(super) static TARGET: Target =
    Target { name: "alerts", summary: "Prometheus rules: a rule file, and on request a PrometheusRule", emit };

/// A rule file, and the `spec` of a PrometheusRule.
#[derive(Debug, Serialize)]
struct Rules<'a> {
    groups: Vec<RuleGroup<'a>>,
}

#[derive(Debug, Serialize)]
struct RuleGroup<'a> {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<&'a Derived<String>>,
    rules: Vec<Rule<'a>>,
}

/// Either `record` or `alert` is there.
#[derive(Debug, Serialize)]
struct Rule<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alert: Option<&'static str>,
    expr: Derived<String>,
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    patience: Option<&'a Derived<String>>,
    labels: BTreeMap<&'a str, Label<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<Annotations>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Label<'a> {
    Plain(&'a str),
    Word(&'a Derived<&'static str>),
    Text(Derived<String>),
}

#[derive(Debug, Serialize)]
struct Annotations {
    summary: String,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    runbook_url: Option<Derived<String>>,
}

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    let (Some(alerts), Some(monitoring)) = (&model.alerts, &model.monitoring) else { return Ok(()) };
    let window = &monitoring.names.window;
    let has_rules = |it: &&Group| !it.alerts.is_empty() || it.capacity.is_some();
    let groups =
        || Rules { groups: model.watched.iter().filter(has_rules).map(|it| group(it, alerts, window)).collect() };
    if groups().groups.is_empty() {
        return Ok(());
    }
    let artifact = |path, document| Artifact { path, owner: Address::of(["alerts"]), body: Body::Yaml(vec![document]) };
    let mut artifacts = Vec::new();
    if alerts.for_prometheus {
        let path = format!("alerts/{}-rules.yaml", alerts.name.value);
        artifacts.push(artifact(path, to_node(&groups())?));
    }
    if alerts.for_operator {
        let mut metadata = Metadata::new(alerts.name.clone(), &model.platform);
        metadata.labels.extend(alerts.object_labels.iter().cloned());
        let api_version = "monitoring.coreos.com/v1";
        let object = Object { api_version, kind: "PrometheusRule", metadata, spec: groups() };
        artifacts.push(artifact("k8s/alerts/prometheusrule.yaml".to_owned(), to_node(&object)?));
    }
    super::hand_over(artifacts, take);
    Ok(())
}

fn group<'a>(group: &'a Group, alerts: &'a Alerts, window: &Derived<String>) -> RuleGroup<'a> {
    let mut rules = records(group, window);
    rules.extend(group.alerts.iter().map(|it| alert(it, group, alerts, &window.value)));
    RuleGroup { name: format!("{}/{}", alerts.name.value, group.subject), interval: alerts.interval.as_ref(), rules }
}

/// Demand, what each layer carries of it, and the part that is used: for dashboards, and for rules of one's own.
fn records<'a>(group: &'a Group, window: &Derived<String>) -> Vec<Rule<'a>> {
    let Some((demand, capacity)) = &group.capacity else { return Vec::new() };
    let record = |name, expr, layer: Option<&'static str>| {
        let mut labels = own_labels(group);
        labels.extend(layer.map(|it| ("layer", Label::Plain(it))));
        Rule { record: Some(name), alert: None, expr, patience: None, labels, annotations: None }
    };
    let asked = promql::demand(demand, &window.value);
    let of = |expr, from: &Derived<_>| Derived { value: expr, address: from.address.clone() };
    let rate = Derived { value: asked.clone(), address: window.address.clone() };
    let mut rules = vec![record("workload:demand:rate", rate, None)];
    for (layer, carries) in &capacity.layers {
        let expr = of(promql::carried(layer, carries, group.follows.as_ref()), carries);
        rules.push(record("workload:capacity:limit", expr, Some(layer)));
    }
    let ratio = promql::used(&asked, capacity, group.follows.as_ref());
    rules.push(record("workload:saturation:ratio", of(ratio, &capacity.peak), None));
    rules
}

fn own_labels(group: &Group) -> BTreeMap<&str, Label<'_>> {
    group.labels.iter().map(|(key, value)| (*key, Label::Plain(value))).collect()
}

fn alert<'a>(alert: &'a Alert, group: &'a Group, alerts: &'a Alerts, window: &str) -> Rule<'a> {
    let threshold = &alert.threshold;
    let mut labels: BTreeMap<&str, Label<'_>> = alerts
        .labels
        .iter()
        .map(|(key, value)| (key.as_str(), Label::Text(value.map(|it| promql::untemplated(it)))))
        .collect();
    labels.extend(own_labels(group));
    labels.insert("severity", Label::Word(&alert.severity));
    let url = alerts.runbook_url.as_ref();
    let raised = match &alert.follows {
        Some(it) => {
            format!(" at {} pods, and grows with the ceiling while an event or an emergency raises it", it.usual.value)
        }
        None => String::new(),
    };
    Rule {
        record: None,
        alert: Some(alert.kind.name),
        expr: threshold.map(|it| promql::condition(&alert.query, &promql::limit(it, alert.follows.as_ref()), window)),
        patience: Some(&alert.patience),
        labels,
        annotations: Some(Annotations {
            summary: format!("{}: {}", group.subject, alert.kind.summary),
            description: format!(
                "{{{{ $value | humanize }}}} {}, the limit is {}{}. {} Where the limit comes from: capgen explain '{}'",
                alert.kind.unit, threshold.value, raised, alert.kind.advice, threshold.address
            ),
            runbook_url: url.map(|it| it.map(|it| format!("{it}#{}", alert.kind.name.to_lowercase()))),
        }),
    }
}

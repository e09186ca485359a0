//! The values of the cluster autoscaler's chart: no schema exists, so the chart's own keys and the program's own flags judge.
//!
//! The keys are those of kubernetes/autoscaler `charts/cluster-autoscaler/values.yaml` (version 9), the flags those of
//! `cluster-autoscaler-flags.txt`. The values must also fit the ClusterConfig beside them: the chart finds the node groups by the
//! cluster's name, and runs as a ServiceAccount that eksctl makes.

use serde_json::Value as Json;

use super::{Document, Output};

/// Where the values stand.
const PATH: &str = "cluster-autoscaler/values.yaml";

/// The chart's keys, as far as they concern EKS.
const KEYS: [&str; 12] = [
    "autoDiscovery",
    "awsRegion",
    "cloudProvider",
    "expanderPriorities",
    "extraArgs",
    "extraEnv",
    "image",
    "podDisruptionBudget",
    "priorityClassName",
    "rbac",
    "replicaCount",
    "resources",
];

/// What `--expander` takes on AWS without a second file.
const EXPANDERS: [&str; 3] = ["least-waste", "most-pods", "random"];

/// Whether a file holds the values of a chart.
pub(super) fn is_one(path: &str) -> bool {
    path == PATH
}

pub(super) fn check(output: &Output) -> Vec<String> {
    let Some(values) = output.documents.iter().find(|it| is_one(&it.path)) else { return Vec::new() };
    let object = |value: &Json| value.as_object().cloned().unwrap_or_default();
    let mut found = Vec::new();
    for key in object(&values.value).keys().filter(|key| !KEYS.contains(&key.as_str())) {
        found.push(format!("{PATH}: the chart has no key `{key}`"));
    }
    for (flag, value) in object(&values.value["extraArgs"]) {
        found.extend(flag_problem(&flag, &value).map(|it| format!("{PATH}: --{flag}: {it}")));
    }
    let image = values.text("/image/repository");
    if image.is_empty() || image.starts_with("k8s.gcr.io/") || values.text("/image/tag").is_empty() {
        found.push(format!("{PATH}: no image that can be pulled: `{image}:{}`", values.text("/image/tag")));
    }
    found.extend(output.of_kind("ClusterConfig").flat_map(|it| misfits(values, it)));
    found
}

/// What the autoscaler would say of a flag.
fn flag_problem(flag: &str, value: &Json) -> Option<String> {
    let Some(text) = value.as_str() else {
        return Some(format!("{value} is no text, and Helm may print it otherwise"));
    };
    let rows = include_str!("cluster-autoscaler-flags.txt").lines().filter(|line| !line.starts_with('#'));
    let kind = rows.filter_map(|row| row.split_once(' ')).find(|(name, _)| *name == flag).map(|(_, kind)| kind);
    let fits = match kind {
        None => return Some("there is no such flag".to_owned()),
        Some("deprecated") => return Some("the flag is deprecated".to_owned()),
        Some("bool") => matches!(text, "true" | "false"),
        Some("int") => text.parse::<i32>().is_ok(),
        Some("float") => text.parse::<f64>().is_ok_and(f64::is_finite),
        Some("duration") => is_go_duration(text),
        Some("expander") => EXPANDERS.contains(&text),
        Some(_) => !text.is_empty(),
    };
    (!fits).then(|| format!("`{text}` is no {}", kind.unwrap_or_default()))
}

/// `10m`, `1h30m`, `1.5s`: Go's `time.ParseDuration` knows no day.
fn is_go_duration(text: &str) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        let number = rest.trim_start_matches(|it: char| it.is_ascii_digit() || it == '.');
        let unit = ["ms", "h", "m", "s"].into_iter().find(|unit| number.starts_with(unit));
        let Some(unit) = unit.filter(|_| number.len() < rest.len()) else { return false };
        rest = number.strip_prefix(unit).unwrap_or_default();
    }
    !text.is_empty()
}

/// Where the values and the ClusterConfig do not speak of the same cluster.
fn misfits(values: &Document, cluster: &Document) -> Vec<String> {
    let pairs = [("/autoDiscovery/clusterName", "/metadata/name"), ("/awsRegion", "/metadata/region")];
    let differs = pairs.into_iter().filter(|(here, there)| values.text(here) != cluster.text(there));
    let mut found: Vec<String> = differs
        .map(|(here, there)| {
            format!("{PATH}: `{here}` is `{}`, and the cluster's is `{}`", values.text(here), cluster.text(there))
        })
        .collect();
    let name = values.text("/rbac/serviceAccount/name");
    let accounts = cluster.value.pointer("/iam/serviceAccounts").and_then(Json::as_array);
    let made = accounts.into_iter().flatten().any(|it| it["metadata"]["name"] == name);
    if values.value.pointer("/rbac/serviceAccount/create") != Some(&Json::Bool(false)) || !made {
        found.push(format!("{PATH}: nobody makes the ServiceAccount `{name}`, or two do"));
    }
    for group in cluster.value["nodeGroups"].as_array().into_iter().flatten() {
        let tag = format!("k8s.io/cluster-autoscaler/{}", cluster.text("/metadata/name"));
        let tags = &group["tags"];
        if tags["k8s.io/cluster-autoscaler/enabled"].is_null() || tags[&tag].is_null() {
            found.push(format!("{}: the autoscaler does not find the group {}", cluster.path, group["name"]));
        }
    }
    found
}

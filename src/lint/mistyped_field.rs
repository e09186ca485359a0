//! A field that holds what it cannot hold.

use crate::doc::value::Value;
use crate::unit::duration::Duration;

use super::files::fields::{Fault, Shape, What};
use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "mistyped-field",
    level: Level::Deny,
    docs: r#"
### What it does
Compares the values of autoscalers, ScaledObjects, budgets, CronJobs, workloads, roles, PrometheusRules and eksctl's ClusterConfigs with what their fields hold: a number, a
text, a switch, a list, a map. A text that something else fills in (`${REPLICAS}`, `{{ .max }}`) may be anything.
### Why is this bad?
The API server refuses the object ("cannot unmarshal string into Go struct field"), and so does eksctl.
### Example
`maxReplicaCount: "12"`, `value: 8080` of an environment variable, `version: 1.34` of a cluster.
### Instead
Write `maxReplicaCount: 12`, `value: "8080"`, `version: "1.34"`.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for fault in files.field_faults() {
        let What::Mistyped(shape) = &fault.what else { continue };
        // `metadata-not-text` and `key-of-another-group` speak of these.
        let is_said = fault.within == "ScaledObject.spec.triggers" && fault.path.ends_with(".metadata")
            || fault.within == "eksctl.ManagedNodeGroup" && fault.key == "taints";
        if is_said {
            continue;
        }
        let object = fault.object;
        let path = if fault.path.is_empty() { fault.key.clone() } else { format!("{}.{}", fault.path, fault.key) };
        let message = format!("`{}`: `{path}` is {}, not {}", object.identity, kind(&fault.node.value), words(shape));
        let finding = findings.finding(message).at(files.at(object, fault.node), "refused");
        findings.push(finding.help(help(&fault, shape, &files.written(object, fault.node))));
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a switch",
        Value::Int(_) | Value::Float(_) => "a number",
        Value::Text(_) => "a text",
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
    }
}

fn words(shape: &Shape) -> &'static str {
    match shape {
        Shape::Text => "a text",
        Shape::Int => "a whole number",
        Shape::Number => "a number",
        Shape::Bool => "`true` or `false`",
        Shape::Quantity => "a quantity",
        Shape::IntOrText => "a whole number or a text",
        Shape::Any => "what it may be",
        Shape::List(_) => "a list",
        Shape::Map(_) | Shape::Of(_) => "a map",
    }
}

fn help(fault: &Fault<'_>, shape: &Shape, written: &str) -> String {
    let key = &fault.key;
    match (shape, &fault.node.value) {
        (Shape::Text, Value::Int(_) | Value::Float(_) | Value::Bool(_)) => format!("write `{key}: \"{written}\"`"),
        (Shape::Int, Value::Text(text)) if text.parse::<i64>().is_ok() => format!("write `{key}: {text}`"),
        (Shape::Int, Value::Text(text)) if text.strip_suffix('%').is_some_and(|it| it.parse::<i64>().is_ok()) => {
            format!("write `{key}: {}`", text.trim_end_matches('%'))
        }
        (Shape::Int, Value::Text(text)) if seconds(text).is_some() => {
            format!("write `{key}: {}`", seconds(text).unwrap_or_default())
        }
        (Shape::Number, Value::Text(text)) if text.parse::<f64>().is_ok() => format!("write `{key}: {text}`"),
        (Shape::Bool, Value::Text(text)) if matches!(&**text, "true" | "false") => format!("write `{key}: {text}`"),
        (Shape::List(_), Value::Map(_)) => format!("write its entries as items of `{key}`, with `- ` before each"),
        (Shape::List(_), _) => format!("write a list: `{key}: […]`"),
        (Shape::Map(_) | Shape::Of(_), Value::List(_)) => format!("write `{key}` without the `- `"),
        _ => format!("write {} as `{key}`", words(shape)),
    }
}

/// What a duration is in a field of whole seconds, as all of them are.
fn seconds(text: &str) -> Option<i64> {
    Duration::parse(text).ok()?.whole_seconds()
}

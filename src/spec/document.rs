//! The JSON Schema of a spec file, from the types that read it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::scalar::{EntryName, FilePath, Named, NodeGroupName, TableName, Text, Whole, Word};
use super::{
    alerts, compose, dashboard, ecs, event, lints, load_test, metrics, nodes, platform, pool, redis, runbook, schedule,
    service, topic, upstream, worker,
};

/// A capgen capacity spec: demand, supply and the rules between them.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, title = "capgen capacity spec")]
#[expect(dead_code, reason = "only its schema is used")]
struct Document {
    /// Version of the spec language.
    version: Whole<1, 1>,
    /// Other files of this spec, as patterns relative to this file: `["services/*.toml"]`.
    include: Option<Vec<Text<FilePath>>>,
    /// What holds for every file.
    platform: Option<platform::Platform>,
    /// Any key of a service or a worker, for all of them that do not write it themselves.
    defaults: Option<Defaults>,
    /// Any key of a service or a worker, for those that name it with `class`: between `[defaults]` and their own keys.
    class: Option<Named<TableName, Defaults>>,
    /// What answers requests.
    service: Option<Named<TableName, service::Service>>,
    /// What takes work from a queue.
    worker: Option<Named<TableName, worker::Worker>>,
    /// PostgreSQL servers.
    database: Option<Named<EntryName, pool::Database>>,
    /// PgBouncers.
    pgbouncer: Option<Named<TableName, pool::Pgbouncer>>,
    /// nginx upstreams.
    upstream: Option<Named<EntryName, upstream::Upstream>>,
    /// The EKS cluster.
    cluster: Option<nodes::Cluster>,
    /// Groups of nodes.
    nodegroup: Option<Named<NodeGroupName, nodes::NodeGroup>>,
    /// Instance types beside the built-in catalogue.
    instance: Option<Named<Word, nodes::Instance>>,
    /// Windows that raise a floor.
    schedule: Option<Named<TableName, schedule::Schedule>>,
    /// Planned events: floors and ceilings that rise once.
    event: Option<Named<TableName, event::Event>>,
    /// What to raise floors and ceilings to in an emergency.
    emergency: Option<event::Emergency>,
    /// Names of the series that exporters serve.
    metrics: Option<metrics::Metrics>,
    /// Alerts and recording rules.
    alerts: Option<alerts::Alerts>,
    /// Kafka topics.
    topic: Option<Named<TableName, topic::Topic>>,
    /// Redis servers: clusters, and servers that stand alone.
    redis: Option<Named<TableName, redis::Redis>>,
    /// Load tests.
    load_test: Option<Named<TableName, load_test::LoadTest>>,
    /// A Grafana dashboard.
    dashboard: Option<dashboard::Dashboard>,
    /// The page for who is on call: RUNBOOK.md. An empty table is enough.
    runbook: Option<runbook::Runbook>,
    /// What Docker Compose runs.
    compose: Option<compose::Compose>,
    /// What Amazon ECS runs.
    ecs: Option<ecs::Ecs>,
    /// Levels of the lints.
    lints: Option<Named<Word, lints::Choice>>,
    /// Where files go, and which.
    output: Option<platform::Output>,
    /// What differs in one environment: any of the tables above, merged over the base with `--env NAME`.
    env: Option<BTreeMap<String, Overlay>>,
}

/// The keys of a service or a worker.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum Defaults {
    Service(Box<service::Service>),
    Worker(Box<worker::Worker>),
}

/// The same tables as the spec itself.
struct Overlay;

impl JsonSchema for Overlay {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Overlay".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "$ref": "#" })
    }
}

/// The schema, in draft 2020-12.
pub fn schema() -> Value {
    let mut schema = with_required_keys();
    simplify(&mut schema);
    merge_defaults(&mut schema);
    if let Value::Object(members) = &mut schema {
        members.insert("x-tombi-toml-version".to_owned(), json!("v1.0.0"));
    }
    schema
}

/// The schema of a spec that is merged and complete: here keys are required.
pub(super) fn with_required_keys() -> Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Document>().to_value()
}

/// TOML has no null, and a table may be completed by another file, by `[defaults]` or by `[env]`: no key is required.
fn simplify(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.remove("required");
            if let Some(Value::Array(types)) = members.get_mut("type") {
                types.retain(|it| it != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    members.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(choices)) = members.get_mut("anyOf") {
                choices.retain(|it| *it != json!({ "type": "null" }));
                if let [Value::Object(only)] = choices.as_slice() {
                    let only = only.clone();
                    members.remove("anyOf");
                    members.extend(only.into_iter().filter(|(key, _)| key != "description"));
                }
            }
            flatten_constants(members);
            members.values_mut().for_each(simplify);
        }
        Value::Array(items) => items.iter_mut().for_each(simplify),
        _ => {}
    }
}

/// `oneOf` of documented constants becomes a plain `enum`: editors explain it better.
fn flatten_constants(members: &mut serde_json::Map<String, Value>) {
    let Some(Value::Array(choices)) = members.get("oneOf") else { return };
    let mut constants = Vec::new();
    for choice in choices {
        match (choice.get("const"), choice.get("enum")) {
            (Some(constant), _) => constants.push(constant.clone()),
            (None, Some(Value::Array(values))) => constants.extend(values.iter().cloned()),
            _ => return,
        }
    }
    members.remove("oneOf");
    members.insert("type".to_owned(), json!("string"));
    members.insert("enum".to_owned(), Value::Array(constants));
}

/// `[defaults]` takes the keys of services and workers together.
fn merge_defaults(schema: &mut Value) {
    let keys = |name: &str| schema.pointer(&format!("/$defs/{name}/properties")).and_then(Value::as_object).cloned();
    let mut properties = keys("Worker").unwrap_or_default();
    properties.extend(keys("Service").unwrap_or_default());
    let mut autoscale = keys("WorkerAutoscale").unwrap_or_default();
    autoscale.extend(keys("ServiceAutoscale").unwrap_or_default());
    let autoscale = json!({ "type": "object", "properties": autoscale, "additionalProperties": false });
    properties.insert("autoscale".to_owned(), autoscale);
    if let Some(defaults) = schema.pointer_mut("/$defs/Defaults") {
        *defaults = json!({
            "description": "The keys of a service or a worker.",
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
        });
    }
}

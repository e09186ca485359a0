//! Kafka topics: Strimzi's KafkaTopic, and the plan by which a topic gets more partitions.
//!
//! It knows `kafka.strimzi.io/v1` and `v1beta2`, which do not differ here (Strimzi 0.51, `packaging/install/cluster-operator`,
//! `043-Crd-kafkatopic.yaml`), and `kafka-topics.sh` of Apache Kafka 4.1. A KafkaTopic is named like its table, for not every name
//! of a topic is one of Kubernetes. A plan is written only while the topic has fewer partitions than it shall have. It is a script,
//! which has no serializer: names obey Kafka's own rule and stand in quotes, so that nothing in them can be a command.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::doc::template::{Language, Template};
use crate::doc::{Artifact, Body, ser};
use crate::model::Model;
use crate::model::topics::{Strimzi, Topic, Value};
use crate::why::{Address, Causes, Derived, Origin};

use super::kube::{Metadata, Object};
use super::{Fault, Take, Target};

pub(super) static TARGET: Target = Target {
    name: "kafka",
    summary: "Strimzi's KafkaTopics, and plans for more partitions: kafka/<topic>.yaml, kafka/<topic>.sh",
    emit,
};

pub(super) static TEMPLATE: Template = Template {
    name: "kafka/partitions.sh.j2",
    source: include_str!("../../templates/kafka/partitions.sh.j2"),
    comment: "#",
    language: Language::Words,
    fuel: 2_000_000,
};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Spec<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    topic_name: Option<&'a Derived<String>>,
    partitions: &'a Derived<i64>,
    replicas: &'a Derived<i64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    config: BTreeMap<&'a str, Derived<Setting<'a>>>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Setting<'a> {
    Number(i64),
    Switch(bool),
    Text(&'a str),
}

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    super::emit_all(&model.topics, take, |topic| {
        let mut artifacts = Vec::new();
        if let Some(strimzi) = &topic.strimzi {
            let body = Body::Yaml(vec![ser::to_node(&object(topic, strimzi, model))?]);
            artifacts.push(artifact(topic, "yaml", body));
        }
        if let Some(current) = &topic.current {
            artifacts.push(artifact(topic, "sh", Body::Text(plan(topic, current, model)?)));
        }
        Ok(artifacts)
    })
}

fn artifact(topic: &Topic, ending: &str, body: Body) -> Artifact {
    Artifact { path: path(topic, ending), owner: topic.address.clone(), body }
}

fn path(topic: &Topic, ending: &str) -> String {
    format!("kafka/{}.{ending}", topic.key)
}

fn object<'a>(topic: &'a Topic, strimzi: &Strimzi, model: &Model) -> Object<Spec<'a>> {
    let name = Derived { value: topic.key.clone(), address: topic.address.clone() };
    let mut metadata = Metadata::new(name, &model.platform);
    metadata.namespace = strimzi.namespace.clone();
    metadata.labels.insert("strimzi.io/cluster".to_owned(), strimzi.cluster.clone());
    let setting = |value: &'a Value| match value {
        Value::Number(number) => Setting::Number(*number),
        Value::Switch(switch) => Setting::Switch(*switch),
        Value::Text(text) => Setting::Text(text),
    };
    let settings = topic.config.iter();
    Object {
        api_version: strimzi.api_version,
        kind: "KafkaTopic",
        metadata,
        spec: Spec {
            topic_name: (topic.name.value != topic.key).then_some(&topic.name),
            partitions: &topic.partitions,
            replicas: &topic.replicas,
            config: settings
                .map(|(key, it)| (key.as_str(), Derived { value: setting(&it.value), address: it.address.clone() }))
                .collect(),
        },
    }
}

/// What the template sees. `docs/templates.md` promises every name and type to people who replace it.
#[derive(Debug, Serialize)]
struct Context<'a> {
    name: &'a Derived<String>,
    current: &'a Derived<i64>,
    partitions: &'a Derived<i64>,
    /// Of the script itself, below the output folder.
    path: String,
    comments: Vec<String>,
}

fn plan(topic: &Topic, current: &Derived<i64>, model: &Model) -> Result<crate::doc::Text, Fault> {
    let context = Context {
        name: &topic.name,
        current,
        partitions: &topic.partitions,
        path: path(topic, "sh"),
        comments: comments(topic, &model.causes),
    };
    let replacement = model.templates.get(TEMPLATE.name).map(String::as_str);
    TEMPLATE.render(replacement, &ser::to_node(&context)?).map_err(|error| match replacement {
        Some(_) => Fault::Template { name: TEMPLATE.name, owner: topic.address.clone(), error },
        None => Fault::Internal(format!("`{}` for `{}`: {error}", TEMPLATE.name, topic.address)),
    })
}

/// How the number was computed, and where else it must be written once it is true.
fn comments(topic: &Topic, causes: &Causes) -> Vec<String> {
    let at: &Address = &topic.partitions.address;
    let mut comments = Vec::new();
    match causes.get(at).map(|why| why.origin) {
        Some(Origin::Formula { numbers, .. }) => comments.push(format!("{at}: {numbers}")),
        Some(_) => comments.push(format!("{at}: as written")),
        None => {}
    }
    if topic.strimzi.is_some() {
        comments.push(format!("Strimzi does the same once {} is applied.", path(topic, "yaml")));
    }
    comments.push(format!(
        "Afterwards: take `current_partitions` out of `[{}]`, and write `partitions = {}` in the `kafka` of its workers.",
        topic.address, topic.partitions.value,
    ));
    comments
}

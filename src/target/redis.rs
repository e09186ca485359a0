//! Redis: the settings of its servers, and the commands that make them a cluster or take new servers into it.
//!
//! It knows `include` of a `redis.conf`, and `redis-cli --cluster` of Redis 7.0 and later. The commands are from a template, for a shell
//! has no serializer: hosts obey the rule of a host, and the engine refuses a value that is more than one word. They never take
//! a server away, and never scale a StatefulSet: a pod without slots is no growth, and one that goes takes its slots along.

use serde::Serialize;

use crate::doc::conf::{self, Conf, Dialect};
use crate::doc::template::{Language, Template};
use crate::doc::value::Node;
use crate::doc::{Artifact, Body, ser};
use crate::model::Model;
use crate::model::redis::{Cluster, Redis};
use crate::why::{Causes, Derived};

use super::{Fault, Take, Target};

pub(super) static TARGET: Target = Target {
    name: "redis",
    summary: "settings of Redis servers, and how they become a cluster and grow: redis/<name>.conf, redis/<name>-cluster.sh",
    emit,
};

pub(super) static TEMPLATE: Template = Template {
    name: "redis/cluster.sh.j2",
    source: include_str!("../../templates/redis/cluster.sh.j2"),
    comment: "#",
    language: Language::Words,
    // Some forty for each of a thousand servers, ten times over.
    fuel: 500_000,
};

/// What the template sees. `docs/templates.md` promises every name and type to people who replace it.
#[derive(Debug, Serialize)]
struct Context<'a> {
    name: &'a str,
    masters: &'a Derived<i64>,
    replicas: &'a Derived<i64>,
    port: &'a Derived<i64>,
    hosts: &'a [Derived<String>],
    slots: &'a [Derived<String>],
    /// Of the script itself, below the output folder.
    path: String,
    comments: Vec<String>,
}

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    super::emit_all(&model.redis, take, |redis| {
        let mut artifacts = vec![settings(redis)];
        if let Some(cluster) = &redis.cluster {
            artifacts.push(script(redis, cluster, model)?);
        }
        Ok(artifacts)
    })
}

fn settings(redis: &Redis) -> Artifact {
    let entry = |(name, value): &(String, Derived<String>)| {
        (name.clone(), Node { value: conf::value(&value.value), address: Some(value.address.clone()) })
    };
    let conf = Conf { dialect: Dialect::Redis, entries: redis.settings.iter().map(entry).collect() };
    Artifact { path: format!("redis/{}.conf", redis.name), owner: redis.address.clone(), body: Body::Conf(conf) }
}

fn script(redis: &Redis, cluster: &Cluster, model: &Model) -> Result<Artifact, Fault> {
    let path = format!("redis/{}-cluster.sh", redis.name);
    let context = ser::to_node(&Context {
        name: &redis.name,
        masters: &cluster.masters,
        replicas: &cluster.replicas,
        port: &redis.port,
        hosts: &redis.hosts,
        slots: &cluster.slots,
        path: path.clone(),
        comments: comments(cluster, &model.causes),
    })?;
    let replacement = model.templates.get(TEMPLATE.name).map(String::as_str);
    let text = TEMPLATE.render(replacement, &context).map_err(|error| match replacement {
        Some(_) => Fault::Template { name: TEMPLATE.name, owner: redis.address.clone(), error },
        None => Fault::Internal(format!("`{}` for `{}`: {error}", TEMPLATE.name, redis.address)),
    })?;
    Ok(Artifact { path, owner: redis.address.clone(), body: Body::Text(text) })
}

/// How the numbers were computed.
fn comments(cluster: &Cluster, causes: &Causes) -> Vec<String> {
    let comment = |number: &Derived<i64>| {
        let numbers = causes.get(&number.address)?.numbers()?;
        Some(format!("{}: {numbers} = {}", number.address, number.value))
    };
    [&cluster.masters, &cluster.servers].into_iter().filter_map(comment).collect()
}

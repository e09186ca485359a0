//! Redis: the settings of its servers, and the commands that make them a cluster or give it more servers.
//!
//! The script is from a template, because a shell has no serializer. A StatefulSet is never scaled down by it: slots must be
//! moved first, and it says how.

use serde::Serialize;

use crate::doc::conf::{self, Conf, Dialect};
use crate::doc::template::{Language, Template};
use crate::doc::value::Node;
use crate::doc::{Artifact, Body, ser};
use crate::model::Model;
use crate::model::redis::Redis;
use crate::why::Derived;

use super::{Fault, Take, Target};

pub(super) static TARGET: Target = Target {
    name: "redis",
    summary: "settings of Redis servers, and the commands that make and grow a cluster: redis/<name>{.conf,-cluster.sh}",
    emit,
};

pub(super) static TEMPLATE: Template = Template {
    name: "redis/cluster.sh.j2",
    source: include_str!("../../templates/redis/cluster.sh.j2"),
    comment: "#",
    language: Language::Words,
    // Some twenty for each of a thousand servers, ten times over.
    fuel: 500_000,
};

/// What the template sees. `docs/templates.md` promises every name and type to people who replace it.
#[derive(Debug, Serialize)]
struct Context<'a> {
    name: &'a str,
    masters: &'a Derived<i64>,
    replicas: &'a Derived<i64>,
    servers: &'a Derived<i64>,
    endpoints: &'a [Derived<String>],
}

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    super::emit_all(&model.redis, take, |redis| {
        let mut artifacts = vec![settings(redis)];
        if redis.is_cluster {
            artifacts.push(script(redis, model)?);
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

fn script(redis: &Redis, model: &Model) -> Result<Artifact, Fault> {
    let Redis { name, masters, replicas, servers, endpoints, .. } = redis;
    let context = ser::to_node(&Context { name, masters, replicas, servers, endpoints })?;
    let replacement = model.templates.get(TEMPLATE.name).map(String::as_str);
    let text = TEMPLATE.render(replacement, &context).map_err(|error| match replacement {
        Some(_) => Fault::Template { name: TEMPLATE.name, owner: redis.address.clone(), error },
        None => Fault::Internal(format!("`{}` for `{}`: {error}", TEMPLATE.name, redis.address)),
    })?;
    let path = format!("redis/{name}-cluster.sh");
    Ok(Artifact { path, owner: redis.address.clone(), body: Body::Text(text) })
}

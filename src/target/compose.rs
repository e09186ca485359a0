//! Docker Compose: an override file with the capacity of each service, to lay on the file that has their images.
//!
//! It knows the `deploy` section (compose-spec, `schema/compose-spec.json`), fields in the order of that schema. Compose
//! expands `$` in every text, so each is doubled.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::doc::object;
use crate::doc::ser::to_node;
use crate::doc::{Artifact, Body};
use crate::model::Model;
use crate::model::compose::{self, Share};
use crate::why::Derived;

use super::{Fault, Take, Target};

pub(super) static TARGET: Target =
    Target { name: "compose", summary: "an override file for Docker Compose: compose/compose.capacity.yaml", emit };

#[derive(Debug, Serialize)]
struct File<'a> {
    services: BTreeMap<&'a str, Service<'a>>,
}

#[derive(Debug, Serialize)]
struct Service<'a> {
    deploy: Deploy<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    environment: BTreeMap<&'a str, Derived<String>>,
}

#[derive(Debug, Serialize)]
struct Deploy<'a> {
    replicas: &'a Derived<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    update_config: Option<Update<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resources: Option<Resources<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restart_policy: Option<Restart<'a>>,
}

#[derive(Debug, Serialize)]
struct Update<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    parallelism: Option<&'a Derived<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delay: Option<&'a Derived<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_action: Option<&'a Derived<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    monitor: Option<&'a Derived<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_failure_ratio: Option<&'a Derived<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<&'a Derived<&'static str>>,
}

#[derive(Debug, Serialize)]
struct Resources<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    limits: Option<Amounts<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reservations: Option<Amounts<'a>>,
}

#[derive(Debug, Serialize)]
struct Amounts<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    cpus: Option<&'a Derived<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    memory: Option<&'a Derived<String>>,
}

#[derive(Debug, Serialize)]
struct Restart<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<&'a Derived<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delay: Option<&'a Derived<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_attempts: Option<&'a Derived<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<&'a Derived<String>>,
}

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    let Some(compose) = &model.compose else { return Ok(()) };
    let services = compose.services.iter().map(|it| (it.name.value.as_str(), service(it))).collect();
    let body = Body::Yaml(vec![to_node(&File { services })?]);
    take(Artifact { path: object::OVERRIDE.to_owned(), owner: compose.address.clone(), body });
    Ok(())
}

fn service(service: &compose::Service) -> Service<'_> {
    let (limits, reservations) = (amounts(&service.limits), amounts(&service.reservations));
    let environment = service.environment.iter().map(|(name, value)| (name.as_str(), value.map(|it| escaped(it))));
    Service {
        deploy: Deploy {
            replicas: &service.replicas,
            update_config: service.update.as_ref().map(update),
            resources: (limits.is_some() || reservations.is_some()).then_some(Resources { limits, reservations }),
            restart_policy: service.restart.as_ref().map(restart),
        },
        environment: environment.collect(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('$', "$$")
}

fn update(update: &compose::Update) -> Update<'_> {
    Update {
        parallelism: update.parallelism.as_ref(),
        delay: update.delay.as_ref(),
        failure_action: update.failure_action.as_ref(),
        monitor: update.monitor.as_ref(),
        max_failure_ratio: update.max_failure_ratio.as_ref(),
        order: update.order.as_ref(),
    }
}

fn restart(restart: &compose::Restart) -> Restart<'_> {
    Restart {
        condition: restart.condition.as_ref(),
        delay: restart.delay.as_ref(),
        max_attempts: restart.max_attempts.as_ref(),
        window: restart.window.as_ref(),
    }
}

/// `None` where neither is stated.
fn amounts(share: &Share) -> Option<Amounts<'_>> {
    let Share { cpus, memory } = share;
    (cpus.is_some() || memory.is_some()).then_some(Amounts { cpus: cpus.as_ref(), memory: memory.as_ref() })
}

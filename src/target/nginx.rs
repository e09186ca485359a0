//! nginx: one file for each upstream, from a template, because nginx has no format that could be serialized.
//!
//! It knows in which version nginx began to keep connections to upstreams by itself; which values nginx accepts is
//! checked by the model, and again by the template engine where it prints them.

use serde::Serialize;

use crate::doc::template::{Language, Template};
use crate::doc::{Artifact, Body, ser};
use crate::model::Model;
use crate::model::upstreams::{KEEPS_CONNECTIONS, Server, ServerBlock, Upstream};
use crate::why::{Address, Causes, Derived};

use super::{Fault, Take, Target};

pub(super) static TARGET: Target =
    Target { name: "nginx", summary: "an nginx upstream, and on request the server block in front of it", emit };

pub(super) static TEMPLATE: Template = Template {
    name: "nginx/upstream.conf.j2",
    source: include_str!("../../templates/nginx/upstream.conf.j2"),
    comment: "#",
    language: Language::Words,
    // Some forty for each of ten thousand servers, four times over.
    fuel: 2_000_000,
};

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    super::emit_all(&model.upstreams, take, |upstream| Ok([artifact(upstream, model)?]))
}

fn artifact(upstream: &Upstream, model: &Model) -> Result<Artifact, Fault> {
    let context = ser::to_node(&Context::new(upstream, &model.causes))?;
    let replacement = model.templates.get(TEMPLATE.name).map(String::as_str);
    let text = TEMPLATE.render(replacement, &context).map_err(|error| match replacement {
        Some(_) => Fault::Template { name: TEMPLATE.name, owner: upstream.address.clone(), error },
        None => Fault::Internal(format!("`{}` for `{}`: {error}", TEMPLATE.name, upstream.address)),
    })?;
    let path = format!("nginx/{}.conf", upstream.name);
    Ok(Artifact { path, owner: upstream.address.clone(), body: Body::Text(text) })
}

/// What the template sees. `docs/templates.md` promises every name and type to people who replace it.
#[derive(Debug, Serialize)]
struct Context<'a> {
    name: Derived<&'a str>,
    version: [u32; 3],
    balance: Derived<&'a str>,
    zone: Option<&'a Derived<String>>,
    servers: Vec<ServerEntry<'a>>,
    max_fails: Option<&'a Derived<i64>>,
    /// In whole seconds.
    fail_timeout: Option<&'a Derived<i64>>,
    keepalive: Derived<Option<i64>>,
    /// Whether nginx keeps connections only if the request to the server says so.
    keepalive_headers: Derived<bool>,
    server: Option<Block<'a>>,
    comments: Vec<String>,
}

#[derive(Debug, Serialize)]
struct ServerEntry<'a> {
    address: &'a Derived<String>,
    weight: Option<&'a Derived<i64>>,
    max_conns: Option<&'a Derived<i64>>,
    backup: bool,
}

#[derive(Debug, Serialize)]
struct Block<'a> {
    listen: &'a Derived<i64>,
    server_name: &'a Derived<String>,
}

impl<'a> Context<'a> {
    fn new(upstream: &'a Upstream, causes: &'a Causes) -> Self {
        let (major, minor, patch) = upstream.version;
        let keepalive = upstream.keepalive.as_ref().map(|it| it.value);
        Self {
            name: Derived { value: &upstream.name, address: upstream.address.clone() },
            version: [major, minor, patch],
            balance: balance(upstream, causes),
            zone: upstream.zone.as_ref(),
            servers: upstream.servers.iter().map(ServerEntry::new).collect(),
            max_fails: upstream.max_fails.as_ref(),
            fail_timeout: upstream.fail_timeout.as_ref(),
            keepalive: Derived { value: keepalive, address: upstream.address.child("keepalive") },
            keepalive_headers: Derived {
                value: keepalive.is_some() && upstream.version < KEEPS_CONNECTIONS,
                address: upstream.address.child("version"),
            },
            server: upstream.server.as_ref().map(Block::new),
            comments: comments(upstream, causes),
        }
    }
}

impl<'a> ServerEntry<'a> {
    fn new(server: &'a Server) -> Self {
        Self {
            address: &server.address,
            weight: server.weight.as_ref(),
            max_conns: server.max_conns.as_ref(),
            backup: server.backup,
        }
    }
}

impl<'a> Block<'a> {
    fn new(block: &'a ServerBlock) -> Self {
        Self { listen: &block.listen, server_name: &block.server_name }
    }
}

/// The method in the word of the spec. But for `round_robin`, which nginx does by itself, it is the directive too.
fn balance<'a>(upstream: &Upstream, causes: &'a Causes) -> Derived<&'a str> {
    let address = upstream.address.child("balance");
    Derived { value: causes.get(&address).map_or("round_robin", |why| why.value), address }
}

/// Where the number of servers comes from, unless they were listed: what the pattern is, what counts them, and how
/// that was computed, if it was.
fn comments(upstream: &Upstream, causes: &Causes) -> Vec<String> {
    let pattern = upstream.address.child("servers");
    let made = upstream.servers.first().and_then(|server| causes.get(&server.address.address));
    let count = made.and_then(|why| why.inputs.iter().find(|input| !input.is_within(&pattern)));
    let (Some(count), Some(why)) = (count, causes.get(&pattern)) else { return Vec::new() };
    let (most, counted) = (upstream.servers.len(), near(count, upstream));
    let mut comments = vec![format!("servers: {}, n = 1 to {most} ({counted})", why.value)];
    if let Some(numbers) = causes.get(count).and_then(|why| why.numbers()) {
        comments.push(format!("{count}: {numbers}"));
    }
    comments
}

/// An address as it is called within the upstream's own table.
fn near<'a>(address: &'a Address, upstream: &Upstream) -> &'a str {
    let own = address.as_str().strip_prefix(upstream.address.as_str());
    own.and_then(|rest| rest.strip_prefix('.')).unwrap_or(address.as_str())
}

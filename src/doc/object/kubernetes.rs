//! What a Kubernetes document is: its identity, and the members of a List.

use super::Identity;
use crate::doc::value::mark::{Inside, Mark};
use crate::doc::value::{Node, Value};

/// What a document is.
///
/// # Errors
/// Why it is no object, as a phrase for a list of what was passed over.
pub(super) fn identity(document: &Node, file: &str) -> Result<Identity, &'static str> {
    let Value::Map(_) = &document.value else { return Err("not a document with fields") };
    // A patch names an object that it does not describe.
    if is_kustomization(document, file)
        || is_patch(file)
        || is_compose(file)
        || is_rule_file(document)
        || is_dashboard(document)
        || is_values(file)
    {
        return Ok(Identity::File { path: file.to_owned() });
    }
    let version = document.get("apiVersion").and_then(Node::as_str).ok_or("no Kubernetes object: no `apiVersion`")?;
    let kind = document.get("kind").and_then(Node::as_str).ok_or("no Kubernetes object: no `kind`")?;
    let metadata = document.get("metadata");
    let name = metadata.and_then(|it| it.get("name")).and_then(Node::as_str).unwrap_or_default();
    let namespace = metadata.and_then(|it| it.get("namespace")).and_then(Node::as_str).filter(|it| !it.is_empty());
    if [kind, name, namespace.unwrap_or_default()].iter().any(|it| it.contains("{{") || it.contains("${")) {
        return Err("a template: its name is not known yet");
    }
    if name.is_empty() {
        return Err("no `metadata.name`");
    }
    let group = version.split_once('/').map_or("", |(group, _)| group);
    Ok(Identity::Kubernetes {
        group: group.to_owned(),
        kind: kind.to_owned(),
        namespace: namespace.map(str::to_owned),
        name: name.to_owned(),
    })
}

/// A kustomization has no name, and often no `kind`: the file's name says it.
pub fn is_kustomization(document: &Node, file: &str) -> bool {
    let version = document.get("apiVersion").and_then(Node::as_str);
    match version {
        Some(version) => version.starts_with("kustomize.config.k8s.io/"),
        None => matches!(file.rsplit('/').next(), Some("kustomization.yaml" | "kustomization.yml")),
    }
}

/// A dashboard of Grafana has neither kind nor name: the version of its format and its panels say what it is.
fn is_dashboard(document: &Node) -> bool {
    let has_panels = matches!(document.get("panels").map(|it| &it.value), Some(Value::List(_)));
    has_panels && document.get("schemaVersion").is_some() && document.get("apiVersion").is_none()
}

/// Prometheus' rules have neither kind nor name: `groups` of `rules` say what they are.
fn is_rule_file(document: &Node) -> bool {
    let has_rules = |group: &Node| group.get("name").is_some() && group.get("rules").is_some();
    let Some(Value::List(groups)) = document.get("groups").map(|it| &it.value) else { return false };
    document.get("apiVersion").is_none() && !groups.is_empty() && groups.iter().all(has_rules)
}

/// A patch for Kustomize looks like the object that it changes; its file's name says what it is.
fn is_patch(file: &str) -> bool {
    file.ends_with(".patch.yaml")
}

/// The services of Docker Compose have no `kind` either.
fn is_compose(file: &str) -> bool {
    file.ends_with("compose.capacity.yaml")
}

/// The values of a Helm chart have neither `apiVersion` nor `kind`: their place says what they are.
fn is_values(file: &str) -> bool {
    file.ends_with("cluster-autoscaler/values.yaml")
}

/// The members of a `List` (or a `HorizontalPodAutoscalerList`, as the API server answers), each of which is a document;
/// any other document as it is. What the API server alone writes is taken away: it is most of a dump.
///
/// A member of a typed list may leave out what the list says: its `apiVersion` and `kind`.
pub(super) fn members(document: Node) -> Vec<Node> {
    let mut members = unpacked(document);
    members.iter_mut().for_each(prune);
    members
}

/// The marks of [`members`], in the same order.
pub(super) fn marks(document: &Node, mark: Mark) -> Vec<Mark> {
    if !is_list(document) {
        return vec![mark];
    }
    let Inside::Map(entries) = mark.inside else { return Vec::new() };
    let items = entries.into_iter().find(|(key, _)| key == "items").map(|(_, it)| it.inside);
    if let Some(Inside::List(items)) = items { items } else { Vec::new() }
}

/// Whether a document is the answer to a list request: it has items and no name.
fn is_list(document: &Node) -> bool {
    let is_kind = document.get("kind").and_then(Node::as_str).is_some_and(|it| it.ends_with("List"));
    let is_named = document.get("metadata").and_then(|it| it.get("name")).is_some();
    let items = document.get("items").map(|items| &items.value);
    is_kind && !is_named && matches!(items, Some(Value::List(_) | Value::Null))
}

fn unpacked(mut document: Node) -> Vec<Node> {
    if !is_list(&document) {
        return vec![document];
    }
    let kind = document.get("kind").and_then(Node::as_str).and_then(|it| it.strip_suffix("List")).map(str::to_owned);
    let version = document.get("apiVersion").and_then(Node::as_str).map(str::to_owned);
    // A list of nothing is printed as `items: null` or `items: []`.
    let mut members = match take(&mut document, "items").map(|items| items.value) {
        Some(Value::List(members)) => members,
        _ => Vec::new(),
    };
    for (key, value) in [("kind", kind.filter(|it| !it.is_empty())), ("apiVersion", version)] {
        let Some(value) = value.filter(|_| key == "kind" || !document.is_plain_list()) else { continue };
        for member in &mut members {
            member.add_if_absent(key, &value);
        }
    }
    members
}

fn prune(document: &mut Node) {
    take(document, "status");
    if let Value::Map(entries) = &mut document.value
        && let Some((_, metadata)) = entries.iter_mut().find(|(key, _)| key == "metadata")
    {
        take(metadata, "managedFields");
    }
}

impl Node {
    fn is_plain_list(&self) -> bool {
        self.get("kind").and_then(Self::as_str) == Some("List")
    }

    fn add_if_absent(&mut self, key: &'static str, value: &str) {
        if self.get(key).is_some() {
            return;
        }
        if let Value::Map(entries) = &mut self.value {
            entries.insert(0, (key.into(), Value::Text(value.to_owned().into()).into()));
        }
    }
}

fn take(node: &mut Node, key: &str) -> Option<Node> {
    let Value::Map(entries) = &mut node.value else { return None };
    let index = entries.iter().position(|(name, _)| name == key)?;
    Some(entries.remove(index).1)
}

//! A cluster, asked through `kubectl`: credentials, proxies and contexts are the person's, and stay there.
//!
//! Exactly the kinds and namespaces of what the spec asks for are read, and the autoscalers of its workloads; secrets
//! never are. Nothing is written: `replace` only ever runs as a dry run of the server.

mod rivals;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use rayon::prelude::*;

use super::command::{self, Said};
use super::{Loaded, Outcome, text};
use crate::diag::Diagnostic;
use crate::doc::json;
use crate::doc::object::{self, Identity, Object};
use crate::doc::state::State;
use crate::doc::value::{Node, Value};

/// How long a list of objects may take, in seconds; a single request may take half of it.
const PATIENCE: u64 = 60;

/// How long the dry run may take, in seconds: it is one request after the other.
const LONG_PATIENCE: u64 = 300;

/// What a cluster is called whose context has no name.
const UNNAMED: &str = "cluster";

/// Whether an object can stand in a cluster: neither a file of another program nor the description of a cluster.
pub fn holds(identity: &Identity) -> bool {
    matches!(identity, Identity::Kubernetes { group, kind, .. }
        if group != "eksctl.io" && group != "kustomize.config.k8s.io" && kind != "Secret")
}

/// Reads every object of the kinds and namespaces in which the new side (`wanted`) has some, and what the API server would
/// make of those that are there.
///
/// A kind that the cluster does not know counts as absent, with a note; so does a dry run that is not allowed.
///
/// # Errors
/// No `kubectl`, no such context, no connection, no rights: each with what to type.
pub fn read(context: Option<&str>, wanted: &[Object]) -> Outcome {
    let kubectl = Kubectl { context };
    let name = kubectl.name().map_err(|error| vec![error])?;
    let mut namespaces: BTreeMap<Option<&str>, BTreeSet<Kind<'_>>> = BTreeMap::new();
    for object in wanted.iter().filter(|it| holds(&it.identity)) {
        if let Identity::Kubernetes { group, kind, namespace, .. } = &object.identity {
            let version = object.tree.get("apiVersion").and_then(Node::as_str).unwrap_or_default();
            let version = version.rsplit('/').next().unwrap_or_default();
            namespaces.entry(namespace.as_deref()).or_default().insert(Kind { kind, version, group });
        }
    }
    let list = |(namespace, kinds)| kubectl.list(&name, namespace, kinds);
    let (lists, rivals) = rayon::join(
        || namespaces.into_par_iter().map(list).collect::<Vec<_>>(),
        || rivals::read(&kubectl, &name, wanted),
    );
    let (mut loaded, mut errors) = (Loaded::default(), Vec::new());
    for list in lists {
        match list {
            Ok(list) => {
                loaded.state.objects.extend(list.state.objects);
                loaded.notes.extend(list.notes.into_iter().filter(|it| !loaded.notes.contains(it)).collect::<Vec<_>>());
            }
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        errors.dedup();
        return Err(errors);
    }
    loaded.state.objects.extend(rivals.state.objects);
    loaded.notes.extend(rivals.notes);
    kubectl.predict(&name, wanted, &mut loaded);
    Ok(loaded)
}

/// A kind as `kubectl get` takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Kind<'a> {
    kind: &'a str,
    version: &'a str,
    group: &'a str,
}

impl Kind<'_> {
    /// `ScaledObject.v1alpha1.keda.sh`; the core group has no name, and its kinds are known without one.
    fn argument(&self) -> String {
        match self.group {
            "" => self.kind.to_owned(),
            group => format!("{}.{}.{group}", self.kind, self.version),
        }
    }
}

struct Kubectl<'a> {
    context: Option<&'a str>,
}

impl Kubectl<'_> {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("kubectl");
        command.args(arguments).arg("--request-timeout=30s");
        if let Some(context) = self.context {
            command.arg(format!("--context={context}"));
        }
        command
    }

    /// What the cluster is called: its context. In a pod there is none, and `kubectl` works without.
    fn name(&self) -> Result<String, Diagnostic> {
        if let Some(context) = self.context {
            return Ok(context.to_owned());
        }
        let mut command = Command::new("kubectl");
        command.args(["config", "current-context"]);
        let said = command::run(&mut command, None, text::LONGEST, PATIENCE).map_err(words::silent)?;
        let name = String::from_utf8_lossy(&said.stdout).trim().to_owned();
        Ok(if said.is_success && !name.is_empty() { name } else { UNNAMED.to_owned() })
    }

    /// Every object of some kinds in a namespace; kinds that the cluster does not know are left out, with a note.
    fn list(&self, name: &str, namespace: Option<&str>, mut kinds: BTreeSet<Kind<'_>>) -> Result<Loaded, Diagnostic> {
        let mut loaded = Loaded::default();
        let namespace_flag = namespace.map(|it| format!("--namespace={it}"));
        while !kinds.is_empty() {
            let arguments: Vec<String> = kinds.iter().map(Kind::argument).collect();
            let mut command = self.command(&["get", &arguments.join(","), "--output=json"]);
            command.args(&namespace_flag);
            let said = command::run(&mut command, None, text::LONGEST, PATIENCE).map_err(words::silent)?;
            if said.is_success {
                loaded.state = objects(name, said)?;
                return Ok(loaded);
            }
            let Some(missing) = words::missing_kind(&said.complaints) else {
                return Err(words::refused(name, namespace, &said.complaints));
            };
            let Some(kind) = kinds.iter().copied().find(|it| it.is(&missing)) else {
                return Err(words::refused(name, namespace, &said.complaints));
            };
            kinds.remove(&kind);
            loaded.notes.push(format!(
                "the cluster `{name}` does not know the kind {} of {}: such objects count as absent",
                kind.kind, kind.group
            ));
        }
        Ok(loaded)
    }

    /// Asks the API server what it would make of the new objects, where they are there already.
    fn predict(&self, name: &str, wanted: &[Object], loaded: &mut Loaded) {
        let there: BTreeSet<&Identity> = loaded.state.objects.iter().map(|it| &it.identity).collect();
        let items: Vec<Node> =
            wanted.iter().filter(|it| there.contains(&it.identity)).map(|it| it.tree.clone()).collect();
        if items.is_empty() {
            return;
        }
        // `apply` would keep what a hand added, and nobody could tell it from what the server fills in.
        // What the server does not know it leaves out of its answer, and that shows.
        let arguments = ["replace", "--dry-run=server", "--validate=ignore", "--output=json", "--filename=-"];
        let mut command = self.command(&arguments);
        let said = command::run(&mut command, Some(list_of(items).into_bytes()), text::LONGEST, LONG_PATIENCE);
        let predicted = match said {
            Ok(said) if said.is_success => objects(name, said).map_err(|error| error.message),
            Ok(said) => Err(words::why_not(&said.complaints)),
            Err(silence) => Err(words::silent(silence).message),
        };
        match predicted {
            Ok(state) => {
                loaded.state.predicted = state.objects.into_iter().map(|it| (it.identity, it.tree)).collect();
            }
            Err(reason) => loaded.notes.push(format!(
                "the cluster `{name}` did not say what it would make of the new objects (a dry run of the server), so \
                 its defaults are those that capgen knows: {reason}"
            )),
        }
    }
}

impl Kind<'_> {
    /// Whether `kubectl` means this kind: it writes `scaledobject`, `ScaledObject` or `scaledobjects.keda.sh`.
    fn is(&self, named: &str) -> bool {
        let named = named.split('.').next().unwrap_or_default().to_lowercase();
        let kind = self.kind.to_lowercase();
        named == kind || named.strip_suffix('s').is_some_and(|it| it == kind)
    }
}

fn objects(name: &str, said: Said) -> Result<State, Diagnostic> {
    let answer = text::decoded(name, said.stdout)?;
    let read = object::of_json(name, &answer)
        .map_err(|fault| Diagnostic::error(format!("`kubectl` answers with no JSON for `{name}`: {fault}")))?;
    let mut objects = read.objects;
    for object in &mut objects {
        object.document = None;
    }
    Ok(State { objects, ..State::default() })
}

/// Documents for the standard input of `kubectl`.
fn list_of(items: Vec<Node>) -> String {
    let text = |text: &'static str| -> Node { Value::Text(text.into()).into() };
    let entries = vec![
        ("apiVersion".into(), text("v1")),
        ("kind".into(), text("List")),
        ("items".into(), Value::List(items).into()),
    ];
    json::print(&Value::Map(entries).into())
}

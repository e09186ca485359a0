//! `capgen diff` against what stands in a cluster: nothing where nothing was changed, and exactly what somebody changed.
//!
//! Every case runs twice: on what the server answered once (`recorded/`), on any machine, and on a real server, where
//! there is one. There both ways of applying are tried, and two users: one whom the server tells what it would make of
//! the new objects (a dry run), and one who may only read, so that the tables of rules alone must do.

use std::collections::BTreeSet;
use std::fs;

use serde::Deserialize as _;
use serde_json::Value as Json;

use crate::edits::{self, Change, EDITS, Edit};
use crate::program::Folder;
use crate::said::{self, Said};
use crate::server::{Cluster, KINDS, KINDS_OF_CLUSTERS, User};
use crate::{STRICT, Subject, folder, namespaces, recorded};

/// Nothing was changed: nothing is shown, on any way to look.
///
/// # Errors
/// What is shown, and where.
pub(crate) fn nothing_on_server(cluster: &Cluster, subject: &Subject) -> Result<(), String> {
    let spec = folder(&subject.spec);
    install(cluster, subject, &[])?;
    for user in [User::Admin, User::Reader] {
        let said = said::diff(&spec, "cluster", cluster.environment(user))?;
        said.must_show(&BTreeSet::new()).map_err(|error| format!("applied, as {user:?}: {error}"))?;
        let has = |words: &str| said.complaints.contains(words);
        let is_refused = has("a dry run of the server") && has("is forbidden: User \"reader\" cannot update resource");
        if is_refused != (user == User::Reader) {
            return Err(format!("as {user:?} the dry run is not what it should be: {}", said.complaints));
        }
    }
    let dump = dump(cluster, subject)?;
    said::diff(&spec, &dump, [])?.must_show(&BTreeSet::new()).map_err(|error| format!("dumped: {error}"))
}

/// The same where the server itself merges what is applied, and what it then holds is the same.
///
/// # Errors
/// What is shown, or what else is held.
pub(crate) fn nothing_however_applied(cluster: &Cluster, subject: &Subject) -> Result<(), String> {
    let spec = folder(&subject.spec);
    nothing_on_server(cluster, subject)?;
    let client_side = held(cluster, subject)?;
    install(cluster, subject, &["--server-side"])?;
    for user in [User::Admin, User::Reader] {
        let said = said::diff(&spec, "cluster", cluster.environment(user))?;
        said.must_show(&BTreeSet::new()).map_err(|error| format!("applied by the server, as {user:?}: {error}"))?;
    }
    recorded::is_same_in_substance(&client_side, &held(cluster, subject)?)
}

/// One edit by hand is shown, and nothing else.
///
/// # Errors
/// What is shown instead.
pub(crate) fn edit_on_server(cluster: &Cluster, subject: &Subject, edit: &Edit) -> Result<(), String> {
    let spec = folder(&subject.spec);
    install(cluster, subject, &[])?;
    let held = cluster.kubectl(&["get", "--kustomize", &subject.generated, "--output=yaml"])?;
    let place = place(edit, &items(&held)?)?;
    let namespace = format!("--namespace={}", place.namespace);
    match edit.change {
        Change::Delete => cluster.kubectl(&["delete", edit.kind, edit.object, &namespace, "--wait=false"])?,
        Change::Patch(patch) => {
            cluster.kubectl(&["patch", edit.kind, edit.object, &namespace, "--type=json", "--patch", patch])?
        }
    };
    for user in [User::Admin, User::Reader] {
        let said = said::diff(&spec, "cluster", cluster.environment(user))?;
        edit.check(&said, &place.title).map_err(|error| format!("as {user:?}: {error}"))?;
    }
    let said = said::diff(&spec, &dump(cluster, subject)?, [])?;
    edit.check(&said, &place.title).map_err(|error| format!("dumped: {error}"))
}

/// # Errors
/// What is shown, though nothing was changed.
pub(crate) fn nothing_on_record(subject: &Subject) -> Result<(), String> {
    let against = format!("file:{}", recorded::path(&subject.name).display());
    said::diff(&folder(&subject.spec), &against, [])?.must_show(&BTreeSet::new())
}

/// # Errors
/// What is shown instead of the edit.
pub(crate) fn edit_on_record(subject: &Subject, edit: &Edit) -> Result<(), String> {
    let text = fs::read_to_string(recorded::path(&subject.name)).map_err(|error| error.to_string())?;
    let mut items = items(&text)?;
    let place = place(edit, &items)?;
    match edit.change {
        Change::Delete => drop(items.remove(place.at)),
        Change::Patch(patch) => edits::patch(&mut items[place.at], patch)?,
    }
    let scratch = Folder::create()?;
    let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": items});
    let file = scratch.write("edited.json", &list.to_string())?;
    let said = said::diff(&folder(&subject.spec), &format!("file:{}", file.display()), [])?;
    edit.check(&said, &place.title)
}

impl Edit {
    /// What must be said of it, whoever looks.
    fn check(&self, said: &Said, title: &str) -> Result<(), String> {
        let line = |it: &&str| if *it == "add" { format!("add {title}") } else { format!("{title} {it}") };
        said.must_show(&self.shown.iter().map(line).collect())?;
        let ignored: Vec<String> = self.ignored.iter().map(|it| format!("{title} {it}")).collect();
        said.must_ignore(&ignored)
    }
}

/// Applies a subject into an empty cluster.
pub(crate) fn install(cluster: &Cluster, subject: &Subject, options: &[&str]) -> Result<(), String> {
    cluster.clear()?;
    let documents = cluster.kubectl(&["kustomize", &subject.generated])?;
    cluster.create_namespaces(&namespaces(&documents)?)?;
    cluster.kubectl(&[&["apply", "--kustomize", &subject.generated], &STRICT[..], options].concat()).map(drop)
}

fn held(cluster: &Cluster, subject: &Subject) -> Result<String, String> {
    cluster.kubectl(&["get", "--kustomize", &subject.generated, "--output=yaml", "--show-managed-fields"])
}

/// Everything that stands in the namespaces of a subject, as `--against` takes it.
pub(crate) fn dump(cluster: &Cluster, subject: &Subject) -> Result<String, String> {
    let documents = cluster.kubectl(&["kustomize", &subject.generated])?;
    let mut dumped = String::new();
    for namespace in namespaces(&documents)? {
        let namespace = format!("--namespace={namespace}");
        dumped += "---\n";
        dumped += &cluster.kubectl(&["get", KINDS, &namespace, "--output=yaml"])?;
    }
    dumped += "---\n";
    dumped += &cluster.kubectl(&["get", KINDS_OF_CLUSTERS, "--output=yaml"])?;
    Ok(format!("file:{}", cluster.write("dump.yaml", &dumped)?.display()))
}

/// Where the edited object stands.
struct Place {
    namespace: String,
    title: String,
    /// Among the items of the list.
    at: usize,
}

fn place(edit: &Edit, items: &[Json]) -> Result<Place, String> {
    let is_it = |it: &Json| it["kind"] == edit.kind && it["metadata"]["name"] == edit.object;
    let at = items.iter().position(is_it).ok_or_else(|| format!("no {} {}", edit.kind, edit.object))?;
    let namespace = items[at]["metadata"]["namespace"].as_str().unwrap_or_default().to_owned();
    Ok(Place { title: format!("{} {namespace}/{}", edit.kind, edit.object), namespace, at })
}

/// The objects of an answer: kubectl gives one as it is, several as a list.
fn items(answer: &str) -> Result<Vec<Json>, String> {
    let answer = Json::deserialize(serde_yaml::Deserializer::from_str(answer)).map_err(|error| error.to_string())?;
    Ok(answer["items"].as_array().cloned().unwrap_or_else(|| vec![answer]))
}

/// Every edit must be of a subject there is, or it would never run.
pub(crate) fn edits_of(subjects: &[Subject]) -> Result<Vec<(&Subject, &'static Edit)>, String> {
    let subject = |edit: &'static Edit| {
        let found = subjects.iter().find(|it| it.name == edit.subject);
        found.map(|it| (it, edit)).ok_or_else(|| format!("no subject {}", edit.subject))
    };
    EDITS.iter().map(subject).collect()
}

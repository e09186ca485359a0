//! Kustomize: every output folder is a base that it builds, with all of its components laid on.
//!
//! What a component patches and capgen does not write (Deployments, Services) stands in as an object with nothing in it. Afterwards every object
//! must hold all that its patches say, for Kustomize is silent where a patch finds nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use serde::Deserialize as _;
use serde_json::{Value as Json, json};

use crate::folder;
use crate::output;
use crate::program::{self, Folder};
use crate::runbook::KUBECTL;

type Files = Vec<(String, String)>;
type Check = Box<dyn FnOnce() -> Result<(), String> + Send>;

/// What is not there.
pub(crate) fn missing() -> Option<String> {
    (!folder(KUBECTL).is_file()).then(|| format!("{KUBECTL} is not there (golden-tests/cluster/apiserver/build)"))
}

/// # Errors
/// What Kustomize says, or which patch was not laid on.
pub(crate) fn check(files: &Files) -> Result<(), String> {
    let place = Folder::create()?;
    for (path, text) in files {
        let path = place.path().join("generated").join(path);
        fs::create_dir_all(path.parent().unwrap_or(place.path())).map_err(|error| error.to_string())?;
        fs::write(path, text).map_err(|error| error.to_string())?;
    }
    let components: BTreeSet<&str> =
        files.iter().filter_map(|(path, _)| path.strip_suffix("/kustomization.yaml")).collect();
    let is_patch = |path: &str| path.starts_with("components/") && path.ends_with(".patch.yaml");
    let patches = documents(files.iter().filter(|(path, _)| is_patch(path)).map(|(_, text)| text.as_str()))?;
    let own = documents(files.iter().filter(|(path, _)| path.starts_with("k8s/")).map(|(_, text)| text.as_str()))?;
    let written: BTreeSet<String> = own.iter().map(identity).collect();
    let foreign: BTreeMap<String, String> = patches.iter().map(|it| (identity(it), bare(it).to_string())).collect();
    let foreign: Vec<&str> = foreign.iter().filter(|it| !written.contains(it.0)).map(|it| it.1.as_str()).collect();
    place.write("foreign.yaml", &foreign.join("\n---\n"))?;
    let mut resources = Vec::new();
    resources.extend(files.iter().any(|(path, _)| path == "kustomization.yaml").then_some("generated"));
    resources.extend((!foreign.is_empty()).then_some("foreign.yaml"));
    let components: Vec<String> = components.iter().map(|it| format!("generated/{it}")).collect();
    let overlay = json!({ "resources": resources, "components": components });
    place.write("kustomization.yaml", &overlay.to_string())?;
    let mut command = Command::new(folder(KUBECTL));
    let said = program::run(command.env_clear().env("HOME", place.path()).arg("kustomize").arg(place.path()))?;
    let found = documents([said.as_str()].into_iter())?;
    for object in &own {
        let is_there = found.iter().any(|it| identity(it) == identity(object));
        is_there.then_some(()).ok_or_else(|| format!("{} is not built", identity(object)))?;
    }
    for patch in &patches {
        let object = found.iter().find(|it| identity(it) == identity(patch));
        let object = object.ok_or_else(|| format!("nothing holds {}", identity(patch)))?;
        holds(object, patch).map_err(|place| format!("{}{place} is not as the patch says", identity(patch)))?;
    }
    Ok(())
}

fn documents<'a>(texts: impl Iterator<Item = &'a str>) -> Result<Vec<Json>, String> {
    let read = |text: &'a str| serde_yaml::Deserializer::from_str(text).map(Json::deserialize);
    texts.flat_map(read).collect::<Result<_, _>>().map_err(|error| error.to_string())
}

fn identity(document: &Json) -> String {
    format!("{}/{}", document["kind"].as_str().unwrap_or("?"), document["metadata"]["name"].as_str().unwrap_or("?"))
}

fn bare(patch: &Json) -> Json {
    json!({ "apiVersion": patch["apiVersion"], "kind": patch["kind"], "metadata": { "name": patch["metadata"]["name"] } })
}

/// Whether an object has all that a patch says; where it has not, the place. `null` takes away, and lists are merged by name.
fn holds(object: &Json, patch: &Json) -> Result<(), String> {
    match (object, patch) {
        (_, Json::Null) if object.is_null() => Ok(()),
        (Json::Object(object), Json::Object(patch)) => patch.iter().try_for_each(|(key, wanted)| {
            let found = object.get(key).unwrap_or(&Json::Null);
            holds(found, wanted).map_err(|place| format!(".{key}{place}"))
        }),
        (Json::Array(object), Json::Array(patch)) => patch.iter().enumerate().try_for_each(|(index, wanted)| {
            let is_it = object.iter().any(|it| holds(it, wanted).is_ok());
            is_it.then_some(()).ok_or_else(|| format!("[{index}]"))
        }),
        _ if object == patch => Ok(()),
        _ => Err(String::new()),
    }
}

/// A folder that lacks a patch, and one whose patch is of another object, must not pass.
pub(crate) fn proofs(folders: &[(String, Files)]) -> Vec<(String, Check)> {
    let is_patch = |path: &str| path.ends_with(".patch.yaml");
    let Some((_, files)) = folders.iter().find(|(_, files)| files.iter().any(|(path, _)| is_patch(path))) else {
        return vec![("kustomize/proof".to_owned(), Box::new(|| Err("no folder has a component".to_owned())))];
    };
    let without: Files = files.iter().filter(|(path, _)| !is_patch(path)).cloned().collect();
    let changed = |(path, text): &(String, String)| match path.ends_with("/kustomization.yaml") {
        true => (path.clone(), text.replace("name: ", "name: not-")),
        false => (path.clone(), text.clone()),
    };
    let elsewhere: Files = files.iter().map(changed).collect();
    let proof = |name: &str, files: Files, reason: &'static str| -> (String, Check) {
        (format!("broken/kustomize/{name}"), Box::new(move || output::must_say(reason, check(&files))))
    };
    vec![
        proof("patch-that-is-missing", without, "no such file"),
        proof("patch-of-another-object", elsewhere, "is not as the patch says"),
    ]
}

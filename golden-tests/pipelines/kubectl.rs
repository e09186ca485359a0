//! kubectl: the written folders as Kustomize bases, and capgen as its plugin.

use std::path::PathBuf;

use serde::Deserialize as _;
use serde_json::Value as Json;

use crate::scratch::Scratch;
use crate::{Check, examples, expect, package, program};

pub(crate) static CHECKS: &[Check] = &[
    ("kustomize-takes-every-example", kustomize_takes_every_example),
    ("kustomize-refuses-a-folder-without-a-file", kustomize_refuses_a_folder_without_a_file),
    ("a-folder-is-a-base", a_folder_is_a_base),
    ("capgen-is-a-plugin", capgen_is_a_plugin),
];

/// What is not there.
pub(crate) fn missing() -> Option<String> {
    find().is_none().then(|| "kubectl is not there (golden-tests/cluster/apiserver/build)".to_owned())
}

/// The one that was built here comes first, for others may be of any version.
fn find() -> Option<PathBuf> {
    let built = package("target/ci/bin/kubectl");
    if built.is_file() { Some(built) } else { program::find("kubectl") }
}

fn scratch() -> Result<Scratch, String> {
    let scratch = Scratch::platform()?;
    scratch.link(&find().ok_or("kubectl is not there")?, "bin/kubectl")?;
    scratch.link(&PathBuf::from(env!("CARGO_BIN_EXE_capgen")), "bin/kubectl-capgen")?;
    Ok(scratch)
}

/// Every document that is listed comes out, and nothing else.
fn kustomize_takes_every_example() -> Result<(), String> {
    let scratch = scratch()?;
    for name in examples()? {
        let folder = package("examples").join(&name).join("generated");
        let said = scratch.run("kubectl", &["kustomize", &folder.display().to_string()])?;
        said.must(0, "")?;
        let text = crate::read(&format!("examples/{name}/generated/kustomization.yaml"))?;
        let kustomization: Json = serde_yaml::from_str(&text).map_err(|error| error.to_string())?;
        let files = kustomization["resources"].as_array().into_iter().flatten().filter_map(Json::as_str);
        let mut listed = Vec::new();
        for file in files {
            listed.extend(objects(&crate::read(&format!("examples/{name}/generated/{file}"))?)?);
        }
        let mut printed = objects(&said.stdout)?;
        listed.sort();
        printed.sort();
        expect(listed == printed && !listed.is_empty(), format!("{name}: {listed:?} is listed, not {printed:?}"))?;
    }
    Ok(())
}

fn kustomize_refuses_a_folder_without_a_file() -> Result<(), String> {
    let scratch = scratch()?;
    scratch.run("rm", &["generated/k8s/inferadb/hpa.yaml"])?.must(0, "")?;
    scratch.run("kubectl", &["kustomize", "generated"])?.must(1, "hpa.yaml")
}

/// As docs/pipelines.md has it.
fn a_folder_is_a_base() -> Result<(), String> {
    let scratch = scratch()?;
    let overlay = crate::pages::block("docs/pipelines.md", "kustomization.yaml")?;
    scratch.write("platform/overlay/kustomization.yaml", &overlay)?;
    scratch.run("kubectl", &["kustomize", "overlay"])?.must(0, "kind: HorizontalPodAutoscaler")
}

/// kubectl gives what capgen gives, the exit status too.
fn capgen_is_a_plugin() -> Result<(), String> {
    let scratch = scratch()?;
    scratch.run("kubectl", &["plugin", "list"])?.must(0, "kubectl-capgen")?;
    scratch.edit("platform/capacity.toml", "= 100_000", "= 120_000")?;
    for arguments in [&["diff", "--exit-code"][..], &["build", "--check"], &["explain", "nothing"]] {
        let own = scratch.run("capgen", arguments)?;
        let plugin = scratch.run("kubectl", &[&["capgen"], arguments].concat())?;
        let same = (own.status, &own.stdout, &own.stderr) == (plugin.status, &plugin.stdout, &plugin.stderr);
        expect(same && own.status != 0, format!("`{arguments:?}`: {own}\nas a plugin: {plugin}"))?;
    }
    Ok(())
}

/// What the documents of a text are: kind, namespace, name.
fn objects(text: &str) -> Result<Vec<String>, String> {
    let documents = serde_yaml::Deserializer::from_str(text).map(Json::deserialize);
    let documents: Vec<Json> = documents.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    let name = |it: &Json| format!("{} {}/{}", it["kind"], it["metadata"]["namespace"], it["metadata"]["name"]);
    Ok(documents.iter().map(name).collect())
}

//! What is written for others' machines, before their judges: the schemas of GitHub, GitLab and pre-commit, a linter of workflows, and those of
//! shell scripts and Dockerfiles.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::{Retrieve, Uri};
use serde_json::Value as Json;

use crate::scratch::{self, Scratch};
use crate::{Check, expect, package};

pub(crate) static CHECKS: &[Check] = &[
    ("schemas-accept-every-file", schemas_accept_every_file),
    ("schemas-refuse-what-is-wrong", schemas_refuse_what_is_wrong),
    ("workflows-are-not-to-be-abused", workflows_are_not_to_be_abused),
    ("a-workflow-to-be-abused-is-refused", a_workflow_to_be_abused_is_refused),
    ("nothing-runs-with-rights-for-strangers", nothing_runs_with_rights_for_strangers),
    ("scripts-are-right", scripts_are_right),
    ("dockerfile-is-right", dockerfile_is_right),
];

/// Upstream's schemas, below this package.
const UPSTREAM: &str = "../shared/upstream";

/// Where the package of pip keeps the schemas that it was released with.
const VENDORED: &str = "check_jsonschema/builtin_schemas/vendor";

/// The files of this repository that others' machines read.
const FILES: [&str; 4] =
    ["action.yml", ".github/workflows/ci.yml", ".github/workflows/release.yml", ".pre-commit-hooks.yaml"];

const SCRIPTS: [&str; 10] = [
    ".ci/run",
    "action/comment",
    "action/install",
    "action/report",
    "fuzz/run",
    "golden-tests/cluster/apiserver/build",
    "golden-tests/consumers/compose/build",
    "golden-tests/pipelines/gh",
    "hooks/tracked",
    "release/package",
];

/// The schemas for a file, by its name; those of pre-commit are upstream's alone, which need not be there.
pub(crate) fn schemas_of(file: &str) -> Vec<PathBuf> {
    let (vendored, upstream) = match file {
        "action.yml" => (Some("github-actions"), Some("misc/github-action.json")),
        ".gitlab-ci.yml" => (Some("gitlab-ci"), None),
        ".pre-commit-config.yaml" => (None, Some("pre-commit/pre-commit-config.json")),
        ".pre-commit-hooks.yaml" => (None, Some("pre-commit/pre-commit-hooks.json")),
        _ if file.starts_with(".github/workflows/") => (Some("github-workflows"), Some("misc/github-workflow.json")),
        _ => (None, None),
    };
    let vendored = vendored.map(|name| scratch::tool(VENDORED).join(format!("{name}.json")));
    let upstream = upstream.map(|path| package(UPSTREAM).join(path));
    vendored.into_iter().chain(upstream.filter(|path| path.is_file())).collect()
}

/// What a schema refuses in a document.
///
/// # Errors
/// Where the schema cannot be read.
pub(crate) fn refusals(schema: &Path, document: &Json) -> Result<Vec<String>, String> {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", schema.display());
    let text = fs::read_to_string(schema).map_err(|error| named(&error))?;
    let json: Json = serde_json::from_str(&text).map_err(|error| named(&error))?;
    let beside = Beside(schema.with_file_name(""));
    let validator = jsonschema::options().with_retriever(beside).build(&json).map_err(|error| named(&error))?;
    Ok(validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect())
}

/// What a schema refers to by its address on the network is the file of that name beside it.
struct Beside(PathBuf);

impl Retrieve for Beside {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Json, Box<dyn Error + Send + Sync>> {
        let name = uri.path().as_str().rsplit('/').next().unwrap_or_default();
        Ok(serde_json::from_str(&fs::read_to_string(self.0.join(name))?)?)
    }
}

fn yaml(file: &str) -> Result<Json, String> {
    serde_yaml::from_str(&crate::read(file)?).map_err(|error| format!("{file}: {error}"))
}

fn schemas_accept_every_file() -> Result<(), String> {
    for file in FILES {
        let document = yaml(file)?;
        for schema in schemas_of(file) {
            let refused = refusals(&schema, &document)?;
            expect(refused.is_empty(), format!("{file}, {}: {refused:?}", schema.display()))?;
        }
    }
    Ok(())
}

/// Without the part that makes it what it is, every schema refuses every file.
fn schemas_refuse_what_is_wrong() -> Result<(), String> {
    let parts = [("action.yml", "runs"), (".github/workflows/ci.yml", "jobs"), (".gitlab-ci.yml", "script")];
    for (file, part) in parts {
        let mut document = match file {
            ".gitlab-ci.yml" => serde_yaml::from_str("capacity:\n  script: 5\n").map_err(|error| error.to_string())?,
            file => yaml(file)?,
        };
        document.as_object_mut().ok_or("no mapping")?.remove(part);
        let schemas = schemas_of(file);
        expect(!schemas.is_empty(), format!("no schema for {file}"))?;
        for schema in schemas {
            let refused = refusals(&schema, &document)?;
            expect(!refused.is_empty(), format!("{} accepts {file} without {part}", schema.display()))?;
        }
    }
    Ok(())
}

fn workflows_are_not_to_be_abused() -> Result<(), String> {
    let scratch = Scratch::empty()?;
    scratch.copy(&FILES, "platform")?;
    scratch.copy(&[".github/zizmor.yml"], "platform")?;
    scratch.run("zizmor", &["--offline", "--no-progress", "."])?.must(0, "No findings")
}

fn a_workflow_to_be_abused_is_refused() -> Result<(), String> {
    let scratch = Scratch::empty()?;
    let workflow = "\
on: pull_request_target
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo ${{ github.event.pull_request.title }}
";
    scratch.write("platform/.github/workflows/bad.yml", workflow)?;
    let said = scratch.run("zizmor", &["--offline", "--no-progress", "."])?;
    expect(said.status != 0, &said)?;
    said.must(said.status, "template-injection")?;
    said.must(said.status, "dangerous-triggers")
}

/// A trigger that would give the token of this repository to what a fork sends; and no text of GitHub's becomes a part of a script.
fn nothing_runs_with_rights_for_strangers() -> Result<(), String> {
    for file in FILES {
        let text = crate::read(file)?;
        expect(!text.contains("pull_request_target") && !text.contains("workflow_run"), file)?;
        let in_script = text.lines().filter(|line| line.trim_start().starts_with("run:") || line.contains("- run:"));
        for line in in_script {
            expect(!line.contains("${{"), format!("{file}: {line}"))?;
        }
    }
    Ok(())
}

fn scripts_are_right() -> Result<(), String> {
    let scratch = Scratch::empty()?;
    for script in SCRIPTS {
        scratch.run("shellcheck", &[&package(script).display().to_string()])?.must(0, "")?;
    }
    scratch.write("platform/bad", "#!/bin/sh\nrm -r $1/*\n")?;
    scratch.run("shellcheck", &["bad"])?.must(1, "SC2086")
}

fn dockerfile_is_right() -> Result<(), String> {
    let scratch = Scratch::empty()?;
    let file = package("Dockerfile").display().to_string();
    scratch.run("hadolint", &[&file])?.must(0, "")?;
    let text = crate::read("Dockerfile")?;
    expect(text.contains("\nFROM scratch\n"), "the last stage is not empty")?;
    scratch.write("platform/Dockerfile", &text.replace("FROM scratch", "FORM scratch"))?;
    let said = scratch.run("hadolint", &["Dockerfile"])?;
    expect(said.status != 0, &said)
}

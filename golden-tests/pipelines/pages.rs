//! What the pages tell people to copy: every YAML block parses and is what its schema wants, and GitLab's job is run.
//!
//! A block's first line names the file that it is meant for.

use serde_json::Value as Json;

use crate::scratch::{Said, Scratch};
use crate::{Check, expect, judges};

pub(crate) static CHECKS: &[Check] = &[
    ("blocks-are-right", blocks_are_right),
    ("workflow-is-not-to-be-abused", workflow_is_not_to_be_abused),
    ("pre-commit-reads-its-file", pre_commit_reads_its_file),
    ("gitlab-passes-what-is-fresh", gitlab_passes_what_is_fresh),
    ("gitlab-fails-on-a-stale-file", gitlab_fails_on_a_stale_file),
];

const PAGE: &str = "docs/pipelines.md";
const WORKFLOW: &str = ".github/workflows/capacity.yml";

/// The first block of a page for a file.
///
/// # Errors
/// Where there is none.
pub(crate) fn block(page: &str, file: &str) -> Result<String, String> {
    let blocks = blocks(&crate::read(page)?);
    let found = blocks.into_iter().find(|(name, _)| name == file);
    found.map(|(_, text)| text).ok_or_else(|| format!("{page} has no block for {file}"))
}

/// The fenced blocks that say which file they are for, with that file.
fn blocks(page: &str) -> Vec<(String, String)> {
    // Behind every second fence stands text.
    let inside = page.split("\n```").skip(1).step_by(2);
    let named = inside.filter_map(|block| {
        let (_, text) = block.split_once('\n')?;
        let name = text.lines().next()?.strip_prefix("# ")?;
        (!name.contains(' ')).then(|| (name.to_owned(), format!("{text}\n")))
    });
    named.collect()
}

fn blocks_are_right() -> Result<(), String> {
    let blocks = blocks(&crate::read(PAGE)?);
    expect(blocks.len() >= 6, format!("{} blocks", blocks.len()))?;
    for (file, text) in blocks {
        let document: Json = serde_yaml::from_str(&text).map_err(|error| format!("{file}: {error}"))?;
        for schema in judges::schemas_of(&file) {
            let refused = judges::refusals(&schema, &document)?;
            expect(refused.is_empty(), format!("{file}: {refused:?}"))?;
        }
    }
    Ok(())
}

fn workflow_is_not_to_be_abused() -> Result<(), String> {
    let scratch = Scratch::empty()?;
    scratch.write(&format!("platform/{WORKFLOW}"), &block(PAGE, WORKFLOW)?)?;
    scratch.copy(&[".github/zizmor.yml"], "platform")?;
    scratch.run("zizmor", &["--offline", "--no-progress", "."])?.must(0, "No findings")
}

fn pre_commit_reads_its_file() -> Result<(), String> {
    let scratch = Scratch::empty()?;
    for (file, text) in blocks(&crate::read(PAGE)?).into_iter().filter(|(file, _)| file == ".pre-commit-config.yaml") {
        scratch.write(&format!("platform/{file}"), &text)?;
        scratch.run("pre-commit", &["validate-config", &file])?.must(0, "")?;
    }
    scratch.copy(&[".pre-commit-hooks.yaml"], "platform")?;
    scratch.run("pre-commit", &["validate-manifest", ".pre-commit-hooks.yaml"])?.must(0, "")
}

fn gitlab_passes_what_is_fresh() -> Result<(), String> {
    let scratch = Scratch::platform()?;
    scratch.edit("platform/capacity.toml", "= 100_000", "= 120_000")?;
    scratch.run("capgen", &["build"])?.must(0, "")?;
    scratch.commit("more")?;
    gitlab(&scratch)?.must(0, "target_rps")?;
    let report = scratch.read("platform/capgen-diff.md")?;
    expect(report.starts_with("<!-- capgen-diff -->\n") && report.contains("+  maxReplicas: 36"), report)
}

/// The report is there all the same.
fn gitlab_fails_on_a_stale_file() -> Result<(), String> {
    let scratch = Scratch::platform()?;
    scratch.edit("platform/capacity.toml", "= 100_000", "= 120_000")?;
    scratch.commit("more")?;
    gitlab(&scratch)?.must(2, "generated/k8s/inferadb/hpa.yaml is out of date")?;
    let report = scratch.read("platform/capgen-diff.md")?;
    expect(report.contains("+  maxReplicas: 36"), report)
}

/// Runs the commands of GitLab's job in a clone of the last commit alone, as its runner does.
fn gitlab(scratch: &Scratch) -> Result<Said, String> {
    let job: Json = serde_yaml::from_str(&block(PAGE, ".gitlab-ci.yml")?).map_err(|error| error.to_string())?;
    let lines: Vec<&str> =
        job["capacity"]["script"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    let base = scratch.run("git", &["rev-parse", "HEAD^"])?.stdout.trim().to_owned();
    scratch.run("mv", &["../platform", "../origin"])?.must(0, "")?;
    let clone = ["clone", "--quiet", "--depth=1", &format!("file://{}", scratch.path("origin").display()), "platform"];
    scratch.run_in("", "git", &clone, &[])?.must(0, "")?;
    let variables = [("CI_MERGE_REQUEST_DIFF_BASE_SHA".to_owned(), base)];
    scratch.run_in("platform", "sh", &["-e", "-c", &lines.join("\n")], &variables)
}

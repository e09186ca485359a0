//! A runner of composite actions: it reads `action.yml` and runs its steps in order, as GitHub's does, with the same variables and files.
//!
//! It knows of expressions what `action.yml` uses: paths, `path == 'text'`, and `&&` between them; anything else is an error. A step that
//! `uses` another action is noted, and not run.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value as Json;

use crate::package;
use crate::scratch::{Said, Scratch};

/// What the job's token is here; it must show up nowhere.
pub(crate) const TOKEN: &str = "ghs_secret0123456789";

/// The files that a step writes for its runner.
const FILES: [&str; 3] = ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH"];

/// How a job with the action ended.
pub(crate) struct Job {
    /// That of the step that failed, or 0.
    pub(crate) status: i32,
    /// What all steps printed.
    pub(crate) log: String,
    /// What stands in the summary of the run.
    pub(crate) summary: String,
    /// The outputs of the step `report`.
    pub(crate) outputs: BTreeMap<String, String>,
    /// The actions that would have run.
    pub(crate) used: Vec<String>,
}

/// What the event says, and what the workflow asks for.
pub(crate) struct Event<'a> {
    /// The commit that the pull request is compared with; none where it is a push.
    pub(crate) base: Option<&'a str>,
    pub(crate) inputs: &'a [(&'a str, &'a str)],
}

/// Runs the action in the platform.
pub(crate) fn run(scratch: &Scratch, event: &Event<'_>) -> Result<Job, String> {
    let action: Json = serde_yaml::from_str(&crate::read("action.yml")?).map_err(|error| error.to_string())?;
    let mut values = values(&action, event);
    for file in FILES {
        scratch.write(&format!("runner/{file}"), "")?;
    }
    let mut job =
        Job { status: 0, log: String::new(), summary: String::new(), outputs: BTreeMap::new(), used: Vec::new() };
    for step in action["runs"]["steps"].as_array().into_iter().flatten() {
        if let Some(condition) = step["if"].as_str()
            && !holds(condition, &values)?
        {
            continue;
        }
        if let Some(uses) = step["uses"].as_str() {
            job.used.push(uses.to_owned());
            continue;
        }
        let said = step_of(scratch, step, &values)?;
        job.log += &format!("{}{}", said.stdout, said.stderr);
        if said.status != 0 {
            job.status = said.status;
            break;
        }
        if let Some(id) = step["id"].as_str() {
            job.outputs = outputs(&scratch.read("runner/GITHUB_OUTPUT")?);
            values
                .extend(job.outputs.iter().map(|(name, value)| (format!("steps.{id}.outputs.{name}"), value.clone())));
        }
    }
    job.summary = scratch.read("runner/GITHUB_STEP_SUMMARY")?;
    no_secret_is_shown(&job)?;
    Ok(job)
}

/// What expressions can name.
fn values(action: &Json, event: &Event<'_>) -> BTreeMap<String, String> {
    let mut values = BTreeMap::from([("github.token".to_owned(), TOKEN.to_owned())]);
    let inputs = action["inputs"].as_object().into_iter().flatten();
    let defaults = inputs.map(|(name, input)| {
        let default = input["default"].as_str().unwrap_or_default();
        let value = if default == "${{ github.token }}" { TOKEN } else { default };
        (format!("inputs.{name}"), value.to_owned())
    });
    values.extend(defaults);
    values.extend(event.inputs.iter().map(|(name, value)| (format!("inputs.{name}"), (*value).to_owned())));
    if let Some(base) = event.base {
        values.insert("github.event.pull_request.base.sha".to_owned(), base.to_owned());
        values.insert("github.event.pull_request.number".to_owned(), "7".to_owned());
    }
    values
}

fn step_of(scratch: &Scratch, step: &Json, values: &BTreeMap<String, String>) -> Result<Said, String> {
    let script = step["run"].as_str().ok_or("a step that neither runs nor uses")?;
    let mut variables = vec![
        ("GITHUB_ACTION_PATH".to_owned(), package("").display().to_string()),
        ("GITHUB_REPOSITORY".to_owned(), "example/platform".to_owned()),
        ("GH_STATE".to_owned(), scratch.path("github").display().to_string()),
        ("RUNNER_OS".to_owned(), "Linux".to_owned()),
        ("RUNNER_ARCH".to_owned(), "X64".to_owned()),
        ("RUNNER_TEMP".to_owned(), scratch.path("runner").display().to_string()),
    ];
    for file in FILES {
        variables.push((file.to_owned(), scratch.path("runner").join(file).display().to_string()));
    }
    for (name, value) in step["env"].as_object().into_iter().flatten() {
        let expression = inside(value.as_str().unwrap_or_default())?;
        variables.push((name.clone(), values.get(expression).cloned().unwrap_or_default()));
    }
    scratch.write("runner/script", script)?;
    let file = scratch.path("runner/script").display().to_string();
    // As GitHub starts `shell: bash`.
    let arguments = ["--noprofile", "--norc", "-e", "-o", "pipefail", &file];
    scratch.run_in("platform", "bash", &arguments, &variables)
}

/// The expression in `${{ … }}`.
fn inside(text: &str) -> Result<&str, String> {
    let inner = text.strip_prefix("${{").and_then(|text| text.strip_suffix("}}"));
    inner.map(str::trim).ok_or_else(|| format!("`{text}` is no expression"))
}

fn holds(condition: &str, values: &BTreeMap<String, String>) -> Result<bool, String> {
    let value = |path: &str| values.get(path).map(String::as_str).unwrap_or_default();
    let mut all = true;
    for term in inside(condition)?.split(" && ") {
        all &= match term.split_once(" == ") {
            Some((path, text)) => value(path) == text.trim_matches('\''),
            None if term.contains(' ') => return Err(format!("`{term}` is not known here")),
            None => !value(term).is_empty(),
        };
    }
    Ok(all)
}

fn outputs(text: &str) -> BTreeMap<String, String> {
    text.lines().filter_map(|line| line.split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
}

fn no_secret_is_shown(job: &Job) -> Result<(), String> {
    let reports = ["report", "sarif"].iter().filter_map(|name| job.outputs.get(*name));
    let mut texts: Vec<String> = reports.map(|path| fs::read_to_string(path).unwrap_or_default()).collect();
    texts.extend([job.log.clone(), job.summary.clone(), format!("{:?}", job.outputs)]);
    crate::expect(texts.iter().all(|text| !text.contains(TOKEN)), "the token is shown")
}

//! Runs `capgen diff` as a user would, and reads what it says to programs.
//!
//! It knows the report's form. Every difference becomes one line, so that an expectation can be read and a failure pasted.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value as Json;

use crate::folder;

/// What one diff said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: Option<i32>,
    /// Notes and errors.
    pub(crate) complaints: String,
    /// The report; null where there is none.
    report: Json,
}

/// Compares a spec with another side, with this environment and no other.
///
/// # Errors
/// Where the program cannot be run, or says something that is no report.
pub(crate) fn diff(
    spec: &Path,
    against: &str,
    environment: impl IntoIterator<Item = (&'static str, OsString)>,
) -> Result<Said, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_capgen"));
    command.args(["diff", "--format=json", "--exit-code", "--against", against, "--file"]).arg(spec);
    command.current_dir(folder("")).env_clear().envs(environment).stdin(Stdio::null());
    let output = command.output().map_err(|error| error.to_string())?;
    let report = match output.stdout.as_slice() {
        [] => Json::Null,
        text => serde_json::from_slice(text).map_err(|error| error.to_string())?,
    };
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok(Said { status: output.status.code(), complaints, report })
}

impl Said {
    /// Every change: `KIND NAMESPACE/NAME PATH: before → after`, or `+ KIND NAMESPACE/NAME` for a whole object.
    pub(crate) fn shown(&self) -> BTreeSet<String> {
        let mut lines = BTreeSet::new();
        for object in self.all("objects") {
            let title = text(&object["identity"]["title"]);
            match object["action"].as_str().unwrap_or_default() {
                "change" => {}
                action => _ = lines.insert(format!("{action} {title}")),
            }
            for edit in object["edits"].as_array().into_iter().flatten() {
                let (before, after) = (text(&edit["before"]), text(&edit["after"]));
                lines.insert(format!("{title} {}: {before} → {after}", text(&edit["path"])));
            }
        }
        lines
    }

    /// Every difference that was ignored: `KIND NAMESPACE/NAME PATH: reason`.
    pub(crate) fn ignored(&self) -> BTreeSet<String> {
        let line =
            |it: &Json| format!("{} {}: {}", text(&it["identity"]["title"]), text(&it["path"]), text(&it["reason"]));
        self.all("ignored").map(line).collect()
    }

    /// What is there and nobody's to delete: `KIND NAMESPACE/NAME`.
    pub(crate) fn unmanaged(&self) -> BTreeSet<String> {
        self.all("unmanaged").map(|it| text(&it["title"])).collect()
    }

    /// The risk of a whole object and its reason: `ordering: …`.
    pub(crate) fn risk_of(&self, title: &str) -> Option<String> {
        let object = self.all("objects").find(|it| it["identity"]["title"] == title)?;
        Some(format!("{}: {}", text(&object["risk"]["risk"]), text(&object["risk"]["reason"])))
    }

    /// # Errors
    /// Where other changes are shown than these, where the status does not say so, or where an ignored difference has no
    /// reason or is not counted.
    pub(crate) fn must_show(&self, expected: &BTreeSet<String>) -> Result<(), String> {
        let shown = self.shown();
        if shown != *expected || self.report.is_null() {
            let (expected, shown) = (lines(expected), lines(&shown));
            return Err(format!("expected:\n{expected}shown:\n{shown}and said:\n{}", self.complaints));
        }
        let status = if expected.is_empty() { 0 } else { 2 };
        if self.status != Some(status) {
            return Err(format!("it ends with {:?}, not with {status}", self.status));
        }
        let all = self.all("ignored").count();
        match self.report["totals"]["ignored"] == all && self.all("ignored").all(|it| !text(&it["reason"]).is_empty()) {
            true => Ok(()),
            false => Err(format!("{all} differences are ignored, not all with a reason: {}", self.report["totals"])),
        }
    }

    /// # Errors
    /// Where one of these differences was not ignored for this reason.
    pub(crate) fn must_ignore(&self, expected: &[String]) -> Result<(), String> {
        let ignored = self.ignored();
        match expected.iter().find(|it| !ignored.contains(*it)) {
            Some(missing) => Err(format!("not ignored: {missing}\nignored:\n{}", lines(&ignored))),
            None => Ok(()),
        }
    }

    /// # Errors
    /// Where it did not fail, or does not say all of these.
    pub(crate) fn must_fail(&self, words: &[&str]) -> Result<(), String> {
        match self.status == Some(1) && self.report.is_null() && words.iter().all(|it| self.complaints.contains(it)) {
            true => Ok(()),
            false => Err(format!("it ends with {:?}, not with 1 and {words:?}:\n{}", self.status, self.complaints)),
        }
    }

    fn all(&self, list: &str) -> impl Iterator<Item = &Json> {
        self.report[list].as_array().into_iter().flatten()
    }
}

fn text(value: &Json) -> String {
    match value {
        Json::Null => "∅".to_owned(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn lines(all: &BTreeSet<String>) -> String {
    all.iter().map(|it| format!("  {it}\n")).collect()
}

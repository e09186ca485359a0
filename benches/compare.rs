//! The programs beside capgen: whether they are there, whether they make the same documents, and how long they take.
//!
//! A comparison counts only where the result is the same: with few workloads the documents are compared as data first.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::Deserialize as _;
use serde_json::Value;

use crate::Outcome;
use crate::measure::{self, Run, Timing};

/// With more workloads the comparison of the documents would take longer than the programs.
const COMPARED: usize = 1_000;

/// A program that makes the same documents.
#[derive(Debug)]
pub(crate) struct Program {
    /// What it is asked, for the table.
    pub(crate) title: &'static str,
    /// What it takes to run it on a spec and on capgen's output.
    run: fn(&str, &Path, &Path) -> Run,
    /// `None`: it is not installed, or took too long.
    name: Option<String>,
    why_not: &'static str,
}

impl Program {
    /// Reads all documents that capgen wrote and prints them.
    pub(crate) fn kustomize() -> Self {
        Self::new("kubectl kustomize", "KUBECTL", "kubectl", &["version", "--client"], |name, _, out| {
            Run::new(name).argument("kustomize").argument(out)
        })
    }

    /// Computes the documents from the values of the spec and prints them.
    pub(crate) fn jsonnet() -> Self {
        Self::new("jsonnet", "JSONNET", "jsonnet", &["--version"], |name, spec, _| {
            Run::new(name).argument("--yaml-stream").argument(spec.join("capacity.jsonnet"))
        })
    }

    fn new(
        title: &'static str,
        variable: &str,
        default: &str,
        probe: &[&str],
        run: fn(&str, &Path, &Path) -> Run,
    ) -> Self {
        let name = env::var(variable).unwrap_or_else(|_| default.to_owned());
        let probe = probe.iter().fold(Run::new(&name), |run, argument| run.argument(argument));
        let is_there =
            probe.command().stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|it| it.success());
        Self { title, run, name: is_there.then_some(name), why_not: "not installed" }
    }

    /// How long it takes, after a look at what it makes.
    ///
    /// # Errors
    /// It fails, or its documents are not capgen's.
    pub(crate) fn measure(&mut self, spec: &Path, out: &Path, repeats: usize) -> Outcome<String> {
        let Some(name) = &self.name else { return Ok(self.why_not.to_owned()) };
        let run = (self.run)(name, spec, out);
        let timing = measure::repeat(&run, repeats)?;
        if matches!(timing, Timing::Stopped) {
            self.name = None;
            self.why_not = "not tried";
        } else if count(out)?.0 <= COMPARED {
            self.compare(&run, out)?;
        }
        Ok(timing.to_string())
    }

    fn compare(&self, run: &Run, out: &Path) -> Outcome<()> {
        let output = run.command().stderr(Stdio::inherit()).output()?;
        measure::succeeded(run, output.status)?;
        let mut ours = BTreeMap::new();
        for file in kubernetes_files(out)? {
            read(&fs::read_to_string(file)?, &mut ours)?;
        }
        let mut theirs = BTreeMap::new();
        read(&String::from_utf8(output.stdout)?, &mut theirs)?;
        let differs = |key: &&String| ours.get(*key) != theirs.get(*key);
        match ours.keys().chain(theirs.keys()).find(differs) {
            None => Ok(()),
            Some(key) => {
                let shown = |of: &BTreeMap<String, Value>| of.get(key).map_or("nothing".to_owned(), Value::to_string);
                let (ours, theirs) = (shown(&ours), shown(&theirs));
                Err(format!("{} differs in {key}:\ncapgen: {ours}\n{}: {theirs}", self.title, self.title).into())
            }
        }
    }
}

/// The Kubernetes documents and the files of an output folder.
pub(crate) fn count(out: &Path) -> Outcome<(usize, usize)> {
    let mut documents = 0;
    for file in kubernetes_files(out)? {
        documents += fs::read_to_string(file)?.lines().filter(|line| line.starts_with("kind:")).count();
    }
    Ok((documents, files(out)?.len()))
}

fn kubernetes_files(out: &Path) -> Outcome<Vec<PathBuf>> {
    files(&out.join("k8s"))
}

fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => found.extend(files(&entry.path())?),
            false => found.push(entry.path()),
        }
    }
    Ok(found)
}

/// Reads documents, each under its kind and name.
fn read(text: &str, documents: &mut BTreeMap<String, Value>) -> Outcome<()> {
    for document in serde_yaml::Deserializer::from_str(text) {
        let document = Value::deserialize(document)?;
        let named = |pointer: &str| document.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let key = format!("{} {}", named("/kind"), named("/metadata/name"));
        if !document.is_null() && documents.insert(key.clone(), document).is_some() {
            return Err(format!("{key} stands there twice").into());
        }
    }
    Ok(())
}

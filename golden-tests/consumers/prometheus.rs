//! Prometheus: `promtool` must accept every rule, and rules must fire and stay silent as they should.
//!
//! A test of rules is a file of `golden-tests/consumers/prometheus/`: its first line names the rules, the rest is what
//! `promtool test rules` reads.

use std::fs;
use std::process::Command;

use capgen::doc::value::Node;
use capgen::doc::{json, yaml};

use crate::folder;
use crate::program::{self, Folder};

/// What is not installed.
pub(crate) fn missing() -> Option<String> {
    program::missing("promtool", "prometheus")
}

/// The rules of a file: a rule file as it is, of a PrometheusRule its `spec`.
///
/// # Errors
/// It is neither.
pub(crate) fn rules(text: &str) -> Result<String, String> {
    let documents = yaml::parse(text, &yaml::Limits::default()).map_err(|fault| format!("{fault:?}"))?;
    let document = documents.first().ok_or("nothing stands in it")?;
    match document.get("kind").and_then(Node::as_str) {
        None => Ok(text.to_owned()),
        Some("PrometheusRule") => Ok(json::print(document.get("spec").ok_or("no spec")?)),
        Some(kind) => Err(format!("it is a {kind}")),
    }
}

/// # Errors
/// What promtool says, where it refuses the rules or sees one twice.
pub(crate) fn check(text: &str) -> Result<(), String> {
    let folder = Folder::create()?;
    let file = folder.write("rules.yaml", &rules(text)?)?;
    let said = promtool(&folder, &["check", "rules", "--lint-fatal", &file.display().to_string()])?;
    match said.contains("SUCCESS: 0 rules") {
        true => Err("no rule stands in it".to_owned()),
        false => Ok(()),
    }
}

/// # Errors
/// What promtool says, where a rule fires or is silent and should not be.
pub(crate) fn test(text: &str) -> Result<(), String> {
    let named = text.lines().find_map(|line| line.strip_prefix("# rules: ")).ok_or("no line names the rules")?;
    let rules_text = fs::read_to_string(folder(named)).map_err(|error| format!("{named}: {error}"))?;
    let missing: Vec<String> = alerts(&rules_text).into_iter().filter(|it| !text.contains(it.as_str())).collect();
    if text.starts_with("# Every alert ") && !missing.is_empty() {
        return Err(format!("it says nothing of {}", missing.join(", ")));
    }
    let place = Folder::create()?;
    place.write("rules.yaml", &rules(&rules_text)?)?;
    let file = place.write("test.yaml", text)?;
    promtool(&place, &["test", "rules", &file.display().to_string()]).map(drop)
}

/// The names of the alerts in some rules.
fn alerts(text: &str) -> Vec<String> {
    text.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).map(str::to_owned).collect()
}

fn promtool(place: &Folder, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(program::find("promtool").unwrap_or_default());
    command.current_dir(place.path()).env_clear().args(arguments);
    let output = command.output().map_err(|error| error.to_string())?;
    let said = [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned()).concat();
    if output.status.success() { Ok(said) } else { Err(said) }
}

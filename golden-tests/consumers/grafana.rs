//! Grafana: its own library must know every key of a dashboard, and Prometheus every query in it.
//!
//! `grafana/read.py` reads a dashboard with `grafana-foundation-sdk` and writes it again: what the library does not know is lost on
//! the way. The queries become rules, with Grafana's variables still in them: `promtool` must accept each.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::{Value as Json, json};

use crate::folder;
use crate::program::{self, Folder};
use crate::prometheus;

/// What is not installed.
pub(crate) fn missing() -> Option<String> {
    let sdk = folder(TOOLS).join("grafana_foundation_sdk");
    let library = || (!sdk.is_dir()).then(|| format!("{TOOLS} has no grafana-foundation-sdk (.ci/consumers.txt)"));
    program::missing("python3", "python3").or_else(prometheus::missing).or_else(library)
}

/// Where `.ci/run` installs the libraries.
const TOOLS: &str = "target/ci/consumers";

/// # Errors
/// What the library does not know, what stands twice, what promtool refuses.
pub(crate) fn check(text: &str) -> Result<(), String> {
    // A fixture says in a comment why it must be refused.
    let text = text.lines().filter(|line| !line.starts_with("# ")).collect::<Vec<_>>().join("\n");
    let dashboard: Json = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let panels = dashboard["panels"].as_array().ok_or("it has no panels")?;
    check_layout(panels)?;
    check_queries(panels)?;
    let place = Folder::create()?;
    let file = place.write("dashboard.json", &text)?;
    let mut command = Command::new(program::find("python3").unwrap_or_default());
    command.env_clear().env("PYTHONPATH", folder(TOOLS)).arg("-B");
    program::run(command.arg(folder("golden-tests/consumers/grafana/read.py")).arg(file)).map(drop)
}

/// Numbers are unique, nothing overlaps, nothing leaves the 24 columns.
fn check_layout(panels: &[Json]) -> Result<(), String> {
    let (mut ids, mut cells) = (BTreeSet::new(), BTreeSet::new());
    for panel in panels {
        let title = &panel["title"];
        if !ids.insert(panel["id"].as_i64()) {
            return Err(format!("the panel {title} has the number of another"));
        }
        let number = |key: &str| panel["gridPos"][key].as_i64().ok_or_else(|| format!("{title} has no {key}"));
        let (height, width, x, y) = (number("h")?, number("w")?, number("x")?, number("y")?);
        for cell in (x..x + width).flat_map(|x| (y..y + height).map(move |y| (x, y))) {
            if cell.0 >= 24 || !cells.insert(cell) {
                return Err(format!("the panel {title} overlaps another, or the edge"));
            }
        }
    }
    Ok(())
}

fn check_queries(panels: &[Json]) -> Result<(), String> {
    let targets = panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten();
    let rule = |(index, target): (usize, &Json)| json!({ "record": format!("query:{index}"), "expr": target["expr"] });
    let rules: Vec<Json> = targets.enumerate().map(rule).collect();
    if rules.is_empty() {
        return Err("it asks nothing".to_owned());
    }
    for expr in rules.iter().filter_map(|rule| rule["expr"].as_str()) {
        if expr.contains('$') || expr.contains("[[") {
            return Err(format!("Grafana would look for a variable in {expr}"));
        }
    }
    prometheus::check(&json!({ "groups": [{ "name": "dashboard", "rules": rules }] }).to_string())
}

//! What the server holds of each example once it was applied, kept as files for tests on machines without a server.
//!
//! It knows which lines tell of one server and one moment. Those get fixed values; everything else stays as it is.

use std::path::PathBuf;
use std::{env, fs};

use serde::Deserialize as _;
use serde_json::Value as Json;

use crate::folder;

/// What differs from run to run, and stands in for it.
const OF_THE_MOMENT: [(&str, &str); 4] = [
    ("creationTimestamp: ", "\"2026-01-01T00:00:00Z\""),
    ("resourceVersion: ", "\"1\""),
    ("time: ", "\"2026-01-01T00:00:00Z\""),
    ("uid: ", "00000000-0000-0000-0000-000000000000"),
];

/// # Errors
/// Where answers would be recorded on a build machine: nobody would look at them there.
pub(crate) fn refuse_in_ci() -> Result<(), String> {
    match is_asked() && env::var_os("CI").is_some_and(|value| value != "false" && !value.is_empty()) {
        true => Err("CAPGEN_BLESS is set where CI is set".to_owned()),
        false => Ok(()),
    }
}

/// The record of a subject.
pub(crate) fn path(subject: &str) -> PathBuf {
    folder("golden-tests/cluster/recorded").join(format!("{subject}.yaml"))
}

/// Compares what the server holds with the record; `CAPGEN_BLESS=1` makes it the record.
///
/// # Errors
/// Where they differ, or where the record cannot be written.
pub(crate) fn is_current(example: &str, held: &str) -> Result<(), String> {
    let path = path(example);
    let held = timeless(held);
    if is_asked() {
        let parent = path.parent().unwrap_or(&path);
        return fs::create_dir_all(parent).and_then(|()| fs::write(&path, held)).map_err(|error| error.to_string());
    }
    let recorded = fs::read_to_string(&path).unwrap_or_default();
    if recorded == held {
        return Ok(());
    }
    let differences =
        similar::TextDiff::from_lines(&recorded, &held).unified_diff().header("recorded", "held").to_string();
    Err(format!("{differences}\nrecord it: CAPGEN_BLESS=1 cargo test --test cluster -- --exact examples/{example}"))
}

/// Whether it is all one how objects were applied: then one record does for both ways.
///
/// # Errors
/// Where the server holds something else but for who wrote it and when.
pub(crate) fn is_same_in_substance(client_side: &str, server_side: &str) -> Result<(), String> {
    let (client_side, server_side) = (substance(client_side)?, substance(server_side)?);
    match client_side == server_side {
        true => Ok(()),
        false => {
            let difference = similar::TextDiff::from_lines(&client_side, &server_side);
            Err(difference.unified_diff().header("applied by kubectl", "applied by the server").to_string())
        }
    }
}

fn substance(held: &str) -> Result<String, String> {
    let mut list = Json::deserialize(serde_yaml::Deserializer::from_str(held)).map_err(|error| error.to_string())?;
    if list["items"].is_null() {
        list = serde_json::json!({"items": [list]});
    }
    for item in list["items"].as_array_mut().into_iter().flatten() {
        let Some(metadata) = item["metadata"].as_object_mut() else { continue };
        let of_one_way = ["annotations", "creationTimestamp", "generation", "managedFields", "resourceVersion", "uid"];
        metadata.retain(|key, _| !of_one_way.contains(&key.as_str()));
    }
    Ok(format!("{list:#}"))
}

fn is_asked() -> bool {
    env::var_os("CAPGEN_BLESS").is_some_and(|value| value != "0" && !value.is_empty())
}

fn timeless(held: &str) -> String {
    let line = |line: &str| {
        let text = line.trim_start_matches([' ', '-']);
        match OF_THE_MOMENT.iter().find(|(key, _)| text.starts_with(key)) {
            Some((key, value)) => format!("{}{key}{value}\n", &line[..line.len() - text.len()]),
            None => format!("{line}\n"),
        }
    };
    held.lines().map(line).collect()
}

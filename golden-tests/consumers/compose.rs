//! Docker Compose: every override file is laid on a file that has the services' images, by the loader that `docker compose` is built on.
//!
//! What the project then says must be what the override says: the loader checks the schema, reads durations and bytes, and expands variables.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Map, Value as Json, json};

use crate::program::{self, Folder};

/// What is not built.
pub(crate) fn missing() -> Option<String> {
    (!loader().is_file()).then(|| "compose-config is not there (golden-tests/consumers/compose/build)".to_owned())
}

fn loader() -> PathBuf {
    crate::folder("target/ci/bin/compose-config")
}

/// # Errors
/// What the loader says where it refuses the file, or what the project has instead.
pub(crate) fn check(text: &str) -> Result<(), String> {
    let written: Json = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    let services = written["services"].as_object().ok_or("no services")?;
    let base: Map<String, Json> =
        services.keys().map(|name| (name.clone(), json!({ "image": "image", "environment": ["OWN=1"] }))).collect();
    let folder = Folder::create()?;
    let base = folder.write("compose.yaml", &json!({ "services": base }).to_string())?;
    let over = folder.write("compose.capacity.yaml", text)?;
    let mut command = Command::new(loader());
    command.env_clear().current_dir(folder.path()).arg(base).arg(over);
    let project: Json = serde_json::from_str(&program::run(&mut command)?).map_err(|error| error.to_string())?;
    for (name, service) in services {
        let found = &project["services"][name];
        same(name, "replicas", &service["deploy"]["replicas"], &found["deploy"]["replicas"])?;
        for share in ["limits", "reservations"] {
            let (asked, has) = (&service["deploy"]["resources"][share], &found["deploy"]["resources"][share]);
            same(name, "cpus", &cores(&asked["cpus"]), &has["cpus"].as_f64().map_or(Json::Null, Json::from))?;
            same(name, "memory", &bytes(&asked["memory"]), &has["memory"])?;
        }
        let mut expected = service["environment"].as_object().cloned().unwrap_or_default();
        for value in expected.values_mut() {
            *value = value.as_str().unwrap_or_default().replace("$$", "$").into();
        }
        expected.insert("OWN".to_owned(), "1".into());
        same(name, "environment", &expected.into(), &found["environment"])?;
    }
    Ok(())
}

fn same(service: &str, key: &str, asked: &Json, found: &Json) -> Result<(), String> {
    match asked == found {
        true => Ok(()),
        false => Err(format!("{service}: {key} is {found}, not {asked}")),
    }
}

fn cores(text: &Json) -> Json {
    text.as_str().and_then(|it| it.parse::<f64>().ok()).map_or(Json::Null, Json::from)
}

/// As the loader prints it: plain bytes, as text.
fn bytes(text: &Json) -> Json {
    let Some((number, unit)) = text.as_str().and_then(|it| it.split_at_checked(it.len().checked_sub(1)?)) else {
        return Json::Null;
    };
    let power = match unit {
        "g" => 30,
        "m" => 20,
        "k" => 10,
        _ => 0,
    };
    number.parse::<u64>().map_or(Json::Null, |it| (it << power).to_string().into())
}

//! The upstream schemas beside this checkout, each compiled once, when first needed.
//!
//! Where they are not there, what needs them is skipped and says so; `CAPGEN_REQUIRE_ALL=1` makes that a failure.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jsonschema::Validator;
use serde_json::Value as Json;

/// Where the schemas are expected, below this package.
const UPSTREAM: &str = "../shared/upstream";

/// The folder of the schemas, where it is there.
pub(crate) fn upstream() -> Option<&'static Path> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    let find = || {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(UPSTREAM);
        if folder.is_dir() {
            return Some(folder);
        }
        eprintln!("skipped: upstream schemas: {UPSTREAM} is not there");
        None
    };
    FOLDER.get_or_init(find).as_deref()
}

/// # Errors
/// Where every check must run, and the schemas are not there.
pub(crate) fn require() -> Result<(), String> {
    let must = env::var_os("CAPGEN_REQUIRE_ALL").is_some_and(|value| value == "1");
    match upstream() {
        None if must => Err(format!("CAPGEN_REQUIRE_ALL is set, and {UPSTREAM} is not there")),
        _ => Ok(()),
    }
}

/// The schema of a kind of document, below the folder of the schemas.
///
/// Kubernetes, KEDA: `make_strict.py` names the files `<kind>-<first label of the group>-<version>.json`.
pub(crate) fn of_kind(api_version: &str, kind: &str, kubernetes: &str) -> String {
    let kind = kind.to_lowercase();
    match api_version.split_once('/') {
        None => format!("kubernetes/strict-{kubernetes}/{kind}-{api_version}.json"),
        Some(("eksctl.io", _)) => "eksctl/schema.json".to_owned(),
        Some(("kustomize.config.k8s.io", _)) => "misc/kustomization.json".to_owned(),
        Some(("monitoring.coreos.com", version)) => {
            format!("prometheus-operator/strict/{kind}-monitoring-{version}.json")
        }
        Some(("karpenter.sh" | "karpenter.k8s.aws", version)) => {
            format!("karpenter/strict/{kind}-karpenter-{version}.json")
        }
        // Strimzi's is no Go module and not among the schemas: what it takes stands here.
        Some(("kafka.strimzi.io", _)) => format!("{}/golden-tests/oracle/kafkatopic.json", env!("CARGO_MANIFEST_DIR")),
        Some(("keda.sh", version)) => format!("keda/strict/{kind}-keda-{version}.json"),
        Some((group, version)) => {
            let label = group.split('.').next().unwrap_or(group);
            format!("kubernetes/strict-{kubernetes}/{kind}-{label}-{version}.json")
        }
    }
}

/// What a schema refuses in a document; nothing where the schemas are not there.
pub(crate) fn violations(schema: &str, document: &Json) -> Vec<String> {
    let Some(upstream) = upstream() else { return Vec::new() };
    match compiled(&upstream.join(schema)) {
        Err(error) => vec![format!("the schema {schema}: {error}")],
        Ok(validator) => {
            let describe = |error: jsonschema::ValidationError<'_>| {
                let place = error.instance_path().to_string();
                let place = if place.is_empty() { "/".to_owned() } else { place };
                format!("{place}: {error} ({schema})")
            };
            validator.iter_errors(document).map(describe).collect()
        }
    }
}

/// What a schema refuses in a part of a document: no key is required, and null takes a key away.
pub(crate) fn violations_of_part(schema: &str, document: &Json) -> Vec<String> {
    let Some(upstream) = upstream() else { return Vec::new() };
    let schema_of_parts = json(&upstream.join(schema)).and_then(|mut it| {
        without_requirements(&mut it);
        jsonschema::validator_for(&it).map_err(|error| error.to_string())
    });
    match schema_of_parts {
        Err(error) => vec![format!("the schema {schema}: {error}")],
        Ok(validator) => {
            let mut document = document.clone();
            without_nulls(&mut document);
            let found = validator.iter_errors(&document);
            found.map(|error| format!("{}: {error} ({schema})", error.instance_path())).collect()
        }
    }
}

fn without_requirements(schema: &mut Json) {
    match schema {
        Json::Array(items) => items.iter_mut().for_each(without_requirements),
        Json::Object(members) => {
            // A property may be called `required`; the keyword is a list.
            if members.get("required").is_some_and(Json::is_array) {
                members.remove("required");
            }
            members.values_mut().for_each(without_requirements);
        }
        _ => {}
    }
}

fn without_nulls(document: &mut Json) {
    match document {
        Json::Array(items) => items.iter_mut().for_each(without_nulls),
        Json::Object(members) => {
            members.retain(|_, value| !value.is_null());
            members.values_mut().for_each(without_nulls);
        }
        _ => {}
    }
}

/// A JSON file among the schemas.
pub(crate) fn json(path: &Path) -> Result<Json, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

fn compiled(path: &Path) -> Result<Arc<Validator>, String> {
    static COMPILED: OnceLock<Mutex<BTreeMap<PathBuf, Arc<Validator>>>> = OnceLock::new();
    // A test that panics in here leaves the map whole.
    let mut known = COMPILED.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(validator) = known.get(path) {
        return Ok(Arc::clone(validator));
    }
    let mut schema = json(path)?;
    escape_references(&mut schema);
    let validator = jsonschema::validator_for(&schema).map_err(|error| error.to_string())?;
    Ok(Arc::clone(known.entry(path.to_owned()).or_insert(Arc::new(validator))))
}

/// eksctl names definitions `github.com|aws|…`; a reference to them must be a URI, where `|` cannot stand.
fn escape_references(schema: &mut Json) {
    match schema {
        Json::Array(items) => items.iter_mut().for_each(escape_references),
        Json::Object(members) => {
            for (key, value) in members {
                match value {
                    Json::String(reference) if key == "$ref" => *reference = reference.replace('|', "%7C"),
                    value => escape_references(value),
                }
            }
        }
        _ => {}
    }
}

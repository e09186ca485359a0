//! Terraform: its own parser must read every `.tf.json`, each resource must be one that the provider for Amazon knows, and what the provider
//! would call must be what botocore takes and what the files for the command line say.
//!
//! `terraform/schema.json` has the arguments of the three resources; `terraform/build` builds the parser.

use std::path::PathBuf;
use std::process::Command;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::output::Output;
use crate::program::{self, Folder};
use crate::{aws, folder};

/// Two golden cases whose specs differ in the format alone.
const IN_TERRAFORM: &str = "golden-tests/cases/build/ecs/terraform/out/generated";
const AS_CALLS: &str = "golden-tests/cases/build/ecs/calls/out/generated";

/// What the provider would call.
#[derive(Deserialize)]
struct Call {
    kind: String,
    body: Json,
}

/// The file of the first case, and those of the second.
pub(crate) struct Pair {
    terraform: Vec<String>,
    calls: Vec<String>,
}

/// What is not built.
pub(crate) fn missing() -> Option<String> {
    (!reader().is_file()).then(|| "terraform-config is not there (golden-tests/consumers/terraform/build)".to_owned())
}

fn reader() -> PathBuf {
    folder("target/ci/bin/terraform-config")
}

/// The files for Terraform of one output folder.
pub(crate) fn files(output: &Output) -> Vec<String> {
    let files = output.below("ecs/").filter(|(path, _)| path.ends_with(".tf.json"));
    files.map(|(_, text)| text.clone()).collect()
}

/// # Errors
/// What Terraform's parser, the provider's schema or Amazon's client says.
pub(crate) fn check(text: &str) -> Result<(), String> {
    let calls = read(text)?;
    if calls.is_empty() {
        return Err("it has no resources".to_owned());
    }
    calls.iter().try_for_each(|it| aws::check(&format!("{}.json", it.kind), &it.body.to_string()))
}

fn read(text: &str) -> Result<Vec<Call>, String> {
    let folder = Folder::create()?;
    let path = folder.write("scaling.tf.json", text)?;
    let said = program::run(Command::new(reader()).env_clear().arg(path))?;
    serde_json::from_str(&said).map_err(|error| format!("{error}: {said}"))
}

/// What [`same`] compares.
pub(crate) fn pair(outputs: &[Output]) -> Pair {
    let of = |name: &'static str| outputs.iter().filter(move |it| it.name == name);
    let terraform = of(IN_TERRAFORM).flat_map(files).collect();
    let calls = of(AS_CALLS).flat_map(|it| it.below("ecs/").map(|(_, text)| text.clone())).collect();
    Pair { terraform, calls }
}

/// # Errors
/// A call that one of the two forms has, and the other has not.
pub(crate) fn same(pair: Pair) -> Result<(), String> {
    let [file] = pair.terraform.as_slice() else { return Err(format!("{IN_TERRAFORM} has not one file")) };
    let from_terraform: Vec<Json> = read(file)?.into_iter().map(|it| it.body).collect();
    let written: Result<Vec<Json>, _> = pair.calls.iter().map(|it| serde_json::from_str(it)).collect();
    let written = written.map_err(|error| error.to_string())?;
    let only = |these: &[Json], those: &[Json]| these.iter().find(|it| !those.contains(it)).map(Json::to_string);
    match (only(&from_terraform, &written), only(&written, &from_terraform)) {
        (None, None) if !written.is_empty() => Ok(()),
        (here, there) => Err(format!("only Terraform calls {here:?}, only the command line calls {there:?}")),
    }
}

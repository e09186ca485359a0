//! AWS Application Auto Scaling: every JSON file is a call that Amazon's own client takes, every template one that cfn-lint takes.
//!
//! Nothing is called: botocore, which `aws` is built on, checks parameters against the service's model before it sends them, and `aws.py`
//! adds the enumerations and patterns of that model, which botocore leaves to the server.

use std::path::PathBuf;
use std::process::Command;

use crate::program::{self, Folder};

/// The program `cfn-lint`, without the script that pip makes of it.
const LINTER: &str = "from cfnlint.runner.cli import main; main()";

/// What is not installed.
pub(crate) fn missing() -> Option<String> {
    let packages = || {
        let missing = ["botocore", "cfnlint"].iter().any(|it| !packages().join(it).is_dir());
        missing.then(|| "botocore and cfn-lint are not there (.ci/run installs .ci/pipelines.txt)".to_owned())
    };
    program::missing("python3", "python3").or_else(packages)
}

fn packages() -> PathBuf {
    crate::folder("target/ci/pipelines")
}

/// Judges a file by its name: `policy-cpu.json`, `shop.template.json`.
///
/// # Errors
/// What the client or the linter says.
pub(crate) fn check(file: &str, text: &str) -> Result<(), String> {
    let folder = Folder::create()?;
    let name = file.rsplit('/').next().unwrap_or(file);
    let path = folder.write(name, text)?;
    let mut command = Command::new(program::find("python3").unwrap_or_default());
    command.env_clear().env("PYTHONPATH", packages()).env("PYTHONDONTWRITEBYTECODE", "1").env("HOME", folder.path());
    match name.ends_with(".template.json") {
        true => command.args(["-c", LINTER, "--regions", "us-east-1", "--template"]),
        false => command.arg(crate::folder("golden-tests/consumers/aws.py")),
    };
    let output = command.arg(path).output().map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(()),
        false => Err([output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned()).concat()),
    }
}

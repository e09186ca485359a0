//! Plans for more partitions: a real shell runs each, shellcheck finds nothing, and a stand-in of `kafka-topics.sh` writes down how it is called.
//!
//! The stand-in is all that `PATH` holds, so that whatever else a plan would run is an error. Kafka itself judges the rest: no
//! Kafka is needed to see that the right topic is named, once before and once after, and grown in between.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use crate::folder as folder_of;
use crate::program::{self, Folder};
use crate::runbook::SHELLCHECK;

/// Where the brokers are, with what a shell must not take apart.
const BROKERS: &str = "kafka:9092,kafka 2:9092;$HOME";

/// What is not installed.
pub(crate) fn missing() -> Option<String> {
    let judge = || (!folder_of(SHELLCHECK).is_file()).then(|| format!("{SHELLCHECK} is not there (.ci/run makes it)"));
    program::missing("sh", "dash").or_else(judge)
}

/// # Errors
/// What the shell says, or how the calls differ from a plan's.
pub(crate) fn check(text: &str) -> Result<(), String> {
    let folder = Folder::create()?;
    let calls = folder.path().join("calls");
    let shell = program::find("sh").unwrap_or_default();
    let stand_in = format!(
        "#!{}\nprintf '[%s]' \"$@\" >> '{}'\necho >> '{}'\n",
        shell.display(),
        calls.display(),
        calls.display()
    );
    fs::create_dir(folder.path().join("bin")).map_err(|error| error.to_string())?;
    let program = folder.write("bin/kafka-topics.sh", &stand_in)?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).map_err(|error| error.to_string())?;
    let plan = folder.write("plan.sh", text)?;
    let mut command = Command::new(&shell);
    command.env_clear().env("PATH", folder.path().join("bin")).arg(&plan);
    if program::run(&mut command).is_ok() || calls.exists() {
        return Err("it runs without `BOOTSTRAP_SERVERS`".to_owned());
    }
    program::run(command.env("BOOTSTRAP_SERVERS", BROKERS))?;
    let said = fs::read_to_string(&calls).unwrap_or_default();
    let lines: Vec<&str> = said.lines().collect();
    let topic = lines.first().and_then(|it| it.strip_suffix(']')?.rsplit_once('[')).map(|(_, topic)| topic);
    let topic = topic.ok_or("it calls nothing")?;
    let describe = format!("[--bootstrap-server][{BROKERS}][--describe][--topic][{topic}]");
    let alter = format!("[--bootstrap-server][{BROKERS}][--alter][--topic][{topic}][--partitions][");
    let is_topic = topic.bytes().all(|it| it.is_ascii_alphanumeric() || b"._-".contains(&it));
    let grown = lines.get(1).and_then(|it| it.strip_prefix(&alter)?.strip_suffix(']')?.parse::<u32>().ok());
    match lines.as_slice() {
        [first, _, last] if *first == describe && *last == describe && is_topic && grown.is_some() => {}
        _ => return Err(format!("these are no calls of a plan:\n{said}")),
    }
    let judge = Command::new(folder_of(SHELLCHECK)).args(["--shell", "sh", "--format", "gcc"]).arg(&plan).output();
    let judge = judge.map_err(|error| error.to_string())?;
    if !judge.status.success() {
        return Err(format!("shellcheck: {}", String::from_utf8_lossy(&judge.stdout)));
    }
    Ok(())
}

//! The ways into other people's pipelines, each walked with the program that stands there: pre-commit, the runner's bash, a linter of
//! workflows, the language servers' checkers, kubectl.
//!
//! What cannot be here is stood in for, as little as possible: GitHub by `gh`, a stub of its command line that keeps comments in a file,
//! and its runner by `runner.rs`, which runs the steps of `action.yml` itself. Every judgement is proven able to fail. What is not
//! installed is one line on standard error; `CAPGEN_REQUIRE_ALL=1` makes it a failure.
//!
//! Filters work as with any test: `cargo test --test pipelines -- pre-commit/`.

#![allow(clippy::disallowed_methods, clippy::print_stderr, reason = "tests run programs and read files")]

mod action;
mod adopting;
mod editors;
mod judges;
mod kubectl;
mod pages;
mod pre_commit;
#[path = "../consumers/program.rs"]
#[allow(dead_code, reason = "the consumers use the rest")]
mod program;
mod release;
mod runner;
mod scratch;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    match trials() {
        Ok(trials) => libtest_mimic::run(&Arguments::from_args(), trials).exit_code(),
        Err(error) => {
            eprintln!("pipelines: {error}");
            ExitCode::FAILURE
        }
    }
}

fn trials() -> Result<Vec<Trial>, String> {
    let tools = program::is_there("pipelines", scratch::missing_tools())?;
    let cut = tools && program::is_there("pre-commit without a network", scratch::missing_cut())?;
    let jq = program::is_there("action", program::missing("jq", "jq"))?;
    let cluster = program::is_there("kubectl", kubectl::missing())?;
    let mut trials = Vec::new();
    add(&mut trials, "pre-commit", tools, pre_commit::CHECKS);
    add(&mut trials, "adopting", tools && jq, adopting::CHECKS);
    add(&mut trials, "pre-commit", cut, pre_commit::OFFLINE);
    add(&mut trials, "judges", tools, judges::CHECKS);
    add(&mut trials, "pages", tools, pages::CHECKS);
    add(&mut trials, "editors", tools, editors::CHECKS);
    add(&mut trials, "action", jq, action::CHECKS);
    add(&mut trials, "release", jq, release::CHECKS);
    add(&mut trials, "kubectl", cluster, kubectl::CHECKS);
    Ok(trials)
}

/// A check by its name.
type Check = (&'static str, fn() -> Result<(), String>);

fn add(trials: &mut Vec<Trial>, area: &str, can_run: bool, checks: &'static [Check]) {
    trials.extend(checks.iter().map(|(name, check)| {
        let run = move || check().map_err(Failed::from);
        Trial::test(format!("{area}/{name}"), run).with_ignored_flag(!can_run)
    }));
}

/// A path of this package.
fn package(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A text of this package.
fn read(path: &str) -> Result<String, String> {
    std::fs::read_to_string(package(path)).map_err(|error| format!("{path}: {error}"))
}

/// The examples, by the names of their folders.
fn examples() -> Result<Vec<String>, String> {
    let entries = std::fs::read_dir(package("examples")).map_err(|error| error.to_string())?;
    let mut names: Vec<String> = entries.flatten().map(|it| it.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    match names.is_empty() {
        true => Err("there are no examples".to_owned()),
        false => Ok(names),
    }
}

/// # Errors
/// What was found instead.
fn expect(is_right: bool, found: impl std::fmt::Display) -> Result<(), String> {
    if is_right { Ok(()) } else { Err(found.to_string()) }
}

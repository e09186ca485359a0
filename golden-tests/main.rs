//! The golden suite: one test per folder below `cases` that has a `cmd`, one per example, one per broken fixture.
//!
//! A case runs the real binary in a temporary copy, twice, and everything that can be seen of it is compared. How to
//! read a failure, add a case and bless stands in `README.md`. Filters work as with any test:
//! `cargo test --test golden -- error/`.

#![allow(clippy::disallowed_methods, clippy::print_stderr, reason = "tests run programs and read files")]

mod oracle;
mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

use support::case::{self, Case};
use support::{bless, caret, compare, example, fixture, proof, run, schema};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = bless::refuse_in_ci().and_then(|()| schema::require()).and_then(|()| trials());
    match trials {
        Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
        Err(error) => {
            eprintln!("golden: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A folder of this package.
fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn trials() -> Result<Vec<Trial>, String> {
    let (cases, examples, broken) = (folder("golden-tests/cases"), folder("examples"), folder("golden-tests/broken"));
    let found = case::find(&cases).map_err(|error| format!("looking for cases: {error}"))?;
    let fixtures = fixture::find(&broken).map_err(|error| format!("looking for fixtures: {error}"))?;
    let mut trials = proofs(found.strays, fixtures.clone());
    for name in fixtures {
        let skipped = fixture::validator(&name).is_some_and(|it| it.needs_upstream) && schema::upstream().is_none();
        let broken = broken.clone();
        let trial = trial(format!("broken/{name}"), move || fixture::must_be_refused(&broken, &name));
        trials.push(trial.with_ignored_flag(skipped));
    }
    for name in example::find(&examples).map_err(|error| format!("looking for examples: {error}"))? {
        let examples = examples.clone();
        trials.push(trial(format!("examples/{name}"), move || example::is_current(&examples, &name)));
    }
    for name in found.names {
        let folder = cases.join(&name);
        trials.push(trial(name.clone(), move || golden(&name, &folder)));
    }
    Ok(trials)
}

/// What holds of the suite itself.
fn proofs(strays: BTreeSet<String>, fixtures: BTreeSet<String>) -> Vec<Trial> {
    let no_strays = move || match strays.is_empty() {
        true => Ok(()),
        false => Err(format!("no `cmd` stands above these files, so nothing looks at them: {strays:?}")),
    };
    let proven = move || fixture::all_validators_are_proven(&fixtures);
    let mut trials: Vec<Trial> =
        proof::PROOFS.iter().map(|(name, check)| trial(format!("proof/{name}"), check)).collect();
    trials.push(trial("proof/every-file-belongs-to-a-case".to_owned(), no_strays));
    trials.push(trial("proof/every-validator-can-refuse".to_owned(), proven));
    trials
}

fn trial(name: String, check: impl FnOnce() -> Result<(), String> + Send + 'static) -> Trial {
    Trial::test(name, move || check().map_err(Failed::from))
}

/// Runs a case, then compares or blesses. What must hold of any run is never blessed away.
fn golden(name: &str, folder: &Path) -> Result<(), String> {
    let case = Case::load(name, folder)?;
    let outcome = run::run_twice(&case.inputs, &case.steps)?;
    let actual = compare::expectation(&outcome);
    let mut problems = outcome.problems.clone();
    problems.extend(caret::check(&case.inputs, &outcome.stderr, case.claims_all()));
    problems.extend(oracle::check(&case.inputs, &case.steps, &outcome, &case.kubernetes));
    if case.is_error() && !outcome.statuses.contains(&1) {
        problems.push("no command of this error case fails: exit code 1 is expected".to_owned());
    }
    if !problems.is_empty() {
        let differences = compare::differences(&case.expected, &actual);
        return Err(format!("what no bless can change:\n- {}\n\n{differences}", problems.join("\n- ")));
    }
    if bless::is_asked() {
        return bless::replace(&case.folder, &case.expected, &actual).map_err(|error| error.to_string());
    }
    match compare::differences(&case.expected, &actual) {
        differences if differences.is_empty() => Ok(()),
        differences => {
            let bless = format!("CAPGEN_BLESS=1 cargo test --test golden -- --exact {name}");
            Err(format!("{differences}\nwhere this is what should come out: {bless}"))
        }
    }
}

//! The examples are kept current: each is built again, byte for byte, `build --check` agrees, and no lint of a spec or of files
//! finds anything.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use super::case::KUBERNETES_SCHEMA;
use super::tree::{self, Tree};
use super::{bless, command, compare, run};
use crate::oracle;

/// Where an example keeps what was generated from it.
const GENERATED: &str = "generated";

/// The day of the build: planned events of the examples are ahead of it.
const TODAY: &str = "CAPGEN_TODAY=2026-11-22";

/// The names of the examples.
pub(crate) fn find(root: &Path) -> io::Result<BTreeSet<String>> {
    if !root.is_dir() {
        return Ok(BTreeSet::new());
    }
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if entry.path().join("capacity.toml").is_file() {
            found.insert(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(found)
}

/// # Errors
/// Where the build fails, writes elsewhere, breaks an oracle, or differs from what is committed.
pub(crate) fn is_current(root: &Path, name: &str) -> Result<(), String> {
    let folder = root.join(name);
    let all = tree::read(&folder).map_err(|error| error.to_string())?;
    let is_generated = |path: &str| run::is_within(path, GENERATED);
    let (committed, inputs): (Tree, Tree) =
        all.iter().map(|(path, entry)| (path.clone(), entry.clone())).partition(|(path, _)| is_generated(path));
    let steps = command::parse(&format!(
        "{TODAY} capgen build\n{TODAY} capgen build --check\n{TODAY} capgen validate generated\n"
    ))?;
    let outcome = run::run_twice(&inputs, &steps)?;
    let mut problems = outcome.problems.clone();
    if outcome.statuses != [0, 0, 0] {
        let statuses = &outcome.statuses;
        problems.push(format!("`build`, `build --check` and `validate` ended with {statuses:?}\n{}", outcome.stderr));
    }
    // What was generated gives no lint of files anything to say.
    if outcome.stderr.contains("warning[") {
        problems.push(format!("a finding:\n{}", outcome.stderr));
    }
    let elsewhere = outcome.created.keys().filter(|path| !is_generated(path));
    problems.extend(elsewhere.map(|path| format!("{path} lies outside of `{GENERATED}`")));
    problems.extend(oracle::check(&inputs, &steps, &outcome, KUBERNETES_SCHEMA));
    if !problems.is_empty() {
        return Err(problems.join("\n"));
    }
    if bless::is_asked() {
        return bless::replace(&folder, &committed, &outcome.created).map_err(|error| error.to_string());
    }
    match compare::differences(&committed, &outcome.created) {
        same if same.is_empty() => stays_as_it_is(&all),
        differences => Err(format!("examples/{name} is stale; bless it or build it again\n{differences}")),
    }
}

/// Over the committed files, a build has nothing to do.
fn stays_as_it_is(committed: &Tree) -> Result<(), String> {
    let outcome =
        run::run_twice(committed, &command::parse(&format!("{TODAY} capgen build --check\n{TODAY} capgen build\n"))?)?;
    match outcome.statuses == [0, 0] && outcome.created.is_empty() && outcome.removed.is_empty() {
        true => Ok(()),
        false => Err(format!("a build over the committed files is no no-op: {:?}", outcome.statuses)),
    }
}

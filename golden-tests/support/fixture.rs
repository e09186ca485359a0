//! Broken output on purpose: `broken/<validator>/<what>/` is a folder that the validator must refuse, for the reason
//! that its file `refused` names. A check that cannot fail checks nothing.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::case::KUBERNETES_SCHEMA;
use crate::oracle::{self, Validator};

/// The fixtures as `<validator>/<what>`.
pub(crate) fn find(root: &Path) -> io::Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for validator in folders(root)? {
        for fixture in folders(&validator)? {
            if let Ok(name) = fixture.strip_prefix(root) {
                found.insert(name.to_string_lossy().into_owned());
            }
        }
    }
    Ok(found)
}

fn folders(root: &Path) -> io::Result<Vec<PathBuf>> {
    let entries: Vec<PathBuf> = fs::read_dir(root)?.map(|it| it.map(|it| it.path())).collect::<io::Result<_>>()?;
    Ok(entries.into_iter().filter(|it| it.is_dir()).collect())
}

/// The validator of a fixture.
pub(crate) fn validator(name: &str) -> Option<&'static Validator> {
    let validator = name.split('/').next()?;
    oracle::VALIDATORS.iter().find(|it| it.name == validator)
}

/// # Errors
/// Where the validator accepts the fixture, or refuses it for another reason.
pub(crate) fn must_be_refused(root: &Path, name: &str) -> Result<(), String> {
    let folder = root.join(name);
    let validator = validator(name).ok_or("no validator has this name")?;
    let reason = fs::read_to_string(folder.join("refused")).map_err(|error| format!("`refused`: {error}"))?;
    let reason = reason.trim();
    if reason.is_empty() {
        return Err("`refused` names no reason".to_owned());
    }
    let found = oracle::judge(validator, &folder, KUBERNETES_SCHEMA)?;
    match found.as_slice() {
        [] => Err(format!("`{}` finds nothing wrong", validator.name)),
        found if found.iter().any(|it| it.contains(reason)) => Ok(()),
        found => Err(format!("refused, but not because of `{reason}`:\n  {}", found.join("\n  "))),
    }
}

/// # Errors
/// Names the validators that nothing proves able to fail.
pub(crate) fn all_validators_are_proven(fixtures: &BTreeSet<String>) -> Result<(), String> {
    let proven = |name: &str| fixtures.iter().any(|it| it.split('/').next() == Some(name));
    let missing: Vec<&str> = oracle::VALIDATORS.iter().map(|it| it.name).filter(|name| !proven(name)).collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(format!("add a fixture below golden-tests/broken for: {}", missing.join(", "))),
    }
}

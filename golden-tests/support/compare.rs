//! What should have come out against what did.

use std::time::Duration;

use similar::TextDiff;

use super::run::Outcome;
use super::tree::{Entry, Tree};

/// The expectation that an outcome would satisfy. What is empty has no file.
pub(crate) fn expectation(outcome: &Outcome) -> Tree {
    let removed: String = outcome.removed.iter().map(|path| format!("{path}\n")).collect();
    let streams = [
        ("stdout", outcome.stdout.clone()),
        ("stderr", outcome.stderr.clone()),
        ("status", outcome.status_text()),
        ("removed", removed),
    ];
    let written = outcome.created.iter().map(|(path, entry)| (format!("out/{path}"), entry.clone()));
    let streams = streams.into_iter().filter(|(_, text)| !text.is_empty());
    streams.map(|(name, text)| (name.to_owned(), Entry::file(text))).chain(written).collect()
}

/// Every difference, file by file, in both directions; empty where the trees are the same.
pub(crate) fn differences(expected: &Tree, actual: &Tree) -> String {
    let mut report = String::new();
    let mut paths: Vec<&String> = expected.keys().chain(actual.keys()).collect();
    paths.sort();
    paths.dedup();
    for path in paths {
        report.push_str(&match (expected.get(path), actual.get(path)) {
            (one, two) if one == two => continue,
            (Some(_), None) => format!("- {path}: expected, and not there\n"),
            (one, Some(two)) => difference(path, one, two),
            (None, None) => continue,
        });
    }
    report
}

fn difference(path: &str, expected: Option<&Entry>, actual: &Entry) -> String {
    let empty = Entry::file("");
    match (expected.unwrap_or(&empty), actual) {
        (Entry::File { bytes: one, .. }, Entry::File { bytes: two, .. }) if one != two => unified(path, one, two),
        (Entry::File { .. }, Entry::File { .. }) if expected.is_some() => {
            format!("! {path}: same bytes, but only one of them is executable\n")
        }
        (Entry::File { .. }, Entry::File { .. }) => format!("+ {path}: an empty file, and not expected\n"),
        (one, two) => format!("! {path}: expected {}, found {}\n", kind(one), kind(two)),
    }
}

fn kind(entry: &Entry) -> String {
    match entry {
        Entry::File { .. } => "a file".to_owned(),
        Entry::Link(target) => format!("a link to `{target}`"),
    }
}

/// The unified difference of two texts.
pub(crate) fn unified(path: &str, expected: &[u8], actual: &[u8]) -> String {
    let (expected, actual) = (String::from_utf8_lossy(expected), String::from_utf8_lossy(actual));
    let mut config = TextDiff::configure();
    config.timeout(Duration::from_secs(2));
    let diff = config.diff_lines(expected.as_ref(), actual.as_ref());
    diff.unified_diff().context_radius(3).header(&format!("expected/{path}"), &format!("actual/{path}")).to_string()
}

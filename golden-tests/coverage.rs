//! `docs/runbook-coverage.md` against the five runbooks and against the examples that replace them.
//!
//! Every heading and every code block of a runbook has a row; what a row names is there: each spec key in the example's
//! lock, each file in the example's output, each proof in this repository.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests read files, say what they skip, and fail by panicking"
)]

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

const PLATFORMS: [&str; 5] = ["himalytix", "inferadb", "kafka-pipeline", "labelmint", "wakala"];

/// How a row begins whose subject capgen leaves to others; the reason follows.
const OUT_OF_SCOPE: &str = "Out of scope: ";

/// How a row begins whose heading holds nothing but other headings.
const PARTS: &str = "its parts, below";

/// A row of the page: what it is about and what became of it.
#[derive(Debug)]
struct Row {
    subject: String,
    by_hand: String,
    keys: String,
    files: String,
    proof: String,
}

#[test]
fn every_part_of_every_runbook_has_a_row() {
    let runbooks = package("../shared/runbooks");
    if !runbooks.is_dir() {
        let missing = "skipped: coverage: the runbooks are not beside this checkout (../shared/runbooks)";
        assert!(!is_set("CAPGEN_REQUIRE_ALL"), "{missing}");
        eprintln!("{missing}");
        return;
    }
    let mut findings = Vec::new();
    for platform in PLATFORMS {
        let text = fs::read_to_string(runbooks.join(format!("{platform}.md"))).expect("a runbook is a text");
        let (parts, rows) = (parts(&text), rows(platform));
        for (line, subject) in &parts {
            match rows.get(line) {
                None => findings.push(format!("{platform}: no row for line {line}, {subject}")),
                Some(row) if row.subject != *subject => {
                    findings.push(format!("{platform}: line {line} is {subject}, and the row says {}", row.subject));
                }
                Some(_) => {}
            }
        }
        let extra = rows.keys().filter(|line| !parts.contains_key(line));
        findings.extend(extra.map(|line| format!("{platform}: line {line} is neither a heading nor a block")));
    }
    settle(&findings);
}

#[test]
fn what_a_row_names_is_there() {
    let mut findings = Vec::new();
    for platform in PLATFORMS {
        let generated = package(&format!("examples/{platform}/generated"));
        let lock = fs::read_to_string(generated.join("capgen.lock.json")).expect("an example has a lock");
        let lock: Value = serde_json::from_str(&lock).expect("a lock is JSON");
        let known: Vec<&String> =
            ["inputs", "numbers"].iter().filter_map(|it| lock[it].as_object()).flat_map(|it| it.keys()).collect();
        let is_key = |key: &str| {
            let below = |address: &&String| {
                address.strip_prefix(key).is_some_and(|it| it.is_empty() || it.starts_with(['.', '[']))
            };
            known.iter().any(below)
        };
        for (line, row) in rows(platform) {
            let mut find = |what: &str| findings.push(format!("{platform}: line {line}: {what}"));
            if row.by_hand.starts_with(PARTS) || row.keys.starts_with(OUT_OF_SCOPE) {
                if row.keys.starts_with(OUT_OF_SCOPE) && row.keys.len() < OUT_OF_SCOPE.len() + 20 {
                    find("a reason takes more words");
                }
                continue;
            }
            for (cell, text) in
                [("by hand", &row.by_hand), ("keys", &row.keys), ("files", &row.files), ("proof", &row.proof)]
            {
                if text.is_empty() || cell != "by hand" && !text.contains('`') {
                    find(&format!("the cell `{cell}` names nothing"));
                }
            }
            quoted(&row.keys).filter(|it| !is_key(it)).for_each(|it| find(&format!("the example has no `{it}`")));
            let is_missing = |file: &&str| !generated.join(file).exists();
            quoted(&row.files).filter(is_missing).for_each(|it| find(&format!("the example writes no `{it}`")));
            let is_nowhere = |path: &&str| !package(path).exists();
            quoted(&row.proof).filter(is_nowhere).for_each(|it| find(&format!("there is no `{it}`")));
        }
    }
    settle(&findings);
}

/// Every heading and every code block of a Markdown text, by its line.
fn parts(text: &str) -> BTreeMap<usize, String> {
    let mut parts = BTreeMap::new();
    let (mut heading, mut blocks, mut is_in_block) = (String::new(), 0, false);
    for (index, line) in text.lines().enumerate() {
        if let Some(language) = line.strip_prefix("```") {
            is_in_block = !is_in_block;
            if is_in_block {
                blocks += 1;
                let language = if language.trim().is_empty() { "text" } else { language.trim() };
                parts.insert(index + 1, format!("{heading}: block {blocks}, {language}"));
            }
        } else if !is_in_block && line.starts_with('#') {
            heading = plain(line.trim_start_matches('#'));
            blocks = 0;
            parts.insert(index + 1, heading.clone());
        }
    }
    parts
}

/// A heading without what makes it bold or colourful.
fn plain(heading: &str) -> String {
    let kept: String = heading.chars().filter(|it| it.is_ascii() && *it != '*' && *it != '|').collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The rows of a platform's table, by the line that they are about.
fn rows(platform: &str) -> BTreeMap<usize, Row> {
    let page = fs::read_to_string(package("docs/runbook-coverage.md")).expect("the page is a text");
    let heading = format!("## {platform}");
    let own = page.lines().skip_while(|line| *line != heading).skip(1).take_while(|line| !line.starts_with("## "));
    own.filter_map(|line| {
        let cells: Vec<&str> = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").map(str::trim).collect();
        let [line, subject, by_hand, keys, files, proof] = cells.as_slice() else { return None };
        let line = line.parse().ok()?;
        let [subject, by_hand, keys, files, proof] = [subject, by_hand, keys, files, proof].map(|it| (*it).to_owned());
        Some((line, Row { subject, by_hand, keys, files, proof }))
    })
    .collect()
}

fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

fn settle(findings: &[String]) {
    assert!(findings.is_empty(), "docs/runbook-coverage.md:\n{}", findings.join("\n"));
}

fn package(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn is_set(variable: &str) -> bool {
    env::var_os(variable).is_some_and(|value| !value.is_empty() && value != "0" && value != "false")
}

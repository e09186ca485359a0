//! That the formats are what they claim to be, over everything that the lints of files find in the golden cases.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests read the schema of upstream and the cases, and say what is missing"
)]

use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;

use super::*;
use crate::diag::Sink;
use crate::doc::object;
use crate::lint::{self, Files, LINTS, Levels};
use crate::report::changes::sarif::uri;
use crate::spec::lints::Level;

/// Beside this checkout, as for the golden tests.
const SCHEMA: &str = "../shared/upstream/sarif/sarif-schema-2.1.0.json";

fn package(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => collect(&path, files),
            false => files.push(path),
        }
    }
}

/// Everything that is found in the files of all cases of lints, each case for itself.
fn findings() -> (Sources, Vec<Diagnostic>) {
    let mut files = Vec::new();
    collect(&package("golden-tests/cases/lint"), &mut files);
    files.retain(|it| it.extension().is_some_and(|it| ["yaml", "ini", "conf"].contains(&it.to_str().unwrap())));
    files.sort();
    let mut sources = Sources::default();
    for file in &files {
        let name = file.strip_prefix(package("golden-tests/cases")).unwrap().to_string_lossy().into_owned();
        sources.add(SourceKind::File, name, fs::read_to_string(file).unwrap());
    }
    let mut sink = Sink::default();
    let flags: Vec<_> = LINTS.iter().map(|it| (*it, Level::Warn)).collect();
    let mut folders: Vec<&str> = sources.files().map(|it| sources.name(it).rsplitn(2, '/').last().unwrap()).collect();
    folders.dedup();
    for folder in folders {
        let of_case = sources.files().filter(|it| sources.name(*it).starts_with(&format!("{folder}/")));
        let read =
            |it| object::of_text(sources.name(it), sources.text(it)).map_or_else(|_| Vec::new(), |it| it.objects);
        let objects: Vec<_> = of_case.flat_map(read).collect();
        lint::run_files(&Files::new(&objects, &sources), &Levels { flags: &flags, spec: None, today: "" }, &mut sink);
    }
    (sources, sink.into_sorted())
}

fn rules() -> Vec<Rule> {
    LINTS.iter().map(|it| Rule { name: it.name, severity: Severity::Warning, docs: it.docs }).collect()
}

#[test]
fn logs_follow_the_upstream_schema_and_regions_are_their_texts() {
    let (sources, diagnostics) = findings();
    assert!(diagnostics.len() > 60, "{}", diagnostics.len());
    let rules = rules();
    let log = sarif::write(&Report { sources: &sources, diagnostics: &diagnostics, rules: &rules });
    let log: Value = serde_json::from_str(&log).unwrap();
    for result in log["runs"][0]["results"].as_array().unwrap() {
        let places =
            [&result["locations"], &result["relatedLocations"]].into_iter().filter_map(Value::as_array).flatten();
        for place in places.map(|it| &it["physicalLocation"]) {
            let number = |key: &str| usize::try_from(place["region"][key].as_u64().unwrap()).unwrap();
            let file = sources.files().find(|it| uri(sources.name(*it)) == place["artifactLocation"]["uri"]).unwrap();
            let line = sources.text(file).lines().nth(number("startLine") - 1).unwrap();
            let (start, end) = (number("startColumn") - 1, number("endColumn") - 1);
            let cut: String = line.chars().skip(start).take(end - start).collect();
            assert_eq!(number("startLine"), number("endLine"));
            assert!(!cut.trim().is_empty(), "{result}");
            assert_eq!(place["region"]["snippet"]["text"], cut);
        }
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(log["runs"][0]["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    }
    let Ok(schema) = fs::read_to_string(package(SCHEMA)) else {
        eprintln!("skipped: {SCHEMA} is not there");
        assert!(env::var_os("CAPGEN_REQUIRE_ALL").is_none_or(|it| it != "1"), "CAPGEN_REQUIRE_ALL is set");
        return;
    };
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let violations: Vec<String> = schema.iter_errors(&log).map(|it| it.to_string()).collect();
    assert_eq!(violations, [""; 0]);
}

#[test]
fn every_finding_points_to_something_and_says_what_to_type() {
    let (sources, diagnostics) = findings();
    for diagnostic in &diagnostics {
        let place = diagnostic.labels.first().map(|it| sources.snippet(it.span)).unwrap_or_default();
        assert!(!place.is_empty(), "{diagnostic:?}");
        assert!(!diagnostic.help.is_empty(), "{diagnostic:?}");
    }
}

#[test]
fn json_follows_its_own_schema() {
    let (sources, diagnostics) = findings();
    let report = Report { sources: &sources, diagnostics: &diagnostics, rules: &[] };
    let written: Value = serde_json::from_str(&json::write(&report)).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&json::schema()).unwrap()).unwrap();
    let violations: Vec<String> = schema.iter_errors(&written).map(|it| it.to_string()).collect();
    assert_eq!(violations, [""; 0]);
    assert_eq!(written["totals"]["warnings"], diagnostics.len());
}

#[test]
fn a_secret_is_in_no_format() {
    let mut sources = Sources::default();
    let file = sources.add(SourceKind::File, "a.ini", "main = host=db password=hunter2 pool_size=x\n");
    let at = |text: &str| {
        let start = sources.text(file).find(text).unwrap();
        Span::new(file, start..start + text.len())
    };
    let labels = [at("password=hunter2"), at("hunter2"), at("pool_size=x")];
    let diagnostics: Vec<Diagnostic> = labels.map(|it| Diagnostic::error("wrong").at(it, "here")).to_vec();
    let report = Report { sources: &sources, diagnostics: &diagnostics, rules: &[] };
    for text in [json::write(&report), sarif::write(&report), github::write(&report)] {
        assert!(!text.contains("hunter2"), "{text}");
    }
    assert!(json::write(&report).contains("password=*******"));
    let drawn = crate::report::diagnostics::terminal(&sources, &diagnostics, false, None);
    assert!(!drawn.contains("hunter2") && drawn.contains("pool_size=x"), "{drawn}");
}

#[test]
fn annotations_of_a_level_are_ten_at_most() {
    let mut sources = Sources::default();
    let file = sources.add(SourceKind::File, "a,b.yaml", "a: 1\n");
    let one = Diagnostic::error("50 % of\nit").at(Span::new(file, 3..4), "").help("write `a: 2`");
    let report = |diagnostics: &[Diagnostic]| github::write(&Report { sources: &sources, diagnostics, rules: &[] });
    let expected = "::error file=a%2Cb.yaml,line=1,col=4,endColumn=5,title=capgen::50 %25 of␊it%0Awrite `a: 2`\n";
    assert_eq!(report(std::slice::from_ref(&one)), expected);
    let many = report(&vec![one; 12]);
    assert_eq!(many.lines().count(), 10);
    assert!(
        many.ends_with("::error title=capgen validate::3 annotations more are left out: GitHub shows 10 of a level.\n")
    );
}

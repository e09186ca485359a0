//! That the log is SARIF, and that its regions are where the finding is.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests read the schema of upstream, and say where it is missing"
)]

use std::path::Path;
use std::{env, fs};

use crate::diag::source::{SourceKind, Sources};
use crate::report::changes::tests::fixture::Fixture;

use super::*;

/// Beside this checkout, as for the golden tests.
const SCHEMA: &str = "../shared/upstream/sarif/sarif-schema-2.1.0.json";

fn log(fixture: &Fixture) -> Value {
    serde_json::from_str(&write(&fixture.report())).unwrap()
}

#[test]
fn logs_follow_the_upstream_schema() {
    let Ok(schema) = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(SCHEMA)) else {
        eprintln!("skipped: {SCHEMA} is not there");
        assert!(env::var_os("CAPGEN_REQUIRE_ALL").is_none_or(|it| it != "1"), "CAPGEN_REQUIRE_ALL is set");
        return;
    };
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    for fixture in [Fixture::everything(), Fixture::without_memory(), Fixture::of(Default::default())] {
        let violations: Vec<String> = schema.iter_errors(&log(&fixture)).map(|it| it.to_string()).collect();
        assert_eq!(violations, [""; 0]);
    }
}

/// Cuts a region from its file as a reader of SARIF does.
fn cut(sources: &Sources, place: &Value) -> String {
    let number = |key: &str| usize::try_from(place["region"][key].as_u64().unwrap()).unwrap();
    let (first, last) = (number("startLine"), number("endLine"));
    let is_it = |it: &crate::diag::source::FileId| uri(sources.name(*it)) == place["artifactLocation"]["uri"];
    let file = sources.files().filter(|it| sources.kind(*it) == SourceKind::File).find(is_it).unwrap();
    assert_eq!(first, last, "no value of the fixture has several lines");
    let line = sources.text(file).lines().nth(first - 1).unwrap();
    let (start, end) = (number("startColumn") - 1, number("endColumn") - 1);
    line.chars().skip(start).take(end - start).collect()
}

#[test]
fn regions_are_the_texts_that_are_talked_about() {
    let fixture = Fixture::everything();
    let written = [
        ("service.api.target_rps", "130_000"),
        ("service.api.base_rps", "10_000"),
        ("service.\"evil|`<b>\".note", "\"Grüße 日本\""),
        ("pgbouncer.main.listen_port", "6433"),
    ];
    let mut seen = 0;
    for result in log(&fixture)["runs"][0]["results"].as_array().unwrap() {
        let place = &result["locations"][0]["physicalLocation"];
        if place["region"].is_null() {
            continue;
        }
        let text = cut(&fixture.sources, place);
        assert_eq!(place["region"]["snippet"]["text"], text);
        let message = result["message"]["text"].as_str().unwrap();
        let (_, expected) = written.iter().find(|(address, _)| message.contains(address)).unwrap();
        assert_eq!(text, *expected, "{message}");
        seen += 1;
    }
    assert_eq!(seen, 6);
}

#[test]
fn fingerprints_do_not_depend_on_values_and_lines() {
    let prints = |fixture: &Fixture| -> Vec<Value> {
        let results = log(fixture)["runs"][0]["results"].as_array().unwrap().clone();
        results.into_iter().map(|mut it| it["partialFingerprints"].take()).collect()
    };
    let former = prints(&Fixture::everything());
    let mut fixture = Fixture::everything();
    fixture.causes = Default::default();
    fixture.changes.objects.iter_mut().flat_map(|it| &mut it.edits).for_each(|it| it.after = Some("other".to_owned()));
    assert_eq!(prints(&fixture), former);
    let mut distinct = former.clone();
    distinct.sort_by_key(ToString::to_string);
    distinct.dedup();
    assert_eq!(distinct.len(), former.len());
}

#[test]
fn paths_are_relative_references() {
    assert_eq!(uri("specs\\a b:ü%.toml"), "specs/a%20b%3A%C3%BC%25.toml");
}

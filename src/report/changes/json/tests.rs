//! That the format and its schema are one.
#![allow(clippy::unwrap_used, reason = "tests")]

use crate::report::changes::tests::fixture::{Fixture, HOSTILE};

use super::*;

/// What the schema refuses in the report of some changes.
pub(in crate::report::changes) fn violations(report: &Report<'_>) -> Vec<String> {
    let schema = serde_json::from_str(&schema()).unwrap();
    let document = serde_json::from_str(&write(report)).unwrap();
    jsonschema::validator_for(&schema).unwrap().iter_errors(&document).map(|it| it.to_string()).collect()
}

#[test]
fn reports_follow_the_schema() {
    let none = Fixture::of(diff::Changes::default());
    for fixture in [none, Fixture::everything(), Fixture::without_memory()] {
        assert_eq!(violations(&fixture.report()), [""; 0]);
    }
}

#[test]
fn texts_come_back_as_they_were() {
    let fixture = Fixture::everything();
    let document: serde_json::Value = serde_json::from_str(&write(&fixture.report())).unwrap();
    let names: Vec<_> = document["objects"].as_array().unwrap().iter().map(|it| &it["identity"]["name"]).collect();
    assert!(names.contains(&&serde_json::json!(HOSTILE)));
}

//! What is said to have caused a difference.

#![allow(clippy::unwrap_used, reason = "tests")]

use super::super::tables;
use super::*;
use crate::diag::source::{SourceKind, Sources, Span};
use crate::doc::object::Identity;
use crate::doc::value::Value;
use crate::why::Symbolic;

fn address(text: &str) -> Address {
    Address::verbatim(text)
}

fn register(causes: &mut Causes, at: &str, origin: Origin<'_>, value: &str, inputs: &[&str]) {
    let inputs: Vec<Address> = inputs.iter().map(|it| address(it)).collect();
    causes.insert(address(at), Why { value, origin, inputs: &inputs });
}

/// `api.max` = f(`api.rps`, `api.margin`); the margin is a default, the rate is written.
fn causes(rate: &str) -> Causes {
    let mut sources = Sources::default();
    let file = sources.add(SourceKind::File, "capacity.toml", "x");
    let mut causes = Causes::default();
    register(&mut causes, "service.api.rps", Origin::Written(Span::new(file, 0..1)), rate, &[]);
    register(&mut causes, "service.api.margin", Origin::Default("usual"), "1.5", &[]);
    let formula = Origin::Formula { symbolic: Symbolic::Ours("f"), numbers: "f(1)" };
    register(&mut causes, "service.api.max", formula, "30", &["service.api.rps", "service.api.margin"]);
    causes
}

fn memory(inputs: &[(&str, &str)]) -> Memory {
    let inputs = inputs.iter().copied().collect();
    Memory { capgen: env!("CARGO_PKG_VERSION").to_owned(), inputs, ..Memory::default() }
}

fn check(rate: &str, memory: Option<&Memory>, asked: Option<&str>, hand: Option<Hand>, expected: &[&str]) {
    let causes = causes(rate);
    let asked = asked.map(address);
    let owner = address("service.api");
    let way = if asked.is_some() { Way::Stays } else { Way::Goes };
    let (identity, tree) = (Identity::File { path: "file".to_owned() }, Value::Null.into());
    let object = Object { identity, file: "file".to_owned(), document: None, tree, owner: None, causes: Vec::new() };
    let behind = Behind::new(&object);
    let question = Question { address: asked.as_ref(), before: None, object: &behind, owner: Some(&owner), hand, way };
    let found = Cause::new(&causes, memory, tables::compare(&causes, memory).inputs).of(question);
    let shown: Vec<String> = found
        .iter()
        .map(|it| match it {
            Because::Input(input) => format!(
                "{} {} → {}",
                input.address,
                input.before.as_deref().unwrap_or("∅"),
                input.after.as_deref().unwrap_or("∅")
            ),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(shown, expected);
}

#[test]
fn an_input_that_differs_is_the_cause() {
    let old = memory(&[("service.api.rps", "100")]);
    check("200", Some(&old), Some("service.api.max"), None, &["service.api.rps 100 → 200"]);
}

#[test]
fn a_pin_that_is_gone_is_the_cause() {
    let old = memory(&[("service.api.rps", "100"), ("service.api.max", "7")]);
    check("100", Some(&old), Some("service.api.max"), None, &["service.api.max 7 → ∅"]);
}

#[test]
fn a_written_value_that_became_a_default_is_the_cause() {
    let old = memory(&[("service.api.rps", "100"), ("service.api.margin", "2")]);
    check("100", Some(&old), Some("service.api.max"), None, &["service.api.margin 2 → 1.5"]);
}

#[test]
fn without_a_cause_somebody_edited_the_file_or_capgen_changed() {
    let mut old = memory(&[("service.api.rps", "100")]);
    check("100", Some(&old), Some("service.api.max"), Some(Hand::Edited), &["EditedByHand"]);
    old.capgen = "0.0.1".to_owned();
    let version = format!("Version {{ before: \"0.0.1\", after: {:?} }}", env!("CARGO_PKG_VERSION"));
    check("100", Some(&old), Some("service.api.max"), None, &[&version]);
}

#[test]
fn what_went_went_with_an_input_of_its_table() {
    let old = memory(&[("service.api.rps", "100"), ("service.api.memory", "80"), ("service.web.memory", "70")]);
    check("100", Some(&old), None, None, &["service.api.memory 80 → ∅"]);
}

#[test]
fn what_comes_back_was_deleted() {
    let old = memory(&[("service.api.rps", "100")]);
    check("200", Some(&old), None, Some(Hand::Deleted), &["DeletedByHand"]);
}

#[test]
fn a_place_of_two_digits_is_after_one_of_one() {
    assert!(by_line("capacity.toml:9:10") < by_line("capacity.toml:12:1"));
    assert!(by_line("a.toml:12:1") < by_line("b.toml:9:1"));
}

#[test]
fn without_memory_the_written_inputs_decide() {
    check("100", None, Some("service.api.max"), None, &["service.api.rps ∅ → 100"]);
    check("100", None, Some("service.api.margin"), None, &["service.api.margin ∅ → 1.5"]);
}

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

fn shown(because: &Because) -> String {
    let value = |it: &Option<String>| it.clone().unwrap_or_else(|| "∅".to_owned());
    match because {
        Because::Input(InputRef { address, whole: Some(whole), .. }) => format!("[{address}] {whole:?}"),
        Because::Input(it) => format!("{} {} → {}", it.address, value(&it.before), value(&it.after)),
        other => format!("{other:?}"),
    }
}

fn check(rate: &str, memory: Option<&Memory>, asked: Option<&str>, hand: Option<Hand>, expected: &[&str]) {
    let causes = causes(rate);
    let asked = asked.map(address);
    let owner = address("service.api");
    let way = if asked.is_some() { Way::Stays } else { Way::Goes };
    let (identity, tree) = (Identity::File { path: "file".to_owned() }, Value::Null.into());
    let object = Object { identity, file: "file".to_owned(), document: None, tree, owner: None, causes: Vec::new() };
    let behind = Behind::new(&object);
    let question =
        Question { path: &[], address: asked.as_ref(), before: None, object: &behind, owner: Some(&owner), hand, way };
    let found = Cause::new(&causes, memory, tables::compare(&causes, memory).inputs).of(question);
    let shown: Vec<String> = found.iter().map(shown).collect();
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

/// What is said of `api.max`, which came from `api.rps` and, before, from `web.rps` as well.
fn check_former(reasons: Option<&[(&str, &[&str])]>, memory: &[(&str, &str)], expected: &[&str]) {
    let causes = causes("100");
    let mut old = self::memory(memory);
    let listed = |it: &[&str]| it.iter().map(|it| address(it)).collect::<Vec<_>>();
    old.reasons = reasons.map(|it| it.iter().map(|(at, inputs)| (address(at), listed(inputs))).collect());
    let found = causes_of(&causes, &old, "service.api.max");
    assert_eq!(found, expected);
}

fn causes_of(causes: &Causes, old: &Memory, asked: &str) -> Vec<String> {
    let (identity, tree) = (Identity::File { path: "file".to_owned() }, Value::Null.into());
    let object = Object { identity, file: "file".to_owned(), document: None, tree, owner: None, causes: Vec::new() };
    let (behind, asked, owner) = (Behind::new(&object), address(asked), address("service.api"));
    let (address, owner) = (Some(&asked), Some(&owner));
    let question = Question { path: &[], address, before: None, object: &behind, owner, hand: None, way: Way::Stays };
    let found = Cause::new(causes, Some(old), tables::compare(causes, Some(old)).inputs).of(question);
    found.iter().map(shown).collect()
}

#[test]
fn what_went_into_a_former_value_and_is_gone_is_its_cause() {
    let behind: &[(&str, &[&str])] = &[("service.api.max", &["service.api.rps", "service.web.rps"])];
    let gone = [("service.api.rps", "100"), ("service.api.other", "7"), ("service.web.rps", "40")];
    check_former(Some(behind), &gone, &["service.web.rps 40 → ∅"]);
    // A lock knows no reasons: what is of the object's own table is closest.
    check_former(None, &gone, &["service.api.other 7 → ∅"]);
    // Of a whole table that is gone it is one line.
    let both = [("service.api.rps", "100"), ("service.web.rps", "40"), ("service.web.margin", "2")];
    check_former(Some(behind), &both, &["[service.web] Gone"]);
}

#[test]
fn a_former_input_that_is_only_another_now_decides_nothing() {
    // `service.api.rps` was 90 and is 100, which the former value read, and this one does not.
    let behind: &[(&str, &[&str])] = &[("service.api.margin", &["service.api.rps", "service.web.rps"])];
    let mut old = memory(&[("service.api.rps", "90"), ("service.web.rps", "40")]);
    old.reasons =
        Some(behind.iter().map(|(at, it)| (address(at), it.iter().map(|it| address(it)).collect())).collect());
    assert_eq!(causes_of(&causes("100"), &old, "service.api.margin"), ["service.web.rps 40 → ∅"]);
}

/// `general.max` = f(members of `runs`).
fn listed(members: &[&str]) -> Causes {
    let mut causes = causes("100");
    let written = Origin::Written(Span::new(crate::diag::source::FileId::FIRST, 0..1));
    let at: Vec<String> = (0..members.len()).map(|index| format!("nodegroup.general.runs[{index}]")).collect();
    for (at, member) in at.iter().zip(members) {
        register(&mut causes, at, written, member, &[]);
    }
    let formula = Origin::Formula { symbolic: Symbolic::Ours("f"), numbers: "f(1)" };
    let inputs: Vec<&str> = at.iter().map(String::as_str).collect();
    register(&mut causes, "nodegroup.general.max", formula, &members.len().to_string(), &inputs);
    causes
}

#[test]
fn a_member_that_is_gone_is_the_cause_of_what_read_it() {
    let (before, after) = (listed(&["api", "web", "mail"]), listed(&["web", "mail"]));
    let mut old = Memory::of(env!("CARGO_PKG_VERSION"), &before);
    let gone = ["nodegroup.general.runs[0] api → ∅"];
    assert_eq!(causes_of(&after, &old, "nodegroup.general.max"), gone);
    let reasons = before.iter().filter(|(_, why)| !why.inputs.is_empty());
    old.reasons = Some(reasons.map(|(at, why)| (at.clone(), why.inputs.to_vec())).collect());
    assert_eq!(causes_of(&after, &old, "nodegroup.general.max"), gone);
}

#[test]
fn a_member_that_is_gone_is_not_the_cause_of_what_is_far_away() {
    let (before, after) = (listed(&["api", "web"]), listed(&["web"]));
    let mut old = Memory::of(env!("CARGO_PKG_VERSION"), &before);
    old.inputs = old
        .inputs
        .iter()
        .map(|it| (it.address().to_string(), it.value.to_owned()))
        .chain([("service.auth.users".to_owned(), "5".to_owned())])
        .collect();
    assert_eq!(causes_of(&after, &old, "service.api.max"), ["service.auth.users 5 → ∅"]);
}

#[test]
fn a_table_within_another_comes_and_goes_in_one_line() {
    let entries = |it: &[&str]| it.iter().map(|it| ((*it).to_owned(), "1".to_owned())).collect::<Vec<_>>();
    let check = |gone: &[&str], expected: &[&str]| {
        let mut old = memory(&[("service.api.rps", "100")]);
        let all = old.inputs.iter().map(|it| (it.address().to_string(), it.value.to_owned()));
        old.inputs = all.chain(entries(gone)).collect();
        assert_eq!(causes_of(&causes("100"), &old, "service.api.max"), expected);
    };
    check(&["service.api.autoscale.a", "service.api.autoscale.b"], &["[service.api.autoscale] Gone"]);
    check(&["service.api.pool.\"o.p\".a", "service.api.pool.\"o.p\".b"], &["[service.api.pool.\"o.p\"] Gone"]);
    check(&["service.api.pool.a.x", "service.api.pool.b.x"], &["[service.api.pool] Gone"]);
    check(&["service.api.autoscale.a"], &["service.api.autoscale.a 1 → ∅"]);
    check(
        &["service.api.list[0].a", "service.api.list[0].b"],
        &["service.api.list[0].a 1 → ∅", "service.api.list[0].b 1 → ∅"],
    );
}

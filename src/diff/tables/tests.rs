//! Which values and which tables differ.

use super::*;
use crate::diag::source::{FileId, Span};

/// A number is one that capgen decided; all else is written.
fn causes(entries: &[(&str, &str)]) -> Causes {
    let mut causes = Causes::default();
    for (address, value) in entries {
        let origin = match address.ends_with(".number") {
            true => Origin::Default("usual"),
            false => Origin::Written(Span::new(FileId::FIRST, 0..1)),
        };
        causes.insert(Address::verbatim(address), Why { value, origin, inputs: &[] });
    }
    causes
}

fn check(before: &[(&str, &str)], after: &[(&str, &str)], inputs: &[&str], tables: &[&str]) {
    let (before, after) = (Memory::of("1", &causes(before)), causes(after));
    let differing = compare(&after, Some(&before));
    let found: Vec<&str> = differing.inputs.iter().map(|it| it.address.as_str()).collect();
    assert_eq!((found.as_slice(), differing.tables.as_slice()), (inputs, tables));
}

const SOME: [(&str, &str); 6] = [
    ("cluster", "main"),
    ("service.a", "1"),
    ("service.a-b.x", "2"),
    ("service.a.number", "3"),
    ("service.a.x", "4"),
    ("service.b.x", "5"),
];

fn with(address: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut entries: Vec<_> = SOME.into_iter().filter(|(it, _)| *it != address).collect();
    entries.push((address, value));
    entries
}

#[test]
fn what_is_the_same_is_nowhere() {
    check(&SOME, &SOME, &[], &[]);
    check(&[], &[], &[], &[]);
}

#[test]
fn a_table_differs_by_any_of_its_values() {
    check(&SOME, &with("service.a.x", "9"), &["service.a.x"], &["service.a"]);
    check(&SOME, &with("service.a", "9"), &["service.a"], &["service.a"]);
    check(&SOME, &with("service.a.number", "9"), &[], &["service.a"]);
    check(&with("service.a.y", "9"), &SOME, &["service.a.y"], &["service.a"]);
    check(&SOME, &with("service.c.number", "9"), &[], &["service.c"]);
}

/// `service.a-b` stands between two runs of `service.a`.
#[test]
fn what_comes_and_goes_is_sorted_by_address() {
    let all: Vec<&str> = SOME.iter().map(|(address, _)| *address).filter(|it| !it.ends_with(".number")).collect();
    let tables = ["cluster", "service.a", "service.a-b", "service.b"];
    check(&[], &SOME, &all, &tables);
    check(&SOME, &[], &all, &tables);
}

#[test]
fn a_list_differs_by_its_members_and_not_by_their_places() {
    let list = |members: &[&'static str]| -> Vec<(&str, &str)> {
        let at = ["a.b.runs[0]", "a.b.runs[1]", "a.b.runs[2]"];
        at.into_iter().zip(members.iter().copied()).chain([("a.b.x", "1")]).collect()
    };
    let differing = |before: &[(&str, &str)], after: &[(&str, &str)], expected: &[&str]| {
        let (before, after) = (Memory::of("1", &causes(before)), causes(after));
        let shown = |it: &InputRef| format!("{}: {:?} → {:?}", it.address, it.before, it.after);
        let found: Vec<String> = compare(&after, Some(&before)).inputs.iter().map(shown).collect();
        assert_eq!(found, expected);
    };
    differing(&list(&["x", "y", "z"]), &list(&["x", "z"]), &["a.b.runs[1]: Some(\"y\") → None"]);
    differing(&list(&["x", "y"]), &list(&["z", "x", "y"]), &["a.b.runs[0]: None → Some(\"z\")"]);
    differing(&list(&["x"]), &list(&[]), &["a.b.runs[0]: Some(\"x\") → None"]);
    // In a table that has keys of its own, each of these is a table.
    let (two, one) = (["x", "y"], ["y"]);
    let output = |members: &[&'static str]| -> Vec<(&str, &str)> {
        ["output.targets[0]", "output.targets[1]"].into_iter().zip(members.iter().copied()).collect()
    };
    differing(&output(&two), &output(&one), &["output.targets[0]: Some(\"x\") → None"]);
    // Members with keys are told by their places.
    let before = [("a.b.policies[0].x", "1"), ("a.b.policies[1].x", "2")];
    let expected = ["a.b.policies[0].x: Some(\"1\") → Some(\"2\")", "a.b.policies[1].x: Some(\"2\") → None"];
    differing(&before, &[("a.b.policies[0].x", "2")], &expected);
}

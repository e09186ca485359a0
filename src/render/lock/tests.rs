//! The lock as text: exact bytes, and back.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::diag::source::{SourceKind, Sources, Span};
use crate::render::File;
use crate::why::{Symbolic, Why};

fn address(text: &str) -> Address {
    Address::verbatim(text)
}

fn why<'a>(value: &'a str, origin: Origin<'a>) -> Why<'a> {
    Why { value, origin, inputs: &[] }
}

/// The text of a lock with one of each.
fn example(span_start: usize) -> String {
    let file = Sources::default().add(SourceKind::File, "capacity.toml", "");
    let mut causes = Causes::default();
    let written = Origin::Written(Span::new(file, span_start..span_start));
    causes.insert(address("service.api.target_rps"), why("100000", written));
    causes.insert(address("service.api.\"odd \\\" key\""), why("line\n\"quoted\" \\ \u{1b}", written));
    causes.insert(address("service.api.safety_margin"), why("1.5", Origin::Default("peak over mean")));
    let formula = Origin::Formula { symbolic: Symbolic::Ours("ceil(a)"), numbers: "ceil(30)" };
    causes.insert(address("service.api.autoscale.max"), why("30", formula));
    let owner = address("service.api");
    let file = |path: &str| File { path: path.to_owned(), owner: owner.clone(), bytes: b"abc".to_vec() };
    Lock::of(&Tree { files: vec![file("k8s/api/hpa.yaml"), file("k8s/api/pdb.yaml")] }, &causes).print()
}

#[test]
fn prints_one_entry_a_line() {
    let expected = format!(
        r#"{{
  "version": 1,
  "capgen": "{}",
  "spec": "{}",
  "files": {{
    "k8s/api/hpa.yaml": {{ "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "owner": "service.api" }},
    "k8s/api/pdb.yaml": {{ "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "owner": "service.api" }}
  }},
  "inputs": {{
    "service.api.\"odd \\\" key\"": "line\n\"quoted\" \\ \u001b",
    "service.api.target_rps": "100000"
  }},
  "numbers": {{
    "service.api.autoscale.max": "30",
    "service.api.safety_margin": "1.5"
  }}
}}
"#,
        env!("CARGO_PKG_VERSION"),
        Lock::parse(&example(0)).unwrap().spec
    );
    assert_eq!(example(0), expected);
}

#[test]
fn reads_what_it_prints() {
    let lock = Lock::parse(&example(0)).unwrap();
    assert_eq!(lock.files.paths().collect::<Vec<_>>(), ["k8s/api/hpa.yaml", "k8s/api/pdb.yaml"]);
    let path = "k8s/api/hpa.yaml";
    let expected = LockedFile { path, sha256: &sha256(b"abc"), owner: "service.api" };
    assert_eq!(lock.files.get(path), Some(expected));
    assert_eq!(lock.inputs.get(&address("service.api.\"odd \\\" key\"")), Some("line\n\"quoted\" \\ \u{1b}"));
    assert_eq!((lock.inputs.len(), lock.numbers.len()), (2, 2));
    assert_eq!(parse_files(&example(0)).unwrap(), lock.files);
    let empty = Lock::of(&Tree::default(), &Causes::default()).print();
    assert!(Lock::parse(&empty).unwrap().files.is_empty());
    assert!(empty.contains("\"files\": {},\n"));
}

#[test]
fn a_moved_line_changes_nothing() {
    assert_eq!(example(0), example(77));
}

#[test]
fn hashes_addresses_with_values() {
    let (a, b) = (address("a"), address("b"));
    assert_eq!(fingerprint(&[(&a, "1"), (&b, "2")]), sha256(b"a=1\nb=2\n"));
}

#[test]
fn ignores_what_it_does_not_know_and_refuses_other_formats() {
    let lock =
        Lock::parse(r#"{ "version": 1, "later": [1], "files": { "a": { "sha256": "00", "mode": 1 } } }"#).unwrap();
    assert_eq!(lock.files.get("a").unwrap().sha256, "00");
    assert!(Lock::parse(r#"{ "version": 2 }"#).unwrap_err().contains("format 2"));
    assert!(Lock::parse("").is_err());
    assert!(Lock::parse("{\n<<<<<<< HEAD\n  \"version\": 1\n}").is_err());
}

#[test]
fn piece_by_piece_is_as_a_whole() {
    let text = example(0);
    let agrees = |text: &str| {
        let streamed = read(&mut text.as_bytes());
        assert!(streamed.is_none() || streamed == Lock::parse(text).ok(), "{text}");
        streamed.is_some()
    };
    assert!(agrees(&text));
    assert!(agrees(&Lock::of(&Tree::default(), &Causes::default()).print()));
    // Whatever is missing, stands twice or is something else.
    for (at, character) in text.char_indices() {
        let (before, after) = (&text[..at], &text[at + character.len_utf8()..]);
        for other in ["", "\"", "\\", ",", "\n", "\t", "}", "1", "é"] {
            agrees(&[before, other, after].concat());
        }
        agrees(before);
    }
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for at in 0..lines.len() {
        agrees(&[&lines[..at], &lines[at + 1..]].concat().concat());
        agrees(&[&lines[..=at], &lines[at..]].concat().concat());
    }
}

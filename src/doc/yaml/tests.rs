//! Laws of YAML: nothing that is printed reads back as anything else, and nothing that is read takes the machine down.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::borrow::Cow;

use proptest::prelude::*;

use super::block;
use super::scalar::is_plain;
use super::*;
use crate::doc::value::{Node, Value};
use crate::why::Address;

const NASTY: &[&str] = &[
    "",
    " ",
    "~",
    "null",
    "Null",
    "NULL",
    "true",
    "FALSE",
    "yes",
    "No",
    "on",
    "OFF",
    "y",
    "N",
    "=",
    "<<",
    "-",
    "?",
    ":",
    "--- a",
    "---",
    "...",
    "- a",
    "? a",
    ": a",
    "a: b",
    "a:",
    "a #b",
    "#a",
    "&a",
    "*a",
    "!a",
    "|",
    ">",
    "'",
    "\"",
    "%a",
    "@a",
    "`a",
    "{",
    "}",
    "[",
    "]",
    ",",
    "0",
    "-1",
    "+1",
    "0o14",
    "0644",
    "0x1F",
    "0b1",
    "1_000",
    "12:30:45",
    "1:2",
    "1e3",
    "1.",
    ".5",
    "1.5e-7",
    "1E+21",
    ".inf",
    "-.INF",
    "+.inf",
    ".nan",
    ".",
    "..",
    "+",
    "1.2.3",
    "10.0.0.1",
    "2001-01-01",
    "2001-01-01T00:00:00Z",
    "2001-1-1 0:0:0",
    " a",
    "a ",
    "a\t",
    "\ta",
    "a\tb",
    "a\nb",
    "a\n",
    "\na",
    "a\n\n",
    "\n",
    "a\n b\n",
    " a\nb",
    "a \nb",
    "\ta\nb",
    "a\n\tb",
    "a\r\nb",
    "a\rb",
    "a\n---\nb",
    "a\n# b",
    "é",
    "日本",
    "a\u{85}b",
    "a\u{2028}b",
    "\u{feff}a",
    "a\u{202e}b",
    "\u{0}",
    "\u{7f}",
    "\u{1b}[0m",
    "\\n",
    "a\\",
    "🦀",
    "\u{e0001}",
    "\u{fffe}",
    "a\u{a0}",
    "500m",
    "2Gi",
    "25%",
    "--flag=x",
    "http://a:80/b",
    "*/5 * * * *",
    "{{ x }}",
    "${A}",
    "\u{200d}",
    "'a'",
];

fn text() -> impl Strategy<Value = Cow<'static, str>> {
    let nasty = || prop::sample::select(NASTY);
    prop_oneof![
        4 => nasty().prop_map(Cow::Borrowed),
        2 => (nasty(), nasty()).prop_map(|(a, b)| Cow::Owned(format!("{a}{b}"))),
        2 => "[ -~\n\t]{0,12}".prop_map(Cow::Owned),
        1 => "[0-9eE+._:xob-]{1,7}".prop_map(Cow::Owned),
        1 => any::<String>().prop_map(Cow::Owned),
    ]
}

fn node() -> impl Strategy<Value = Node> {
    node_with(any::<f64>().prop_filter("equal to itself", |it| it.is_finite()))
}

/// Trees whose maps have no key twice, with texts and keys that some reader misreads.
pub(in crate::doc) fn node_with(float: impl Strategy<Value = f64> + 'static) -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        2 => any::<i64>().prop_map(Value::Int),
        2 => float.prop_map(Value::Float),
        6 => text().prop_map(Value::Text),
    ];
    leaf.prop_map(Node::from).prop_recursive(4, 40, 6, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..5).prop_map(Value::List);
        let map = prop::collection::vec((text(), inner), 0..5).prop_map(|mut entries| {
            let mut seen = std::collections::BTreeSet::new();
            entries.retain(|(key, _)| seen.insert(key.clone()));
            Value::Map(entries)
        });
        prop_oneof![list, map].prop_map(Node::from)
    })
}

fn with_addresses(node: &Node) -> Node {
    let value = match &node.value {
        Value::List(items) => Value::List(items.iter().map(with_addresses).collect()),
        Value::Map(entries) => {
            Value::Map(entries.iter().map(|(key, node)| (key.clone(), with_addresses(node))).collect())
        }
        other => other.clone(),
    };
    Node { value, address: Some(Address::verbatim("a")) }
}

fn read(text: &str) -> Vec<Node> {
    parse(text, &Limits::default()).unwrap_or_else(|fault| panic!("{fault}\n{text}"))
}

fn silent(_: &Address) -> Option<String> {
    None
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn reading_gives_what_was_printed(documents in prop::collection::vec(node(), 0..3)) {
        let documents: Vec<Node> = documents.into_iter().filter(|it| it.value != Value::Null).collect();
        prop_assert_eq!(read(&print(&documents, &silent)), documents);
    }

    #[test]
    fn comments_change_nothing(node in node(), comment in "[\\s\\S]{0,20}") {
        prop_assume!(node.value != Value::Null);
        let text = print(&[with_addresses(&node)], &|_| Some(comment.clone()));
        prop_assert_eq!(read(&text), vec![node.clone()]);
        let suffix = format!("  # {}", crate::doc::value::single_line(&comment));
        let bare: String = text.split_inclusive('\n').map(|line| match line.strip_suffix('\n') {
            Some(line) => line.strip_suffix(&suffix).unwrap_or(line).to_owned() + "\n",
            None => line.to_owned(),
        }).collect();
        prop_assert_eq!(bare, print(&[node], &silent));
    }

    #[test]
    fn blocks_are_read_as_the_library_reads_them(documents in prop::collection::vec(node(), 0..3), lines in lines()) {
        agrees(&print(&documents, &silent));
        agrees(&lines);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[\\[\\]{}:,&*!|>'\"%@#? a-c\\-\t\r\n<~]{0,40}|\\PC{0,40}") {
        _ = parse(&text, &Limits::default());
    }
}

/// What `block` reads must be what `serde_yaml` reads.
#[track_caller]
fn agrees(text: &str) -> bool {
    let Some(found) = block::parse(text) else { return false };
    assert_eq!(by_library(text, &Limits::default()), Ok(found), "{text}");
    true
}

/// Lines of manifests that fit together, or nearly.
fn lines() -> impl Strategy<Value = String> {
    const PARTS: &[&str] = &[
        "a: b",
        "b:",
        "c: |",
        "d: |-",
        "e: |+  # c",
        "f: >",
        "- ",
        "- - x",
        "- a: b",
        "- b:",
        "- |",
        "- 'it''s'",
        "-",
        "\"q: 1\": 2",
        "g: \"a\\n\\\"\" # c",
        "h: {}",
        "i: []",
        "j: {a: b}",
        "k: 12",
        "l: -1",
        "m: 01",
        "n: on",
        "o: a:b #c",
        "p: x # y",
        "q : z",
        "r: - s",
        "# c",
        "",
        " ",
        "---",
        "--- a",
        "...",
        "%a",
        "x",
        "x y",
        "a:",
        "t: ~",
        "u: null",
        "v: &a 1",
        "w: *a",
        "y: 1.5",
        "z: ''",
        "- \"a\": b",
        "- a: |",
        "? a",
        "aa:bb: cc",
        "dd: true",
        "\t",
        "ee: 'a",
        "ff: \"\\x41\"",
    ];
    let line = (prop::sample::select(&[0_usize, 0, 0, 1, 2, 2, 2, 3, 4, 6][..]), prop::sample::select(PARTS));
    let line = line.prop_map(|(indent, part)| format!("{}{part}", " ".repeat(indent)));
    (prop::collection::vec(line, 0..8), any::<bool>())
        .prop_map(|(lines, ends)| lines.join("\n") + if ends { "\n" } else { "" })
}

#[test]
fn what_programs_write_needs_no_library() {
    let manifest = "# c\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a  # c\n  labels: {}\ndata:\n  a.ini: |\n    [a]\n\n    \
        b = 1\n  c: \"1\"\nspec:\n  list:\n  - a: 1\n    b: 'x'\n  - c\n  other:\n    - - -5\n      - true\n      - 10.0.0.1\n      - 0644\n      - on\n      - .: {}\n---\nkind: null\n---\n";
    assert!(agrees(manifest));
    for doubt in ["a: {b: c}", "a: &a b", "a: >\n  b", "a: b\n  c", "\ta: b", "a: b\r\n", "a: *b", "a: 1\na: 2"] {
        assert!(!agrees(doubt), "{doubt}");
    }
}

#[test]
fn a_byte_order_mark_is_no_column() {
    let text = "\u{feff}a:\n        b c\n d";
    check(text, "a: b c d\n");
    assert_eq!(by_library(text, &Limits::default()), parse(text, &Limits::default()));
}

#[test]
fn every_nasty_text_survives_as_value_and_as_key() {
    for text in NASTY {
        let node = || Node::from(Value::Text(Cow::Borrowed(text)));
        let map = Node::from(Value::Map(vec![(Cow::Borrowed(*text), Value::List(vec![node(), node()]).into())]));
        assert_eq!(read(&print(&[map.clone(), node()], &silent)), [map, node()], "{text:?}");
    }
}

#[test]
fn only_what_nobody_misreads_stands_plain() {
    for text in ["500m", "2Gi", "25%", "--flag=x", "http://a:80/b", "a:b", "{{ x"] {
        assert_eq!(is_plain(text), !text.starts_with('{'), "{text}");
    }
    for text in ["on", "Y", "12:30", "1_0", "0x", "1.2.3", "2001-01-01", "<<", "=", "~", "é\u{85}", "..."] {
        assert!(!is_plain(text), "{text}");
    }
}

#[test]
fn the_style_is_that_of_kubectl() {
    let node = read("{a: [{b: 1, c: []}, [x, {}], \"y\\nz\"], d: 1.0e+21, e: -0.5, f: null, g: \"on\"}").remove(0);
    let expected = "a:\n- b: 1\n  c: []\n- - x\n  - {}\n- |-\n  y\n  z\nd: 1.0e+21\ne: -0.5\nf: null\ng: \"on\"\n";
    assert_eq!(print(std::slice::from_ref(&node), &silent), expected);
    assert_eq!(print(&[node.clone(), node], &silent), format!("{expected}---\n{expected}"));
}

#[test]
fn a_comment_stands_behind_a_scalar_or_a_header() {
    let node = with_addresses(&read("a: 30\nb: |-\n  x\n  y\nc: []\n").remove(0));
    let text = print(&[node], &|_| Some("ceil(1 / 2)\nb: 2\u{2028}".to_owned()));
    assert_eq!(text, "a: 30  # ceil(1 / 2) b: 2\nb: |-  # ceil(1 / 2) b: 2\n  x\n  y\nc: []\n");
}

#[test]
fn a_long_key_is_announced() {
    let map = Node::from(Value::Map(vec![("k".repeat(3000).into(), Value::List(vec![Value::Int(1).into()]).into())]));
    let outer = Node::from(Value::List(vec![map]));
    assert_eq!(read(&print(std::slice::from_ref(&outer), &silent)), [outer]);
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(print(&read(text), &silent), expected);
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let fault = parse(text, &Limits::default()).expect_err(text).to_string();
    assert!(fault.contains(expected), "{fault}");
}

#[test]
fn the_reader_takes_what_people_write() {
    check("\u{feff}a: on\r\nb: 0644\r\n", "a: true\nb: 420\n");
    check("[y, N, Off, oN, 'on', !!str yes]", "- true\n- false\n- false\n- \"oN\"\n- \"on\"\n- \"yes\"\n");
    check(
        "[08, 1_000, -010, +0_7, 12:30, 0_, 2024-01-01]",
        "- 8\n- 1000\n- -8\n- 7\n- \"12:30\"\n- 0\n- \"2024-01-01\"\n",
    );
    check("---\n# only a comment\n---\na: 1\n---\n---\nnull\n...\n", "a: 1\n");
    check("80: x\ntrue: b\n1.5: z\n", "\"80\": x\n\"true\": b\n\"1.5\": z\n");
    check(
        "a: 18446744073709551615\nb: -9223372036854775809\n",
        "a: \"18446744073709551615\"\nb: \"-9223372036854775809\"\n",
    );
    check("x: &x {a: 1, b: 2}\nz:\n  <<: *x\n  b: 3\n", "x:\n  a: 1\n  b: 2\nz:\n  b: 3\n  a: 1\n");
    check(
        "p: &p {a: 1}\nq: &q {a: 2, b: 2}\nr: {<<: [*p, *q]}\n",
        "p:\n  a: 1\nq:\n  a: 2\n  b: 2\nr:\n  a: 1\n  b: 2\n",
    );
    check("'<<': 1\n", "\"<<\": 1\n");
    check("a: !!str 5\nb: !!int \"5\"\n", "a: \"5\"\nb: 5\n");
}

#[test]
fn the_reader_says_what_and_where() {
    refused("a: 1\nb: 2\na: 3\n", "the key `a` stands twice in one map (line 3, column 1)");
    refused("1: a\n\"1\": b\n", "the key `1` stands twice");
    refused("a: !Ref b\n", "the tag `!Ref` has no meaning here (line 1, column 4)");
    refused("a: !!python/tuple [b]\n", "the tag `!!python/tuple` has no meaning here");
    refused("!<tag:yaml.org,2002:set> {}\n", "the tag `!<tag:yaml.org,2002:set>` has no meaning here");
    refused("? [a]\n: b\n", "a text, a number or a boolean as a key");
    refused("null: 1\n", "a text, a number or a boolean as a key");
    refused("a: [\n", "(line 2, column 1)");
    refused("<<: 5\n", "a merge key `<<` takes a map");
    refused("a: *b\n", "unknown anchor");
    refused("a: \u{0}\n", "control characters");
    let tiny = Limits { bytes: 3, ..Limits::default() };
    assert_eq!(parse("a: 1", &tiny).unwrap_err().message, "4 bytes are more than the limit of 3");
}

#[test]
fn hostile_texts_are_refused_quickly() {
    refused(&"[".repeat(100_000), "more than 4096 brackets are open (line 1)");
    refused(&"[".repeat(4000), "recursion limit exceeded");
    refused(&"- ".repeat(100_000), "recursion limit exceeded");
    refused(&"{a: ".repeat(100_000), "more than 4096 brackets are open (line 1)");
    refused(&"%TAG !a! b\n".repeat(1000), "more than 100 directives");
    let mut laughs = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..10 {
        let alias = format!("*a{}, ", level - 1).repeat(10);
        laughs.push_str(&format!("a{level}: &a{level} [{alias}]\n"));
    }
    refused(&laughs, "repetition limit exceeded");
    let quadratic = format!("a: &a [{}]\nb: [{}]\n", "x, ".repeat(17_000), "*a, ".repeat(13_000));
    refused(&quadratic, "the aliases repeat too much of the document");
    refused("&a [*a]", "");
    refused("a: &a\n  b: *a\n", "");
}

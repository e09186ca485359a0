//! What must hold for every file of every spec: it can be written, and its reader finds what was meant.

use capgen::doc::ini::{self, Ini, IniValue};
use capgen::doc::value::{Node, Path, Value};
use capgen::doc::yaml::{self, Limits};
use capgen::doc::{Artifact, Body, conf, json, leaves};
use capgen::render::Tree;

/// Judges a rendered tree by the documents that it was rendered from.
///
/// # Panics
/// Where a path is unsafe, or where the text of a file reads back as something else.
pub fn check(artifacts: &[Artifact], tree: &Tree) {
    assert_eq!(artifacts.len(), tree.files.len(), "a file for each artifact");
    for file in &tree.files {
        assert!(is_safe(&file.path), "unsafe path {:?}", file.path);
        let text = str::from_utf8(&file.bytes).expect("files are UTF-8");
        assert!(text.chars().all(|it| it == '\n' || !it.is_control()), "{} holds a control character", file.path);
        assert!(text.ends_with('\n'), "{} does not end its last line", file.path);
        let artifact = artifacts.iter().find(|it| it.path == file.path).expect("an artifact for each file");
        match &artifact.body {
            Body::Yaml(documents) => check_yaml(text, documents),
            Body::Ini(meant) => check_ini(text, meant),
            Body::Conf(meant) => {
                let read = conf::parse(text, meant.dialect);
                assert_eq!(read, bare(&conf::tree_of(meant)), "the settings read back as something else:\n{text}");
            }
            Body::Json(meant) => assert_eq!(json::parse(text).as_ref(), Ok(&bare(meant)), "other JSON:\n{text}"),
            Body::Text(_) => {}
        }
    }
    for leaf in leaves::of(artifacts) {
        assert_eq!(Path::parse(&leaf.path.to_string()).as_ref(), Ok(&leaf.path), "a place cannot be named");
    }
}

/// Whether a path stays below the output folder on every file system.
fn is_safe(path: &str) -> bool {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
    path.split('/').all(|part| !matches!(part, "" | "." | "..") && part.len() <= 255 && part.chars().all(is_plain))
}

fn check_yaml(text: &str, meant: &[Node]) {
    let read = yaml::parse(text, &Limits::default()).expect("own YAML reads back");
    let meant: Vec<Node> = meant.iter().map(bare).collect();
    assert_eq!(read, meant, "the YAML reads back as something else:\n{text}");
}

fn check_ini(text: &str, meant: &Ini) {
    let read = ini::parse(text).expect("own ini reads back");
    let mut meant = meant.clone();
    for entry in meant.sections.iter_mut().flat_map(|section| &mut section.entries) {
        match &mut entry.value {
            IniValue::Scalar(node) => *node = as_read(node),
            IniValue::Pairs(pairs) => pairs.iter_mut().for_each(|(_, node)| *node = as_read(node)),
        }
    }
    assert_eq!(read, meant, "the ini reads back as something else:\n{text}");
}

/// An ini has texts and whole numbers only; PgBouncer's switches are the numbers 0 and 1.
fn as_read(node: &Node) -> Node {
    match &node.value {
        Value::Bool(it) => Value::Int(i64::from(*it)).into(),
        Value::Text(text) => match text.parse::<i64>() {
            Ok(int) if int.to_string() == *text => Value::Int(int).into(),
            _ => bare(node),
        },
        _ => bare(node),
    }
}

/// The same without addresses, which no text carries.
fn bare(node: &Node) -> Node {
    match &node.value {
        Value::List(items) => Value::List(items.iter().map(bare).collect()).into(),
        Value::Map(entries) => Value::Map(entries.iter().map(|(key, it)| (key.clone(), bare(it))).collect()).into(),
        value => value.clone().into(),
    }
}

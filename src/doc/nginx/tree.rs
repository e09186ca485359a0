//! Directives as a tree whose keys stay the same when a line is added or moved.
//!
//! A key is the directive's name; where a directive may stand several times in a block (`server`, `location`,
//! `proxy_set_header`), its first argument belongs to the key.

use std::borrow::Cow;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::Directive;
use crate::doc::value::mark::{Inside, Mark};
use crate::doc::value::{Node, Value};

/// An `upstream` or a `server` block.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// `upstream` or `server`.
    pub kind: &'static str,
    /// Of an upstream its own; of a server its names and what it listens to: `example.com:80`.
    pub name: String,
    pub tree: Node,
    /// Where its parts stand, in the text behind a byte order mark.
    pub mark: Mark,
}

/// Directives that take a name or a condition first, and are therefore told apart by it even where one stands alone.
const NAMED: &[&str] = &[
    "add_header",
    "add_trailer",
    "allow",
    "deny",
    "error_page",
    "fastcgi_param",
    "grpc_set_header",
    "include",
    "limit_conn",
    "limit_req",
    "listen",
    "proxy_cache_valid",
    "proxy_cookie_path",
    "proxy_hide_header",
    "proxy_pass_header",
    "proxy_set_header",
    "rewrite",
    "scgi_param",
    "server",
    "set",
    "set_real_ip_from",
    "sub_filter",
    "uwsgi_param",
];

/// Every `upstream` and `server` block at any depth, in the order of the text.
pub fn blocks(directives: &[Directive]) -> Vec<Block> {
    let mut found = Vec::new();
    collect(directives, &mut found);
    found
}

fn collect(directives: &[Directive], found: &mut Vec<Block>) {
    for directive in directives {
        let Some(inside) = &directive.block else { continue };
        match (directive.name.as_str(), directive.arguments.as_slice()) {
            ("upstream", [name]) => found.push(block("upstream", name.clone(), directive, inside)),
            ("server", []) => found.push(block("server", server_name(inside), directive, inside)),
            _ => collect(inside, found),
        }
    }
}

fn block(kind: &'static str, name: String, directive: &Directive, inside: &[Directive]) -> Block {
    let (tree, mark) = tree(inside);
    Block { kind, name, tree, mark: Mark { key: span(&directive.places), ..mark } }
}

/// From the first of some words to the last.
fn span(words: &[Range<usize>]) -> Option<Range<usize>> {
    Some(words.first()?.start..words.last()?.end)
}

/// What tells one server from another: `example.com www.example.com:80,443`. nginx listens to 80 where nothing is said.
fn server_name(inside: &[Directive]) -> String {
    let all = |name: &'static str| inside.iter().filter(move |it| it.name == name);
    let names: Vec<&str> = all("server_name").flat_map(|it| &it.arguments).map(String::as_str).collect();
    let ports: Vec<&str> = all("listen").filter_map(|it| it.arguments.first()).map(String::as_str).collect();
    let names = if names.is_empty() { "_".to_owned() } else { names.join(" ") };
    let ports = if ports.is_empty() { "80".to_owned() } else { ports.join(",") };
    format!("{names}:{ports}")
}

fn tree(directives: &[Directive]) -> (Node, Mark) {
    let mut seen = BTreeSet::new();
    let mut repeated = BTreeSet::new();
    for directive in directives {
        if !seen.insert(directive.name.as_str()) {
            repeated.insert(directive.name.as_str());
        }
    }
    let mut counts = BTreeMap::new();
    let mut entries = Vec::with_capacity(directives.len());
    let mut marks = Vec::with_capacity(directives.len());
    for directive in directives {
        let is_named = NAMED.contains(&directive.name.as_str()) || repeated.contains(directive.name.as_str());
        let (key, node, mark) = entry(directive, is_named);
        let key = unique(key, &mut counts);
        marks.push((key.clone(), mark));
        entries.push((Cow::Owned(key), node));
    }
    (Value::Map(entries).into(), Mark { inside: Inside::Map(marks), ..Mark::default() })
}

/// A key that stands there already gets a number: `return 200 (2)`.
fn unique(key: String, counts: &mut BTreeMap<String, usize>) -> String {
    let count = counts.entry(key.clone()).or_default();
    *count += 1;
    match *count {
        1 => key,
        // What was written may look like a number that was given; then that one is counted too.
        count => unique(format!("{key} ({count})"), counts),
    }
}

fn entry(directive: &Directive, is_named: bool) -> (String, Node, Mark) {
    let (arguments, places) = (directive.arguments.as_slice(), directive.places.as_slice());
    let key = |count: usize| joined(std::iter::once(&directive.name).chain(&arguments[..count]));
    let mark = |count: usize| {
        let (key, value) = places.split_at((count + 1).min(places.len()));
        Mark { key: span(key), value: span(value), inside: Inside::Nothing }
    };
    match (&directive.block, arguments) {
        (Some(inside), _) => {
            let (tree, within) = tree(inside);
            (key(arguments.len()), tree, Mark { inside: within.inside, ..mark(arguments.len()) })
        }
        (None, [_, parameters @ ..]) if directive.name == "server" => {
            let (tree, within) = parameters_of(parameters, places.get(2..).unwrap_or_default());
            // The address is what a message about the server points at.
            let address = Mark { key: places.get(1).cloned(), value: None, inside: Inside::Map(within) };
            (key(1), tree, address)
        }
        (None, [_, rest @ ..]) if is_named => (key(1), text(joined(rest.iter())), mark(1)),
        (None, all) => (key(0), text(joined(all.iter())), mark(0)),
    }
}

/// `max_fails=3 backup` by name; a flag has an empty text, and of two equal ones nginx takes the last.
fn parameters_of(parameters: &[String], words: &[Range<usize>]) -> (Node, Vec<(String, Mark)>) {
    let mut found = BTreeMap::new();
    let mut entries: Vec<(Cow<'static, str>, Node)> = Vec::new();
    let mut marks: Vec<(String, Mark)> = Vec::new();
    for (index, parameter) in parameters.iter().enumerate() {
        let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let entry = (Cow::Owned(key.to_owned()), text(value.to_owned()));
        let mark = (key.to_owned(), Mark { value: words.get(index).cloned(), ..Mark::default() });
        match found.entry(key) {
            Entry::Occupied(place) => {
                entries[*place.get()] = entry;
                marks[*place.get()] = mark;
            }
            Entry::Vacant(place) => {
                place.insert(entries.len());
                entries.push(entry);
                marks.push(mark);
            }
        }
    }
    (Value::Map(entries).into(), marks)
}

fn text(text: String) -> Node {
    Value::Text(Cow::Owned(text)).into()
}

/// Words with a blank between them, in quotes where they could not stand without.
fn joined<'a>(words: impl Iterator<Item = &'a String>) -> String {
    let shown = |word: &'a String| -> Cow<'a, str> {
        let is_plain = !word.is_empty() && !word.contains([' ', '\t', '\r', '\n', ';', '{', '}', '"', '\'']);
        match is_plain || word.contains("${") && !word.contains([' ', ';', '"', '\'']) {
            true => Cow::Borrowed(word),
            false => Cow::Owned(format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""))),
        }
    };
    words.map(shown).collect::<Vec<_>>().join(" ")
}

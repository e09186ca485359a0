//! Directives as a tree whose keys stay the same when a line is added or moved.
//!
//! A key is the directive's name; where a directive may stand several times in a block (`server`, `location`,
//! `proxy_set_header`), its first argument belongs to the key.

use std::borrow::Cow;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::Directive;
use crate::doc::value::{Node, Value};

/// An `upstream` or a `server` block.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// `upstream` or `server`.
    pub kind: &'static str,
    /// Of an upstream its own; of a server its names and what it listens to: `example.com:80`.
    pub name: String,
    pub tree: Node,
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
            ("upstream", [name]) => {
                found.push(Block { kind: "upstream", name: name.clone(), tree: tree(inside) });
            }
            ("server", []) => found.push(Block { kind: "server", name: server_name(inside), tree: tree(inside) }),
            _ => collect(inside, found),
        }
    }
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

fn tree(directives: &[Directive]) -> Node {
    let mut seen = BTreeSet::new();
    let mut repeated = BTreeSet::new();
    for directive in directives {
        if !seen.insert(directive.name.as_str()) {
            repeated.insert(directive.name.as_str());
        }
    }
    let mut counts = BTreeMap::new();
    let mut entries = Vec::with_capacity(directives.len());
    for directive in directives {
        let is_named = NAMED.contains(&directive.name.as_str()) || repeated.contains(directive.name.as_str());
        let (key, node) = entry(directive, is_named);
        entries.push((Cow::Owned(unique(key, &mut counts)), node));
    }
    Value::Map(entries).into()
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

fn entry(directive: &Directive, is_named: bool) -> (String, Node) {
    let arguments = directive.arguments.as_slice();
    let key = |count: usize| joined(std::iter::once(&directive.name).chain(&arguments[..count]));
    match (&directive.block, arguments) {
        (Some(inside), _) => (key(arguments.len()), tree(inside)),
        (None, [_, parameters @ ..]) if directive.name == "server" => (key(1), parameters_of(parameters)),
        (None, [_, rest @ ..]) if is_named => (key(1), text(joined(rest.iter()))),
        (None, all) => (key(0), text(joined(all.iter()))),
    }
}

/// `max_fails=3 backup` by name; a flag has an empty text, and of two equal ones nginx takes the last.
fn parameters_of(parameters: &[String]) -> Node {
    let mut places = BTreeMap::new();
    let mut entries: Vec<(Cow<'static, str>, Node)> = Vec::new();
    for parameter in parameters {
        let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let entry = (Cow::Owned(key.to_owned()), text(value.to_owned()));
        match places.entry(key) {
            Entry::Occupied(place) => entries[*place.get()] = entry,
            Entry::Vacant(place) => {
                place.insert(entries.len());
                entries.push(entry);
            }
        }
    }
    Value::Map(entries).into()
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

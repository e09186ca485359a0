//! Any text as a configuration of nginx: what reads becomes trees in which no key stands twice.
#![no_main]

use std::collections::BTreeSet;

use capgen::doc::nginx::{blocks, parse};
use capgen::doc::value::{Node, Value};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(directives) = parse(text) else { return };
    for block in blocks(&directives) {
        check(&block.tree);
    }
});

fn check(node: &Node) {
    let Value::Map(entries) = &node.value else { return };
    let keys: BTreeSet<&str> = entries.iter().map(|(key, _)| key.as_ref()).collect();
    assert_eq!(keys.len(), entries.len(), "a key stands twice");
    entries.iter().for_each(|(_, node)| check(node));
}

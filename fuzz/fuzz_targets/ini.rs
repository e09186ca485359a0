//! Any text as the ini of PgBouncer: what reads and may be printed must read back as the same.
#![no_main]

use capgen::doc::ini::{Ini, IniValue, key_is_printable, pair_value_is_printable, parse, print, value_is_printable};
use capgen::doc::value::{Node, Value};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(ini) = parse(text) else { return };
    if is_printable(&ini) {
        assert_eq!(parse(&print(&ini, &|_| None)), Ok(ini), "it reads back as something else");
    }
});

/// What the printer asks of its caller.
fn is_printable(ini: &Ini) -> bool {
    let is_name = |it: &str| key_is_printable(it).is_ok();
    ini.sections.iter().all(|section| {
        is_name(&section.name)
            && section.entries.iter().all(|entry| {
                is_name(&entry.key)
                    && match &entry.value {
                        IniValue::Scalar(node) => text_of(node).is_none_or(|it| value_is_printable(it).is_ok()),
                        IniValue::Pairs(pairs) => pairs.iter().all(|(key, node)| {
                            is_name(key) && text_of(node).is_none_or(|it| pair_value_is_printable(it).is_ok())
                        }),
                    }
            })
    })
}

fn text_of(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

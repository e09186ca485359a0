//! Any text as JSON: what reads must print, and read back as the same.
#![no_main]

use capgen::doc::json::{parse, print};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(node) = parse(text) else { return };
    assert_eq!(parse(&print(&node)), Ok(node), "it reads back as something else");
});

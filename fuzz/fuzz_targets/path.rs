//! Any text as a place in a document: what reads has one written form, which reads back as the same.
#![no_main]

use capgen::doc::value::Path;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(path) = Path::parse(text) else { return };
    assert_eq!(Path::parse(&path.to_string()), Ok(path), "its written form is another path");
});

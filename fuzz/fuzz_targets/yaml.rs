//! Any text as YAML: what reads must print, and read back as the same; and the library must read it so too.
#![no_main]

use capgen::doc::yaml::{Limits, by_library, parse, print};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let limits = Limits { expansion: 10_000, ..Limits::default() };
    let Ok(documents) = parse(text, &limits) else { return };
    let printed = print(&documents, &|_| None);
    let also = by_library(text, &limits).expect("the library reads it too");
    assert_eq!(print(&also, &|_| None), printed, "the library reads something else");
    let again = parse(&printed, &Limits::default()).expect("own YAML reads back");
    // Compared as text, for one float differs from itself.
    assert_eq!(print(&again, &|_| None), printed, "it reads back as something else");
});

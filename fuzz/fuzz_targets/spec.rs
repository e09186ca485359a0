//! Any text as a spec, through every stage.
#![no_main]

use capgen_fuzz::Memory;

libfuzzer_sys::fuzz_target!(|text: &str| {
    capgen_fuzz::compile(&Memory::new(text), None, &[]);
});

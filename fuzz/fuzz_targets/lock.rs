//! Any text as a lock file.
#![no_main]

use capgen::render::lock::Lock;

libfuzzer_sys::fuzz_target!(|text: &str| {
    _ = Lock::parse(text);
});

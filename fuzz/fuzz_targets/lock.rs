//! Any text as a lock file: piece by piece it is what it is as a whole.
#![no_main]

use capgen::render::lock::{Lock, read};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let whole = Lock::parse(text).ok();
    let streamed = read(&mut text.as_bytes());
    assert!(streamed.is_none() || streamed == whole, "a lock read piece by piece is another one");
});

//! Any text as a lock file: what reads must print, and read back as the same.
#![no_main]

use capgen::render::lock::Lock;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(lock) = Lock::parse(text) else { return };
    assert_eq!(Lock::parse(&lock.print()), Ok(lock), "it reads back as another lock");
});

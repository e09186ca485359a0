//! Any text as a file of each format: it holds objects, or something that was passed over, or has a fault.
#![no_main]

use capgen::doc::object::of_text;

libfuzzer_sys::fuzz_target!(|text: &str| {
    for file in ["-", "a.yaml", "a/b.json", "a/pgbouncer.ini", "a.conf"] {
        let Ok(read) = of_text(file, text) else { continue };
        assert!(!read.objects.is_empty() || !read.skipped.is_empty(), "{file} was passed over without a word");
        assert!(read.objects.iter().all(|it| it.file == file && it.owner.is_none()));
    }
});

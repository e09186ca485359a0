//! Any text as a file of each format, and several of them together: every lint of files looks at it, and whatever is found
//! points into the text, says what to type, and can be printed in every format.
#![no_main]

use capgen::diag::Sink;
use capgen::diag::source::{SourceKind, Sources};
use capgen::doc::object::{compose, of_text};
use capgen::lint::{self, Files, LINTS, Levels};
use capgen::report::{diagnostics, findings};
use capgen::spec::lints::Level;

/// A line that starts so begins another file of the same kind.
const NEXT_FILE: &str = "\n#file\n";

libfuzzer_sys::fuzz_target!(|text: &str| {
    for ending in ["yaml", "json", "ini", "conf"] {
        check(text, ending);
    }
    check(text, "postgresql.conf");
});

fn check(text: &str, ending: &str) {
    let mut sources = Sources::default();
    for (index, part) in text.split(NEXT_FILE).enumerate() {
        let name = if ending.contains('.') { format!("{index}/{ending}") } else { format!("{index}.{ending}") };
        sources.add(SourceKind::File, name, part.strip_prefix('\u{feff}').unwrap_or(part));
    }
    let read = |file| {
        let (name, text) = (sources.name(file), sources.text(file));
        let mut objects = of_text(name, text).map_or_else(|_| Vec::new(), |it| it.objects);
        if objects.is_empty() {
            objects.extend(compose(name, text));
        }
        objects
    };
    let objects: Vec<_> = sources.files().flat_map(read).collect();
    let flags: Vec<_> = LINTS.iter().map(|it| (*it, Level::Warn)).collect();
    let mut sink = Sink::default();
    lint::run_files(
        &Files::new(&objects, &sources),
        &Levels { flags: &flags, spec: None, today: "2026-11-22" },
        &mut sink,
    );
    let found = sink.into_sorted();
    for diagnostic in &found {
        assert!(!diagnostic.help.is_empty(), "nothing can be typed: {diagnostic:?}");
        for label in &diagnostic.labels {
            let range = label.span.range();
            let text = sources.text(label.span.file);
            assert!(
                range.start <= range.end && text.get(range).is_some(),
                "a place between characters: {diagnostic:?}"
            );
        }
    }
    let plain = diagnostics::terminal(&sources, &found, false, None);
    let is_shown = |it: char| it == '\n' || !it.is_control();
    assert!(plain.chars().all(is_shown), "a diagnostic can steer a terminal: {plain:?}");
    let report = findings::Report { sources: &sources, diagnostics: &found, rules: &[] };
    findings::json::write(&report);
    findings::sarif::write(&report);
    for line in findings::github::write(&report).lines() {
        assert!(line.starts_with("::"), "an annotation over several lines: {line:?}");
    }
}

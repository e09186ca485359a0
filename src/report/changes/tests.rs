//! What every format makes of the same changes, to the byte, and what holds for any changes.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests; blessing writes files")]

pub(super) mod fixture;

use std::path::Path;
use std::{env, fs};

use fixture::Fixture;

use super::terminal::Style;
use super::{json, summary, terminal};

/// Compares with the file of that name below `tests/`; `CAPGEN_BLESS=1` writes it anew.
fn check(name: &str, output: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report/changes/tests").join(name);
    if env::var_os("CAPGEN_BLESS").is_some() && env::var_os("CI").is_none() {
        fs::write(&path, output).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    let differs = expected.lines().zip(output.lines()).position(|(expected, output)| expected != output);
    assert!(expected == output, "tests/{name} differs from line {differs:?}; it should be\n{output}");
}

#[test]
fn terminal_shows_everything() {
    let fixture = Fixture::everything();
    check("terminal.txt", &terminal::write(&fixture.report(), Style::default()));
    let narrow = terminal::write(&fixture.report(), Style { color: false, width: Some(60) });
    let is_diff = |line: &&str| line.starts_with("  -") || line.starts_with("  +");
    assert!(narrow.lines().filter(is_diff).all(|line| line.chars().count() <= 60), "{narrow}");
    assert!(narrow.lines().any(|line| line.ends_with('…') && line.chars().count() == 60), "{narrow}");
}

#[test]
fn terminal_marks_words_in_colour() {
    let colored = terminal::write(&Fixture::everything().report(), Style { color: true, width: None });
    check("terminal-color.txt", &colored.replace('\u{1b}', "ESC"));
}

#[test]
fn summary_has_a_line_per_object() {
    check("summary.txt", &summary::write(&Fixture::everything().report()));
}

#[test]
fn json_has_everything() {
    check("json.json", &json::write(&Fixture::everything().report()));
}

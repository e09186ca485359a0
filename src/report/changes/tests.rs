//! What every format makes of the same changes, to the byte, and what holds for any changes.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests; blessing writes files")]

pub(super) mod fixture;
mod laws;

use std::path::Path;
use std::{env, fs};

use fixture::Fixture;

use crate::diff::Changes;

use super::terminal::Style;
use super::{github, json, markdown, sarif, summary, terminal};

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

#[test]
fn markdown_fits_into_a_comment() {
    let mut fixture = Fixture::everything();
    check("markdown.md", &markdown::write(&fixture.report()));
    fixture.shows_ignored = true;
    assert!(markdown::write(&fixture.report()).contains("the API server writes it"));
}

#[test]
fn github_annotates_the_lines_of_the_spec() {
    check("github.txt", &github::write(&Fixture::everything().report()));
}

#[test]
fn github_says_what_it_leaves_out() {
    let output = github::write(&Fixture::many(25).report());
    let warnings: Vec<&str> = output.lines().filter(|it| it.starts_with("::warning ")).collect();
    assert_eq!(warnings.len(), 10);
    assert!(warnings[9].ends_with("::16 annotations more are left out: GitHub shows 10 of a level."), "{output}");
}

#[test]
fn sarif_has_a_result_per_change() {
    let own = concat!("\"version\": \"", env!("CARGO_PKG_VERSION"), "\",\n");
    check("sarif.json", &sarif::write(&Fixture::everything().report()).replace(own, "\"version\": \"(this one)\",\n"));
}

#[test]
fn values_without_memory_are_decided() {
    let fixture = Fixture::without_memory();
    let text = terminal::write(&fixture.report(), Style::default());
    assert!(text.contains("  decided by service.api.target_rps = 130000 (specs/capacity.toml:4:14)\n"), "{text}");
    assert!(text.contains("  decided by service.api.safety_margin = 1.5 (a default)\n"), "{text}");
}

#[test]
fn nothing_to_say_is_one_line() {
    let fixture = Fixture::of(Changes { unchanged: 7, ..Changes::default() });
    let report = fixture.report();
    assert_eq!(
        terminal::write(&report, Style { color: true, width: Some(80) }),
        "ESC[1mno changesESC[0m\n".replace("ESC", "\u{1b}")
    );
    assert_eq!(terminal::write(&report, Style::default()), "no changes\n");
    assert_eq!(summary::write(&report), "no changes\n");
    assert_eq!(github::write(&report), "");
    let comment = "<!-- capgen-diff -->\n## Capacity: no changes\n\nCompared with <code>git:main</code>.\n\n";
    assert_eq!(markdown::write(&report), comment);
}

#[test]
fn ignored_differences_are_listed_on_demand() {
    let mut fixture = Fixture::everything();
    fixture.shows_ignored = true;
    let text = terminal::write(&fixture.report(), Style::default());
    let line = "  HorizontalPodAutoscaler production/wakala-api metadata.uid: x goes: the API server writes it\n";
    assert!(text.contains(line), "{text}");
    assert!(text.contains("  Deployment production/legacy\n"), "{text}");
}

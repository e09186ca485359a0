//! What is drawn, to the column, and that no text can break the drawing.
#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use super::*;

const SPEC: &str = "version = 1\n\n[service.api]\ntarget_rps = 100_000\nrps_per_pod = 0\n";

/// The span of the first place where `part` stands.
fn span(sources: &Sources, file: FileId, part: &str) -> Span {
    let start = sources.text(file).find(part).unwrap();
    Span::new(file, start..start + part.len())
}

/// One text, one diagnostic with a label at each part, and what is drawn.
fn check(text: &str, parts: &[(&str, &str)], expected: &str) {
    let mut sources = Sources::default();
    let file = sources.add(SourceKind::File, "capacity.toml", text);
    let at = |diagnostic: Diagnostic, (part, label): &(&str, &str)| diagnostic.at(span(&sources, file, part), *label);
    let diagnostic = parts.iter().fold(Diagnostic::error("it is wrong"), at);
    assert_eq!(terminal(&sources, &[diagnostic], false, None), expected);
}

#[test]
fn draws_both_lines_that_took_part() {
    let mut sources = Sources::default();
    let file = sources.add(SourceKind::File, "capacity.toml", SPEC);
    let diagnostic = Diagnostic::error("`rps_per_pod` must be above 0")
        .at(span(&sources, file, "0\n"), "one pod carries nothing")
        .at(span(&sources, file, "[service.api]"), "of this service")
        .help("rps_per_pod = 5_000")
        .note("100000 / 0 has no answer");
    let expected = "\
error: `rps_per_pod` must be above 0
 --> capacity.toml:4:20
  |
3 | [service.api]
  | ------------- of this service
4 | target_rps = 100_000
  |                    ^ one pod carries nothing
  |
  = note: 100000 / 0 has no answer
  = help: rps_per_pod = 5_000
";
    assert_eq!(terminal(&sources, &[diagnostic], false, None), expected);
}

#[test]
fn names_the_lint_and_draws_other_files() {
    let mut sources = Sources::default();
    let base = sources.add(SourceKind::File, "capacity.toml", SPEC);
    let other = sources.add(SourceKind::File, "services/api.toml", "[service.api]\n");
    let diagnostic = Diagnostic::lint(Severity::Warning, "single-replica", "`service.api` has one replica")
        .at(span(&sources, base, "[service.api]"), "here")
        .at(span(&sources, other, "[service.api]"), "")
        .help("min = 2\nmax = 4");
    let expected = "\
warning[single-replica]: `service.api` has one replica
 --> capacity.toml:3:1
  |
3 | [service.api]
  | ^^^^^^^^^^^^^ here
  |
 ::: services/api.toml:1:1
  |
1 | [service.api]
  | -------------
  |
  = help: min = 2
          max = 4
";
    assert_eq!(terminal(&sources, &[diagnostic], false, None), expected);
}

#[test]
fn names_a_flag_instead_of_a_line() {
    let mut sources = Sources::default();
    let base = sources.add(SourceKind::File, "capacity.toml", SPEC);
    let flag = sources.add(SourceKind::Flag, "--set service.api.target_rps=lots", "lots");
    let diagnostic = Diagnostic::error("`service.api.target_rps` is not a number")
        .at(span(&sources, flag, "lots"), "expected a number")
        .at(span(&sources, base, "100_000"), "replaces this");
    let expected = "\
error: `service.api.target_rps` is not a number
 --> --set service.api.target_rps=lots
  = note: expected a number
  |
 ::: capacity.toml:4:14
  |
4 | target_rps = 100_000
  |              ------- replaces this
";
    assert_eq!(terminal(&sources, &[diagnostic], false, None), expected);
}

#[test]
fn separates_diagnostics_and_draws_those_without_a_place() {
    let diagnostics = [Diagnostic::error("one"), Diagnostic::error("two").note("a fact")];
    let drawn = terminal(&Sources::default(), &diagnostics, false, None);
    assert_eq!(drawn, "error: one\n\nerror: two\n |\n = note: a fact\n");
    assert_eq!(terminal(&Sources::default(), &[], false, None), "");
}

#[test]
fn draws_the_end_of_a_text_and_spans_beyond_it() {
    let mut sources = Sources::default();
    let file = sources.add(SourceKind::File, "capacity.toml", SPEC);
    let expected = "\
error: unexpected end
 --> capacity.toml:5:16
  |
5 | rps_per_pod = 0
  |                ^ expected more
";
    for range in [SPEC.len()..SPEC.len(), SPEC.len() + 5..SPEC.len() + 9] {
        let diagnostic = Diagnostic::error("unexpected end").at(Span::new(file, range), "expected more");
        assert_eq!(terminal(&sources, &[diagnostic], false, None), expected);
    }
}

#[test]
fn draws_several_lines_windows_newlines_tabs_and_wide_characters() {
    let expected = "\
error: it is wrong
 --> capacity.toml:1:1
  |
1 | / [a]
2 | | b = 1
  | |_____^ all of it
";
    check("[a]\nb = 1\n", &[("[a]\nb = 1\n", "all of it")], expected);
    let expected = "\
error: it is wrong
 --> capacity.toml:1:5
  |
1 | a = 1
  |     ^ here
2 | b = 2
  |     - and here
";
    check("a = 1\r\nb = 2\r\n", &[("1\r\n", "here"), ("2\r\n", "and here")], expected);
    let expected = "\
error: it is wrong
 --> capacity.toml:1:9
  |
1 |     a = \"日本\"
  |          ^^^^ a country
";
    check("\ta = \"日本\"", &[("日本", "a country")], &expected.replace(":1:9", ":1:7"));
}

#[test]
fn cuts_long_lines() {
    let mut sources = Sources::default();
    let text = format!("a = \"{}\" b", "y".repeat(100_000));
    let file = sources.add(SourceKind::File, "capacity.toml", text.as_str());
    let diagnostic = Diagnostic::error("unexpected `b`").at(Span::new(file, text.len() - 1..text.len()), "here");
    let drawn = terminal(&sources, &[diagnostic], false, Some(60));
    assert!(drawn.lines().all(|line| line.chars().count() <= 80), "{drawn}");
    assert!(drawn.contains("yyy\" b\n"), "{drawn}");
}

#[test]
fn makes_control_characters_visible() {
    let mut sources = Sources::default();
    let file = sources.add(SourceKind::File, "a\u{1b}[2J.toml", "x = \"\u{1b}[31m\u{9b}31m\u{202e}\"");
    let diagnostic = Diagnostic::error("\u{1b}]0;owned\u{7}").at(Span::new(file, 0..1), "\u{9b}1m\n\u{2028}");
    let expected = "\
error: ␛]0;owned␇
 --> a␛[2J.toml:1:1
  |
1 | x = \"␛[31m·31m�\"
  | ^ ·1m �
";
    assert_eq!(terminal(&sources, &[diagnostic], false, None), expected);
}

#[test]
fn colours_only_where_asked() {
    let drawn = terminal(&Sources::default(), &[Diagnostic::error("one")], true, None);
    assert!(drawn.contains("\u{1b}["), "{drawn}");
}

#[test]
fn counts() {
    let lint = |severity| Diagnostic::lint(severity, "single-replica", "x");
    assert_eq!(count_line(&[]), None);
    assert_eq!(count_line(&[lint(Severity::Note)]), None);
    assert_eq!(count_line(&[lint(Severity::Warning)]).unwrap(), "1 warning");
    let all = [Diagnostic::error("x"), lint(Severity::Warning), lint(Severity::Error)];
    assert_eq!(count_line(&all).unwrap(), "2 errors, 1 warning");
}

proptest! {
    #[test]
    fn any_text_and_any_spans_can_be_drawn(
        text in "(\\PC|[ \t\r\n=\u{1b}\u{9b}\u{202e}\u{301}日]){0,60}",
        spans in prop::collection::vec((0_usize..150, 0_usize..150, "(\\PC|[\n\u{1b}]){0,4}"), 0..6),
        width in 0_usize..200,
    ) {
        let mut sources = Sources::default();
        let file = sources.add(SourceKind::File, "a.toml", text);
        let at = |it: Diagnostic, (start, end, label): (usize, usize, String)| it.at(Span::new(file, start..end), label);
        let diagnostic = spans.into_iter().fold(Diagnostic::error("x"), at);
        let drawn = terminal(&sources, &[diagnostic], false, Some(width));
        prop_assert!(drawn.chars().all(|it| it == '\n' || !it.is_control()), "{drawn:?}");
    }
}

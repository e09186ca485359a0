//! Findings as annotations of a GitHub workflow, the worst first.
//!
//! It knows how many of them GitHub shows. It must not know where the repository is: paths are those that were typed.

use std::fmt::Write as _;

use crate::diag::{Diagnostic, Severity};
use crate::report::changes::github::{MOST_OF_A_LEVEL, escape, escape_property};
use crate::report::changes::phrase::visible;

use super::Report;

/// The commands, one a line; empty where nothing was found.
pub fn write(report: &Report<'_>) -> String {
    let mut out = String::new();
    for (severity, word) in [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "notice")] {
        let of_level: Vec<&Diagnostic> = report.diagnostics.iter().filter(|it| it.severity == severity).collect();
        let shown = match of_level.len() {
            few @ 0..=MOST_OF_A_LEVEL => few,
            // One is needed to say how many are left out.
            _ => MOST_OF_A_LEVEL - 1,
        };
        of_level.iter().take(shown).for_each(|it| annotation(report, word, it, &mut out));
        if let more @ 1.. = of_level.len() - shown {
            let text = format!("{more} annotations more are left out: GitHub shows {MOST_OF_A_LEVEL} of a level.");
            let _ = writeln!(out, "::{word} title=capgen validate::{}", escape(&text));
        }
    }
    out
}

fn annotation(report: &Report<'_>, word: &str, diagnostic: &Diagnostic, out: &mut String) {
    let _ = write!(out, "::{word} ");
    if let Some(region) = diagnostic.labels.first().and_then(|it| report.region(it.span)) {
        let _ = write!(out, "file={},line={}", escape_property(&visible(region.file)), region.start.line);
        // GitHub takes columns only where both ends lie on one line.
        if region.start.line == region.end.line {
            let _ = write!(out, ",col={},endColumn={}", region.start.column, region.end.column);
        }
        out.push(',');
    }
    let title = match diagnostic.lint {
        Some(lint) => format!("capgen: {lint}"),
        None => "capgen".to_owned(),
    };
    let lines = std::iter::once(&diagnostic.message).chain(&diagnostic.help).map(|it| escape(&visible(it)));
    let text = lines.collect::<Vec<_>>().join("%0A");
    let _ = writeln!(out, "title={}::{text}", escape_property(&title));
}

//! What a reviewer should know beside the changes: findings about the new spec, and notes about the other side.

use crate::diag::Diagnostic;

use super::super::Report;
use super::escape::code;
use super::room::Room;

/// A list, folded up, in at most so many bytes; nothing where there is nothing to know.
pub(super) fn section(report: &Report<'_>, most: usize) -> String {
    let count = |count: usize, one: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        several => Some(format!("{several} {one}s")),
    };
    let counts = [count(report.findings.len(), "finding"), count(report.notes.len(), "note")];
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    let (open, close) = (format!("<details><summary>{}</summary>\n\n", counts.join(", ")), "\n</details>\n\n");
    let lines = report.findings.iter().map(|it| finding(report, it));
    let lines: Vec<String> = lines.chain(report.notes.iter().map(|it| format!("- note: {}\n", code(it)))).collect();
    let more = |more: usize| format!("- and {more} more, which {} prints\n", code("capgen diff"));
    let mut room = Room::new(most);
    if lines.is_empty() || !room.take(&open) || !room.take(close) || !room.take(&more(lines.len())) {
        return String::new();
    }
    let fitting: Vec<&String> = lines.iter().take_while(|it| room.take(it)).collect();
    let rest = if fitting.len() < lines.len() { more(lines.len() - fitting.len()) } else { String::new() };
    let fitting: String = fitting.into_iter().map(String::as_str).collect();
    format!("{open}{fitting}{rest}{close}")
}

/// What was found, by which lint and where.
fn finding(report: &Report<'_>, finding: &Diagnostic) -> String {
    let lint = finding.lint.map(|it| format!(" {}", code(it))).unwrap_or_default();
    let place = finding.labels.first().map(|label| {
        let said = if label.text.is_empty() { String::new() } else { format!(": {}", code(&label.text)) };
        format!(" ({}{said})", code(&report.sources.place(label.span)))
    });
    let (word, message) = (finding.severity.word(), code(&finding.message));
    format!("- **{word}**{lint}: {message}{}\n", place.unwrap_or_default())
}

//! Caret comments: where a diagnostic must point, written under the line it points to.
//!
//! ```toml
//! target_rps = "many"
//! #            ^^^^^^ error: expected a number
//! ```
//!
//! Prose may change by bless, positions only by hand. Diagnostics are read as people read them, from the text on
//! standard error, so a wrong line or column in what is printed is seen here.

use std::collections::BTreeSet;
use std::fmt;

use super::tree::{Entry, Tree};

/// The severities that a diagnostic can open with.
const SEVERITIES: [&str; 3] = ["error", "warning", "note"];

/// A place in a file of the spec; lines and columns are counted from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    file: String,
    line: usize,
    column: usize,
    /// How many characters are underlined, where that can be known.
    width: Option<usize>,
}

/// A diagnostic with a place, as it was printed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Diagnostic {
    severity: &'static str,
    lint: Option<String>,
    message: String,
    place: Place,
}

/// What a caret comment says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Claim {
    /// The line of the comment itself.
    comment: usize,
    severity: &'static str,
    /// The lint's name or a part of the message; empty for any.
    text: String,
    place: Place,
}

/// Files that can hold caret comments: in all of them `#` starts a comment.
const ENDINGS: [&str; 5] = [".toml", ".yaml", ".yml", ".ini", ".conf"];

fn can_claim(path: &str) -> bool {
    ENDINGS.iter().any(|it| path.ends_with(it))
}

/// Compares what was printed with the caret comments of the case's files.
///
/// Every claim must hold. With `claims_all`, every diagnostic at a place in one of these files must be claimed too.
pub(crate) fn check(inputs: &Tree, stderr: &str, claims_all: bool) -> Vec<String> {
    let mut problems = Vec::new();
    let mut claims = Vec::new();
    for (file, text) in texts(inputs) {
        match claims_of(file, text) {
            Ok(found) => claims.extend(found),
            Err(problem) => problems.push(problem),
        }
    }
    // A claim that names its message takes it before one that would take any.
    claims.sort_by_key(|claim| std::cmp::Reverse(claim.text.len()));
    let mut open: Vec<Diagnostic> = diagnostics(inputs, stderr).into_iter().collect();
    for claim in &claims {
        match open.iter().position(|it| claim.holds(it)) {
            Some(index) => drop(open.remove(index)),
            None => problems.push(claim.unmet(&diagnostics(inputs, stderr))),
        }
    }
    if claims_all {
        problems.extend(open.iter().map(Diagnostic::unclaimed));
    }
    problems
}

fn texts(inputs: &Tree) -> impl Iterator<Item = (&str, &str)> {
    let claiming = |(path, _): &(&String, &Entry)| can_claim(path);
    inputs.iter().filter(claiming).filter_map(|(path, entry)| Some((path.as_str(), entry.text()?)))
}

impl Claim {
    fn holds(&self, diagnostic: &Diagnostic) -> bool {
        let (ours, theirs) = (&self.place, &diagnostic.place);
        let same_width = ours.width.is_none() || theirs.width.is_none() || ours.width == theirs.width;
        let same_place = ours.file == theirs.file && ours.line == theirs.line && ours.column == theirs.column;
        let same_text = diagnostic.message.contains(&self.text) || diagnostic.lint.as_ref() == Some(&self.text);
        self.severity == diagnostic.severity && same_place && same_width && same_text
    }

    fn unmet(&self, found: &BTreeSet<Diagnostic>) -> String {
        let place = &self.place;
        let near = |it: &&Diagnostic| it.place.file == place.file && it.place.line == place.line;
        let near: Vec<String> = found.iter().filter(near).map(|it| format!("\n    on that line: {it}")).collect();
        let width = place.width.map_or(String::new(), |width| format!(" over {width} characters"));
        format!(
            "{}:{}: claims `{} {}` at line {} column {}{width}, and there is none{}",
            place.file,
            self.comment,
            self.severity,
            self.text,
            place.line,
            place.column,
            near.concat()
        )
    }
}

impl Diagnostic {
    /// The comment that would claim the diagnostic, ready to be pasted.
    fn unclaimed(&self) -> String {
        let Place { file, line, column, width } = &self.place;
        let marks = match (column, width.unwrap_or(1)) {
            (1, width @ ..=2) => format!("#<{}", "^".repeat(width.saturating_sub(2))),
            (1, width) => format!("#<{}", "^".repeat(width - 2)),
            (column, width) => format!("#{}{}", " ".repeat(column - 2), "^".repeat(width)),
        };
        let text = self.lint.as_ref().unwrap_or(&self.message);
        format!("nothing claims {self}\n    below line {line} of {file}:\n{marks} {}: {text}", self.severity)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { file, line, column, width } = &self.place;
        let lint = self.lint.as_ref().map_or(String::new(), |lint| format!("[{lint}]"));
        let width = width.map_or(String::new(), |width| format!(", {width} wide"));
        write!(f, "{}{lint}: {} ({file}:{line}:{column}{width})", self.severity, self.message)
    }
}

/// The caret comments of a file. Each speaks of the nearest line above that is none.
fn claims_of(file: &str, text: &str) -> Result<Vec<Claim>, String> {
    let mut claims = Vec::new();
    let mut subject = 0;
    for (index, line) in text.lines().enumerate() {
        let comment = index + 1;
        let Some((column, width, rest)) = marks(line) else {
            subject = comment;
            continue;
        };
        let (word, text) = rest.split_once(':').unwrap_or((rest, ""));
        let severity = SEVERITIES.into_iter().find(|it| *it == word.trim());
        let severity = severity.ok_or_else(|| {
            format!("{file}:{comment}: after the carets stands `error`, `warning` or `note`, not `{}`", rest.trim())
        })?;
        if subject == 0 {
            return Err(format!("{file}:{comment}: there is no line above to point at"));
        }
        let place = Place { file: file.to_owned(), line: subject, column, width };
        claims.push(Claim { comment, severity, text: text.trim().to_owned(), place });
    }
    Ok(claims)
}

/// The column and width of a caret comment, and what follows. `#<^^^` starts in the column of the `#` itself, which
/// no caret can reach; a bare `#<` does not say how wide.
fn marks(line: &str) -> Option<(usize, Option<usize>, &str)> {
    let comment = line.trim_start();
    let sharp = line.chars().count() - comment.chars().count() + 1;
    let after = comment.strip_prefix('#')?;
    if let Some(rest) = after.strip_prefix('<') {
        let carets = rest.len() - rest.trim_start_matches('^').len();
        return Some((sharp, (carets > 0).then_some(carets + 2), &rest[carets..]));
    }
    let run = after.trim_start_matches(' ');
    let carets = run.len() - run.trim_start_matches('^').len();
    (carets > 0).then(|| (sharp + 1 + after.len() - run.len(), Some(carets), &run[carets..]))
}

/// Every diagnostic with a place in one of the case's files that can hold a comment; one that several commands print counts once.
fn diagnostics(inputs: &Tree, stderr: &str) -> BTreeSet<Diagnostic> {
    let mut found = BTreeSet::new();
    let lines: Vec<&str> = stderr.lines().collect();
    let mut open = None;
    for (index, line) in lines.iter().enumerate() {
        let starts_report = index == 0 || lines[index - 1].is_empty();
        if let Some(header) = header(line) {
            // A note further down in a report belongs to the diagnostic above it.
            if starts_report || header.0 != "note" {
                open = Some(header);
            }
        } else if let Some((file, line, column)) = arrow(line)
            && let Some((severity, lint, message)) = open.take()
            && let Some(text) = inputs.get(&file).and_then(Entry::text)
            && can_claim(&file)
        {
            let width = text.lines().nth(line - 1).and_then(|source| underline(&lines[index..], source, line, column));
            found.insert(Diagnostic { severity, lint, message, place: Place { file, line, column, width } });
        }
    }
    found
}

/// `warning[single-replica]: …` as severity, lint and message.
fn header(line: &str) -> Option<(&'static str, Option<String>, String)> {
    let severity = SEVERITIES.into_iter().find(|word| line.starts_with(word))?;
    let rest = &line[severity.len()..];
    let (lint, rest) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((lint, rest)) => (Some(lint.to_owned()), rest),
        None => (None, rest),
    };
    Some((severity, lint, rest.strip_prefix(": ")?.to_owned()))
}

/// `  --> capacity.toml:4:1` as file, line and column.
fn arrow(line: &str) -> Option<(String, usize, usize)> {
    let mut parts = line.trim_start().strip_prefix("--> ")?.rsplitn(3, ':');
    let column = parts.next()?.parse().ok()?;
    let line = parts.next()?.parse().ok().filter(|line| *line > 0)?;
    let file = parts.next()?.trim_start_matches("./").trim_start_matches("../");
    Some((file.to_owned(), line, column))
}

/// How many characters are underlined. Unknown where the line is not shown whole, the span runs over several lines,
/// or a character may be wider than a column.
fn underline(report: &[&str], source: &str, line: usize, column: usize) -> Option<usize> {
    let is_plain = source.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let shown = report.iter().take_while(|it| !it.is_empty()).position(|it| {
        let gutter = it.split_once('|');
        gutter.is_some_and(|(number, text)| number.trim() == line.to_string() && text.trim() == source.trim())
    })?;
    let offset = report[shown].find('|')? + 2;
    let is_whole = report[shown].get(offset..) == Some(source);
    let marks = report.get(shown + 1)?.get(offset + column - 1..)?;
    let width = marks.len() - marks.trim_start_matches('^').len();
    (is_plain && is_whole && width > 0).then_some(width)
}

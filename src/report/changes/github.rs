//! Changes as annotations of a GitHub workflow: one for each line of the spec that caused some.
//!
//! It knows GitHub's commands, their escapes and limits (docs: "Workflow commands", "Usage limits"). It must not know
//! where the repository is: paths are those of the spec.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::diag::source::{FileId, Position};
use crate::diff::{InputRef, Risk, Verdict};

use super::findings::{self, Finding};
use super::{Report, phrase};

/// GitHub shows this many annotations of one level for a step, and drops the others without a word.
pub(in crate::report) const MOST_OF_A_LEVEL: usize = 10;

/// The findings that an annotation names before it only counts them.
const MOST_FINDINGS: usize = 10;

/// The characters of one line of an annotation.
const LONGEST_LINE: usize = 400;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Error,
    Warning,
    Notice,
}

/// What one annotation stands at: a line of the spec; where nothing in the spec is the cause, the finding alone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Line(FileId, usize),
    Nowhere(usize),
}

struct Group<'a> {
    place: Place,
    /// The first column of what is written there.
    column: usize,
    /// What is written there, of what is behind the findings.
    inputs: BTreeSet<&'a InputRef>,
    /// The worst first.
    findings: Vec<Finding<'a>>,
}

/// The commands, one a line; empty where nothing differs.
pub fn write(report: &Report<'_>) -> String {
    let mut groups = groups(report);
    groups.sort_by_key(|it| (Reverse(it.risk()), it.place));
    let mut out = String::new();
    for level in [Level::Error, Level::Warning, Level::Notice] {
        let of_level: Vec<&Group<'_>> = groups.iter().filter(|it| level_of(it.risk()) == level).collect();
        let shown = match of_level.len() {
            few @ 0..=MOST_OF_A_LEVEL => few,
            // One is needed to say how many are left out.
            _ => MOST_OF_A_LEVEL - 1,
        };
        for group in of_level.iter().take(shown) {
            annotation(report, level, group, &mut out);
        }
        if let more @ 1.. = of_level.len() - shown {
            let text = format!("{more} annotations more are left out: GitHub shows {MOST_OF_A_LEVEL} of a level.");
            let _ = writeln!(out, "::{} title=capgen diff::{}", level.word(), escape(&text));
        }
    }
    out
}

/// The findings by the lines that caused them; one with several causes stands at each.
fn groups<'a>(report: &Report<'a>) -> Vec<Group<'a>> {
    let mut groups: BTreeMap<Place, Group<'a>> = BTreeMap::new();
    for (index, finding) in findings::all(report).into_iter().enumerate() {
        let mut places: BTreeMap<Place, (usize, Vec<&InputRef>)> = BTreeMap::new();
        for (input, span) in finding.places(report) {
            let Position { line, column } = report.sources.position(span);
            let (first, inputs) = places.entry(Place::Line(span.file, line)).or_insert((column, Vec::new()));
            *first = column.min(*first);
            inputs.push(input);
        }
        if places.is_empty() {
            places.insert(Place::Nowhere(index), (1, Vec::new()));
        }
        for (place, (column, inputs)) in places {
            let empty = || Group { place, column, inputs: BTreeSet::new(), findings: Vec::new() };
            let group = groups.entry(place).or_insert_with(empty);
            group.column = group.column.min(column);
            group.inputs.extend(inputs);
            group.findings.push(finding);
        }
    }
    groups.into_values().collect()
}

fn annotation(report: &Report<'_>, level: Level, group: &Group<'_>, out: &mut String) {
    let _ = write!(out, "::{} ", level.word());
    if let Place::Line(file, line) = group.place {
        let name = escape_property(&phrase::visible(report.sources.name(file)));
        let _ = write!(out, "file={name},line={line},col={},", group.column);
    }
    let title = match group.findings.len() {
        1 => format!("capgen: 1 {} change", group.risk().word()),
        count => format!("capgen: {count} changes, worst: {}", group.risk().word()),
    };
    let lines = lines(report, group);
    let lines: Vec<String> = lines.iter().map(|it| escape(&phrase::short(it, LONGEST_LINE))).collect();
    let _ = writeln!(out, "title={}::{}", escape_property(&title), lines.join("%0A"));
}

/// What changes, then why.
fn lines(report: &Report<'_>, group: &Group<'_>) -> Vec<String> {
    let finding = |it: &Finding<'_>| match it.verdict() {
        Verdict { risk: Risk::Safe, .. } => it.message(),
        Verdict { risk, reason } => format!("{} [{}: {reason}]", it.message(), risk.word()),
    };
    let mut lines: Vec<String> = group.findings.iter().take(MOST_FINDINGS).map(finding).collect();
    if let Some(more @ 1..) = group.findings.len().checked_sub(MOST_FINDINGS) {
        lines.push(format!("and {more} more"));
    }
    match group.place {
        Place::Line(..) => {
            lines.extend(group.inputs.iter().map(|it| phrase::input_sentence(report, it, &phrase::plain)));
        }
        Place::Nowhere(_) => lines.extend(group.findings.iter().flat_map(|it| it.reasons(report))),
    }
    lines.truncate(2 * MOST_FINDINGS);
    lines
}

impl Group<'_> {
    fn risk(&self) -> Risk {
        self.findings.first().map_or(Risk::Safe, |it| it.verdict().risk)
    }
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

fn level_of(risk: Risk) -> Level {
    match risk {
        Risk::Safe | Risk::Ignored => Level::Notice,
        Risk::Restart | Risk::Disruptive | Risk::Ordering => Level::Warning,
        Risk::Irreversible => Level::Error,
    }
}

/// For the text of a command. Line ends are gone already, but for those that this file puts in.
pub(in crate::report) fn escape(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// For the value of a property.
pub(in crate::report) fn escape_property(text: &str) -> String {
    escape(text).replace(':', "%3A").replace(',', "%2C")
}

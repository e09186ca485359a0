//! Findings as JSON, in a versioned form. Lists are never absent, and totals spare readers the counting.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

use crate::diag::source::{self, SourceKind};
use crate::diag::{Diagnostic, Label, Severity};
use crate::report::changes::json::escape_hidden;

use super::Report;

/// Rises when a reader of the former version would read wrongly.
const FORMAT_VERSION: u32 = 1;

/// The report of `capgen validate --format json`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "capgen findings")]
struct Document<'a> {
    #[schemars(extend("const" = 1))]
    format_version: u32,
    totals: Totals,
    /// In the order of the files and of the places in them.
    findings: Vec<Finding<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct Totals {
    errors: usize,
    warnings: usize,
}

#[derive(Serialize, JsonSchema)]
struct Finding<'a> {
    severity: SeverityWord,
    /// The lint's name; null for an error, which cannot be allowed.
    lint: Option<&'static str>,
    message: &'a str,
    /// The first is where it is wrong, the others took part. A finding about no text has none.
    places: Vec<Place<'a>>,
    notes: &'a [String],
    /// What can be typed instead.
    help: &'a [String],
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum SeverityWord {
    Error,
    Warning,
    Note,
}

#[derive(Serialize, JsonSchema)]
struct Place<'a> {
    /// The file's name; for a flag, the flag.
    file: &'a str,
    /// Null for a flag, which has no lines.
    start: Option<Position>,
    /// Behind the last character; null for a flag.
    end: Option<Position>,
    /// What stands there, secrets masked.
    text: &'a str,
    /// What is said about it; may be empty.
    label: &'a str,
}

/// Both start at 1; columns count characters.
#[derive(Serialize, JsonSchema)]
struct Position {
    line: usize,
    column: usize,
}

impl From<source::Position> for Position {
    fn from(source::Position { line, column }: source::Position) -> Self {
        Self { line, column }
    }
}

/// The findings as one JSON document with a newline at its end.
pub fn write(report: &Report<'_>) -> String {
    let count = |severity| report.diagnostics.iter().filter(|it| it.severity == severity).count();
    let document = Document {
        format_version: FORMAT_VERSION,
        totals: Totals { errors: count(Severity::Error), warnings: count(Severity::Warning) },
        findings: report.diagnostics.iter().map(|it| finding(report, it)).collect(),
    };
    // Every key is a text and the target is memory, so nothing can fail.
    escape_hidden(serde_json::to_string_pretty(&document).unwrap_or_default())
}

/// The JSON Schema of what [`write`] gives, in draft 2020-12.
pub fn schema() -> String {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    format!("{:#}\n", generator.into_root_schema_for::<Document<'static>>().to_value())
}

fn finding<'a>(report: &Report<'a>, diagnostic: &'a Diagnostic) -> Finding<'a> {
    Finding {
        severity: match diagnostic.severity {
            Severity::Error => SeverityWord::Error,
            Severity::Warning => SeverityWord::Warning,
            Severity::Note => SeverityWord::Note,
        },
        lint: diagnostic.lint,
        message: &diagnostic.message,
        places: diagnostic.labels.iter().map(|it| place(report, it)).collect(),
        notes: &diagnostic.notes,
        help: &diagnostic.help,
    }
}

fn place<'a>(report: &Report<'a>, label: &'a Label) -> Place<'a> {
    let file = report.sources.name(label.span.file);
    match report.region(label.span) {
        Some(region) => Place {
            file,
            start: Some(region.start.into()),
            end: Some(region.end.into()),
            text: region.text,
            label: &label.text,
        },
        None => {
            debug_assert_eq!(report.sources.kind(label.span.file), SourceKind::Flag);
            Place { file, start: None, end: None, text: "", label: &label.text }
        }
    }
}

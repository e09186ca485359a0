//! Findings as SARIF 2.1.0, for code scanning: each at the text that it is about, with the lint as its rule.
//!
//! It knows the schema of SARIF and what a region is. It must not know which repository the paths are relative to.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::diag::{Diagnostic, Label, Severity};
use crate::report::changes::json::escape_hidden;
use crate::report::changes::sarif::uri;

use super::{Report, Rule};

/// The rule of what cannot be allowed.
const ERROR: &str = "capgen/error";

/// The log, with one result per finding.
pub fn write(report: &Report<'_>) -> String {
    let error = json!({
        "id": ERROR,
        "shortDescription": { "text": "What capgen cannot read, or cannot compile." },
        "defaultConfiguration": { "level": "error" },
    });
    let rules: Vec<Value> = std::iter::once(error).chain(report.rules.iter().map(rule)).collect();
    let results: Vec<Value> = report.diagnostics.iter().map(|it| result(report, it)).collect();
    let driver = json!({ "name": "capgen", "version": env!("CARGO_PKG_VERSION"), "rules": rules });
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{ "tool": { "driver": driver }, "columnKind": "unicodeCodePoints", "results": results }],
    });
    // Every key is a text and the target is memory, so nothing can fail.
    escape_hidden(serde_json::to_string_pretty(&log).unwrap_or_default())
}

fn rule(rule: &Rule) -> Value {
    // The first paragraph says what it looks for.
    let text = rule.docs.split("###").nth(1).unwrap_or_default().split_once('\n').map_or("", |(_, text)| text);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    json!({
        "id": format!("capgen/{}", rule.name),
        "shortDescription": { "text": text },
        "help": { "text": text, "markdown": rule.docs.trim() },
        "defaultConfiguration": { "level": level(rule.severity) },
    })
}

fn result(report: &Report<'_>, diagnostic: &Diagnostic) -> Value {
    let id = diagnostic.lint.map_or_else(|| ERROR.to_owned(), |it| format!("capgen/{it}"));
    let index = report.rules.iter().position(|it| Some(it.name) == diagnostic.lint).map_or(0, |it| it + 1);
    let mut text = diagnostic.message.clone();
    for help in &diagnostic.help {
        text.push_str(&format!("; {help}"));
    }
    let mut result = json!({
        "ruleId": id,
        "ruleIndex": index,
        "level": level(diagnostic.severity),
        // What looks like a link would become one.
        "message": { "text": text.replace("](", "] (") },
        "locations": diagnostic.labels.first().and_then(|it| location(report, it)).into_iter().collect::<Vec<_>>(),
        "partialFingerprints": { "capgenFinding/v1": fingerprint(report, diagnostic, &id) },
    });
    let others: Vec<Value> = diagnostic.labels.iter().skip(1).filter_map(|it| location(report, it)).collect();
    if !others.is_empty() {
        result["relatedLocations"] = json!(others);
    }
    result
}

/// What a finding is about, without the line: it stays the same where lines are added above.
fn fingerprint(report: &Report<'_>, diagnostic: &Diagnostic, id: &str) -> String {
    let file = diagnostic.labels.first().map_or("", |it| report.sources.name(it.span.file));
    let hash = Sha256::digest(format!("{id}\n{file}\n{}", diagnostic.message).as_bytes());
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
    hash.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Lines and columns start at 1, and the end column is the one behind the last character.
fn location(report: &Report<'_>, label: &Label) -> Option<Value> {
    let region = report.region(label.span)?;
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(region.file) },
            "region": {
                "startLine": region.start.line,
                "startColumn": region.start.column,
                "endLine": region.end.line,
                "endColumn": region.end.column,
                "snippet": { "text": region.text },
            },
        },
    });
    if !label.text.is_empty() {
        location["message"] = json!({ "text": label.text.replace("](", "] (") });
    }
    Some(location)
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

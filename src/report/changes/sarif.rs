//! Changes as SARIF 2.1.0, for code scanning: each change at the place of the spec that caused it.
//!
//! It knows the schema of SARIF and what a region is. It must not know which repository the paths are relative to.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::diag::source::{Position, Span};
use crate::diff::Risk;

use super::Report;
use super::findings::{self, Finding};
use super::json::escape_hidden;

/// A rule: the risk, its name, and what it says about every change that has it.
struct Rule {
    risk: Risk,
    id: &'static str,
    description: &'static str,
}

const RULES: [Rule; 6] = [
    Rule {
        risk: Risk::Safe,
        id: "capgen/safe-change",
        description: "Takes effect by itself; nothing is known against it.",
    },
    Rule {
        risk: Risk::Ignored,
        id: "capgen/ignored-change",
        description: "The target does not apply it to what exists.",
    },
    Rule {
        risk: Risk::Restart,
        id: "capgen/restart-change",
        description: "Takes effect only when a process is started again.",
    },
    Rule {
        risk: Risk::Disruptive,
        id: "capgen/disruptive-change",
        description: "Takes capacity or protection away while it is applied.",
    },
    Rule {
        risk: Risk::Ordering,
        id: "capgen/ordering-change",
        description: "Right at the end, but wrong in the wrong order.",
    },
    Rule { risk: Risk::Irreversible, id: "capgen/irreversible-change", description: "Cannot be taken back." },
];

/// The log, with one result per change.
pub fn write(report: &Report<'_>) -> String {
    let rules: Vec<Value> = RULES.iter().map(rule).collect();
    let results: Vec<Value> = findings::all(report).into_iter().map(|it| result(report, it)).collect();
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
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.description },
        "defaultConfiguration": { "level": level(rule.risk) },
    })
}

fn result(report: &Report<'_>, finding: Finding<'_>) -> Value {
    let verdict = finding.verdict();
    let index = RULES.iter().position(|it| it.risk == verdict.risk).unwrap_or_default();
    let mut text = finding.message();
    if verdict.risk != Risk::Safe {
        text.push_str(&format!(" ({}: {})", verdict.risk.word(), verdict.reason));
    }
    for reason in finding.reasons(report) {
        text.push_str(&format!("; {reason}"));
    }
    let places: Vec<Value> = finding.places(report).into_iter().map(|(_, it)| at_span(report, it)).collect();
    let (first, others) = match places.split_first() {
        Some((first, others)) => (first.clone(), others),
        None => (at_file(finding.file().unwrap_or_default()), [].as_slice()),
    };
    let hash = Sha256::digest(finding.key().as_bytes());
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
    let fingerprint: String = hash.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
    let mut result = json!({
        "ruleId": RULES[index].id,
        "ruleIndex": index,
        "level": level(verdict.risk),
        // What looks like a link would become one.
        "message": { "text": text.replace("](", "] (") },
        "locations": [first],
        "partialFingerprints": { "capgenChange/v1": fingerprint },
    });
    if !others.is_empty() {
        result["relatedLocations"] = json!(others);
    }
    result
}

fn level(risk: Risk) -> &'static str {
    match risk {
        Risk::Safe | Risk::Ignored => "note",
        Risk::Restart | Risk::Disruptive | Risk::Ordering => "warning",
        Risk::Irreversible => "error",
    }
}

/// A place in the spec. Lines and columns start at 1, and the end column is the one behind the last character.
fn at_span(report: &Report<'_>, span: Span) -> Value {
    let start = report.sources.position(span);
    let end: Position = report.sources.position(Span { start: span.end, ..span });
    let region = json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "snippet": { "text": report.sources.snippet(span) },
    });
    let artifact = json!({ "uri": uri(report.sources.name(span.file)) });
    json!({ "physicalLocation": { "artifactLocation": artifact, "region": region } })
}

/// The generated file, for a change without a place in the spec.
fn at_file(path: &str) -> Value {
    json!({ "physicalLocation": { "artifactLocation": { "uri": uri(path) } } })
}

/// A path as a relative reference (RFC 3986).
pub(in crate::report) fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'\\' => uri.push('/'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            it => uri.push_str(&format!("%{it:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests;

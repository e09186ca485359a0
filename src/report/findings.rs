//! Findings for machines: errors and lints, each with the places that it points to. One file per format.
//!
//! People read the same findings as `diagnostics` draws them.

pub mod github;
pub mod json;
pub mod sarif;

use crate::diag::source::{Position, SourceKind, Sources, Span};
use crate::diag::{Diagnostic, Severity};

/// What every format is made from.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    pub sources: &'a Sources,
    /// In the order of the texts.
    pub diagnostics: &'a [Diagnostic],
    /// Every lint, sorted by name.
    pub rules: &'a [Rule],
}

/// A lint, as far as a format shows it.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    pub name: &'static str,
    pub severity: Severity,
    /// Markdown under four headings.
    pub docs: &'static str,
}

/// A span in lines and columns; `end` is behind the last character.
struct Region<'a> {
    file: &'a str,
    start: Position,
    end: Position,
    /// What stands there, without secrets.
    text: &'a str,
}

impl<'a> Report<'a> {
    /// Where a span lies; `None` in a flag, which has no lines.
    fn region(&self, span: Span) -> Option<Region<'a>> {
        if self.sources.kind(span.file) != SourceKind::File {
            return None;
        }
        let (start, end) = (self.sources.position(span), self.sources.position(Span { start: span.end, ..span }));
        let text = self.sources.shown(span.file).get(span.range()).unwrap_or_default();
        Some(Region { file: self.sources.name(span.file), start, end, text })
    }
}

#[cfg(test)]
mod tests;

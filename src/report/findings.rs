//! Findings for machines: errors and lints, each with the places that it points to. One file per format.
//!
//! People read the same findings as `diagnostics` draws them.

pub mod github;
pub mod json;
pub mod sarif;

use std::borrow::Cow;

use crate::diag::secret;
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
    text: Cow<'a, str>,
}

impl<'a> Report<'a> {
    /// Where a span lies; `None` in a flag, which has no lines.
    fn region(&self, span: Span) -> Option<Region<'a>> {
        if self.sources.kind(span.file) != SourceKind::File {
            return None;
        }
        let (start, end) = (self.sources.position(span), self.sources.position(Span { start: span.end, ..span }));
        // A secret shows itself by what stands before it on its line.
        let line = self.sources.line(span.file, start.line).unwrap_or_default();
        let whole = self.sources.text(span.file).get(line.start..line.end.max(span.range().end)).unwrap_or_default();
        let inside = span.range().start.saturating_sub(line.start)..span.range().end.saturating_sub(line.start);
        let text = match secret::same_length(whole) {
            Cow::Borrowed(whole) => Cow::Borrowed(whole.get(inside).unwrap_or_default()),
            Cow::Owned(whole) => Cow::Owned(whole.get(inside).unwrap_or_default().to_owned()),
        };
        Some(Region { file: self.sources.name(span.file), start, end, text })
    }
}

#[cfg(test)]
mod tests;

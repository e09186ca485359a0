//! The two streams: data on standard output, everything else on standard error.

use std::borrow::Cow;
use std::io::{ErrorKind, Write};

use anstream::{AutoStream, ColorChoice};

use crate::diag::source::Sources;
use crate::diag::{Diagnostic, Severity};
use crate::doc::value::single_line;
use crate::report::changes::terminal::Style;
use crate::report::diagnostics;

use super::ExitStatus;
use super::args::{Common, When};

/// Nobody reads more at once, and to draw thousands of them takes longer than to find them.
const MOST_DIAGNOSTICS: usize = 100;

/// Where a run prints.
pub(super) struct Terminal {
    color: bool,
    when: When,
    quiet: bool,
    pub(super) verbose: bool,
}

impl Terminal {
    pub(super) fn new(common: &Common) -> Self {
        let color = match common.color {
            When::Always => true,
            When::Never => false,
            // Looks at NO_COLOR, CLICOLOR_FORCE and whether it is a terminal at all.
            When::Auto => AutoStream::choice(&std::io::stderr()) != ColorChoice::Never,
        };
        Self { color, when: common.color, quiet: common.quiet, verbose: common.verbose }
    }

    /// Prints data. A reader that has gone away (`capgen … | head`) is no error.
    pub(super) fn data(&self, text: &str) -> ExitStatus {
        let mut out = std::io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => ExitStatus::Fine,
            Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitStatus::Fine,
            Err(error) => self.fail(&Diagnostic::error(format!("writing to standard output: {error}"))),
        }
    }

    /// Prints what was done, unless `--quiet`.
    pub(super) fn summary(&self, text: &str) {
        if !self.quiet {
            self.plain(text);
        }
    }

    /// Prints a line on standard error.
    pub(super) fn plain(&self, text: &str) {
        let _ = writeln!(std::io::stderr(), "{text}");
    }

    /// Prints a fact that helps to understand the data, unless `--quiet`.
    pub(super) fn note(&self, text: &str) {
        let lines: Vec<Cow<'_, str>> = text.lines().map(single_line).collect();
        self.summary(&format!("note: {}", lines.join("\n      ")));
    }

    /// How data is drawn on standard output.
    pub(super) fn style(&self) -> Style {
        let color = match self.when {
            When::Always => true,
            When::Never => false,
            When::Auto => AutoStream::choice(&std::io::stdout()) != ColorChoice::Never,
        };
        Style { color, width: terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)) }
    }

    /// Prints an error that has no place in a spec.
    pub(super) fn fail(&self, error: &Diagnostic) -> ExitStatus {
        self.diagnostics(&Sources::default(), std::slice::from_ref(error));
        ExitStatus::Failed
    }

    /// Prints every diagnostic of a list that is the answer; with `--quiet` the errors only.
    pub(super) fn listed(&self, diagnostics: &[Diagnostic]) {
        let sources = Sources::default();
        let mut out = std::io::stderr().lock();
        // One by one: between the lines of a list there is no empty one.
        for it in diagnostics.iter().filter(|it| !self.quiet || it.severity == Severity::Error) {
            let text = diagnostics::terminal(&sources, std::slice::from_ref(it), self.color, None);
            let _ = out.write_all(text.as_bytes());
        }
    }

    /// Prints diagnostics and their count; with `--quiet` the errors only.
    pub(super) fn diagnostics(&self, sources: &Sources, diagnostics: &[Diagnostic]) {
        let shown: Vec<Diagnostic> =
            diagnostics.iter().filter(|it| !self.quiet || it.severity == Severity::Error).cloned().collect();
        let drawn = &shown[..shown.len().min(MOST_DIAGNOSTICS)];
        let text = diagnostics::terminal(sources, drawn, self.color, None);
        let _ = std::io::stderr().write_all(text.as_bytes());
        if let Some(line) = diagnostics::count_line(&shown).filter(|_| shown.len() > 1) {
            let left_out = match shown.len() - drawn.len() {
                0 => String::new(),
                more => format!(", {more} of them not shown"),
            };
            self.plain(&format!("\n{line}{left_out}"));
        }
    }
}

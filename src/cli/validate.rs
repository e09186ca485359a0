//! `capgen validate`: errors and lints of a spec, or of files that capgen did not write; writes nothing.

mod files;

use std::mem::ManuallyDrop;

use crate::diag::source::Sources;
use crate::diag::{Diagnostic, Severity};
use crate::lint::LINTS;
use crate::report::findings::{self, Report, Rule};
use crate::spec::lints::Level;

use super::ExitStatus;
use super::args::{Common, FindingsFormat, Validate};
use super::compile;
use super::terminal::Terminal;

pub(super) fn run(common: &Common, asked: &Validate, terminal: &Terminal) -> ExitStatus {
    if !asked.paths.is_empty() {
        return files::run(common, asked, terminal);
    }
    // The process ends with this command: see `build`.
    let compiled = ManuallyDrop::new(compile::compile(common, &|_, _| {}));
    match print(asked.format, &compiled.sources, &compiled.diagnostics, terminal) {
        ExitStatus::Fine => compiled.status(common.fail_on),
        failed => failed,
    }
}

/// Prints findings in the format that was asked for.
fn print(format: FindingsFormat, sources: &Sources, diagnostics: &[Diagnostic], terminal: &Terminal) -> ExitStatus {
    let rules: Vec<Rule> =
        LINTS.iter().map(|it| Rule { name: it.name, severity: severity(it.level), docs: it.docs }).collect();
    let report = Report { sources, diagnostics, rules: &rules };
    match format {
        FindingsFormat::Text => {
            terminal.diagnostics(sources, diagnostics);
            ExitStatus::Fine
        }
        FindingsFormat::Json => terminal.data(&findings::json::write(&report)),
        FindingsFormat::Github => terminal.data(&findings::github::write(&report)),
        FindingsFormat::Sarif => terminal.data(&findings::sarif::write(&report)),
    }
}

fn severity(level: Level) -> Severity {
    match level {
        Level::Allow => Severity::Note,
        Level::Warn => Severity::Warning,
        Level::Deny => Severity::Error,
    }
}

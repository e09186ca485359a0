//! `capgen report`: the capacity of every layer against demand, as a page for people.

use crate::diag::Diagnostic;
use crate::report::page::{self, Page};

use super::ExitStatus;
use super::args::{Common, PageFormat, Report};
use super::compile::{self, Product};
use super::disk;
use super::terminal::Terminal;

pub(super) fn run(common: &Common, report: &Report, terminal: &Terminal) -> ExitStatus {
    let compiled = compile::compile(common, &|_, _| {});
    terminal.diagnostics(&compiled.sources, &compiled.diagnostics);
    let Some(Product { model, .. }) = &compiled.product else { return ExitStatus::Failed };
    let page = Page { model, sources: &compiled.sources, environment: common.env.as_deref() };
    let text = match report.format {
        PageFormat::Html => page::html_page(&page),
    };
    let status = compiled.status(common.fail_on);
    let written = match report.output.as_deref() {
        None | Some("-") => terminal.data(&text),
        // What fails a run writes nothing, as with `build`.
        Some(_) if status != ExitStatus::Fine => {
            terminal.summary("nothing was written: findings failed the report");
            status
        }
        Some(path) => match std::fs::write(path, text) {
            Ok(()) => {
                terminal.summary(&format!("wrote {path}"));
                ExitStatus::Fine
            }
            Err(error) => terminal.fail(&Diagnostic::error(format!("writing `{path}`: {}", disk::reason(&error)))),
        },
    };
    if written == ExitStatus::Fine { status } else { written }
}

//! `capgen validate`: errors and lints of a spec; writes nothing and needs no output folder.

use super::ExitStatus;
use super::args::Common;
use super::compile;
use super::terminal::Terminal;

pub(super) fn run(common: &Common, terminal: &Terminal) -> ExitStatus {
    let compiled = compile::compile(common, &mut |_, _| ());
    terminal.diagnostics(&compiled.sources, &compiled.diagnostics);
    compiled.status(common.fail_on)
}

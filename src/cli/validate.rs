//! `capgen validate`: errors and lints of a spec; writes nothing and needs no output folder.

use std::mem::ManuallyDrop;

use rayon::prelude::*;

use super::ExitStatus;
use super::args::Common;
use super::compile;
use super::terminal::Terminal;

pub(super) fn run(common: &Common, terminal: &Terminal) -> ExitStatus {
    // The process ends with this command: see `build`.
    let compiled = ManuallyDrop::new(compile::compile(common, &mut |_, artifacts| {
        artifacts.into_par_iter().for_each(drop);
    }));
    terminal.diagnostics(&compiled.sources, &compiled.diagnostics);
    compiled.status(common.fail_on)
}

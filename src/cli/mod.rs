//! The edge: arguments, files, streams, the exit status. One file per subcommand; all else is pure.

#![allow(clippy::disallowed_methods, reason = "the edge is where files are read and written")]

mod args;
mod build;
mod compile;
mod diff;
mod disk;
mod explain;
mod import;
mod init;
mod memo;
mod notes;
mod report;
mod shell;
mod source;
mod templates;
mod terminal;
mod validate;
pub mod write;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use args::{Arguments, Command};
use terminal::Terminal;

/// How a run ended. Where several hold, an error hides findings, and findings hide changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// All is well.
    Fine,
    /// A bad spec, a wrong argument, the disk, a defect of capgen.
    Failed,
    /// The output folder is stale, or the two sides of a diff differ.
    Changed,
    /// Findings at or above `--fail-on`.
    Findings,
}

impl ExitStatus {
    fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Failed => 1,
            Self::Changed => 2,
            Self::Findings => 3,
        }
    }
}

/// Runs the program.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let terminal = Terminal::new(&arguments.common);
    let common = &arguments.common;
    let status = match &arguments.command {
        Command::Build(build) => build::run(common, build, &terminal),
        Command::Diff(diff) => diff::run(common, diff, &terminal),
        Command::Validate(asked) => validate::run(common, asked, &terminal),
        Command::Explain(explain) => explain::run(common, explain, &terminal),
        Command::Import(import) => import::run(common, import, &terminal),
        Command::Report(report) => report::run(common, report, &terminal),
        Command::Schema { what } => shell::schema(*what, &terminal),
        Command::Init(init) => init::run(init, &terminal),
        Command::Completions { shell } => shell::completions(*shell, &terminal),
        Command::Man { command } => shell::man(command.as_deref(), &terminal),
    };
    ExitCode::from(status.code())
}

/// Help and version are answers; everything else is an error, with status 1 (clap's own is 2, which means "changed" here).
fn usage(error: &clap::Error) -> ExitCode {
    let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    // A closed pipe is the reader's choice.
    let _ = error.print();
    ExitCode::from(if asked { ExitStatus::Fine } else { ExitStatus::Failed }.code())
}

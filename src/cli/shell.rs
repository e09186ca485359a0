//! `capgen schema`, `completions` and `man`: what editors and shells ask for.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::diff;
use crate::lint;
use crate::report::{changes, findings};
use crate::spec;

use super::ExitStatus;
use super::args::{Arguments, SchemaOf};
use super::compile;
use super::terminal::Terminal;

/// Prints a JSON Schema or a reference.
pub(super) fn schema(what: SchemaOf, terminal: &Terminal) -> ExitStatus {
    match what {
        SchemaOf::Reference => return terminal.data(&spec::reference()),
        SchemaOf::DiffRules => return terminal.data(&diff::reference()),
        SchemaOf::Lints => return terminal.data(&lint::reference()),
        SchemaOf::Report => return terminal.data(&changes::json::schema()),
        SchemaOf::Findings => return terminal.data(&findings::json::schema()),
        SchemaOf::Spec => {}
    }
    match serde_json::to_string_pretty(&spec::schema()) {
        Ok(text) => terminal.data(&format!("{text}\n")),
        Err(error) => terminal.fail(&compile::internal(&format!("printing the schema: {error}"))),
    }
}

/// Prints the completions of a shell.
pub(super) fn completions(shell: Shell, terminal: &Terminal) -> ExitStatus {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "capgen", &mut script);
    terminal.data(&String::from_utf8_lossy(&script))
}

/// Prints the manual page.
pub(super) fn man(terminal: &Terminal) -> ExitStatus {
    let mut page = Vec::new();
    // Writing into memory does not fail.
    let _ = clap_mangen::Man::new(Arguments::command()).render(&mut page);
    terminal.data(&String::from_utf8_lossy(&page))
}

//! `capgen schema`, `completions` and `man`: what editors and shells ask for.

use clap::CommandFactory;
use clap_complete::Shell;
use serde_json::{Value, json};

use crate::diag::{Diagnostic, suggest};
use crate::diff;
use crate::lint::{self, LINTS};
use crate::report::{changes, findings};
use crate::spec;
use crate::target::TARGETS;

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
    match serde_json::to_string_pretty(&spec_schema()) {
        Ok(text) => terminal.data(&format!("{text}\n")),
        Err(error) => terminal.fail(&compile::internal(&format!("printing the schema: {error}"))),
    }
}

/// The schema of a spec, with the names that only the whole program knows: of targets and of lints.
fn spec_schema() -> Value {
    let mut schema = spec::schema();
    let targets: Vec<&str> = TARGETS.iter().map(|it| it.name).collect();
    let lints: Vec<&str> = LINTS.iter().map(|it| it.name).collect();
    let names = [
        ("/$defs/Output/properties/targets/items", "enum", json!(targets)),
        ("/properties/lints", "propertyNames", json!({ "enum": lints })),
    ];
    for (place, key, value) in names {
        if let Some(Value::Object(members)) = schema.pointer_mut(place) {
            members.insert(key.to_owned(), value);
        }
    }
    schema
}

/// Prints the completions of a shell.
pub(super) fn completions(shell: Shell, terminal: &Terminal) -> ExitStatus {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "capgen", &mut script);
    terminal.data(&String::from_utf8_lossy(&script))
}

/// Prints the manual page of the program, or of one command.
pub(super) fn man(command: Option<&str>, terminal: &Terminal) -> ExitStatus {
    let mut program = Arguments::command();
    // What is common to all commands stands on each one's page.
    program.build();
    let (title, page) = match command {
        None => ("capgen".to_owned(), program),
        Some(name) => match program.get_subcommands().find(|it| it.get_name() == name) {
            Some(command) => (format!("capgen-{name}"), command.clone()),
            None => {
                let message = format!("there is no command `{}`", name.escape_debug());
                let help = suggest::help(name, program.get_subcommands().map(clap::Command::get_name));
                return terminal.fail(&Diagnostic::error(message).help(help));
            }
        },
    };
    let mut text = Vec::new();
    // Writing into memory does not fail.
    let _ = clap_mangen::Man::new(page)
        .title(title)
        .source(concat!("capgen ", env!("CARGO_PKG_VERSION")))
        .render(&mut text);
    terminal.data(&String::from_utf8_lossy(&text))
}

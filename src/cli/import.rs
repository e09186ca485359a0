//! `capgen import`: read what is there, draft a spec, compile it, compare it with what was read, print it.

mod report;
mod settle;

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use crate::diag::Diagnostic;
use crate::doc::object::{self, Object};
use crate::doc::state::State;
use crate::doc::value::{Fault, single_line};
use crate::import::{self, Options};
use crate::state::manifests::{self, Texts};
use crate::unit::kubernetes;

use super::ExitStatus;
use super::args::{Common, FailOn, Import};
use super::diff::pick;
use super::disk;
use super::terminal::Terminal;

pub(super) fn run(common: &Common, asked: &Import, terminal: &Terminal) -> ExitStatus {
    let Sources { mut state, texts, mut notes, compose } = match sources(asked) {
        Ok(sources) => sources,
        Err(errors) => return failed(&errors, terminal),
    };
    state.is_live = pick::is_dump(&state);
    notes.extend(pick::kustomizations(&mut state, "capgen import -"));
    state.objects.extend(compose);
    let options = Options { namespace: asked.namespace.as_deref() };
    let mut draft = match import::import(&state.objects, &texts, options) {
        Ok(draft) => draft,
        Err(errors) => return failed(&errors, terminal),
    };
    let settled = match settle::settle(&mut draft, &state, asked.exact) {
        Ok(settled) => settled,
        Err(errors) => return failed(&errors, terminal),
    };
    let findings = report::findings(&draft, &settled, &state, &texts);
    for note in &notes {
        terminal.note(note);
    }
    terminal.listed(&findings.all);
    if draft.is_empty() {
        let help = "name manifests, a pgbouncer.ini, an nginx conf, or an eksctl ClusterConfig";
        return terminal.fail(&Diagnostic::error("nothing was read that a spec could ask for").help(help));
    }
    let status = match common.fail_on {
        FailOn::Never => ExitStatus::Fine,
        // Tables without an object would be all that is left of what was to be exact.
        FailOn::Error if !settled.is_whole && draft.units().all(|it| it.objects.is_empty()) => ExitStatus::Findings,
        FailOn::Error if findings.changes == 0 => ExitStatus::Fine,
        FailOn::Warning if findings.changes + findings.staying == 0 => ExitStatus::Fine,
        FailOn::Error | FailOn::Warning => ExitStatus::Findings,
    };
    let written = match output(asked) {
        None => terminal.data(&settled.text),
        Some(_) if status == ExitStatus::Findings => {
            terminal.summary("nothing was written: `--fail-on never` writes it all the same");
            return status;
        }
        Some(path) => write(path, &settled.text, asked.force, terminal),
    };
    if written == ExitStatus::Fine {
        terminal.summary(&findings.summary);
        return status;
    }
    written
}

fn sources(asked: &Import) -> Result<Sources, Vec<Diagnostic>> {
    if let Some(namespace) = &asked.namespace
        && let Err(fault) = kubernetes::dns_label(namespace)
    {
        let message = format!("`{}` cannot be a namespace: {fault}", namespace.escape_debug());
        return Err(vec![Diagnostic::error(message).help("name one that stands in the manifests")]);
    }
    let Texts { texts, notes, mut errors } = manifests::read(&asked.paths);
    let mut sources = Sources { notes, ..Sources::default() };
    for (file, text) in texts {
        if let Some(whole) = object::compose(&file, &text) {
            sources.compose.push(import::capacity(whole));
            sources.texts.insert(file, text);
            continue;
        }
        match object::of_text(&file, &text) {
            Ok(read) => {
                sources.state.objects.extend(read.objects);
                sources.state.skipped.extend(read.skipped);
                sources.texts.insert(file, text);
            }
            Err(fault) => errors.push(faulty(&file, &fault)),
        }
    }
    if errors.is_empty() { Ok(sources) } else { Err(errors) }
}

/// What was read.
#[derive(Default)]
struct Sources {
    state: State,
    texts: BTreeMap<String, String>,
    notes: Vec<String>,
    /// What files of Docker Compose say of capacity.
    compose: Vec<Object>,
}

/// A text that is not what it claims to be, with the place.
fn faulty(file: &str, fault: &Fault) -> Diagnostic {
    let place = match (fault.line, fault.column) {
        (Some(line), Some(column)) => format!("{file}:{line}:{column}"),
        (Some(line), None) => format!("{file}:{line}"),
        _ => file.to_owned(),
    };
    Diagnostic::error(format!("`{place}`: {}", single_line(&fault.message)))
}

/// The file that was asked for. clap fills `-o` of every command from the variable of `--out-dir`, which names a folder.
fn output(asked: &Import) -> Option<&String> {
    asked.output.as_ref().filter(|it| std::env::var("CAPGEN_OUT_DIR").as_ref() != Ok(it))
}

fn failed(errors: &[Diagnostic], terminal: &Terminal) -> ExitStatus {
    terminal.listed(errors);
    ExitStatus::Failed
}

/// Writes the spec; what is there stays unless it is forced.
fn write(path: &str, text: &str, force: bool, terminal: &Terminal) -> ExitStatus {
    if path == "-" {
        return terminal.data(text);
    }
    let mut open = std::fs::OpenOptions::new();
    open.write(true).truncate(force).create(force).create_new(!force);
    match open.open(Path::new(path)).and_then(|mut file| file.write_all(text.as_bytes())) {
        Ok(()) => ExitStatus::Fine,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let message = format!("`{path}` is there already");
            terminal.fail(&Diagnostic::error(message).help("`--force` overwrites it; `--output other.toml` does not"))
        }
        Err(error) => terminal.fail(&Diagnostic::error(format!("writing `{path}`: {}", disk::reason(&error)))),
    }
}

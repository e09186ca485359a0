//! `capgen validate PATH…`: the lints of files, over files that capgen did not write. No spec is needed; the `[lints]` of the
//! nearest one count.

use std::path::Path;

use crate::diag::source::{FileId, SourceKind, Sources, Span};
use crate::diag::{Diagnostic, Sink};
use crate::doc::object::{self, Object};
use crate::doc::value::{Fault, single_line};
use crate::lint::{self, Files, Levels, Lint};
use crate::spec::lints::Level;
use crate::spec::{self, Request, Spec};
use crate::state::manifests;

use super::super::ExitStatus;
use super::super::args::{Common, FindingsFormat, Validate};
use super::super::compile;
use super::super::disk::{self, Disk};
use super::super::terminal::Terminal;
use super::print;

pub(super) fn run(common: &Common, asked: &Validate, terminal: &Terminal) -> ExitStatus {
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let read = manifests::read(&asked.paths);
    read.errors.into_iter().for_each(|it| sink.push(it));
    read.notes.iter().for_each(|it| terminal.note(it));
    let mut objects = Vec::new();
    let mut skipped = Vec::new();
    let files = read.texts.len();
    for (name, text) in read.texts {
        let file = sources.add(SourceKind::File, name, text);
        match object::of_text(sources.name(file), sources.text(file)) {
            Ok(found) => {
                let (name, text) = (sources.name(file), sources.text(file));
                let other = || object::compose(name, text).or_else(|| object::rules(name, text));
                let other = if found.objects.is_empty() { other() } else { None };
                skipped.extend(found.skipped.into_iter().filter(|_| other.is_none()));
                objects.extend(found.objects.into_iter().chain(other));
            }
            Err(fault) => drop(sink.error(error(&sources, file, &fault))),
        }
    }
    passed_over(&skipped, terminal);
    let spec = nearest_spec(common, asked, terminal);
    check(asked, &objects, &sources, spec.as_ref(), &mut sink);
    let checked = format!("{} in {}", counted(objects.len(), "object"), counted(files, "file"));
    finish(common, asked, &sources, sink, &checked, terminal)
}

fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

fn check(asked: &Validate, objects: &[Object], sources: &Sources, spec: Option<&Spec>, sink: &mut Sink) {
    let of = |lints: &[&'static Lint], level: Level| lints.iter().map(|it| (*it, level)).collect::<Vec<_>>();
    let flags = [of(&asked.allow, Level::Allow), of(&asked.warn, Level::Warn), of(&asked.deny, Level::Deny)].concat();
    let today = compile::today();
    lint::run_files(&Files::new(objects, sources), &Levels { flags: &flags, spec, today: &today }, sink);
}

/// A text that is not what it claims to be, with the place in it.
fn error(sources: &Sources, file: FileId, fault: &Fault) -> Diagnostic {
    let message = format!("`{}` cannot be read: {}", sources.name(file), single_line(&fault.message));
    let line = fault.line.and_then(|line| sources.line(file, line));
    let place = line.map(|line| {
        let text = sources.text(file).get(line.clone()).unwrap_or_default();
        let column = fault.column.map_or(text.len() - text.trim_start().len(), |it| it.saturating_sub(1));
        let start = line.start + text.char_indices().nth(column).map_or(text.trim_end().len(), |(at, _)| at);
        match fault.column {
            Some(_) => Span::new(file, start..start),
            None => Span::new(file, start..line.start + text.trim_end().len().max(start - line.start)),
        }
    });
    Diagnostic::error(message).at_some(place, "")
}

/// What holds nothing that could be checked: one by one, or counted where there is much of it.
fn passed_over(skipped: &[(String, &'static str)], terminal: &Terminal) {
    for note in super::super::notes::passed_over(skipped) {
        terminal.note(&note);
    }
}

/// The spec whose `[lints]` count: the one of `--file`, else the nearest `capacity.toml` above the first path.
///
/// It is read for its levels alone; where it has errors they do not count, and a note says so.
fn nearest_spec(common: &Common, asked: &Validate, terminal: &Terminal) -> Option<Spec> {
    let first = asked.paths.first().filter(|it| *it != "-").map_or(".", String::as_str);
    let file = match &common.file {
        Some(file) => file.clone(),
        None => disk::above(Path::new(first))?,
    };
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let request = Request { file: &file, env: common.env.as_deref(), set: &common.set };
    let spec = spec::parse(&request, &Disk, &mut sources, &mut sink).ok();
    if let Some(spec) = &spec {
        lint::check_settings(spec, &mut sink);
    }
    if sink.ok().is_err() {
        terminal.note(&format!("`{file}` has errors, so its `[lints]` do not count; `capgen validate` shows them"));
        return None;
    }
    spec
}

fn finish(
    common: &Common,
    asked: &Validate,
    sources: &Sources,
    sink: Sink,
    checked: &str,
    terminal: &Terminal,
) -> ExitStatus {
    let is_broken = sink.ok().is_err();
    let diagnostics = sink.into_sorted();
    // Where nothing is found, "checked and fine" must not look like "nothing checked".
    if diagnostics.is_empty() && matches!(asked.format, FindingsFormat::Text) {
        terminal.summary(&format!("{checked}: no findings"));
    }
    match print(asked.format, sources, &diagnostics, terminal) {
        ExitStatus::Fine if is_broken => ExitStatus::Failed,
        ExitStatus::Fine => compile::findings(&diagnostics, common.fail_on),
        failed => failed,
    }
}

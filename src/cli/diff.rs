//! `capgen diff`: compile, read the other side, compare, print.

mod git;
mod output;
pub(super) mod pick;

use std::collections::BTreeSet;
use std::mem::ManuallyDrop;
use std::path::Path;

use crate::diag::Diagnostic;
use crate::diag::source::Sources;
use crate::diff::{self, Attribution, Changes};
use crate::doc::object::Object;
use crate::doc::state::State;
use crate::report::changes::{self, Report};
use crate::spec;
use crate::state::{self, Against, Loaded, cluster, file, folder};
use crate::target::Gathered;
use crate::why::Causes;

use super::ExitStatus;
use super::args::{Common, Diff, ReportFormat};
use super::compile::{self, Compiled};
use super::disk::{self, Disk};
use super::terminal::Terminal;
use super::{memo, notes};

/// Both sides, ready to be compared.
struct Sides {
    compiled: Compiled,
    new: Vec<Object>,
    old: Loaded,
}

pub(super) fn run(common: &Common, asked: &Diff, terminal: &Terminal) -> ExitStatus {
    if asked.prune && !matches!(asked.against, Against::Folder(_) | Against::File(_)) {
        let message = format!("`--prune` is for `dir:` and `file:` only, and not for `{}`", asked.against);
        return terminal.fail(&Diagnostic::error(message).help(without_prune(&asked.against)));
    }
    if let Some(unchanged) = unchanged(common, asked) {
        let changes = Changes { unchanged, attribution: Attribution::Inputs, ..Changes::default() };
        let (causes, sources, against) = (&Causes::default(), &Sources::default(), &asked.against.to_string());
        let (changes, shows_ignored) = (&changes, asked.show_ignored);
        let report = Report { changes, causes, sources, against, findings: &[], notes: &[], shows_ignored };
        return print(asked, terminal, &report);
    }
    // The other side may be large however small the spec is.
    if asked.against != Against::Out {
        spec::start_threads(usize::MAX);
    }
    let Sides { mut compiled, new, old } = match sides(common, asked, terminal) {
        Ok(sides) => sides,
        Err(status) => return status,
    };
    let found = compiled.status(common.fail_on);
    let Some(product) = compiled.product.take() else { return ExitStatus::Failed };
    // The process ends with this command: to give a large platform's memory back piece by piece takes longer.
    let product = ManuallyDrop::new(product);
    let causes = &product.model.causes;
    let (compiled, mut new, old) = (ManuallyDrop::new(compiled), ManuallyDrop::new(new), ManuallyDrop::new(old));
    let mut notes: Vec<String> = old.notes.clone();
    notes.extend(notes::passed_over(&old.state.skipped));
    let changes = ManuallyDrop::new(diff::diff(&mut new, &old.state, causes));
    notes.extend(edited(&old.state, &changes));
    notes.iter().for_each(|note| terminal.note(note));
    let findings: Vec<Diagnostic> = compiled.diagnostics.iter().filter(|it| it.lint.is_some()).cloned().collect();
    let (against, shows_ignored) = (asked.against.to_string(), asked.show_ignored);
    let (changes, sources) = (&*changes, &compiled.sources);
    let report =
        Report { changes, causes, sources, against: &against, findings: &findings, notes: &notes, shows_ignored };
    let printed = print(asked, terminal, &report);
    match (printed, found) {
        (ExitStatus::Failed, _) => ExitStatus::Failed,
        (printed, ExitStatus::Fine) => printed,
        (_, found) => found,
    }
}

/// What the next build will do about files of ours that somebody edited, some without changing what they say: in comments,
/// say.
fn edited(old: &State, changes: &Changes) -> Vec<String> {
    const REFUSED: &str = "`capgen build` will not overwrite";
    let shown: BTreeSet<&str> = changes.objects.iter().map(|it| it.file.as_str()).collect();
    let edited = || old.memory.iter().flat_map(|it| &it.edited);
    let in_vain = edited().filter(|file| !shown.contains(file.as_str()));
    let in_vain = in_vain
        .map(|file| format!("`{file}` was edited by hand where it means nothing: {REFUSED} it without `--force`"));
    let count = edited().filter(|file| shown.contains(file.as_str())).count();
    let (files, them) = if count == 1 { ("1 file was", "it") } else { (&*format!("{count} files were"), "them") };
    let others = (count > 0).then(|| format!("{files} edited by hand: {REFUSED} {them} without `--force`"));
    in_vain.chain(others).collect()
}

/// Why `--prune` would be wrong on a side.
fn without_prune(against: &Against) -> &'static str {
    match against {
        Against::Cluster(_) => {
            "leave it out: a cluster also holds what others put there, and nothing of that is to be deleted"
        }
        _ => "leave it out: what capgen wrote and the spec no longer asks for is always to be deleted",
    }
}

/// The number of files of the output folder, where the last build is known to have been the same.
fn unchanged(common: &Common, asked: &Diff) -> Option<usize> {
    let file = disk::find(common.file.as_deref());
    let is_out = asked.against == Against::Out;
    is_out.then(|| memo::unchanged(&file, common, &Disk)).flatten().map(|(count, _)| count)
}

fn print(asked: &Diff, terminal: &Terminal, report: &Report<'_>) -> ExitStatus {
    let text = match asked.format {
        ReportFormat::Terminal => changes::terminal::write(report, terminal.style()),
        ReportFormat::Summary => changes::summary::write(report),
        ReportFormat::Markdown => changes::markdown::write(report),
        ReportFormat::Json => changes::json::write(report),
        ReportFormat::Github => changes::github::write(report),
        ReportFormat::Sarif => changes::sarif::write(report),
    };
    match terminal.data(&text) {
        ExitStatus::Fine if asked.exit_code && !report.changes.is_empty() => ExitStatus::Changed,
        printed => printed,
    }
}

/// Compiles the spec, and reads the other side in the way that its kind asks for.
fn sides(common: &Common, asked: &Diff, terminal: &Terminal) -> Result<Sides, ExitStatus> {
    match &asked.against {
        Against::Out => output::sides(common, terminal),
        Against::Git(reference) => git::sides(common, reference, terminal),
        Against::Folder(path) => elsewhere(common, asked, terminal, |_, out| folder::read(path, out)),
        Against::File(path) => elsewhere(common, asked, terminal, |_, _| file::read(path)),
        Against::Cluster(context) => {
            elsewhere(common, asked, terminal, |new, _| cluster::read(context.as_deref(), new))
        }
    }
}

/// A side that capgen did not write: every object of the spec is looked for there, but for what no cluster holds where it
/// is one.
fn elsewhere(
    common: &Common,
    asked: &Diff,
    terminal: &Terminal,
    read: impl FnOnce(&[Object], &Path) -> state::Outcome,
) -> Result<Sides, ExitStatus> {
    let new = Gathered::default();
    let compiled = compile::compile(common, &|_, artifact| new.add(pick::of_anybody(artifact)));
    let compiled = finished(compiled, common, terminal)?;
    let mut new = pick::in_order(new);
    let out = compiled.product.as_ref().map_or(Path::new(""), |it| &it.out);
    let mut old = read(&new, out).map_err(|errors| failed(&errors, terminal))?;
    old.state.is_live = matches!(asked.against, Against::Cluster(_)) || pick::is_dump(&old.state);
    let kustomized = pick::kustomizations(&mut old.state, "capgen diff --against file:-");
    old.notes.extend(kustomized);
    old.notes.extend(pick::several(&new, &old.state));
    if old.state.is_live {
        old.notes.extend(pick::of_cluster(&mut new));
    }
    old.state.is_ours = asked.prune;
    Ok(Sides { compiled, new, old })
}

/// A compiled spec without errors; findings are shown, and do not stop a diff.
fn finished(compiled: Compiled, common: &Common, terminal: &Terminal) -> Result<Compiled, ExitStatus> {
    terminal.diagnostics(&compiled.sources, &compiled.diagnostics);
    match compiled.product {
        Some(_) => Ok(compiled),
        None => Err(compiled.status(common.fail_on)),
    }
}

fn failed(errors: &[Diagnostic], terminal: &Terminal) -> ExitStatus {
    terminal.diagnostics(&Sources::default(), errors);
    ExitStatus::Failed
}

/// Objects of the output folder, with their files as a person would open them.
fn named(out: &Path, mut objects: Vec<Object>) -> Vec<Object> {
    objects.iter_mut().for_each(|it| it.file = state::output::name(out, &it.file));
    objects
}

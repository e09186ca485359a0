//! `capgen build`: compile, compare, write.

use std::mem::ManuallyDrop;
use std::path::Path;

use crate::diag::Diagnostic;
use crate::render::lock::Lock;
use crate::render::{File, Tree};
use crate::target::Gathered;

use super::ExitStatus;
use super::args::{Build, Common};
use super::compile::{self, Job, Product};
use super::disk::{self, Disk};
use super::memo::{self, Recorder};
use super::source;
use super::terminal::Terminal;
use super::write::{self, Kind, Plan, Summary};

pub(super) fn run(common: &Common, build: &Build, terminal: &Terminal) -> ExitStatus {
    let file = disk::find(common.file.as_deref());
    if !build.check
        && let Some((unchanged, out)) = memo::unchanged(&file, common, &Disk)
    {
        return wrote(Summary { unchanged, ..Summary::default() }, &out, terminal);
    }
    let files = Gathered::default();
    let recorder = Recorder::new(&Disk);
    let job = Job { files: &recorder, ..Job::of(common, &file) };
    // The process ends with this command: to give a large platform's memory back piece by piece would be a tenth of it.
    let compiled = ManuallyDrop::new(compile::run(job, &|product, artifact| {
        files.add([File::print(artifact, &product.model.causes)]);
    }));
    terminal.diagnostics(&compiled.sources, &compiled.diagnostics);
    let status = compiled.status(common.fail_on);
    let Some(Product { model, out }) = &compiled.product else { return status };
    if status == ExitStatus::Findings {
        terminal.summary("nothing was written: findings failed the build");
        return status;
    }
    let tree = match Tree::of(files.into_vec()) {
        Ok(tree) => ManuallyDrop::new(tree),
        Err(fault) => return terminal.fail(&compile::internal(&fault)),
    };
    let source = match source::of(&file, out, build.force) {
        Ok(source) => source,
        Err(error) => return terminal.fail(&error),
    };
    let lock = ManuallyDrop::new(Lock::of(&tree, &model.causes).of_spec(&source));
    let plan = match write::plan(out, &tree, &lock) {
        Ok(plan) => plan,
        Err(error) => return terminal.fail(&Diagnostic::from(error)),
    };
    if build.check {
        return check(&plan, common, terminal);
    }
    let status = apply(plan, build.force, out, terminal);
    // A finding is shown at every build.
    if status == ExitStatus::Fine && compiled.diagnostics.is_empty() {
        memo::keep(&file, common, recorder, out, &tree, &lock);
    }
    status
}

fn check(plan: &Plan<'_>, common: &Common, terminal: &Terminal) -> ExitStatus {
    let stale = write::check(plan);
    if stale.is_empty() {
        return ExitStatus::Fine;
    }
    for file in &stale {
        let how = match file.kind {
            Kind::New => "is missing",
            Kind::Changed => "is out of date",
            Kind::Removed => "is no longer asked for",
            Kind::HandEdited => "was edited by hand",
            Kind::Leftover => "was left behind by a build that was killed",
        };
        terminal.plain(&format!("{} {how}", file.path));
    }
    let environment = common.env.as_ref().map(|name| format!(" --env {name}")).unwrap_or_default();
    let edited = stale.iter().any(|file| file.kind == Kind::HandEdited);
    let first = if edited { "move the edits into the spec, then " } else { "" };
    let force = if edited { " --force" } else { "" };
    terminal.plain(&format!("{first}run `capgen build{environment}{force}` and commit what it writes"));
    ExitStatus::Changed
}

fn apply(plan: Plan<'_>, force: bool, out: &Path, terminal: &Terminal) -> ExitStatus {
    if terminal.verbose {
        for file in write::check(&plan) {
            terminal.plain(&format!("{:?} {}", file.kind, file.path).to_lowercase());
        }
    }
    match write::apply(plan, force) {
        Ok(done) => wrote(done, out, terminal),
        Err(error) => terminal.fail(&Diagnostic::from(error)),
    }
}

fn wrote(done: Summary, out: &Path, terminal: &Terminal) -> ExitStatus {
    let files = |count: usize| if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
    let mut text = format!("wrote {} in {}", files(done.written), out.display());
    if done.unchanged > 0 {
        text += &format!(", {} unchanged", done.unchanged);
    }
    if done.removed > 0 {
        text += &format!(", {} removed", done.removed);
    }
    terminal.summary(&text);
    ExitStatus::Fine
}

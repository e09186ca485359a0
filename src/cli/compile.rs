//! The pipeline, once: spec, model, artifacts, lints. Every command that needs a compiled spec begins here.

use std::path::{Path, PathBuf};

use crate::diag::source::{Sources, Span};
use crate::diag::{Diagnostic, Severity, Sink, suggest};
use crate::doc::Artifact;
use crate::lint::{self, Facts};
use crate::model::{self, Model};
use crate::spec::{self, Files, Request, Spec};
use crate::target::{self, Fault, TARGETS, Target};
use crate::unit::kubernetes;

use super::ExitStatus;
use super::args::{Common, FailOn};
use super::disk::{self, Disk};
use super::templates;

/// A spec, compiled as far as it could be.
pub(super) struct Compiled {
    pub(super) sources: Sources,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// `None` where an error stopped the run.
    pub(super) product: Option<Product>,
}

/// What a spec without errors becomes.
pub(super) struct Product {
    pub(super) model: Model,
    /// Where it is to be written.
    pub(super) out: PathBuf,
}

/// What is done with an artifact as soon as it is there: in no order, on whichever core made it.
type Take<'a> = &'a (dyn Fn(&Product, Artifact) + Sync);

/// What is compiled: a spec, and where its files are.
#[derive(Clone, Copy)]
pub(super) struct Job<'a> {
    pub(super) request: Request<'a>,
    pub(super) files: &'a dyn Files,
    /// The output folder, where a flag names it.
    pub(super) out_dir: Option<&'a str>,
    /// Told the output folder as soon as it is known, before there is a model: for what is done beside the compiling.
    pub(super) begin: &'a dyn Fn(&Path),
}

impl<'a> Job<'a> {
    /// What the flags name, from the disk.
    pub(super) fn of(common: &'a Common, file: &'a str) -> Self {
        let request = Request { file, env: common.env.as_deref(), set: &common.set };
        Self { request, files: &Disk, out_dir: common.out_dir.as_deref(), begin: &|_| {} }
    }
}

/// Compiles the spec that the flags name; `take` gets the artifacts.
pub(super) fn compile(common: &Common, take: Take<'_>) -> Compiled {
    let file = disk::find(common.file.as_deref());
    run(Job::of(common, &file), take)
}

/// Compiles any spec.
pub(super) fn run(job: Job<'_>, take: Take<'_>) -> Compiled {
    let mut sources = Sources::default();
    let mut sink = Sink::default();
    let product = stages(job, &mut sources, &mut sink, take);
    let product = product.filter(|_| sink.ok().is_ok());
    Compiled { sources, diagnostics: sink.into_sorted(), product }
}

impl Compiled {
    /// `Findings` where a lint is at or above the severity that fails a run.
    pub(super) fn status(&self, fail_on: FailOn) -> ExitStatus {
        match self.product {
            None => ExitStatus::Failed,
            Some(_) => findings(&self.diagnostics, fail_on),
        }
    }
}

/// `Findings` where a lint is at or above the severity that fails a run.
pub(super) fn findings(diagnostics: &[Diagnostic], fail_on: FailOn) -> ExitStatus {
    let from = match fail_on {
        FailOn::Warning => Severity::Warning,
        FailOn::Error => Severity::Error,
        FailOn::Never => return ExitStatus::Fine,
    };
    match diagnostics.iter().any(|it| it.lint.is_some() && it.severity >= from) {
        true => ExitStatus::Findings,
        false => ExitStatus::Fine,
    }
}

fn stages(job: Job<'_>, sources: &mut Sources, sink: &mut Sink, take: Take<'_>) -> Option<Product> {
    let Job { request, files, .. } = job;
    check_environment(request.env, sink);
    let loaded = spec::load(&request, files, sources, sink).ok()?;
    spec::start_threads(sources.size());
    let spec = spec::read(loaded, sink);
    lint::check_settings(&spec, sink);
    let selected = select(&spec, sink);
    let out = output(job, &spec, sink);
    (job.begin)(&out);
    let templates = templates::load(&spec, disk::folder_of(request.file), files, sources, sink);
    let mut model = model::resolve(&spec, sink).ok()?;
    model.templates = templates.iter().map(|(name, file)| (name.clone(), sources.text(*file).to_owned())).collect();
    lint::run(&Facts { spec: &spec, model: &model, today: &today() }, sink);
    if spec.is_empty() {
        sink.push(nothing_yet());
    }
    // Documents are large: what they were made from is let go while the first of them are made.
    rayon::spawn(move || drop(spec));
    let product = Product { model, out };
    match target::emit_each(&product.model, &selected, &|artifact| take(&product, artifact)) {
        Ok(()) => {}
        Err(Fault::Internal(fault)) => {
            sink.error(internal(&fault));
            return None;
        }
        Err(Fault::Template { name, owner, error }) => {
            let message = format!("the template `{name}` fails for `{owner}`: {error}");
            let place = templates.get(name).map(|file| Span::new(*file, error.range));
            let help = "docs/templates.md has everything that a template may use";
            sink.error(Diagnostic::error(message).at_some(place, "").help(help));
            return None;
        }
    }
    Some(product)
}

/// What to write into a spec that names nothing.
fn nothing_yet() -> Diagnostic {
    Diagnostic::remark("this spec names no service, worker, database or node group: nothing follows from it")
        .help("begin with `[service.api]`, `target_rps = 3_000` and `rps_per_pod = 100`")
        .help("`capgen init starter.toml` writes a commented spec to begin with")
}

/// A defect of capgen, in the words in which it should be reported.
pub(super) fn internal(fault: &str) -> Diagnostic {
    Diagnostic::error(format!("capgen has a defect: {fault}"))
        .help("please report it with the spec that shows it; nothing was written")
}

/// The environment's name becomes a folder's.
fn check_environment(name: Option<&str>, sink: &mut Sink) {
    if let Some(name) = name
        && let Err(fault) = kubernetes::dns_label(name)
    {
        let message = format!("`{}` cannot name an environment: {fault}", name.escape_debug());
        sink.error(Diagnostic::error(message).help("use lowercase letters, digits and `-`, such as `staging`"));
    }
}

/// The targets that `[output]` names, or all.
fn select(spec: &Spec, sink: &mut Sink) -> Vec<&'static Target> {
    let Some(named) = &spec.output.targets else { return TARGETS.to_vec() };
    let mut selected = Vec::new();
    for name in &named.value {
        match TARGETS.iter().find(|target| target.name == name.value.as_str()) {
            Some(target) => selected.push(*target),
            None => {
                let message = format!("there is no target `{}`", name.value);
                let help = suggest::help(name.value.as_str(), TARGETS.iter().map(|target| target.name));
                sink.error(Diagnostic::error(message).at(name.span, "").help(help));
            }
        }
    }
    selected.sort_by_key(|target| target.name);
    selected.dedup_by_key(|target| target.name);
    selected
}

/// The output folder: the flag's, or `<dir of the spec>/<output.dir>[/<environment>]`.
fn output(job: Job<'_>, spec: &Spec, sink: &mut Sink) -> PathBuf {
    if let Some(dir) = job.out_dir {
        return PathBuf::from(dir);
    }
    let dir = spec.output.dir.as_ref();
    if let Some(dir) = dir {
        let text = dir.value.as_str();
        if text.split('/').any(|part| matches!(part, "" | "." | "..")) || text.contains([':', '\\']) {
            let message = format!("the output folder `{text}` is not below the spec's own");
            let help = "write a plain name such as `dir = \"generated\"`; `--out-dir` may name any folder";
            sink.error(Diagnostic::error(message).at(dir.span, "").help(help));
        }
    }
    let mut out = disk::folder_of(job.request.file).join(dir.map_or("generated", |dir| dir.value.as_str()));
    out.extend(job.request.env);
    out
}

/// Today's date in UTC, by which waivers expire: the one thing that a build takes from the clock, and it reaches no file.
pub(super) fn today() -> String {
    std::env::var("CAPGEN_TODAY")
        .unwrap_or_else(|_| jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().to_string())
}

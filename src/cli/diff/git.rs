//! Against a revision: the spec as it was, compiled by this capgen.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::diag::Diagnostic;
use crate::diag::source::Sources;
use crate::doc::object;
use crate::doc::state::{Memory, State};
use crate::render::{self, File};
use crate::spec::{self, Files, Request};
use crate::state::Loaded;
use crate::state::git::Revision;
use crate::target::Gathered;
use crate::why::{Address, Causes, Origin, Why};

use super::super::ExitStatus;
use super::super::args::Common;
use super::super::compile::{self, Job};
use super::super::disk;
use super::super::terminal::Terminal;
use super::pick::in_order;
use super::{Sides, failed, finished, named};

/// The files of a revision, for the spec's reader.
struct Past<'a>(&'a Revision);

impl Files for Past<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        self.0.read(path)
    }

    fn matching(&self, pattern: &str) -> Result<Vec<String>, String> {
        disk::matching(pattern, |folder, _| self.0.list(folder))
    }

    /// What cannot be read is there, and says why when it is read.
    fn has(&self, path: &str) -> bool {
        self.0.find(path) != Ok(None)
    }
}

/// The spec as it was.
#[derive(Default)]
struct Former {
    /// Its output folder.
    out: PathBuf,
    files: BTreeMap<String, File>,
    sources: Sources,
    causes: Causes,
}

pub(super) fn sides(common: &Common, reference: &str, terminal: &Terminal) -> Result<Sides, ExitStatus> {
    let file = disk::find(common.file.as_deref());
    if file == "-" {
        let error = Diagnostic::error("a spec on standard input has no history").help("name its file with `--file`");
        return Err(failed(&[error], terminal));
    }
    let fault = |fault: String| failed(&[Diagnostic::error(fault)], terminal);
    let revision = Revision::open(reference, Path::new("")).map_err(fault)?;
    let mut notes = Vec::new();
    let (former, missing) = match revision.find(&file).map_err(fault)? {
        Some(_) => {
            let environment = format!("`[env.{}]`", common.env.as_deref().unwrap_or_default());
            (compile_former(common, &file, &revision, reference, terminal)?, environment)
        }
        None => (None, format!("`{file}`")),
    };
    let former = former.unwrap_or_else(|| {
        notes.push(format!("there was no {missing} at `{reference}`: everything is new"));
        Former::default()
    });
    let (new, equal) = (Gathered::default(), Gathered::default());
    let compiled = compile::compile(common, &|product, artifact| {
        let bytes = render::print(&artifact, &product.model.causes);
        match former.files.get(&artifact.path).is_some_and(|it| it.bytes == bytes) {
            true => equal.add([artifact.path]),
            false => new.add(named(&product.out, object::of_artifact(artifact))),
        }
    });
    let compiled = finished(compiled, common, terminal)?;
    let (new, mut paths) = (in_order(new), equal.into_vec());
    paths.sort();
    let mut state = State { is_ours: true, unchanged: paths.len(), ..State::default() };
    for (path, file) in former.files.iter().filter(|(path, _)| paths.binary_search(path).is_err()) {
        let text = String::from_utf8_lossy(&file.bytes);
        let read = object::of_output(path, &text);
        let mut objects = read.map_err(|it| fault(format!("`{path}` at `{reference}`: {it}")))?.objects;
        objects.iter_mut().for_each(|it| it.owner = Some(file.owner.clone()));
        state.objects.extend(named(&former.out, objects));
    }
    state.memory = compiled.product.as_ref().map(|product| remember(&former, &product.model.causes));
    Ok(Sides { compiled, new, old: Loaded { state, notes } })
}

/// Compiles the spec of the revision; `--set` is what is asked now, and not part of it. `None`: it
/// has no such environment.
fn compile_former(
    common: &Common,
    file: &str,
    revision: &Revision,
    reference: &str,
    terminal: &Terminal,
) -> Result<Option<Former>, ExitStatus> {
    let request = Request { file, env: common.env.as_deref(), set: &[] };
    let job = Job { request, files: &Past(revision), out_dir: common.out_dir.as_deref(), begin: &|_| {} };
    let files = Gathered::default();
    let mut compiled = compile::run(job, &|product, artifact| {
        files.add([File::print(artifact, &product.model.causes)]);
    });
    let Some(product) = compiled.product else {
        if let Some(name) = common.env.as_deref()
            && !spec::has_environment(file, name, &Past(revision))
        {
            return Ok(None);
        }
        let message = format!("the spec at `{reference}` does not compile");
        let help = "compare with a revision whose spec this version of capgen can read";
        failed(&[Diagnostic::error(message).help(help)], terminal);
        compiled.sources.prefix(&format!("{reference}:"));
        terminal.diagnostics(&compiled.sources, &compiled.diagnostics);
        return Err(ExitStatus::Failed);
    };
    let files = files.into_vec().into_iter().map(|file: File| (file.path.clone(), file)).collect();
    Ok(Some(Former { out: product.out, files, sources: compiled.sources, causes: product.model.causes }))
}

/// The former inputs and numbers, and of those that differ where they stood and what went into them.
fn remember(former: &Former, causes: &Causes) -> Memory {
    let mut memory = Memory::of(env!("CARGO_PKG_VERSION"), &former.causes);
    let mut reasons = BTreeMap::new();
    let differs = |(address, why): &(&Address, Why<'_>)| causes.get(address).is_none_or(|now| now.value != why.value);
    for (address, why) in former.causes.iter().filter(differs) {
        match why.origin {
            Origin::Written(span) => _ = memory.places.insert(address.clone(), former.sources.place(span)),
            _ => _ = reasons.insert(address.clone(), why.inputs.to_vec()),
        }
    }
    memory.reasons = Some(reasons);
    memory
}

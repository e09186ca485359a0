//! What the fuzz targets share: the whole pipeline over a spec in memory, and what must hold whatever the spec says.
//!
//! It mirrors `cli/compile.rs` without a disk and without a clock. It must not repair an input: what capgen refuses is
//! refused, and what it accepts has to survive every reader.

pub mod output;

use std::collections::BTreeMap;

use capgen::diag::source::Sources;
use capgen::diag::{Diagnostic, Sink};
use capgen::lint::{self, Facts};
use capgen::render::lock::Lock;
use capgen::render::{File, Tree};
use capgen::report::diagnostics;
use capgen::spec::{Files, Request};
use capgen::target::TARGETS;
use capgen::{model, spec, target};

/// The name of the root file.
pub const ROOT: &str = "capacity.toml";

/// A line that starts so begins another file, whose name is the rest of the line.
const NEXT_FILE: &str = "\n#file ";

/// The date by which waivers expire.
const TODAY: &str = "2026-11-22";

/// Spec files in memory.
#[derive(Debug)]
pub struct Memory<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Memory<'a> {
    /// The root file, and behind it the files that it may include.
    pub fn new(text: &'a str) -> Self {
        let mut parts = text.split(NEXT_FILE);
        let root = (ROOT, parts.next().unwrap_or_default());
        let others = parts.map(|part| part.split_once('\n').unwrap_or((part, "")));
        Self(others.chain([root]).collect())
    }
}

impl Files for Memory<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        self.0.get(path).map(|text| (*text).to_owned()).ok_or_else(|| "no such file".to_owned())
    }

    /// A pattern matches every file, which is more than any pattern on disk can.
    fn matching(&self, pattern: &str) -> Result<Vec<String>, String> {
        match pattern.contains('*') {
            true => Ok(self.0.keys().map(|path| (*path).to_owned()).collect()),
            false => Ok(vec![pattern.to_owned()]),
        }
    }
}

/// Compiles a spec as far as it goes, judges everything that comes out, and draws the diagnostics. Says whether files
/// came out.
///
/// # Panics
/// Where a promise is broken: that is what the fuzzer looks for.
pub fn compile(files: &Memory<'_>, env: Option<&str>, set: &[String]) -> bool {
    let mut sources = Sources::default();
    let mut sink = Sink::default();
    let request = Request { file: ROOT, env, set };
    stages(&request, files, &mut sources, &mut sink);
    let is_good = sink.ok().is_ok();
    draw(&sources, &sink.into_sorted());
    is_good
}

fn stages(request: &Request<'_>, files: &Memory<'_>, sources: &mut Sources, sink: &mut Sink) {
    let Ok(spec) = spec::parse(request, files, sources, sink) else {
        assert!(sink.ok().is_err(), "the parser stopped without saying why");
        return;
    };
    let Ok(model) = model::resolve(&spec, sink) else {
        assert!(sink.ok().is_err(), "the model stopped without saying why");
        return;
    };
    assert!(sink.ok().is_ok(), "the model took a spec with errors for whole");
    lint::check_settings(&spec, sink);
    lint::run(&Facts { spec: &spec, model: &model, today: TODAY }, sink);
    let artifacts = target::emit(&model, TARGETS).expect("a model can always be written");
    let files = artifacts.iter().map(|it| File::print(it.clone(), &model.causes)).collect();
    let tree = Tree::of(files).expect("paths are unique");
    output::check(&artifacts, &tree);
    let lock = Lock::parse(&Lock::of(&tree, &model.causes).print()).expect("own lock reads back");
    assert!(lock.files.paths().eq(tree.files.iter().map(|file| file.path.as_str())), "the lock lists other files");
    let read: BTreeMap<_, _> =
        lock.inputs.iter().chain(lock.numbers.iter()).map(|it| (it.address(), it.value)).collect();
    let meant: BTreeMap<_, _> = model.causes.iter().map(|(address, why)| (address.clone(), why.value)).collect();
    assert_eq!(read, meant, "the lock holds other values");
}

fn draw(sources: &Sources, found: &[Diagnostic]) {
    let plain = diagnostics::terminal(sources, found, false, None);
    let is_shown = |it: char| it == '\n' || !it.is_control();
    assert!(plain.chars().all(is_shown), "a diagnostic can steer a terminal: {plain:?}");
    diagnostics::terminal(sources, found, true, Some(60));
    for label in found.iter().flat_map(|it| &it.labels) {
        sources.place(label.span);
        sources.snippet(label.span);
    }
}

//! How long whole runs of capgen take and how much memory they need, as one Markdown table; `README.md` shows it.
//!
//! ```text
//! cargo bench --bench build                          # 10, 100, 1 000 and 10 000 workloads, and the comparisons
//! cargo bench --bench build -- 10 1000               # these sizes only
//! cargo bench --bench build -- generate FOLDER 1000  # only write the spec
//! ```
//!
//! Each run is a process of its own, because that is what people wait for. Beside capgen stand two programs that make
//! the same Kubernetes documents, where they are installed: `kubectl kustomize` over the generated folder, and jsonnet
//! with a program that computes the documents from the same values. Other programs than the ones on `PATH` can be named in
//! `KUBECTL` and `JSONNET`. Memory is measured with GNU `time`.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark starts programs, looks at the clock and prints"
)]

mod compare;
mod generate;
mod measure;
mod table;

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use compare::Program;
use measure::{Run, Timing};
use table::Table;

type Outcome<T> = Result<T, Box<dyn Error>>;

const CAPGEN: &str = env!("CARGO_BIN_EXE_capgen");

/// A folder in memory, on systems that have one: there the disk does not count.
const IN_MEMORY: &str = "/dev/shm";

/// What takes longer is stopped, and not tried with more workloads.
pub(crate) const LIMIT: Duration = Duration::from_secs(50);

fn main() -> Outcome<()> {
    let mut arguments: Vec<String> = env::args().skip(1).collect();
    // cargo says `--bench` where it measures, and nothing where `cargo test --all-targets` only wants to see it run.
    let measures = arguments.iter().any(|it| it == "--bench");
    arguments.retain(|it| it != "--bench");
    if let [command, folder, workloads] = arguments.as_slice()
        && command == "generate"
    {
        return Ok(generate::generate(Path::new(folder), workloads.parse()?)?);
    }
    let sizes: Vec<usize> = match (arguments.as_slice(), measures) {
        ([], true) => vec![10, 100, 1_000, 10_000],
        ([], false) => vec![10],
        (sizes, _) => sizes.iter().map(|it| it.parse()).collect::<Result<_, _>>()?,
    };
    let scratch = Scratch::create(Path::new(env!("CARGO_TARGET_TMPDIR")), &folder_name())?;
    let mut programs = [Program::kustomize(), Program::jsonnet()];
    let mut table = Table::default();
    table.note(start_up()?);
    for workloads in sizes {
        measure_size(&scratch.0, workloads, &mut programs, &mut table)?;
    }
    println!("{table}");
    Ok(())
}

/// What a process costs that does nothing.
fn start_up() -> Outcome<String> {
    let version = measure::repeat(&Run::new(CAPGEN).argument("--version"), 50)?;
    let help = measure::repeat(&Run::new(CAPGEN).argument("--help"), 50)?;
    Ok(format!("`capgen --version` takes {version}, `capgen --help` {help}."))
}

fn measure_size(scratch: &Path, workloads: usize, programs: &mut [Program], table: &mut Table) -> Outcome<()> {
    // Not removed before the whole run is: see `fresh`.
    let scratch = scratch.join(workloads.to_string());
    fs::create_dir(&scratch)?;
    let spec = scratch.join("spec");
    generate::generate(&spec, workloads)?;
    let repeats = repeats(workloads);
    table.size(workloads);
    table.cell("build, no output folder yet", fresh(&spec, &scratch, repeats)?);
    if let Ok(memory) = Scratch::create(Path::new(IN_MEMORY), &folder_name()) {
        table.cell("the same, output in memory (tmpfs)", fresh(&spec, &memory.0, repeats)?);
    }
    let out = scratch.join("out");
    let again = build(&spec, &out);
    let peak = |run: &Run| {
        measure::peak_memory(run).map_or("-".to_owned(), |kib| format!("{} MB", (kib * 1_024).div_ceil(1_000_000)))
    };
    table.cell("memory at most, no output folder yet", peak(&again));
    table.cell("build, nothing changed", measure::repeat(&again, repeats)?);
    table.cell("memory at most, nothing changed", peak(&again));
    table.cell("build --check", measure::repeat(&again.clone().argument("--check"), repeats)?);
    table.cell("validate", measure::repeat(&capgen("validate", &spec), repeats)?);
    let (documents, files) = compare::count(&out)?;
    table.cell("Kubernetes documents", documents);
    table.cell("files", files);
    for program in programs {
        let answer = program.measure(&spec, &out, repeats)?;
        table.cell(program.title, answer);
    }
    Ok(())
}

/// Builds into a new folder each time. None is removed in between: ext4 takes several times as long to create files for
/// some seconds after many were removed.
fn fresh(spec: &Path, base: &Path, repeats: usize) -> Outcome<Timing> {
    measure::each(|index| build(spec, &base.join(format!("fresh-{index}"))), repeats)
}

/// Enough that the median is steady, without taking minutes.
fn repeats(workloads: usize) -> usize {
    (20_000 / workloads).clamp(5, 40)
}

fn capgen(command: &str, spec: &Path) -> Run {
    Run::new(CAPGEN).argument(command).argument("--quiet").argument("--file").argument(spec.join("capacity.toml"))
}

fn build(spec: &Path, out: &Path) -> Run {
    capgen("build", spec).argument("--out-dir").argument(out)
}

/// A folder that goes when it is no longer used.
struct Scratch(PathBuf);

impl Scratch {
    fn create(base: &Path, name: &str) -> std::io::Result<Self> {
        let folder = base.join(name);
        fs::create_dir(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A name that no other run takes.
fn folder_name() -> String {
    format!("capgen-bench-{}", std::process::id())
}

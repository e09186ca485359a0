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
use std::ffi::OsString;
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
    let scratch = Scratch::create(Path::new(env!("CARGO_TARGET_TMPDIR")))?;
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
    let version = measure::repeat(&Run::new(CAPGEN).argument("--version"), 50, || Ok(()))?;
    let help = measure::repeat(&Run::new(CAPGEN).argument("--help"), 50, || Ok(()))?;
    Ok(format!("`capgen --version` takes {version}, `capgen --help` {help}."))
}

fn measure_size(scratch: &Path, workloads: usize, programs: &mut [Program], table: &mut Table) -> Outcome<()> {
    let spec = scratch.join(format!("spec-{workloads}"));
    generate::generate(&spec, workloads)?;
    let out = scratch.join(format!("out-{workloads}"));
    table.size(workloads);
    table.cell("build, no output folder yet", fresh(&spec, &out, workloads)?);
    if let Ok(memory) = Scratch::create(Path::new(IN_MEMORY)) {
        let out = memory.0.join("out");
        table.cell("the same, output in memory (tmpfs)", fresh(&spec, &out, workloads)?);
    }
    let repeats = repeats(workloads);
    let unchanged = build(&spec, &out);
    table.cell("build, nothing changed", measure::repeat(&unchanged, repeats, || Ok(()))?);
    table.cell("build --check", measure::repeat(&build(&spec, &out).argument("--check"), repeats, || Ok(()))?);
    table.cell("validate", measure::repeat(&capgen("validate", &spec), repeats, || Ok(()))?);
    let peak =
        |run: &Run| measure::peak_memory(run).map_or("-".to_owned(), |kib| format!("{} MB", kib.div_ceil(1_000)));
    let again = build(&spec, &out);
    table.cell("memory at most, nothing changed", peak(&again));
    remove(&out)?;
    table.cell("memory at most, no output folder yet", peak(&again));
    let (documents, files) = compare::count(&out)?;
    table.cell("Kubernetes documents", documents);
    table.cell("files", files);
    for program in programs {
        let answer = program.measure(&spec, &out, repeats)?;
        table.cell(program.title, answer);
    }
    Ok(())
}

/// Builds into a folder that does not exist, each time.
fn fresh(spec: &Path, out: &Path, workloads: usize) -> Outcome<Timing> {
    measure::repeat(&build(spec, out), repeats(workloads), || remove(out))
}

/// Enough that the median is steady, without taking minutes.
fn repeats(workloads: usize) -> usize {
    (20_000 / workloads).clamp(7, 40)
}

fn capgen(command: &str, spec: &Path) -> Run {
    Run::new(CAPGEN).argument(command).argument("--quiet").argument("--file").argument(spec.join("capacity.toml"))
}

fn build(spec: &Path, out: &Path) -> Run {
    capgen("build", spec).argument("--out-dir").argument(out)
}

fn remove(folder: &Path) -> std::io::Result<()> {
    match folder.exists() {
        true => fs::remove_dir_all(folder),
        false => Ok(()),
    }
}

/// A folder that goes when the benchmark ends.
struct Scratch(PathBuf);

impl Scratch {
    fn create(base: &Path) -> std::io::Result<Self> {
        let mut name = OsString::from("capgen-bench-");
        name.push(std::process::id().to_string());
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

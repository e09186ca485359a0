//! How long `capgen diff` takes and how much memory it needs, as one Markdown table; `README.md` shows it.
//!
//! ```text
//! cargo bench --bench diff                # 10, 1 000 and 10 000 workloads, and dyff
//! cargo bench --bench diff -- 1000        # these sizes only
//! ```
//!
//! One side is the output folder of a spec, the other the same spec in which one workload in ten has another number. Beside
//! capgen stands `dyff between` on the documents of both sides, where it is installed (another one can be named in `DYFF`):
//! it compares documents that exist, and neither compiles a spec nor says why something differs.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark starts programs, looks at the clock and prints"
)]

mod generate;
mod measure;
mod table;

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use measure::Run;
use table::Table;

type Outcome<T> = Result<T, Box<dyn Error>>;

const CAPGEN: &str = env!("CARGO_BIN_EXE_capgen");

/// What takes longer is stopped.
pub(crate) const LIMIT: Duration = Duration::from_secs(50);

/// One workload in so many differs.
const CHANGED: usize = 10;

fn main() -> Outcome<()> {
    let mut arguments: Vec<String> = env::args().skip(1).collect();
    let measures = arguments.iter().any(|it| it == "--bench");
    arguments.retain(|it| it != "--bench");
    let sizes: Vec<usize> = match (arguments.as_slice(), measures) {
        ([], true) => vec![10, 1_000, 10_000],
        ([], false) => vec![10],
        (sizes, _) => sizes.iter().map(|it| it.parse()).collect::<Result<_, _>>()?,
    };
    let scratch =
        Scratch::create(&Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("capgen-diff-{}", std::process::id())))?;
    let mut table = Table::default();
    table.note(format!("One workload in {CHANGED} has another number on the other side."));
    for workloads in sizes {
        measure_size(&scratch.0.join(workloads.to_string()), workloads, &mut table)?;
    }
    println!("{table}");
    Ok(())
}

fn measure_size(folder: &Path, workloads: usize, table: &mut Table) -> Outcome<()> {
    let (spec, out) = (folder.join("spec"), folder.join("out"));
    generate::generate(&spec, workloads)?;
    build(&spec, &out)?;
    let old = documents(&out)?;
    table.size(workloads);
    let repeats = (20_000 / workloads).clamp(5, 40);
    let ask = |title, memory_title, run: Run, table: &mut Table| -> Outcome<()> {
        table.cell(title, measure::repeat(&run, repeats)?);
        let peak = measure::peak_memory(&run);
        table
            .cell(memory_title, peak.map_or("-".to_owned(), |kib| format!("{} MB", (kib * 1_024).div_ceil(1_000_000))));
        Ok(())
    };
    ask("diff, nothing differs", "memory at most", diff(&spec, &out), table)?;
    change(&spec)?;
    ask("diff, one workload in ten differs", "memory at most, one in ten", diff(&spec, &out), table)?;
    let dump = folder.join("dump.yaml");
    fs::write(&dump, as_dump(&old))?;
    let against = capgen(&spec, &out).argument("--against").argument(format!("file:{}", dump.display()));
    table.cell("size of a dump of all objects", format!("{} MB", fs::metadata(&dump)?.len().div_ceil(1_000_000)));
    ask("diff against the dump", "memory at most, dump", against, table)?;
    let (before, after) = (folder.join("before.yaml"), folder.join("after.yaml"));
    build(&spec, &out)?;
    fs::write(&before, old.concat())?;
    fs::write(&after, documents(&out)?.concat())?;
    let dyff = env::var("DYFF").unwrap_or_else(|_| "dyff".to_owned());
    let probe = Run::new(&dyff).argument("version").command().stdout(Stdio::null()).stderr(Stdio::null()).status();
    if probe.is_ok_and(|it| it.success()) {
        let run = Run::new(&dyff).argument("between").argument("--omit-header").argument(&before).argument(&after);
        ask("dyff between", "memory at most, dyff", run, table)?;
    }
    Ok(())
}

fn capgen(spec: &Path, out: &Path) -> Run {
    let run =
        Run::new(CAPGEN).argument("diff").argument("--quiet").argument("--file").argument(spec.join("capacity.toml"));
    run.argument("--out-dir").argument(out)
}

fn diff(spec: &Path, out: &Path) -> Run {
    capgen(spec, out)
}

fn build(spec: &Path, out: &Path) -> Outcome<()> {
    let run =
        Run::new(CAPGEN).argument("build").argument("--quiet").argument("--file").argument(spec.join("capacity.toml"));
    let run = run.argument("--out-dir").argument(out);
    measure::succeeded(&run, run.command().status()?)
}

/// Gives one service in ten workloads another number.
fn change(spec: &Path) -> Outcome<()> {
    for entry in fs::read_dir(spec.join("teams"))? {
        let path = entry?.path();
        if path.extension().is_none_or(|it| it != "toml") {
            continue;
        }
        let mut is_meant = false;
        let mut text = String::new();
        for line in fs::read_to_string(&path)?.lines() {
            if line.starts_with('[') {
                let number = line.trim_start_matches("[service.service-").trim_end_matches(']');
                is_meant = number.parse::<usize>().is_ok_and(|it| it.is_multiple_of(CHANGED));
            }
            match line.strip_prefix("rps_per_pod = ").filter(|_| is_meant) {
                Some(number) => writeln!(text, "rps_per_pod = {}", number.parse::<usize>()? * 3 / 4)?,
                None => writeln!(text, "{line}")?,
            }
        }
        fs::write(path, text)?;
    }
    Ok(())
}

/// Every Kubernetes document of an output folder, with its separator.
fn documents(out: &Path) -> Outcome<Vec<String>> {
    let mut documents = Vec::new();
    for file in files(&out.join("k8s"))? {
        for document in fs::read_to_string(file)?.split("---\n") {
            documents.push(format!("---\n{document}"));
        }
    }
    Ok(documents)
}

fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => found.extend(files(&entry.path())?),
            false => found.push(entry.path()),
        }
    }
    found.sort();
    Ok(found)
}

/// What `kubectl get -o yaml` prints of such documents: a List, with what the server adds to each.
fn as_dump(documents: &[String]) -> String {
    let mut dump = "apiVersion: v1\nitems:\n".to_owned();
    for document in documents {
        let mut is_first = true;
        for line in document.lines().filter(|line| !line.starts_with('#') && *line != "---") {
            let _ = writeln!(dump, "{} {line}", if is_first { "-" } else { " " });
            is_first = false;
            if line == "metadata:" {
                dump += SERVER;
            }
        }
        dump += "  status:\n    conditions:\n    - lastTransitionTime: \"2026-01-01T00:00:00Z\"\n      status: \"True\"\n      type: AbleToScale\n";
    }
    dump + "kind: List\nmetadata:\n  resourceVersion: \"\"\n"
}

/// Below `metadata`, as an API server of 1.36 writes it.
const SERVER: &str = r#"    annotations:
      kubectl.kubernetes.io/last-applied-configuration: |
        {"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"annotations":{},"name":"a","namespace":"production"}}
    creationTimestamp: "2026-01-01T00:00:00Z"
    generation: 3
    managedFields:
    - apiVersion: autoscaling/v2
      fieldsType: FieldsV1
      fieldsV1:
        f:metadata:
          f:annotations:
            .: {}
            f:kubectl.kubernetes.io/last-applied-configuration: {}
          f:labels:
            .: {}
            f:managed-by: {}
            f:part-of: {}
        f:spec:
          f:maxReplicas: {}
          f:metrics: {}
          f:minReplicas: {}
          f:scaleTargetRef: {}
      manager: kubectl-client-side-apply
      operation: Update
      time: "2026-01-01T00:00:00Z"
    resourceVersion: "123456"
    uid: 5c1e7b8e-7f3a-4c6e-9d2a-3b1f0e9d8c7b
"#;

/// A folder that goes when it is no longer used.
struct Scratch(PathBuf);

impl Scratch {
    fn create(folder: &Path) -> std::io::Result<Self> {
        fs::create_dir(folder)?;
        Ok(Self(folder.to_owned()))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

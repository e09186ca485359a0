//! What a real Kubernetes API server says of the generated documents.
//!
//! Every golden case and example must be accepted, unknown fields forbidden and without a warning; the examples are
//! applied for real, as a user would, and what the server then holds is kept in `recorded/`. Each judgement is proven
//! able to fail by a file in `golden-tests/broken/cluster/`, whose first line names the reason. Where a program is
//! missing, one line on standard error says so; `CAPGEN_REQUIRE_ALL=1` makes it a failure.
//!
//! Filters work as with any test: `cargo test --test cluster -- examples/`.

#![allow(clippy::disallowed_methods, clippy::print_stderr, reason = "tests run programs and read files")]

#[path = "../consumers/output.rs"]
#[allow(dead_code, reason = "the consumers use the rest")]
mod output;
#[path = "../consumers/program.rs"]
#[allow(dead_code, reason = "the consumers use the rest")]
mod program;
mod recorded;
mod server;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize as _;
use serde_json::Value as Json;

use output::Output;
use server::{Cluster, User};

/// Where KEDA's kinds are defined, below this package.
const UPSTREAM: &str = "../shared/upstream";

/// The server refuses unknown fields instead of dropping them, and what it warns of is an error.
const STRICT: [&str; 2] = ["--validate=strict", "--warnings-as-errors"];

/// The cluster of all tests, started by the first that needs it.
type Shared = Arc<OnceLock<Result<Cluster, String>>>;

type Check = Box<dyn FnOnce(&Cluster) -> Result<(), String> + Send>;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // All share one cluster, and what one applies another would find.
    arguments.test_threads = Some(1);
    match trials(&Shared::default()) {
        Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
        Err(error) => {
            eprintln!("cluster: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A folder of this package.
fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn trials(cluster: &Shared) -> Result<Vec<Trial>, String> {
    recorded::refuse_in_ci()?;
    let can_run = program::is_there("cluster", server::missing())?;
    let trial = |name: String, check: Check| {
        let cluster = Arc::clone(cluster);
        let run = move || check(cluster.get_or_init(Cluster::start).as_ref().map_err(String::clone)?);
        Trial::test(name, move || run().map_err(Failed::from)).with_ignored_flag(!can_run)
    };
    let outputs = output::find(&[folder("golden-tests/cases"), folder("examples")])?;
    let manifests = output::distinct(outputs.iter().filter_map(manifests));
    let examples = examples()?;
    let (dry_runs, applied) = (manifests.len(), examples.len());
    let mut trials = vec![
        trial("proof/there-is-something-to-check".to_owned(), Box::new(move |_| proof(dry_runs, applied))),
        trial("proof/a-user-without-rights-is-refused".to_owned(), Box::new(nobody_is_refused)),
    ];
    for (name, text) in output::fixtures(&folder("golden-tests/broken/cluster"), "yaml")? {
        trials.push(trial(name, Box::new(move |it| output::must_be_refused(&text, is_accepted(it, &text)))));
    }
    for (name, text) in manifests {
        trials.push(trial(name, Box::new(move |it| is_accepted(it, &text))));
    }
    for name in examples {
        trials.push(trial(format!("examples/{name}"), Box::new(move |it| is_applied(it, &name))));
    }
    Ok(trials)
}

/// The documents of an output that an API server takes, in one text, if there are any.
fn manifests(output: &Output) -> Option<(String, String)> {
    let all: Vec<&str> = output.below("k8s/").map(|(_, text)| text.as_str()).collect();
    (!all.is_empty()).then(|| (format!("dry-run/{}", output.name), all.join("---\n")))
}

/// The examples with Kubernetes documents.
fn examples() -> Result<BTreeSet<String>, String> {
    let entries = std::fs::read_dir(folder("examples")).map_err(|error| error.to_string())?;
    let folders = entries.flatten().filter(|it| it.path().join("generated/kustomization.yaml").is_file());
    Ok(folders.map(|it| it.file_name().to_string_lossy().into_owned()).collect())
}

/// # Errors
/// What the server refuses or warns of; nothing is kept.
fn is_accepted(cluster: &Cluster, manifests: &str) -> Result<(), String> {
    cluster.create_namespaces(&namespaces(manifests)?)?;
    cluster.apply(manifests, &[&["--server-side", "--dry-run=server"], &STRICT[..]].concat()).map(drop)
}

/// # Errors
/// Where an example cannot be applied, where doing it again changes something, or where the server now holds something
/// else than was recorded.
fn is_applied(cluster: &Cluster, example: &str) -> Result<(), String> {
    let generated = format!("examples/{example}/generated");
    cluster.clear()?;
    cluster.create_namespaces(&namespaces(&cluster.kubectl(&["kustomize", &generated])?)?)?;
    let apply = || {
        cluster.kubectl(&[&["apply", "--kustomize", &generated][..], &STRICT].concat())?;
        cluster.kubectl(&["get", "--kustomize", &generated, "--output=yaml", "--show-managed-fields"])
    };
    let held = apply()?;
    if apply()? != held {
        return Err("applied once more, it changes what the server holds".to_owned());
    }
    recorded::is_current(example, &held)
}

/// Rights are looked at: a server that lets everybody do everything would show nothing of a refusal.
fn nobody_is_refused(cluster: &Cluster) -> Result<(), String> {
    cluster.kubectl_as(User::Nobody, &["api-resources"])?;
    match cluster.kubectl_as(User::Nobody, &["get", "horizontalpodautoscalers", "--namespace=default"]) {
        Err(error) if error.contains("(Forbidden)") => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

/// A suite that found nothing to check would be green for ever.
fn proof(dry_runs: usize, examples: usize) -> Result<(), String> {
    match dry_runs > 0 && examples > 0 {
        true => Ok(()),
        false => Err(format!("{dry_runs} outputs with Kubernetes documents, {examples} examples")),
    }
}

/// The namespaces that documents stand in.
fn namespaces(manifests: &str) -> Result<BTreeSet<String>, String> {
    let documents = serde_yaml::Deserializer::from_str(manifests).map(Json::deserialize);
    let documents: Vec<Json> = documents.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    Ok(documents.iter().filter_map(|it| it["metadata"]["namespace"].as_str()).map(str::to_owned).collect())
}

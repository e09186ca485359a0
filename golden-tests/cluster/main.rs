//! What a real Kubernetes API server says of the generated documents.
//!
//! Every golden case and example must be accepted, unknown fields forbidden and without a warning; the examples are
//! applied for real, as a user would, and what the server then holds is kept in `recorded/`. Each judgement is proven
//! able to fail by a file in `golden-tests/broken/cluster/`, whose first line names the reason. Where a program is
//! missing, one line on standard error says so; `CAPGEN_REQUIRE_ALL=1` makes it a failure.
//!
//! Filters work as with any test: `cargo test --test cluster -- examples/`.

#![allow(clippy::disallowed_methods, clippy::print_stderr, reason = "tests run programs and read files")]

mod diffs;
mod edits;
#[path = "../consumers/output.rs"]
#[allow(dead_code, reason = "the consumers use the rest")]
mod output;
#[path = "../consumers/program.rs"]
#[allow(dead_code, reason = "the consumers use the rest")]
mod program;
mod recorded;
mod refusals;
mod said;
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
    match can_run {
        true => eprintln!("cluster: capgen diff runs on a real API server ({})", server::version()?),
        false => eprintln!("cluster: capgen diff runs on recorded answers"),
    }
    let subjects = subjects()?;
    let mut trials = recorded_trials(&subjects)?;
    let trial = |(name, check): (String, Check)| {
        let cluster = Arc::clone(cluster);
        let run = move || check(cluster.get_or_init(Cluster::start).as_ref().map_err(String::clone)?);
        Trial::test(name, move || run().map_err(Failed::from)).with_ignored_flag(!can_run)
    };
    trials.extend(accepted(subjects.len())?.into_iter().map(trial));
    trials.extend(diffed(&subjects)?.into_iter().map(trial));
    Ok(trials)
}

/// Whether the server takes what capgen writes.
fn accepted(subjects: usize) -> Result<Vec<(String, Check)>, String> {
    let outputs = output::find(&[folder("golden-tests/cases"), folder("examples")])?;
    let manifests = output::distinct(outputs.iter().filter_map(manifests));
    let dry_runs = manifests.len();
    let mut checks: Vec<(String, Check)> = vec![
        ("proof/there-is-something-to-check".to_owned(), Box::new(move |_| proof(dry_runs, subjects))),
        ("proof/a-user-without-rights-is-refused".to_owned(), Box::new(nobody_is_refused)),
    ];
    for (name, text) in output::fixtures(&folder("golden-tests/broken/cluster"), "yaml")? {
        checks.push((name, Box::new(move |it| output::must_be_refused(&text, is_accepted(it, &text)))));
    }
    let all = Arc::new(All {
        manifests: manifests.iter().map(|(_, text)| text.clone()).collect(),
        are_accepted: OnceLock::new(),
    });
    for (name, text) in manifests {
        let all = Arc::clone(&all);
        checks.push((name, Box::new(move |it| if all.are_accepted(it) { Ok(()) } else { is_accepted(it, &text) })));
    }
    Ok(checks)
}

/// Whether `capgen diff` says the right thing of a real server.
fn diffed(subjects: &[Subject]) -> Result<Vec<(String, Check)>, String> {
    let mut checks: Vec<(String, Check)> = Vec::new();
    for subject in subjects.iter().cloned() {
        let other = subject.clone();
        checks.push((format!("{}/{}", subject.folder(), subject.name), Box::new(move |it| is_applied(it, &subject))));
        checks.push((
            format!("diff/server/nothing/{}", other.name),
            Box::new(move |it| diffs::nothing_however_applied(it, &other)),
        ));
    }
    // What differs between the two ways of applying, the examples show.
    for subject in built_cases()? {
        let name = format!("diff/server/nothing/{}", subject.name);
        checks.push((name, Box::new(move |it| diffs::nothing_on_server(it, &subject))));
    }
    for (subject, edit) in diffs::edits_of(subjects)? {
        let (name, subject) = (format!("diff/server/{}", edit.name), subject.clone());
        checks.push((name, Box::new(move |it| diffs::edit_on_server(it, &subject, edit))));
    }
    let pipeline = subjects.iter().find(|it| it.name == "kafka-pipeline").ok_or("no kafka-pipeline")?;
    for (name, check) in REFUSALS {
        let subject = pipeline.clone();
        checks.push((format!("diff/server/{name}"), Box::new(move |it| check(it, &subject))));
    }
    Ok(checks)
}

/// All that is only tried: kubectl takes longer to start than the server to answer, so they go in one command, and one by
/// one only where that fails, to say which it is.
struct All {
    manifests: Vec<String>,
    are_accepted: OnceLock<bool>,
}

impl All {
    fn are_accepted(&self, cluster: &Cluster) -> bool {
        *self.are_accepted.get_or_init(|| is_accepted(cluster, &self.manifests.join("---\n")).is_ok())
    }
}

type OnServer = fn(&Cluster, &Subject) -> Result<(), String>;

const REFUSALS: &[(&str, OnServer)] = &[
    ("refused/a-user-without-rights", refusals::nobody),
    ("refused/a-user-whom-it-does-not-know", refusals::stranger),
    ("refused/an-unknown-context", refusals::unknown_context),
    ("refused/no-current-context", refusals::no_context),
    ("refused/nobody-listens", refusals::unreachable),
    ("without-the-kinds-of-keda", refusals::without_kinds),
    ("another-owner-of-a-workload", refusals::another_owner),
    ("an-hpa-of-keda", refusals::an_hpa_of_keda),
];

/// Whether `capgen diff` says the right thing of what a server answered once.
fn recorded_trials(subjects: &[Subject]) -> Result<Vec<Trial>, String> {
    let mut trials = Vec::new();
    for subject in subjects.iter().cloned() {
        let name = format!("diff/recorded/nothing/{}", subject.name);
        trials.push(Trial::test(name, move || diffs::nothing_on_record(&subject).map_err(Failed::from)));
    }
    for (subject, edit) in diffs::edits_of(subjects)? {
        let (name, subject) = (format!("diff/recorded/{}", edit.name), subject.clone());
        trials.push(Trial::test(name, move || diffs::edit_on_record(&subject, edit).map_err(Failed::from)));
    }
    Ok(trials)
}

/// The documents of an output that an API server takes, in one text, if there are any.
fn manifests(output: &Output) -> Option<(String, String)> {
    let all: Vec<&str> = output.below("k8s/").map(|(_, text)| text.as_str()).collect();
    (!all.is_empty()).then(|| (format!("dry-run/{}", output.name), all.join("---\n")))
}

/// A spec, and the documents that were made of it; all paths are of this package.
#[derive(Debug, Clone)]
struct Subject {
    name: String,
    spec: String,
    generated: String,
}

impl Subject {
    /// Where it stands.
    fn folder(&self) -> &str {
        self.spec.split('/').next().unwrap_or_default()
    }
}

/// The examples with Kubernetes documents, and a case with labels, which no example has.
fn subjects() -> Result<Vec<Subject>, String> {
    let entries = std::fs::read_dir(folder("examples")).map_err(|error| error.to_string())?;
    let named = |name: &str| Subject {
        name: name.to_owned(),
        spec: format!("examples/{name}/capacity.toml"),
        generated: format!("examples/{name}/generated"),
    };
    let names = entries.flatten().map(|it| it.file_name().to_string_lossy().into_owned()).collect::<BTreeSet<_>>();
    let mut subjects: Vec<Subject> = names.iter().map(|name| named(name)).collect();
    subjects.retain(|it| folder(&it.generated).join("kustomization.yaml").is_file());
    let labelled = "golden-tests/cases/build/pdb/default";
    subjects.push(Subject {
        name: "labels".to_owned(),
        spec: format!("{labelled}/capacity.toml"),
        generated: format!("{labelled}/out/generated"),
    });
    Ok(subjects)
}

/// The golden cases that build their one spec as it stands.
fn built_cases() -> Result<Vec<Subject>, String> {
    let outputs = output::find(&[folder("golden-tests/cases/build")])?;
    let subject = |it: &Output| {
        let case = it.name.strip_suffix("/out/generated")?;
        let command = std::fs::read_to_string(folder(case).join("cmd")).ok()?;
        let is_applicable = folder(&it.name).join("kustomization.yaml").is_file() && command.trim() == "capgen build";
        is_applicable.then(|| Subject {
            name: case.trim_start_matches("golden-tests/cases/").to_owned(),
            spec: format!("{case}/capacity.toml"),
            generated: it.name.clone(),
        })
    };
    Ok(outputs.iter().filter_map(subject).filter(|it| folder(&it.spec).is_file()).collect())
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
fn is_applied(cluster: &Cluster, subject: &Subject) -> Result<(), String> {
    let generated = subject.generated.as_str();
    cluster.clear()?;
    cluster.create_namespaces(&namespaces(&cluster.kubectl(&["kustomize", generated])?)?)?;
    let apply = || {
        cluster.kubectl(&[&["apply", "--kustomize", generated][..], &STRICT].concat())?;
        cluster.kubectl(&["get", "--kustomize", generated, "--output=yaml", "--show-managed-fields"])
    };
    let held = apply()?;
    if apply()? != held {
        return Err("applied once more, it changes what the server holds".to_owned());
    }
    recorded::is_current(&subject.name, &held)
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
fn proof(dry_runs: usize, subjects: usize) -> Result<(), String> {
    match dry_runs > 0 && subjects > 0 {
        true => Ok(()),
        false => Err(format!("{dry_runs} outputs with Kubernetes documents, {subjects} that are applied")),
    }
}

/// The namespaces that documents stand in.
fn namespaces(manifests: &str) -> Result<BTreeSet<String>, String> {
    let documents = serde_yaml::Deserializer::from_str(manifests).map(Json::deserialize);
    let documents: Vec<Json> = documents.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    Ok(documents.iter().filter_map(|it| it["metadata"]["namespace"].as_str()).map(str::to_owned).collect())
}

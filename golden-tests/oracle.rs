//! What must hold of any output, blessed or not.
//!
//! A blessed mistake looks exactly like a blessed truth; these checks are what a bless cannot talk over. Each is
//! proven able to fail by a fixture in `broken/<validator>/`. Nothing here asks capgen's own model: the judges are
//! upstream's schemas, the files on disk, and rules that an API server or a controller enforces.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use capgen::doc::value::{Node, Value};
use capgen::doc::{ini, yaml};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::support::command::Step;
use crate::support::run::{self, Outcome};
use crate::support::schema;
use crate::support::tree::{self, Entry, Tree};

mod helm_values;

/// The name of the lock; the folder that holds it is an output folder.
const LOCK: &str = "capgen.lock.json";

/// One thing that must hold.
pub(crate) struct Validator {
    pub(crate) name: &'static str,
    /// Whether it says nothing where the upstream schemas are not there.
    pub(crate) needs_upstream: bool,
    pub(crate) check: fn(&Output) -> Vec<String>,
}

/// Every check, by name.
pub(crate) static VALIDATORS: &[Validator] = &[
    Validator { name: "admission", needs_upstream: false, check: admission },
    Validator { name: "helm-values", needs_upstream: false, check: helm_values::check },
    Validator { name: "ini", needs_upstream: false, check: pgbouncer_ini },
    Validator { name: "keda", needs_upstream: true, check: keda },
    Validator { name: "kustomization", needs_upstream: false, check: kustomization },
    Validator { name: "lock", needs_upstream: false, check: lock },
    Validator { name: "one-autoscaler", needs_upstream: false, check: one_autoscaler },
    Validator { name: "schema", needs_upstream: true, check: upstream_schema },
    Validator { name: "text", needs_upstream: false, check: text },
    Validator { name: "yaml", needs_upstream: false, check: readable_yaml },
];

/// One output folder, as it was left.
pub(crate) struct Output {
    /// What capgen wrote.
    files: Tree,
    /// What stands beside it and is not capgen's: files of the user, and files that the case changed by hand.
    foreign: BTreeSet<String>,
    /// Which strict Kubernetes schemas judge it.
    kubernetes: String,
    documents: Vec<Document>,
    unreadable: Vec<String>,
}

/// A YAML document and the file that it stands in.
struct Document {
    path: String,
    value: Json,
}

impl Output {
    pub(crate) fn new(files: Tree, foreign: BTreeSet<String>, kubernetes: &str) -> Self {
        let (mut documents, mut unreadable) = (Vec::new(), Vec::new());
        for (path, text) in texts_of(&files, ".yaml") {
            match yaml::parse(text, &yaml::Limits::default()) {
                Err(fault) => unreadable.push(format!("{path}: {fault:?}")),
                Ok(nodes) => {
                    let document = |node| Document { path: path.to_owned(), value: json(node) };
                    documents.extend(nodes.iter().map(document));
                }
            }
        }
        Self { files, foreign, kubernetes: kubernetes.to_owned(), documents, unreadable }
    }

    /// The documents of one kind.
    fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Document> {
        self.documents.iter().filter(move |document| document.text("/kind") == kind)
    }
}

impl Document {
    /// A text in the document; empty where there is none.
    fn text(&self, pointer: &str) -> &str {
        self.value.pointer(pointer).and_then(Json::as_str).unwrap_or_default()
    }

    fn number(&self, pointer: &str) -> Option<i64> {
        self.value.pointer(pointer).and_then(Json::as_i64)
    }

    /// Whether it says a part of an object only, for Kustomize to lay on the whole.
    fn is_patch(&self) -> bool {
        self.path.ends_with(".patch.yaml")
    }

    fn finding(&self, message: impl std::fmt::Display) -> String {
        format!("{}: {} `{}`: {message}", self.path, self.text("/kind"), self.text("/metadata/name"))
    }
}

/// Judges every output folder that a run left, and names what does not hold.
pub(crate) fn check(inputs: &Tree, steps: &[Step], outcome: &Outcome, kubernetes: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for (folder, output) in outputs(inputs, steps, outcome, kubernetes) {
        for validator in VALIDATORS {
            let found = (validator.check)(&output);
            problems.extend(found.into_iter().map(|it| format!("{}: {folder}/{it}", validator.name)));
        }
    }
    problems
}

/// The folders whose lock the run wrote. A file belongs to the innermost of them.
fn outputs(inputs: &Tree, steps: &[Step], outcome: &Outcome, kubernetes: &str) -> Vec<(String, Output)> {
    let touched: Vec<&str> = steps.iter().flat_map(Step::touches).collect();
    let by_hand = |path: &str| touched.iter().any(|it| run::is_within(path, it));
    let folder_of = |path: &String| match path.strip_suffix(LOCK)? {
        "" => Some(String::new()),
        folder => folder.strip_suffix('/').map(str::to_owned),
    };
    let written = outcome.created.keys().filter(|path| !by_hand(path));
    let folders: Vec<String> = written.filter_map(folder_of).collect();
    let output = |folder: &String| {
        let inner: Vec<&String> = folders.iter().filter(|it| *it != folder && run::is_within(it, folder)).collect();
        let full = |path: &str| if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
        let mut files = tree::below(&outcome.after, folder);
        files.retain(|path, _| !inner.iter().any(|it| run::is_within(&full(path), it)));
        let listed = listed_files(&files);
        let is_ours = |path: &String| {
            let is_new = outcome.created.contains_key(&full(path));
            !by_hand(&full(path)) && (is_new || listed.contains(path) || !inputs.contains_key(&full(path)))
        };
        let (files, others): (Tree, Tree) = files.into_iter().partition(|(path, _)| is_ours(path));
        let gone =
            touched.iter().filter_map(|path| Some(path.strip_prefix(folder)?.trim_start_matches('/').to_owned()));
        let foreign = others.into_keys().chain(gone).collect();
        (folder.clone(), Output::new(files, foreign, kubernetes))
    };
    folders.iter().map(output).collect()
}

/// The paths that the lock lists; none where it cannot be read, which [`lock`] says.
fn listed_files(files: &Tree) -> BTreeSet<String> {
    let lock = files.get(LOCK).and_then(Entry::text).and_then(|text| serde_json::from_str::<Json>(text).ok());
    let listed = lock.as_ref().and_then(|lock| lock["files"].as_object());
    listed.map(|listed| listed.keys().cloned().collect()).unwrap_or_default()
}

/// The text files whose name ends in a certain way.
fn texts_of<'a>(files: &'a Tree, ending: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let named = files.iter().filter(move |(path, _)| path.ends_with(ending));
    named.filter_map(|(path, entry)| Some((path.as_str(), entry.text()?)))
}

fn json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(it) => (*it).into(),
        Value::Int(it) => (*it).into(),
        Value::Float(it) => (*it).into(),
        Value::Text(it) => it.as_ref().into(),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(entries) => entries.iter().map(|(key, value)| (key.to_string(), json(value))).collect(),
    }
}

/// Every YAML file parses and holds something.
fn readable_yaml(output: &Output) -> Vec<String> {
    let holds = |path: &str| output.documents.iter().any(|it| it.path == path);
    let broken = |path: &str| output.unreadable.iter().any(|it| it.starts_with(path));
    let empty = texts_of(&output.files, ".yaml").filter(|(path, _)| !holds(path) && !broken(path));
    let empty = empty.map(|(path, _)| format!("{path}: it holds no document"));
    output.unreadable.iter().cloned().chain(empty).collect()
}

/// Every document is valid by the schema of its kind.
fn upstream_schema(output: &Output) -> Vec<String> {
    let judge = |document: &Document| {
        // The values of a chart are no object; `helm_values` judges them.
        if helm_values::is_one(&document.path) {
            return Vec::new();
        }
        if document.path.ends_with("compose.capacity.yaml") {
            let found = schema::violations("compose/compose-spec.json", &document.value);
            return found.into_iter().map(|it| document.finding(it)).collect();
        }
        let (version, kind) = (document.text("/apiVersion"), document.text("/kind"));
        if document.path.starts_with("alerts/") {
            let found = schema::violations("misc/prometheus.rules.json", &document.value);
            return found.into_iter().map(|it| document.finding(it)).collect();
        }
        if version.is_empty() || kind.is_empty() {
            return vec![document.finding("no `apiVersion` or no `kind`")];
        }
        let schema = schema::of_kind(version, kind, &output.kubernetes);
        let found = match document.is_patch() {
            true => schema::violations_of_part(&schema, &document.value),
            false => schema::violations(&schema, &document.value),
        };
        found.into_iter().map(|it| document.finding(it)).collect()
    };
    output.documents.iter().flat_map(judge).collect()
}

/// What an API server refuses and no schema sees. Sources: validation.go of autoscaling, policy and batch in
/// Kubernetes 1.36; `scaledobject_webhook.go` of KEDA 2.20.
fn admission(output: &Output) -> Vec<String> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for document in output.documents.iter().filter(|it| !it.is_patch()) {
        let identity = ["/apiVersion", "/kind", "/metadata/namespace", "/metadata/name"].map(|it| document.text(it));
        if !identity[3].is_empty() && !seen.insert(identity) {
            found.push(document.finding("two documents describe this object"));
        }
        let label = |label: &str| {
            let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.bytes().all(known)
        };
        let (kind, name) = (identity[1], identity[3]);
        if !name.is_empty() && (name.len() > 253 || !name.split('.').all(label)) {
            found.push(document.finding("the name is no DNS subdomain"));
        }
        let problem = match kind {
            "HorizontalPodAutoscaler" => bounds(document, "/spec/minReplicas", "/spec/maxReplicas"),
            "ScaledObject" => bounds(document, "/spec/minReplicaCount", "/spec/maxReplicaCount"),
            "PodDisruptionBudget" => disruption(document),
            "CronJob" => cron_job(document),
            _ => None,
        };
        found.extend(problem.map(|problem| document.finding(problem)));
    }
    found
}

fn bounds(document: &Document, min: &str, max: &str) -> Option<&'static str> {
    match (document.number(min), document.number(max)) {
        (_, None) => Some("it has no upper bound"),
        (Some(min), Some(max)) if min > max => Some("the floor is above the ceiling"),
        _ => None,
    }
}

fn disruption(document: &Document) -> Option<&'static str> {
    let has = |field: &str| document.value.pointer(field).is_some();
    match (has("/spec/minAvailable"), has("/spec/maxUnavailable")) {
        (true, true) => Some("`minAvailable` and `maxUnavailable` exclude each other"),
        (false, false) => Some("neither `minAvailable` nor `maxUnavailable`"),
        _ if !has("/spec/selector/matchLabels") => Some("without a selector it protects nothing"),
        _ => None,
    }
}

fn cron_job(document: &Document) -> Option<&'static str> {
    let restart = document.text("/spec/jobTemplate/spec/template/spec/restartPolicy");
    let schedule = document.text("/spec/schedule");
    if document.text("/metadata/name").len() > 52 {
        Some("the name is longer than 52 characters")
    } else if !matches!(restart, "OnFailure" | "Never") {
        Some("`restartPolicy` must be `OnFailure` or `Never`")
    } else if schedule.contains("TZ=") {
        Some("a zone in `schedule` is refused; `timeZone` is its place")
    } else if schedule.split(' ').count() != 5 && !schedule.starts_with('@') {
        Some("`schedule` must have five fields")
    } else {
        None
    }
}

/// No workload has two autoscalers, and none has `spec.replicas` beside one.
fn one_autoscaler(output: &Output) -> Vec<String> {
    let mut owners: BTreeMap<[&str; 4], &Document> = BTreeMap::new();
    let mut found = Vec::new();
    let scalers = output.of_kind("HorizontalPodAutoscaler").chain(output.of_kind("ScaledObject"));
    for document in scalers.filter(|it| !it.is_patch()) {
        let target = |field: &str, default: &'static str| match document.text(&format!("/spec/scaleTargetRef/{field}"))
        {
            "" => default,
            text => text,
        };
        let group = target("apiVersion", "apps/v1").split('/').next().unwrap_or_default();
        let namespace = document.text("/metadata/namespace");
        let workload = [namespace, group, target("kind", "Deployment"), target("name", "")];
        if let Some(other) = owners.insert(workload, document) {
            found.push(document.finding(format!("`{}` has an autoscaler already, in {}", workload[3], other.path)));
        }
    }
    for document in output.documents.iter().filter(|it| it.value.pointer("/spec/replicas").is_some()) {
        let group = document.text("/apiVersion").split('/').next().unwrap_or_default();
        let [namespace, kind, name] = ["/metadata/namespace", "/kind", "/metadata/name"].map(|it| document.text(it));
        if let Some(owner) = owners.get(&[namespace, group, kind, name]) {
            found.push(document.finding(format!("`spec.replicas` beside the autoscaler in {}", owner.path)));
        }
    }
    found
}

/// Every trigger's metadata is what the scaler reads, and texts only. Source: `scalers-schema.json` of KEDA 2.20.
fn keda(output: &Output) -> Vec<String> {
    static SCALERS: OnceLock<Option<Json>> = OnceLock::new();
    let read = || schema::json(&schema::upstream()?.join("keda/scalers-schema.json")).ok();
    let Some(scalers) = SCALERS.get_or_init(read) else {
        return schema::upstream().map(|_| "keda/scalers-schema.json cannot be read".to_owned()).into_iter().collect();
    };
    let list = |value: &Json| value.as_array().cloned().unwrap_or_default();
    let scalers = list(&scalers["scalers"]);
    let mut found = Vec::new();
    for document in output.of_kind("ScaledObject") {
        for trigger in list(&document.value["spec"]["triggers"]) {
            let kind = trigger["type"].as_str().unwrap_or_default();
            let problems = match scalers.iter().find(|it| it["type"] == kind) {
                None => vec!["KEDA has no such scaler".to_owned()],
                Some(scaler) => trigger_problems(kind, &list(&scaler["parameters"]), &trigger),
            };
            found.extend(problems.iter().map(|it| document.finding(format!("trigger `{kind}`: {it}"))));
        }
    }
    found
}

fn trigger_problems(kind: &str, parameters: &[Json], trigger: &Json) -> Vec<String> {
    let empty = serde_json::Map::new();
    let metadata = trigger["metadata"].as_object().unwrap_or(&empty);
    let mut found: Vec<String> =
        metadata.iter().filter_map(|(key, value)| metadata_problem(parameters, key, value)).collect();
    let has = |name: &str| metadata.contains_key(name) || metadata.contains_key(&format!("{name}FromEnv"));
    let authenticated = trigger.get("authenticationRef").is_some();
    // The redis scalers take one of several addresses and log in only if told to, yet list all of it as required.
    let is_redis = kind.starts_with("redis");
    for it in parameters {
        let secret = it["triggerAuthenticationVariableReadable"] == true;
        let required = it["optional"] != true && it["default"].is_null() && it["metadataVariableReadable"] == true;
        let name = it["name"].as_str().unwrap_or_default();
        if required && !has(name) && !(secret && (authenticated || is_redis)) {
            found.push(format!("`{name}` is missing"));
        }
    }
    if is_redis && !authenticated && !["address", "addresses", "host", "hosts"].into_iter().any(has) {
        found.push("no address".to_owned());
    }
    found
}

/// What is wrong with one entry of a trigger's metadata.
fn metadata_problem(parameters: &[Json], key: &str, value: &Json) -> Option<String> {
    let Some(text) = value.as_str() else { return Some(format!("`{key}` must be a text, and is {value}")) };
    let readable = |name: &str, from: &str| parameters.iter().find(|it| it["name"] == name && it[from] == true);
    let from_env = key.strip_suffix("FromEnv").and_then(|name| readable(name, "envVariableReadable"));
    let Some(parameter) = readable(key, "metadataVariableReadable") else {
        return from_env.is_none().then(|| format!("unknown metadata `{key}`"));
    };
    let allowed = parameter["allowedValue"].as_array();
    if parameter["deprecated"].is_string() {
        Some(format!("`{key}` is gone: {}", parameter["deprecated"]))
    } else if allowed.is_some_and(|allowed| !allowed.iter().any(|it| it == text)) {
        Some(format!("`{key}` cannot be `{text}`"))
    } else {
        None
    }
}

/// The kustomization lists every Kubernetes file once, each component its patches, and nothing else.
fn kustomization(output: &Output) -> Vec<String> {
    const NAME: &str = "kustomization.yaml";
    let mut found = components(output);
    let is_kept = |path: &&String| ["k8s/", "kafka/", "karpenter/"].iter().any(|folder| path.starts_with(folder));
    let is_object = |path: &&String| is_kept(path) && path.ends_with(".yaml");
    let objects: Vec<&String> = output.files.keys().filter(is_object).collect();
    let Some(document) = output.documents.iter().find(|it| it.path == NAME) else {
        let missing = objects.first().filter(|_| !output.foreign.contains(NAME));
        found.extend(missing.map(|path| format!("{NAME}: it is missing, and there is {path}")));
        return found;
    };
    let resources = document.value["resources"].as_array().cloned().unwrap_or_default();
    let listed: Vec<&str> = resources.iter().filter_map(Json::as_str).collect();
    for path in objects {
        match listed.iter().filter(|it| *it == path).count() {
            1 => {}
            count => found.push(format!("{NAME}: {path} is listed {count} times")),
        }
    }
    for path in listed {
        if !output.files.contains_key(path) && !output.foreign.contains(path) {
            found.push(format!("{NAME}: {path} is listed, and not there"));
        }
    }
    found
}

/// Each component lists the patches that stand beside it, and each selects the object that it says.
fn components(output: &Output) -> Vec<String> {
    let mut found = Vec::new();
    for patch in output.documents.iter().filter(|it| it.is_patch()) {
        let (folder, file) = patch.path.rsplit_once('/').unwrap_or(("", &patch.path));
        let list = format!("{folder}/kustomization.yaml");
        let listed = output.documents.iter().filter(|it| it.path == list && it.text("/kind") == "Component");
        let listed: Vec<&Json> = listed.flat_map(|it| it.value["patches"].as_array()).flatten().collect();
        let name = patch.text("/metadata/name").replace('.', "\\.");
        let is_own = |it: &Json| it["path"] == file;
        let selects = |it: &Json| it["target"]["kind"] == patch.text("/kind") && it["target"]["name"] == name.as_str();
        let own: Vec<&Json> = listed.iter().copied().filter(|it| is_own(it)).collect();
        if own.len() != 1 || !selects(own[0]) {
            found.push(format!("{list}: it does not list {file} once, with its object"));
        }
        let is_there =
            |it: &Json| output.files.contains_key(&format!("{folder}/{}", it["path"].as_str().unwrap_or_default()));
        found.extend(listed.iter().filter(|it| !is_there(it)).map(|it| format!("{list}: {} is not there", it["path"])));
    }
    found
}

/// The lock lists exactly the files, with the hashes of their bytes.
fn lock(output: &Output) -> Vec<String> {
    let Some(text) = output.files.get(LOCK).and_then(Entry::text) else {
        return vec![format!("{LOCK}: it is missing")];
    };
    let lock: Json = match serde_json::from_str(text) {
        Ok(lock) => lock,
        Err(error) => return vec![format!("{LOCK}: {error}")],
    };
    let empty = serde_json::Map::new();
    let listed = lock["files"].as_object().unwrap_or(&empty);
    let mut found = Vec::new();
    for (path, file) in listed {
        match output.files.get(path).and_then(Entry::bytes) {
            Some(bytes) if file["sha256"] == sha256(bytes).as_str() => {}
            Some(_) => found.push(format!("{LOCK}: the hash of {path} is not that of its bytes")),
            None if output.foreign.iter().any(|it| run::is_within(path, it)) => {}
            None => found.push(format!("{LOCK}: {path} is listed, and not there")),
        }
    }
    let unlisted = output.files.keys().filter(|path| *path != LOCK && !listed.contains_key(*path));
    found.extend(unlisted.map(|path| format!("{LOCK}: {path} is not listed")));
    found
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every ini can be read again, and holds nothing that PgBouncer's reader takes otherwise than it looks.
/// Source: `lib/usual/cfparser.c` and `src/loader.c` of PgBouncer 1.25.
fn pgbouncer_ini(output: &Output) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in texts_of(&output.files, ".ini") {
        if let Err(fault) = ini::parse(text) {
            found.push(format!("{path}: {fault:?}"));
        }
        let mut keys = BTreeSet::new();
        let mut section = "";
        for (index, line) in text.lines().enumerate() {
            let mut say = |problem: &str| found.push(format!("{path}:{}: {problem}", index + 1));
            match (line.chars().next(), line.split_once('=')) {
                (None | Some(';' | '#'), _) => {}
                (Some('['), _) => section = line,
                (_, None) => say("neither a comment, a section nor `key = value`"),
                (_, Some((key, _))) if !keys.insert((section, key.trim())) => say("the key stands there already"),
                (_, Some((_, value))) if value.trim().is_empty() && section == "[databases]" => say("an empty value"),
                (_, Some(_)) if line.contains('\t') => say("a tab separates nothing, it becomes part of the value"),
                (_, Some((_, value))) if value.contains(" ;") || value.contains(" #") => say("no trailing comments"),
                _ => {}
            }
        }
    }
    found
}

/// Every file is text without trailing blanks, ends with one newline, and names nothing of the machine.
fn text(output: &Output) -> Vec<String> {
    let mut found = Vec::new();
    for (path, entry) in &output.files {
        let Some(text) = entry.text() else {
            found.push(format!("{path}: it is no UTF-8 text"));
            continue;
        };
        found.extend(run::leaks(text).map(|leak| format!("{path}: it holds {leak}")));
        if let Some(index) = text.lines().position(|line| line.ends_with([' ', '\t', '\r'])) {
            found.push(format!("{path}:{}: blanks at the end of the line", index + 1));
        }
        if !text.ends_with('\n') || text.ends_with("\n\n") {
            found.push(format!("{path}: it does not end with one newline"));
        }
    }
    found
}

/// Runs one validator on a fixture: the files of a folder, as if capgen had written them.
pub(crate) fn judge(validator: &Validator, folder: &Path, kubernetes: &str) -> Result<Vec<String>, String> {
    let mut files = tree::read(folder).map_err(|error| error.to_string())?;
    files.remove("refused");
    Ok((validator.check)(&Output::new(files, BTreeSet::new(), kubernetes)))
}

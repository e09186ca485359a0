//! The runbook, the page for an emergency, and the commands of CronJobs: a Markdown parser must see what was meant, a shell must be able to run every block, and kubectl must
//! understand every command and agree to every patch.
//!
//! No cluster is asked: kubectl is told of a server that is not there, and any other complaint than that is a fault of the page.
//! A patch is laid on the file that holds the object.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use serde::Deserialize as _;

use crate::folder;
use crate::output::Page;
use crate::program::{self, Folder};

/// Where pip puts shellcheck (`.ci/pipelines.txt`), and `golden-tests/cluster/apiserver/build` puts kubectl.
pub(crate) const SHELLCHECK: &str = "target/ci/pipelines/bin/shellcheck";
pub(crate) const KUBECTL: &str = "target/ci/bin/kubectl";

/// What is not installed.
pub(crate) fn missing() -> Option<String> {
    let own = |path: &str| (!folder(path).is_file()).then(|| format!("{path} is not there (.ci/run makes it)"));
    own(SHELLCHECK).or_else(|| own(KUBECTL)).or_else(|| program::missing("bash", "bash"))
}

/// # Errors
/// Everything that is wrong with the page.
pub(crate) fn check(page: &Page) -> Result<(), String> {
    let (blocks, mut faults) = read(&page.text);
    if blocks.is_empty() {
        faults.push("the page has no block of commands".to_owned());
    }
    for block in &blocks {
        faults.extend(run(block, page)?);
    }
    verdict(&faults)
}

fn verdict(faults: &[String]) -> Result<(), String> {
    match faults.is_empty() {
        true => Ok(()),
        false => Err(faults.join("\n")),
    }
}

/// The commands of CronJobs: what a pod would run is told to kubectl here.
///
/// # Errors
/// A container that runs something else, and what kubectl says.
pub(crate) fn check_cron_jobs(page: &Page) -> Result<(), String> {
    let place = Folder::create()?;
    fs::create_dir_all(place.path().join("out")).map_err(|error| error.to_string())?;
    let mut faults = Vec::new();
    for (path, text) in page.files.iter().filter(|(path, _)| path.starts_with("k8s/")) {
        for document in serde_yaml::Deserializer::from_str(text) {
            let document = serde_json::Value::deserialize(document).map_err(|error| format!("{path}: {error}"))?;
            if document["kind"] != "CronJob" {
                continue;
            }
            for container in ["initContainers", "containers"].iter().flat_map(|key| containers(&document, key)) {
                let words = |key: &str| container[key].as_array().into_iter().flatten().filter_map(|it| it.as_str());
                let said: Vec<&str> = words("args").collect();
                // The image of kubectl has kubectl as its entry point.
                match words("command").next() {
                    None | Some("kubectl") => faults.extend(kubectl(&said, page, &place)?),
                    Some(other) => faults.push(format!("{path}: a container runs {other}")),
                }
            }
        }
    }
    verdict(&faults)
}

fn containers<'a>(cron_job: &'a serde_json::Value, key: &str) -> impl Iterator<Item = &'a serde_json::Value> {
    let found = cron_job.pointer(&format!("/spec/jobTemplate/spec/template/spec/{key}"));
    found.and_then(serde_json::Value::as_array).into_iter().flatten()
}

/// The blocks of commands, and what a reader of Markdown would see that was not meant.
fn read(text: &str) -> (Vec<String>, Vec<String>) {
    let mut faults = Vec::new();
    let (mut blocks, mut anchors, mut targets) = (Vec::new(), BTreeSet::new(), Vec::new());
    let mut levels: Vec<HeadingLevel> = Vec::new();
    let mut tables = 0;
    let mut heading: Option<String> = None;
    let mut block: Option<String> = None;
    let mut is_shell = false;
    for (event, range) in
        Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH).into_offset_iter()
    {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                levels.push(level);
                heading = Some(String::new());
            }
            Event::End(TagEnd::Heading(_)) => anchors.extend(heading.take().map(|it| anchor(&it))),
            Event::Start(Tag::Table(columns)) => {
                tables += 1;
                faults.extend(table(&text[range], columns.len()));
            }
            Event::Start(Tag::Link { dest_url, .. }) => targets.push(dest_url.into_string()),
            Event::Start(Tag::CodeBlock(kind)) => {
                is_shell = kind == CodeBlockKind::Fenced("sh".into());
                if !is_shell && kind != CodeBlockKind::Fenced("yaml".into()) {
                    faults.push(format!("a block of code that is no `sh`: {kind:?}"));
                }
                block = Some(String::new());
            }
            Event::End(TagEnd::CodeBlock) if is_shell => blocks.extend(block.take()),
            Event::End(TagEnd::CodeBlock) => {
                let text = block.take().unwrap_or_default();
                let read = serde_yaml::from_str::<serde_json::Value>(&text);
                faults.extend(read.err().map(|error| format!("a block of YAML that is none: {error}")));
            }
            Event::Text(it) | Event::Code(it) => {
                if let Some(open) = heading.as_mut().or(block.as_mut()) {
                    open.push_str(&it);
                }
            }
            Event::InlineHtml(it) if !["<code>", "</code>"].contains(&&*it) => faults.push(format!("raw HTML: {it}")),
            Event::Html(it) if !(range.start == 0 && it.starts_with("<!-- ")) => {
                faults.push(format!("raw HTML: {it}"));
            }
            Event::Start(Tag::Image { .. } | Tag::BlockQuote(_) | Tag::Strikethrough | Tag::Emphasis) => {
                faults.push(format!("markup that nobody meant: {}", &text[range]));
            }
            _ => {}
        }
    }
    let meant = text.lines().filter(|line| line.starts_with("|-")).count();
    if tables != meant {
        faults.push(format!("{meant} tables were meant, and {tables} are seen"));
    }
    faults.extend(outline(&levels));
    faults.extend(targets.iter().filter_map(|it| link(it, &anchors)));
    (blocks, faults)
}

/// One first heading, and no level left out.
fn outline(levels: &[HeadingLevel]) -> Option<String> {
    let firsts = levels.iter().filter(|it| **it == HeadingLevel::H1).count();
    let skips = levels.windows(2).any(|pair| matches!(pair, [above, below] if *below as usize > *above as usize + 1));
    (firsts != 1 || skips || levels.first() != Some(&HeadingLevel::H1)).then(|| format!("the headings are {levels:?}"))
}

/// As GitHub names a heading.
fn anchor(heading: &str) -> String {
    let lower = heading.to_lowercase();
    let kept = lower.chars().filter(|it| it.is_alphanumeric() || " -_".contains(*it));
    kept.map(|it| if it == ' ' { '-' } else { it }).collect()
}

fn link(target: &str, anchors: &BTreeSet<String>) -> Option<String> {
    match target.strip_prefix('#') {
        Some(anchor) => (!anchors.contains(anchor)).then(|| format!("no heading for {target}")),
        None => {
            let scheme = target.split_once(':').map_or("", |(scheme, _)| scheme);
            let is_safe = ["", "http", "https", "mailto"].contains(&scheme) || scheme.contains('/');
            (!is_safe).then(|| format!("a link to {target}"))
        }
    }
}

/// Every row of a table has as many cells as its head: a parser fills up and cuts off in silence.
fn table(source: &str, columns: usize) -> Vec<String> {
    let cells = |row: &str| row.replace("\\\\", "").replace("\\|", "").matches('|').count();
    let rows = source.lines().filter(|row| !row.trim().is_empty());
    rows.filter(|row| cells(row) != columns + 1).map(|row| format!("{columns} columns, and a row {row}")).collect()
}

/// Runs a block in a folder that holds the output, with programs that only listen.
fn run(block: &str, page: &Page) -> Result<Vec<String>, String> {
    let place = Folder::create()?;
    for (path, text) in &page.files {
        let path = place.path().join("out").join(path);
        fs::create_dir_all(path.parent().unwrap_or(place.path())).map_err(|error| error.to_string())?;
        fs::write(path, text).map_err(|error| error.to_string())?;
    }
    let script = place.write("block.sh", &format!("#!/bin/bash\n{block}"))?;
    let mut faults = Vec::new();
    // Variables of the environment are the reader's to set (2154).
    let judge = Command::new(folder(SHELLCHECK)).args(["--exclude", "2154", "--format", "gcc"]).arg(&script).output();
    let judge = judge.map_err(|error| error.to_string())?;
    if !judge.status.success() {
        faults.push(format!("shellcheck: {}{}", String::from_utf8_lossy(&judge.stdout), block));
    }
    let (bin, calls) = (place.path().join("bin"), place.path().join("calls"));
    listeners(&place, &bin, &calls)?;
    let output = Command::new(program::find("bash").unwrap_or_default())
        .args(["--noprofile", "--norc", "-u"])
        .arg(&script)
        .current_dir(place.path().join("out"))
        .env_clear()
        .envs([("PATH", bin.as_os_str()), ("HOME", place.path().as_os_str())])
        .envs(["KAFKA_BROKER", "REDIS_ADDRESS", "BROKER", "REDIS"].map(|it| (it, "host:1")))
        .output()
        .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !said.trim().is_empty() {
        faults.push(format!("bash: {said}{block}"));
    }
    let recorded = fs::read_to_string(&calls).unwrap_or_default();
    for call in recorded.split('\u{1e}').filter(|it| !it.is_empty()) {
        let arguments: Vec<&str> = call.split_terminator('\u{1f}').collect();
        faults.extend(kubectl(&arguments, page, &place)?);
    }
    Ok(faults)
}

/// Programs by the names that a page may use. What kubectl is told is kept.
fn listeners(place: &Folder, bin: &PathBuf, calls: &std::path::Path) -> Result<(), String> {
    fs::create_dir_all(bin).map_err(|error| error.to_string())?;
    let others = [
        "capgen",
        "eksctl",
        "kafka-consumer-groups.sh",
        "kafka-topics.sh",
        "nginx",
        "psql",
        "rabbitmqctl",
        "redis-cli",
    ];
    let record = format!("#!/bin/bash\n{{ printf '%s\\x1f' \"$@\"; printf '\\x1e'; }} >>'{}'\n", calls.display());
    let scripts = others.map(|name| (name, "#!/bin/bash\n".to_owned()));
    for (name, text) in scripts.into_iter().chain([("kubectl", record)]) {
        let path = place.write(&format!("bin/{name}"), &text)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// What kubectl says about a command, but for the server that is not there.
fn kubectl(arguments: &[&str], page: &Page, place: &Folder) -> Result<Option<String>, String> {
    let mut faults = Vec::new();
    if let ["patch", kind, rest @ ..] = arguments {
        let (names, options) = rest.split_at(rest.iter().take_while(|it| !it.starts_with('-')).count());
        if names.is_empty() {
            faults.push("a patch of nothing".to_owned());
        }
        for name in names {
            faults.extend(patch(kind, name, options, page, place)?);
        }
    }
    if arguments.first() == Some(&"scale") && !page.may_stop {
        faults.extend(beside_an_autoscaler(arguments, page));
    }
    // With `[output] targets` there may be nothing to apply.
    if arguments.contains(&"--kustomize") && !page.files.iter().any(|(path, _)| path == "kustomization.yaml") {
        return Ok(None);
    }
    let output = Command::new(folder(KUBECTL))
        .args(arguments)
        .args(["--server", "http://127.0.0.1:9", "--request-timeout", "5s"])
        .current_dir(place.path().join("out"))
        .env_clear()
        .env("HOME", place.path())
        // `kubectl diff` calls it.
        .env("PATH", "/usr/bin:/bin")
        .output()
        .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr);
    let is_about_the_server =
        ["connection refused", "was refused", "Unable to connect"].iter().any(|it| said.contains(it));
    if !is_about_the_server || ["unknown", "deprecated"].iter().any(|it| said.contains(it)) {
        faults.push(format!("kubectl {}: {said}", arguments.join(" ")));
    }
    Ok((!faults.is_empty()).then(|| faults.join("\n")))
}

/// A patch must change the object's own file, and leave a floor at or below its ceiling.
fn patch(kind: &str, name: &str, options: &[&str], page: &Page, place: &Folder) -> Result<Option<String>, String> {
    let kinds = [("hpa", "HorizontalPodAutoscaler"), ("scaledobject", "ScaledObject"), ("cronjob", "CronJob")];
    // `cronjobs.batch`, as those write it who name the group.
    let short = kind.split('.').next().unwrap_or_default().trim_end_matches('s');
    let Some((_, kind)) = kinds.iter().find(|it| it.0 == short) else { return Ok(Some(format!("a patch of {kind}"))) };
    let holds = |text: &str| {
        let mut documents = text.split("\n---\n");
        let names = [format!("\n  name: {name}\n"), format!("\n  name: \"{name}\"\n"), format!("\n  name: '{name}'\n")];
        let named = |it: &str| it.contains(&format!("kind: {kind}\n")) && names.iter().any(|name| it.contains(name));
        documents.find(|it| named(it)).map(str::to_owned)
    };
    let Some(document) = page.files.iter().find_map(|(_, text)| holds(text)) else {
        return Ok((!page.is_narrowed).then(|| format!("no file holds the {kind} `{name}`")));
    };
    let file = place.write("patched.yaml", &document)?;
    let output = Command::new(folder(KUBECTL))
        .args(["patch", "--local", "--output", "json", "--filename"])
        .arg(file)
        .args(options)
        .env_clear()
        .env("HOME", place.path())
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Ok(Some(format!("{name}: {}", String::from_utf8_lossy(&output.stderr))));
    }
    let patched: serde_json::Value = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
    let number = |key: &str| patched.pointer(&format!("/spec/{key}")).and_then(serde_json::Value::as_i64);
    let fits = match *kind {
        "HorizontalPodAutoscaler" => number("minReplicas").zip(number("maxReplicas")).is_some_and(|(a, b)| a <= b),
        "ScaledObject" => number("minReplicaCount").zip(number("maxReplicaCount")).is_some_and(|(a, b)| a <= b),
        _ => patched.pointer("/spec/suspend").is_some_and(serde_json::Value::is_boolean),
    };
    Ok((!fits).then(|| format!("{name}: the patch leaves {patched}")))
}

/// Nothing that an autoscaler owns is scaled by hand.
fn beside_an_autoscaler(arguments: &[&str], page: &Page) -> Option<String> {
    let name = arguments.get(1)?.rsplit('/').next()?;
    let owned = page.files.iter().any(|(path, text)| {
        let is_one = path.ends_with("/hpa.yaml") || path.ends_with("/scaledobject.yaml");
        let target = text.split("scaleTargetRef:").nth(1).unwrap_or_default();
        is_one && target.lines().take(5).any(|line| line.trim() == format!("name: {name}"))
    });
    owned.then(|| format!("`kubectl scale` beside the autoscaler of `{name}`"))
}

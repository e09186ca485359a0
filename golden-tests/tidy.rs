//! What the code base promises about itself: who may know whom, what is listed where, how long a file may be, and that
//! nothing that is generated or quoted has gone stale.
//!
//! Every rule collects all that it finds, then fails once and says what to do. It reads texts, not syntax: rules that
//! need a parser belong into clippy.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "tests read files, run programs, and fail by panicking"
)]

#[path = "tidy/fields.rs"]
mod fields;

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Which module may name which; a new edge is a line in a review. `cli` may name every one. From the design, §8.
const EDGES: &[(&str, &[&str])] = &[
    ("diag", &[]),
    ("unit", &[]),
    ("why", &["diag"]),
    ("doc", &["diag", "why"]),
    ("spec", &["diag", "unit"]),
    ("model", &["diag", "unit", "why", "spec"]),
    ("target", &["unit", "why", "doc", "model"]),
    ("render", &["why", "doc"]),
    ("state", &["diag", "why", "doc"]),
    ("diff", &["unit", "why", "doc"]),
    ("import", &["diag", "unit", "why", "doc", "spec"]),
    ("lint", &["diag", "unit", "why", "doc", "spec", "model", "diff"]),
    ("report", &["diag", "unit", "why", "doc", "model", "diff"]),
    (
        "cli",
        &[
            "diag", "unit", "why", "doc", "spec", "model", "target", "render", "state", "diff", "import", "lint",
            "report",
        ],
    ),
];

/// A folder whose files do not know each other.
struct Island {
    folder: &'static str,
    /// How each file names its record in the slice of `mod.rs`.
    record: &'static str,
    /// Files that all others may use.
    shared: &'static [&'static str],
    /// Files that hold no record, and stand in no slice.
    unlisted: &'static [&'static str],
}

const ISLANDS: &[Island] = &[
    Island { folder: "lint", record: "LINT", shared: &["files"], unlisted: &["files"] },
    Island {
        folder: "target",
        record: "TARGET",
        shared: &["component", "job", "kube", "promql"],
        unlisted: &["component", "job", "kube", "kustomization", "promql"],
    },
];

/// Lines that a source file may have, tests in a file of their own not counted apart.
const LONGEST_FILE: usize = 600;

/// What every lint's documentation says.
const LINT_HEADINGS: [&str; 4] = ["### What it does", "### Why is this bad?", "### Example", "### Instead"];

/// How many cases show an error.
const ERROR_CASES: usize = 60;

/// Folders of the machine that somebody works on, in two parts, so that this file does not hold them.
const MACHINE_FOLDERS: [&str; 3] = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/t", "mp/")];

/// Files that may name such a folder, and why.
const MAY_NAME_FOLDERS: &[(&str, &str)] =
    &[("golden-tests/cases/validate/runbook-labelmint/", "the runbook's own settings of PostgreSQL")];

#[test]
fn modules_keep_their_edges() {
    let mut findings = Vec::new();
    // A test may build whatever it needs.
    for source in sources("src").into_iter().filter(|it| !it.path.ends_with("tests.rs")) {
        let Some(module) = source.module() else { continue };
        let Some((_, allowed)) = EDGES.iter().find(|(name, _)| *name == module) else {
            findings.push(format!("{}: `{module}` is no module of the table", source.path));
            continue;
        };
        for (line, name) in source.crate_references() {
            if name != module && !allowed.contains(&name.as_str()) {
                findings.push(format!("{}:{line}: `{module}` names `crate::{name}`", source.path));
            }
        }
    }
    settle("move the code to where it may know this, or argue for a line in EDGES in golden-tests/tidy.rs", &findings);
}

#[test]
fn islands_do_not_know_each_other() {
    let mut findings = Vec::new();
    for island in ISLANDS {
        let members = island.members();
        for source in island.sources() {
            let own = source.member(island);
            let neighbour = |name: &str| members.contains(name) && name != own && !island.shared.contains(&name);
            let beside = references(&source.code(), "super::");
            let from_above = references(&source.code(), &format!("crate::{}::", island.folder));
            for (line, name) in beside.into_iter().chain(from_above).filter(|(_, name)| neighbour(name)) {
                findings.push(format!("{}:{line}: `{own}` uses its neighbour `{name}`", source.path));
            }
        }
    }
    settle("put what both need into the folder's mod.rs or its shared file", &findings);
}

#[test]
fn records_are_listed_and_sorted() {
    let mut findings = Vec::new();
    for island in ISLANDS {
        let path = format!("src/{}/mod.rs", island.folder);
        let listed = listed_records(&read(&path), island.record);
        let mut sorted = listed.clone();
        sorted.sort_by_key(|name| name.replace('_', "-"));
        if listed != sorted {
            findings.push(format!("{path}: the slice is not sorted by name: {}", listed.join(", ")));
        }
        if listed.is_empty() {
            findings.push(format!("{path}: no `{}` is listed", island.record));
        }
        for member in island.records() {
            match listed.iter().filter(|it| **it == member).count() {
                1 => {}
                count => findings.push(format!("{path}: `&{member}::{}` is listed {count} times", island.record)),
            }
        }
    }
    settle("every file of the folder stands once in the slice, in the order of the names", &findings);
}

#[test]
fn source_files_are_short_and_introduced() {
    let mut findings = Vec::new();
    for source in sources("src") {
        let lines = source.text.lines().count();
        if lines > LONGEST_FILE {
            findings.push(format!("{}: {lines} lines, more than {LONGEST_FILE}", source.path));
        }
        if !source.text.starts_with("//!") {
            findings.push(format!("{}: it does not open with `//!`", source.path));
        }
    }
    settle("split the file; open it with what it knows and what it must not", &findings);
}

#[test]
fn lints_are_documented_and_shown() {
    let mut findings = Vec::new();
    for island in ISLANDS.iter().filter(|island| island.record == "LINT") {
        for member in island.records() {
            let source = island.file_of(&member);
            let name = source.record_name();
            if name != member.replace('_', "-") {
                findings
                    .push(format!("{}: its name is `{name}`, that of the file in kebab-case is expected", source.path));
            }
            for heading in LINT_HEADINGS.iter().filter(|heading| !source.text.contains(**heading)) {
                findings.push(format!("{}: the docs have no `{heading}`", source.path));
            }
            for case in ["fires", "silent"] {
                let path = format!("golden-tests/cases/lint/{name}/{case}/cmd");
                if !package(&path).is_file() {
                    findings.push(format!("{path}: it is missing"));
                }
            }
        }
    }
    settle("a lint has four headings, a case where it fires and one where it is silent", &findings);
}

#[test]
fn targets_are_shown() {
    let cases = cases();
    let mut findings = Vec::new();
    for island in ISLANDS.iter().filter(|island| island.record == "TARGET") {
        for member in island.records() {
            let name = island.file_of(&member).record_name();
            let folder = format!("build/{name}/");
            if !cases.iter().any(|case| case.starts_with(&folder)) {
                findings.push(format!("golden-tests/cases/{folder}: no case shows this target"));
            }
        }
    }
    settle("add a case: golden-tests/README.md says how", &findings);
}

#[test]
fn errors_are_shown() {
    let count = cases().iter().filter(|case| case.starts_with("error/")).count();
    let findings = if count < ERROR_CASES { vec![format!("{count} cases below cases/error")] } else { Vec::new() };
    settle(&format!("show at least {ERROR_CASES} errors"), &findings);
}

#[test]
fn generated_files_are_current() {
    let printed = |what: &str| {
        let output = capgen(&["schema", what], "");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "`capgen schema {what}` failed: {errors}");
        output.stdout
    };
    let generated = [
        ("schemas/capacity.schema.json", printed("spec")),
        ("docs/spec-reference.md", printed("reference")),
        ("docs/diff-rules.md", printed("diff-rules")),
        ("docs/lints.md", printed("lints")),
        ("schemas/diff.v1.schema.json", printed("report")),
        ("schemas/findings.v1.schema.json", printed("findings")),
    ];
    let bless = is_set("CAPGEN_BLESS") && !is_set("CI");
    let mut findings = Vec::new();
    for (path, content) in generated {
        if bless {
            let path = package(path);
            fs::create_dir_all(path.parent().expect("a file has a folder")).expect("the folder can be made");
            fs::write(path, content).expect("the file can be written");
        } else if fs::read(package(path)).unwrap_or_default() != content {
            findings.push(format!("{path}: it is not what capgen prints"));
        }
    }
    settle("write them anew: CAPGEN_BLESS=1 cargo test --test tidy generated", &findings);
}

/// The table by which lints know fields is the one that upstream's schemas give, where those are there.
#[test]
fn fields_are_those_of_upstream() {
    const PATH: &str = "src/lint/files/fields.txt";
    let Some(table) = fields::table(&package("../shared/upstream")) else {
        assert!(!is_set("CAPGEN_REQUIRE_ALL"), "CAPGEN_REQUIRE_ALL is set, and the upstream schemas are not there");
        return;
    };
    if is_set("CAPGEN_BLESS") && !is_set("CI") {
        fs::write(package(PATH), &table).expect("the file can be written");
    }
    let findings = if read(PATH) == table { Vec::new() } else { vec![format!("{PATH} is not what the schemas give")] };
    settle("write it anew: CAPGEN_BLESS=1 cargo test --test tidy fields", &findings);
}

/// `docs/runbook-findings.md` lists just what `capgen validate` finds in the runbooks' blocks, which the golden cases hold,
/// and names cases and lints that are there.
#[test]
fn findings_in_runbooks_are_listed() {
    let page = read("docs/runbook-findings.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let rows: Vec<Vec<&str>> = rows.map(|row| row.split(" | ").collect()).filter(|it: &Vec<_>| it.len() == 4).collect();
    let (listed, others): (Vec<&Vec<&str>>, Vec<&Vec<&str>>) = rows
        .iter()
        .filter(|it| it[0] != "runbook")
        .partition(|it| it[1].rsplit_once(':').is_some_and(|(_, line)| line.parse::<usize>().is_ok()));
    let listed: BTreeSet<String> = listed.iter().map(|it| format!("{} {} {}", it[0], it[1], it[3])).collect();
    let cases = cases();
    let mut found = BTreeSet::new();
    for case in cases.iter().filter_map(|it| it.strip_prefix("validate/runbook-")) {
        found.extend(findings_of(case, &read(&format!("golden-tests/cases/validate/runbook-{case}/stderr"))));
    }
    let mut findings: Vec<String> =
        listed.difference(&found).map(|it| format!("it lists `{it}`, which is not found")).collect();
    findings.extend(found.difference(&listed).map(|it| format!("it does not list `{it}`")));
    let lints = read("docs/lints.md");
    for row in &others {
        if !cases.contains(row[3]) {
            findings.push(format!("there is no case `{}`", row[3]));
        }
        let named = row[2].split('`').skip(1).step_by(2).filter(|it| it.contains('-') && !it.contains([' ', '.']));
        findings.extend(
            named.filter(|it| !lints.contains(&format!("## {it}\n"))).map(|it| format!("there is no lint `{it}`")),
        );
    }
    if listed.is_empty() || others.is_empty() {
        findings.push("a table is empty".to_owned());
    }
    settle("correct docs/runbook-findings.md", &findings);
}

/// `wakala cluster-autoscaler.yaml:7 unmatched-selector`, for every finding with a place.
fn findings_of(runbook: &str, drawn: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut lint = None;
    for line in drawn.lines() {
        if let Some((_, rest)) = line.split_once('[').filter(|(before, _)| matches!(*before, "error" | "warning")) {
            lint = rest.split(']').next();
        } else if let Some(place) = line.trim_start().strip_prefix("--> ")
            && let (Some(lint), Some((place, _))) = (lint.take(), place.rsplit_once(':'))
        {
            found.insert(format!("{runbook} {place} {lint}"));
        }
    }
    found
}

#[test]
fn readme_can_be_copied() {
    let readme = read("README.md");
    let mut findings = Vec::new();
    for (line, block) in code_blocks(&readme, "toml") {
        if let Err(error) = toml::de::DeTable::parse(&block) {
            findings.push(format!("README.md:{line}: no TOML: {error}"));
        } else if block.starts_with("version = ") {
            // A whole spec: it must be right. Findings of lints (3) are an opinion.
            let output = capgen(&["validate", "--file", "-"], &block);
            if !matches!(output.status.code(), Some(0 | 3)) {
                let errors = String::from_utf8_lossy(&output.stderr).into_owned();
                findings.push(format!("README.md:{line}: the spec is wrong:\n{errors}"));
            }
        }
    }
    let shells = code_blocks(&readme, "sh").len();
    if shells < 2 {
        findings.push(format!("README.md: {shells} blocks marked `sh`; installing and a first build are two"));
    }
    settle("what the README shows must work as it stands there", &findings);
}

/// A table of the spec has keys of its own, or tables with names below it; whoever names tables knows which.
#[test]
fn every_table_without_names_is_listed() {
    let schema: serde_json::Value = serde_json::from_str(&read("schemas/capacity.schema.json")).unwrap_or_default();
    let properties = schema["properties"].as_object().cloned().unwrap_or_default();
    let is_single = |it: &serde_json::Value| it.get("type").is_none() && it.get("additionalProperties").is_none();
    // What is laid below other tables has gone when they are named.
    let single = properties.iter().filter(|(name, it)| is_single(it) && *name != "defaults");
    let mut found: Vec<&str> = single.map(|(name, _)| name.as_str()).collect();
    found.sort_unstable();
    assert_eq!(found, capgen::why::SINGLE, "`SINGLE` in src/why/mod.rs is not what the schema says");
}

/// Every target stands in the README's list and in the table of `docs/targets.md`, in alphabetical order and once.
#[test]
fn every_target_is_listed() {
    let mut names: Vec<String> = capgen::target::TARGETS.iter().map(|it| it.name.to_owned()).collect();
    names.sort();
    let readme = read("README.md");
    let line = readme.lines().find(|it| it.starts_with("Targets (`[output] targets`): ")).unwrap_or_default();
    let list = line.split(": ").nth(1).and_then(|it| it.split(" (").next()).unwrap_or_default();
    let listed = list.split(", ").map(|it| it.trim_matches('`').to_owned()).collect::<Vec<_>>();
    let page = read("docs/targets.md");
    let table = page.split("\n\n").find(|it| it.starts_with("| target |")).unwrap_or_default();
    let rows = table.lines().skip(2).filter_map(|it| it.split('`').nth(1)).map(str::to_owned).collect::<Vec<_>>();
    let mut findings = Vec::new();
    for (place, found) in [("README.md", listed), ("docs/targets.md", rows)] {
        if found != names {
            findings.push(format!("{place}: {} is there, {} are the targets", found.join(", "), names.join(", ")));
        }
    }
    settle("list every target where all of them are listed", &findings);
}

/// The comment in the README is what `capgen diff` prints of the spec that it speaks of.
#[test]
fn readme_quotes_a_real_comment() {
    let case = "golden-tests/cases/diff/git/the-comment-of-the-readme";
    let comment = read(&format!("{case}/stdout"));
    let lines = comment.trim_end().lines().filter(|line| !line.starts_with("<!-- "));
    let quoted = lines.map(|line| match line.trim_start_matches('#').strip_prefix(' ') {
        Some(heading) if line.starts_with('#') => format!("> **{heading}**"),
        _ => format!("> {line}").trim_end().to_owned(),
    });
    let quoted = quoted.collect::<Vec<_>>().join("\n");
    let is_quoted = read("README.md").contains(&format!("\n\n{quoted}\n\n"));
    let findings = if is_quoted { Vec::new() } else { vec![format!("README.md: the comment is not that of {case}")] };
    settle(&format!("quote it:\n{quoted}"), &findings);
}

#[test]
fn files_name_nothing_of_a_machine() {
    let mut findings = Vec::new();
    for path in tracked_files() {
        // Pictures and the like have no lines.
        let Ok(text) = fs::read_to_string(package(&path)) else { continue };
        let may_name = MAY_NAME_FOLDERS.iter().any(|(allowed, _)| path.starts_with(allowed));
        for (index, line) in text.lines().enumerate() {
            if path.ends_with(".rs") && line.contains('\t') {
                findings.push(format!("{path}:{}: a tab", index + 1));
            }
            for folder in MACHINE_FOLDERS.iter().filter(|folder| !may_name && names_folder(line, folder)) {
                findings.push(format!("{path}:{}: it names `{folder}`", index + 1));
            }
        }
    }
    settle("write paths relative to the package, and blanks for tabs", &findings);
}

/// The rules above rest on these readers; here they see what they must see.
#[test]
fn readers_see_what_they_must() {
    let code = "use crate::diag;\nuse crate::{doc::{yaml, ini},\n    why};\n// crate::cli\nlet x = pub_crate::no();";
    let source = Source { path: "src/unit/mod.rs".to_owned(), text: code.to_owned() };
    let names: Vec<(usize, String)> = source.crate_references();
    let expected = [(1, "diag"), (2, "doc"), (2, "why")].map(|(line, name)| (line, name.to_owned()));
    assert_eq!(names, expected);
    assert_eq!(source.module(), Some("unit"));
    let above =
        Source { path: "src/unit/time.rs".to_owned(), text: "use super::super::cli;\nuse super::Rps;".to_owned() };
    assert_eq!(above.crate_references(), [(1, "cli".to_owned())]);
    assert_eq!(listed_records("&hpa::TARGET, &keda::TARGET,\n    &pdb::TARGET", "TARGET"), ["hpa", "keda", "pdb"]);
    let blocks = code_blocks("a\n```toml\nx = 1\n```\n```sh\nls\n```\n", "toml");
    assert_eq!(blocks, [(3, "x = 1\n".to_owned())]);
    let [folder, ..] = MACHINE_FOLDERS;
    assert!(names_folder(&format!("see {folder}x"), folder) && names_folder(folder, folder));
    assert!(!names_folder(&format!("my{folder}x"), folder));
}

/// Fails with everything that was found, and what to do about it.
fn settle(what_to_do: &str, findings: &[String]) {
    assert!(findings.is_empty(), "\n  {}\n\nwhat to do: {what_to_do}\n", findings.join("\n  "));
}

/// A file of the package, by its path there.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The top-level module that the file belongs to; the roots of the crate belong to none.
    fn module(&self) -> Option<&str> {
        let path = self.path.strip_prefix("src/")?;
        let first = path.split('/').next()?;
        Some(first.strip_suffix(".rs").unwrap_or(first)).filter(|name| *name != "lib" && *name != "main")
    }

    /// The file or folder of the island that the file belongs to: `hpa` for `src/target/hpa/tests.rs`.
    fn member(&self, island: &Island) -> &str {
        let below = self.path.strip_prefix(&format!("src/{}/", island.folder)).unwrap_or(&self.path);
        let first = below.split('/').next().unwrap_or(below);
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// The text without comments; lines keep their numbers.
    fn code(&self) -> String {
        let keep = |line: &str| if line.trim_start().starts_with("//") { "\n".to_owned() } else { format!("{line}\n") };
        self.text.lines().map(keep).collect()
    }

    /// The modules that the file names from the crate's root, with the line: `crate::x`, and `super::x` where that
    /// leaves the file's own module.
    fn crate_references(&self) -> Vec<(usize, String)> {
        let code = self.code();
        let mut found = references(&code, "crate::");
        let depth = self.path.matches('/').count() - usize::from(self.path.ends_with("/mod.rs"));
        let is_module = |name: &String| EDGES.iter().any(|(module, _)| module == name);
        let above = references(&code, &"super::".repeat(depth));
        found.extend(above.into_iter().filter(|(_, name)| is_module(name)));
        found
    }

    /// The `name` in the file's record.
    fn record_name(&self) -> String {
        let name = self.text.split_once("name: \"").and_then(|(_, rest)| rest.split_once('"'));
        name.map(|(name, _)| name.to_owned()).unwrap_or_default()
    }
}

impl Island {
    fn sources(&self) -> Vec<Source> {
        let list = format!("src/{}/mod.rs", self.folder);
        let tests = format!("src/{}/tests", self.folder);
        let all = sources(&format!("src/{}", self.folder));
        all.into_iter().filter(|it| it.path != list && !it.path.starts_with(&tests)).collect()
    }

    /// The names of the files and folders.
    fn members(&self) -> BTreeSet<String> {
        self.sources().iter().map(|source| source.member(self).to_owned()).collect()
    }

    /// The members that must be in the slice.
    fn records(&self) -> Vec<String> {
        self.members().into_iter().filter(|name| !self.unlisted.contains(&name.as_str())).collect()
    }

    fn file_of(&self, member: &str) -> Source {
        let file = format!("src/{}/{member}.rs", self.folder);
        let path = if package(&file).is_file() { file } else { format!("src/{}/{member}/mod.rs", self.folder) };
        Source { text: read(&path), path }
    }
}

/// The first names behind a prefix, with their lines: `crate::a::b` gives `a`, `crate::{a::b, c}` gives `a` and `c`.
fn references(code: &str, prefix: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    if prefix.is_empty() {
        return found;
    }
    for (start, _) in code.match_indices(prefix) {
        if code[..start].ends_with(is_name_part) {
            continue;
        }
        let line = code[..start].matches('\n').count() + 1;
        let rest = &code[start + prefix.len()..];
        let names = match rest.strip_prefix('{') {
            Some(group) => group_heads(group),
            None => vec![head(rest)],
        };
        found.extend(names.into_iter().filter(|name| !name.is_empty()).map(|name| (line, name)));
    }
    found
}

fn is_name_part(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The name at the start of a text.
fn head(text: &str) -> String {
    text.trim_start().chars().take_while(|it| is_name_part(*it)).collect()
}

/// The first name of each member of a group, up to its closing brace.
fn group_heads(group: &str) -> Vec<String> {
    let mut heads = vec![head(group)];
    let mut depth = 0;
    for (index, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => heads.push(head(&group[index + 1..])),
            _ => {}
        }
    }
    heads
}

/// The modules in a slice of records: `&hpa::TARGET` gives `hpa`.
fn listed_records(text: &str, record: &str) -> Vec<String> {
    let named = text.split('&').skip(1).filter_map(|rest| {
        let name = head(rest);
        let behind = rest.strip_prefix(&name)?.strip_prefix("::")?;
        (head(behind) == record).then_some(name)
    });
    named.collect()
}

/// The fenced blocks of a language, each with the line on which its content starts.
fn code_blocks(markdown: &str, language: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(bool, usize, String)> = None;
    for (index, line) in markdown.lines().enumerate() {
        match (line.trim_end().strip_prefix("```"), open.as_mut()) {
            (Some(name), None) => open = Some((name == language, index + 2, String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take().filter(|it| it.0).map(|(_, line, text)| (line, text))),
            (None, Some((_, _, text))) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

/// Whether a line names a folder of the machine, and not one further down in a path.
fn names_folder(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(start, _)| !line[..start].ends_with(|it| is_name_part(it) || "./-}".contains(it)))
}

/// A path in the package.
fn package(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A text of the package; one that is not there is empty.
fn read(path: &str) -> String {
    fs::read_to_string(package(path)).unwrap_or_default()
}

/// The Rust files below a folder, by path.
fn sources(folder: &str) -> Vec<Source> {
    let rust = files_below(folder).into_iter().filter(|path| path.ends_with(".rs"));
    rust.map(|path| Source { text: read(&path), path }).collect()
}

/// The golden cases, by their paths below `cases`.
fn cases() -> BTreeSet<String> {
    let files = files_below("golden-tests/cases");
    let name = |path: &String| path.strip_prefix("golden-tests/cases/")?.strip_suffix("/cmd").map(str::to_owned);
    files.iter().filter_map(name).collect()
}

fn files_below(folder: &str) -> Vec<String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(package(folder)).into_iter().flatten() {
        let entry = entry.expect("a folder of the package can be listed");
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        match entry.file_type().expect("an entry has a type") {
            it if it.is_dir() && name != ".git" && path != "target" => files.extend(files_below(&path)),
            it if it.is_file() => files.push(path),
            _ => {}
        }
    }
    files.sort();
    files
}

/// What git keeps or would keep; every file where this is no checkout.
fn tracked_files() -> Vec<String> {
    let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let output = Command::new("git").args(arguments).current_dir(package("")).output();
    match output {
        Ok(output) if output.status.success() => {
            let names = String::from_utf8_lossy(&output.stdout).into_owned();
            names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect()
        }
        _ => files_below(""),
    }
}

/// Runs the binary with a text on its standard input and an environment that says nothing.
fn capgen(arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_capgen"));
    command.args(arguments).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    let mut pipe = child.stdin.take().expect("its standard input is a pipe");
    // A program that does not read everything has its reasons; its output will tell.
    let _ = pipe.write_all(input.as_bytes());
    drop(pipe);
    child.wait_with_output().expect("the binary ends")
}

fn is_set(variable: &str) -> bool {
    env::var_os(variable).is_some_and(|value| !value.is_empty() && value != "0" && value != "false")
}

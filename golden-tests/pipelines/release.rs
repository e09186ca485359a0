//! What a release packs, and who takes it from there: the action's installer, and cargo-binstall by its metadata.
//!
//! A script that starts the binary of this build stands for that of x86-64 Linux; those of other systems are texts here.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::scratch::{Said, Scratch};
use crate::{Check, expect, package};

pub(crate) static CHECKS: &[Check] = &[
    ("archives-hold-what-they-must", archives_hold_what_they_must),
    ("same-input-same-bytes", same_input_same_bytes),
    ("another-tag-is-refused", another_tag_is_refused),
    ("targets-are-those-that-are-checked", targets_are_those_that_are_checked),
    ("binstall-finds-the-archives", binstall_finds_the_archives),
    ("action-installs-a-release", action_installs_a_release),
    ("action-refuses-another-archive", action_refuses_another_archive),
    ("action-refuses-an-unknown-machine", action_refuses_an_unknown_machine),
];

const HERE: &str = "x86_64-unknown-linux-musl";
const WINDOWS: &str = "x86_64-pc-windows-msvc";
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn archives_hold_what_they_must() -> Result<(), String> {
    let scratch = packed()?;
    scratch.run_in("dist", "sha256sum", &["--check", "SHA256SUMS"], &[])?.must(0, "")?;
    for target in targets()? {
        let name = format!("capgen-v{VERSION}-{target}");
        let list = scratch.run_in("dist", "tar", &["-tf", &format!("{name}.tar.gz")], &[])?.stdout;
        let suffix = if target == WINDOWS { ".exe" } else { "" };
        let licences = ["LICENSE-APACHE", "LICENSE-MIT"];
        let pages = ["man/capgen.1", "man/capgen-build.1", "man/capgen-diff.1"];
        let shared = licences.into_iter().chain(pages).chain(["completions/_capgen", "completions/capgen.bash"]);
        let binaries = [format!("capgen{suffix}"), format!("kubectl-capgen{suffix}")];
        for file in binaries.iter().map(String::as_str).chain(shared) {
            expect(list.lines().any(|line| line == format!("{name}/{file}")), format!("no {file} in {list}"))?;
        }
    }
    scratch.run_in("dist", "tar", &["-xf", &format!("capgen-v{VERSION}-{HERE}.tar.gz")], &[])?.must(0, "")?;
    let folder = format!("dist/capgen-v{VERSION}-{HERE}");
    let source = "source completions/capgen.bash && complete -p capgen && ./kubectl-capgen --version";
    scratch.run_in(&folder, "bash", &["-e", "-c", source], &[])?.must(0, &format!("capgen {VERSION}"))?;
    expect(scratch.read(&format!("{folder}/man/capgen.1"))?.contains(".TH capgen 1"), "no manual page")
}

fn same_input_same_bytes() -> Result<(), String> {
    let scratch = packed()?;
    let first = scratch.read("dist/SHA256SUMS")?;
    expect(first.lines().count() == targets()?.len(), &first)?;
    scratch.run("rm", &["-r", "../dist"])?.must(0, "")?;
    package_into(&scratch, &format!("v{VERSION}"))?.must(0, "")?;
    let second = scratch.read("dist/SHA256SUMS")?;
    expect(first == second, format!("{first}\n{second}"))
}

fn another_tag_is_refused() -> Result<(), String> {
    package_into(&packed()?, "v99.0.0")?.must(1, "the tag is v99.0.0")
}

/// What is released is what deny.toml looks at, but for the systems that static binaries stand in for.
fn targets_are_those_that_are_checked() -> Result<(), String> {
    let checked = texts_at("deny.toml", &["graph", "targets"])?;
    let checked = checked.into_iter().filter(|it| !it.ends_with("-linux-gnu"));
    let checked: BTreeSet<String> = checked.collect();
    let released = targets()?;
    expect(checked == released, format!("{checked:?} are checked, {released:?} released"))
}

fn binstall_finds_the_archives() -> Result<(), String> {
    let about = |key: &str| text_at("Cargo.toml", &["package", "metadata", "binstall", key]);
    let (url, folder_of_binary) = (about("pkg-url")?, about("bin-dir")?);
    let repository = text_at("Cargo.toml", &["package", "repository"])?;
    expect(about("pkg-fmt")? == "tgz", "another format")?;
    let scratch = packed()?;
    for target in targets()? {
        let suffix = if target == WINDOWS { ".exe" } else { "" };
        let fill = |template: &str| {
            let known = [("repo", repository.as_str()), ("name", "capgen"), ("bin", "capgen"), ("version", VERSION)];
            let known = known.into_iter().chain([("target", target.as_str()), ("binary-ext", suffix)]);
            known.fold(template.to_owned(), |text, (key, value)| text.replace(&format!("{{ {key} }}"), value))
        };
        let url = fill(&url);
        let (folder, archive) = url.rsplit_once('/').ok_or("no path")?;
        expect(folder == format!("{repository}/releases/download/v{VERSION}"), folder)?;
        let list = scratch.run_in("dist", "tar", &["-tf", archive], &[])?;
        let binary = fill(&folder_of_binary);
        expect(list.stdout.lines().any(|line| line == binary), format!("no {binary}: {list}"))?;
    }
    Ok(())
}

fn action_installs_a_release() -> Result<(), String> {
    let scratch = published()?;
    install(&scratch, "Linux", "X64")?.must(0, ".tar.gz: OK")?;
    let path = scratch.read("runner/path")?;
    let capgen = format!("{}/kubectl-capgen", path.trim());
    scratch.run(&capgen, &["--version"])?.must(0, &format!("capgen {VERSION}"))?;
    for (system, processor) in [("macOS", "ARM64"), ("Windows", "X64"), ("Linux", "ARM64"), ("macOS", "X64")] {
        install(&scratch, system, processor)?.must(0, ".tar.gz: OK")?;
    }
    Ok(())
}

/// One that is not what SHA256SUMS says, and one that it says nothing of.
fn action_refuses_another_archive() -> Result<(), String> {
    let scratch = published()?;
    let archive = format!("github/release/capgen-v{VERSION}-{HERE}.tar.gz");
    scratch.write(&archive, "something else")?;
    install(&scratch, "Linux", "X64")?.must(1, ".tar.gz: FAILED")?;
    scratch.edit("github/release/SHA256SUMS", HERE, "x86_64-unknown-plan9")?;
    let said = install(&scratch, "Linux", "X64")?;
    expect(said.status != 0 && scratch.read("runner/path")?.is_empty(), &said)
}

fn action_refuses_an_unknown_machine() -> Result<(), String> {
    install(&published()?, "Plan9", "MIPS")?.must(1, "there is no release for Plan9 on MIPS")
}

/// What the release workflow builds.
fn targets() -> Result<BTreeSet<String>, String> {
    let workflow: Json =
        serde_yaml::from_str(&crate::read(".github/workflows/release.yml")?).map_err(|it| it.to_string())?;
    let matrix = workflow["jobs"]["build"]["strategy"]["matrix"]["include"].as_array().into_iter().flatten();
    Ok(matrix.filter_map(|it| it["target"].as_str()).map(str::to_owned).collect())
}

/// The text at a path of a TOML file of this package.
fn text_at(file: &str, path: &[&str]) -> Result<String, String> {
    texts_at(file, path)?.pop().ok_or_else(|| format!("{file} has no {}", path.join(".")))
}

/// The text, or the texts of the list, at a path of a TOML file of this package.
fn texts_at(file: &str, path: &[&str]) -> Result<Vec<String>, String> {
    let text = crate::read(file)?;
    let table = DeTable::parse(&text).map_err(|error| format!("{file}: {error}"))?.into_inner();
    let root = DeValue::Table(table);
    let found = path.iter().try_fold(&root, |value, key| value.get(*key).map(Spanned::get_ref));
    let list = found.and_then(DeValue::as_array).into_iter().flatten().map(Spanned::get_ref);
    Ok(list.chain(found).filter_map(DeValue::as_str).map(str::to_owned).collect())
}

/// A release in `dist`.
fn packed() -> Result<Scratch, String> {
    let scratch = Scratch::empty()?;
    for target in targets()? {
        let suffix = if target == WINDOWS { ".exe" } else { "" };
        scratch.write(&format!("binaries/{target}/capgen{suffix}"), &target)?;
    }
    // One that starts the binary of this build: packing that itself, with all that a debugger wants, takes longer than all tests.
    let starter = format!("#!/bin/sh\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_capgen"));
    scratch.write(&format!("binaries/{HERE}/capgen"), &starter)?;
    package_into(&scratch, &format!("v{VERSION}"))?.must(0, "")?;
    Ok(scratch)
}

fn package_into(scratch: &Scratch, tag: &str) -> Result<Said, String> {
    let script = package("release/package").display().to_string();
    scratch.run_in("", "bash", &[&script, "binaries", "dist", tag], &[])
}

/// A release that `gh` finds.
fn published() -> Result<Scratch, String> {
    let scratch = packed()?;
    scratch.link(&package("golden-tests/pipelines/gh"), "bin/gh")?;
    scratch.write("github/comments.json", "[]")?;
    scratch.run("mv", &["../dist", "../github/release"])?.must(0, "")?;
    Ok(scratch)
}

fn install(scratch: &Scratch, system: &str, processor: &str) -> Result<Said, String> {
    scratch.write("runner/path", "")?;
    let paths = [("GITHUB_PATH", "runner/path"), ("GH_STATE", "github"), ("RUNNER_TEMP", "runner")];
    let words = [("INSTALL", "release"), ("GH_TOKEN", "t"), ("RUNNER_OS", system), ("RUNNER_ARCH", processor)];
    let paths = paths.map(|(name, path)| (name.to_owned(), scratch.path(path).display().to_string()));
    let words = words.map(|(name, word)| (name.to_owned(), word.to_owned()));
    let script = package("action/install").display().to_string();
    scratch.run_in("platform", "bash", &[&script], &[&paths[..], &words].concat())
}

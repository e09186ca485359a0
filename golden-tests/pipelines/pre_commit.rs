//! The real pre-commit, with the hooks as they are offered, in a checkout that has them installed: every verdict is that of `git commit`.
//!
//! The hooks are taken from a repository, as users take them. One thing is not as theirs unless they ask for it: `language: system`, so that
//! the capgen of this build runs instead of one that cargo would have to compile first.

use crate::Check;
use crate::scratch::{Said, Scratch};

pub(crate) static CHECKS: &[Check] = &[
    ("passes-what-is-fresh", passes_what_is_fresh),
    ("fails-on-a-stale-file", fails_on_a_stale_file),
    ("fails-on-a-new-file", fails_on_a_new_file),
    ("fails-on-a-new-file-that-was-not-added", fails_on_a_new_file_that_was_not_added),
    ("fails-on-a-hand-edit", fails_on_a_hand_edit),
    ("fails-on-a-deleted-file", fails_on_a_deleted_file),
    ("fails-where-only-the-spec-was-added", fails_where_only_the_spec_was_added),
    ("fails-on-a-wrong-spec", fails_on_a_wrong_spec),
    ("takes-arguments", takes_arguments),
];

/// Where a program can be kept from the network.
pub(crate) static OFFLINE: &[Check] = &[("needs-no-network", needs_no_network)];

const SPEC: &str = "platform/capacity.toml";
const GENERATED: &str = "platform/generated/k8s/inferadb/hpa.yaml";

const CONFIG: &str = "\
repos:
  - repo: ../hooks
    rev: v1
    hooks:
      - id: capgen-check
        language: system
      - id: capgen-tracked
      - id: capgen-validate
        language: system
";

fn passes_what_is_fresh() -> Result<(), String> {
    let scratch = checkout(CONFIG)?;
    let said = scratch.run("pre-commit", &["run", "--all-files"])?;
    said.must(0, "capgen build --check")?;
    crate::expect(said.stdout.matches("Passed").count() == 3, &said)?;
    demand_more(&scratch)?;
    scratch.run("capgen", &["build"])?.must(0, "")?;
    is_committed(&scratch, &commit_all(&scratch)?)
}

fn fails_on_a_stale_file() -> Result<(), String> {
    let scratch = checkout(CONFIG)?;
    demand_more(&scratch)?;
    is_refused(&scratch, &commit_all(&scratch)?, "generated/k8s/inferadb/hpa.yaml is out of date")
}

fn fails_on_a_new_file() -> Result<(), String> {
    let scratch = checkout(CONFIG)?;
    one_more_service(&scratch)?;
    is_refused(&scratch, &commit_all(&scratch)?, "generated/k8s/second/hpa.yaml is missing")
}

/// On the disk all is well; the commit would lack a file.
fn fails_on_a_new_file_that_was_not_added() -> Result<(), String> {
    let scratch = checkout(CONFIG)?;
    one_more_service(&scratch)?;
    scratch.run("capgen", &["build"])?.must(0, "")?;
    is_refused(&scratch, &commit_all(&scratch)?, "generated/k8s/second/hpa.yaml is not in git")?;
    scratch.run("git", &["add", "--all"])?.must(0, "")?;
    is_committed(&scratch, &commit_all(&scratch)?)
}

fn fails_on_a_hand_edit() -> Result<(), String> {
    let scratch = checkout(CONFIG)?;
    scratch.edit(GENERATED, "maxReplicas: 30", "maxReplicas: 50")?;
    is_refused(&scratch, &commit_all(&scratch)?, "generated/k8s/inferadb/hpa.yaml was edited by hand")
}

/// pre-commit gives no hook the names of deleted files.
fn fails_on_a_deleted_file() -> Result<(), String> {
    let scratch = checkout(CONFIG)?;
    scratch.run("git", &["rm", "--quiet", "generated/k8s/inferadb/hpa.yaml"])?.must(0, "")?;
    is_refused(&scratch, &commit_all(&scratch)?, "generated/k8s/inferadb/hpa.yaml is missing")
}

/// pre-commit hides what is changed and not added, so the hooks see what the commit would hold.
fn fails_where_only_the_spec_was_added() -> Result<(), String> {
    let scratch = checkout(CONFIG)?;
    demand_more(&scratch)?;
    scratch.run("capgen", &["build"])?.must(0, "")?;
    scratch.run("git", &["add", "capacity.toml"])?.must(0, "")?;
    is_refused(&scratch, &scratch.run("git", &["commit", "--message", "half"])?, "is out of date")
}

fn fails_on_a_wrong_spec() -> Result<(), String> {
    let config = "repos: [{repo: ../hooks, rev: v1, hooks: [{id: capgen-validate, language: system}]}]\n";
    let scratch = checkout(config)?;
    scratch.edit(SPEC, "target_rps", "target_rsp")?;
    is_refused(&scratch, &commit_all(&scratch)?, "unknown key `target_rsp`")
}

fn takes_arguments() -> Result<(), String> {
    let hook = "{id: capgen-check, language: system, args: [--file, other/capacity.toml]}";
    let scratch = checkout(&format!("repos: [{{repo: ../hooks, rev: v1, hooks: [{hook}]}}]\n"))?;
    scratch.write("platform/other/capacity.toml", &scratch.read(SPEC)?)?;
    scratch.run("git", &["add", "other"])?.must(0, "")?;
    is_refused(&scratch, &commit_all(&scratch)?, "other/generated/k8s/inferadb/hpa.yaml is missing")
}

/// Not even to take the hooks from their repository, where that is on this machine.
fn needs_no_network() -> Result<(), String> {
    let scratch = checkout(CONFIG)?.without_network();
    // A heading at most, and no line below it: nothing leads anywhere.
    let routes = scratch.run("cat", &["/proc/net/route"])?;
    crate::expect(routes.stdout.trim().lines().count() <= 1, format!("there is a network:\n{routes}"))?;
    demand_more(&scratch)?;
    is_refused(&scratch, &commit_all(&scratch)?, "is out of date")?;
    scratch.run("capgen", &["build"])?.must(0, "")?;
    is_committed(&scratch, &commit_all(&scratch)?)
}

/// A platform with pre-commit installed, and beside it a repository of the hooks.
fn checkout(config: &str) -> Result<Scratch, String> {
    let scratch = Scratch::platform()?;
    scratch.copy(&[".pre-commit-hooks.yaml", "hooks/tracked"], "hooks")?;
    for arguments in [
        &["init", "--quiet", "--initial-branch=main"][..],
        &["add", "--all"],
        &["commit", "--quiet", "--message=hooks"],
        &["tag", "v1"],
    ] {
        scratch.run_in("hooks", "git", arguments, &[])?.must(0, "")?;
    }
    scratch.write("platform/.pre-commit-config.yaml", config)?;
    scratch.commit("hooks")?;
    scratch.run("pre-commit", &["install"])?.must(0, "installed")?;
    Ok(scratch)
}

fn demand_more(scratch: &Scratch) -> Result<(), String> {
    scratch.edit(SPEC, "= 100_000", "= 120_000")
}

fn one_more_service(scratch: &Scratch) -> Result<(), String> {
    let more = "[service.second]\ntarget_rps = 100\nrps_per_pod = 10\n\n[service.inferadb]";
    scratch.edit(SPEC, "[service.inferadb]", more)
}

fn commit_all(scratch: &Scratch) -> Result<Said, String> {
    scratch.run("git", &["commit", "--all", "--message=a change"])
}

fn is_refused(scratch: &Scratch, said: &Said, reason: &str) -> Result<(), String> {
    said.must(1, reason)?;
    let log = scratch.run("git", &["log", "-1", "--format=%s"])?;
    crate::expect(log.stdout.trim() == "hooks", format!("it was committed all the same: {log}"))
}

fn is_committed(scratch: &Scratch, said: &Said) -> Result<(), String> {
    said.must(0, "")?;
    let log = scratch.run("git", &["log", "-1", "--format=%s"])?;
    crate::expect(log.stdout.trim() == "a change", format!("it was not committed: {said}"))
}

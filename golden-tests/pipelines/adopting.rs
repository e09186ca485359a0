//! docs/adopting.md, walked from its first line to its last: every command that the page tells people to type runs in a repository with
//! hand-written manifests, and every file that it tells them to write is written as it stands there.
//!
//! Two things are not as theirs: the hooks come from a repository on this machine, to which git is told to go instead, and GitHub is the stub.

use crate::runner::{self, Event};
use crate::scratch::{Said, Scratch};
use crate::{Check, expect, package, pages};

pub(crate) static CHECKS: &[Check] =
    &[("each-step-works", each_step_works), ("a-step-that-is-wrong-fails", a_step_that_is_wrong_fails)];

const PAGE: &str = "docs/adopting.md";

/// What a step says that has to fail.
const REFUSED: &str = "# is refused";

const HPA: &str = "apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web-hpa
  namespace: shop
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: web
  minReplicas: 2
  maxReplicas: 10
  metrics:
  - type: Resource
    resource:
      name: cpu
      target:
        type: Utilization
        averageUtilization: 70
";

const PDB: &str = "apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
  namespace: shop
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      app: web
";

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: web
        image: registry.example.com/web:1.4.2
        resources:
          requests:
            cpu: 500m
            memory: 512Mi
";

fn each_step_works() -> Result<(), String> {
    let scratch = repository()?;
    let page = crate::read(PAGE)?;
    let said = walk(&scratch, &page)?;
    let diff = said.last().ok_or("the page tells nobody to do anything")?;
    diff.must(0, "+  maxReplicas: 12")?;
    diff.must(0, "service.web.target_rps")?;
    // The pull request, as the action of the page sees it.
    scratch.link(&package("golden-tests/pipelines/gh"), "bin/gh")?;
    scratch.write("github/comments.json", "[]")?;
    let base = scratch.run("git", &["rev-parse", "main"])?.stdout.trim().to_owned();
    let job = runner::run(&scratch, &Event { base: Some(&base), inputs: &[("install", "none")] })?;
    expect(job.status == 0, &job.log)?;
    let comments = scratch.read("github/comments.json")?;
    expect(comments.contains("+  maxReplicas: 12") && comments.contains("</code> is gone"), comments)?;
    let workflow = ".github/workflows/capacity.yml";
    let (here, there) = (pages::block(PAGE, workflow)?, pages::block("docs/pipelines.md", workflow)?);
    expect(here == there, format!("{PAGE} and docs/pipelines.md differ in {workflow}"))
}

/// The walk sees a command that fails, and one that does not where it should.
fn a_step_that_is_wrong_fails() -> Result<(), String> {
    for step in ["capgen import nowhere", "capgen import k8s   # is refused"] {
        let failed = walk(&repository()?, &format!("# A page\n\n```sh\n{step}\n```\n")).is_err();
        expect(failed, format!("`{step}` passed"))?;
    }
    Ok(())
}

/// A repository with manifests in `k8s/`, and beside it the one of the hooks.
fn repository() -> Result<Scratch, String> {
    let scratch = Scratch::empty()?;
    for (name, text) in [("hpa", HPA), ("pdb", PDB), ("deployment", DEPLOYMENT)] {
        scratch.write(&format!("platform/k8s/{name}.yaml"), text)?;
    }
    scratch.run("git", &["init", "--quiet", "--initial-branch=main"])?.must(0, "")?;
    scratch.commit("manifests")?;
    scratch.copy(&[".pre-commit-hooks.yaml", "hooks/tracked"], "hooks")?;
    for arguments in [
        &["init", "--quiet", "--initial-branch=main"][..],
        &["add", "--all"],
        &["commit", "--quiet", "--message=hooks"],
        &["tag", "v0.1.0"],
    ] {
        scratch.run_in("hooks", "git", arguments, &[])?.must(0, "")?;
    }
    let hooks = format!("url.file://{}.insteadOf", scratch.path("hooks").display());
    let instead = ["config", "--global", &hooks, "https://github.com/capgen/capgen"];
    scratch.run("git", &instead)?.must(0, "")?;
    Ok(scratch)
}

/// Does what the blocks of a page say, in their order: a shell's is run line by line, one that names a file is that file.
fn walk(scratch: &Scratch, page: &str) -> Result<Vec<Said>, String> {
    let mut said = Vec::new();
    for block in page.split("\n```").skip(1).step_by(2) {
        let (language, text) = block.split_once('\n').unwrap_or((block, ""));
        if language != "sh" {
            let name = text.lines().next().and_then(|it| it.strip_prefix("# "));
            let name = name.ok_or_else(|| format!("a block of {language} names no file"))?;
            scratch.write(&format!("platform/{name}"), &format!("{text}\n"))?;
            continue;
        }
        for line in text.lines().filter(|it| !it.is_empty()) {
            let done = scratch.run("bash", &["-c", line])?;
            let is_right = (done.status != 0) == line.ends_with(REFUSED);
            expect(is_right, format!("`{line}`:\n{done}"))?;
            said.push(done);
        }
    }
    Ok(said)
}

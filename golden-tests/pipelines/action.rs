//! The GitHub action, run as it stands on a pull request of a small platform.

use serde_json::Value as Json;

use crate::runner::{self, Event, Job};
use crate::scratch::Scratch;
use crate::{Check, expect, package};

pub(crate) static CHECKS: &[Check] = &[
    ("tells-what-a-pull-request-changes", tells_what_a_pull_request_changes),
    ("keeps-one-comment", keeps_one_comment),
    ("keeps-a-comment-for-each-spec", keeps_a_comment_for_each_spec),
    ("finds-its-comment-among-many", finds_its_comment_among_many),
    ("leaves-the-comments-of-others-alone", leaves_the_comments_of_others_alone),
    ("writes-no-comment-where-nothing-changes", writes_no_comment_where_nothing_changes),
    ("fails-on-a-stale-file-and-still-reports", fails_on_a_stale_file_and_still_reports),
    ("fails-on-a-wrong-spec", fails_on_a_wrong_spec),
    ("fails-on-findings", fails_on_findings),
    ("lives-with-a-token-that-may-not-write", lives_with_a_token_that_may_not_write),
    ("fetches-the-base", fetches_the_base),
    ("fails-where-there-is-no-base", fails_where_there_is_no_base),
    ("checks-a-push", checks_a_push),
    ("does-what-it-is-told-not-to", does_what_it_is_told_not_to),
];

const SPEC: &str = "platform/capacity.toml";
const START: &str = "<!-- capgen-diff -->\n<!-- of capacity.toml -->\n";

/// Without a release: the capgen of this build is in `PATH`.
const NONE: (&str, &str) = ("install", "none");

fn tells_what_a_pull_request_changes() -> Result<(), String> {
    let hub = Hub::new()?;
    hub.push("120_000")?;
    let job = hub.run(&[NONE])?;
    expect(job.status == 0, &job.log)?;
    let spec = hub.scratch.read(SPEC)?;
    let line = spec.lines().position(|it| it.starts_with("target_rps")).ok_or("no target_rps")? + 1;
    expect(job.log.contains(&format!("::notice file=capacity.toml,line={line},col=17,")), &job.log)?;
    expect(job.summary.contains("+  maxReplicas: 36"), &job.summary)?;
    expect(job.outputs.get("changed").is_some_and(|it| it == "true"), format!("{:?}", job.outputs))?;
    expect(job.used.is_empty(), format!("{:?}", job.used))?;
    let path = job.outputs.get("sarif").ok_or("no SARIF")?;
    let sarif = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let sarif: Json = serde_json::from_str(&sarif).map_err(|error| error.to_string())?;
    expect(sarif["version"] == "2.1.0" && sarif["runs"][0]["results"][0].is_object(), &sarif)?;
    let comments = hub.comments()?;
    let body = comments[0]["body"].as_str().unwrap_or_default();
    expect(body.starts_with(START) && body.contains("+  maxReplicas: 36"), body)
}

fn keeps_one_comment() -> Result<(), String> {
    let hub = Hub::new()?;
    for (demand, maximum) in [("120_000", "36"), ("140_000", "42"), ("100_000", "no changes")] {
        hub.push(demand)?;
        expect(hub.run(&[NONE])?.status == 0, demand)?;
        let comments = hub.comments()?;
        let body = comments[0]["body"].as_str().unwrap_or_default();
        expect(comments.len() == 1 && body.contains(maximum), format!("{comments:?}"))?;
    }
    Ok(())
}

fn keeps_a_comment_for_each_spec() -> Result<(), String> {
    let hub = Hub::new()?;
    hub.scratch.write("platform/other/capacity.toml", &hub.scratch.read(SPEC)?)?;
    hub.scratch.run("capgen", &["build", "--file", "other/capacity.toml"])?.must(0, "")?;
    hub.push("120_000")?;
    for _ in 0..2 {
        for inputs in [&[NONE][..], &[NONE, ("file", "other/capacity.toml")]] {
            let job = hub.run(inputs)?;
            expect(job.status == 0, &job.log)?;
        }
    }
    let comments = hub.comments()?;
    let second = comments.get(1).and_then(|it| it["body"].as_str()).unwrap_or_default();
    let is_of = second.starts_with("<!-- capgen-diff -->\n<!-- of other/capacity.toml -->\n");
    expect(comments.len() == 2 && is_of, format!("{comments:?}"))
}

fn finds_its_comment_among_many() -> Result<(), String> {
    let hub = Hub::new()?;
    let talk = |id: usize| serde_json::json!({"id": id, "user": {"login": "somebody"}, "body": "a word"});
    let mut comments: Vec<Json> = (0..150).map(talk).collect();
    // As GitHub keeps what was edited in a browser.
    let body = format!("{}old", START.replace('\n', "\r\n"));
    comments.push(serde_json::json!({"id": 777, "user": {"login": "github-actions[bot]"}, "body": body}));
    comments.push(serde_json::json!({"id": 778, "user": null, "body": null}));
    hub.set_comments(&comments)?;
    hub.push("120_000")?;
    expect(hub.run(&[NONE])?.status == 0, "it failed")?;
    let now = hub.comments()?;
    let body = now[150]["body"].as_str().unwrap_or_default();
    expect(now.len() == 152 && body.contains("+  maxReplicas: 36"), body)
}

/// Somebody who begins a comment with the marker, or quotes one, must not have it written by the job.
fn leaves_the_comments_of_others_alone() -> Result<(), String> {
    let hub = Hub::new()?;
    let others = [
        serde_json::json!({"id": 1, "user": {"login": "somebody"}, "body": format!("{START}mine")}),
        serde_json::json!({"id": 2, "user": {"login": "github-actions[bot]"}, "body": format!("> {START}quoted")}),
        serde_json::json!({"id": 3, "user": {"login": "github-actions[bot]"}, "body": "another job's"}),
    ];
    hub.set_comments(&others)?;
    hub.push("120_000")?;
    expect(hub.run(&[NONE])?.status == 0, "it failed")?;
    let now = hub.comments()?;
    expect(now.len() == 4 && now[..3] == others, format!("{now:?}"))
}

fn writes_no_comment_where_nothing_changes() -> Result<(), String> {
    let hub = Hub::new()?;
    hub.scratch.write("platform/notes", "a word\n")?;
    hub.scratch.commit("a word")?;
    let job = hub.run(&[NONE])?;
    expect(job.status == 0 && hub.comments()?.is_empty(), &job.log)?;
    expect(job.outputs.get("changed").is_some_and(|it| it == "false"), format!("{:?}", job.outputs))
}

fn fails_on_a_stale_file_and_still_reports() -> Result<(), String> {
    let hub = Hub::new()?;
    hub.scratch.edit(SPEC, "= 100_000", "= 120_000")?;
    hub.scratch.commit("without a build")?;
    let job = hub.run(&[NONE, ("sarif", "true")])?;
    expect(job.status == 2 && job.log.contains("::error title=capgen::the generated files are stale"), &job.log)?;
    expect(job.log.contains("generated/k8s/inferadb/hpa.yaml is out of date"), &job.log)?;
    expect(job.used == ["github/codeql-action/upload-sarif@v4"], format!("{:?}", job.used))?;
    expect(hub.comments()?.len() == 1 && !job.summary.is_empty(), &job.summary)
}

fn fails_on_a_wrong_spec() -> Result<(), String> {
    let hub = Hub::new()?;
    hub.scratch.edit(SPEC, "target_rps", "target_rsp")?;
    hub.scratch.commit("wrong")?;
    let job = hub.run(&[NONE])?;
    expect(job.status == 1 && job.log.contains("unknown key `target_rsp`"), &job.log)?;
    expect(hub.comments()?.is_empty() && job.summary.is_empty(), &job.summary)
}

fn fails_on_findings() -> Result<(), String> {
    let hub = Hub::new()?;
    hub.scratch.edit(SPEC, "[service.inferadb]", "[service.lonely]\nreplicas = 1\n\n[service.inferadb]")?;
    hub.scratch.run("capgen", &["build"])?.must(0, "")?;
    hub.scratch.commit("one replica")?;
    expect(hub.run(&[NONE])?.status == 0, "a warning is an error")?;
    let job = hub.run(&[NONE, ("fail-on", "warning")])?;
    let shown = job.log.matches("warning[single-replica]").count();
    expect(job.status == 3 && shown == 1 && !job.summary.is_empty(), format!("{}: {}", job.status, job.log))
}

fn lives_with_a_token_that_may_not_write() -> Result<(), String> {
    let hub = Hub::new()?;
    hub.scratch.write("github/read-only", "")?;
    hub.push("120_000")?;
    let job = hub.run(&[NONE])?;
    expect(job.status == 0 && job.log.contains("::warning title=capgen::the comment could not be written"), &job.log)?;
    expect(hub.comments()?.is_empty() && job.summary.contains("+  maxReplicas: 36"), &job.summary)
}

/// A checkout of one commit, as actions/checkout makes it unless told otherwise.
fn fetches_the_base() -> Result<(), String> {
    let hub = Hub::new()?;
    hub.push("120_000")?;
    hub.shallow()?;
    let job = hub.run(&[NONE])?;
    expect(job.status == 0 && job.summary.contains("+  maxReplicas: 36"), &job.log)
}

fn fails_where_there_is_no_base() -> Result<(), String> {
    let hub = Hub::new()?;
    hub.push("120_000")?;
    hub.shallow()?;
    hub.scratch.run("git", &["remote", "remove", "origin"])?.must(0, "")?;
    let job = hub.run(&[NONE])?;
    expect(job.status == 1 && job.log.contains("'fetch-depth: 2'") && job.summary.is_empty(), &job.log)
}

fn checks_a_push() -> Result<(), String> {
    let hub = Hub { base: None, ..Hub::new()? };
    let job = hub.run(&[NONE])?;
    expect(job.status == 0, &job.log)?;
    hub.scratch.edit(SPEC, "= 100_000", "= 120_000")?;
    let job = hub.run(&[NONE])?;
    // What a build would change is what is missing.
    expect(job.status == 2 && job.summary.contains("+  maxReplicas: 36"), &job.log)?;
    expect(hub.comments()?.is_empty(), "a comment on a push")
}

fn does_what_it_is_told_not_to() -> Result<(), String> {
    let hub = Hub::new()?;
    hub.push("120_000")?;
    let job = hub.run(&[NONE, ("comment", "false"), ("annotations", "false"), ("against", "out")])?;
    expect(job.status == 0 && !job.log.contains("::notice"), &job.log)?;
    expect(job.summary.contains("no changes") && hub.comments()?.is_empty(), &job.summary)?;
    let job = hub.run(&[("install", "somehow")])?;
    expect(job.status == 1 && job.log.contains("release, source or none"), &job.log)
}

/// A platform, and GitHub beside it.
struct Hub {
    scratch: Scratch,
    /// The commit that the pull request started from; none where it is a push.
    base: Option<String>,
}

impl Hub {
    fn new() -> Result<Self, String> {
        let scratch = Scratch::platform()?;
        scratch.link(&package("golden-tests/pipelines/gh"), "bin/gh")?;
        scratch.write("github/comments.json", "[]")?;
        let base = Some(scratch.run("git", &["rev-parse", "HEAD"])?.stdout.trim().to_owned());
        Ok(Self { scratch, base })
    }

    /// One more commit, built.
    fn push(&self, demand: &str) -> Result<(), String> {
        let spec = self.scratch.read(SPEC)?;
        let line = spec.lines().find(|line| line.starts_with("target_rps")).ok_or("no demand")?;
        self.scratch.edit(SPEC, line, &format!("target_rps    = {demand}"))?;
        self.scratch.run("capgen", &["build"])?.must(0, "")?;
        self.scratch.commit(demand)
    }

    /// Only the last commit is here; the others are with the server.
    fn shallow(&self) -> Result<(), String> {
        self.scratch.run("mv", &["../platform", "../origin"])?.must(0, "")?;
        let origin = format!("file://{}", self.scratch.path("origin").display());
        let clone = ["clone", "--quiet", "--depth=1", &origin, "platform"];
        self.scratch.run_in("", "git", &clone, &[])?.must(0, "")
    }

    fn run(&self, inputs: &[(&str, &str)]) -> Result<Job, String> {
        runner::run(&self.scratch, &Event { base: self.base.as_deref(), inputs })
    }

    fn comments(&self) -> Result<Vec<Json>, String> {
        serde_json::from_str(&self.scratch.read("github/comments.json")?).map_err(|error| error.to_string())
    }

    fn set_comments(&self, comments: &[Json]) -> Result<(), String> {
        self.scratch.write("github/comments.json", &Json::from(comments).to_string())
    }
}

//! A revision of the repository: its files, without touching the checkout.
//!
//! It runs `git`, since only git knows what a revision is: worktrees, partial clones, replaced objects. What a spec at
//! that revision means is decided by who compiles it.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use super::command::{self, Silence};
use super::text;

/// How long one question to git may take, in seconds.
const PATIENCE: u64 = 60;

/// A commit and the folder from which paths are meant.
#[derive(Debug)]
pub struct Revision {
    commit: String,
    /// As the person typed it.
    reference: String,
    dir: PathBuf,
    /// The folder from which paths are meant, below the repository's topmost one: `team/`; empty is that one itself.
    prefix: String,
    /// The repository's topmost folder; `None`: it has no files beside its history.
    top: Option<PathBuf>,
    batch: Mutex<Batch>,
}

impl Revision {
    /// Finds the commit that a reference means (`main`, `HEAD~2`, `origin/main`, `v1.2.0`, a hash). `main...` is the one at which
    /// the current branch left `main`, and `main...topic` the one at which `topic` did, as `git diff` takes them.
    ///
    /// `dir` is the folder from which paths are meant; empty is the current one.
    ///
    /// # Errors
    /// A message with what to type: no git, no repository, one that belongs to somebody else, no such revision.
    pub fn open(reference: &str, dir: &Path) -> Result<Self, String> {
        let dir = if dir.as_os_str().is_empty() { PathBuf::from(".") } else { dir.to_owned() };
        let commit = match reference.split_once("...") {
            Some((one, other)) => fork_point(&dir, [one, other])?,
            None => commit(&dir, reference)?,
        };
        let said = ask(&dir, &["rev-parse", "--show-prefix", "--show-toplevel"])?;
        let answer = String::from_utf8_lossy(&said.stdout);
        let mut lines = answer.lines();
        let prefix = lines.next().unwrap_or_default().to_owned();
        let top = lines.next().filter(|_| said.is_success).map(PathBuf::from);
        let batch = Mutex::new(Batch::start(&dir)?);
        Ok(Self { commit, reference: reference.to_owned(), dir, prefix, top, batch })
    }

    /// The full hash of the commit.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// The text of a file. The path is relative to the folder of the revision and may begin with `../`, or is absolute.
    ///
    /// # Errors
    /// A phrase: it was not there, is a folder, leads out of the repository, is no UTF-8 or longer than 256 MiB.
    pub fn read(&self, path: &str) -> Result<String, String> {
        self.find(path)?.ok_or_else(|| format!("`{path}` is not there at `{}`", self.reference))
    }

    /// The same; `None`: there was no such file.
    ///
    /// # Errors
    /// A phrase, for everything else that is in the way.
    pub fn find(&self, path: &str) -> Result<Option<String>, String> {
        let name = format!("{}:{}", self.reference, path);
        let asked = format!("{}:{}", self.commit, self.full_path(path)?);
        let mut batch = self.batch.lock().map_err(|_| "git was lost".to_owned())?;
        let bytes = match batch.read(&asked) {
            Ok(bytes) => bytes,
            Err(NotRead::Missing) => return Ok(None),
            Err(NotRead::For(reason)) => return Err(format!("`{name}` {reason}")),
        };
        let text = text::decoded(&name, bytes).map_err(|error| error.message)?;
        Ok(Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)))
    }

    /// Every file below a folder, in the same form as [`Revision::read`] takes, sorted; none where there is no such folder.
    ///
    /// # Errors
    /// A message of git.
    pub fn list(&self, folder: &str) -> Result<Vec<String>, String> {
        let below = self.full_path(folder)?;
        let below = if below.is_empty() { below } else { below + "/" };
        let mut arguments = vec!["ls-tree", "-r", "-z", "--name-only", "--full-tree", &self.commit, "--"];
        arguments.extend((!below.is_empty()).then_some(below.as_str()));
        let said = ask(&self.dir, &arguments)?;
        if !said.is_success {
            return Err(format!("git cannot list `{}`: {}", self.reference, said.complaints.join("; ")));
        }
        let names = String::from_utf8_lossy(&said.stdout);
        // git shortens what leads back into the folder in which it runs; a pattern knows only what it was given.
        let names = names.split('\0').filter_map(|name| name.strip_prefix(&below)).filter(|it| !it.is_empty());
        let mut names: Vec<String> = match folder.trim_end_matches('/') {
            "" | "." => names.map(str::to_owned).collect(),
            folder => names.map(|name| format!("{folder}/{name}")).collect(),
        };
        names.sort();
        Ok(names)
    }

    /// A path as git's tree has it; the topmost folder is empty.
    fn full_path(&self, path: &str) -> Result<String, String> {
        if path.contains(['\n', '\0']) {
            return Err("a path cannot hold a line's end".to_owned());
        }
        let outside = || format!("`{path}` is outside of the repository, so `git:` knows nothing of it");
        if !Path::new(path).is_absolute() {
            return join(&self.prefix, path).ok_or_else(outside);
        }
        let top = self.top.as_deref().ok_or_else(outside)?;
        // git follows the links to its folder; who types a path need not.
        let below = Path::new(path).strip_prefix(top).map(Path::to_owned).ok().or_else(|| {
            let (top, full) = (resolved(top)?, resolved(Path::new(path))?);
            full.strip_prefix(top).map(Path::to_owned).ok()
        });
        below.and_then(|below| join("", &below.to_string_lossy())).ok_or_else(outside)
    }
}

/// Takes a path to the end of a folder, both as git has them: without `.`, `..` and `/` at the end.
fn join(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|it| !it.is_empty()).collect();
    for part in path.split('/').filter(|it| !matches!(*it, "" | ".")) {
        match part {
            ".." => parts.pop().map(|_| ())?,
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// An absolute path with its links followed, as far as it exists: a spec of the past may stand nowhere today.
fn resolved(path: &Path) -> Option<PathBuf> {
    let existing = path.ancestors().find_map(|it| Some((it, it.canonicalize().ok()?)));
    let (existing, folder) = existing?;
    path.strip_prefix(existing).ok().map(|rest| folder.join(rest))
}

/// The commit that a reference means.
fn commit(dir: &Path, reference: &str) -> Result<String, String> {
    let wanted = format!("{reference}^{{commit}}");
    let said = ask(dir, &["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted])?;
    let answer = String::from_utf8_lossy(&said.stdout);
    let commit = answer.lines().last().unwrap_or_default().trim();
    match said.is_success && !commit.is_empty() {
        true => Ok(commit.to_owned()),
        false => Err(unknown(dir, reference, &said.complaints)),
    }
}

/// The last commit that two branches have in common; one that is not named is the current one.
fn fork_point(dir: &Path, branches: [&str; 2]) -> Result<String, String> {
    let [one, other] = branches.map(|it| if it.is_empty() { "HEAD" } else { it });
    let said = ask(dir, &["merge-base", &commit(dir, one)?, &commit(dir, other)?])?;
    let answer = String::from_utf8_lossy(&said.stdout);
    match answer.lines().next().filter(|_| said.is_success) {
        Some(commit) => Ok(commit.trim().to_owned()),
        None => Err(format!(
            "`{one}` and `{other}` have no commit in common, or it is not in this clone: `git fetch --unshallow` brings all of them"
        )),
    }
}

/// What git says to one question.
fn ask(dir: &Path, arguments: &[&str]) -> Result<command::Said, String> {
    let mut git = git(dir);
    git.args(arguments);
    command::run(&mut git, None, text::LONGEST, PATIENCE).map_err(|silence| match silence {
        Silence::Missing => "`git` is not installed, and `git:` needs it".to_owned(),
        Silence::Broken(reason) => format!("git cannot be run: {reason}"),
        Silence::TooSlow(seconds) => format!("git did not answer within {seconds} s"),
        Silence::TooMuch(bytes) => format!("git answers with more than {} MiB", bytes >> 20),
    })
}

/// git without locks, questions and translations.
fn git(dir: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(dir).args(["--no-pager", "--literal-pathspecs"]);
    command.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
    command
}

/// Why a reference means no commit.
fn unknown(dir: &Path, reference: &str, complaints: &[String]) -> String {
    let said = complaints.join("; ");
    if said.contains("dubious ownership") {
        let help = complaints.iter().find(|line| line.contains("git config --global --add safe.directory"));
        let help = help.map_or("git config --global --add safe.directory <folder>", |line| line.trim());
        return format!("git refuses a repository that belongs to another user: `{help}`");
    }
    if said.contains("not a git repository") {
        return "this folder is in no git repository, so there is no revision to compare with".to_owned();
    }
    let is_shallow =
        ask(dir, &["rev-parse", "--is-shallow-repository"]).is_ok_and(|it| it.stdout.trim_ascii() == b"true");
    match (is_shallow, said.is_empty()) {
        (true, _) => format!(
            "`{reference}` is not in this clone, which is shallow: fetch it first (`git fetch --unshallow`, or \
             `fetch-depth: 0` in GitHub Actions)"
        ),
        (false, true) => format!("git knows no revision `{reference}`: `git fetch` brings what is on the server only"),
        (false, false) => format!("git knows no revision `{reference}`: {said}"),
    }
}

enum NotRead {
    Missing,
    /// A phrase behind the file's name.
    For(String),
}

/// One `git cat-file --batch` for all files of a revision: a platform may have thousands.
#[derive(Debug)]
struct Batch {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Batch {
    fn start(dir: &Path) -> Result<Self, String> {
        let mut command = git(dir);
        command.args(["cat-file", "--batch", "--follow-symlinks"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| format!("git cannot be run: {error}"))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(questions), Some(answers)) => Ok(Self { child, questions, answers: BufReader::new(answers) }),
            _ => Err("git cannot be heard".to_owned()),
        }
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>, NotRead> {
        let lost = |error: std::io::Error| NotRead::For(format!("was not given by git: {error}"));
        self.questions.write_all(format!("{name}\n").as_bytes()).map_err(lost)?;
        self.questions.flush().map_err(lost)?;
        let mut header = String::new();
        self.answers.read_line(&mut header).map_err(lost)?;
        let words: Vec<&str> = header.split_whitespace().collect();
        let (kind, size) = match words.as_slice() {
            [.., "missing"] => return Err(NotRead::Missing),
            // Then the name follows on a line of its own, of so many bytes.
            [kind @ ("symlink" | "dangling" | "loop" | "notdir"), size] => (*kind, *size),
            [_, kind, size] => (*kind, *size),
            _ => return Err(NotRead::For("was not given by git".to_owned())),
        };
        let size: u64 = size.parse().map_err(|_| NotRead::For("was not given by git".to_owned()))?;
        if size > text::LONGEST {
            // What follows would have to be read to the end; nobody has such a spec.
            _ = self.child.kill();
            return Err(NotRead::For(format!("is longer than {} MiB", text::LONGEST >> 20)));
        }
        let mut bytes = Vec::new();
        self.answers.by_ref().take(size + 1).read_to_end(&mut bytes).map_err(lost)?;
        bytes.pop();
        match kind {
            "blob" => Ok(bytes),
            "tree" => Err(NotRead::For("is a folder".to_owned())),
            "symlink" => Err(NotRead::For("is a link that leads out of the repository".to_owned())),
            "dangling" | "loop" | "notdir" => Err(NotRead::For("is a link that leads nowhere".to_owned())),
            _ => Err(NotRead::For("is no file".to_owned())),
        }
    }
}

impl Drop for Batch {
    /// Without its questions git would end by itself; nobody waits for that.
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests;

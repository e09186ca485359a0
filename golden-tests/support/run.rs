//! Runs the commands of a case in a folder of its own, with the real binary and an environment that holds nothing else.
//!
//! What must hold of any run is checked here: see [`Session::judge`].

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use super::command::{Program, Run, Step};
use super::tree::{self, Tree};

/// The mark in the name of every working folder; it must never be printed.
const MARK: &str = "capgen-golden-";

/// Everything that can be seen of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Of all commands, one after the other.
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// One for each start of capgen.
    pub(crate) statuses: Vec<i32>,
    /// What was created or changed, with its content at the end.
    pub(crate) created: Tree,
    /// The paths of the case that are gone.
    pub(crate) removed: BTreeSet<String>,
    /// The folder as it was at the end.
    pub(crate) after: Tree,
    /// What must not happen in any case.
    pub(crate) problems: Vec<String>,
}

impl Outcome {
    /// The `status` file: empty where every command succeeded, else one exit code a line.
    pub(crate) fn status_text(&self) -> String {
        match self.statuses.iter().all(|status| *status == 0) {
            true => String::new(),
            false => self.statuses.iter().map(|status| format!("{status}\n")).collect(),
        }
    }
}

/// Runs the steps twice, in two fresh copies of the inputs, and compares.
///
/// # Errors
/// Where a step of the case itself fails, or the two runs differ.
pub(crate) fn run_twice(inputs: &Tree, steps: &[Step]) -> Result<Outcome, String> {
    let first = run(inputs, steps)?;
    let second = run(inputs, steps)?;
    match first == second {
        true => Ok(first),
        false => Err(format!("two runs of the same input differ: {}", first_difference(&first, &second))),
    }
}

fn run(inputs: &Tree, steps: &[Step]) -> Result<Outcome, String> {
    let folder = WorkFolder::create(inputs).map_err(|error| format!("making the working folder: {error}"))?;
    let mut session = Session {
        folder: &folder,
        tree: inputs.clone(),
        stdout: String::new(),
        stderr: String::new(),
        statuses: Vec::new(),
        problems: Vec::new(),
    };
    for step in steps {
        session.step(step).map_err(|error| format!("{step:?}: {error}"))?;
    }
    session.finish(inputs, steps).map_err(|error| format!("reading the result: {error}"))
}

fn first_difference(first: &Outcome, second: &Outcome) -> String {
    for (name, one, two) in [("stdout", &first.stdout, &second.stdout), ("stderr", &first.stderr, &second.stderr)] {
        if one != two {
            return format!("{name}\n{}", super::compare::unified(name, one.as_bytes(), two.as_bytes()));
        }
    }
    let differs = |path: &&String| first.after.get(*path) != second.after.get(*path);
    match first.after.keys().chain(second.after.keys()).find(differs) {
        Some(path) => format!("the file `{path}`"),
        None => "the exit codes".to_owned(),
    }
}

/// A folder of its own for one run: the case's files, and an empty home beside them. Dropping removes it.
struct WorkFolder {
    root: PathBuf,
    case: PathBuf,
    home: PathBuf,
}

impl WorkFolder {
    fn create(inputs: &Tree) -> io::Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("{MARK}{}-{number}", std::process::id()));
        let folder = Self { case: root.join("case"), home: root.join("home"), root };
        fs::create_dir_all(&folder.case)?;
        fs::create_dir_all(&folder.home)?;
        tree::write(&folder.case, inputs)?;
        Ok(folder)
    }
}

impl Drop for WorkFolder {
    fn drop(&mut self) {
        // A folder that stays behind harms no test: the next run takes another name.
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// A run under way.
struct Session<'a> {
    folder: &'a WorkFolder,
    /// The case's folder after the last step.
    tree: Tree,
    stdout: String,
    stderr: String,
    statuses: Vec<i32>,
    problems: Vec<String>,
}

impl Session<'_> {
    fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Run(run) => self.start(run)?,
            step => self.change(step).map_err(|error| error.to_string())?,
        }
        self.tree = tree::read(&self.folder.case).map_err(|error| error.to_string())?;
        Ok(())
    }

    /// A change that the case makes by hand.
    fn change(&self, step: &Step) -> io::Result<()> {
        let lines = |lines: &[String]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
        match step {
            Step::Run(_) => Ok(()),
            Step::Write { file, lines: content } => {
                let path = self.path(file)?;
                fs::create_dir_all(path.parent().unwrap_or(&path))?;
                fs::write(path, lines(content))
            }
            Step::Append { file, lines: content } => {
                let mut text = fs::read_to_string(self.path(file)?)?;
                text.push_str(&lines(content));
                fs::write(self.path(file)?, text)
            }
            Step::Edit { file, old, new } => {
                let text = fs::read_to_string(self.path(file)?)?;
                match text.matches(old.as_str()).count() {
                    1 => fs::write(self.path(file)?, text.replacen(old.as_str(), new, 1)),
                    count => Err(io::Error::other(format!("`{old}` occurs {count} times in `{file}`"))),
                }
            }
            Step::Remove { path } => match self.path(path)? {
                folder if folder.is_dir() && !folder.is_symlink() => fs::remove_dir_all(folder),
                file => fs::remove_file(file),
            },
            Step::Move { from, to } => fs::rename(self.path(from)?, self.path(to)?),
            Step::Link { target, name } => std::os::unix::fs::symlink(target, self.path(name)?),
        }
    }

    /// A path of the case; one that leaves its folder is a mistake of the case.
    fn path(&self, path: &str) -> io::Result<PathBuf> {
        match path.starts_with('/') || path.split('/').any(|part| part == "..") {
            true => Err(io::Error::other(format!("`{path}` leaves the case"))),
            false => Ok(self.folder.case.join(path)),
        }
    }

    fn start(&mut self, run: &Run) -> Result<(), String> {
        let output = self.spawn(run).map_err(|error| error.to_string())?;
        let stdout = String::from_utf8(output.stdout).map_err(|_| "standard output is no UTF-8")?;
        let stderr = String::from_utf8(output.stderr).map_err(|_| "standard error is no UTF-8")?;
        match (run.program, output.status.code()) {
            (Program::Git, Some(0)) => return Ok(()),
            (Program::Git, _) => return Err(format!("git failed: {stderr}")),
            (Program::Capgen, Some(status)) => self.statuses.push(status),
            (Program::Capgen, None) => return Err(format!("capgen was killed: {stderr}")),
        }
        let after = tree::read(&self.folder.case).map_err(|error| error.to_string())?;
        self.judge(run, &stderr, &after);
        self.stderr.push_str(&stderr);
        match &run.output {
            Some(file) => fs::write(self.path(file).map_err(|error| error.to_string())?, stdout)
                .map_err(|error| error.to_string())?,
            None => self.stdout.push_str(&stdout),
        }
        Ok(())
    }

    /// What must hold after any start: a known exit code, no panic, and nothing written by a command that fails or
    /// only looks.
    fn judge(&mut self, run: &Run, stderr: &str, after: &Tree) {
        let status = self.statuses.last().copied().unwrap_or_default();
        let command = format!("capgen {}", run.arguments.join(" "));
        if !(0..=3).contains(&status) || stderr.contains("panicked at") {
            self.problems.push(format!("`{command}` crashed or has an unknown exit code ({status})"));
        }
        let asks = |word: &str| run.arguments.iter().any(|it| it == word);
        let writes_one = (asks("import") || asks("report")) && ["-o", "--output"].into_iter().any(asks);
        let may_write = (asks("build") && !asks("--check") || asks("init") || writes_one) && status == 0;
        if !may_write {
            let created = tree::changed(&self.tree, after).into_keys().chain(tree::removed(&self.tree, after));
            let paths: Vec<String> = created.collect();
            if !paths.is_empty() {
                let reason = if status == 0 { "only looks" } else { "did not succeed" };
                self.problems.push(format!("`{command}` {reason}, and yet it changed {}", paths.join(", ")));
            }
        }
    }

    fn spawn(&self, run: &Run) -> io::Result<Output> {
        let mut command = match run.program {
            Program::Capgen => Command::new(env!("CARGO_BIN_EXE_capgen")),
            Program::Git => Command::new("git"),
        };
        let outside = std::env::var_os("PATH").unwrap_or_default();
        let mut path = self.folder.case.join("bin").into_os_string();
        path.push(":");
        path.push(outside);
        command.env_clear().env("PATH", path).env("HOME", &self.folder.home);
        if run.program == Program::Git {
            command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CEILING_DIRECTORIES", &self.folder.root);
            for role in ["AUTHOR", "COMMITTER"] {
                command
                    .env(format!("GIT_{role}_NAME"), "golden")
                    .env(format!("GIT_{role}_EMAIL"), "golden@example.com");
                command.env(format!("GIT_{role}_DATE"), "2000-01-01T00:00:00Z");
            }
        }
        command.envs(run.variables.iter().map(|(name, value)| (name, value)));
        command.args(&run.arguments).current_dir(self.path(&run.folder)?);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let input = run.input.as_ref().map(|file| fs::read(self.path(file)?)).transpose()?;
        let mut child = command.spawn()?;
        if let (Some(mut pipe), Some(input)) = (child.stdin.take(), input) {
            // A program that does not read everything has its reasons; its output will tell.
            let _ = pipe.write_all(&input);
        }
        child.wait_with_output()
    }

    fn finish(mut self, inputs: &Tree, steps: &[Step]) -> io::Result<Outcome> {
        let created = tree::changed(inputs, &self.tree);
        let touched: Vec<&str> = steps.iter().flat_map(Step::touches).collect();
        for folder in tree::empty_folders(&self.folder.case)? {
            if !touched.iter().any(|path| is_within(path, &folder)) {
                self.problems.push(format!("the empty folder `{folder}` is left behind"));
            }
        }
        let printed = [("stdout", self.stdout.as_bytes()), ("stderr", self.stderr.as_bytes())];
        let written = created.iter().filter_map(|(path, entry)| Some((path.as_str(), entry.bytes()?)));
        let colour = steps.iter().any(Step::wants_colour);
        for (name, bytes) in printed.into_iter().chain(written) {
            let text = String::from_utf8_lossy(bytes);
            let found = leaks(&text).filter(|it| !(colour && *it == ESCAPE_CODE));
            self.problems.extend(found.map(|leak| format!("{name} holds {leak}")));
        }
        Ok(Outcome {
            removed: tree::removed(inputs, &self.tree),
            created,
            after: self.tree,
            stdout: self.stdout,
            stderr: self.stderr,
            statuses: self.statuses,
            problems: self.problems,
        })
    }
}

const ESCAPE_CODE: &str = "an escape code";

/// What no output may hold.
pub(crate) fn leaks(text: &str) -> impl Iterator<Item = &'static str> {
    let machine = [
        (MARK, "the name of the folder it was made in"),
        (env!("CARGO_MANIFEST_DIR"), "the path of this checkout"),
        ("\u{1b}", ESCAPE_CODE),
    ];
    machine.into_iter().filter(move |(mark, _)| text.contains(mark)).map(|(_, what)| what)
}

/// Whether a path is a folder or lies in it.
pub(crate) fn is_within(path: &str, folder: &str) -> bool {
    Path::new(path).starts_with(folder)
}

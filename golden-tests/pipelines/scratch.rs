//! A folder with a platform in it, and commands that see nothing of the machine but its programs.

use std::env;
use std::fmt::{self, Display};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::package;
use crate::program::{self, Folder};

/// Where .ci/run puts what .ci/pipelines.txt names.
const TOOLS: &str = "target/ci/pipelines";

/// The example that the platforms here are.
const EXAMPLE: &str = "examples/inferadb/capacity.toml";

/// What is not there, of the programs in .ci/pipelines.txt.
pub(crate) fn missing_tools() -> Option<String> {
    let list = package(TOOLS).join("installed");
    (!list.is_file()).then(|| format!("{TOOLS} is not there (.ci/run installs .ci/pipelines.txt)"))
}

/// Ways to start a program without a network: as root, and as anybody where users may have namespaces of their own.
const CUTS: [&[&str]; 2] = [&["--net"], &["--map-root-user", "--net"]];

/// How this machine takes the network away from a program.
fn cut() -> Option<&'static [&'static str]> {
    let works =
        |cut: &&[&str]| Command::new("unshare").args(*cut).arg("true").output().is_ok_and(|it| it.status.success());
    CUTS.into_iter().find(works)
}

/// Why nothing can be started without a network.
pub(crate) fn missing_cut() -> Option<String> {
    cut().is_none().then(|| "unshare may not take the network away from a program".to_owned())
}

/// A file of a program in .ci/pipelines.txt.
pub(crate) fn tool(path: &str) -> PathBuf {
    package(TOOLS).join(path)
}

/// How a command ended.
pub(crate) struct Said {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    /// # Errors
    /// Where it ended otherwise, or said nothing of `text` on either stream.
    pub(crate) fn must(&self, status: i32, text: &str) -> Result<(), String> {
        match self.status == status && (self.stdout.contains(text) || self.stderr.contains(text)) {
            true => Ok(()),
            false => Err(format!("expected status {status} and `{text}`, not\n{self}")),
        }
    }
}

impl Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}\n{}{}", self.status, self.stdout, self.stderr)
    }
}

/// Programs first in `PATH` (`bin`), an empty home, and a platform that is a checkout. Dropping removes all.
pub(crate) struct Scratch {
    folder: Folder,
    /// What keeps programs from the network, if anything does.
    cut: Option<&'static [&'static str]>,
}

impl Scratch {
    /// Without a platform; capgen is in `PATH`.
    pub(crate) fn empty() -> Result<Self, String> {
        let scratch = Self { folder: Folder::create()?, cut: None };
        for name in ["bin", "home", "platform"] {
            fs::create_dir(scratch.path(name)).map_err(|error| error.to_string())?;
        }
        scratch.link(Path::new(env!("CARGO_BIN_EXE_capgen")), "bin/capgen")?;
        Ok(scratch)
    }

    /// With a built and committed platform.
    pub(crate) fn platform() -> Result<Self, String> {
        let scratch = Self::empty()?;
        scratch.write("platform/capacity.toml", &crate::read(EXAMPLE)?)?;
        scratch.run("capgen", &["build"])?.must(0, "")?;
        scratch.run("git", &["init", "--quiet", "--initial-branch=main"])?.must(0, "")?;
        scratch.commit("a platform")?;
        Ok(scratch)
    }

    /// From here on, nothing but this machine can be reached.
    pub(crate) fn without_network(self) -> Self {
        Self { cut: cut(), ..self }
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn read(&self, path: &str) -> Result<String, String> {
        fs::read_to_string(self.path(path)).map_err(|error| format!("{path}: {error}"))
    }

    pub(crate) fn write(&self, path: &str, text: &str) -> Result<(), String> {
        let path = self.path(path);
        let folder = path.parent().unwrap_or(&path);
        fs::create_dir_all(folder).and_then(|()| fs::write(&path, text)).map_err(|error| error.to_string())
    }

    /// Replaces a text that must be there.
    pub(crate) fn edit(&self, path: &str, old: &str, new: &str) -> Result<(), String> {
        let text = self.read(path)?;
        match text.contains(old) {
            true => self.write(path, &text.replacen(old, new, 1)),
            false => Err(format!("`{old}` is not in {path}")),
        }
    }

    pub(crate) fn link(&self, to: &Path, path: &str) -> Result<(), String> {
        symlink(to, self.path(path)).map_err(|error| format!("{path}: {error}"))
    }

    /// Copies files of this package, with the rights that they have.
    pub(crate) fn copy(&self, files: &[&str], folder: &str) -> Result<(), String> {
        for file in files {
            let to = self.path(folder).join(file);
            let parent = to.parent().unwrap_or(&to);
            let copy = fs::create_dir_all(parent).and_then(|()| fs::copy(package(file), &to));
            copy.map_err(|error| format!("{file}: {error}"))?;
        }
        Ok(())
    }

    /// Adds and commits all of the platform.
    pub(crate) fn commit(&self, message: &str) -> Result<(), String> {
        self.run("git", &["add", "--all"])?.must(0, "")?;
        self.run("git", &["commit", "--quiet", "--message", message])?.must(0, "")
    }

    /// Runs a program in the platform.
    pub(crate) fn run(&self, name: &str, arguments: &[&str]) -> Result<Said, String> {
        self.run_in("platform", name, arguments, &[])
    }

    /// Runs a program in a folder, with more variables.
    pub(crate) fn run_in(
        &self,
        folder: &str,
        name: &str,
        arguments: &[&str],
        variables: &[(String, String)],
    ) -> Result<Said, String> {
        let mut command = self.command(name);
        command.args(arguments).current_dir(self.path(folder));
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        let output = command.output().map_err(|error| format!("{name}: {error}"))?;
        Ok(Said {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    fn command(&self, name: &str) -> Command {
        let outside = env::var_os("PATH").unwrap_or_default();
        let folders = [self.path("bin"), tool("bin")].into_iter().chain(env::split_paths(&outside));
        let path = env::join_paths(folders).unwrap_or(outside);
        // Looked for here: a new command is found in the old `PATH`.
        let program = self.find(name);
        let mut command = match self.cut {
            None => Command::new(program),
            Some(cut) => {
                let mut command = Command::new("unshare");
                command.args(cut).arg(program);
                command
            }
        };
        command.env_clear().env("PATH", path).env("HOME", self.path("home")).env("PYTHONPATH", tool(""));
        command.env("PYTHONDONTWRITEBYTECODE", "1").env("GIT_CONFIG_NOSYSTEM", "1");
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "pipelines");
            command.env(format!("GIT_{role}_EMAIL"), "pipelines@example.com");
        }
        command.stdin(Stdio::null());
        command
    }

    fn find(&self, name: &str) -> PathBuf {
        let here = [self.path("bin").join(name), tool("bin").join(name)];
        here.into_iter().find(|it| it.is_file()).or_else(|| program::find(name)).unwrap_or_else(|| PathBuf::from(name))
    }
}

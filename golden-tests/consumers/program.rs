//! Programs of the machine: where they are, as whom they run, and that nothing of them stays behind.

use std::env;
use std::fs::{self, File};
use std::io;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Where a program is: in `PATH`, where Debian puts servers, or in the newest folder of PostgreSQL.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&path).collect();
    folders.push(PathBuf::from("/usr/sbin"));
    let mut versions = folders_in("/usr/lib/postgresql");
    versions.sort_by_key(|it| it.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok()));
    folders.extend(versions.iter().rev().map(|version| version.join("bin")));
    folders.into_iter().map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// `name` must be installed; says how otherwise.
pub(crate) fn missing(name: &str, package: &str) -> Option<String> {
    find(name).is_none().then(|| format!("{name} is not installed (apt-get install {package})"))
}

/// Whether what a program is needed for can be checked.
///
/// # Errors
/// Where something is missing, and `CAPGEN_REQUIRE_ALL` wants every check to run.
pub(crate) fn is_there(program: &str, missing: Option<String>) -> Result<bool, String> {
    let Some(missing) = missing else { return Ok(true) };
    match env::var_os("CAPGEN_REQUIRE_ALL").is_some_and(|value| value == "1") {
        true => Err(format!("CAPGEN_REQUIRE_ALL is set, and {missing}")),
        false => {
            eprintln!("skipped: {program}: {missing}");
            Ok(false)
        }
    }
}

/// A library that resolves names from a file instead of `/etc/hosts`.
pub(crate) fn nss_wrapper() -> Option<PathBuf> {
    let mut folders = folders_in("/usr/lib");
    folders.extend(["/usr/lib", "/usr/lib64"].map(PathBuf::from));
    folders.into_iter().map(|folder| folder.join("libnss_wrapper.so")).find(|file| file.is_file())
}

fn folders_in(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

/// A temporary folder. Dropping removes it.
pub(crate) struct Folder {
    path: PathBuf,
    /// User and group of the servers that run in it, where they are not those of the test.
    account: Option<(u32, u32)>,
}

impl Folder {
    pub(crate) fn create() -> Result<Self, String> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("capgen-programs-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).map_err(|error| error.to_string())?;
        let account = account(&path);
        let folder = Self { path, account };
        if let Some((user, group)) = account {
            chown(&folder.path, Some(user), Some(group)).map_err(|error| error.to_string())?;
        }
        Ok(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file and gives its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<PathBuf, String> {
        let path = self.path.join(name);
        fs::write(&path, text).map_err(|error| format!("{name}: {error}"))?;
        Ok(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that stays behind harms no test: the next run takes another name.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// PostgreSQL and PgBouncer refuse to run as root: then they run as `postgres`, or else `nobody`.
fn account(own: &Path) -> Option<(u32, u32)> {
    // Who made the folder is who runs this.
    if fs::metadata(own).ok()?.uid() != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let ids = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2).map(|field| field.parse().ok());
        Some((fields.next()??, fields.next()??))
    };
    ids("postgres").or_else(|| ids("nobody"))
}

/// A command in a folder, as the account as which servers run, without an environment.
pub(crate) fn server(name: &str, folder: &Folder) -> Result<Command, String> {
    let mut command = Command::new(find(name).ok_or_else(|| format!("{name} is not installed"))?);
    command.current_dir(folder.path()).env_clear().stdin(Stdio::null());
    if let Some((user, group)) = folder.account {
        command.uid(user).gid(group);
    }
    Ok(command)
}

/// What a command prints.
///
/// # Errors
/// What it says on standard error, where it fails.
pub(crate) fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// A port on which nobody listens.
pub(crate) fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listener.map(|address| address.port()).map_err(|error| error.to_string())
}

/// A program that runs beside the test. Dropping kills it.
pub(crate) struct Daemon {
    child: Child,
    log: PathBuf,
}

impl Daemon {
    /// Starts a program whose output goes into a file of the folder.
    pub(crate) fn start(mut command: Command, log: PathBuf) -> Result<Self, String> {
        let mut start = || -> io::Result<Child> {
            let file = File::create(&log)?;
            command.stdout(file.try_clone()?).stderr(file).spawn()
        };
        let child = start().map_err(|error| error.to_string())?;
        Ok(Self { child, log })
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// What it printed so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

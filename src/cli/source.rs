//! Which spec an output folder belongs to: two specs that are built into one folder would remove each other's files.
//!
//! The lock names the spec by its path from the output folder, so that it reads the same on every machine. Where that path
//! would hold names that only one machine has, it names the file alone.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Component, Path};

use crate::diag::Diagnostic;
use crate::render::lock;

/// What the lock is to call a spec.
///
/// # Errors
/// The folder belongs to another spec that is still there.
pub(super) fn of(spec: &str, out: &Path, force: bool) -> Result<String, Diagnostic> {
    let former = former(out);
    if spec == "-" {
        return Ok(former.unwrap_or_else(|| lock::SOURCE.to_owned()));
    }
    let spec = Path::new(spec);
    let here = std::env::current_dir().unwrap_or_default();
    let own = relative(spec, out, &here);
    let Some(former) = former.filter(|it| *it != own) else { return Ok(own) };
    let there = out.join(&former);
    if there.is_file() {
        return match is_same(&there, spec) {
            true => Ok(former),
            false if force => Ok(own),
            false => Err(refused(out, &former)),
        };
    }
    // Built from elsewhere, by a path that told no more than the name.
    let is_name = spec.file_name().is_some_and(|it| it.to_string_lossy() == former);
    Ok(if is_name { former } else { own })
}

/// The path of a spec as seen from the output folder, both as they were typed.
fn relative(spec: &Path, out: &Path, here: &Path) -> String {
    let name = spec.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (spec, out) = (steps(spec, here), steps(out, here));
    let shared = spec.steps.iter().zip(&out.steps).take_while(|(a, b)| a == b).count();
    let (down, up) = (&spec.steps[shared..], &out.steps[shared..]);
    let is_known = spec.is_absolute == out.is_absolute && up.iter().all(|it| it != "..");
    // The folders of an absolute path are those of one machine.
    if !is_known || spec.is_absolute && down.len() > 1 {
        return name;
    }
    let up = up.iter().map(|_| "..");
    up.chain(down.iter().map(String::as_str)).collect::<Vec<_>>().join("/")
}

struct Steps {
    is_absolute: bool,
    steps: Vec<String>,
}

/// The steps of a path, without `.` and, as far as it goes, without `..`; from the current folder where it leads below it.
fn steps(path: &Path, here: &Path) -> Steps {
    let path = path.strip_prefix(here).unwrap_or(path);
    let mut steps: Vec<String> = Vec::new();
    for component in path.components() {
        match component {
            Component::RootDir | Component::CurDir => {}
            Component::ParentDir if steps.last().is_some_and(|it| it != "..") => drop(steps.pop()),
            Component::ParentDir if path.is_absolute() => {}
            other => steps.push(other.as_os_str().to_string_lossy().into_owned()),
        }
    }
    Steps { is_absolute: path.is_absolute(), steps }
}

/// What the lock in a folder calls its spec; `None`: there is no lock.
fn former(out: &Path) -> Option<String> {
    let mut start = Vec::new();
    File::open(out.join(lock::PATH)).ok()?.take(lock::START).read_to_end(&mut start).ok()?;
    Some(lock::source(&String::from_utf8_lossy(&start)))
}

fn is_same(one: &Path, other: &Path) -> bool {
    fs::canonicalize(one).ok().zip(fs::canonicalize(other).ok()).is_some_and(|(one, other)| one == other)
}

fn refused(out: &Path, former: &str) -> Diagnostic {
    let (out, former) = (out.display(), former.escape_debug());
    Diagnostic::error(format!("`{out}` belongs to another spec, `{former}` as seen from there"))
        .note("a build removes every file of its folder that its own spec does not ask for")
        .help("name another folder with `--out-dir`, or in `[output] dir`; `--force` takes this one over")
}

#[cfg(test)]
mod tests {
    //! The name must not depend on the machine.
    use super::*;

    #[test]
    fn the_path_is_that_from_the_output_folder() {
        let name = |spec: &str, out: &str| relative(Path::new(spec), Path::new(out), Path::new("/home/me/shop"));
        assert_eq!(name("capacity.toml", "generated"), lock::SOURCE);
        assert_eq!(name("./capacity.toml", "generated/staging/"), "../../capacity.toml");
        assert_eq!(name("specs/a.toml", "out"), "../specs/a.toml");
        assert_eq!(name("../capacity.toml", "../generated"), lock::SOURCE);
        assert_eq!(name("../capacity.toml", "out"), "../../capacity.toml");
        assert_eq!(name("capacity.toml", "."), "capacity.toml");
        assert_eq!(name("/home/me/shop/specs/a.toml", "out"), "../specs/a.toml");
        assert_eq!(name("/home/me/shop/specs/../a.toml", "/home/me/shop/out"), "../a.toml");
    }

    #[test]
    fn what_only_one_machine_has_is_left_out() {
        let name = |spec: &str, out: &str| relative(Path::new(spec), Path::new(out), Path::new("/home/me/shop"));
        assert_eq!(name("capacity.toml", "../out"), "capacity.toml");
        assert_eq!(name("specs/a.toml", "/dev/shm/x"), "a.toml");
        assert_eq!(name("/srv/a/capacity.toml", "/srv/out"), "capacity.toml");
        assert_eq!(name("/srv/capacity.toml", "/srv/out"), lock::SOURCE);
    }
}

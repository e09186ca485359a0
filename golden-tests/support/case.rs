//! A case: one folder below `golden-tests/cases` that has a `cmd`.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::command::{self, Step};
use super::tree::{self, Entry, Tree};

/// The files of a case that say what should come out, and `cmd`. They are not copied to where the commands run.
const EXPECTATIONS: [&str; 6] = ["cmd", "stdout", "stderr", "status", "removed", "kubernetes-schema"];

/// The strict Kubernetes schemas that judge a case without a `kubernetes-schema` file.
pub(crate) const KUBERNETES_SCHEMA: &str = "1.36";

/// A case as it stands on disk.
pub(crate) struct Case {
    /// The path below `cases`: `build/hpa/floor-and-ceiling`.
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    pub(crate) steps: Vec<Step>,
    /// What the commands find.
    pub(crate) inputs: Tree,
    /// `stdout`, `stderr`, `status`, `removed` and `out/…`, as they stand there.
    pub(crate) expected: Tree,
    /// Which of the strict Kubernetes schemas judges the output: `1.36`.
    pub(crate) kubernetes: String,
}

impl Case {
    /// Reads a case.
    pub(crate) fn load(name: &str, folder: &Path) -> Result<Self, String> {
        let all = tree::read(folder).map_err(|error| format!("reading `{name}`: {error}"))?;
        let text = |file: &str| all.get(file).and_then(Entry::text);
        let steps = command::parse(text("cmd").ok_or("`cmd` is no text")?)?;
        let kubernetes = text("kubernetes-schema").map_or(KUBERNETES_SCHEMA, str::trim).to_owned();
        let is_expectation = |path: &str| EXPECTATIONS.contains(&path) || path.starts_with("out/");
        let (mut expected, inputs): (Tree, Tree) = all.into_iter().partition(|(path, _)| is_expectation(path));
        expected.retain(|path, _| path != "cmd" && path != "kubernetes-schema");
        Ok(Self { name: name.to_owned(), folder: folder.to_owned(), steps, inputs, expected, kubernetes })
    }

    /// Whether the case shows an error.
    pub(crate) fn is_error(&self) -> bool {
        self.name.starts_with("error/")
    }

    /// Whether every located diagnostic of the case must be claimed by a caret comment.
    pub(crate) fn claims_all(&self) -> bool {
        self.is_error() || self.name.starts_with("lint/")
    }
}

/// The cases below a folder, by name, and the files that belong to none.
pub(crate) struct Found {
    pub(crate) names: Vec<String>,
    pub(crate) strays: BTreeSet<String>,
}

/// Looks for cases. A case holds no other case.
pub(crate) fn find(root: &Path) -> io::Result<Found> {
    let tree = tree::read(root)?;
    let folder_of = |path: &str| path.strip_suffix("/cmd").map(str::to_owned);
    let commands: Vec<String> = tree.keys().filter_map(|path| folder_of(path)).collect();
    let is_outermost = |name: &&String| !commands.iter().any(|it| it != *name && super::run::is_within(name, it));
    let names: Vec<String> = commands.iter().filter(is_outermost).cloned().collect();
    let belongs = |path: &str| names.iter().any(|name| super::run::is_within(path, name));
    let strays = tree.keys().filter(|path| !belongs(path)).cloned().collect();
    Ok(Found { names, strays })
}

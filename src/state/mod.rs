//! What is there now, read from where the person says: a folder, a file, a revision, a cluster.
//!
//! It is one of the two places that do I/O (the other is the edge), and it only reads. It must not know what the spec
//! asks for beyond names: which files and which objects to look for.
#![allow(clippy::disallowed_methods, reason = "this is the edge that reads: files, git and kubectl")]

pub mod cluster;
mod command;
pub mod file;
pub mod folder;
pub mod git;
pub mod manifests;
pub mod output;
mod text;

use std::fmt;

use crate::diag::Diagnostic;
use crate::doc::state::State;

/// Where the other side stands: what `--against` was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Against {
    /// The files of the output folder.
    Out,
    /// A folder of manifests, in any layout.
    Folder(String),
    /// One file: manifests, or a dump of `kubectl`; `-` is standard input.
    File(String),
    /// The spec at a revision.
    Git(String),
    /// A cluster, by the name of a context of `kubectl`; `None`: the current one.
    Cluster(Option<String>),
}

/// What is there, and what a person should know about how it was read.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    pub state: State,
    /// One sentence each, in the order in which they came up.
    pub notes: Vec<String>,
}

/// What was read, or everything that was in the way.
pub type Outcome = Result<Loaded, Vec<Diagnostic>>;

impl Against {
    /// Reads the argument of `--against`.
    ///
    /// # Errors
    /// What may be typed instead, as a phrase.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (kind, rest) = match text.split_once(':') {
            Some((kind, rest)) => (kind, Some(rest)),
            None => (text, None),
        };
        match (kind, rest) {
            ("out", None) => Ok(Self::Out),
            ("cluster", None) => Ok(Self::Cluster(None)),
            ("dir" | "file" | "git" | "cluster", Some("")) => {
                Err(format!("`{text}` needs {} behind the colon", needs(kind)))
            }
            ("dir", Some(path)) => Ok(Self::Folder(path.to_owned())),
            ("file", Some(path)) => Ok(Self::File(path.to_owned())),
            ("git", Some(reference)) => Ok(Self::Git(reference.to_owned())),
            ("cluster", Some(context)) => Ok(Self::Cluster(Some(context.to_owned()))),
            ("dir" | "file" | "git", None) => {
                Err(format!("`{text}` needs {}: `{text}:{}`", needs(kind), example(kind)))
            }
            _ => Err(format!(
                "`{text}` is none of `out`, `dir:PATH`, `file:PATH`, `git:REF`, `cluster` and `cluster:CONTEXT`"
            )),
        }
    }
}

fn needs(kind: &str) -> &'static str {
    match kind {
        "dir" => "the path of a folder",
        "file" => "the path of a file, or `-` for standard input,",
        "git" => "a revision",
        _ => "the name of a context",
    }
}

fn example(kind: &str) -> &'static str {
    match kind {
        "dir" => "manifests",
        "file" => "dump.yaml",
        _ => "main",
    }
}

impl fmt::Display for Against {
    /// As it is typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Out => f.write_str("out"),
            Self::Folder(path) => write!(f, "dir:{path}"),
            Self::File(path) => write!(f, "file:{path}"),
            Self::Git(reference) => write!(f, "git:{reference}"),
            Self::Cluster(None) => f.write_str("cluster"),
            Self::Cluster(Some(context)) => write!(f, "cluster:{context}"),
        }
    }
}

#[cfg(test)]
mod tests;

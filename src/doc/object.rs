//! Objects: the unit in which two sides are compared, whatever file they stand in.
//!
//! Every format becomes one tree per object: a Kubernetes document, a PgBouncer ini, an nginx `upstream` or `server`
//! block. This module knows how to tell what an object is, and must not know which differences matter.

mod artifact;
mod kubernetes;
mod pieces;
mod read;

use std::fmt;

use super::value::{Node, Value};
use crate::why::Address;

pub use artifact::of_artifact;
pub use kubernetes::is_kustomization;
pub use read::{OVERRIDE, Read, compose, document, lines, marks, of_json, of_output, of_text, rules};

/// What makes two objects the same one, in whatever file and at whatever place they stand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identity {
    /// A document with `kind` and `metadata.name`: Kubernetes, KEDA, eksctl. The version of the API is no part of it.
    Kubernetes { group: String, kind: String, namespace: Option<String>, name: String },
    /// The ini of a PgBouncer: `main` for `main/pgbouncer.ini` and for `main.ini`; one without a folder by its path.
    Pgbouncer { name: String },
    /// The settings of a server, by the file's name in the folder of its program: `postgresql/main.conf`.
    Settings { program: &'static str, name: String },
    /// An nginx `upstream` block (`kind` is `upstream`, `name` its own), or a `server` block (by `server_name` and `listen`).
    Nginx { kind: &'static str, name: String },
    /// Anything else that capgen writes: the kustomization, a file of Prometheus rules, the example of a user list. By its path.
    File { path: String },
}

impl fmt::Display for Identity {
    /// `HorizontalPodAutoscaler production/wakala-api`, `pgbouncer.ini main`, `postgresql main`, `nginx upstream web_backend`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kubernetes { kind, namespace: Some(namespace), name, .. } => write!(f, "{kind} {namespace}/{name}"),
            Self::Kubernetes { kind, namespace: None, name, .. } => write!(f, "{kind} {name}"),
            Self::Pgbouncer { name } => write!(f, "pgbouncer.ini {name}"),
            Self::Settings { program, name } => write!(f, "{program} {name}"),
            Self::Nginx { kind, name } => write!(f, "nginx {kind} {name}"),
            Self::File { path } => f.write_str(path),
        }
    }
}

/// One object and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    pub identity: Identity,
    /// The file's name, as a person would type it; for a cluster, its context.
    pub file: String,
    /// Which document of the file, from 1, where it has several. The members of a List count as documents.
    pub document: Option<usize>,
    pub tree: Node,
    /// The spec table that asks for it; for one that was only found, the table that the lock names.
    pub owner: Option<Address>,
    /// For what a template wrote, whose leaves have no addresses: everything that went into it.
    pub causes: Vec<Address>,
}

impl Object {
    /// Whether the controller of another object made it and keeps it: the HorizontalPodAutoscaler of a ScaledObject, say.
    pub fn is_controlled(&self) -> bool {
        let owners = self.tree.get("metadata").and_then(|it| it.get("ownerReferences"));
        let Some(Value::List(owners)) = owners.map(|it| &it.value) else { return false };
        owners.iter().any(|it| it.get("controller").is_some_and(|it| it.value == Value::Bool(true)))
    }
}

#[cfg(test)]
mod tests;

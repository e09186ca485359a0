//! Every leaf of every artifact, with the place by which people name it.

use crate::diag::secret;
use crate::why::Address;

use super::ini::IniValue;
use super::value::{Node, Path, Step, Value};
use super::{Artifact, Body, mask};

/// A scalar in a file.
#[derive(Debug, Clone)]
pub struct Leaf<'a> {
    pub file: &'a str,
    /// The document, from 1, where the file has several.
    pub document: Option<usize>,
    pub path: Path,
    /// As it may be shown.
    pub value: String,
    pub address: Option<&'a Address>,
    /// The table that asks for the file.
    pub owner: &'a Address,
}

impl Leaf<'_> {
    /// `k8s/api/hpa.yaml:spec.maxReplicas`, and `#2` behind the file for its second document.
    pub fn place(&self) -> String {
        let document = self.document.map(|it| format!("#{it}")).unwrap_or_default();
        match self.path.0.is_empty() {
            true => format!("{}{document}", self.file),
            false => format!("{}{document}:{}", self.file, self.path),
        }
    }
}

/// The leaves of all artifacts, in their order.
pub fn of(artifacts: &[Artifact]) -> Vec<Leaf<'_>> {
    artifacts.iter().flat_map(of_artifact).collect()
}

fn of_artifact(artifact: &Artifact) -> Vec<Leaf<'_>> {
    match &artifact.body {
        Body::Yaml(documents) => {
            let several = documents.len() > 1;
            let mut leaves = Vec::new();
            for (index, document) in documents.iter().enumerate() {
                for (path, node) in document.leaves() {
                    leaves.push(new(artifact, several.then_some(index + 1), path, node));
                }
            }
            leaves
        }
        Body::Json(document) => {
            document.leaves().into_iter().map(|(path, node)| new(artifact, None, path, node)).collect()
        }
        Body::Ini(ini) => {
            let mut leaves = Vec::new();
            for section in &ini.sections {
                for entry in &section.entries {
                    let path = Path(vec![Step::Key(section.name.clone()), Step::Key(entry.key.clone())]);
                    match &entry.value {
                        IniValue::Scalar(node) => leaves.push(new(artifact, None, path, node)),
                        IniValue::Pairs(pairs) => {
                            for (key, node) in pairs {
                                let mut path = path.clone();
                                path.0.push(Step::Key(key.clone()));
                                leaves.push(new(artifact, None, path, node));
                            }
                        }
                    }
                }
            }
            leaves
        }
        Body::Conf(conf) => {
            let path = |name: &String| Path(vec![Step::Key(name.clone())]);
            conf.entries.iter().map(|(name, node)| new(artifact, None, path(name), node)).collect()
        }
        Body::Text(text) => {
            let of = |address| Leaf {
                file: artifact.path.as_str(),
                document: None,
                path: Path::default(),
                value: String::new(),
                address: Some(address),
                owner: &artifact.owner,
            };
            text.causes.iter().map(of).collect()
        }
    }
}

fn new<'a>(artifact: &'a Artifact, document: Option<usize>, path: Path, node: &'a Node) -> Leaf<'a> {
    let value = text(&node.value);
    let is_secret = matches!(path.0.last(), Some(Step::Key(key)) if secret::is_secret(key));
    let shown = node.address.as_ref().map_or(value.as_str().into(), |it| mask::decided(it, &value));
    Leaf {
        file: &artifact.path,
        document,
        path,
        value: mask::text(&shown, is_secret).into_owned(),
        address: node.address.as_ref(),
        owner: &artifact.owner,
    }
}

/// A scalar as people read it.
fn text(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Text(text) => text.to_string(),
        Value::List(_) => "[]".to_owned(),
        Value::Map(_) => "{}".to_owned(),
    }
}

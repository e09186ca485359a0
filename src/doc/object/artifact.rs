//! The objects of what capgen wants to write.

use std::borrow::Cow;

use super::read::{lines, nginx_objects, pgbouncer_name, settings_identity};
use super::{Identity, Object, kubernetes};
use crate::doc::conf;
use crate::doc::ini::{Ini, IniValue};
use crate::doc::value::{Node, Value};
use crate::doc::{Artifact, Body, Text};

/// The objects of an artifact, with the addresses that its leaves carry.
pub fn of_artifact(artifact: Artifact) -> Vec<Object> {
    let Artifact { path, owner, body } = artifact;
    let mut objects = match body {
        Body::Yaml(documents) => of_documents(&path, documents),
        Body::Ini(ini) => {
            let identity = Identity::Pgbouncer { name: pgbouncer_name(&path) };
            vec![Object::found(identity, &path, ini_tree(&ini))]
        }
        Body::Conf(conf) => {
            vec![Object::found(settings_identity(&path, conf.dialect), &path, conf::tree_of(&conf))]
        }
        Body::Json(document) => {
            let identity = Identity::File { path: path.clone() };
            vec![Object::found(identity, &path, document)]
        }
        Body::Text(text) => of_template(&path, &text),
    };
    for object in &mut objects {
        object.owner = Some(owner.clone());
    }
    objects
}

impl Object {
    /// An object about which nothing else is known.
    pub(super) fn found(identity: Identity, file: &str, tree: Node) -> Self {
        Self { identity, file: file.to_owned(), document: None, tree, owner: None, causes: Vec::new() }
    }
}

/// An ini as sections of settings, a connection string as a map. Addresses stay on the leaves.
pub(super) fn ini_tree(ini: &Ini) -> Node {
    let map = |entries: Vec<(String, Node)>| -> Node {
        Value::Map(entries.into_iter().map(|(key, node)| (Cow::Owned(key), node)).collect()).into()
    };
    let setting = |value: &IniValue| match value {
        IniValue::Scalar(node) => node.clone(),
        IniValue::Pairs(pairs) => map(pairs.clone()),
    };
    let section = |entries: &[crate::doc::ini::Entry]| {
        map(entries.iter().map(|entry| (entry.key.clone(), setting(&entry.value))).collect())
    };
    map(ini.sections.iter().map(|it| (it.name.clone(), section(&it.entries))).collect())
}

fn of_documents(path: &str, documents: Vec<Node>) -> Vec<Object> {
    let is_one = documents.len() == 1;
    let object = |(index, tree): (usize, Node)| {
        let identity = kubernetes::identity(&tree, path).unwrap_or_else(|_| Identity::File { path: path.to_owned() });
        Object { document: (!is_one).then_some(index + 1), ..Object::found(identity, path, tree) }
    };
    documents.into_iter().enumerate().map(object).collect()
}

/// nginx where it is nginx; any other text line by line.
fn of_template(path: &str, text: &Text) -> Vec<Object> {
    let blocks = if path.ends_with(".conf") { nginx_objects(path, &text.text).unwrap_or_default() } else { Vec::new() };
    let mut objects = if blocks.is_empty() { vec![lines(path, &text.text)] } else { blocks };
    for object in &mut objects {
        object.causes.clone_from(&text.causes);
    }
    objects
}

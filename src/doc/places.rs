//! Where in a text a part of an object stands: the line that a person opens.
//!
//! The readers of YAML and JSON give trees without places, so this looks a second time, and only where somebody asks. It
//! is a map for people and decides nothing: what it cannot follow (an alias, a merge key) has the line of what is around
//! it. It must not know what a document means, beyond what a List is.

mod flow;
mod yaml;

use super::object::{Identity, Object};
use super::value::{Path, Step};
use super::{ini, nginx};

/// The lines of one text.
#[derive(Debug, Default)]
pub struct Places {
    nodes: Vec<Node>,
    /// The root of each document, in the order in which objects are counted.
    documents: Vec<usize>,
}

/// A node and the nodes below it.
#[derive(Debug, Default)]
struct Node {
    line: usize,
    children: Vec<(Step, usize)>,
    /// The text of a scalar, where a List may be known by it.
    scalar: Option<String>,
}

impl Places {
    /// Looks through the text of an object's file.
    pub fn of(object: &Object, text: &str) -> Self {
        match &object.identity {
            Identity::Kubernetes { .. } | Identity::File { .. } => Self::of_documents(text),
            Identity::Pgbouncer { .. } | Identity::Settings { .. } => Self::of_ini(text),
            Identity::Nginx { .. } => Self::of_nginx(text),
        }
    }

    /// Looks through YAML or JSON.
    pub fn of_documents(text: &str) -> Self {
        let mut places = Self::default();
        yaml::scan(text, &mut places);
        places.unpack();
        places
    }

    /// The line of a path in a document, from 1; of the nearest place above that could be found.
    pub fn line(&self, document: Option<usize>, path: &Path) -> usize {
        let index = document.map_or(0, |it| it.saturating_sub(1));
        let Some(root) = self.documents.get(index).copied() else { return 1 };
        let (mut line, mut at) = (self.nodes[root].line, root);
        for step in &path.0 {
            let Some(below) = self.child(at, step) else { break };
            (line, at) = (self.nodes[below].line, below);
        }
        line
    }

    fn child(&self, node: usize, step: &Step) -> Option<usize> {
        self.nodes[node].children.iter().find(|(it, _)| it == step).map(|(_, below)| *below)
    }

    fn add(&mut self, parent: Option<usize>, step: Step, line: usize) -> usize {
        self.nodes.push(Node { line, ..Node::default() });
        let node = self.nodes.len() - 1;
        match parent {
            Some(parent) => self.nodes[parent].children.push((step, node)),
            None => self.documents.push(node),
        }
        node
    }

    /// Puts the members of each List in its place: they count as documents.
    fn unpack(&mut self) {
        let documents = std::mem::take(&mut self.documents);
        for root in documents {
            let child = |node, key: &str| self.child(node, &Step::Key(key.to_owned()));
            let kind = child(root, "kind").and_then(|it| self.nodes[it].scalar.as_deref());
            let is_named = child(root, "metadata").is_some_and(|it| child(it, "name").is_some());
            match child(root, "items").filter(|_| kind.is_some_and(|it| it.ends_with("List")) && !is_named) {
                Some(items) => {
                    let members: Vec<usize> = self.nodes[items].children.iter().map(|(_, node)| *node).collect();
                    self.documents.extend(members);
                }
                None => self.documents.push(root),
            }
        }
    }

    fn of_ini(text: &str) -> Self {
        let mut places = Self::default();
        let root = places.add(None, Step::Index(0), 1);
        let mut section = root;
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if let Some(name) = line.strip_prefix('[').and_then(|it| it.split_once(']')).map(|(name, _)| name) {
                section = places.add(Some(root), Step::Key(name.to_owned()), index + 1);
            } else if let Some((key, _)) = line.split_once('=').filter(|_| !line.starts_with([';', '#'])) {
                debug_assert!(!key.is_empty() || ini::key_is_printable(key).is_err());
                places.add(Some(section), Step::Key(key.trim_end().to_owned()), index + 1);
            }
        }
        places
    }

    fn of_nginx(text: &str) -> Self {
        let mut places = Self::default();
        places.blocks(&nginx::parse(text).unwrap_or_default());
        places
    }

    /// Every `upstream` and `server` block is a document, as [`nginx::blocks`] counts them.
    fn blocks(&mut self, directives: &[nginx::Directive]) {
        for directive in directives {
            let Some(inside) = &directive.block else { continue };
            let is_object = match directive.name.as_str() {
                "upstream" => directive.arguments.len() == 1,
                "server" => directive.arguments.is_empty(),
                _ => false,
            };
            match is_object {
                true => {
                    let root = self.add(None, Step::Index(0), directive.line);
                    self.directives(root, inside);
                }
                false => self.blocks(inside),
            }
        }
    }

    /// A directive is found by its name, and by its name with one more argument each time.
    fn directives(&mut self, parent: usize, directives: &[nginx::Directive]) {
        for directive in directives {
            let mut key = directive.name.clone();
            let node = self.add(Some(parent), Step::Key(key.clone()), directive.line);
            for argument in &directive.arguments {
                key = format!("{key} {argument}");
                self.nodes[parent].children.push((Step::Key(key.clone()), node));
            }
            self.directives(node, directive.block.as_deref().unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests;

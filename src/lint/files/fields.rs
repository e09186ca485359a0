//! The fields that the kinds of Kubernetes, KEDA and eksctl have, and what stands in files beside them.
//!
//! `fields.txt` holds them; it is made from upstream's schemas, and a test compares the two. It must not know how a finding is
//! worded.

use std::collections::BTreeMap;

use crate::doc::object::Object;
use crate::doc::value::{Node, Value};

use super::{Files, entries, items, kind, text};

static TABLE: &str = include_str!("fields.txt");

/// What a field may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::lint) enum Shape {
    Text,
    Int,
    Number,
    Bool,
    /// A number or a text: `1`, `500m`.
    Quantity,
    /// A whole number or a text: `1`, `25%`.
    IntOrText,
    Any,
    List(Box<Shape>),
    Map(Box<Shape>),
    /// A type of the table.
    Of(&'static str),
}

/// A field that is not as its kind has it.
#[derive(Debug, Clone)]
pub(in crate::lint) struct Fault<'a> {
    pub(in crate::lint) object: &'a Object,
    pub(in crate::lint) node: &'a Node,
    /// The type that it stands in.
    pub(in crate::lint) within: &'static str,
    /// The place of that: `spec.template`; empty at the top.
    pub(in crate::lint) path: String,
    /// The key, or for the item of a list the list's.
    pub(in crate::lint) key: String,
    pub(in crate::lint) what: What,
}

#[derive(Debug, Clone)]
pub(in crate::lint) enum What {
    Unknown {
        /// The fields that there are.
        known: Vec<&'static str>,
        /// Where a field of this very name belongs, above or one level below, if that is clear.
        belongs: Option<String>,
    },
    Mistyped(Shape),
}

type Types = BTreeMap<&'static str, Vec<(&'static str, Shape)>>;

impl<'a> Files<'a> {
    /// Every field that its kind does not have, or that holds what it cannot hold.
    pub(in crate::lint) fn field_faults(&self) -> Vec<Fault<'a>> {
        let (kinds, types) = table();
        let mut faults = Vec::new();
        for object in self.kubernetes() {
            let of = (text(&object.tree, "apiVersion").unwrap_or_default(), kind(object));
            let Some(root) = kinds.get(&of) else { continue };
            let mut walk = Walk { object, types: &types, way: Vec::new(), faults: &mut faults };
            walk.fields(&object.tree, root);
        }
        faults
    }
}

struct Walk<'a, 'w> {
    object: &'a Object,
    types: &'w Types,
    /// From the top: the type, and the key by which it was left.
    way: Vec<(&'static str, &'a str)>,
    faults: &'w mut Vec<Fault<'a>>,
}

impl<'a> Walk<'a, '_> {
    fn fields(&mut self, node: &'a Node, within: &'static str) {
        let Some(known) = self.types.get(within) else { return };
        // Kustomize's and kubectl's own words in a patch: `$patch`, `$setElementOrder/…`.
        for (key, value) in entries(Some(node)).filter(|(key, _)| !key.starts_with('$')) {
            match known.iter().find(|(name, _)| *name == key) {
                Some((_, shape)) => {
                    self.way.push((within, key));
                    self.value(value, shape, within, key);
                    self.way.pop();
                }
                None => {
                    let known = known.iter().map(|(name, _)| *name).collect();
                    let what = What::Unknown { known, belongs: self.belongs(key, within) };
                    self.report(value, within, key, what, 0);
                }
            }
        }
    }

    fn value(&mut self, node: &'a Node, shape: &Shape, within: &'static str, key: &'a str) {
        match (shape, &node.value) {
            (Shape::Any, _) | (_, Value::Null) => {}
            (Shape::Of(name), Value::Map(_)) => self.fields(node, name),
            (Shape::List(of), Value::List(_)) => items(Some(node)).for_each(|it| self.value(it, of, within, key)),
            (Shape::Map(of), Value::Map(_)) => {
                for (key, value) in entries(Some(node)).filter(|(key, _)| !key.starts_with('$')) {
                    self.way.push((within, key));
                    self.value(value, of, within, key);
                    self.way.pop();
                }
            }
            (_, value) if holds(shape, value) => {}
            _ => self.report(node, within, key, What::Mistyped(shape.clone()), 1),
        }
    }

    /// `left`: how many of the last keys of the way are those of the field itself.
    fn report(&mut self, node: &'a Node, within: &'static str, key: &str, what: What, left: usize) {
        let path = self.path(self.way.len() - left);
        self.faults.push(Fault { object: self.object, node, within, path, key: key.to_owned(), what });
    }

    fn path(&self, length: usize) -> String {
        self.way.iter().take(length).map(|(_, key)| *key).collect::<Vec<_>>().join(".")
    }

    /// Where else on the way, or in one field right here, a name is known.
    fn belongs(&self, name: &str, within: &'static str) -> Option<String> {
        let has = |of: &str| self.types.get(of).is_some_and(|it| it.iter().any(|(field, _)| *field == name));
        let above = (0..self.way.len()).rev().find(|it| has(self.way[*it].0));
        if let Some(above) = above {
            return Some(if above == 0 { "the top".to_owned() } else { format!("`{}`", self.path(above)) });
        }
        let inner = |shape: &Shape| match shape {
            Shape::Of(inner) => has(inner),
            _ => false,
        };
        let mut below = self.types.get(within)?.iter().filter(|(field, shape)| *field != "status" && inner(shape));
        let (field, _) = below.next().filter(|_| below.next().is_none())?;
        let path = self.path(self.way.len());
        Some(if path.is_empty() { format!("`{field}`") } else { format!("`{path}.{field}`") })
    }
}

/// Whether a scalar may stand in a field. A text that is filled in later (`${REPLICAS}`, `{{ .max }}`) may hold anything.
fn holds(shape: &Shape, value: &Value) -> bool {
    match value {
        Value::Text(text) => {
            let is_filled_in = ["$", "{{", "<", "__", "@@", "%("].iter().any(|it| text.contains(it));
            let is_filled_in = is_filled_in || text.matches('%').count() > 1;
            matches!(shape, Shape::Text | Shape::Quantity | Shape::IntOrText) || is_filled_in
        }
        Value::Int(_) => matches!(shape, Shape::Int | Shape::Number | Shape::Quantity | Shape::IntOrText),
        Value::Float(float) => match shape {
            Shape::Number | Shape::Quantity => true,
            // JSON knows no difference between 2 and 2.0.
            Shape::Int | Shape::IntOrText => float.fract() == 0.0,
            _ => false,
        },
        Value::Bool(_) => *shape == Shape::Bool,
        Value::Null => true,
        Value::List(_) | Value::Map(_) => false,
    }
}

type Kinds = BTreeMap<(&'static str, &'static str), &'static str>;

/// Reads the table: the type of each API and kind, and the fields of each type.
fn table() -> (Kinds, Types) {
    let (mut kinds, mut types, mut current) = (Kinds::new(), Types::new(), "");
    for line in TABLE.lines().filter(|it| !it.starts_with('#')) {
        let mut words = line.split_whitespace();
        if line.starts_with("kind ") {
            if let (Some(api), Some(kind), Some(of)) = (words.nth(1), words.next(), words.next()) {
                kinds.insert((api, kind), of);
            }
        } else if line.starts_with("type ") {
            current = words.nth(1).unwrap_or_default();
            types.entry(current).or_default();
        } else if let Some(fields) = types.get_mut(current) {
            fields.extend(words.filter_map(|it| it.split_once(':')).map(|(field, of)| (field, shape(of))));
        }
    }
    (kinds, types)
}

fn shape(written: &'static str) -> Shape {
    let inner = |open, close| written.strip_prefix(open)?.strip_suffix(close).map(|it| Box::new(shape(it)));
    if let Some(of) = inner('[', ']') {
        return Shape::List(of);
    }
    if let Some(of) = inner('{', '}') {
        return Shape::Map(of);
    }
    match written {
        "text" => Shape::Text,
        "int" => Shape::Int,
        "number" => Shape::Number,
        "bool" => Shape::Bool,
        "quantity" => Shape::Quantity,
        "int-or-text" => Shape::IntOrText,
        "any" => Shape::Any,
        name => Shape::Of(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_table_is_one_of_its_types() {
        fn names(shape: &Shape) -> Option<&'static str> {
            match shape {
                Shape::List(of) | Shape::Map(of) => names(of),
                Shape::Of(name) => Some(name),
                _ => None,
            }
        }
        let (kinds, types) = table();
        assert!(kinds.len() > 10 && types.len() > 100, "{} kinds, {} types", kinds.len(), types.len());
        let used = types.values().flatten().filter_map(|(_, it)| names(it)).chain(kinds.values().copied());
        let unknown: Vec<&str> = used.filter(|it| types.get(it).is_none_or(Vec::is_empty)).collect();
        assert_eq!(unknown, Vec::<&str>::new());
    }
}

//! Keys that a table must have. serde stops at the first that is missing; the schema, which is made from the same types,
//! knows them all.

use serde_json::Value as Schema;

use super::document;
use super::tree::{Node, Table, Value};
use crate::diag::source::Span;
use crate::diag::{Diagnostic, Sink, suggest};

/// Reports the tables of a merged spec that lack keys, each once.
pub(super) fn check(tree: &Table, sink: &mut Sink) {
    let root = document::with_required_keys();
    let check = Check { root: &root };
    for (key, entry) in &tree.0 {
        check.node(&root["properties"][&**key], entry.key, &entry.node, sink);
    }
}

struct Check<'s> {
    root: &'s Schema,
}

impl Check<'_> {
    fn node(&self, schema: &Schema, key: Span, node: &Node, sink: &mut Sink) {
        let schema = self.fitting(schema, node);
        match &node.value {
            Value::Table(table) => {
                missing(schema, key, table, sink);
                for (name, entry) in &table.0 {
                    let below = schema["properties"].get(&**name).unwrap_or(&schema["additionalProperties"]);
                    self.node(below, entry.key, &entry.node, sink);
                }
            }
            Value::List(items) => items.iter().for_each(|item| self.node(&schema["items"], item.span, item, sink)),
            _ => {}
        }
    }

    /// The schema behind references, and of several alternatives the one for a value of this kind.
    fn fitting<'s>(&'s self, schema: &'s Schema, node: &Node) -> &'s Schema {
        let kind = match node.value {
            Value::Table(_) => "object",
            Value::List(_) => "array",
            _ => return &Schema::Null,
        };
        let target = schema["$ref"].as_str().and_then(|it| self.root.pointer(it.strip_prefix('#')?));
        let schema = target.unwrap_or(schema);
        match schema["anyOf"].as_array() {
            Some(choices) => choices
                .iter()
                .map(|choice| self.fitting(choice, node))
                .find(|choice| choice["type"] == kind)
                .unwrap_or(&Schema::Null),
            None => schema,
        }
    }
}

fn missing(schema: &Schema, key: Span, table: &Table, sink: &mut Sink) {
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Schema::as_str);
    let missing: Vec<&str> = required.filter(|it| !table.0.contains_key(*it)).collect();
    let message = match missing.as_slice() {
        [] => return,
        [one] => format!("the key `{one}` is missing"),
        _ => format!("the keys {} are missing", suggest::list(missing.iter().copied())),
    };
    let help = missing.iter().map(|it| format!("`{it} = …`")).collect::<Vec<_>>().join(", ");
    sink.error(Diagnostic::error(message).at(key, "").help(format!("add {help}")));
}

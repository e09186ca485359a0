//! What a service or a worker is laid on: `[defaults]`, and the `[class.NAME]` that it names.
//!
//! Both hold keys of services and workers together; each table takes those that it knows. Own keys come last, so a
//! diagnostic, and every explanation, points to where a value was really written.

use std::collections::BTreeSet;

use super::scalar::{Rule, TableName};
use super::tree::{Entry, Node, Table, Value};
use super::{de, merge, service, worker};
use crate::diag::source::Spanned;
use crate::diag::{Diagnostic, Sink, suggest};

/// The key that names a class.
const CLASS: &str = "class";

/// The presets of both families.
#[derive(Default)]
pub(super) struct Presets {
    pub(super) service: Preset,
    pub(super) worker: Preset,
}

/// What tables of one kind are laid on.
#[derive(Default)]
pub(super) struct Preset {
    defaults: Table,
    /// By name, sorted.
    classes: Vec<(Box<str>, Table)>,
}

/// The keys of a family, and those of its `autoscale`.
type Keys = (&'static [&'static str], &'static [&'static str]);

fn keys() -> [Keys; 2] {
    [
        (de::keys_of::<service::Service>(), de::keys_of::<service::ServiceAutoscale>()),
        (de::keys_of::<worker::Worker>(), de::keys_of::<worker::WorkerAutoscale>()),
    ]
}

/// Takes `[defaults]` and `[class]` out of the spec.
pub(super) fn take(tree: &mut Table, sink: &mut Sink) -> Presets {
    let mut presets = Presets::default();
    let [of_service, of_worker] = keys();
    if let Some(entry) = tree.0.remove("defaults")
        && let Some(table) = table(&entry, "[defaults]", sink)
    {
        check_keys(table, sink);
        presets.service.defaults = merge::narrowed(table, of_service.0, of_service.1);
        presets.worker.defaults = merge::narrowed(table, of_worker.0, of_worker.1);
    }
    let Some(group) = tree.0.remove(CLASS) else { return presets };
    let Some(classes) = table(&group, "[class.NAME]", sink) else { return presets };
    for (name, entry) in &classes.0 {
        check_name(name, entry, sink);
        let Some(table) = table(entry, &format!("[class.{name}]"), sink) else { continue };
        check_keys(table, sink);
        refuse_class_of_class(name, table, sink);
        let (service, worker) =
            (merge::narrowed(table, of_service.0, of_service.1), merge::narrowed(table, of_worker.0, of_worker.1));
        // A class that nothing uses may be wrong too; what two read is told once.
        check_values::<service::Service>(entry, &service, sink);
        check_values::<worker::Worker>(entry, &worker, sink);
        presets.service.classes.push((name.clone(), service));
        presets.worker.classes.push((name.clone(), worker));
    }
    presets
}

impl Preset {
    pub(super) fn is_empty(&self) -> bool {
        self.defaults.0.is_empty() && self.classes.is_empty()
    }

    /// Lays a table of this kind on its class, and both on the defaults.
    pub(super) fn lay(&self, own: &mut Table, path: &[&str], sink: &mut Sink) {
        let over = std::mem::replace(own, self.defaults.clone());
        let named = over.0.get(CLASS).or_else(|| own.0.get(CLASS)).map(|entry| &entry.node);
        if let Some(class) = named.and_then(|it| self.class(it, sink)) {
            merge::overlay(own, class, path);
        }
        merge::overlay(own, over, path);
    }

    /// The class of a name; what is no text is reported where it is read.
    fn class(&self, named: &Node, sink: &mut Sink) -> Option<Table> {
        let Value::Text(name) = &named.value else { return None };
        let found = self.classes.iter().find(|(it, _)| it == name);
        if found.is_none() {
            let message = format!("there is no `[class.{}]`", name.escape_debug());
            let help = match self.classes.is_empty() {
                true => format!("begin it with `[class.{}]`, or take the key out", name.escape_debug()),
                false => suggest::help(name, self.classes.iter().map(|(it, _)| &**it)),
            };
            sink.error(Diagnostic::error(message).at(named.span, "").help(help));
        }
        found.map(|(_, table)| table.clone())
    }
}

fn table<'e>(entry: &'e Entry, heading: &str, sink: &mut Sink) -> Option<&'e Table> {
    let table = entry.node.table();
    if table.is_none() {
        let message = format!("expected a table, found {}", entry.node.kind());
        let help = format!("begin it with `{heading}`");
        sink.error(Diagnostic::error(message).at(entry.node.span, "").help(help));
    }
    table
}

fn check_name(name: &str, entry: &Entry, sink: &mut Sink) {
    if let Err(fault) = TableName::check(name) {
        let message = format!("the name of a `[class]` table: {fault}");
        let help = format!("write {}", TableName::EXPECTED);
        sink.error(Diagnostic::error(message).at(entry.key, "").help(help));
    }
}

fn refuse_class_of_class(name: &str, table: &Table, sink: &mut Sink) {
    if let Some(entry) = table.0.get(CLASS) {
        let message = format!("`[class.{}]` names a class: classes do not build on each other", name.escape_debug());
        let help = "take the line out; what all classes share belongs under `[defaults]`";
        sink.error(Diagnostic::error(message).at(entry.key, "").help(help));
    }
}

fn check_keys(table: &Table, sink: &mut Sink) {
    let keys = keys();
    let known: BTreeSet<&str> = keys.iter().flat_map(|it| it.0).copied().collect();
    let known_autoscale: BTreeSet<&str> = keys.iter().flat_map(|it| it.1).copied().collect();
    report_unknown(table, &known, sink);
    if let Some(autoscale) = table.0.get("autoscale").and_then(|entry| entry.node.table()) {
        report_unknown(autoscale, &known_autoscale, sink);
    }
}

fn report_unknown(table: &Table, known: &BTreeSet<&str>, sink: &mut Sink) {
    for (key, entry) in &table.0 {
        if !known.contains(&**key) {
            let message = format!("unknown key `{}`", key.escape_debug());
            let help = suggest::help(key, known.iter().copied());
            sink.error(Diagnostic::error(message).at(entry.key, "neither a service nor a worker has it").help(help));
        }
    }
}

fn check_values<T: serde::de::DeserializeOwned>(entry: &Entry, narrowed: &Table, sink: &mut Sink) {
    let node = Node { value: Value::Table(narrowed.clone()), span: entry.node.span };
    let _: (Option<Spanned<T>>, bool) = de::read(entry.key, &node, sink);
}

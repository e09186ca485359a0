//! What lints know of files that somebody wrote: objects, how they belong together, and where each value stands.
//!
//! A lint holds on to nodes of an object's tree; their places are looked up only where something is found. It must not know
//! what is wrong with anything.

pub(super) mod compose;
pub(super) mod fields;
pub(super) mod kubectl;
pub(super) mod pods;
pub(super) mod pools;
pub(super) mod rbac;
pub(super) mod rules;
pub(super) mod scaling;
pub(super) mod windows;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::diag::source::{FileId, SourceKind, Sources, Span};
use crate::doc::nginx;
use crate::doc::object::{self, Identity, Object};
use crate::doc::value::mark::Mark;
use crate::doc::value::{Node, Value};

/// The objects of some texts.
#[derive(Debug)]
pub struct Files<'a> {
    objects: &'a [Object],
    sources: &'a Sources,
    texts: BTreeMap<&'a str, (FileId, OnceCell<Vec<Mark>>)>,
    /// Whether an object stands there twice: the variants of an overlay or of environments.
    has_variants: bool,
}

/// The main file of an nginx.
#[derive(Debug)]
pub(super) struct Main<'a> {
    pub(super) name: &'a str,
    pub(super) file: FileId,
    pub(super) directives: Vec<nginx::Directive>,
}

impl<'a> Files<'a> {
    /// The objects of texts that are among the sources, under the names of their files.
    pub fn new(objects: &'a [Object], sources: &'a Sources) -> Self {
        let files = sources.files().filter(|it| sources.kind(*it) == SourceKind::File);
        let texts = files.map(|it| (sources.name(it), (it, OnceCell::new()))).collect();
        let mut seen = BTreeSet::new();
        let is_counted = |it: &&Object| matches!(it.identity, Identity::Kubernetes { .. });
        let has_variants = !objects.iter().filter(is_counted).all(|it| seen.insert(&it.identity));
        Self { objects, sources, texts, has_variants }
    }

    /// The Kubernetes objects of a kind that no controller made.
    pub(super) fn of_kind<'f>(&'f self, wanted: &'f str) -> impl Iterator<Item = &'a Object> + 'f {
        self.objects.iter().filter(move |it| kind(it) == wanted && !it.is_controlled())
    }

    /// Every Kubernetes object that no controller made.
    pub(super) fn kubernetes(&self) -> impl Iterator<Item = &'a Object> + '_ {
        self.objects.iter().filter(|it| !kind(it).is_empty() && !it.is_controlled())
    }

    /// The inis of PgBouncer.
    pub(super) fn pgbouncers(&self) -> impl Iterator<Item = &'a Object> + '_ {
        self.objects.iter().filter(|it| matches!(it.identity, Identity::Pgbouncer { .. }))
    }

    /// The settings of a program that has flat files: `postgresql`.
    pub(super) fn settings(&self, wanted: &'static str) -> impl Iterator<Item = &'a Object> + '_ {
        let is_it = move |it: &&Object| matches!(it.identity, Identity::Settings { program, .. } if program == wanted);
        self.objects.iter().filter(is_it)
    }

    /// The blocks of nginx, `upstream` or `server`, with their names.
    pub(super) fn nginx(&self, wanted: &'static str) -> impl Iterator<Item = (&'a Object, &'a str)> + '_ {
        self.objects.iter().filter_map(move |it| match &it.identity {
            Identity::Nginx { kind, name } if *kind == wanted => Some((it, name.as_str())),
            _ => None,
        })
    }

    /// The texts of nginx that say how many connections a worker may have.
    pub(super) fn nginx_mains(&self) -> Vec<Main<'a>> {
        let mains = self.texts.iter().filter_map(|(name, (file, _))| {
            let text = self.sources.text(*file);
            let is_conf = !name.ends_with(".yaml") && !name.ends_with(".yml") && !name.ends_with(".json");
            if !is_conf || !text.contains("worker_connections") {
                return None;
            }
            Some(Main { name, file: *file, directives: nginx::parse(text).ok()? })
        });
        mains.collect()
    }

    /// The `nodeGroups` or `managedNodeGroups` of eksctl's configurations.
    pub(super) fn nodegroups(&self, list: &'static str) -> impl Iterator<Item = (&'a Object, &'a Node)> + '_ {
        let configs = self.objects.iter().filter(|it| kind(it) == "ClusterConfig");
        configs.flat_map(move |it| items(it.tree.get(list)).map(move |group| (it, group)))
    }

    /// Whether two objects speak of each other where one names the other: same namespace, and no two variants.
    ///
    /// A namespace that is not written may be any. Where objects stand there in variants, only what stands in one folder,
    /// or below the other's, belongs together.
    pub(super) fn are_together(&self, one: &Object, other: &Object) -> bool {
        let same_namespace = match (namespace(one), namespace(other)) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        same_namespace && self.are_near(one, other)
    }

    /// The same for objects that may belong together over namespaces.
    pub(super) fn are_near(&self, one: &Object, other: &Object) -> bool {
        let (near, far) = (folder(&one.file), folder(&other.file));
        one.file == other.file || !self.has_variants || is_below(near, far) || is_below(far, near)
    }

    /// Whether an object may be a part of one, which Kustomize lays over another: what is missing in it stands there.
    pub(super) fn is_patch(&self, object: &Object) -> bool {
        let is_same = |it: &&Object| it.identity == object.identity && !std::ptr::eq(*it, object);
        let patches = |it: &&Object| {
            let is_kustomization = matches!(it.identity, Identity::File { .. });
            let lists = ["patches", "patchesStrategicMerge"].map(|key| items(it.tree.get(key)).next());
            is_kustomization && lists.iter().any(Option::is_some) && is_below(folder(&object.file), folder(&it.file))
        };
        self.objects.iter().any(|it| is_same(&it) || patches(&it))
    }

    /// Where a value stands; for a map or a list, and for what has no place of its own, its key or what is around it.
    pub(super) fn at(&self, object: &Object, node: &Node) -> Span {
        self.place(object, node, Mark::shown)
    }

    /// Where the key of a value stands.
    pub(super) fn key(&self, object: &Object, node: &Node) -> Span {
        self.place(object, node, |mark| mark.key.clone().or_else(|| mark.shown()))
    }

    /// A scalar as it is written, without its quotes: `1.20` is not `1.2`.
    pub(super) fn written(&self, object: &Object, node: &Node) -> String {
        let place = self.at(object, node);
        let text = self.sources.text(place.file).get(place.range()).unwrap_or_default();
        let meant = scalar(node).unwrap_or_default();
        let is_number = meant.parse::<f64>().is_ok_and(|it| text.parse() == Ok(it));
        if is_number { text.to_owned() } else { meant }
    }

    /// What stands behind a value on its line, and where, without the blanks around it.
    pub(super) fn behind(&self, object: &Object, node: &Node) -> Option<(Span, &'a str)> {
        let value = self.at(object, node);
        let position = self.sources.position(Span { start: value.end, ..value });
        let line = self.sources.line(value.file, position.line)?;
        let rest = self.sources.text(value.file).get(value.range().end..line.end)?.trim_end();
        let text = rest.trim_start();
        let start = value.range().end + rest.len() - text.len();
        Some((Span::new(value.file, start..start + text.len()), text))
    }

    fn place(&self, object: &Object, node: &Node, shown: impl Fn(&Mark) -> Option<std::ops::Range<usize>>) -> Span {
        let Some((file, marks)) = self.texts.get(object.file.as_str()) else {
            return Span::new(FileId::FIRST, 0..0);
        };
        let marks = marks.get_or_init(|| object::marks(&object.file, self.sources.text(*file)));
        let document = marks.get(object.document.map_or(0, |it| it.saturating_sub(1)));
        let path = object.tree.path_of(node).unwrap_or_default();
        let way = document.map(|it| it.along(&path)).unwrap_or_default();
        let found = match way.split_last() {
            Some((last, before)) if before.len() == path.0.len() => {
                shown(last).or_else(|| before.iter().rev().find_map(|it| around(it)))
            }
            Some(_) => way.iter().rev().find_map(|it| around(it)),
            None => None,
        };
        Span::new(*file, found.unwrap_or(0..0))
    }
}

/// What stands for a thing that holds another: its key, or for a whole document its first key.
fn around(mark: &Mark) -> Option<std::ops::Range<usize>> {
    mark.key.clone().or_else(|| mark.shown())
}

/// The kind of a Kubernetes object; empty for anything else.
pub(super) fn kind(object: &Object) -> &str {
    match &object.identity {
        Identity::Kubernetes { kind, .. } => kind,
        _ => "",
    }
}

/// The name of an object.
pub(super) fn name(object: &Object) -> &str {
    match &object.identity {
        Identity::Kubernetes { name, .. }
        | Identity::Pgbouncer { name }
        | Identity::Settings { name, .. }
        | Identity::Nginx { name, .. } => name,
        Identity::File { path } => path,
    }
}

/// What messages call an object: the ini of a PgBouncer by its file.
pub(super) fn title(object: &Object) -> String {
    match &object.identity {
        Identity::Pgbouncer { .. } | Identity::Settings { .. } => object.file.clone(),
        identity => identity.to_string(),
    }
}

fn namespace(object: &Object) -> Option<&str> {
    match &object.identity {
        Identity::Kubernetes { namespace, .. } => namespace.as_deref(),
        _ => None,
    }
}

/// Whether a folder is another one, or lies in it.
fn is_below(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|it| outer.is_empty() || it.is_empty() || it.starts_with('/'))
}

fn folder(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The value at a path of keys, with dots between them.
pub(super) fn get<'a>(node: &'a Node, path: &str) -> Option<&'a Node> {
    path.split('.').try_fold(node, |node, key| node.get(key)).filter(|it| it.value != Value::Null)
}

/// The text at a path.
pub(super) fn text<'a>(node: &'a Node, path: &str) -> Option<&'a str> {
    get(node, path)?.as_str()
}

/// A whole number.
pub(super) fn int(node: &Node) -> Option<i64> {
    match node.value {
        Value::Int(int) => Some(int),
        _ => None,
    }
}

/// A scalar as it is written, or nearly so.
pub(super) fn scalar(node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(text.to_string()),
        Value::Int(int) => Some(int.to_string()),
        Value::Float(float) => Some(float.to_string()),
        Value::Bool(bool) => Some(bool.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

/// The items of a list; none where it is no list.
pub(super) fn items<'a>(node: Option<&'a Node>) -> impl Iterator<Item = &'a Node> + use<'a> {
    match node.map(|it| &it.value) {
        Some(Value::List(items)) => items.iter(),
        _ => [].iter(),
    }
}

/// The entries of a map; none where it is no map.
pub(super) fn entries<'a>(node: Option<&'a Node>) -> impl Iterator<Item = (&'a str, &'a Node)> + use<'a> {
    let entries = match node.map(|it| &it.value) {
        Some(Value::Map(entries)) => entries.iter(),
        _ => [].iter(),
    };
    entries.map(|(key, value)| (key.as_ref(), value))
}

//! What was read: which objects the spec may take, which it passes over, and where each stands.

use std::collections::{BTreeMap, BTreeSet};

use super::{Options, Places, tree};
use crate::doc::object::{Identity, Object};
use crate::doc::value::{Path, Step};
use crate::unit::kubernetes;

/// Something that a person should know about what was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// An object that the spec does not ask for. It stays as it is.
    Stays { place: String, object: String, why: String },
    /// A field that the spec has no word for, in an object that it asks for.
    Unsaid { object: Identity, file: String, path: Path, why: &'static str },
    /// Objects of a kind that capgen never writes; a count for each.
    Others { kind: String, count: usize, place: String },
}

/// The objects of an import. Each is taken by one part of the spec at most.
pub(super) struct Found<'a> {
    pub(super) objects: &'a [Object],
    pub(super) texts: &'a BTreeMap<String, String>,
    /// The namespace of the spec; `None`: nobody names one.
    pub(super) namespace: Option<String>,
    taken: BTreeSet<usize>,
    passed: BTreeSet<usize>,
    remarks: Vec<Remark>,
    /// Files that were read though no object stands in them.
    pub(super) read: BTreeSet<String>,
    places: BTreeMap<&'a str, Places>,
}

/// Kinds that capgen writes: one that is not taken has a reason of its own.
const WRITTEN: [&str; 5] =
    ["HorizontalPodAutoscaler", "ScaledObject", "PodDisruptionBudget", "CronJob", "ClusterConfig"];

impl<'a> Found<'a> {
    pub(super) fn new(objects: &'a [Object], texts: &'a BTreeMap<String, String>, options: Options<'_>) -> Self {
        let mut places: BTreeMap<&str, Places> = BTreeMap::new();
        for object in objects {
            let text = texts.get(&object.file).map(String::as_str).unwrap_or_default();
            places.entry(&object.file).or_insert_with(|| Places::of(&object.file, text));
        }
        let namespace = options.namespace.map(str::to_owned).or_else(|| most_common(objects));
        let (taken, passed, read) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut found = Self { objects, texts, namespace, taken, passed, remarks: Vec::new(), read, places };
        found.pass_over();
        found
    }

    /// Leaves out what is nobody's to write: what a controller keeps, what stands twice, what stands elsewhere.
    fn pass_over(&mut self) {
        let mut first: BTreeMap<&Identity, usize> = BTreeMap::new();
        let objects = self.objects;
        for (index, object) in objects.iter().enumerate() {
            let before = first.entry(&object.identity).or_insert(index);
            if object.is_controlled() {
                self.stays(index, "a controller made it and keeps it".to_owned());
            } else if *before != index {
                let place = self.place(*before, "");
                self.stays(index, format!("the same object stands in `{place}`, and the first counts"));
            } else if let Identity::Kubernetes { namespace: Some(namespace), .. } = &object.identity
                && Some(namespace) != self.namespace.as_ref()
            {
                let own = self.namespace.clone().unwrap_or_default();
                let why = format!(
                    "a spec has one namespace, this one is `{own}`: `capgen import --namespace {namespace}` makes \
                     another spec"
                );
                self.stays(index, why);
            }
        }
    }

    /// Objects of a kind that were not passed over, in the order in which they stand.
    pub(super) fn of_kind(&self, kinds: &[&str]) -> Vec<usize> {
        let is_kind = |index: &usize| match &self.objects[*index].identity {
            Identity::Kubernetes { kind, .. } => kinds.contains(&kind.as_str()),
            _ => false,
        };
        (0..self.objects.len()).filter(|it| self.is_open(*it)).filter(is_kind).collect()
    }

    /// Objects that are no documents.
    pub(super) fn of_format(&self, is_it: impl Fn(&Identity) -> bool) -> Vec<usize> {
        (0..self.objects.len()).filter(|it| self.is_open(*it) && is_it(&self.objects[*it].identity)).collect()
    }

    fn is_open(&self, index: usize) -> bool {
        !self.passed.contains(&index) && !self.taken.contains(&index)
    }

    /// Marks an object as one that the spec asks for.
    pub(super) fn take(&mut self, index: usize) {
        self.taken.insert(index);
    }

    /// Marks an object as one that stays as it is.
    pub(super) fn stays(&mut self, index: usize, why: String) {
        if self.passed.insert(index) {
            let (place, object) = (self.place(index, ""), self.objects[index].identity.to_string());
            self.remarks.push(Remark::Stays { place, object, why });
        }
    }

    /// Says why a field cannot be said.
    pub(super) fn unsaid(&mut self, index: usize, place: &str, why: &'static str) {
        self.unsaid_at(index, tree::path(place), why);
    }

    /// The same for keys that may have blanks in them.
    pub(super) fn unsaid_keys(&mut self, index: usize, keys: &[&str], why: &'static str) {
        self.unsaid_at(index, Path(keys.iter().map(|it| Step::Key((*it).to_owned())).collect()), why);
    }

    fn unsaid_at(&mut self, index: usize, path: Path, why: &'static str) {
        let object = &self.objects[index];
        let file = object.file.clone();
        self.remarks.push(Remark::Unsaid { object: object.identity.clone(), file, path, why });
    }

    /// Something that is no object at all.
    pub(super) fn stays_beside(&mut self, place: String, object: &str, why: String) {
        self.remarks.push(Remark::Stays { place, object: object.to_owned(), why });
    }

    /// `k8s/hpa.yaml:12`.
    pub(super) fn place(&self, index: usize, place: &str) -> String {
        let object = &self.objects[index];
        let line = self.places.get(object.file.as_str()).map(|it| it.line(object.document, &tree::path(place)));
        format!("{}:{}", object.file, line.unwrap_or(1))
    }

    /// Objects with their places.
    pub(super) fn described(&self, indices: &[usize]) -> Vec<(Identity, String)> {
        indices.iter().map(|it| (self.objects[*it].identity.clone(), self.place(*it, ""))).collect()
    }

    /// Name of an object.
    pub(super) fn name(&self, index: usize) -> &'a str {
        match &self.objects[index].identity {
            Identity::Kubernetes { name, .. } | Identity::Pgbouncer { name } | Identity::Nginx { name, .. } => name,
            Identity::Settings { name, .. } => name,
            Identity::File { path } => path,
        }
    }

    pub(super) fn kind(&self, index: usize) -> &'a str {
        match &self.objects[index].identity {
            Identity::Kubernetes { kind, .. } => kind,
            _ => "",
        }
    }

    /// Everything that was said, and what nobody spoke of.
    pub(super) fn finish(mut self) -> Vec<Remark> {
        let mut others: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for index in 0..self.objects.len() {
            let (kind, identity) = (self.kind(index), &self.objects[index].identity);
            match identity {
                _ if !self.is_open(index) => {}
                Identity::Settings { .. } => {
                    self.stays(index, "an import takes no settings of a server over".to_owned())
                }
                Identity::File { .. } => {}
                Identity::Kubernetes { .. } if !WRITTEN.contains(&kind) => others.entry(kind).or_default().push(index),
                _ => self.stays(index, "nothing in it is for a spec".to_owned()),
            }
        }
        for (kind, indices) in others {
            let place = indices.first().map(|it| self.place(*it, "")).unwrap_or_default();
            self.remarks.push(Remark::Others { kind: kind.to_owned(), count: indices.len(), place });
        }
        self.remarks
    }
}

/// The namespace of most objects that capgen could write, then of most objects.
fn most_common(objects: &[Object]) -> Option<String> {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for object in objects {
        if let Identity::Kubernetes { kind, namespace: Some(namespace), .. } = &object.identity
            && kubernetes::dns_label(namespace).is_ok()
        {
            let count = counts.entry(namespace).or_default();
            count.0 += usize::from(WRITTEN.contains(&kind.as_str()));
            count.1 += 1;
        }
    }
    let most = counts.values().max().copied()?;
    counts.into_iter().find(|(_, count)| *count == most).map(|(namespace, _)| namespace.to_owned())
}

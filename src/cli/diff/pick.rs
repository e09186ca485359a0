//! Which objects of the spec can stand on the other side at all.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::doc::Artifact;
use crate::doc::object::{self, Identity, OVERRIDE, Object};
use crate::doc::state::State;
use crate::doc::value::Value;
use crate::state::cluster;
use crate::target::Gathered;

/// Said where something was left out that a person may look for.
const LEFT_OUT: &str =
    "files of PgBouncer, nginx and eksctl do not stand in a cluster: compare them with `dir:` or `git:`";

/// The keys of a kustomization that changes nothing.
const PLAIN: [&str; 5] = ["apiVersion", "kind", "metadata", "resources", "namespace"];

/// The objects that can stand where people keep theirs, in any layout: capgen's own kustomization is none of them.
pub(in crate::cli) fn of_anybody(artifact: Artifact) -> impl Iterator<Item = Object> {
    object::of_artifact(artifact).into_iter().filter(|it| !matches!(it.identity, Identity::File { .. }))
}

/// The same with the override file of Docker Compose, which is laid over a file of people's own.
pub(in crate::cli) fn of_import(artifact: Artifact) -> impl Iterator<Item = Object> {
    let is_other = |it: &Identity| matches!(it, Identity::File { path } if path != OVERRIDE);
    object::of_artifact(artifact).into_iter().filter(move |it| !is_other(&it.identity))
}

/// The objects of artifacts, file by file: those of one file were handed over together.
pub(in crate::cli) fn in_order(objects: Gathered<Object>) -> Vec<Object> {
    let mut objects = objects.into_vec();
    objects.sort_by(|a, b| a.file.cmp(&b.file));
    objects
}

/// Keeps what can stand in a cluster; a note where something else was there.
pub(super) fn of_cluster(objects: &mut Vec<Object>) -> Option<String> {
    let all = objects.len();
    objects.retain(|it| cluster::holds(&it.identity));
    (objects.len() < all).then(|| LEFT_OUT.to_owned())
}

/// Takes away what only kustomize reads; a note where that would make other objects of those that are there.
/// `read` reads what kustomize prints.
pub(in crate::cli) fn kustomizations(state: &mut State, read: &str) -> Option<String> {
    let is_plain = |it: &Object| match &it.tree.value {
        Value::Map(entries) => entries.iter().all(|(key, _)| PLAIN.contains(&key.as_ref())),
        _ => false,
    };
    let taken = state.objects.extract_if(.., |it| matches!(it.identity, Identity::File { .. }));
    let (kustomizations, others): (Vec<Object>, Vec<Object>) =
        taken.partition(|it| object::is_kustomization(&it.tree, &it.file));
    state.skipped.extend(others.into_iter().map(|it| (it.file, "no object of a cluster")));
    let mut changing = kustomizations.iter().filter(|it| !is_plain(it));
    let file = &changing.next()?.file;
    let more = match changing.count() {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    let folder = file.rsplit_once('/').map_or(".", |(folder, _)| folder);
    Some(format!(
        "`{file}`{more} is not carried out: files are taken as they stand. Render them first: `kubectl kustomize \
         {folder} | {read}`"
    ))
}

/// Notes on objects that stand there several times: a base with its patches, the manifests of two environments.
pub(super) fn several(new: &[Object], old: &State) -> Vec<String> {
    let mut files: BTreeMap<&Identity, Vec<&str>> = BTreeMap::new();
    for object in &old.objects {
        files.entry(&object.identity).or_default().push(&object.file);
    }
    let note = |object: &Object| {
        let anywhere = unplaced(&object.identity).filter(|it| *it != object.identity);
        let placed = files.get(&object.identity);
        let found: Vec<&str> =
            placed.into_iter().chain(anywhere.and_then(|it| files.get(&it))).flatten().copied().collect();
        let [first, second, ..] = found.as_slice() else { return None };
        let (name, count) = (&object.identity, found.len());
        Some(format!("`{name}` stands there {count} times (`{first}`, `{second}`): the first is compared"))
    };
    new.par_iter().filter_map(note).collect()
}

/// The identity of a manifest that leaves the namespace to who applies it.
fn unplaced(identity: &Identity) -> Option<Identity> {
    let Identity::Kubernetes { group, kind, name, .. } = identity else { return None };
    let (group, kind, name) = (group.clone(), kind.clone(), name.clone());
    Some(Identity::Kubernetes { group, kind, namespace: None, name })
}

/// Whether everything there was held by an API server, which gives every object a `uid`: then it is a cluster, kept in a file.
pub(in crate::cli) fn is_dump(state: &State) -> bool {
    let has_uid = |it: &Object| it.tree.get("metadata").is_some_and(|it| it.get("uid").is_some());
    !state.objects.is_empty() && state.objects.iter().all(has_uid)
}

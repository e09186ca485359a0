//! Which objects of the spec can stand on the other side at all.

use crate::doc::Artifact;
use crate::doc::object::{Identity, Object};
use crate::doc::state::State;
use crate::state::cluster;

use super::objects_of;

/// Said where something was left out that a person may look for.
const LEFT_OUT: &str =
    "files of PgBouncer, nginx and eksctl do not stand in a cluster: compare them with `dir:` or `git:`";

/// The objects that can stand where people keep theirs, in any layout: capgen's own kustomization is none of them.
pub(super) fn of_anybody(artifacts: &[Artifact]) -> impl Iterator<Item = Object> {
    objects_of(artifacts).into_iter().filter(|it| !matches!(it.identity, Identity::File { .. }))
}

/// Keeps what can stand in a cluster; a note where something else was there.
pub(super) fn of_cluster(objects: &mut Vec<Object>) -> Option<String> {
    let all = objects.len();
    objects.retain(|it| cluster::holds(&it.identity));
    (objects.len() < all).then(|| LEFT_OUT.to_owned())
}

/// Whether everything there was held by an API server, which gives every object a `uid`: then it is a cluster, kept in a file.
pub(super) fn is_dump(state: &State) -> bool {
    let has_uid = |it: &Object| it.tree.get("metadata").is_some_and(|it| it.get("uid").is_some());
    !state.objects.is_empty() && state.objects.iter().all(has_uid)
}

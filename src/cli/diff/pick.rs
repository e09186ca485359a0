//! Which objects of the spec can stand on the other side at all.

use crate::doc::Artifact;
use crate::doc::object::{Identity, Object};
use crate::state::cluster;

use super::objects_of;

/// What kind of place the other side is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Files of people, in any layout: capgen's own kustomization is none of them.
    Manifests,
    /// A cluster, which holds no files.
    Cluster,
}

/// The objects that were picked.
pub(super) struct Picked {
    side: Side,
    pub(super) objects: Vec<Object>,
    /// Said where something was left out that a person may look for.
    pub(super) left_out: Option<&'static str>,
}

impl Picked {
    pub(super) fn new(side: Side) -> Self {
        Self { side, objects: Vec::new(), left_out: None }
    }

    pub(super) fn take(&mut self, artifacts: &[Artifact]) {
        for object in objects_of(artifacts) {
            let is_own_file = matches!(object.identity, Identity::File { .. });
            match self.side {
                _ if is_own_file => {}
                Side::Cluster if !cluster::holds(&object.identity) => {
                    self.left_out = Some(
                        "files of PgBouncer, nginx and eksctl do not stand in a cluster: compare them with `dir:` or `git:`",
                    );
                }
                _ => self.objects.push(object),
            }
        }
    }
}

//! From what is there to a spec: hand-written manifests, ini and conf become the tables that would write them.
//!
//! Pure: objects and their texts go in, a [`Draft`] comes out: the spec as units that can be taken out one by one, and
//! what was read and stands in none of them, each with the reason. Numbers become pins, because a manifest says how many
//! and never why. Whether the build of the draft is what was read is not known here: who may compile looks after that,
//! and leaves out what was not taken over as it stands.

mod behavior;
mod compose;
mod conflicts;
mod cronjob;
mod draft;
mod eksctl;
mod found;
mod hpa;
mod keda;
mod nginx;
mod pdb;
mod pgbouncer;
mod places;
mod platform;
mod resources;
mod toml;
mod tree;
mod workloads;

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::doc::object::Object;

pub use compose::capacity;
pub use draft::{Draft, Printed, Unit};
pub use found::Remark;
pub use places::Places;

use found::Found;

/// What a person may say about an import.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// The namespace of the spec; `None`: that of most objects.
    pub namespace: Option<&'a str>,
}

/// Makes a draft of everything that was read. `texts` are those of the files, by name.
///
/// # Errors
/// What contradicts itself: two autoscalers of one workload. Each names both places.
pub fn import(
    objects: &[Object],
    texts: &BTreeMap<String, String>,
    options: Options<'_>,
) -> Result<Draft, Vec<Diagnostic>> {
    let mut found = Found::new(objects, texts, options);
    let conflicts = conflicts::check(&found);
    if !conflicts.is_empty() {
        return Err(conflicts);
    }
    let mut draft = Draft::default();
    let mut workloads = workloads::of(&mut found);
    let windows = cronjob::windows(&mut workloads, &mut found);
    pdb::assign(&mut workloads, &mut found);
    let compose = compose::add(&mut workloads, &mut found);
    platform::add(&mut draft, &workloads, &windows, &found);
    workloads::add(&mut draft, &workloads, &found);
    pgbouncer::add(&mut draft, &mut found);
    nginx::add(&mut draft, &mut found);
    eksctl::add(&mut draft, &mut found);
    cronjob::add(&mut draft, windows, &found);
    compose.into_iter().for_each(|it| draft.add(it));
    draft.read = std::mem::take(&mut found.read);
    draft.remarks = found.finish();
    Ok(draft)
}

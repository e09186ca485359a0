//! What capgen may lay on an object that somebody else writes: requests, limits and environment of one container.
//!
//! A strategic merge finds a container by its name, and only in the kinds whose lists Kustomize knows how to merge: in a
//! kind of a custom resource it would replace all containers by the patch's.

use crate::diag::Diagnostic;
use crate::spec::Spec;
use crate::spec::workload::{Patch, Workload as WrittenTarget};
use crate::why::Derived;

use super::reasons::Reasons;
use super::workloads::Workload;

/// The kinds that are patched, all of `apps/v1`.
const KINDS: [&str; 2] = ["Deployment", "StatefulSet"];

/// Decides which workloads are patched.
pub(super) fn resolve(spec: &Spec, workloads: &mut [Workload], reasons: &mut Reasons) {
    for workload in workloads {
        let (service, worker) = workload.written(spec);
        let of_worker = worker.and_then(|it| it.workload.as_ref());
        let written = service.and_then(|it| it.workload.as_ref()).or(of_worker);
        workload.patched = written.and_then(|it| container(it, workload, reasons));
    }
}

/// The container to patch, where the spec asks for it.
fn container(written: &WrittenTarget, workload: &Workload, reasons: &mut Reasons) -> Option<Derived<String>> {
    let patch = written.patch.as_ref()?;
    let at = workload.address.child("workload").child("patch");
    let container = match &patch.value {
        Patch::Wanted(wanted) => {
            reasons.taken(at, *wanted, patch.span);
            if !wanted {
                return None;
            }
            workload.target.container.clone()
        }
        Patch::Container(name) => Some(reasons.taken(at, name.as_str().to_owned(), patch.span)),
    };
    let target = &workload.target;
    if target.api_version.value != "apps/v1" || !KINDS.contains(&target.kind.value.as_str()) {
        let message = format!(
            "`{}` cannot be patched: in a {} of {}, Kustomize would replace the containers instead of merging them",
            workload.address, target.kind.value, target.api_version.value
        );
        let place = written.kind.as_ref().map(|it| it.span).or(written.api_version.as_ref().map(|it| it.span));
        let diagnostic = Diagnostic::error(message).at(patch.span, "asked here").at_some(place, "the kind");
        reasons.sink.error(diagnostic.help("take `patch` out, or write `patch = false` for this one"));
        return None;
    }
    if container.is_none() {
        let message = format!("`{}` does not name the container to patch", workload.address);
        let help = format!("name it: `patch = \"{}\"`", workload.name);
        let diagnostic = Diagnostic::error(message).at(patch.span, "a container is found by its name");
        reasons.sink.error(diagnostic.help(help));
    }
    container
}

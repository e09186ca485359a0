//! Services that keep a client with the pod that it reached first, by its address.
//!
//! The API server takes 1 to 86400 seconds (kubernetes v1.36, `pkg/apis/core/validation/validation.go`, `maxClientIPAffinity…`).
//! The time counts from a client's last connection, so a day means for ever to whoever comes back daily: pods that are added
//! get new clients only. All clients behind one address translation share one pod.

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::diag::source::Span;
use crate::spec::Spec;
use crate::why::{Address, Derived};

use super::reasons::Reasons;
use super::workloads::Workload;

/// A Kubernetes Service with client affinity.
#[derive(Debug, Clone)]
pub struct Affinity {
    /// The key of the service's table, by which the file is named.
    pub name: String,
    /// `service.websocket`.
    pub address: Address,
    /// Name of the Kubernetes Service.
    pub service: Derived<String>,
    /// In seconds.
    pub timeout: Derived<i64>,
}

/// The longest time that the API server takes, in seconds.
const LONGEST: i64 = 86_400;

/// Every affinity, sorted by name. Every error goes into the sink.
pub(super) fn resolve(spec: &Spec, workloads: &[Workload], reasons: &mut Reasons) -> Vec<Affinity> {
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    let mut affinities = Vec::new();
    for workload in workloads {
        let (Some(service), _) = workload.written(spec) else { continue };
        let Some(written) = &service.affinity else { continue };
        let at = workload.address.child("affinity");
        let service = match &written.value.service {
            Some(it) => reasons.taken(at.child("service"), it.value.as_str().to_owned(), it.span),
            None => workload.target.name.clone(),
        };
        let place = written.value.service.as_ref().map_or(written.span, |it| it.span);
        if let Some(first) = seen.insert(service.value.clone(), place) {
            let message = format!("two tables set the affinity of the Service `{}`", service.value);
            let diagnostic = Diagnostic::error(message).at(place, "again").at(first, "the first one");
            reasons.sink.error(diagnostic.help("keep one of the two, or name another `service` in one"));
        }
        let time = &written.value.client_ip;
        let Some(seconds) = time.value.whole_seconds().filter(|it| (1..=LONGEST).contains(it)) else {
            let message = format!("`{}` is in whole seconds from 1 to {LONGEST}", at.child("client_ip"));
            let help = "write `\"1s\"` to `\"24h\"`; most WebSocket clients are back within minutes, so `\"30m\"` does";
            reasons.sink.error(Diagnostic::error(message).at(time.span, format!("`{}` is not", time.value)).help(help));
            continue;
        };
        let timeout = reasons.taken(at.child("client_ip"), time.value.text().to_owned(), time.span).map(|_| seconds);
        affinities.push(Affinity { name: workload.name.clone(), address: workload.address.clone(), service, timeout });
    }
    affinities
}

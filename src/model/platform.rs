//! What holds for every file: namespace, labels, the cluster's version.

use crate::diag::Diagnostic;
use crate::spec::Spec;
use crate::spec::scalar::version;
use crate::why::Address;

use super::Platform;
use super::reasons::Reasons;

/// The cluster's version where the spec names none: current when this release was made.
const KUBERNETES: (u32, u32) = (1, 34);

/// The oldest version whose stable API has all that capgen writes: `timeZone` of CronJobs came last, in 1.27.
const OLDEST: (u32, u32) = (1, 27);

pub(super) fn resolve(spec: &Spec, reasons: &mut Reasons) -> Platform {
    let address = Address::of(["platform"]);
    let written = &spec.platform;
    let namespace = written.namespace.as_ref().map(|it| it.value.as_str().to_owned());
    let namespace = match (&written.namespace, namespace) {
        (Some(place), Some(text)) => reasons.taken(address.child("namespace"), text, place.span),
        _ => reasons.default(address.child("namespace"), "default".to_owned(), "Kubernetes' own default namespace"),
    };
    let labels = written.labels.iter().flat_map(|labels| labels.iter()).map(|(key, entry)| {
        let at = address.child("labels").child(key);
        let value = &entry.value;
        (key.to_owned(), reasons.taken(at, value.value.as_str().to_owned(), value.span))
    });
    let labels = labels.collect();
    let kubernetes = written.kubernetes_version.as_ref();
    if let Some(written) = kubernetes
        && version(written.value.as_str()).is_some_and(|it| it < OLDEST)
    {
        let (major, minor) = OLDEST;
        let message = format!("capgen writes for Kubernetes {major}.{minor} and later, not for {}", written.value);
        let help = format!("kubernetes_version = \"{major}.{minor}\", once the cluster has it");
        reasons.sink.error(Diagnostic::error(message).at(written.span, "").help(help));
    }
    let kubernetes = kubernetes.and_then(|it| version(it.value.as_str())).unwrap_or(KUBERNETES);
    let image = address.child("kubectl_image");
    let kubectl_image = match &written.kubectl_image {
        Some(image_text) => reasons.taken(image, image_text.value.as_str().to_owned(), image_text.span),
        None => {
            let (major, minor) = kubernetes;
            let reason = "the image that the Kubernetes project publishes, in the cluster's minor version";
            reasons.default(image, format!("registry.k8s.io/kubectl:v{major}.{minor}.0"), reason)
        }
    };
    Platform { namespace, labels, kubernetes, kubectl_image }
}

//! How the nodes are bought, and how they are marked.

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::diag::source::Span;
use crate::model::reasons::Reasons;
use crate::spec::nodes::{AllocationStrategy, Effect, Mixed as Written, Spot, Taint as WrittenTaint};
use crate::why::{Address, Derived};

use super::{Group, Mixed, Purchase, Taint, decimal};

/// What `spot` means.
pub(super) fn purchase(group: &Group<'_>, reasons: &mut Reasons) -> Purchase {
    match group.written.spot.as_ref().map(|it| &it.value) {
        None | Some(Spot::No) => Purchase::OnDemand,
        Some(Spot::Managed) => Purchase::ManagedSpot,
        Some(Spot::Mixed(written)) => {
            check_pools(written, reasons);
            Purchase::Mixed(Box::new(mixed(written, &group.address.child("spot"), reasons)))
        }
    }
}

fn mixed(written: &Written, address: &Address, reasons: &mut Reasons) -> Mixed {
    let base = written.on_demand_base.as_ref();
    let percentage = written.on_demand_percentage.as_ref();
    Mixed {
        max_price: written.max_price.as_ref().map(|price| {
            let text = reasons.taken(address.child("max_price"), decimal(price.value.0), price.span);
            text.map(|_| price.value.0)
        }),
        on_demand_base: base.map(|it| reasons.taken(address.child("on_demand_base"), it.value.0, it.span)),
        on_demand_percentage: percentage
            .map(|it| reasons.taken(address.child("on_demand_percentage"), it.value.0, it.span)),
        pools: written.pools.as_ref().map(|it| reasons.taken(address.child("pools"), it.value.0, it.span)),
        allocation_strategy: written
            .allocation_strategy
            .as_ref()
            .map(|it| reasons.taken(address.child("allocation_strategy"), strategy(it.value), it.span)),
    }
}

/// The words of EC2's `SpotAllocationStrategy`.
fn strategy(strategy: AllocationStrategy) -> &'static str {
    match strategy {
        AllocationStrategy::LowestPrice => "lowest-price",
        AllocationStrategy::CapacityOptimized => "capacity-optimized",
        AllocationStrategy::CapacityOptimizedPrioritized => "capacity-optimized-prioritized",
        AllocationStrategy::PriceCapacityOptimized => "price-capacity-optimized",
    }
}

/// eksctl refuses pools beside a strategy that picks them itself (`validateInstancesDistribution`).
fn check_pools(written: &Written, reasons: &mut Reasons) {
    let (Some(pools), Some(chosen)) = (&written.pools, &written.allocation_strategy) else { return };
    if !matches!(chosen.value, AllocationStrategy::CapacityOptimized | AllocationStrategy::CapacityOptimizedPrioritized)
    {
        return;
    }
    let message = format!("`pools` does not go with `allocation_strategy = \"{}\"`", strategy(chosen.value));
    let help = "leave `pools` out, or write `allocation_strategy = \"lowest-price\"`";
    let diagnostic = Diagnostic::error(message).at(pools.span, "how many pools").at(chosen.span, "picks them itself");
    reasons.sink.error(diagnostic.help(help));
}

/// The labels of the nodes.
pub(super) fn labels(group: &Group<'_>, reasons: &mut Reasons) -> Vec<(String, Derived<String>)> {
    let mut labels = Vec::new();
    for (key, entry) in group.written.labels.iter().flat_map(|labels| labels.iter()) {
        check_label(group, key, entry.key, reasons);
        let (value, address) = (&entry.value, group.address.child("labels").child(key));
        labels.push((key.to_owned(), reasons.taken(address, value.value.as_str().to_owned(), value.span)));
    }
    labels
}

/// A kubelet may set no label of Kubernetes' own domains but these (k8s.io/kubelet `pkg/apis/well_known_labels.go`);
/// with another one the node does not start, and eksctl refuses it (`validateNodeGroupLabels`).
const KUBELET_LABELS: [&str; 11] = [
    "beta.kubernetes.io/arch",
    "beta.kubernetes.io/instance-type",
    "beta.kubernetes.io/os",
    "failure-domain.beta.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone",
    "kubernetes.io/arch",
    "kubernetes.io/hostname",
    "kubernetes.io/os",
    "node.kubernetes.io/instance-type",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
];

fn check_label(group: &Group<'_>, key: &str, place: Span, reasons: &mut Reasons) {
    let Some((domain, name)) = key.split_once('/') else { return };
    let within = |parent: &str| domain.strip_suffix(parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let reserved = within("kubernetes.io") || within("k8s.io");
    let kubelet = within("kubelet.kubernetes.io") || within("node.kubernetes.io") || KUBELET_LABELS.contains(&key);
    if !reserved || kubelet {
        return;
    }
    let message =
        format!("nodes of `{}` cannot label themselves `{key}`: the domain is Kubernetes' own", group.address);
    let help = format!("write `{name}`, `node.kubernetes.io/{name}`, or a domain of your own before the `/`");
    reasons.sink.error(Diagnostic::error(message).at(place, "not for kubelets").help(help));
}

/// The taints of the nodes.
pub(super) fn taints(group: &Group<'_>, reasons: &mut Reasons) -> Vec<Taint> {
    let mut seen: BTreeMap<(&str, &str), Span> = BTreeMap::new();
    let mut taints = Vec::new();
    for (index, written) in group.written.taints.iter().flatten().enumerate() {
        let (key, effect) = (written.key.value.as_str(), effect(written.effect.value));
        // The API server takes one taint for each pair (core validation, `ValidateTaintsInNodeAnnotations`).
        if let Some(first) = seen.insert((key, effect), written.key.span) {
            let message = format!("`{}` has two taints `{key}` with the effect {effect}", group.address);
            let help = "take one of the two out of `taints`";
            let diagnostic = Diagnostic::error(message).at(written.key.span, "again").at(first, "the first one");
            reasons.sink.error(diagnostic.help(help));
        }
        taints.push(taint(written, &group.address.child("taints").index(index), reasons));
    }
    taints
}

fn taint(written: &WrittenTaint, address: &Address, reasons: &mut Reasons) -> Taint {
    let key = written.key.value.as_str().to_owned();
    Taint {
        key: reasons.taken(address.child("key"), key, written.key.span),
        value: written
            .value
            .as_ref()
            .map(|it| reasons.taken(address.child("value"), it.value.as_str().to_owned(), it.span)),
        effect: reasons.taken(address.child("effect"), effect(written.effect.value), written.effect.span),
    }
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::NoSchedule => "NoSchedule",
        Effect::PreferNoSchedule => "PreferNoSchedule",
        Effect::NoExecute => "NoExecute",
    }
}

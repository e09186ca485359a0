//! Node groups: how many nodes the pods need, and what they cost.
//!
//! `nodes = ceil(packed × headroom)`, where `packed` is how many nodes of the smallest listed type, less its
//! daemonsets, the group's pods fill by first-fit-decreasing: at the workloads' peaks for `max`, at their floors for
//! `min`. A schedule's raised floor does not count: the cluster autoscaler adds what it needs. Of 30 pods with 1 CPU
//! and 2 GiB and 23 with 500m and 512 MiB, an m5.2xlarge (7910m, 29317 MiB, 58 pods, less 250m, 400 MiB, 4 pods) takes
//! 7 and 1; that fills 6 nodes, and 8 with a headroom of 1.2.

pub mod autoscaler;
pub mod karpenter;

mod cost;
mod instances;
mod packing;
mod placement;
mod purchase;
mod sizes;

use crate::diag::Diagnostic;
use crate::diag::source::{Span, Spanned};
use crate::model::reasons::Reasons;
use crate::model::workloads::Workload;
use crate::spec::Spec;
use crate::spec::nodes::{Cluster as WrittenCluster, NodeGroup as WrittenGroup};
use crate::unit::exact::Exact;
use crate::why::{Address, Causes, Derived};

/// The EKS cluster.
#[derive(Debug, Clone)]
pub struct Cluster {
    pub name: Derived<String>,
    pub region: Derived<String>,
    /// The Kubernetes version that eksctl is told, `"1.34"`.
    pub version: Derived<String>,
    pub autoscaler: Option<autoscaler::Autoscaler>,
    pub karpenter: Option<karpenter::NodeClass>,
}

/// A group of nodes.
#[derive(Debug, Clone)]
pub struct NodeGroup {
    pub name: String,
    /// `nodegroup.general`.
    pub address: Address,
    pub instance_types: Vec<Derived<String>>,
    /// What a node of each type offers to pods, in the same order.
    pub offers: Vec<Offer>,
    pub min: Derived<i64>,
    pub max: Derived<i64>,
    pub desired: Option<Derived<i64>>,
    /// Nodes that the pods fill at their peaks, before headroom; `None` where the group runs nothing known.
    pub packed: Option<Derived<i64>>,
    /// As `packed`, if a node took any number of pods: less where the pods are many and small.
    pub packed_by_size: Option<i64>,
    /// The factor on the packed nodes; `None` where neither it nor they are stated.
    pub headroom: Option<Derived<Exact>>,
    /// Names of the services and workers that stand here.
    pub runs: Vec<Derived<String>>,
    pub purchase: Purchase,
    pub labels: Vec<(String, Derived<String>)>,
    pub taints: Vec<Taint>,
    /// Tags by which the cluster autoscaler finds the group and knows its nodes, sorted; none without one.
    pub tags: Vec<(String, Derived<String>)>,
    /// Where Karpenter runs the nodes instead of an Auto Scaling group.
    pub karpenter: Option<karpenter::Pool>,
    /// USD per month at `min` and at `max`, rounded to cents; `None` where no price is known.
    pub cost: Option<Cost>,
}

/// What a node offers to pods, daemonsets included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// In thousandths of a CPU.
    pub cpu: i64,
    /// In bytes.
    pub memory: i64,
    pub pods: i64,
}

/// USD per month, 730 hours.
#[derive(Debug, Clone)]
pub struct Cost {
    pub hourly: Derived<Exact>,
    pub min: Derived<Exact>,
    pub max: Derived<Exact>,
}

/// How the nodes are bought.
#[derive(Debug, Clone)]
pub enum Purchase {
    OnDemand,
    /// A managed node group of spot nodes.
    ManagedSpot,
    /// A self-managed group, mixed of on-demand and spot.
    Mixed(Box<Mixed>),
}

/// `instancesDistribution`.
#[derive(Debug, Clone, Default)]
pub struct Mixed {
    pub max_price: Option<Derived<Exact>>,
    pub on_demand_base: Option<Derived<i64>>,
    pub on_demand_percentage: Option<Derived<i64>>,
    pub pools: Option<Derived<i64>>,
    pub allocation_strategy: Option<Derived<&'static str>>,
}

/// A taint of the nodes.
#[derive(Debug, Clone)]
pub struct Taint {
    pub key: Derived<String>,
    pub value: Option<Derived<String>>,
    pub effect: Derived<&'static str>,
}

/// The cluster and its node groups; `known` has the reasons of the workloads. Every error goes into the sink; a group in
/// error is left out.
pub(super) fn resolve(
    spec: &Spec,
    workloads: &[Workload],
    known: &Causes,
    reasons: &mut Reasons,
) -> (Option<Cluster>, Vec<NodeGroup>) {
    let mut cluster = spec.cluster.as_ref().map(|written| cluster(spec, &written.value, reasons));
    check_cluster(spec, reasons);
    let mut placements = placement::Placements::new(workloads);
    let mut nodegroups = Vec::new();
    for (name, entry) in spec.nodegroup.iter() {
        let group = Group {
            name,
            address: Address::of(["nodegroup", name]),
            place: entry.key,
            written: &entry.value,
            damaged: spec.is_damaged("nodegroup", name),
            known,
        };
        nodegroups.extend(nodegroup(spec, &group, &mut placements, reasons));
    }
    cost::of_cluster(&nodegroups, reasons);
    if let Some(cluster) = &mut cluster {
        cluster.karpenter = karpenter::node_class(spec, cluster, reasons);
        cluster.autoscaler = autoscaler::resolve(spec, cluster, &nodegroups, reasons);
    }
    (cluster, nodegroups)
}

/// A `[nodegroup.NAME]` as it was written.
struct Group<'a> {
    name: &'a str,
    /// `nodegroup.general`.
    address: Address,
    /// Where the table's name stands.
    place: Span,
    written: &'a WrittenGroup,
    /// Whether the parser took something out, so that what seems missing may have been there.
    damaged: bool,
    known: &'a Causes,
}

fn nodegroup<'a>(
    spec: &Spec,
    group: &Group<'a>,
    placements: &mut placement::Placements<'a>,
    reasons: &mut Reasons,
) -> Option<NodeGroup> {
    karpenter::check(spec, group, reasons);
    let purchase = purchase::purchase(group, reasons);
    let types = instances::listed(spec, group, reasons);
    let placed = placement::placed(spec, group, placements, reasons);
    let sizes = sizes::sizes(group, types.as_deref(), placed.as_deref(), &purchase, reasons);
    let labels = purchase::labels(group, reasons);
    let taints = purchase::taints(group, reasons);
    let (types, sizes) = (types?, sizes?);
    let tagged =
        autoscaler::Tagged { types: &types, labels: &labels, taints: &taints, purchase: &purchase, min: &sizes.min };
    let karpenter = karpenter::pool(group, &types, &sizes.max, reasons);
    let tags = autoscaler::tags(spec, group, &tagged, reasons);
    Some(NodeGroup {
        name: group.name.to_owned(),
        address: group.address.clone(),
        cost: cost::cost(group, &types, &purchase, &sizes, reasons),
        offers: types.iter().map(|it| Offer { cpu: it.room.cpu, memory: it.room.memory, pods: it.room.pods }).collect(),
        instance_types: types.into_iter().map(|it| it.name).collect(),
        min: sizes.min,
        max: sizes.max,
        desired: sizes.desired,
        packed: sizes.packed,
        packed_by_size: sizes.packed_by_size,
        headroom: sizes.headroom,
        runs: placed.iter().flatten().map(placement::Placed::name).collect(),
        purchase,
        labels,
        taints,
        tags,
        karpenter,
    })
}

/// The Kubernetes version where the spec names none; `platform.kubernetes_version` has the same default.
const KUBERNETES: &str = "1.34";

fn cluster(spec: &Spec, written: &WrittenCluster, reasons: &mut Reasons) -> Cluster {
    let address = Address::of(["cluster"]);
    check_region(written, reasons);
    let version = Address::of(["platform", "kubernetes_version"]);
    Cluster {
        name: reasons.taken(address.child("name"), written.name.value.as_str().to_owned(), written.name.span),
        region: reasons.taken(address.child("region"), written.region.value.as_str().to_owned(), written.region.span),
        version: match &spec.platform.kubernetes_version {
            Some(it) => reasons.taken(version, it.value.as_str().to_owned(), it.span),
            None => reasons.default(version, KUBERNETES.to_owned(), "current when this capgen was released"),
        },
        autoscaler: None,
        karpenter: None,
    }
}

fn check_cluster(spec: &Spec, reasons: &mut Reasons) {
    let Some((name, first)) = spec.nodegroup.iter().next() else { return };
    if spec.cluster.is_some() || spec.is_damaged("cluster", "") {
        return;
    }
    let message = format!("`nodegroup.{name}` has no cluster to belong to");
    let help = "add `[cluster]` with `name = \"production\"` and `region = \"us-east-1\"`";
    reasons.sink.error(Diagnostic::error(message).at(first.key, "there is no `[cluster]`").help(help));
}

/// `us-east-1`, `us-gov-west-1`, `eusc-de-east-1`.
fn check_region(written: &WrittenCluster, reasons: &mut Reasons) {
    let Spanned { value, span } = &written.region;
    let mut parts = value.as_str().split('-').rev();
    let number = parts.next().unwrap_or_default();
    let is_number = matches!(number.len(), 1 | 2) && number.bytes().all(|it| it.is_ascii_digit());
    let words: Vec<&str> = parts.collect();
    let are_words = words.iter().all(|word| !word.is_empty() && word.bytes().all(|it| it.is_ascii_lowercase()));
    if is_number && are_words && (2..=4).contains(&words.len()) {
        return;
    }
    let message = format!("`{value}` is not the name of an AWS region");
    let help = match value.as_str().strip_suffix(|it: char| it.is_ascii_lowercase()) {
        Some(region) if region.ends_with(|it: char| it.is_ascii_digit()) => {
            format!("region = \"{region}\": the letter at the end names an availability zone")
        }
        _ => "region = \"us-east-1\"".to_owned(),
    };
    reasons.sink.error(Diagnostic::error(message).at(*span, "no region").help(help));
}

/// A price as plain decimal digits, all of those that were written: `0.09576`. The price is 0 or more.
pub fn decimal(price: Exact) -> String {
    let nano = |whole: i64| ((price - Exact::from(whole)) * Exact::from(1_000_000_000)).floor();
    match price.floor().and_then(|whole| Some((whole, nano(whole)?))) {
        Some((whole, nano)) => {
            let text = format!("{whole}.{nano:09}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        None => price.to_string(),
    }
}

#[cfg(test)]
mod tests;

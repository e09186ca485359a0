//! The cluster autoscaler: its flags, and the tags by which it finds the groups and knows a node that is not there yet.
//!
//! `max_nodes_total = Σ max` over all groups: where it is lower, some group never reaches its `max`. Of groups of 50, 18 and
//! 100 nodes it is 168. Flags that the spec does not state are left out, so that upstream's defaults hold; their names are
//! those of kubernetes/autoscaler `cluster-autoscaler/config/flags/flags.go`.
//!
//! A group that may be empty has no node to look at, so tags say what a first one would be like
//! (`cluster-autoscaler/cloudprovider/aws/README.md`): labels, taints as `value:effect`, and what it offers to pods. Without the
//! last the autoscaler reckons with the nominal memory and 110 pods (`aws_manager.go`, `buildNodeFromTemplate`), and starts nodes
//! on which the waiting pod has no room. eksctl's own `propagateASGTags` writes taints without their effect
//! (`pkg/cfn/builder/nodegroup.go`, `GenerateClusterAutoscalerTags`), which the autoscaler passes over.

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::diag::source::{Span, Spanned};
use crate::model::reasons::{Answer, Reasons, more_is_more};
use crate::spec::Spec;
use crate::spec::autoscaler::{Autoscaler as Written, Expander};
use crate::unit::duration::Duration;
use crate::unit::exact::Exact;
use crate::unit::quantity::{format_mebibytes, format_millicpu};
use crate::why::{Address, Derived};

use super::instances::Listed;
use super::{Cluster, Group, NodeGroup, Purchase, Taint};

/// The cluster autoscaler.
#[derive(Debug, Clone)]
pub struct Autoscaler {
    /// `cluster.autoscaler`.
    pub address: Address,
    pub namespace: Derived<String>,
    pub service_account: Derived<String>,
    /// Image without its tag.
    pub repository: Derived<String>,
    /// Tag of the image, a digest behind it included.
    pub tag: Derived<String>,
    /// Flags without their dashes, sorted by name.
    pub flags: Vec<(&'static str, Derived<String>)>,
}

/// Where the Kubernetes project publishes it; one image for each minor version of Kubernetes.
const REPOSITORY: &str = "registry.k8s.io/autoscaling/cluster-autoscaler";

/// The registry that got no new image since 2023-04-03 (kubernetes.io, "k8s.gcr.io Image Registry Will Be Frozen").
const FROZEN: &str = "k8s.gcr.io/";

/// The autoscaler of a cluster, once the groups are known; `spec` may have none.
pub(super) fn resolve(
    spec: &Spec,
    cluster: &Cluster,
    groups: &[NodeGroup],
    reasons: &mut Reasons,
) -> Option<Autoscaler> {
    let table = spec.cluster.as_ref()?.value.autoscaler.as_ref()?;
    let (written, address) = (&table.value, Address::of(["cluster", "autoscaler"]));
    let (repository, tag) = image(written, cluster, &address.child("image"), reasons);
    let text = |key: &str| address.child(key);
    let namespace = match &written.namespace {
        Some(it) => reasons.taken(text("namespace"), it.value.as_str().to_owned(), it.span),
        None => reasons.default(text("namespace"), "kube-system".to_owned(), "where what runs a cluster stands"),
    };
    let service_account = match &written.service_account {
        Some(it) => reasons.taken(text("service_account"), it.value.as_str().to_owned(), it.span),
        None => reasons.default(text("service_account"), "cluster-autoscaler".to_owned(), "the program's own name"),
    };
    let mut flags = Flags { address: &address, all: Vec::new() };
    flags.expander(written, reasons);
    flags.max_nodes_total(written, table.span, groups, reasons);
    flags.duration("scale_down_delay_after_add", written.scale_down_delay_after_add.as_ref(), reasons);
    flags.duration("scale_down_unneeded_time", written.scale_down_unneeded_time.as_ref(), reasons);
    flags.duration("max_node_provision_time", written.max_node_provision_time.as_ref(), reasons);
    flags.threshold(written, reasons);
    flags.switch("skip_nodes_with_local_storage", written.skip_nodes_with_local_storage, reasons);
    flags.switch("skip_nodes_with_system_pods", written.skip_nodes_with_system_pods, reasons);
    flags.switch("balance_similar_node_groups", written.balance_similar_node_groups, reasons);
    let mut flags = flags.all;
    flags.sort_unstable_by_key(|(name, _)| *name);
    Some(Autoscaler { address, namespace, service_account, repository, tag, flags })
}

/// The image, split where the chart wants it split: at the tag.
fn image(
    written: &Written,
    cluster: &Cluster,
    at: &Address,
    reasons: &mut Reasons,
) -> (Derived<String>, Derived<String>) {
    let of_cluster = || format!("v{}.0", cluster.version.value);
    let Some(image) = &written.image else {
        let reason = "the image that the Kubernetes project publishes, in the cluster's minor version";
        let image = reasons.default(at.clone(), format!("{REPOSITORY}:{}", of_cluster()), reason);
        return (image.map(|_| REPOSITORY.to_owned()), image.map(|_| of_cluster()));
    };
    let text = image.value.as_str();
    let (named, digest) = text.split_at(text.find('@').unwrap_or(text.len()));
    let (path, tag) = match named.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, tag.to_owned()),
        _ => (named, of_cluster()),
    };
    if path.starts_with(FROZEN) {
        let message = format!("`{FROZEN}…` is frozen: it has no image that is newer than April 2023");
        let help = format!("image = \"{REPOSITORY}:{}\", or leave it out", of_cluster());
        reasons.sink.error(Diagnostic::error(message).at(image.span, "").help(help));
    }
    let image = reasons.taken(at.clone(), text.to_owned(), image.span);
    (image.map(|_| path.to_owned()), image.map(|_| format!("{tag}{digest}")))
}

/// Collects flags.
struct Flags<'a> {
    address: &'a Address,
    all: Vec<(&'static str, Derived<String>)>,
}

/// The flag of a key.
const NAMES: [(&str, &str); 9] = [
    ("balance_similar_node_groups", "balance-similar-node-groups"),
    ("expander", "expander"),
    ("max_node_provision_time", "max-node-provision-time"),
    ("max_nodes_total", "max-nodes-total"),
    ("scale_down_delay_after_add", "scale-down-delay-after-add"),
    ("scale_down_unneeded_time", "scale-down-unneeded-time"),
    ("scale_down_utilization_threshold", "scale-down-utilization-threshold"),
    ("skip_nodes_with_local_storage", "skip-nodes-with-local-storage"),
    ("skip_nodes_with_system_pods", "skip-nodes-with-system-pods"),
];

impl Flags<'_> {
    fn add(&mut self, key: &str, value: Derived<String>) {
        self.all.extend(NAMES.iter().find(|(it, _)| *it == key).map(|(_, flag)| (*flag, value)));
    }

    fn expander(&mut self, written: &Written, reasons: &mut Reasons) {
        let word = |it: Expander| match it {
            Expander::LeastWaste => "least-waste",
            Expander::MostPods => "most-pods",
            Expander::Random => "random",
        };
        let at = self.address.child("expander");
        let expander = match written.expander {
            Some(it) => reasons.taken(at, word(it.value).to_owned(), it.span),
            None => reasons.default(at, word(Expander::LeastWaste).to_owned(), "what is idle is paid for"),
        };
        self.add("expander", expander);
    }

    /// `Σ max`; nothing where the spec has no group and no pin.
    fn max_nodes_total(&mut self, written: &Written, place: Span, groups: &[NodeGroup], reasons: &mut Reasons) {
        let at = self.address.child("max_nodes_total");
        let sum = groups.iter().map(|group| Exact::from(group.max.value)).fold(Exact::ZERO, |sum, it| sum + it);
        let answer = match groups.is_empty() {
            true => None,
            false => reasons.ceil(sum, &at, place).map(|total| Answer {
                value: total,
                symbolic: "Σ max of the node groups",
                numbers: groups.iter().map(|it| it.max.value.to_string()).collect::<Vec<_>>().join(" + "),
                inputs: groups.iter().map(|it| it.max.address.clone()).collect(),
            }),
        };
        let pin = written.max_nodes_total.map(|it| Spanned { value: it.value.0, span: it.span });
        if let Some(total) = reasons.decided(at, pin.as_ref(), answer, more_is_more) {
            self.add("max_nodes_total", total.map(ToString::to_string));
        }
    }

    fn duration(&mut self, key: &str, written: Option<&Spanned<Duration>>, reasons: &mut Reasons) {
        let Some(written) = written else { return };
        let text = reasons.taken(self.address.child(key), written.value.text().to_owned(), written.span);
        self.add(key, text.map(|_| go_duration(&written.value)));
    }

    fn switch(&mut self, key: &str, written: Option<Spanned<bool>>, reasons: &mut Reasons) {
        let Some(written) = written else { return };
        let value = reasons.taken(self.address.child(key), written.value, written.span);
        self.add(key, value.map(ToString::to_string));
    }

    fn threshold(&mut self, written: &Written, reasons: &mut Reasons) {
        let key = "scale_down_utilization_threshold";
        let Some(threshold) = &written.scale_down_utilization_threshold else { return };
        if threshold.value.0 > Exact::ONE {
            let message = format!("`{}` is a part of a node, and {} is more than all of it", key, threshold.value);
            let help = "scale_down_utilization_threshold = 0.5";
            reasons.sink.error(Diagnostic::error(message).at(threshold.span, "above 1").help(help));
        }
        let value = reasons.taken(self.address.child(key), threshold.value.0, threshold.span);
        self.add(key, value.map(|it| super::decimal(*it)));
    }
}

/// A duration as Go reads it, which knows no unit above the hour.
fn go_duration(duration: &Duration) -> String {
    match (duration.text().contains(['y', 'w', 'd']), duration.whole_seconds()) {
        (false, _) => duration.text().to_owned(),
        (true, Some(seconds)) if seconds % 3600 == 0 => format!("{}h", seconds / 3600),
        (true, Some(seconds)) => format!("{seconds}s"),
        (true, None) => format!("{}ms", duration.millis()),
    }
}

/// Where the tags for a node that is not there yet begin.
const TEMPLATE: &str = "k8s.io/cluster-autoscaler/node-template/";

/// What AWS takes: characters of a tag's key, and tags of an Auto Scaling group (eksctl `MaximumTagNumber`).
const LONGEST_KEY: usize = 128;
const MOST_TAGS: usize = 50;

/// What of a group goes into its tags.
pub(super) struct Tagged<'a> {
    pub(super) types: &'a [Listed],
    pub(super) labels: &'a [(String, Derived<String>)],
    pub(super) taints: &'a [Taint],
    pub(super) purchase: &'a Purchase,
    pub(super) min: &'a Derived<i64>,
}

/// The tags of a group, sorted; none where the spec has no autoscaler, or where Karpenter runs the group.
pub(super) fn tags(
    spec: &Spec,
    group: &Group<'_>,
    tagged: &Tagged<'_>,
    reasons: &mut Reasons,
) -> Vec<(String, Derived<String>)> {
    let Some(cluster) = spec.cluster.as_ref().filter(|it| it.value.autoscaler.is_some()) else { return Vec::new() };
    if group.written.karpenter.is_some() {
        return Vec::new();
    }
    let mut tags = Vec::new();
    // EKS puts these on the groups that it manages.
    if matches!(tagged.purchase, Purchase::Mixed(_)) {
        let name = cluster.value.name.value.as_str();
        let address = Address::of(["cluster", "name"]);
        let tag = |key: &str, value: &str| {
            let value = Derived { value: value.to_owned(), address: address.clone() };
            (format!("k8s.io/cluster-autoscaler/{key}"), value)
        };
        tags.extend([tag("enabled", "true"), tag(name, "owned")]);
    }
    if tagged.min.value == 0 {
        tags.extend(tagged.labels.iter().map(|(key, value)| (format!("{TEMPLATE}label/{key}"), value.clone())));
        tags.extend(tagged.taints.iter().map(taint));
        tags.extend(resources(group, tagged.types, reasons));
    }
    check(group, tagged, &tags, reasons);
    tags.sort_by(|(a, _), (b, _)| a.cmp(b));
    tags
}

/// `value:effect`, as `extractTaintsFromAsg` reads it.
fn taint(taint: &Taint) -> (String, Derived<String>) {
    let value = taint.value.as_ref().map_or("", |it| it.value.as_str());
    let text = taint.effect.map(|effect| format!("{value}:{effect}"));
    (format!("{TEMPLATE}taint/{}", taint.key.value), text)
}

/// A resource, the key of its number, what a node has of it, and how that is printed.
type Offered = (&'static str, &'static str, fn(&Listed) -> i64, fn(i64) -> String);

/// What a node offers to pods, the least of the listed types: `3920m` CPU, `6584Mi` memory, `58` pods.
fn resources(group: &Group<'_>, types: &[Listed], reasons: &mut Reasons) -> Vec<(String, Derived<String>)> {
    let offers: [Offered; 3] = [
        ("cpu", "node_cpu", |it| it.room.cpu, format_millicpu),
        ("memory", "node_memory", |it| it.room.memory, format_mebibytes),
        ("pods", "node_pods", |it| it.room.pods, |pods| pods.to_string()),
    ];
    let mut tags = Vec::new();
    for (resource, key, of, print) in offers {
        let Some(least) = types.iter().map(of).min() else { continue };
        let each: Vec<String> = types.iter().map(|it| format!("{} {}", it.name.value, print(of(it)))).collect();
        let answer = Answer {
            value: print(least),
            symbolic: "min(what a node of each of instance_types offers to pods)",
            numbers: if let [one] = each.as_slice() { one.clone() } else { format!("min({})", each.join(", ")) },
            inputs: types.iter().flat_map(|it| it.offer.iter().chain([&it.name.address]).cloned()).collect(),
        };
        let value = reasons.computed(group.address.child(key), answer);
        tags.push((format!("{TEMPLATE}resources/{resource}"), value));
    }
    tags
}

fn check(group: &Group<'_>, tagged: &Tagged<'_>, tags: &[(String, Derived<String>)], reasons: &mut Reasons) {
    if tags.len() > MOST_TAGS {
        let message =
            format!("`{}` would have {} tags, and an Auto Scaling group takes {MOST_TAGS}", group.address, tags.len());
        let help = "take some of `labels` and `taints` out, or write `min = 1`: then no tag has to describe a node";
        reasons.sink.error(Diagnostic::error(message).at(group.place, "may be empty").help(help));
    }
    let mut seen: BTreeMap<&str, &Taint> = BTreeMap::new();
    for taint in tagged.taints.iter().filter(|_| tagged.min.value == 0) {
        if let Some(first) = seen.insert(&taint.key.value, taint) {
            let message = format!(
                "`{}` may be empty, and a tag tells the cluster autoscaler one taint `{}`, not two",
                group.address, taint.key.value,
            );
            let place = |taint: &Taint| reasons.causes.written_at(&taint.key.address).unwrap_or(group.place);
            let diagnostic = Diagnostic::error(message).at(place(taint), "again").at(place(first), "the first one");
            let help = "keep one effect for the key, or write `min = 1`: then no tag has to describe a node";
            reasons.sink.error(diagnostic.help(help));
        }
    }
    let too_long = |kind: &str, key: &str| TEMPLATE.len() + kind.len() + key.len() > LONGEST_KEY;
    let labels = tagged.labels.iter().filter(|(key, _)| too_long("label/", key)).map(|(key, it)| (key, &it.address));
    let taints = tagged.taints.iter().filter(|it| too_long("taint/", &it.key.value));
    let taints = taints.map(|it| (&it.key.value, &it.key.address));
    for (key, address) in labels.chain(taints).filter(|_| tagged.min.value == 0) {
        let message = format!("a tag for `{key}` of `{}` would be longer than {LONGEST_KEY} characters", group.address);
        let help = "take a shorter key, or write `min = 1`: then no tag has to describe a node";
        let place = reasons.causes.written_at(address).unwrap_or(group.place);
        reasons.sink.error(Diagnostic::error(message).at(place, "AWS takes no longer key").help(help));
    }
}

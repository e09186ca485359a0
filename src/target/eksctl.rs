//! The eksctl `ClusterConfig`: the cluster and its node groups, in one file.
//!
//! It knows `eksctl.io/v1alpha5` (eksctl v0.230, `pkg/apis/eksctl.io/v1alpha5/types.go`). On-demand and managed spot groups
//! are `managedNodeGroups`; what mixes on-demand and spot nodes is self-managed, since only `nodeGroups` have an
//! `instancesDistribution`. `desiredCapacity` is written only where it is pinned: the cluster autoscaler owns it. A group
//! that may be empty propagates its labels and taints as tags, or the autoscaler could not know what a first node would
//! have (kubernetes/autoscaler, `cluster-autoscaler/cloudprovider/aws/README.md`). Where the spec has a cluster autoscaler, its
//! ServiceAccount is made with the IAM role that it needs, and the model's tags are written: on a managed group
//! `propagateASGTags` brings them to the Auto Scaling group, on a self-managed one CloudFormation does so by itself.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::doc::ser::to_node;
use crate::doc::{Artifact, Body};
use crate::model::Model;
use crate::model::nodes::autoscaler::Autoscaler;
use crate::model::nodes::{self, Cluster, Mixed, Purchase};
use crate::unit::exact::Exact;
use crate::why::{Address, Derived};

use super::kube::KARPENTER_DISCOVERY;
use super::{Fault, Take, Target};

pub(super) static TARGET: Target =
    Target { name: "eksctl", summary: "The cluster's node groups for eksctl: eksctl/<cluster>.yaml", emit };

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ClusterConfig<'a> {
    api_version: &'static str,
    kind: &'static str,
    metadata: ClusterMeta<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iam: Option<ClusterIam<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    node_groups: Vec<NodeGroup<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    managed_node_groups: Vec<NodeGroup<'a>>,
}

#[derive(Debug, Serialize)]
struct ClusterMeta<'a> {
    name: &'a Derived<String>,
    region: &'a Derived<String>,
    version: &'a Derived<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<&'static str, &'a Derived<String>>,
}

/// `ClusterIAM`: roles for ServiceAccounts need the cluster's OpenID Connect provider.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ClusterIam<'a> {
    #[serde(rename = "withOIDC")]
    with_oidc: bool,
    service_accounts: [ServiceAccount<'a>; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ServiceAccount<'a> {
    metadata: ServiceAccountMeta<'a>,
    well_known_policies: WellKnownPolicies,
}

#[derive(Debug, Serialize)]
struct ServiceAccountMeta<'a> {
    name: &'a Derived<String>,
    namespace: &'a Derived<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct WellKnownPolicies {
    auto_scaler: bool,
}

/// `ManagedNodeGroup` with `instance_types` and `spot`, `NodeGroup` with `instances_distribution`; both share the rest.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct NodeGroup<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_type: Option<&'a Derived<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    desired_capacity: Option<&'a Derived<i64>>,
    min_size: &'a Derived<i64>,
    max_size: &'a Derived<i64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<&'a str, &'a Derived<String>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<&'a str, &'a Derived<String>>,
    #[serde(rename = "propagateASGTags", skip_serializing_if = "Option::is_none")]
    propagate_asg_tags: Option<Derived<bool>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    instance_types: &'a [Derived<String>],
    #[serde(skip_serializing_if = "Option::is_none")]
    spot: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instances_distribution: Option<Distribution<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    taints: Vec<Taint<'a>>,
}

/// `NodeGroupInstancesDistribution`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Distribution<'a> {
    instance_types: &'a [Derived<String>],
    #[serde(skip_serializing_if = "Option::is_none")]
    max_price: Option<Derived<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_demand_base_capacity: Option<&'a Derived<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_demand_percentage_above_base_capacity: Option<&'a Derived<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spot_instance_pools: Option<&'a Derived<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spot_allocation_strategy: Option<&'a Derived<&'static str>>,
}

#[derive(Debug, Serialize)]
struct Taint<'a> {
    key: &'a Derived<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a Derived<String>>,
    effect: &'a Derived<&'static str>,
}

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    let Some(cluster) = &model.cluster else { return Ok(()) };
    let config = to_node(&config(cluster, &model.nodegroups)?)?;
    let path = format!("eksctl/{}.yaml", cluster.name.value);
    take(Artifact { path, owner: Address::of(["cluster"]), body: Body::Yaml(vec![config]) });
    Ok(())
}

fn config<'a>(cluster: &'a Cluster, groups: &'a [nodes::NodeGroup]) -> Result<ClusterConfig<'a>, Fault> {
    let (mut node_groups, mut managed_node_groups) = (Vec::new(), Vec::new());
    for group in groups.iter().filter(|it| it.karpenter.is_none()) {
        match &group.purchase {
            Purchase::Mixed(mixed) => node_groups.push(self_managed(group, mixed)?),
            Purchase::OnDemand => managed_node_groups.push(managed(group)),
            Purchase::ManagedSpot => managed_node_groups.push(NodeGroup { spot: Some(true), ..managed(group) }),
        }
    }
    Ok(ClusterConfig {
        api_version: "eksctl.io/v1alpha5",
        kind: "ClusterConfig",
        metadata: ClusterMeta {
            name: &cluster.name,
            region: &cluster.region,
            version: &cluster.version,
            tags: cluster.karpenter.iter().map(|_| (KARPENTER_DISCOVERY, &cluster.name)).collect(),
        },
        iam: cluster.autoscaler.as_ref().map(iam),
        node_groups,
        managed_node_groups,
    })
}

fn iam(autoscaler: &Autoscaler) -> ClusterIam<'_> {
    let metadata = ServiceAccountMeta { name: &autoscaler.service_account, namespace: &autoscaler.namespace };
    let service_account = ServiceAccount { metadata, well_known_policies: WellKnownPolicies { auto_scaler: true } };
    ClusterIam { with_oidc: true, service_accounts: [service_account] }
}

/// A single type is written as such; eksctl refuses `instanceType` beside `instanceTypes`.
fn managed(group: &nodes::NodeGroup) -> NodeGroup<'_> {
    match group.instance_types.as_slice() {
        [single] => NodeGroup { instance_type: Some(single), ..shared(group) },
        types => NodeGroup { instance_types: types, ..shared(group) },
    }
}

fn self_managed<'a>(group: &'a nodes::NodeGroup, mixed: &'a Mixed) -> Result<NodeGroup<'a>, Fault> {
    let distribution = Distribution {
        instance_types: &group.instance_types,
        max_price: mixed.max_price.as_ref().map(float).transpose()?,
        on_demand_base_capacity: mixed.on_demand_base.as_ref(),
        on_demand_percentage_above_base_capacity: mixed.on_demand_percentage.as_ref(),
        spot_instance_pools: mixed.pools.as_ref(),
        spot_allocation_strategy: mixed.allocation_strategy.as_ref(),
    };
    Ok(NodeGroup { instances_distribution: Some(distribution), ..shared(group) })
}

fn shared(group: &nodes::NodeGroup) -> NodeGroup<'_> {
    NodeGroup {
        name: &group.name,
        instance_type: None,
        desired_capacity: group.desired.as_ref(),
        min_size: &group.min,
        max_size: &group.max,
        labels: group.labels.iter().map(|(key, value)| (key.as_str(), value)).collect(),
        tags: group.tags.iter().map(|(key, value)| (key.as_str(), value)).collect(),
        propagate_asg_tags: propagates(group).then(|| group.min.map(|_| true)),
        instance_types: &[],
        spot: None,
        instances_distribution: None,
        taints: group.taints.iter().map(taint).collect(),
    }
}

/// eksctl's own tags for taints lack the effect, and on a self-managed group they would win over the right ones.
fn propagates(group: &nodes::NodeGroup) -> bool {
    group.min.value == 0 && (group.tags.is_empty() || !matches!(group.purchase, Purchase::Mixed(_)))
}

fn taint(taint: &nodes::Taint) -> Taint<'_> {
    Taint { key: &taint.key, value: taint.value.as_ref(), effect: &taint.effect }
}

/// The number that has these decimal digits: upstream's field is a `float64`.
fn float(price: &Derived<Exact>) -> Result<Derived<f64>, Fault> {
    let text = nodes::decimal(price.value);
    let number = text.parse().map_err(|_| Fault::Internal(format!("the price {text} is not a number")))?;
    Ok(price.map(|_| number))
}

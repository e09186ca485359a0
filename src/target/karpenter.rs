//! Karpenter: one EC2NodeClass for the cluster, one NodePool for each group that it runs.
//!
//! It knows `karpenter.sh/v1` and `karpenter.k8s.aws/v1` (aws/karpenter-provider-aws, `pkg/apis/crds`). Both kinds belong to the
//! cluster and have no namespace. Subnets and security groups are found by the tag `karpenter.sh/discovery`, which eksctl
//! puts on those that it makes, because the ClusterConfig asks it to.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::doc::ser::to_node;
use crate::doc::value::Node;
use crate::doc::{Artifact, Body};
use crate::model::nodes::karpenter::{Budget, NodeClass, Pool};
use crate::model::nodes::{Cluster, NodeGroup, Taint};
use crate::model::{Model, Platform};
use crate::why::{Address, Derived};

use super::kube::KARPENTER_DISCOVERY;
use super::{Fault, Take, Target};

pub(super) static TARGET: Target = Target {
    name: "karpenter",
    summary: "Karpenter's NodePools and EC2NodeClass: karpenter/nodepool-<group>.yaml, karpenter/nodeclass.yaml",
    emit,
};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Object<'a, S> {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata<'a>,
    spec: S,
}

#[derive(Debug, Serialize)]
struct Metadata<'a> {
    name: Derived<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<&'a str, &'a Derived<String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct NodeClassSpec<'a> {
    subnet_selector_terms: [Tagged<'a>; 1],
    security_group_selector_terms: [Tagged<'a>; 1],
    ami_selector_terms: [Alias<'a>; 1],
    role: &'a Derived<String>,
}

#[derive(Debug, Serialize)]
struct Tagged<'a> {
    tags: BTreeMap<&'static str, &'a Derived<String>>,
}

#[derive(Debug, Serialize)]
struct Alias<'a> {
    alias: &'a Derived<String>,
}

#[derive(Debug, Serialize)]
struct NodePoolSpec<'a> {
    template: Template<'a>,
    disruption: Disruption<'a>,
    limits: Limits<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<&'a Derived<i64>>,
}

#[derive(Debug, Serialize)]
struct Template<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Labelled<'a>>,
    spec: TemplateSpec<'a>,
}

#[derive(Debug, Serialize)]
struct Labelled<'a> {
    labels: BTreeMap<&'a str, &'a Derived<String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TemplateSpec<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    taints: Vec<PoolTaint<'a>>,
    requirements: Vec<Requirement<'a>>,
    node_class_ref: NodeClassRef<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expire_after: Option<&'a Derived<String>>,
}

#[derive(Debug, Serialize)]
struct PoolTaint<'a> {
    key: &'a Derived<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a Derived<String>>,
    effect: &'a Derived<&'static str>,
}

#[derive(Debug, Serialize)]
struct Requirement<'a> {
    key: &'static str,
    operator: &'static str,
    values: Vec<Derived<&'a str>>,
}

#[derive(Debug, Serialize)]
struct NodeClassRef<'a> {
    group: &'static str,
    kind: &'static str,
    name: &'a Derived<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Disruption<'a> {
    consolidate_after: &'a Derived<String>,
    consolidation_policy: &'a Derived<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    budgets: Vec<PoolBudget<'a>>,
}

#[derive(Debug, Serialize)]
struct PoolBudget<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    reasons: &'a [Derived<&'static str>],
    nodes: &'a Derived<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule: Option<&'a Derived<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<&'a Derived<String>>,
}

#[derive(Debug, Serialize)]
struct Limits<'a> {
    cpu: &'a Derived<String>,
    memory: &'a Derived<String>,
}

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    let Some(cluster) = &model.cluster else { return Ok(()) };
    let Some(class) = &cluster.karpenter else { return Ok(()) };
    let mut artifacts = vec![artifact("nodeclass", &class.address, to_node(&node_class(cluster, class, model))?)];
    for group in &model.nodegroups {
        if let Some(pool) = &group.karpenter {
            let name = format!("nodepool-{}", group.name);
            artifacts.push(artifact(&name, &group.address, to_node(&node_pool(group, pool, class, model))?));
        }
    }
    super::hand_over(artifacts, take);
    Ok(())
}

fn artifact(name: &str, owner: &Address, document: Node) -> Artifact {
    Artifact { path: format!("karpenter/{name}.yaml"), owner: owner.clone(), body: Body::Yaml(vec![document]) }
}

fn metadata(name: Derived<String>, platform: &Platform) -> Metadata<'_> {
    Metadata { name, labels: platform.labels.iter().map(|(key, value)| (key.as_str(), value)).collect() }
}

fn node_class<'a>(cluster: &'a Cluster, class: &'a NodeClass, model: &'a Model) -> Object<'a, NodeClassSpec<'a>> {
    let tagged = || [Tagged { tags: BTreeMap::from([(KARPENTER_DISCOVERY, &cluster.name)]) }];
    Object {
        api_version: "karpenter.k8s.aws/v1",
        kind: "EC2NodeClass",
        metadata: metadata(class.name.clone(), &model.platform),
        spec: NodeClassSpec {
            subnet_selector_terms: tagged(),
            security_group_selector_terms: tagged(),
            ami_selector_terms: [Alias { alias: &class.ami }],
            role: &class.role,
        },
    }
}

fn node_pool<'a>(
    group: &'a NodeGroup,
    pool: &'a Pool,
    class: &'a NodeClass,
    model: &'a Model,
) -> Object<'a, NodePoolSpec<'a>> {
    let labels: BTreeMap<_, _> = group.labels.iter().map(|(key, value)| (key.as_str(), value)).collect();
    Object {
        api_version: "karpenter.sh/v1",
        kind: "NodePool",
        metadata: metadata(Derived { value: group.name.clone(), address: group.address.clone() }, &model.platform),
        spec: NodePoolSpec {
            template: Template {
                metadata: (!labels.is_empty()).then_some(Labelled { labels }),
                spec: TemplateSpec {
                    taints: group.taints.iter().map(taint).collect(),
                    requirements: requirements(group, pool),
                    node_class_ref: NodeClassRef {
                        group: "karpenter.k8s.aws",
                        kind: "EC2NodeClass",
                        name: &class.name,
                    },
                    expire_after: pool.expire_after.as_ref(),
                },
            },
            disruption: Disruption {
                consolidate_after: &pool.consolidate_after,
                consolidation_policy: &pool.consolidation,
                budgets: pool.budgets.iter().map(budget).collect(),
            },
            limits: Limits { cpu: &pool.cpu_limit, memory: &pool.memory_limit },
            weight: pool.weight.as_ref(),
        },
    }
}

/// Karpenter takes no empty value; the Kubernetes API means the same by it as by none.
fn taint(taint: &Taint) -> PoolTaint<'_> {
    let value = taint.value.as_ref().filter(|it| !it.value.is_empty());
    PoolTaint { key: &taint.key, value, effect: &taint.effect }
}

fn requirements<'a>(group: &'a NodeGroup, pool: &'a Pool) -> Vec<Requirement<'a>> {
    let one = |key, value: &Derived<&'static str>| Requirement {
        key,
        operator: "In",
        values: vec![Derived { value: value.value, address: value.address.clone() }],
    };
    let name = |it: &'a Derived<String>| Derived { value: it.value.as_str(), address: it.address.clone() };
    let types = group.instance_types.iter().map(name).collect();
    let types = Requirement { key: "node.kubernetes.io/instance-type", operator: "In", values: types };
    let arch = pool.arch.as_ref().map(|arch| one("kubernetes.io/arch", arch));
    let capacity_type = one("karpenter.sh/capacity-type", &pool.capacity_type);
    arch.into_iter().chain([capacity_type, types]).collect()
}

fn budget(budget: &Budget) -> PoolBudget<'_> {
    PoolBudget {
        reasons: &budget.reasons,
        nodes: &budget.nodes,
        schedule: budget.schedule.as_ref(),
        duration: budget.duration.as_ref(),
    }
}

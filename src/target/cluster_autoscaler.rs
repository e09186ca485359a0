//! The cluster autoscaler: the values of its Helm chart.
//!
//! It knows the chart of kubernetes/autoscaler (`charts/cluster-autoscaler`, version 9). The chart makes
//! `--node-group-auto-discovery` out of the cluster's name, and `--NAME=VALUE` out of each of `extraArgs`. Those values are
//! texts: Helm prints a large number as `1e+06`, which no flag takes. eksctl makes the ServiceAccount with its IAM role, so the
//! chart must not make another. The namespace is Helm's own: `helm upgrade --install --namespace`.

use serde::{Serialize, Serializer};

use crate::doc::ser::to_node;
use crate::doc::{Artifact, Body};
use crate::model::Model;
use crate::model::nodes::Cluster;
use crate::model::nodes::autoscaler::Autoscaler;
use crate::why::Derived;

use super::{Fault, Take, Target};

pub(super) static TARGET: Target = Target {
    name: "cluster-autoscaler",
    summary: "the cluster autoscaler's Helm values: cluster-autoscaler/values.yaml",
    emit,
};

/// Only what differs from the chart's own values, in their order.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Values<'a> {
    auto_discovery: AutoDiscovery<'a>,
    aws_region: &'a Derived<String>,
    cloud_provider: &'static str,
    #[serde(serialize_with = "in_order")]
    extra_args: &'a [(&'static str, Derived<String>)],
    image: Image<'a>,
    rbac: Rbac<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AutoDiscovery<'a> {
    cluster_name: &'a Derived<String>,
}

#[derive(Debug, Serialize)]
struct Image<'a> {
    repository: &'a Derived<String>,
    tag: &'a Derived<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Rbac<'a> {
    service_account: ServiceAccount<'a>,
}

#[derive(Debug, Serialize)]
struct ServiceAccount<'a> {
    create: bool,
    name: &'a Derived<String>,
}

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    let Some(cluster) = &model.cluster else { return Ok(()) };
    let Some(autoscaler) = &cluster.autoscaler else { return Ok(()) };
    let values = to_node(&values(cluster, autoscaler))?;
    let path = "cluster-autoscaler/values.yaml".to_owned();
    take(Artifact { path, owner: autoscaler.address.clone(), body: Body::Yaml(vec![values]) });
    Ok(())
}

fn values<'a>(cluster: &'a Cluster, autoscaler: &'a Autoscaler) -> Values<'a> {
    Values {
        auto_discovery: AutoDiscovery { cluster_name: &cluster.name },
        aws_region: &cluster.region,
        cloud_provider: "aws",
        extra_args: &autoscaler.flags,
        image: Image { repository: &autoscaler.repository, tag: &autoscaler.tag },
        rbac: Rbac { service_account: ServiceAccount { create: false, name: &autoscaler.service_account } },
    }
}

fn in_order<S: Serializer>(pairs: &[(&str, Derived<String>)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(key, value)| (key, value)))
}

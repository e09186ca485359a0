//! What eksctl and the cluster autoscaler decide by themselves.
//!
//! Source: `eksctl-io/eksctl` v0.230, `pkg/apis/eksctl.io/v1alpha5/{types,defaults,validation}.go`.

use super::super::MOVING;
use super::Row;
use super::Rule::{Default, Members, Owned, Text};

const ORDER: &str = "the order means nothing";
const ASSUMED: &str = "eksctl takes it for granted";

const fn row(place: &'static str, rule: super::Rule, reason: &'static str) -> Row {
    Row { kind: "ClusterConfig", place, rule, reason }
}

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row("nodeGroups", Members(&["name"]), ORDER),
    row("managedNodeGroups", Members(&["name"]), ORDER),
    row("nodeGroups [] desiredCapacity", Owned, MOVING),
    row("managedNodeGroups [] desiredCapacity", Owned, MOVING),
    row("nodeGroups [] taints", Members(&["key", "effect"]), ORDER),
    row("managedNodeGroups [] taints", Members(&["key", "effect"]), ORDER),
    row("nodeGroups [] volumeSize", Default("80"), ASSUMED),
    row("managedNodeGroups [] volumeSize", Default("80"), ASSUMED),
    row("nodeGroups [] volumeType", Default("\"gp3\""), ASSUMED),
    row("managedNodeGroups [] volumeType", Default("\"gp3\""), ASSUMED),
    row("nodeGroups [] instancesDistribution onDemandBaseCapacity", Default("0"), ASSUMED),
    row("nodeGroups [] instancesDistribution onDemandPercentageAboveBaseCapacity", Default("100"), ASSUMED),
    row("nodeGroups [] labels *", Text, "a label is text"),
    row("managedNodeGroups [] labels *", Text, "a label is text"),
    row("nodeGroups [] tags *", Text, "a tag is text"),
    row("managedNodeGroups [] tags *", Text, "a tag is text"),
    row("iam serviceAccounts", Members(&["metadata namespace", "metadata name"]), ORDER),
    row("metadata version", Text, "a version is text"),
];

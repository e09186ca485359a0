//! The built-in catalogue: what a node of each EC2 instance type offers to pods, and what it costs.
//!
//! `instances.csv` holds 183 types. Its columns and their sources:
//! - vCPU, memory, architecture: kubernetes/autoscaler `cluster-autoscaler/cloudprovider/aws/ec2_instance_types.go`
//!   (list dated 2026-01-22).
//! - Pods by network interfaces, `ENIs × (IPv4 addresses per ENI − 1) + 2`: awslabs/amazon-eks-ami
//!   `nodeadm/internal/kubelet/instance-info.jsonl` (2026-07-23), cross-checked with aws/amazon-vpc-cni-k8s
//!   `misc/eni-max-pods.txt`. A managed node group takes 110 pods at most, 250 from 30 vCPU on (EKS user guide,
//!   "Choose an instance type").
//! - Allocatable CPU and memory: capacity less the kubelet's reserve (amazon-eks-ami
//!   `nodeadm/internal/kubelet/config.go`) and 100 MiB of eviction threshold. Capacity is 7.5 % below the nominal
//!   memory, the share that aws/karpenter-provider-aws takes off for firmware and kernel (`pkg/operator/options`);
//!   arm64 loses 64 MiB more.
//! - Price: on demand, Linux, us-east-1, USD per hour, karpenter-provider-aws `zz_generated.pricing_aws.go`
//!   (generated 2026-07-20). There are no spot prices.
//!
//! It knows no spec: what `[instance.NAME]` adds or overrides is laid on it by [`super::nodes`].

use crate::unit::exact::Exact;
use crate::unit::quantity::{format_mebibytes, format_millicpu};

static CSV: &str = include_str!("instances.csv");

/// One row of the catalogue.
#[derive(Debug, Clone, Copy)]
pub(super) struct InstanceType {
    /// `m5.2xlarge`.
    pub(super) name: &'static str,
    /// `amd64` or `arm64`.
    pub(super) arch: &'static str,
    pub(super) vcpu: i64,
    /// Nominal, in GiB; c5n types have a fraction of one.
    pub(super) memory_gib: Exact,
    /// Pods on a node of a managed group.
    pub(super) max_pods_managed: i64,
    /// Pods on a node of a self-managed group.
    pub(super) max_pods_eni: i64,
    /// Allocatable, in thousandths of a CPU.
    pub(super) cpu: i64,
    /// Allocatable, in bytes.
    pub(super) memory: i64,
    /// USD per hour.
    pub(super) price: Exact,
    /// The price as the source has it.
    pub(super) price_text: &'static str,
}

impl InstanceType {
    /// `m5` of `m5.2xlarge`.
    pub(super) fn family(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(family, _)| family)
    }

    /// What a node offers: `7910m CPU, 29317Mi memory, 58 pods`.
    pub(super) fn offer(&self) -> String {
        let (cpu, memory) = (format_millicpu(self.cpu), format_mebibytes(self.memory));
        match (self.max_pods_managed, self.max_pods_eni) {
            (managed, eni) if managed == eni => format!("{cpu} CPU, {memory} memory, {managed} pods"),
            (managed, eni) => format!("{cpu} CPU, {memory} memory, {managed} pods ({eni} in a self-managed group)"),
        }
    }

    /// The row of what a node offers, with its source.
    pub(super) fn row(&self) -> String {
        format!(
            "{}, {} vCPU and {} GiB: {} (allocatable, by the reserves of amazon-eks-ami, 2026-07-23)",
            self.name,
            self.vcpu,
            self.memory_gib,
            self.offer(),
        )
    }

    /// The row of the price, with its source.
    pub(super) fn price_row(&self) -> String {
        format!(
            "{}: {} USD per hour, on demand, Linux, us-east-1 (karpenter-provider-aws, 2026-07-20)",
            self.name, self.price_text,
        )
    }
}

/// A type by its name. Only its own line is read: most specs name few types.
pub(super) fn find(name: &str) -> Option<InstanceType> {
    lines().find(|line| line.split(',').next() == Some(name)).and_then(parse)
}

/// The vCPU and the nominal memory, in GiB, of a type that is known.
pub fn size(name: &str) -> Option<(i64, Exact)> {
    find(name).map(|it| (it.vcpu, it.memory_gib))
}

/// Every type: families by name, sizes as they grow.
pub(super) fn all() -> impl Iterator<Item = InstanceType> + Clone {
    lines().filter_map(parse)
}

fn lines() -> std::str::Lines<'static> {
    let mut lines = CSV.lines();
    lines.next();
    lines
}

/// A line of the file; a test holds that none is refused.
fn parse(line: &'static str) -> Option<InstanceType> {
    let mut cells = line.split(',');
    let (name, arch) = (cells.next()?, cells.next()?);
    let (vcpu, memory_gib) = (whole(cells.next())?, Exact::parse(cells.next()?).ok()?);
    let (max_pods_managed, max_pods_eni) = (whole(cells.next())?, whole(cells.next())?);
    let (cpu, mebibytes) = (whole(cells.next())?, whole(cells.next())?);
    let price_text = cells.next()?;
    let price = Exact::parse(price_text).ok()?;
    let memory = mebibytes << 20;
    Some(InstanceType { name, arch, vcpu, memory_gib, max_pods_managed, max_pods_eni, cpu, memory, price, price_text })
}

fn whole(cell: Option<&str>) -> Option<i64> {
    cell?.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn every_line_is_a_row() {
        assert_eq!(all().count(), CSV.lines().count() - 1);
        assert_eq!(all().count(), 183);
        for row in all() {
            assert!(row.cpu > 0 && row.cpu < row.vcpu * 1000, "{row:?}");
            assert!(row.memory > 0 && Exact::from(row.memory >> 20) < row.memory_gib * Exact::from(1024), "{row:?}");
            assert!(row.max_pods_managed <= row.max_pods_eni && row.price.is_positive(), "{row:?}");
            assert!(matches!(row.arch, "amd64" | "arm64"), "{row:?}");
            // EKS's rule for managed groups.
            let cap = if row.vcpu >= 30 { 250 } else { 110 };
            assert_eq!(row.max_pods_managed, row.max_pods_eni.min(cap), "{row:?}");
        }
    }

    #[test]
    fn a_row_reads_as_its_source() {
        let row = find("m5.2xlarge").unwrap();
        assert_eq!(row.offer(), "7910m CPU, 29317Mi memory, 58 pods");
        assert_eq!((row.family(), row.price_text), ("m5", "0.384"));
        let wide = find("m5.4xlarge").unwrap();
        assert_eq!(wide.offer(), "15890m CPU, 57691Mi memory, 110 pods (234 in a self-managed group)");
    }
}

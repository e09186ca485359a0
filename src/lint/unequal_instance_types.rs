//! A node group whose types differ in what a node offers.

use crate::unit::quantity::{format_mebibytes, format_millicpu};

use super::{Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "unequal-instance-types",
    level: Level::Warn,
    docs: r#"
### What it does
Compares what nodes of the listed types offer to pods: CPU must be the same, memory within 5 %.
### Why is this bad?
The cluster autoscaler takes all nodes of a group for alike. Where it reckons with the larger type and gets the smaller one, pods
stay pending; where it reckons with the smaller one, capacity is paid for and idle.
### Example
`instance_types = ["c5.xlarge", "c5n.xlarge"]`: 8 GiB and 10.5 GiB.
### Instead
List types of one size (c5.xlarge, c5a.xlarge, c6i.xlarge), and give each other size a group of its own.
"#,
    check,
};

/// What the cluster autoscaler itself lets similar nodes differ, in percent (kubernetes/autoscaler,
/// `compare_nodegroups.go`: `MaxAllocatableDifferenceRatio`).
const MEMORY_PERCENT: i128 = 5;

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for group in facts.model.nodegroups.iter().filter(|it| it.karpenter.is_none()) {
        let mut listed = group.instance_types.iter().zip(&group.offers);
        let Some((first, offer)) = listed.next() else { continue };
        let odd = listed.find(|(_, other)| {
            let (least, most) = (offer.memory.min(other.memory), offer.memory.max(other.memory));
            offer.cpu != other.cpu || i128::from(most - least) * 100 > i128::from(most) * MEMORY_PERCENT
        });
        let Some((other, other_offer)) = odd else { continue };
        let message =
            format!("`{}` mixes nodes of different sizes, which the cluster autoscaler takes for alike", group.address);
        let mut finding = findings.finding(message);
        for (name, offer) in [(other, other_offer), (first, offer)] {
            let label = format!("{} CPU and {} for pods", format_millicpu(offer.cpu), format_mebibytes(offer.memory));
            finding = finding.at_some(facts.model.causes.written_at(&name.address), label);
        }
        findings.push(finding.help(format!("take `{}` out, or give it a node group of its own", other.value)));
    }
}

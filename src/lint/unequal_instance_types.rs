//! A node group whose types differ in what a node offers.

use crate::unit::quantity::{format_mebibytes, format_millicpu};

use std::cmp::Ordering;

use crate::model::catalogue;
use crate::unit::exact::Exact;

use super::files::{get, items, text};
use super::{Check, Facts, Files, Findings, Level, Lint};

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
    check: Check::Both(check, check_files),
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

fn check_files(files: &Files<'_>, findings: &mut Findings<'_>) {
    let lists = [("nodeGroups", "instancesDistribution.instanceTypes"), ("managedNodeGroups", "instanceTypes")];
    for (groups, path) in lists {
        for (object, group) in files.nodegroups(groups) {
            // What the catalogue does not know is not judged.
            let mut known =
                items(get(group, path)).filter_map(|it| Some((it, it.as_str()?, catalogue::size(it.as_str()?)?)));
            let Some((first, _, of_first)) = known.next() else { continue };
            let Some((odd, odd_name, of_odd)) = known.find(|(_, _, it)| differ(*it, of_first)) else { continue };
            let message = format!(
                "`{}` mixes nodes of different sizes, which the cluster autoscaler takes for alike",
                text(group, "name").unwrap_or_default()
            );
            let mut finding = findings.finding(message);
            for (node, (cpu, memory)) in [(odd, of_odd), (first, of_first)] {
                finding = finding.at(files.at(object, node), format!("{cpu} vCPU and {memory} GiB"));
            }
            findings.push(finding.help(format!("take `{odd_name}` out, or give it a node group of its own")));
        }
    }
}

/// Whether two sizes are not the same for the cluster autoscaler.
fn differ((cpu, memory): (i64, Exact), (other_cpu, other_memory): (i64, Exact)) -> bool {
    let exceeds = |more: Exact, than: Exact| {
        let most = than * Exact::fraction(100 + i64::try_from(MEMORY_PERCENT).unwrap_or(5), 100);
        more.checked_cmp(&most) == Some(Ordering::Greater)
    };
    cpu != other_cpu || exceeds(memory, other_memory) || exceeds(other_memory, memory)
}

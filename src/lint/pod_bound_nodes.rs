//! Nodes that have CPU and memory left, but no room for another pod.

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "pod-bound-nodes",
    level: Level::Warn,
    docs: r#"
### What it does
Packs the pods of a node group a second time, as if a node took any number of them, and looks for fewer nodes.
### Why is this bad?
A node of EKS takes only as many pods as its network interfaces have addresses (29 on an m5.large). Where that is what fills the
nodes, CPU and memory are paid for and stay idle.
### Example
100 pods of `cpu = "20m"` on `instance_types = ["m5.large"]`: four nodes, where CPU and memory fill two.
### Instead
List larger types. With prefix delegation a node takes more pods: write what it then takes as `max_pods` of `[instance."m5.large"]`,
or waive the lint with that reason.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for group in &facts.model.nodegroups {
        let (Some(packed), Some(by_size)) = (&group.packed, group.packed_by_size) else { continue };
        let smallest = group.instance_types.iter().zip(&group.offers).min_by_key(|(_, offer)| offer.pods);
        let Some((name, offer)) = smallest.filter(|_| by_size < packed.value) else { continue };
        let message = format!(
            "`{}` needs {} nodes only for the number of its pods, by CPU and memory {by_size}",
            group.address, packed.value
        );
        let Some(place) = facts.model.causes.written_at(&name.address) else { continue };
        let finding = findings.finding(message).at(place, format!("takes {} pods", offer.pods));
        findings.push(finding.help(format!(
            "list a larger type, or turn on prefix delegation and write `[instance.\"{}\"]` with its `max_pods`",
            name.value
        )));
    }
}

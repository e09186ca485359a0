//! A node group that its pods fill to the last node.

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "node-group-without-headroom",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for node groups whose most nodes are just those that the pods fill at their peaks.
### Why is this bad?
A rolling update starts new pods before the old ones go, and a node that fails or is drained leaves its pods without a place:
at the peak there is none.
### Example
`headroom = 1`
### Instead
Take the line out: the default of 1.2 counts a fifth on top.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for group in &facts.model.nodegroups {
        let (Some(packed), Some(headroom)) = (&group.packed, &group.headroom) else { continue };
        if group.max.value > packed.value || packed.value == 0 {
            continue;
        }
        let Some(place) = facts.model.causes.written_at(&headroom.address) else { continue };
        let message = format!("the pods of `{}` fill all of its {} nodes at their peaks", group.address, packed.value);
        let finding = findings.finding(message).at(place, "no node to spare");
        findings.push(finding.help("write `headroom = 1.2`, or take the line out"));
    }
}

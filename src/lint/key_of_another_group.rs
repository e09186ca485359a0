//! A key of eksctl's self-managed groups in a managed one, or the other way round.

use crate::doc::object::Object;
use crate::doc::value::{Node, Value};

use super::files::{get, text};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "key-of-another-group",
    level: Level::Deny,
    docs: r#"
### What it does
Looks for keys under `managedNodeGroups` that only `nodeGroups` have, and the other way round.
### Why is this bad?
eksctl reads its file strictly: "unknown field" ends the run before anything is made.
### Example
`managedNodeGroups: [{ name: spot, instancesDistribution: { … } }]`
### Instead
Write what this kind of group has for it: `spot: true` with `instanceTypes` for a managed group, `instancesDistribution` for another one.
"#,
    check: Check::Files(check),
};

/// Keys that only one of the two has, and what to write instead (eksctl, `types.go`, August 2026).
const SELF_MANAGED: [(&str, &str); 6] = [
    ("instancesDistribution", "write `instanceTypes` and `spot: true`, or move the group to `nodeGroups`"),
    ("cpuCredits", "set it in a launch template, or move the group to `nodeGroups`"),
    ("kubeletExtraConfig", "set it in a launch template, or move the group to `nodeGroups`"),
    ("asgMetricsCollection", "take it out, or move the group to `nodeGroups`"),
    ("maxInstanceLifetime", "take it out, or move the group to `nodeGroups`"),
    ("classicLoadBalancerNames", "take it out, or move the group to `nodeGroups`"),
];
const MANAGED: [(&str, &str); 6] = [
    (
        "instanceTypes",
        "write `instancesDistribution: { instanceTypes: […] }`, or move the group to `managedNodeGroups`",
    ),
    (
        "spot",
        "write `instancesDistribution: { onDemandPercentageAboveBaseCapacity: 0 }`, or move the group to `managedNodeGroups`",
    ),
    ("updateConfig", "take it out, or move the group to `managedNodeGroups`"),
    ("launchTemplate", "take it out, or move the group to `managedNodeGroups`"),
    ("releaseVersion", "take it out, or move the group to `managedNodeGroups`"),
    ("nodeRepairConfig", "take it out, or move the group to `managedNodeGroups`"),
];

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for (list, strange) in [("managedNodeGroups", SELF_MANAGED), ("nodeGroups", MANAGED)] {
        for (object, group) in files.nodegroups(list) {
            for (key, help) in strange {
                let Some(node) = get(group, key) else { continue };
                report(files, findings, (object, node), (list, text(group, "name")), &format!("a `{key}`"), help);
            }
            if let Some(taints) = get(group, "taints").filter(|it| list == "managedNodeGroups" && is_map(it)) {
                let help = "write a list: `taints: [{ key: …, value: …, effect: NoSchedule }]`";
                report(files, findings, (object, taints), (list, text(group, "name")), "a map of `taints`", help);
            }
        }
    }
    for (object, group) in files.nodegroups("nodeGroups") {
        let mixed = get(group, "instancesDistribution");
        let Some(one) = get(group, "instanceType").filter(|it| mixed.is_some() && it.as_str() != Some("mixed")) else {
            continue;
        };
        let message =
            format!("eksctl refuses `{}`: it names one type and a mix", text(group, "name").unwrap_or_default());
        let finding = findings.finding(message).at(files.key(object, one), "one type");
        let finding = finding.at_some(mixed.map(|it| files.at(object, it)), "a mix");
        findings.push(finding.help("take `instanceType` out; the types stand in `instancesDistribution`"));
    }
}

fn is_map(node: &Node) -> bool {
    matches!(node.value, Value::Map(_))
}

fn report(
    files: &Files<'_>,
    findings: &mut Findings<'_>,
    (object, node): (&Object, &Node),
    (list, name): (&str, Option<&str>),
    what: &str,
    help: &str,
) {
    let message =
        format!("eksctl refuses `{}`: a group of `{list}` has no such thing as {what}", name.unwrap_or_default());
    findings.push(findings.finding(message).at(files.key(object, node), "unknown here").help(help));
}

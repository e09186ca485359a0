//! A lower limit above the upper one.

use crate::doc::object::Object;
use crate::doc::value::Node;

use super::files::{get, int, text};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "min-above-max",
    level: Level::Deny,
    docs: r#"
### What it does
Compares the limits of autoscalers, of KEDA's `idleReplicaCount`, and of eksctl's node groups.
### Why is this bad?
The API server, KEDA's webhook and eksctl refuse the object: what is applied is what was there before.
### Example
`minReplicas: 30` with `maxReplicas: 20`
### Instead
Write a floor that is not above the ceiling, and a desired size between both.
"#,
    check: Check::Files(check),
};

/// What an idle ScaledObject keeps, as messages call it.
const IDLE: &str = "`idleReplicaCount`";

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for autoscaler in files.autoscalers() {
        let of = autoscaler.object;
        let what = of.identity.to_string();
        pair(files, findings, of, &what, [("the fewest replicas", autoscaler.min), ("the most", autoscaler.max)]);
        if let Some(spec) = autoscaler.object.tree.get("spec") {
            let (idle, min) = (get(spec, "idleReplicaCount"), autoscaler.min);
            // KEDA wants it below the floor, not only not above.
            let next = idle.and_then(int).is_some_and(|idle| min.and_then(int) == Some(idle));
            if next {
                report(files, findings, of, &what, [(IDLE, idle), ("`minReplicaCount`", min)]);
            } else {
                pair(files, findings, of, &what, [(IDLE, idle), ("`minReplicaCount`", min)]);
            }
        }
    }
    for (of, group) in files.nodegroups("nodeGroups").chain(files.nodegroups("managedNodeGroups")) {
        let what = format!("node group {}", text(group, "name").unwrap_or_default());
        let [min, desired, max] = ["minSize", "desiredCapacity", "maxSize"].map(|key| get(group, key));
        pair(files, findings, of, &what, [("the smallest size", min), ("the largest", max)]);
        pair(files, findings, of, &what, [("the smallest size", min), ("the desired one", desired)]);
        pair(files, findings, of, &what, [("the desired size", desired), ("the largest", max)]);
    }
}

type Limit<'a> = (&'static str, Option<&'a Node>);

fn pair(files: &Files<'_>, findings: &mut Findings<'_>, of: &Object, what: &str, limits: [Limit<'_>; 2]) {
    let [low, high] = limits.map(|(_, node)| node.and_then(int));
    if low.zip(high).is_some_and(|(low, high)| low > high) {
        report(files, findings, of, what, limits);
    }
}

fn report(files: &Files<'_>, findings: &mut Findings<'_>, of: &Object, what: &str, limits: [Limit<'_>; 2]) {
    let [(low_name, Some(low)), (high_name, Some(high))] = limits else { return };
    let (Some(low_number), Some(high_number)) = (int(low), int(high)) else { return };
    let relation = if low_number == high_number { "not below" } else { "above" };
    let message = format!("`{what}`: {low_name}, {low_number}, is {relation} {high_name}, {high_number}");
    let finding = findings.finding(message).at(files.at(of, low), format!("{relation} {high_number}"));
    let finding = finding.at(files.at(of, high), "");
    let help = match high_number {
        // There is no number below zero: KEDA goes to zero without the key, or keeps one replica above it.
        0 if low_name == IDLE => "leave `idleReplicaCount` out, or write `minReplicaCount: 1`".to_owned(),
        number if low_name == IDLE => format!("write less than {number} here, or raise {high_name}"),
        number => format!("write {number} or less here, or raise {high_name}"),
    };
    findings.push(finding.help(help));
}

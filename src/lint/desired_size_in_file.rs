//! A number of nodes that the autoscaler of the cluster moves.

use super::files::{get, int, text};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "desired-size-in-file",
    level: Level::Allow,
    docs: r#"
### What it does
Looks for `desiredCapacity` in eksctl's node groups whose limits leave room.
### Why is this bad?
The cluster autoscaler owns that number. The file says what it was once, and `eksctl scale nodegroup` with it takes nodes away in the middle of the
day. Many keep it for the first start of a group, so nothing is said unless somebody asks.
### Example
`desiredCapacity: 10` with `minSize: 0` and `maxSize: 100`.
### Instead
Take it out: eksctl starts with `minSize`.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for (object, group) in files.nodegroups("nodeGroups").chain(files.nodegroups("managedNodeGroups")) {
        let Some(desired) = get(group, "desiredCapacity") else { continue };
        let [min, max] = ["minSize", "maxSize"].map(|key| get(group, key).and_then(int));
        if min.zip(max).is_some_and(|(min, max)| min < max) {
            let name = text(group, "name").unwrap_or_default();
            let message = format!("the cluster autoscaler moves the size of `{name}`, whatever stands here");
            let finding = findings.finding(message).at(files.at(object, desired), "of the first start only");
            findings.push(finding.help("take `desiredCapacity` out"));
        }
    }
}

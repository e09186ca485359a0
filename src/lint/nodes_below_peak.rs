//! Node groups that cannot hold what autoscalers may ask for.

use crate::doc::object::Object;
use crate::doc::value::Node;
use crate::model::catalogue;
use crate::unit::exact::Exact;
use crate::unit::quantity::{Quantity, format_mebibytes, format_millicpu};

use super::files::{get, int, items, pods, scalar, text};
use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "nodes-below-peak",
    level: Level::Warn,
    docs: r#"
### What it does
Adds up what the pods of all workloads request at their most replicas, and compares it with the largest instance types of all node groups at
their `maxSize`.
### Why is this bad?
At the peak the last pods stay pending: the autoscaler of the nodes has come to its end before that of the pods.
### Example
`maxReplicas: 100` for pods that request 2 CPUs, with three nodes of 16 CPUs at most.
### Instead
Raise `maxSize`, or write a ceiling that the nodes hold. The comparison is a generous one: what nodes keep for themselves, other pods and the gaps
between pods are left out. capgen packs the pods, and derives `max` of a `[nodegroup.…]`.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    let mut clusters = files.of_kind("ClusterConfig");
    let (Some(cluster), None) = (clusters.next(), clusters.next()) else { return };
    // Other nodes come without a group.
    if get(&cluster.tree, "fargateProfiles").is_some() || files.of_kind("NodePool").next().is_some() {
        return;
    }
    let groups: Vec<(&Object, &Node)> =
        files.nodegroups("nodeGroups").chain(files.nodegroups("managedNodeGroups")).collect();
    let Some((first, offered)) = offered(&groups) else { return };
    let mut asked = (0_i128, 0_i128);
    let mut largest: Option<(&Object, &Node, i128)> = None;
    for workload in files.workloads().filter(|it| files.are_near(it, cluster) && !files.is_patch(it)) {
        let Some((of, node, count)) = most(files, workload) else { continue };
        let Some(pod) = pods::pod(workload) else { continue };
        let all = |resource: &str| requests(pod, resource) * i128::from(count.max(0));
        let (cpu, memory) = (all("cpu"), all("memory"));
        asked = (asked.0 + cpu, asked.1 + memory);
        if largest.is_none_or(|(.., it)| cpu > it) {
            largest = Some((of, node, cpu));
        }
    }
    let Some((of, node, _)) = largest else { return };
    let words = |milli: i128| format_millicpu(i64::try_from(milli).unwrap_or(i64::MAX));
    let sizes = |bytes: i128| format_mebibytes(i64::try_from(bytes).unwrap_or(i64::MAX));
    let (cpus, bytes) = ((asked.0 / 1_000_000, offered.0), (asked.1 / 1_000_000_000, offered.1));
    let message = match (cpus.0 > cpus.1, bytes.0 > bytes.1) {
        (true, _) => {
            format!("at their peak the pods request {} CPU, and all nodes have {}", words(cpus.0), words(cpus.1))
        }
        (_, true) => {
            format!("at their peak the pods request {}, and all nodes have {}", sizes(bytes.0), sizes(bytes.1))
        }
        _ => return,
    };
    let finding = findings
        .finding(message)
        .at(files.at(first, get(groups[0].1, "maxSize").unwrap_or(groups[0].1)), "the most nodes")
        .at(files.at(of, node), "the most pods");
    findings.push(finding.help("raise `maxSize`, or lower the ceiling of the pods"));
}

/// Thousandths of a CPU and bytes of all nodes together; `None` where a size or a type is not known.
fn offered<'a>(groups: &[(&'a Object, &'a Node)]) -> Option<(&'a Object, (i128, i128))> {
    let mut sum = (0_i128, 0_i128);
    for (_, group) in groups {
        let size = i128::from(get(group, "maxSize").and_then(int)?.max(0));
        let lists = ["instancesDistribution.instanceTypes", "instanceTypes"].into_iter().find_map(|it| get(group, it));
        let listed: Vec<&str> = items(lists).filter_map(Node::as_str).collect();
        let own = text(group, "instanceType").filter(|it| *it != "mixed");
        let names = if listed.is_empty() { vec![own?] } else { listed };
        let mut most = (0_i128, 0_i128);
        for name in names {
            let (cpu, memory) = catalogue::size(name)?;
            let bytes = (memory * Exact::from(1 << 30)).ceil()?;
            most = (most.0.max(i128::from(cpu) * 1000), most.1.max(i128::from(bytes)));
        }
        sum = (sum.0 + most.0 * size, sum.1 + most.1 * size);
    }
    Some((groups.first()?.0, sum))
}

/// The most pods of a workload, and where that stands.
fn most<'a>(files: &Files<'a>, workload: &'a Object) -> Option<(&'a Object, &'a Node, i64)> {
    let of_autoscaler = files.autoscalers_of(workload).find_map(|it| Some((it.object, it.max?, it.ceiling()?)));
    of_autoscaler.or_else(|| {
        let node = get(&workload.tree, "spec.replicas")?;
        Some((workload, node, int(node)?))
    })
}

/// What the containers of one pod request, in billionths.
fn requests(pod: &Node, resource: &str) -> i128 {
    let amount = |container: &Node| {
        let of = |it: &str| get(container, &format!("resources.{it}.{resource}"));
        let node = of("requests").or_else(|| of("limits"))?;
        Quantity::parse(&scalar(node)?).ok().map(|it| it.nano())
    };
    items(pod.get("containers")).filter_map(amount).sum()
}

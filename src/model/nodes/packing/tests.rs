//! Laws of the packing: what it promises, against placing pod by pod.

#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use super::*;

const NODE: Room = Room { cpu: 7660, memory: 28917 << 20, pods: 54 };

fn pods(name: &'static str, count: i64, cpu: i64, mebibytes: i64) -> Pods<'static> {
    Pods { name, count, cpu, memory: mebibytes << 20 }
}

fn nodes(node: Room, pods: &[Pods<'_>]) -> Option<i64> {
    pack(node, pods).map(|runs| runs.iter().map(|run| run.nodes).sum())
}

#[test]
fn design_example() {
    let peak = [pods("download", 23, 500, 512), pods("api", 30, 1000, 2048)];
    assert_eq!(nodes(NODE, &peak), Some(6));
    let order: Vec<&str> = order(NODE, &peak).iter().map(|it| it.name).collect();
    assert_eq!(order, ["api", "download"]);
    assert_eq!(nodes(NODE, &[pods("api", 5, 1000, 2048), pods("download", 3, 500, 512)]), Some(1));
}

#[test]
fn each_resource_can_be_the_tightest() {
    assert_eq!(nodes(NODE, &[pods("cpu", 20, 4000, 1)]), Some(20));
    assert_eq!(nodes(NODE, &[pods("memory", 20, 1, 20000)]), Some(20));
    assert_eq!(nodes(NODE, &[pods("slots", 109, 1, 1)]), Some(3));
    assert_eq!(nodes(NODE, &[pods("nothing requested", 109, 0, 0)]), Some(3));
    assert_eq!(nodes(NODE, &[pods("none", 0, 1, 1)]), Some(0));
    assert_eq!(nodes(NODE, &[]), Some(0));
    assert_eq!(nodes(NODE, &[pods("too large", 1, 7661, 1)]), None);
    assert_eq!(nodes(NODE, &[pods("too large, none of it", 0, 7661, 1)]), Some(0));
}

#[test]
fn equal_sizes_go_by_name() {
    let alike = [pods("b", 1, 1000, 1), pods("a", 1, 1000, 1)];
    let order: Vec<&str> = order(NODE, &alike).iter().map(|it| it.name).collect();
    assert_eq!(order, ["a", "b"]);
}

#[test]
fn huge_counts_cost_nothing() {
    let many = [pods("api", 100_000_000, 1000, 2048), pods("download", 100_000_000, 500, 512)];
    // 7 api and 1 download a node, one node with 2 and 11, then 15 downloads a node: they divide evenly.
    let api = 14_285_714 + 1;
    let download = 100_000_000 - 14_285_714 - 11;
    assert_eq!(nodes(NODE, &many), Some(api + download / 15));
}

/// First-fit-decreasing as the textbook has it.
fn pod_by_pod(node: Room, pods: &[Pods<'_>]) -> Vec<Room> {
    let mut nodes: Vec<Room> = Vec::new();
    for pods in order(node, pods) {
        for _ in 0..pods.count {
            let index = nodes.iter().position(|left| left.holds(pods) > 0).unwrap_or_else(|| {
                nodes.push(node);
                nodes.len() - 1
            });
            nodes[index] = nodes[index].beside(pods, 1);
        }
    }
    nodes
}

fn workloads() -> impl Strategy<Value = Vec<Pods<'static>>> {
    let one = (0..40_i64, 0..=100_i64, 0..=100_i64);
    let sized = one.prop_map(|(count, cpu, memory)| Pods { name: "w", count, cpu, memory });
    prop::collection::vec(sized, 0..8)
}

fn node() -> impl Strategy<Value = Room> {
    (100..300_i64, 100..300_i64, 1..30_i64).prop_map(|(cpu, memory, pods)| Room { cpu, memory, pods })
}

proptest! {
    #[test]
    fn counts_say_what_pod_by_pod_says(node in node(), pods in workloads()) {
        let runs = pack(node, &pods).unwrap();
        let spread: Vec<Room> = runs.iter().flat_map(|run| (0..run.nodes).map(|_| run.left)).collect();
        prop_assert_eq!(spread, pod_by_pod(node, &pods));
    }

    #[test]
    fn no_node_is_overfull_and_every_pod_is_placed(node in node(), pods in workloads()) {
        let runs = pack(node, &pods).unwrap();
        let mut placed = Room { cpu: 0, memory: 0, pods: 0 };
        for run in &runs {
            prop_assert!(run.nodes > 0 && run.left.cpu >= 0 && run.left.memory >= 0 && run.left.pods >= 0);
            prop_assert!(run.left.pods < node.pods, "a node without a pod");
            placed.cpu += run.nodes * (node.cpu - run.left.cpu);
            placed.memory += run.nodes * (node.memory - run.left.memory);
            placed.pods += run.nodes * (node.pods - run.left.pods);
        }
        let sum = |of: fn(&Pods<'_>) -> i64| pods.iter().map(|it| it.count * of(it)).sum::<i64>();
        prop_assert_eq!(placed, Room { cpu: sum(|it| it.cpu), memory: sum(|it| it.memory), pods: sum(|_| 1) });
    }

    #[test]
    fn never_below_what_the_sums_need(node in node(), pods in workloads()) {
        let nodes = nodes(node, &pods).unwrap();
        let sum = |of: fn(&Pods<'_>) -> i64| pods.iter().map(|it| it.count * of(it)).sum::<i64>();
        prop_assert!(nodes * node.cpu >= sum(|it| it.cpu));
        prop_assert!(nodes * node.memory >= sum(|it| it.memory));
        prop_assert!(nodes * node.pods >= sum(|_| 1));
    }

    #[test]
    fn the_order_of_the_tables_changes_nothing(node in node(), pods in workloads()) {
        let mut reversed = pods.clone();
        reversed.reverse();
        prop_assert_eq!(nodes(node, &pods), nodes(node, &reversed));
    }
}

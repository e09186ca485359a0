//! First-fit-decreasing: how many nodes a group's pods fill.
//!
//! Pods of one workload are alike, and so are nodes that were filled alike. Both are kept as counts, so a hundred
//! million pods cost no more than one; the answer is the one that placing pod by pod gives. The method is Johnson's
//! ("Near-optimal bin packing algorithms", 1973); where there are several resources, the larger pod is the one with the
//! larger dominant share (Ghodsi and others, "Dominant Resource Fairness", 2011). It is no optimum and it is not
//! monotone: that more pods never need fewer nodes is not promised.

use std::cmp::Reverse;

/// What a node has for pods, or has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Room {
    /// In thousandths of a CPU.
    pub(super) cpu: i64,
    /// In bytes.
    pub(super) memory: i64,
    pub(super) pods: i64,
}

/// The pods of one workload.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pods<'a> {
    pub(super) name: &'a str,
    pub(super) count: i64,
    /// Request of each, in thousandths of a CPU.
    pub(super) cpu: i64,
    /// Request of each, in bytes.
    pub(super) memory: i64,
}

/// Neighbouring nodes that have the same room left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) nodes: i64,
    pub(super) left: Room,
}

/// The nodes in the order in which they were opened; `None` where a pod is larger than an empty node.
///
/// The largest pods go first, by [`order`]; each pod goes on the first node that still has room for it.
pub(super) fn pack(node: Room, pods: &[Pods<'_>]) -> Option<Vec<Run>> {
    let mut runs: Vec<Run> = Vec::new();
    for pods in order(node, pods).into_iter().filter(|pods| pods.count > 0) {
        let each = node.holds(pods);
        if each == 0 {
            return None;
        }
        let mut filled = Vec::with_capacity(runs.len() + 3);
        let mut open = pods.count;
        for run in runs {
            open = fill(run, pods, open, &mut filled);
        }
        let fresh = Run { nodes: open / each + i64::from(open % each != 0), left: node };
        fill(fresh, pods, open, &mut filled);
        runs = filled;
    }
    Some(runs)
}

/// Workloads by the size of their pods, largest first.
///
/// Size is the dominant share: the larger of the pod's share of a node's CPU and of its memory (its share of the pod
/// slots is the same for all). Equal shares go by CPU, then by memory, then by name.
pub(super) fn order<'a, 'b>(node: Room, pods: &'b [Pods<'a>]) -> Vec<&'b Pods<'a>> {
    let mut ordered: Vec<&Pods<'a>> = pods.iter().collect();
    let wide = i128::from;
    // Both shares over the common denominator CPU × memory of the node.
    let share = |it: &Pods<'_>| (wide(it.cpu) * wide(node.memory)).max(wide(it.memory) * wide(node.cpu));
    ordered.sort_by_key(|it| (Reverse((share(it), it.cpu, it.memory)), it.name));
    ordered
}

impl Room {
    /// How many such pods have room here.
    pub(super) fn holds(self, pods: &Pods<'_>) -> i64 {
        let times = |room: i64, each: i64| room.checked_div(each).unwrap_or(i64::MAX);
        self.pods.min(times(self.cpu, pods.cpu)).min(times(self.memory, pods.memory))
    }

    /// What is left beside that many pods, which must have room.
    fn beside(self, pods: &Pods<'_>, count: i64) -> Self {
        Self { cpu: self.cpu - pods.cpu * count, memory: self.memory - pods.memory * count, pods: self.pods - count }
    }
}

/// Places pods on the nodes of a run, first nodes first, and gives back how many are still open.
fn fill(run: Run, pods: &Pods<'_>, open: i64, filled: &mut Vec<Run>) -> i64 {
    let each = run.left.holds(pods);
    if each == 0 {
        filled.push(run);
        return open;
    }
    let full = run.nodes.min(open / each);
    let last = if full < run.nodes { open % each } else { 0 };
    let partial = i64::from(last > 0);
    let runs = [
        Run { nodes: full, left: run.left.beside(pods, each) },
        Run { nodes: partial, left: run.left.beside(pods, last) },
        Run { nodes: run.nodes - full - partial, left: run.left },
    ];
    filled.extend(runs.into_iter().filter(|run| run.nodes > 0));
    open - full * each - last
}

#[cfg(test)]
mod tests;

//! Capacity and cost, before and after.
//!
//! Nothing is computed here: every number was decided by the model, and is read by its address from the registry of
//! the new side and from what the old side remembers.

use std::collections::BTreeSet;

use super::{Headline, NodeGroupRow, Shift, WorkloadRow};
use crate::doc::state::Memory;
use crate::why::{Address, Causes};

/// The rows that differ; all of the new side's where the old one has no memory.
pub(super) fn headline(causes: &Causes, memory: Option<&Memory>) -> Headline {
    let sides = Sides { causes, memory };
    let differs = |shifts: &[&Shift]| memory.is_none() || shifts.iter().any(|it| !it.is_same());
    let mut headline =
        Headline { is_one_sided: memory.is_none(), monthly_cost: sides.monthly_cost(), ..Headline::default() };
    for table in sides.tables() {
        if table.starts_with("nodegroup.") {
            let row = sides.nodegroup(Address::verbatim(table));
            if differs(&[&row.min, &row.max, &row.monthly_cost]) {
                headline.nodegroups.push(row);
            }
        } else {
            let row = sides.workload(Address::verbatim(table));
            if differs(&[&row.peak, &row.binds, &row.min_replicas, &row.max_replicas]) {
                headline.workloads.push(row);
            }
        }
    }
    headline
}

/// The new side and the old one.
struct Sides<'a> {
    causes: &'a Causes,
    memory: Option<&'a Memory>,
}

impl<'a> Sides<'a> {
    /// Every service, worker and node group of either side, sorted.
    fn tables(&self) -> BTreeSet<&'a str> {
        let remembered = self.memory.iter().flat_map(|it| it.inputs.keys().chain(it.numbers.keys()));
        let tables = self.causes.tables().chain(remembered.map(Address::table));
        tables.filter(|it| ["service.", "worker.", "nodegroup."].iter().any(|kind| it.starts_with(kind))).collect()
    }

    fn workload(&self, address: Address) -> WorkloadRow {
        let capacity = address.child("capacity");
        let (scaled, fixed) = (address.child("autoscale"), address.child("replicas"));
        let mut peak = self.shift(&capacity.child("peak"));
        let before = unit(&address, |it| self.before(it).is_some());
        let after = unit(&address, |it| self.after(it).is_some());
        if peak.after.is_some() && before != after {
            peak.before = None;
        }
        WorkloadRow {
            unit: if peak.after.is_some() { after } else { before },
            peak,
            binds: self.shift(&capacity.child("binds")),
            min_replicas: self.shift_of(&[scaled.child("min"), fixed.clone()]),
            max_replicas: self.shift_of(&[scaled.child("max"), fixed]),
            address,
        }
    }

    fn nodegroup(&self, address: Address) -> NodeGroupRow {
        NodeGroupRow {
            min: self.shift(&address.child("min")),
            max: self.shift(&address.child("max")),
            monthly_cost: self.shift(&address.child("monthly_cost_max")),
            address,
        }
    }

    fn monthly_cost(&self) -> Option<Shift> {
        let cost = self.shift(&Address::of(["cluster", "monthly_cost_max"]));
        (cost != Shift::default()).then_some(cost)
    }

    fn shift(&self, address: &Address) -> Shift {
        self.shift_of(std::slice::from_ref(address))
    }

    /// The first of several addresses that a side has.
    fn shift_of(&self, addresses: &[Address]) -> Shift {
        Shift {
            before: addresses.iter().find_map(|it| self.before(it)).map(str::to_owned),
            after: addresses.iter().find_map(|it| self.after(it)).map(str::to_owned),
        }
    }

    fn before(&self, address: &Address) -> Option<&'a str> {
        let memory = self.memory?;
        memory.numbers.get(address).or_else(|| memory.inputs.get(address)).map(String::as_str)
    }

    fn after(&self, address: &Address) -> Option<&'a str> {
        Some(self.causes.get(address)?.value.as_str())
    }
}

/// What a workload's capacity is counted in: the first kind of demand that has a target, or the first that one pod was
/// measured for; requests before connections.
fn unit(address: &Address, states: impl Fn(&Address) -> bool) -> &'static str {
    let states = |key: &str| states(&address.child(key));
    if address.as_str().starts_with("worker.") {
        return "messages/s";
    }
    let has_target = states("target_rps") || states("target_connections");
    let (requests, connections) = match has_target {
        true => ("target_rps", "target_connections"),
        false => ("rps_per_pod", "connections_per_pod"),
    };
    if !states(requests) && states(connections) { "connections" } else { "requests/s" }
}

#[cfg(test)]
mod tests;

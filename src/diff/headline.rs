//! Capacity and cost, before and after.
//!
//! Every number was decided by the model, and is read by its address from the registry of the new side and from what the
//! old side remembers. Only what `pools` multiplies is computed here.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::{EventRow, Headline, NodeGroupRow, ObjectChange, PoolRow, Risk, Shift, WorkloadRow, pools};
use crate::doc::state::Memory;
use crate::why::{Address, Causes};

/// The tables that one core reads at least, before it is worth another one's while.
const FEW: usize = 64;

/// The key of what a group of nodes costs, and of what all of them do.
const MONTHLY_COST: &str = "monthly_cost_max";

/// The rows that differ; all of the new side's where the old one has no memory. No row of a table differs where none of its
/// values does: `tables` are the others.
pub(super) fn headline(causes: &Causes, memory: Option<&Memory>, tables: &[&str]) -> Headline {
    let sides = Sides { causes, memory };
    let parts = tables.par_chunks(FEW).map(|names| {
        let mut part = Headline::default();
        let with_rows = names.iter().filter(|name| KINDS.iter().any(|kind| name.starts_with(kind)));
        with_rows.for_each(|name| sides.add(name, &mut part));
        part
    });
    let mut headline =
        Headline { is_one_sided: memory.is_none(), monthly_cost: sides.monthly_cost(), ..Headline::default() };
    for part in parts.collect::<Vec<Headline>>() {
        headline.workloads.extend(part.workloads);
        headline.events.extend(part.events);
        headline.pools.extend(part.pools);
        headline.nodegroups.extend(part.nodegroups);
    }
    headline
}

/// Leaves the mark of another price to those node groups whose target does not make other nodes of those that exist.
pub(super) fn judge(headline: &mut Headline, objects: &[ObjectChange]) {
    let edits = objects.iter().flat_map(|it| &it.edits).filter(|it| it.risk.risk == Risk::Ignored);
    let ignored: BTreeSet<&str> = edits.filter_map(|it| it.address.as_ref()).map(Address::table).collect();
    headline.nodegroups.iter_mut().for_each(|it| it.is_ignored &= ignored.contains(it.address.as_str()));
}

/// The tables that have rows.
const KINDS: [&str; 5] = ["service.", "worker.", "event.", "pgbouncer.", "nodegroup."];

/// The new side and the old one.
struct Sides<'a> {
    causes: &'a Causes,
    memory: Option<&'a Memory>,
}

impl<'a> Sides<'a> {
    /// Adds the rows of a table that differ.
    fn add(&self, name: &'a str, headline: &mut Headline) {
        let differs = |shifts: &[&Shift]| self.memory.is_none() || shifts.iter().any(|it| !it.is_same());
        let table = self.table(name);
        if name.starts_with("nodegroup.") {
            let row = table.nodegroup();
            if differs(&[&row.min, &row.max, &row.monthly_cost]) {
                headline.nodegroups.push(row);
            }
        } else if name.starts_with("event.") {
            headline.events.extend(table.events().filter(|it| differs(&[&it.min_replicas, &it.max_replicas])));
        } else if name.starts_with("pgbouncer.") {
            headline.pools.extend(table.pools().filter(|it| differs(&[&it.processes, &it.each, &it.all])));
        } else {
            let row = table.workload();
            if differs(&[&row.peak, &row.binds, &row.min_replicas, &row.max_replicas]) {
                headline.workloads.push(row);
            }
        }
    }

    fn table(&self, name: &'a str) -> Table<'a> {
        let prefix = format!("{name}.");
        let remembered = self.memory.iter().flat_map(|it| [&it.numbers, &it.inputs]);
        let before = remembered
            .flat_map(|it| it.starting_with(&prefix))
            .map(|it| (it.rest.get(1..).unwrap_or_default(), it.value))
            .collect();
        let key = |it: &'a Address| it.as_str().get(prefix.len()..).unwrap_or_default();
        let after = self.causes.in_table(name).map(|(it, why)| (key(it), why.value)).collect();
        Table { name, before: Numbers(before), after: Numbers(after) }
    }

    fn monthly_cost(&self) -> Option<Shift> {
        let address = Address::of(["cluster", MONTHLY_COST]);
        let before = self.memory.and_then(|it| it.numbers.get(&address).or_else(|| it.inputs.get(&address)));
        let after = self.causes.get(&address).map(|why| why.value);
        let cost = Shift { before: before.map(str::to_owned), after: after.map(str::to_owned) };
        (cost != Shift::default()).then_some(cost)
    }
}

/// The numbers of one table on both sides.
struct Table<'a> {
    name: &'a str,
    before: Numbers<'a>,
    after: Numbers<'a>,
}

/// The numbers of one table on one side, by the keys below it.
struct Numbers<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Numbers<'a> {
    fn get(&self, key: &str) -> Option<&'a str> {
        self.0.iter().find(|(it, _)| *it == key).map(|(_, value)| *value)
    }
}

impl Table<'_> {
    fn workload(&self) -> WorkloadRow {
        let mut peak = self.shift(&["capacity.peak"]);
        let (before, after) = (self.unit(&self.before), self.unit(&self.after));
        if peak.after.is_some() && before != after {
            peak.before = None;
        }
        WorkloadRow {
            address: Address::verbatim(self.name),
            unit: if peak.after.is_some() { after } else { before },
            peak,
            binds: self.shift(&["capacity.binds"]),
            min_replicas: self.shift(&["autoscale.min", "replicas"]),
            max_replicas: self.shift(&["autoscale.max", "replicas"]),
        }
    }

    fn nodegroup(&self) -> NodeGroupRow {
        NodeGroupRow {
            address: Address::verbatim(self.name),
            min: self.shift(&["min"]),
            max: self.shift(&["max"]),
            monthly_cost: self.shift(&[MONTHLY_COST]),
            is_ignored: !self.shift(&["hourly_price"]).is_same(),
        }
    }

    /// A row for each entry of a PgBouncer.
    fn pools(&self) -> impl Iterator<Item = PoolRow> {
        self.entries(".max_db_connections").into_iter().map(|entry| {
            let each = self.shift(&[&format!("{entry}.max_db_connections")]);
            pools::row(self.address(entry), self.shift(&["instances"]), each)
        })
    }

    /// A row for each workload of an event.
    fn events(&self) -> impl Iterator<Item = EventRow> {
        self.entries(".max").into_iter().map(|entry| EventRow {
            address: self.address(entry),
            min_replicas: self.shift(&[&format!("{entry}.min")]),
            max_replicas: self.shift(&[&format!("{entry}.max")]),
        })
    }

    /// What either side has below the table with a key that ends so, sorted.
    fn entries(&self, end: &str) -> BTreeSet<&str> {
        let keys = [&self.before, &self.after].into_iter().flat_map(|it| &it.0).map(|(key, _)| *key);
        keys.filter_map(|key| key.strip_suffix(end)).collect()
    }

    fn address(&self, entry: &str) -> Address {
        Address::verbatim(&format!("{}.{entry}", self.name))
    }

    /// The first of several keys that a side has.
    fn shift(&self, keys: &[&str]) -> Shift {
        let first = |numbers: &Numbers<'_>| keys.iter().find_map(|key| numbers.get(key)).map(str::to_owned);
        Shift { before: first(&self.before), after: first(&self.after) }
    }

    /// What a workload's capacity is counted in: the first kind of demand that has a target, or the first that one pod
    /// was measured for; requests before connections.
    fn unit(&self, numbers: &Numbers<'_>) -> &'static str {
        let states = |key: &str| numbers.get(key).is_some();
        if self.name.starts_with("worker.") {
            return "messages/s";
        }
        let has_target = states("target_rps") || states("target_connections");
        let (requests, connections) = match has_target {
            true => ("target_rps", "target_connections"),
            false => ("rps_per_pod", "connections_per_pod"),
        };
        if !states(requests) && states(connections) { "connections" } else { "requests/s" }
    }
}

#[cfg(test)]
mod tests;

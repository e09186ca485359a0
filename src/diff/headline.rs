//! Capacity and cost, before and after.
//!
//! Every number was decided by the model, and is read by its address from the registry of the new side and from what the
//! old side remembers. Only what `pools` multiplies is computed here.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::{EventRow, Headline, NodeGroupRow, PoolRow, Shift, WorkloadRow, pools};
use crate::doc::state::Memory;
use crate::why::{self, Address, Causes, Why};

/// The tables that one core reads at least, before it is worth another one's while.
const FEW: usize = 64;

/// The rows that differ; all of the new side's where the old one has no memory.
pub(super) fn headline(causes: &Causes, memory: Option<&Memory>) -> Headline {
    let sides = Sides { causes, memory };
    let tables: Vec<&str> = sides.tables().into_iter().collect();
    let parts = tables.par_chunks(FEW).map(|names| {
        let mut part = Headline::default();
        names.iter().filter(|name| !sides.is_same(name)).for_each(|name| sides.add(name, &mut part));
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

/// The tables that have rows.
const KINDS: [&str; 5] = ["service.", "worker.", "event.", "pgbouncer.", "nodegroup."];

/// The new side and the old one.
struct Sides<'a> {
    causes: &'a Causes,
    memory: Option<&'a Memory>,
}

impl<'a> Sides<'a> {
    /// Every table of either side that has rows, sorted.
    fn tables(&self) -> BTreeSet<&'a str> {
        let remembered = self.memory.iter().flat_map(|it| it.inputs.iter().chain(it.numbers.iter()));
        // Neighbours are of one table, and a table has dozens of numbers.
        let mut last = "";
        let remembered = remembered.map(|(address, _)| why::table_of(address));
        let remembered = remembered.filter(|it| std::mem::replace(&mut last, it) != *it);
        let tables = remembered.chain(self.causes.tables());
        tables.filter(|it| KINDS.iter().any(|kind| it.starts_with(kind))).collect()
    }

    /// Whether every value of a table is what it was, as in most tables of a large platform: then no row of it differs.
    fn is_same(&self, name: &str) -> bool {
        let Some(memory) = self.memory else { return false };
        let prefix = format!("{name}.");
        let [mut inputs, mut numbers] = [&memory.inputs, &memory.numbers].map(|it| it.starting_with(&prefix));
        let mut now = self.causes.in_table(name);
        let is_as_before = |(address, why): (&Address, Why<'_>)| {
            let then = if why.is_written() { inputs.next() } else { numbers.next() };
            then == Some((address.as_str(), why.value))
        };
        now.all(is_as_before) && inputs.next().is_none() && numbers.next().is_none()
    }

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
        let key = |address: &'a str| address.get(prefix.len()..).unwrap_or_default();
        let remembered = self.memory.iter().flat_map(|it| [&it.numbers, &it.inputs]);
        let before = remembered.flat_map(|it| it.starting_with(&prefix)).map(|(it, value)| (key(it), value)).collect();
        let after = self.causes.in_table(name).map(|(it, why)| (key(it.as_str()), why.value)).collect();
        Table { name, before: Numbers(before), after: Numbers(after) }
    }

    fn monthly_cost(&self) -> Option<Shift> {
        let address = Address::of(["cluster", "monthly_cost_max"]);
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
            monthly_cost: self.shift(&["monthly_cost_max"]),
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

//! What is shared by pods, and what is asked of it while every ceiling of the emergency is reached.
//!
//! Nothing is sized for an emergency, so the page for who is on call says how far connections go.

use crate::unit::exact::Exact;
use crate::why::{Address, Derived};

use super::super::pools::{Database, Pgbouncer};
use super::super::reasons::{Answer, Reasons};
use super::super::workloads::{Opened, Workload};

/// One thing that has a limit.
#[derive(Debug)]
pub struct Room {
    /// `pgbouncer.main`, `database.main`.
    pub subject: Address,
    /// Connections at the ceilings of the emergency.
    pub asked: Derived<i64>,
    pub limit: Derived<i64>,
}

/// PgBouncers by the clients that pods are, servers by the connections of pools and pods; none without an emergency.
pub(in crate::model) fn resolve(
    workloads: &[Workload],
    databases: &[Database],
    pgbouncers: &[Pgbouncer],
    reasons: &mut Reasons,
) -> Vec<Room> {
    if workloads.iter().all(|it| it.emergency.is_none()) {
        return Vec::new();
    }
    let mut rooms = Vec::new();
    for pgbouncer in pgbouncers {
        let mut sum = Sum::nothing();
        let own = |name: &str| pgbouncer.entries.iter().any(|it| it.name == name);
        sum.pods(workloads, |it| &it.pool_connections, own, ceiling);
        let at = Address::of(["emergency", "pgbouncer", &pgbouncer.name]).child("clients");
        let asked = sum.register(at, "sum of ceilings in the emergency × pool_connections", reasons);
        let limit = pgbouncer.max_client_conn.clone();
        rooms.extend(asked.map(|asked| Room { subject: pgbouncer.address.clone(), asked, limit }));
    }
    for database in databases {
        let mut sum = Sum::nothing();
        let own = |name: &str| name == database.name;
        sum.pods(workloads, |it| &it.database_connections, own, ceiling);
        for pgbouncer in pgbouncers {
            for entry in pgbouncer.entries.iter().filter(|it| it.server == database.address) {
                sum.add(&pgbouncer.instances, &entry.max_db_connections);
            }
        }
        let at = Address::of(["emergency", "database", &database.name]);
        let symbolic = "sum of ceilings in the emergency × database_connections, and of instances × max_db_connections";
        let Some(asked) = sum.register(at.child("connections"), symbolic, reasons) else { continue };
        let mut most = Sum::of(&database.usable);
        most.pods(workloads, |it| &it.database_connections, own, Workload::peak);
        let symbolic = "usable_connections, and those that pods open directly at peak";
        let limit = most.register(at.child("most_connections"), symbolic, reasons);
        rooms.extend(limit.map(|limit| Room { subject: database.address.clone(), asked, limit }));
    }
    rooms
}

/// The most pods in the emergency; of those that it is not for, the most as usual.
fn ceiling(workload: &Workload) -> &Derived<i64> {
    workload.emergency.as_ref().map_or(workload.usual_peak(), |it| &it.max)
}

struct Sum {
    value: Exact,
    terms: Vec<String>,
    inputs: Vec<Address>,
}

impl Sum {
    fn nothing() -> Self {
        Self { value: Exact::ZERO, terms: Vec::new(), inputs: Vec::new() }
    }

    fn of(number: &Derived<i64>) -> Self {
        Self {
            value: Exact::from(number.value),
            terms: vec![number.value.to_string()],
            inputs: vec![number.address.clone()],
        }
    }

    fn add(&mut self, count: &Derived<i64>, each: &Derived<i64>) {
        self.value = self.value + Exact::from(count.value) * Exact::from(each.value);
        self.terms.push(format!("{} × {}", count.value, each.value));
        self.inputs.extend([count.address.clone(), each.address.clone()]);
    }

    fn pods(
        &mut self,
        workloads: &[Workload],
        opened: impl Fn(&Workload) -> &[Opened],
        is_own: impl Fn(&str) -> bool,
        pods: impl Fn(&Workload) -> &Derived<i64>,
    ) {
        for workload in workloads {
            for it in opened(workload).iter().filter(|it| it.count.value > 0 && is_own(&it.name)) {
                self.add(pods(workload), &it.count);
            }
        }
    }

    /// None where there is nothing to count.
    fn register(mut self, at: Address, symbolic: &'static str, reasons: &mut Reasons) -> Option<Derived<i64>> {
        if self.terms.is_empty() {
            return None;
        }
        self.inputs.sort();
        self.inputs.dedup();
        let answer =
            Answer { value: self.value.floor()?, symbolic, numbers: self.terms.join(" + "), inputs: self.inputs };
        Some(reasons.computed(at, answer))
    }
}

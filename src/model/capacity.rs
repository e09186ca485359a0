//! Capacity: the largest demand at peak that every layer carries, and which layer carries least.
//!
//! A layer lets in so many pods, and `pods × load per pod / safety_margin` is what they carry: the replicas' formula, read
//! backwards. 30 pods of 5 000 requests per second and a margin of 1.5 carry 100 000. The layers are the pods themselves
//! at their most, a topic's partitions, the clients that PgBouncers let in, the servers' connections, and the nodes.
//! How many pods a layer lets in stands in `layers`. Nothing here is written into a file: reports and `explain` read it.

mod layers;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use rayon::prelude::*;

use crate::unit::exact::Exact;
use crate::why::{Address, Derived};

use super::nodes::NodeGroup;
use super::pools::{Database, Pgbouncer};
use super::reasons::{Answer, Reasons};
use super::workloads::Workload;
use layers::{Layer, Shared};

/// What a service or worker carries at peak, in the unit of its [`Workload::counted_load`].
#[derive(Debug, Clone)]
pub struct Capacity {
    /// The workload's name.
    pub workload: String,
    /// The least that a layer carries.
    pub peak: Derived<Exact>,
    /// The layer that carries least: `pods`, `partitions`, `clients`, `database`, `nodes`.
    pub binds: Derived<&'static str>,
    /// Every layer and what it carries.
    pub layers: Vec<(&'static str, Derived<Exact>)>,
}

/// Registers the capacity of every service and worker that says what one pod carries, and gives them in their order.
pub(super) fn resolve(
    workloads: &[Workload],
    databases: &[Database],
    pgbouncers: &[Pgbouncer],
    nodegroups: &[NodeGroup],
    reasons: &mut Reasons,
) -> Vec<Capacity> {
    let shared = Shared::new(workloads, databases, pgbouncers, nodegroups, reasons);
    let own = workloads.par_iter().map(|workload| {
        let mut own = Reasons::new();
        (of_workload(workload, &shared, &mut own), own)
    });
    let own: Vec<(Option<Capacity>, Reasons)> = own.collect();
    reasons.take_all(own).into_iter().flatten().collect()
}

fn of_workload(workload: &Workload, shared: &Shared<'_>, reasons: &mut Reasons) -> Option<Capacity> {
    let carried = Carried::of(workload)?;
    let address = workload.address.child("capacity");
    let layers = layers::of(workload, shared);
    let demands = layers.iter().filter_map(|layer| {
        let answer = carried.answer(layer)?;
        Some((layer.name, reasons.computed(address.child(layer.name), answer)))
    });
    let demands: Vec<(&'static str, Derived<Exact>)> = demands.collect();
    let order = |a: &Exact, b: &Exact| a.checked_cmp(b).unwrap_or(Ordering::Equal);
    let (binds, least) = demands.iter().min_by(|(_, a), (_, b)| order(&a.value, &b.value))?;
    let inputs: Vec<Address> = demands.iter().map(|(_, demand)| demand.address.clone()).collect();
    let values: Vec<String> = demands.iter().map(|(_, demand)| demand.value.to_string()).collect();
    let numbers = if values.len() > 1 { format!("min({})", values.join(", ")) } else { values.concat() };
    let symbolic = "the least that a layer carries";
    let peak = reasons
        .computed(address.child("peak"), Answer { value: least.value, symbolic, numbers, inputs: inputs.clone() });
    let named: Vec<String> = demands.iter().map(|(name, demand)| format!("{name} {}", demand.value)).collect();
    let symbolic = "the layer that carries least, the first of equals";
    let answer = Answer { value: *binds, symbolic, numbers: named.join(", "), inputs };
    let binds = reasons.computed(address.child("binds"), answer);
    Some(Capacity { workload: workload.name.clone(), peak, binds, layers: demands })
}

/// What one pod carries, in the unit in which the workload's demand is counted.
struct Carried<'a> {
    per_pod: Exact,
    text: String,
    margin: &'a Derived<Exact>,
    inputs: Vec<Address>,
}

impl<'a> Carried<'a> {
    /// Counted is the first kind of demand that has a target, or the first at all: requests before connections. A
    /// second kind with a target comes along in the proportion of the targets, and may be what a pod has less room for.
    fn of(workload: &'a Workload) -> Option<Self> {
        let counted = workload.counted_load()?;
        let mut carried = Self {
            per_pod: counted.per_pod.value,
            text: counted.per_pod.value.recomputable(),
            margin: &counted.margin,
            inputs: vec![counted.per_pod.address.clone(), counted.margin.address.clone()],
        };
        let others = workload.loads.iter().filter(|it| it.kind != counted.kind);
        for (other, beside, target) in others.filter_map(|it| Some((it, it.target.as_ref()?, counted.target.as_ref()?)))
        {
            let per_pod = other.per_pod.value * target.value / beside.value;
            let [each, target_text, beside_text] =
                [other.per_pod.value, target.value, beside.value].map(Exact::recomputable);
            carried.text = format!("min({}, {each} × {target_text} / {beside_text})", carried.text);
            if per_pod < carried.per_pod {
                carried.per_pod = per_pod;
            }
            carried.inputs.extend([&other.per_pod, target, beside].map(|it| it.address.clone()));
        }
        Some(carried)
    }

    /// The demand at which the layer is full, rounded down to what a person reads: whole from 10 up, else thousandths.
    /// What leaves every range is no limit: it has no number.
    fn answer(&self, layer: &Layer) -> Option<Answer<Exact>> {
        let exact = Exact::from(layer.pods) * self.per_pod / self.margin.value;
        let is_whole = exact >= Exact::from(10);
        let value = match is_whole {
            true => Exact::from(exact.floor()?),
            false => Exact::fraction((exact * Exact::from(1000)).floor()?, 1000),
        };
        let thousandth = if is_whole { "" } else { " to a thousandth" };
        let numbers =
            format!("floor({} × {} / {}){thousandth}", layer.text, self.text, self.margin.value.recomputable());
        let mut inputs = layer.inputs.clone();
        inputs.extend(self.inputs.iter().cloned());
        inputs.sort();
        inputs.dedup();
        Some(Answer { value, symbolic: layer.symbolic, numbers, inputs })
    }
}

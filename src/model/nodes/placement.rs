//! Which workloads stand on which group, and how many of their pods fit on a node.

use std::collections::BTreeMap;

use crate::diag::source::Span;
use crate::diag::{Diagnostic, suggest};
use crate::model::catalogue::{self, InstanceType};
use crate::model::reasons::Reasons;
use crate::model::workloads::Workload;
use crate::spec::Spec;
use crate::unit::quantity::{Quantity, format_mebibytes, format_millicpu};
use crate::why::{Address, Derived};

use super::Group;
use super::instances::Listed;
use super::packing::{Pods, Room};

/// Every workload by name, and the group that it was found in.
pub(super) struct Placements<'a> {
    workloads: BTreeMap<&'a str, &'a Workload>,
    taken: BTreeMap<&'a str, (&'a str, Span)>,
}

/// A workload on a group.
pub(super) struct Placed<'a> {
    pub(super) workload: &'a Workload,
    /// Where `runs` names it.
    place: Span,
    /// The address of its name in `runs`.
    address: Address,
    cpu: &'a Derived<Quantity>,
    memory: &'a Derived<Quantity>,
}

impl<'a> Placements<'a> {
    pub(super) fn new(workloads: &'a [Workload]) -> Self {
        let workloads = workloads.iter().map(|it| (it.name.as_str(), it)).collect();
        Self { workloads, taken: BTreeMap::new() }
    }
}

impl Placed<'_> {
    /// Its pods, that many of them, as the packing wants them.
    pub(super) fn pods(&self, count: i64) -> Pods<'_> {
        let (cpu, memory) = (self.cpu.value.milli_ceil(), self.memory.value.bytes_ceil());
        Pods { name: &self.workload.name, count, cpu, memory }
    }

    /// `1, 2Gi`.
    pub(super) fn requests(&self) -> String {
        format!("{}, {}", self.cpu.value, self.memory.value)
    }

    /// Its name, as `runs` has it.
    pub(super) fn name(&self) -> Derived<String> {
        Derived { value: self.workload.name.clone(), address: self.address.clone() }
    }

    /// What decides that it is here, and how large its pods are.
    pub(super) fn inputs(&self) -> [Address; 3] {
        [self.address.clone(), self.cpu.address.clone(), self.memory.address.clone()]
    }
}

/// The workloads that `runs` names; `None` where one of them is in error or cannot be placed.
pub(super) fn placed<'a>(
    spec: &Spec,
    group: &Group<'a>,
    placements: &mut Placements<'a>,
    reasons: &mut Reasons,
) -> Option<Vec<Placed<'a>>> {
    let mut sound = true;
    let mut found = Vec::new();
    for (index, name) in group.written.runs.iter().flatten().enumerate() {
        let placed = claim(spec, group, name.value.as_str(), name.span, placements, reasons).and_then(|workload| {
            let address = group.address.child("runs").index(index);
            reasons.taken(address.clone(), workload.name.clone(), name.span);
            requests(spec, group, workload, name.span, address, reasons)
        });
        match placed {
            Some(placed) => found.push(placed),
            None => sound = false,
        }
    }
    sound.then_some(found)
}

/// Takes a workload for a group: it must exist and stand in no other.
fn claim<'a>(
    spec: &Spec,
    group: &Group<'a>,
    name: &'a str,
    place: Span,
    placements: &mut Placements<'a>,
    reasons: &mut Reasons,
) -> Option<&'a Workload> {
    let found = placements.workloads.get(name).copied();
    let known = |kind| spec.is_damaged(kind, name);
    let exists = || spec.service.get(name).is_some() || spec.worker.get(name).is_some();
    if found.is_none() && !exists() && !known("service") && !known("worker") {
        let message = format!("`{}` runs `{name}`, which is neither a service nor a worker", group.address);
        let names = spec.service.iter().map(|(name, _)| name).chain(spec.worker.iter().map(|(name, _)| name));
        let help = suggest::help(name, names.collect::<Vec<_>>());
        reasons.sink.error(Diagnostic::error(message).at(place, "not in the spec").help(help));
        return None;
    }
    if let Some((other, first)) = placements.taken.insert(name, (group.name, place)) {
        let (message, help) = match other == group.name {
            true => {
                (format!("`{}` runs `{name}` twice", group.address), "take one of the two out of `runs`".to_owned())
            }
            false => {
                let message = format!("`{name}` stands in two node groups: `{other}` and `{}`", group.name);
                (message, "keep one of the two, or split it into two workloads, one for each group".to_owned())
            }
        };
        reasons.sink.error(Diagnostic::error(message).at(place, "and here").at(first, "placed here").help(help));
        return None;
    }
    found
}

/// What a pod requests. Kubernetes takes a limit for the request where that is absent (core/v1 defaults).
fn requests<'a>(
    spec: &Spec,
    group: &Group<'_>,
    workload: &'a Workload,
    place: Span,
    address: Address,
    reasons: &mut Reasons,
) -> Option<Placed<'a>> {
    let resources = &workload.resources;
    let cpu = resources.cpu.as_ref().or(resources.cpu_limit.as_ref());
    let memory = resources.memory.as_ref().or(resources.memory_limit.as_ref());
    if let (Some(cpu), Some(memory)) = (cpu, memory) {
        return Some(Placed { workload, place, address, cpu, memory });
    }
    if spec.is_damaged(workload.family.word(), &workload.name) {
        return None;
    }
    let (keys, help) = match (cpu, memory) {
        (None, None) => {
            let help = format!("in `[{}]`: resources = {{ cpu = \"500m\", memory = \"512Mi\" }}", workload.address);
            ("`resources.cpu` and no `resources.memory`", help)
        }
        (None, _) => ("`resources.cpu`", format!("add `cpu = \"500m\"` to `{}.resources`", workload.address)),
        _ => ("`resources.memory`", format!("add `memory = \"512Mi\"` to `{}.resources`", workload.address)),
    };
    let message = format!("`{}` states no {keys}, so `{}` cannot be sized", workload.address, group.address);
    let diagnostic = Diagnostic::error(message).at(workload.place, "no requests").at(place, "placed here");
    reasons.sink.error(diagnostic.help(help));
    None
}

/// Whether every pod fits on an empty node of the smallest type: the group may start no other.
pub(super) fn fits(
    group: &Group<'_>,
    smallest: &Listed,
    node: Room,
    placed: &[Placed<'_>],
    reasons: &mut Reasons,
) -> bool {
    let mut sound = true;
    for placed in placed.iter().filter(|placed| node.holds(&placed.pods(1)) == 0) {
        let beside = if node == smallest.room { "" } else { " beside its daemonsets" };
        let message = format!(
            "a pod of `{}` ({}) does not fit on a node of `{}`, which offers {}{beside}",
            placed.workload.address,
            placed.requests(),
            smallest.name.value,
            text_of(node),
        );
        let taken = Room {
            cpu: smallest.room.cpu - node.cpu,
            memory: smallest.room.memory - node.memory,
            pods: smallest.room.pods - node.pods,
        };
        let help = match larger(smallest, taken, placed) {
            Some(row) => format!("in `[{}]`: instance_types = [\"{}\"]", group.address, row.name),
            None => format!("no type of the catalogue is large enough: lower `{}.resources`", placed.workload.address),
        };
        let requests = [placed.cpu, placed.memory].map(|it| group.known.written_at(&it.address));
        let mut diagnostic =
            Diagnostic::error(message).at(smallest.place, "the smallest listed type").at(placed.place, "placed here");
        for (place, quantity) in requests.into_iter().zip([placed.cpu, placed.memory]) {
            diagnostic = diagnostic.at_some(place, format!("requests {}", quantity.value));
        }
        reasons.sink.error(diagnostic.help(help));
        sound = false;
    }
    sound
}

/// `7660m, 28917Mi, 54 pods`.
pub(super) fn text_of(node: Room) -> String {
    format!("{}, {}, {} pods", format_millicpu(node.cpu), format_mebibytes(node.memory), node.pods)
}

/// The smallest type that holds the pod beside the daemonsets: of the same family, else of the same architecture.
fn larger(smallest: &Listed, taken: Room, placed: &Placed<'_>) -> Option<InstanceType> {
    let family = smallest.name.value.split_once('.').map_or(smallest.name.value.as_str(), |(family, _)| family);
    let pod = placed.pods(1);
    let holds = |row: &InstanceType| {
        let (cpu, memory, pods) = (row.cpu - taken.cpu, row.memory - taken.memory, row.max_pods_managed - taken.pods);
        cpu > 0 && memory > 0 && Room { cpu, memory, pods }.holds(&pod) > 0
    };
    let size = |row: &InstanceType| (row.cpu, row.memory, row.name);
    let of_family = catalogue::all().filter(|row| row.family() == family).filter(holds).min_by_key(size);
    of_family.or_else(|| {
        let arch = smallest.arch.unwrap_or("amd64");
        catalogue::all().filter(|row| row.arch == arch).filter(holds).min_by_key(size)
    })
}

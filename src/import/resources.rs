//! A Deployment or StatefulSet: what one pod requests, its labels, how many there are.
//!
//! capgen does not write these objects; it counts with them. So they stay as they are, and nothing in them can be lost.

use super::found::Found;
use super::pdb::labels;
use super::toml::Value;
use super::tree;
use super::workloads::Workload;
use crate::doc::value::Node;
use crate::unit::quantity::{Quantity, format_millicpu};

/// Adds what a manifest says about its pods.
pub(super) fn add(found: &Found<'_>, index: usize, workload: &mut Workload) {
    let tree = &found.objects[index].tree;
    let Some(spec) = tree.get("spec") else { return };
    workload.pod_labels = labels(spec, "template metadata labels");
    let selector = labels(spec, "selector matchLabels");
    workload.selector = (!selector.is_empty()).then_some(selector);
    workload.replicas = Some((tree::int_at(spec, "replicas").unwrap_or(1), found.place(index, "spec replicas")));
    let containers = tree::items_at(spec, "template spec containers");
    // An init container that goes on running counts as one more.
    let sidecars = tree::items_at(spec, "template spec initContainers").iter();
    let sidecars = sidecars.filter(|it| tree::text_at(it, "restartPolicy").is_some_and(|it| it == "Always"));
    let containers: Vec<&Node> = containers.iter().chain(sidecars).collect();
    let resources = of_pod(&containers);
    if !resources.is_empty() {
        workload.resources = Some((resources, found.place(index, "spec template spec containers")));
    }
}

/// What a pod requests and may use. A limit holds for the pod where every container has one.
fn of_pod(containers: &[&Node]) -> Value {
    let of = |place: &str, is_memory: bool| total(containers, place, is_memory, false);
    let limit = |place: &str, is_memory: bool| total(containers, place, is_memory, true);
    let (cpu, memory) = (of("resources requests cpu", false), of("resources requests memory", true));
    // Where only a limit is written, the API server takes it for the request too.
    let (cpu_limit, memory_limit) = (limit("resources limits cpu", false), limit("resources limits memory", true));
    let (cpu, memory) = (cpu.or_else(|| cpu_limit.clone()), memory.or_else(|| memory_limit.clone()));
    let above = |request: &Option<Quantity>, limit: Option<Quantity>| {
        limit.filter(|limit| request.as_ref().is_none_or(|request| request <= limit))
    };
    let (cpu_limit, memory_limit) = (above(&cpu, cpu_limit), above(&memory, memory_limit));
    let text = |it: Option<Quantity>| it.map(|it| Value::text(it.text()));
    Value::inline([
        ("cpu", text(cpu)),
        ("memory", text(memory)),
        ("cpu_limit", text(cpu_limit)),
        ("memory_limit", text(memory_limit)),
    ])
}

/// The sum over the containers: as it is written where one has it, else in thousandths or bytes.
fn total(containers: &[&Node], place: &str, is_memory: bool, of_all: bool) -> Option<Quantity> {
    let written: Vec<Quantity> =
        containers.iter().filter_map(|it| Quantity::parse(&tree::text_at(it, place)?).ok()).collect();
    if of_all && written.len() < containers.len() {
        return None;
    }
    let sum = match written.as_slice() {
        [] => return None,
        [only] => only.clone(),
        several if is_memory => {
            let bytes = several.iter().try_fold(0_i64, |sum, it| sum.checked_add(it.bytes_ceil()))?;
            Quantity::parse(&binary(bytes)).ok()?
        }
        several => {
            let milli = several.iter().try_fold(0_i64, |sum, it| sum.checked_add(it.milli_ceil()))?;
            Quantity::parse(&format_millicpu(milli)).ok()?
        }
    };
    // Less than a mebibyte of memory is a slip of the keyboard, which a spec refuses.
    Some(sum).filter(|it| !is_memory || it.bytes_ceil() >= 1 << 20)
}

/// Bytes in the largest binary unit that holds them exactly.
fn binary(bytes: i64) -> String {
    let units = [(30, "Gi"), (20, "Mi"), (10, "Ki")];
    match units.iter().find(|(power, _)| bytes % (1 << power) == 0) {
        Some((power, unit)) => format!("{}{unit}", bytes >> power),
        None => bytes.to_string(),
    }
}

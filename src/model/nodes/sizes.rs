//! How many nodes a group has: `ceil(packed × headroom)`, at the peaks and at the floors.
//!
//! The pods at their floors are some of the pods at their peaks, so they go on no more nodes; where
//! first-fit-decreasing says otherwise, which it may, the packing of the peaks counts.

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::diag::source::{Span, Spanned};
use crate::model::reasons::{Answer, Reasons, more_is_more};
use crate::spec::scalar::Count;
use crate::unit::exact::Exact;
use crate::why::{Address, Derived};

use super::instances::Listed;
use super::packing::{self, Pods, Room};
use super::placement::{self, Placed};
use super::{Group, Purchase};

/// The number of nodes of a group.
pub(super) struct Sizes {
    pub(super) packed: Option<Derived<i64>>,
    pub(super) packed_by_size: Option<i64>,
    pub(super) headroom: Option<Derived<Exact>>,
    pub(super) min: Derived<i64>,
    pub(super) max: Derived<i64>,
    pub(super) desired: Option<Derived<i64>>,
}

/// Packed nodes at the peaks and at the floors.
struct Packed {
    peak: Derived<i64>,
    floor: Derived<i64>,
    /// At the peaks, if a node took any number of pods.
    by_size: i64,
}

/// The sizes of a group; `None` where something was refused. `types` and `placed` are `None` where one of them was.
pub(super) fn sizes(
    group: &Group<'_>,
    types: Option<&[Listed]>,
    placed: Option<&[Placed<'_>]>,
    purchase: &Purchase,
    reasons: &mut Reasons,
) -> Option<Sizes> {
    let smallest = types.and_then(smallest);
    let smallest = smallest.as_ref();
    let node = smallest.and_then(|smallest| node(group, smallest, reasons));
    let runs = group.written.runs.as_ref().is_some_and(|runs| !runs.is_empty());
    let mut packed = None;
    if let (true, Some(smallest), Some(node), Some(placed)) = (runs, smallest, node, placed)
        && placement::fits(group, smallest, node, placed, reasons)
    {
        packed = pack(group, smallest, node, placed, reasons);
    }
    check_headroom(group, reasons);
    let counts = packed.is_some() || group.written.headroom.is_some();
    let headroom = counts.then(|| headroom(group, reasons));
    let (min, max) = match (&packed, &headroom) {
        (Some(packed), Some(headroom)) => {
            let min = answer(group, "min", &packed.floor, headroom, 0, reasons);
            (min, answer(group, "max", &packed.peak, headroom, 1, reasons))
        }
        _ => (None, None),
    };
    check_pins(group, runs, purchase, reasons);
    let (min_pin, max_pin) = (pin(group.written.min), pin(group.written.max));
    let min = reasons.decided(group.address.child("min"), min_pin.as_ref(), min, more_is_more);
    let min = min.or_else(|| {
        let reason = "Karpenter keeps no node that no pod needs";
        group.written.karpenter.is_some().then(|| reasons.default(group.address.child("min"), 0, reason))
    });
    let max = reasons.decided(group.address.child("max"), max_pin.as_ref(), max, more_is_more);
    let desired = pin(group.written.desired);
    let desired = desired.map(|desired| reasons.written(group.address.child("desired"), &desired));
    let (min, max) = (min?, max?);
    check_order(group, &min, &max, desired.as_ref(), reasons);
    let packed_by_size = packed.as_ref().map(|it| it.by_size);
    Some(Sizes { packed: packed.map(|it| it.peak), packed_by_size, headroom, min, max, desired })
}

/// The smallest listed type. Where one type has less CPU and another less memory, a node offers no more than the least of
/// each: the group may start any of them.
fn smallest(types: &[Listed]) -> Option<Listed> {
    let mut smallest = types.iter().min_by_key(|it| (it.room.cpu, it.room.memory, it.room.pods))?.clone();
    for other in types {
        smallest.room.cpu = smallest.room.cpu.min(other.room.cpu);
        smallest.room.memory = smallest.room.memory.min(other.room.memory);
        smallest.room.pods = smallest.room.pods.min(other.room.pods);
    }
    Some(smallest)
}

fn pin(written: Option<Spanned<Count>>) -> Option<Spanned<i64>> {
    written.map(|it| Spanned { value: it.value.0, span: it.span })
}

/// An empty node of the smallest type, less its daemonsets.
fn node(group: &Group<'_>, smallest: &Listed, reasons: &mut Reasons) -> Option<Room> {
    let Some(daemonsets) = &group.written.daemonsets else { return Some(smallest.room) };
    let address = group.address.child("daemonsets");
    let mut node = smallest.room;
    let mut places: Vec<Span> = Vec::new();
    if let Some(cpu) = &daemonsets.cpu {
        reasons.written(address.child("cpu"), cpu);
        node.cpu = node.cpu.saturating_sub(cpu.value.milli_ceil());
        places.extend((node.cpu <= 0).then_some(cpu.span));
    }
    if let Some(memory) = &daemonsets.memory {
        reasons.written(address.child("memory"), memory);
        node.memory = node.memory.saturating_sub(memory.value.bytes_ceil());
        places.extend((node.memory <= 0).then_some(memory.span));
    }
    if let Some(pods) = &daemonsets.pods {
        reasons.written(address.child("pods"), pods);
        node.pods = node.pods.saturating_sub(pods.value.0);
        places.extend((node.pods <= 0).then_some(pods.span));
    }
    if places.is_empty() {
        return Some(node);
    }
    let message = format!(
        "the daemonsets of `{}` leave no room on a node of `{}`, which offers {}",
        group.address,
        smallest.name.value,
        placement::text_of(smallest.room),
    );
    let labelled = places.into_iter().fold(Diagnostic::error(message), |it, place| it.at(place, "takes all of it"));
    let help = "list larger `instance_types`; `daemonsets` counts what runs on one node, not on all of them";
    reasons.sink.error(labelled.at(smallest.place, "the smallest listed type").help(help));
    None
}

fn pack(
    group: &Group<'_>,
    smallest: &Listed,
    node: Room,
    placed: &[Placed<'_>],
    reasons: &mut Reasons,
) -> Option<Packed> {
    let pods: Vec<Pods<'_>> = placed.iter().map(|it| it.pods(it.workload.peak().value)).collect();
    let peak = count(node, &pods)?;
    let by_size = count(Room { pods: i64::MAX, ..node }, &pods)?.min(peak);
    let counts = placed.iter().map(|it| it.workload.peak());
    let numbers = numbers(smallest, node, placed, &pods);
    let answer = Answer { value: peak, symbolic: AT_PEAK, numbers, inputs: inputs(group, smallest, placed, counts) };
    let peak = reasons.computed(group.address.child("packed"), answer);

    let pods: Vec<Pods<'_>> = placed.iter().map(|it| it.pods(it.workload.floor().value)).collect();
    let floor = count(node, &pods)?;
    let counts = placed.iter().map(|it| it.workload.floor());
    let mut numbers = self::numbers(smallest, node, placed, &pods);
    let mut inputs = inputs(group, smallest, placed, counts);
    if floor > peak.value {
        numbers = format!("min({}, {numbers})", peak.value);
        inputs.push(peak.address.clone());
    }
    let answer = Answer { value: floor.min(peak.value), symbolic: AT_FLOOR, numbers, inputs };
    let floor = reasons.computed(group.address.child("packed_at_floor"), answer);
    Some(Packed { peak, floor, by_size })
}

const AT_PEAK: &str = "first-fit-decreasing: pods at their peaks on the smallest of instance_types less daemonsets";
const AT_FLOOR: &str = "first-fit-decreasing: pods at their floors on the smallest of instance_types less daemonsets";

/// Nodes that the pods fill; `None` where a pod is larger than a node.
fn count(node: Room, pods: &[Pods<'_>]) -> Option<i64> {
    packing::pack(node, pods).map(|runs| runs.iter().map(|run| run.nodes).sum())
}

/// `first-fit-decreasing: 30 × api (1, 2Gi) + 23 × download (500m, 512Mi) on m5.2xlarge (7660m, 28917Mi, 54 pods)`.
fn numbers(smallest: &Listed, node: Room, placed: &[Placed<'_>], pods: &[Pods<'_>]) -> String {
    let requests: BTreeMap<&str, String> = placed.iter().map(|it| (it.workload.name.as_str(), it.requests())).collect();
    let term = |it: &&Pods<'_>| match requests.get(it.name) {
        Some(requests) => format!("{} × {} ({requests})", it.count, it.name),
        None => format!("{} × {}", it.count, it.name),
    };
    let terms: Vec<String> = packing::order(node, pods).iter().map(term).collect();
    let node = placement::text_of(node);
    format!("first-fit-decreasing: {} on {} ({node})", terms.join(" + "), smallest.name.value)
}

fn inputs<'a>(
    group: &Group<'_>,
    smallest: &Listed,
    placed: &[Placed<'_>],
    counts: impl Iterator<Item = &'a Derived<i64>>,
) -> Vec<Address> {
    let mut inputs: Vec<Address> = counts.map(|count| count.address.clone()).collect();
    inputs.extend(placed.iter().flat_map(Placed::inputs));
    inputs.push(smallest.name.address.clone());
    inputs.extend(smallest.offer.iter().cloned());
    if let Some(daemonsets) = &group.written.daemonsets {
        let written = [daemonsets.cpu.is_some(), daemonsets.memory.is_some(), daemonsets.pods.is_some()];
        let keys = ["cpu", "memory", "pods"].into_iter().zip(written).filter_map(|(key, is)| is.then_some(key));
        inputs.extend(keys.map(|key| group.address.child("daemonsets").child(key)));
    }
    inputs
}

/// The factor on the packed nodes: for rolling updates, uneven spreading and a node that fails.
fn headroom(group: &Group<'_>, reasons: &mut Reasons) -> Derived<Exact> {
    let address = group.address.child("headroom");
    match &group.written.headroom {
        Some(written) => reasons.taken(address, written.value.0, written.span),
        None => {
            let reason = "a fifth more than the pods fill: for a rolling update, uneven spreading, a node that fails";
            reasons.default(address, Exact::fraction(12, 10), reason)
        }
    }
}

fn check_headroom(group: &Group<'_>, reasons: &mut Reasons) {
    let Some(written) = group.written.headroom.as_ref().filter(|it| it.value.0 < Exact::ONE) else { return };
    let message = format!("a headroom of {} gives `{}` fewer nodes than its pods fill", written.value, group.address);
    let help = "headroom = 1.2 counts a fifth on top; to have fewer nodes, pin `max`";
    reasons.sink.error(Diagnostic::error(message).at(written.span, "below 1").help(help));
}

/// `ceil(packed × headroom)`, and at least `least`.
fn answer(
    group: &Group<'_>,
    key: &str,
    packed: &Derived<i64>,
    headroom: &Derived<Exact>,
    least: i64,
    reasons: &mut Reasons,
) -> Option<Answer<i64>> {
    let exact = Exact::from(packed.value) * headroom.value;
    let nodes = reasons.ceil(exact, &group.address.child(key), group.place)?;
    let numbers = format!("ceil({} × {})", packed.value, headroom.value);
    let numbers = if nodes < least { format!("max({least}, {numbers})") } else { numbers };
    let symbolic = if least == 0 { "ceil(packed_at_floor × headroom)" } else { "max(1, ceil(packed × headroom))" };
    let inputs = vec![packed.address.clone(), headroom.address.clone()];
    Some(Answer { value: nodes.max(least), symbolic, numbers, inputs })
}

/// What must be written, and what EKS refuses.
fn check_pins(group: &Group<'_>, runs: bool, purchase: &Purchase, reasons: &mut Reasons) {
    let (min, max) = (group.written.min, group.written.max);
    let needs = |key: &str| key == "max" || group.written.karpenter.is_none();
    let missing: Vec<&str> = [("min", min), ("max", max)]
        .iter()
        .filter_map(|(key, pin)| (pin.is_none() && needs(key)).then_some(*key))
        .collect();
    if !runs && !missing.is_empty() && !group.damaged {
        let keys = missing.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" and ");
        let message = format!("`{}` runs nothing that could be counted, so it needs {keys}", group.address);
        let pins = missing.iter().map(|key| if *key == "min" { "`min = 1`" } else { "`max = 10`" });
        let help = format!("add `runs = [\"NAME\"]`, or {}", pins.collect::<Vec<_>>().join(" and "));
        reasons.sink.error(Diagnostic::error(message).at(group.place, "how many nodes?").help(help));
    }
    // `NodegroupScalingConfig.maxSize` of the EKS API is at least 1.
    if let Some(max) = max.filter(|max| max.value.0 == 0 && !matches!(purchase, Purchase::Mixed(_))) {
        let message = format!("`{}` is a managed node group, and EKS takes none of at most 0 nodes", group.address);
        let help = "max = 1; `min = 0` lets it be empty";
        reasons.sink.error(Diagnostic::error(message).at(max.span, "").help(help));
    }
}

/// min ≤ desired ≤ max.
fn check_order(
    group: &Group<'_>,
    min: &Derived<i64>,
    max: &Derived<i64>,
    desired: Option<&Derived<i64>>,
    reasons: &mut Reasons,
) {
    let written = group.written;
    let place = |pin: Option<Spanned<Count>>| pin.map_or(group.place, |pin| pin.span);
    let asked = |pin: Option<Spanned<Count>>| if pin.is_some() { "" } else { " (computed)" };
    let at_least = format!("at least {}{}", min.value, asked(written.min));
    let at_most = format!("at most {}{}", max.value, asked(written.max));
    if min.value > max.value {
        let message = format!("`{}` has at least {} nodes and at most {}", group.address, min.value, max.value);
        let help = match written.max {
            Some(_) => format!("max = {}, or leave the pin out where `runs` says what is asked", min.value),
            None => format!("min = {}, or leave the pin out: the pods at their peaks need no more", max.value),
        };
        let diagnostic = Diagnostic::error(message).at(place(written.max), at_most).at(place(written.min), at_least);
        reasons.sink.error(diagnostic.help(help));
        return;
    }
    let (Some(desired), Some(pin)) = (desired, written.desired) else { return };
    let (bound, label, other) = match desired.value {
        few if few < min.value => (min.value, at_least, place(written.min)),
        many if many > max.value => (max.value, at_most, place(written.max)),
        _ => return,
    };
    let message = format!(
        "`{}` starts with {} nodes, outside of its {} to {}",
        group.address, desired.value, min.value, max.value,
    );
    let help = format!("desired = {bound}, or leave it out: the cluster autoscaler owns it");
    reasons.sink.error(Diagnostic::error(message).at(pin.span, "outside").at(other, label).help(help));
}

//! The instance types that a group lists: the catalogue, with `[instance.NAME]` laid on it.

use std::collections::BTreeMap;

use crate::diag::source::Span;
use crate::diag::{Diagnostic, suggest};
use crate::model::catalogue::{self, InstanceType};
use crate::model::reasons::Reasons;
use crate::spec::Spec;
use crate::spec::nodes::{Instance, Spot};
use crate::unit::exact::Exact;
use crate::unit::quantity::Quantity;
use crate::why::{Address, Derived};

use super::packing::Room;
use super::{Group, decimal};

/// The most types that `instancesDistribution` takes (eksctl `validateInstancesDistribution`, an Auto Scaling limit).
const MOST_TYPES: usize = 20;

/// An instance type that a group may start.
#[derive(Clone)]
pub(super) struct Listed {
    pub(super) name: Derived<String>,
    pub(super) place: Span,
    /// What a node offers, daemonsets included.
    pub(super) room: Room,
    pub(super) arch: Option<&'static str>,
    /// The whole machine: vCPU and GiB; `None` where only what it offers to pods is known.
    pub(super) machine: Option<(i64, Exact)>,
    pub(super) price: Option<Price>,
    /// What decides `room`.
    pub(super) offer: Vec<Address>,
}

/// USD per node and hour.
#[derive(Clone)]
pub(super) struct Price {
    pub(super) value: Exact,
    pub(super) text: String,
    pub(super) address: Address,
}

/// The types of a group; `None` where one of them was refused.
pub(super) fn listed(spec: &Spec, group: &Group<'_>, reasons: &mut Reasons) -> Option<Vec<Listed>> {
    let written = &group.written.instance_types;
    let self_managed = matches!(group.written.spot.as_ref().map(|it| &it.value), Some(Spot::Mixed(_)));
    let mut sound = check_number(group, self_managed, reasons);
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    let mut types = Vec::new();
    for (index, it) in written.value.iter().enumerate() {
        if let Some(first) = seen.insert(it.value.as_str(), it.span) {
            let message = format!("`{}` lists `{}` twice", group.address, it.value);
            let help = "take one of the two out of `instance_types`";
            reasons.sink.error(Diagnostic::error(message).at(it.span, "again").at(first, "listed here").help(help));
            sound = false;
            continue;
        }
        let address = group.address.child("instance_types").index(index);
        let name = reasons.taken(address, it.value.as_str().to_owned(), it.span);
        match offer(spec, name, it.span, self_managed || group.written.karpenter.is_some(), reasons) {
            Some(it) => types.push(it),
            None => sound = false,
        }
    }
    sound = check_architecture(group, &types, reasons) && sound;
    sound.then_some(types)
}

fn check_number(group: &Group<'_>, self_managed: bool, reasons: &mut Reasons) -> bool {
    let types = &group.written.instance_types;
    if types.value.is_empty() {
        if !group.damaged {
            let message = format!("`{}` lists no instance type", group.address);
            let help = "instance_types = [\"m5.large\"]";
            reasons.sink.error(Diagnostic::error(message).at(types.span, "empty").help(help));
        }
        return false;
    }
    if self_managed && types.value.len() > MOST_TYPES {
        let message = format!(
            "`{}` lists {} instance types, a mixed group takes {MOST_TYPES} at most",
            group.address,
            types.value.len(),
        );
        let help = format!("keep {MOST_TYPES} of them, or write `spot = true` for a managed group");
        reasons.sink.error(Diagnostic::error(message).at(types.span, "").help(help));
        return false;
    }
    true
}

/// An image is built for one architecture unless it says otherwise, and nothing tells the scheduler.
fn check_architecture(group: &Group<'_>, types: &[Listed], reasons: &mut Reasons) -> bool {
    let mut known = types.iter().filter_map(|it| Some((it, it.arch?)));
    let Some((first, arch)) = known.next() else { return true };
    let Some((other, other_arch)) = known.find(|(_, it)| *it != arch) else { return true };
    let message = format!(
        "`{}` mixes architectures: `{}` is {arch}, `{}` is {other_arch}",
        group.address, first.name.value, other.name.value,
    );
    let help = format!("give the {other_arch} types a `[nodegroup.NAME]` of their own");
    let diagnostic = Diagnostic::error(message).at(other.place, other_arch).at(first.place, arch);
    reasons.sink.error(diagnostic.help(help));
    false
}

/// What a type offers; `None` where it is not known.
fn offer(spec: &Spec, name: Derived<String>, place: Span, self_managed: bool, reasons: &mut Reasons) -> Option<Listed> {
    let row = catalogue::find(&name.value);
    let address = Address::of(["instance", name.value.as_str()]);
    match (spec.instance.get(&name.value), row) {
        (Some(own), _) => stated(&own.value, row.as_ref(), name, place, &address, reasons),
        (None, Some(row)) => Some(built_in(&row, name, place, self_managed, &address, reasons)),
        (None, None) => {
            if !spec.is_damaged("instance", &name.value) {
                unknown(spec, &name.value, place, reasons);
            }
            None
        }
    }
}

fn unknown(spec: &Spec, name: &str, place: Span, reasons: &mut Reasons) {
    let message = format!("the instance type `{name}` is not in the catalogue");
    let mut diagnostic = Diagnostic::error(message).at(place, "not known");
    let candidates = catalogue::all().map(|row| row.name).chain(spec.instance.iter().map(|(name, _)| name));
    if let Some(near) = suggest::nearest(name, candidates) {
        diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
    }
    let table = Address::of(["instance", name]);
    let help = format!("or state what a node offers to pods: `[{table}]` with `cpu`, `memory`, `max_pods` and `price`");
    reasons.sink.error(diagnostic.help(help));
}

fn built_in(
    row: &InstanceType,
    name: Derived<String>,
    place: Span,
    self_managed: bool,
    address: &Address,
    reasons: &mut Reasons,
) -> Listed {
    reasons.catalogue(address.clone(), row.offer(), row.row());
    let pods = if self_managed { row.max_pods_eni } else { row.max_pods_managed };
    let room = Room { cpu: row.cpu, memory: row.memory, pods };
    let price = Some(built_in_price(row, address, reasons));
    let machine = Some((row.vcpu, row.memory_gib));
    Listed { name, place, room, arch: Some(row.arch), machine, price, offer: vec![address.clone()] }
}

fn built_in_price(row: &InstanceType, instance: &Address, reasons: &mut Reasons) -> Price {
    let address = instance.child("price");
    reasons.catalogue(address.clone(), row.price_text, row.price_row());
    Price { value: row.price, text: row.price_text.to_owned(), address }
}

/// A type that the spec describes; the catalogue still knows its architecture, and its price where none is written.
fn stated(
    own: &Instance,
    row: Option<&InstanceType>,
    name: Derived<String>,
    place: Span,
    address: &Address,
    reasons: &mut Reasons,
) -> Option<Listed> {
    let offer = vec![address.child("cpu"), address.child("memory"), address.child("max_pods")];
    let quantities = [(&own.cpu, "CPU"), (&own.memory, "memory")];
    for ((quantity, what), at) in quantities.into_iter().zip(&offer) {
        reasons.written(at.clone(), quantity);
        if quantity.value.nano() == 0 {
            let message = format!("a node of `{}` would offer no {what} to pods", name.value);
            let help = "write what `kubectl get node -o yaml` shows under `status.allocatable`";
            reasons.sink.error(Diagnostic::error(message).at(quantity.span, "").help(help));
            return None;
        }
    }
    reasons.written(address.child("max_pods"), &own.max_pods);
    let room = Room { cpu: milli_floor(&own.cpu), memory: byte_floor(&own.memory), pods: own.max_pods.value.0 };
    let price = match &own.price {
        Some(price) => {
            let (at, text) = (address.child("price"), decimal(price.value.0));
            reasons.taken(at.clone(), text.clone(), price.span);
            Some(Price { value: price.value.0, text, address: at })
        }
        None => row.map(|row| built_in_price(row, address, reasons)),
    };
    let machine = row.map(|row| (row.vcpu, row.memory_gib));
    Some(Listed { name, place, room, arch: row.map(|row| row.arch), machine, price, offer })
}

/// What a node offers is rounded down, what a pod asks for is rounded up.
fn milli_floor(quantity: &Quantity) -> i64 {
    i64::try_from(quantity.nano() / 1_000_000).unwrap_or(i64::MAX)
}

fn byte_floor(quantity: &Quantity) -> i64 {
    i64::try_from(quantity.nano() / 1_000_000_000).unwrap_or(i64::MAX)
}

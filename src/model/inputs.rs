//! Written keys from which no number follows, registered like all others.
//!
//! Every key that is written is an input: `explain --reverse` answers for its line, the lock remembers it, and a diff can
//! name it, whether it decides a number, only a file, or nothing in this spec. Keys that decide numbers are registered
//! where they do; this file has the rest, and `every_written_key_is_an_input` in `tests` fails where one is forgotten.

use crate::diag::source::Spanned;
use crate::spec::Spec;
use crate::spec::nodes::{Instance, Spot};
use crate::spec::platform::Output;
use crate::spec::scalar::{Decimal, Rule, Text};
use crate::spec::service::Service;
use crate::spec::worker::Worker;
use crate::spec::workload::Disruption;
use crate::why::Address;

use super::nodes::decimal;
use super::reasons::Reasons;

/// Registers what is not an input yet, but for services and workers, of which there are many.
pub(super) fn resolve(spec: &Spec, reasons: &mut Reasons) {
    let platform = Address::of(["platform"]);
    text(platform.child("name"), spec.platform.name.as_ref(), reasons);
    text(platform.child("kubernetes_version"), spec.platform.kubernetes_version.as_ref(), reasons);
    output(&spec.output, reasons);
    for (name, entry) in spec.nodegroup.iter() {
        let spot = entry.value.spot.as_ref();
        if let Some((spot, span)) = spot.map(|it| (&it.value, it.span)).filter(|(it, _)| !matches!(it, Spot::Mixed(_)))
        {
            reasons.taken(Address::of(["nodegroup", name, "spot"]), matches!(spot, Spot::Managed), span);
        }
    }
    for (name, entry) in spec.instance.iter() {
        instance(&Address::of(["instance", name]), &entry.value, reasons);
    }
    for (name, entry) in spec.schedule.iter() {
        let address = Address::of(["schedule", name]);
        text(address.child("service"), entry.value.service.as_ref(), reasons);
        text(address.child("worker"), entry.value.worker.as_ref(), reasons);
    }
}

/// Those of a service.
pub(super) fn of_service(address: &Address, written: &Service, reasons: &mut Reasons) {
    text(address.child("class"), written.class.as_ref(), reasons);
    workload(address, written.safety_margin.as_ref(), written.disruption.as_deref(), reasons);
}

/// Those of a worker.
pub(super) fn of_worker(address: &Address, written: &Worker, reasons: &mut Reasons) {
    text(address.child("class"), written.class.as_ref(), reasons);
    workload(address, written.safety_margin.as_ref(), written.disruption.as_deref(), reasons);
    if let Some(target) = &written.lag_target {
        reasons.taken(address.child("lag_target"), target.value.text().to_owned(), target.span);
    }
    if let Some(idle) = written.autoscale.as_ref().and_then(|it| it.value.idle).filter(|it| !it.value) {
        reasons.taken(address.child("autoscale").child("idle"), false, idle.span);
    }
}

fn text<R: Rule>(at: Address, written: Option<&Spanned<Text<R>>>, reasons: &mut Reasons) {
    if let Some(written) = written {
        reasons.taken(at, written.value.as_str().to_owned(), written.span);
    }
}

fn output(written: &Output, reasons: &mut Reasons) {
    let address = Address::of(["output"]);
    text(address.child("dir"), written.dir.as_ref(), reasons);
    text(address.child("templates"), written.templates.as_ref(), reasons);
    if let Some(targets) = &written.targets {
        // One input, for a member says nothing by its number; and in no order, for theirs has no meaning.
        let mut names: Vec<&str> = targets.value.iter().map(|it| it.value.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        reasons.taken(address.child("targets"), names.join(", "), targets.span);
    }
}

fn workload(
    address: &Address,
    safety_margin: Option<&Spanned<Decimal<true>>>,
    disruption: Option<&Spanned<Disruption>>,
    reasons: &mut Reasons,
) {
    if let Some(margin) = safety_margin {
        reasons.taken(address.child("safety_margin"), margin.value.0, margin.span);
    }
    if let Some(none) = disruption.filter(|it| matches!(it.value, Disruption::None)) {
        reasons.taken(address.child("disruption"), false, none.span);
    }
}

/// A type that no group lists.
fn instance(address: &Address, written: &Instance, reasons: &mut Reasons) {
    reasons.written(address.child("cpu"), &written.cpu);
    reasons.written(address.child("memory"), &written.memory);
    reasons.written(address.child("max_pods"), &written.max_pods);
    if let Some(price) = &written.price {
        reasons.taken(address.child("price"), decimal(price.value.0), price.span);
    }
}

//! Karpenter: a NodePool in place of an Auto Scaling group, and the EC2NodeClass that all of them share.
//!
//! A NodePool has no number of nodes. What bounds it are limits, counted over the capacity of its nodes (sigs.k8s.io/karpenter
//! `pkg/apis/v1/nodepool.go`), and capacity is the whole machine, not what it offers to pods. So `cpu_limit = max × vCPU` and
//! `memory_limit = max × memory` of the smallest listed type: 8 nodes of m5.2xlarge are 64 CPUs and 256 GiB. There is no fewest
//! number either: a node comes when a pod waits.

use std::cmp::Ordering;

use crate::diag::Diagnostic;
use crate::diag::source::{Span, Spanned};
use crate::model::reasons::{Answer, Reasons};
use crate::spec::Spec;
use crate::spec::karpenter::{Budget as WrittenBudget, Consolidation, NodePool as Written, Reason};
use crate::spec::nodes::Spot;
use crate::unit::duration::Duration;
use crate::unit::exact::Exact;
use crate::unit::kubernetes;
use crate::unit::quantity::Quantity;
use crate::why::{Address, Derived};

use super::instances::Listed;
use super::{Cluster, Group};

/// What all nodes of Karpenter share.
#[derive(Debug, Clone)]
pub struct NodeClass {
    /// `cluster.karpenter`.
    pub address: Address,
    pub name: Derived<String>,
    pub ami: Derived<String>,
    pub role: Derived<String>,
}

/// A NodePool.
#[derive(Debug, Clone)]
pub struct Pool {
    /// `amd64` or `arm64`, where it is known.
    pub arch: Option<Derived<&'static str>>,
    /// `on-demand` or `spot`.
    pub capacity_type: Derived<&'static str>,
    pub cpu_limit: Derived<String>,
    pub memory_limit: Derived<String>,
    pub weight: Option<Derived<i64>>,
    pub consolidation: Derived<&'static str>,
    pub consolidate_after: Derived<String>,
    pub expire_after: Option<Derived<String>>,
    pub budgets: Vec<Budget>,
}

/// How many nodes may go at a time.
#[derive(Debug, Clone)]
pub struct Budget {
    /// `10%` or `1`.
    pub nodes: Derived<String>,
    pub reasons: Vec<Derived<&'static str>>,
    pub schedule: Option<Derived<String>>,
    pub duration: Option<Derived<String>>,
}

/// The EC2NodeClass of a cluster; `spec` may have none.
pub(super) fn node_class(spec: &Spec, cluster: &Cluster, reasons: &mut Reasons) -> Option<NodeClass> {
    let written = spec.cluster.as_ref()?.value.karpenter.as_ref()?;
    let address = Address::of(["cluster", "karpenter"]);
    let role = match &written.value.role {
        Some(it) => reasons.taken(address.child("role"), it.value.as_str().to_owned(), it.span),
        None => {
            let name = format!("KarpenterNodeRole-{}", cluster.name.value);
            if name.len() > 64 {
                let message = format!("`{}` would be `{name}`, which is too long for a role", address.child("role"));
                let help = "role = \"…\" under `[cluster.karpenter]`, at most 64 characters";
                reasons.sink.error(Diagnostic::error(message).at(written.span, "").help(help));
            }
            reasons.default(address.child("role"), name, "the role that Karpenter's own guide makes")
        }
    };
    let name = match &written.value.name {
        Some(it) => reasons.taken(address.child("name"), it.value.as_str().to_owned(), it.span),
        None => reasons.default(address.child("name"), "default".to_owned(), "as in Karpenter's own guide"),
    };
    let ami = &written.value.ami;
    let ami = reasons.taken(address.child("ami"), ami.value.as_str().to_owned(), ami.span);
    Some(NodeClass { address, name, ami, role })
}

/// What a group that Karpenter runs cannot have. Whether anything was refused is in the sink.
pub(super) fn check(spec: &Spec, group: &Group<'_>, reasons: &mut Reasons) {
    let Some(table) = &group.written.karpenter else { return };
    let at = &group.address;
    let mut say = |message: String, place: Span, label: &str, help: String| {
        reasons.sink.error(Diagnostic::error(message).at(place, label).help(help));
    };
    let has_class = spec.cluster.as_ref().is_some_and(|it| it.value.karpenter.is_some());
    if !has_class && spec.cluster.is_some() && !spec.is_damaged("cluster", "") {
        let help = "add `[cluster.karpenter]` with `ami = \"al2023@v20260720\"`".to_owned();
        say(format!("`{at}` has no node class for Karpenter to start nodes by"), table.span, "", help);
    }
    if let Some((key, pin)) = [("min", group.written.min), ("desired", group.written.desired)]
        .into_iter()
        .find_map(|(key, pin)| Some((key, pin?)))
    {
        let help = format!("take `{key}` out: a node comes when a pod waits");
        say(format!("Karpenter has no `{key}` for `{at}`"), pin.span, "", help);
    }
    if let Some(spot) = group.written.spot.as_ref().filter(|it| matches!(it.value, Spot::Mixed(_))) {
        let help = "write `spot = true` for spot nodes only, or make a second group beside this one".to_owned();
        say(format!("Karpenter mixes no on-demand and spot nodes by shares in `{at}`"), spot.span, "", help);
    }
    if let Err(fault) = kubernetes::dns_label(group.name) {
        let help = "write lowercase letters, digits and `-`: the NodePool is named like the group".to_owned();
        say(format!("`{at}` is no name for a NodePool: {fault}"), group.place, "", help);
    }
    for (key, entry) in group.written.labels.iter().flat_map(|labels| labels.iter()) {
        let domain = key.split_once('/').map_or("", |(domain, _)| domain);
        let own = |parent: &str| domain == parent || domain.strip_suffix(parent).is_some_and(|it| it.ends_with('.'));
        if own("karpenter.sh") || own("karpenter.k8s.aws") || key == "kubernetes.io/hostname" {
            let help = "take the label out, or give it a domain of your own".to_owned();
            say(format!("Karpenter sets `{key}` on the nodes of `{at}` itself"), entry.key, "", help);
        }
    }
}

/// The NodePool of a group; `None` where it is none, or where an error was reported.
pub(super) fn pool(group: &Group<'_>, types: &[Listed], max: &Derived<i64>, reasons: &mut Reasons) -> Option<Pool> {
    let table = group.written.karpenter.as_ref()?;
    let (written, address) = (&table.value, group.address.child("karpenter"));
    let arch = types.iter().find_map(|it| it.arch.map(|arch| it.name.map(|_| arch)));
    let spot = group.written.spot.as_ref();
    let capacity_type = match spot.map(|it| &it.value) {
        Some(Spot::Managed) => "spot",
        _ => "on-demand",
    };
    let capacity_type = Derived { value: capacity_type, address: group.address.child("spot") };
    let limits = limits(group, written, table.span, types, max, &address, reasons);
    let consolidation = written.consolidation.map(|it| (word(it.value), it.span));
    let consolidation = match consolidation {
        Some((word, span)) => reasons.taken(address.child("consolidation"), word, span),
        None => {
            let reason = "Karpenter's own default";
            reasons.default(address.child("consolidation"), word(Consolidation::WhenEmptyOrUnderutilized), reason)
        }
    };
    let after = written.consolidate_after.as_ref();
    let after = match after {
        Some(it) => duration(it, &address.child("consolidate_after"), 0, reasons),
        None => Some(reasons.default(address.child("consolidate_after"), "0s".to_owned(), "Karpenter's own default")),
    };
    let expire_after = written.expire_after.as_ref().map(|it| duration(it, &address.child("expire_after"), 1, reasons));
    let budgets = written.budgets.iter().flatten().enumerate();
    let budgets: Vec<Option<Budget>> =
        budgets.map(|(index, it)| budget(it, &address.child("budgets").index(index), reasons)).collect();
    let (cpu_limit, memory_limit) = limits?;
    Some(Pool {
        arch,
        capacity_type,
        cpu_limit,
        memory_limit,
        weight: written.weight.map(|it| reasons.taken(address.child("weight"), it.value.0, it.span)),
        consolidation,
        consolidate_after: after?,
        expire_after: match expire_after {
            Some(it) => Some(it?),
            None => None,
        },
        budgets: budgets.into_iter().collect::<Option<_>>()?,
    })
}

/// The words of Karpenter's API.
fn word(consolidation: Consolidation) -> &'static str {
    match consolidation {
        Consolidation::WhenEmpty => "WhenEmpty",
        Consolidation::WhenEmptyOrUnderutilized => "WhenEmptyOrUnderutilized",
    }
}

/// `max` times the whole machine, CPU and memory.
fn limits(
    group: &Group<'_>,
    written: &Written,
    place: Span,
    types: &[Listed],
    max: &Derived<i64>,
    address: &Address,
    reasons: &mut Reasons,
) -> Option<(Derived<String>, Derived<String>)> {
    let smallest = types.iter().min_by_key(|it| (it.room.cpu, it.room.memory, it.room.pods))?;
    let count = Exact::from(max.value);
    let mut answer = |times: Exact, unit: &str, key: &str, symbolic: &'static str| {
        let value = reasons.ceil(count * times, &address.child(key), place)?;
        let value = Quantity::parse(&format!("{value}{unit}")).ok()?;
        let numbers = format!("{} × {times}{unit} of {}", max.value, smallest.name.value);
        let inputs = vec![max.address.clone(), smallest.name.address.clone()];
        Some(Answer { value, symbolic, numbers, inputs })
    };
    let machine = smallest.machine;
    let cpu = machine.and_then(|(vcpu, _)| {
        answer(Exact::from(vcpu), "", "cpu_limit", "max × vCPU of the smallest of instance_types")
    });
    let memory = machine
        .and_then(|(_, gib)| answer(gib, "Gi", "memory_limit", "max × memory of the smallest of instance_types"));
    let mut decide = |key: &str, pin: Option<&Spanned<Quantity>>, answer| {
        let decided = reasons.decided(address.child(key), pin, answer, more_is_more);
        if decided.is_none() {
            let message = format!("nothing decides `{}`", address.child(key));
            let label = "the catalogue does not know the whole machine";
            let diagnostic = Diagnostic::error(message).at(smallest.place, label);
            let help = format!("pin `{key}` under `[{}.karpenter]`: `max` times what one machine has", group.address);
            reasons.sink.error(diagnostic.help(help));
        }
        decided.map(|it| it.map(|it| it.text().to_owned()))
    };
    let cpu = decide("cpu_limit", written.cpu_limit.as_ref(), cpu);
    let memory = decide("memory_limit", written.memory_limit.as_ref(), memory);
    Some((cpu?, memory?))
}

fn more_is_more(pinned: &Quantity, asked: &Quantity) -> Ordering {
    pinned.cmp(asked)
}

/// Whole seconds as Karpenter reads them: `90s`, `5m`, `720h`, and no other unit.
fn duration(written: &Spanned<Duration>, at: &Address, least: i64, reasons: &mut Reasons) -> Option<Derived<String>> {
    let text = match written.value.whole_seconds().filter(|it| *it >= least) {
        Some(seconds) if seconds % 3600 == 0 && seconds > 0 => format!("{}h", seconds / 3600),
        Some(seconds) if seconds % 60 == 0 && seconds > 0 => format!("{}m", seconds / 60),
        Some(seconds) => format!("{seconds}s"),
        None => {
            let message = format!("`{at}` is in whole seconds, {least} or more, and `{}` is not", written.value);
            let help = format!("write `\"{least}s\"` or more");
            reasons.sink.error(Diagnostic::error(message).at(written.span, "").help(help));
            return None;
        }
    };
    let taken = reasons.taken(at.clone(), written.value.text().to_owned(), written.span);
    Some(taken.map(|_| text))
}

fn budget(written: &WrittenBudget, at: &Address, reasons: &mut Reasons) -> Option<Budget> {
    let nodes = reasons.taken(at.child("nodes"), written.nodes.value.to_string(), written.nodes.span);
    let why = written.reasons.iter().flatten().enumerate();
    let why = why.map(|(index, it)| reasons.taken(at.child("reasons").index(index), reason(it.value), it.span));
    let why = why.collect();
    let schedule = written.schedule.as_ref();
    let schedule = schedule.map(|it| reasons.taken(at.child("schedule"), it.value.text().to_owned(), it.span));
    let duration = match &written.duration {
        Some(it) => Some(minutes(it, &at.child("duration"), reasons)?),
        None => None,
    };
    let place = written.schedule.as_ref().map(|it| it.span).or(written.duration.as_ref().map(|it| it.span));
    if let (Some(place), true) = (place, schedule.is_some() != duration.is_some()) {
        let message = format!("`{at}` has half a window: `schedule` and `duration` go together");
        let help = "write both, such as `schedule = \"0 9 * * 1-5\", duration = \"8h\"`, or neither";
        reasons.sink.error(Diagnostic::error(message).at(place, "the one without the other").help(help));
        return None;
    }
    if let (Some(cron), Some(schedule)) = (&written.schedule, &schedule)
        && cron.value.interval_seconds().is_some()
    {
        let message = format!("`{}` is `{}`, and Karpenter has no `@every`", schedule.address, schedule.value);
        let help = "write a cron line such as \"0 9 * * 1-5\", in UTC";
        reasons.sink.error(Diagnostic::error(message).at(cron.span, "").help(help));
        return None;
    }
    Some(Budget { nodes, reasons: why, schedule, duration })
}

/// The words of Karpenter's API.
fn reason(written: Reason) -> &'static str {
    match written {
        Reason::Underutilized => "Underutilized",
        Reason::Empty => "Empty",
        Reason::Drifted => "Drifted",
    }
}

/// Whole minutes, as a budget wants them: `8h`, `90m`.
fn minutes(written: &Spanned<Duration>, at: &Address, reasons: &mut Reasons) -> Option<Derived<String>> {
    match written.value.whole_seconds().filter(|it| *it > 0 && it % 60 == 0) {
        Some(_) => duration(written, at, 60, reasons),
        None => {
            let message = format!("`{at}` is in whole minutes, `{}` is not", written.value);
            let help = "write one such as `\"8h\"` or `\"90m\"`";
            reasons.sink.error(Diagnostic::error(message).at(written.span, "").help(help));
            None
        }
    }
}

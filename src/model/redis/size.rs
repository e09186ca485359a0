//! How large a Redis is: memory of one server for data, masters, replicas, and which slots each master gets.
//!
//! `maxmemory` counts what the allocator gave for data, not the buffers of replicas (`src/evict.c`, `getMaxmemoryState`), and
//! a child that saves shares pages until they are written to. A quarter is what ElastiCache keeps (`reserved-memory-percent`).
//!
//! A cluster has 16384 slots (`src/cluster.h`) and at least three masters; `redis-cli --cluster create` refuses fewer and cuts
//! the slots as `slots` does (`src/redis-cli.c`, `clusterManagerCommandCreate`).
//!
//! Check: 30 GiB in masters of 6 GiB with a margin of 1.5 are ceil(7.5) = 8 masters, 16 servers with one replica each.

use std::cmp::Ordering;

use crate::diag::Diagnostic;
use crate::diag::source::{Span, Spanned};
use crate::spec::redis::Redis as Written;
use crate::spec::scalar::Entry;
use crate::unit::exact::Exact;
use crate::unit::quantity::{Quantity, format_mebibytes};
use crate::why::{Address, Derived};

use super::super::reasons::{Answer, Reasons, more_is_more};
use super::{Cluster, number};

const SLOTS: i64 = 16_384;
const FEWEST_MASTERS: i64 = 3;

/// What the specification of the cluster names as its limit ("up to 1000 nodes").
const MOST_SERVERS: i64 = 1000;

/// Less is no server, more is no machine.
const LEAST_MEMORY: i64 = 1 << 20;
const MOST_MEMORY: i64 = 64 << 40;

const MARGIN: (i64, i64) = (3, 2);

/// Bytes of data that one server keeps: `floor(memory × (100 − reserved_percent) / 100)`, or the pin.
pub(super) fn maxmemory(address: &Address, entry: &Entry<Written>, reasons: &mut Reasons) -> Option<Derived<i64>> {
    let written = &entry.value;
    let memory = bytes("memory", written.memory.as_ref(), address, reasons)?;
    let pin = bytes("maxmemory", written.maxmemory.as_ref(), address, reasons)?;
    let percent = number(written.reserved_percent);
    let reason = "what ElastiCache reserves: buffers, fragmentation, a child that saves";
    let reserved = reasons.written_or(address.child("reserved_percent"), percent.as_ref(), 25, reason);
    let (Some(memory), written_memory) = (memory, written.memory.as_ref()) else {
        if pin.is_none() {
            let message = format!("nothing says how much data a server of `{address}` may keep");
            let help = "`memory = \"4Gi\"`, its container's limit, or `maxmemory = \"3Gi\"`";
            reasons.sink.error(Diagnostic::error(message).at(entry.key, "").help(help));
        }
        return reasons.decided(address.child("maxmemory"), pin.as_ref(), None, more_is_more);
    };
    let data = Exact::from(memory.value) * Exact::fraction(100 - reserved.value, 100);
    let answer = Answer {
        value: data.floor().unwrap_or(i64::MAX),
        symbolic: "floor(memory × (100 − reserved_percent) / 100)",
        numbers: format!("floor({} × (100 − {}) / 100)", memory.value, reserved.value),
        inputs: vec![address.child("memory"), reserved.address],
    };
    if let Some(pin) = pin.as_ref().filter(|it| it.value > memory.value) {
        let message = "`maxmemory` is more than the server has: the kernel kills it before it is full";
        let diagnostic =
            Diagnostic::error(message).at(pin.span, "").at_some(written_memory.map(|it| it.span), "all of it");
        reasons.sink.error(diagnostic.help(format!("maxmemory = \"{}\"", format_mebibytes(answer.value))));
    }
    // Another part for data is another plan, not less of a load.
    reasons.decided(address.child("maxmemory"), pin.as_ref(), Some(answer), |_, _| Ordering::Equal)
}

/// An amount of memory in bytes; the outer `None` is one that no server has, which is then reported.
#[expect(clippy::option_option, reason = "absent and wrong are not the same")]
fn bytes(
    key: &str,
    written: Option<&Spanned<Quantity>>,
    address: &Address,
    reasons: &mut Reasons,
) -> Option<Option<Spanned<i64>>> {
    let Some(written) = written else { return Some(None) };
    let value = written.value.bytes_ceil();
    reasons.written(address.child(key), written);
    if (LEAST_MEMORY..=MOST_MEMORY).contains(&value) {
        return Some(Some(Spanned { value, span: written.span }));
    }
    let message = format!("`{key}` is {}, a Redis has 1Mi to 64Ti", written.value);
    reasons.sink.error(Diagnostic::error(message).at(written.span, "").help(format!("{key} = \"4Gi\"")));
    None
}

/// As many as data and operations need, or the pin.
pub(super) fn masters(
    address: &Address,
    entry: &Entry<Written>,
    is_cluster: bool,
    maxmemory: &Derived<i64>,
    reasons: &mut Reasons,
) -> Option<Derived<i64>> {
    let (at, written) = (address.child("masters"), &entry.value);
    let least = if is_cluster { FEWEST_MASTERS } else { 1 };
    let pin = number(written.masters);
    if let Some(pin) = pin.filter(|it| it.value < least) {
        let message = format!("a Redis Cluster has {FEWEST_MASTERS} masters at least, not {}", pin.value);
        let help = format!("write `masters = {FEWEST_MASTERS}`, or `cluster = false`");
        reasons.sink.error(Diagnostic::error(message).at(pin.span, "").help(help));
        return None;
    }
    let margin = written.safety_margin.as_ref().map(|it| Spanned { value: it.value.0, span: it.span });
    let default = Exact::fraction(MARGIN.0, MARGIN.1);
    let margin = reasons.written_or(address.child("safety_margin"), margin.as_ref(), default, "as for services");
    let mut need = Need { value: least, numbers: vec![least.to_string()], inputs: vec![address.child("cluster")] };
    for part in [of_data(address, written, maxmemory, reasons), of_operations(address, written, reasons)] {
        need.add(part?, &margin, &at, reasons)?;
    }
    let Need { value, numbers, inputs } = need;
    let answer = (inputs.len() > 1).then(|| Answer {
        value,
        symbolic: "max(3 in a cluster, else 1; ceil(dataset / maxmemory × safety_margin), \
                   ceil(target_ops / ops_per_master × safety_margin))",
        numbers: format!("max({})", numbers.join(", ")),
        inputs,
    });
    if pin.is_none() && answer.is_none() {
        let message = format!("nothing says how many masters `{address}` needs");
        let help = "`dataset = \"30Gi\"`, or `target_ops = 400_000` and `ops_per_master = 80_000`, or `masters = 3`";
        reasons.sink.error(Diagnostic::error(message).at(entry.key, "").help(help));
    }
    reasons.decided(at, pin.as_ref(), answer, more_is_more)
}

/// What all masters together carry, and what one does.
struct Part {
    all: Exact,
    each: Exact,
    inputs: [Address; 2],
    place: Span,
}

/// What was found so far.
struct Need {
    value: i64,
    numbers: Vec<String>,
    inputs: Vec<Address>,
}

impl Need {
    fn add(&mut self, part: Option<Part>, margin: &Derived<Exact>, at: &Address, reasons: &mut Reasons) -> Option<()> {
        let Some(Part { all, each, inputs, place }) = part else { return Some(()) };
        self.value = self.value.max(reasons.ceil(all / each * margin.value, at, place)?);
        self.numbers.push(format!("ceil({all} / {each} × {})", margin.value));
        self.inputs.extend(inputs);
        if !self.inputs.contains(&margin.address) {
            self.inputs.push(margin.address.clone());
        }
        Some(())
    }
}

#[expect(clippy::option_option, reason = "absent and wrong are not the same")]
fn of_data(
    address: &Address,
    written: &Written,
    maxmemory: &Derived<i64>,
    reasons: &mut Reasons,
) -> Option<Option<Part>> {
    let Some(dataset) = bytes("dataset", written.dataset.as_ref(), address, reasons)? else { return Some(None) };
    let (all, each) = (Exact::from(dataset.value), Exact::from(maxmemory.value));
    let inputs = [address.child("dataset"), maxmemory.address.clone()];
    Some(Some(Part { all, each, inputs, place: dataset.span }))
}

#[expect(clippy::option_option, reason = "absent and wrong are not the same")]
fn of_operations(address: &Address, written: &Written, reasons: &mut Reasons) -> Option<Option<Part>> {
    let (all, each) = (written.target_ops.as_ref(), written.ops_per_master.as_ref());
    let all = all.map(|it| (reasons.taken(address.child("target_ops"), it.value.0, it.span), it.span));
    let each = each.map(|it| (reasons.taken(address.child("ops_per_master"), it.value.0, it.span), it.span));
    let (place, message, help) = match (all, each) {
        (Some((all, place)), Some((each, _))) => {
            let inputs = [all.address, each.address];
            return Some(Some(Part { all: all.value, each: each.value, inputs, place }));
        }
        (None, None) => return Some(None),
        (Some((_, place)), None) => (
            place,
            "`target_ops` decides nothing without `ops_per_master`",
            "what one master was measured to carry: `ops_per_master = 80_000`",
        ),
        (None, Some((_, place))) => (
            place,
            "`ops_per_master` decides nothing without `target_ops`",
            "the operations of all masters: `target_ops = 400_000`",
        ),
    };
    reasons.sink.error(Diagnostic::error(message).at(place, "").help(help));
    None
}

/// Replicas, servers and slots.
pub(super) fn cluster(
    address: &Address,
    entry: &Entry<Written>,
    masters: Derived<i64>,
    reasons: &mut Reasons,
) -> Option<Cluster> {
    let replicas = number(entry.value.replicas);
    let reason = "without one a master that fails takes its slots with it";
    let replicas = reasons.written_or(address.child("replicas"), replicas.as_ref(), 1, reason);
    let value = masters.value.saturating_mul(1 + replicas.value);
    if value > MOST_SERVERS {
        let message = format!("`{address}` asks for {value} servers, {MOST_SERVERS} are the most of a Redis Cluster");
        let note = format!("{} masters with {} replicas each", masters.value, replicas.value);
        let help = "more `memory` for each, several tables, or check the units of the load";
        reasons.sink.error(Diagnostic::error(message).at(entry.key, "").note(note).help(help));
        return None;
    }
    let numbers = format!("{} × (1 + {})", masters.value, replicas.value);
    let inputs = vec![masters.address.clone(), replicas.address.clone()];
    let answer = Answer { value, symbolic: "masters × (1 + replicas)", numbers, inputs };
    let servers = reasons.computed(address.child("servers"), answer);
    let slots = slots(address, &masters, reasons);
    Some(Cluster { masters, replicas, servers, slots })
}

/// Each master ends where the rounded part of all slots ends, and the next one goes on.
pub(super) fn slots(address: &Address, masters: &Derived<i64>, reasons: &mut Reasons) -> Vec<Derived<String>> {
    let border = |index: i64| {
        let part = Exact::from(index) * Exact::fraction(SLOTS, masters.value) + Exact::fraction(1, 2);
        part.floor().unwrap_or(SLOTS)
    };
    let of = |index: i64| {
        let (first, next) = (border(index), border(index + 1));
        let answer = Answer {
            value: format!("{first}-{}", next - 1),
            symbolic: "round(n × 16384 / masters) to round((n + 1) × 16384 / masters) − 1, n counted from 0",
            numbers: format!(
                "round({index} × {SLOTS} / {0}) to round({1} × {SLOTS} / {0}) − 1",
                masters.value,
                index + 1
            ),
            inputs: vec![masters.address.clone()],
        };
        reasons.computed(address.child("slots").index(usize::try_from(index).unwrap_or_default()), answer)
    };
    (0..masters.value).map(of).collect()
}

/// What only a cluster has.
pub(super) fn check_alone(written: &Written, reasons: &mut Reasons) {
    let Some(replicas) = &written.replicas else { return };
    let message = "`replicas` is for a cluster: of servers that stand alone nobody makes replicas";
    let place = written.cluster.as_ref().map(|it| it.span);
    let diagnostic = Diagnostic::error(message).at(replicas.span, "decides nothing").at_some(place, "by this line");
    reasons.sink.error(diagnostic.help("take `replicas` out, or write `cluster = true`"));
}

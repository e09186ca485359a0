//! A HorizontalPodAutoscaler: its limits, its signals, its pace.
//!
//! It knows `autoscaling/v2` and the one signal of `autoscaling/v1`. A metric that the language has no word for is left
//! out with its reason; where that leaves no signal, the autoscaler stays as it is.

use super::behavior;
use super::found::Found;
use super::toml::{Table, Value};
use super::tree;
use crate::doc::value::Node;
use crate::unit::quantity::Quantity;

/// What an autoscaler says about its workload.
#[derive(Debug, Clone, Default)]
pub(super) struct Autoscaler {
    /// `[….autoscale]`, without its path and without its name.
    pub(super) table: Table,
    /// The container in which CPU and memory are counted.
    pub(super) container: Option<String>,
    pub(super) min: i64,
    pub(super) has_tolerance: bool,
}

const UNKNOWN: &str = "the spec knows CPU and memory in percent of the request, and averages of Pods metrics";

/// Reads an autoscaler; `None` where it stays as it is.
pub(super) fn read(found: &mut Found<'_>, index: usize) -> Option<Autoscaler> {
    let tree = &found.objects[index].tree;
    let spec = tree.get("spec")?;
    let Some(max) = tree::int_at(spec, "maxReplicas") else {
        found.stays(index, "it has no `maxReplicas`".to_owned());
        return None;
    };
    // What is not written is 1, which is not what a spec takes for granted.
    let mut autoscaler = Autoscaler { min: tree::int_at(spec, "minReplicas").unwrap_or(1), ..Autoscaler::default() };
    autoscaler.table.add("min", Value::Int(autoscaler.min)).add("max", Value::Int(max));
    let metrics = tree::items_at(spec, "metrics");
    let mut signals = Signals::default();
    for (at, metric) in metrics.iter().enumerate() {
        if let Err(why) = signals.add(metric) {
            found.unsaid(index, &format!("spec metrics {at}"), why);
        }
    }
    signals.cpu = signals.cpu.or(tree::int_at(spec, "targetCPUUtilizationPercentage"));
    if signals.is_empty() && !metrics.is_empty() {
        found.stays(index, format!("nothing that it scales by can be said: {UNKNOWN}"));
        return None;
    }
    if signals.is_empty() {
        let note = "nothing is written: what Kubernetes takes for granted";
        autoscaler.table.add_noted("cpu", Value::Int(80), note);
    }
    signals.print(&mut autoscaler.table);
    autoscaler.container = signals.container;
    autoscaler.has_tolerance = behavior::add(found, index, "spec behavior", true, &mut autoscaler.table);
    Some(autoscaler)
}

/// By what an autoscaler scales.
#[derive(Default)]
struct Signals {
    cpu: Option<i64>,
    memory: Option<i64>,
    container: Option<String>,
    pods: Vec<(String, Value)>,
}

impl Signals {
    fn is_empty(&self) -> bool {
        self.cpu.is_none() && self.memory.is_none() && self.pods.is_empty()
    }

    /// Takes a metric over, or says why not.
    fn add(&mut self, metric: &Node) -> Result<(), &'static str> {
        match tree::text_at(metric, "type").as_deref() {
            Some("Resource") => self.resource(metric.get("resource").ok_or(UNKNOWN)?, None),
            Some("ContainerResource") => {
                let resource = metric.get("containerResource").ok_or(UNKNOWN)?;
                self.resource(resource, Some(tree::text_at(resource, "container").ok_or(UNKNOWN)?))
            }
            Some("Pods") => self.pods(metric.get("pods").ok_or(UNKNOWN)?),
            _ => Err(UNKNOWN),
        }
    }

    fn resource(&mut self, resource: &Node, container: Option<String>) -> Result<(), &'static str> {
        let percent = tree::int_at(resource, "target averageUtilization").ok_or(UNKNOWN)?;
        let signal = match tree::text_at(resource, "name").as_deref() {
            Some("cpu") => &mut self.cpu,
            Some("memory") => &mut self.memory,
            _ => return Err(UNKNOWN),
        };
        if signal.is_some() {
            return Err("the spec counts CPU and memory once");
        }
        *signal = Some(percent);
        if self.container.is_some() && container.is_some() && self.container != container {
            return Err("the spec looks at one container");
        }
        self.container = self.container.take().or(container);
        Ok(())
    }

    fn pods(&mut self, pods: &Node) -> Result<(), &'static str> {
        let name = tree::text_at(pods, "metric name").ok_or(UNKNOWN)?;
        let target = tree::text_at(pods, "target averageValue").ok_or(UNKNOWN)?;
        if self.pods.len() == 2 {
            return Err("the spec knows two Pods metrics, `rps` and `connections`");
        }
        self.pods.push((name, number(&target).ok_or("its target is no quantity")?));
        Ok(())
    }

    /// Of two Pods metrics the one that is called so counts connections, else the second.
    fn print(&mut self, table: &mut Table) {
        for (key, percent) in [("cpu", self.cpu), ("memory", self.memory)] {
            if let Some(percent) = percent {
                table.add(key, Value::Int(percent));
            }
        }
        let counts = |name: &str| name.to_lowercase().contains("conn");
        let is_swapped = match self.pods.as_slice() {
            [(only, _)] => counts(only),
            [(first, _), (second, _)] => counts(first) && !counts(second),
            _ => false,
        };
        let keys = if is_swapped { ["connections", "rps"] } else { ["rps", "connections"] };
        let mut metrics: Vec<_> = keys.into_iter().zip(self.pods.drain(..)).collect();
        metrics.sort_by_key(|(key, _)| *key == "connections");
        for (key, (name, target)) in metrics {
            let metric = [("metric", Some(Value::Text(name))), ("target", Some(target))];
            table.add(key, Value::inline(metric));
        }
    }
}

/// A quantity as a number of the spec, which knows no suffixes: `3333m` is 3.333.
fn number(text: &str) -> Option<Value> {
    const NANO: i128 = 1_000_000_000;
    let nano = Quantity::parse(text).ok()?.nano();
    let whole = i64::try_from(nano / NANO).ok()?;
    match nano % NANO {
        0 => Some(Value::Int(whole)),
        rest => Some(Value::Decimal(format!("{whole}.{rest:09}").trim_end_matches('0').to_owned())),
    }
}

//! Services and workers: everything that was read about one object that is scaled.

use std::collections::BTreeSet;

use super::cronjob::Window;
use super::draft::{Draft, Unit};
use super::found::Found;
use super::hpa::Autoscaler;
use super::toml::{Table, Value};
use super::{hpa, keda, resources, tree};
use crate::doc::object::{Identity, Object};
use crate::unit::kubernetes;

/// What an autoscaler scales.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) kind: String,
    pub(super) api_version: String,
    pub(super) name: String,
}

/// A service or a worker in the making.
#[derive(Debug, Clone)]
pub(super) struct Workload {
    /// The table's key.
    pub(super) key: String,
    /// `service` or `worker`.
    pub(super) family: &'static str,
    pub(super) kind: String,
    pub(super) api_version: String,
    pub(super) name: String,
    /// Where it was first read about.
    pub(super) place: String,
    pub(super) autoscaler: Option<Autoscaler>,
    /// Its table, name and place.
    pub(super) scaled_by: Option<(String, String)>,
    pub(super) queue: Option<Table>,
    pub(super) windows: Vec<Window>,
    pub(super) selector: Option<Vec<(String, String)>>,
    /// Labels of its pods; empty: not known.
    pub(super) pod_labels: Vec<(String, String)>,
    pub(super) resources: Option<(Value, String)>,
    pub(super) replicas: Option<(i64, String)>,
    pub(super) disruption: Option<(Value, String)>,
    /// What the build writes of it.
    pub(super) objects: Vec<usize>,
    /// Numbers that nobody wrote.
    pub(super) assumed: Vec<(String, String)>,
}

impl Workload {
    pub(super) fn new(target: Target, place: String) -> Self {
        Self {
            key: String::new(),
            family: "service",
            kind: target.kind,
            api_version: target.api_version,
            name: target.name,
            place,
            autoscaler: None,
            scaled_by: None,
            queue: None,
            windows: Vec::new(),
            selector: None,
            pod_labels: Vec::new(),
            resources: None,
            replicas: None,
            disruption: None,
            objects: Vec::new(),
            assumed: Vec::new(),
        }
    }

    /// `service.api`.
    pub(super) fn table(&self) -> String {
        format!("{}.{}", self.family, self.key)
    }
}

/// What an autoscaler says that it scales.
pub(super) fn target_of(object: &Object) -> Option<Target> {
    let target = tree::at(&object.tree, "spec scaleTargetRef")?;
    let or = |place, default: &str| tree::text_at(target, place).unwrap_or_else(|| default.to_owned());
    let name = tree::text_at(target, "name")?;
    Some(Target { kind: or("kind", "Deployment"), api_version: or("apiVersion", "apps/v1"), name })
}

/// Everything that an autoscaler scales, and every Deployment and StatefulSet, sorted by name.
pub(super) fn of(found: &mut Found<'_>) -> Vec<Workload> {
    let (mut workloads, mut staying) = (Vec::new(), Vec::new());
    for index in found.of_kind(&["HorizontalPodAutoscaler", "ScaledObject"]) {
        staying.extend(autoscaled(found, index, &mut workloads));
    }
    for index in found.of_kind(&["Deployment", "StatefulSet"]) {
        let (kind, name) = (found.kind(index), found.name(index));
        let version = tree::text_at(&found.objects[index].tree, "apiVersion").unwrap_or_default();
        let target = Target { kind: kind.to_owned(), api_version: version, name: name.to_owned() };
        let at = workloads.iter().position(|it: &Workload| it.kind == target.kind && it.name == target.name);
        let workload = match at {
            Some(at) => &mut workloads[at],
            None => {
                workloads.push(Workload::new(target, found.place(index, "")));
                let last = workloads.len() - 1;
                &mut workloads[last]
            }
        };
        resources::add(found, index, workload);
        if let Some((_, most, place)) =
            staying.iter().find(|(target, ..)| (target.kind.as_str(), target.name.as_str()) == (kind, name))
        {
            workload.replicas = Some((*most, format!("the most of its autoscaler, which stays as it is: {place}")));
        }
    }
    workloads.sort_by(|a, b| (&a.name, &a.kind).cmp(&(&b.name, &b.kind)));
    name(&mut workloads);
    workloads
}

/// An autoscaler that stays as it is: what it scales, its most replicas, its place.
type Staying = (Target, i64, String);

fn autoscaled(found: &mut Found<'_>, index: usize, workloads: &mut Vec<Workload>) -> Option<Staying> {
    let Some(target) = target_of(&found.objects[index]) else {
        found.stays(index, "it does not say what it scales".to_owned());
        return None;
    };
    let mut workload = Workload::new(target.clone(), found.place(index, ""));
    let autoscaler = match found.kind(index) {
        "ScaledObject" => keda::read(found, index).map(|scaled| {
            workload.family = "worker";
            workload.queue = Some(scaled.queue);
            workload.windows = scaled.windows;
            workload.assumed = scaled.assumed;
            scaled.autoscaler
        }),
        _ => hpa::read(found, index),
    };
    if autoscaler.is_none() {
        let spec = found.objects[index].tree.get("spec")?;
        let most = tree::int_at(spec, "maxReplicas").or_else(|| tree::int_at(spec, "maxReplicaCount"))?;
        return Some((target, most, found.place(index, "")));
    }
    workload.autoscaler = autoscaler;
    workload.scaled_by = Some((found.name(index).to_owned(), found.place(index, "")));
    workload.objects.push(index);
    found.take(index);
    workloads.push(workload);
    None
}

/// Gives each workload the name of its table: that of the object, as far as a table may be called so.
fn name(workloads: &mut [Workload]) {
    let mut names = BTreeSet::new();
    for workload in workloads {
        workload.key = unique(&workload.name, &workload.kind.to_lowercase(), &mut names);
    }
}

/// A name for a table, of letters, digits and `-`, that no other one has.
pub(super) fn unique(name: &str, otherwise: &str, names: &mut BTreeSet<String>) -> String {
    let plain = |it: char| if it.is_ascii_alphanumeric() { it.to_ascii_lowercase() } else { '-' };
    let plain: String = name.chars().map(plain).take(60).collect();
    let plain = plain.trim_matches('-');
    let plain = if kubernetes::dns_label(plain).is_ok() { plain } else { otherwise };
    let numbered = (2..).map(|number| format!("{plain}-{number}"));
    let candidates = [plain.to_owned(), format!("{plain}-{otherwise}")].into_iter().chain(numbered);
    let name = candidates.into_iter().find(|it| !names.contains(it)).unwrap_or_default();
    names.insert(name.clone());
    name
}

/// Adds the tables of every workload.
pub(super) fn add(draft: &mut Draft, workloads: &[Workload], found: &Found<'_>) {
    for family in ["service", "worker"] {
        for workload in workloads.iter().filter(|it| it.family == family) {
            draft.add(Unit { without: without(workload, found), ..unit(workload, found) });
        }
    }
}

fn unit(workload: &Workload, found: &Found<'_>) -> Unit {
    let (tables, objects) = (tables(workload), found.described(&workload.objects));
    Unit { table: workload.table(), objects, tables, assumed: workload.assumed.clone(), ..Unit::default() }
}

/// A workload with both without its budget, and without its autoscaler: that then stays, and its most replicas are what
/// the workload has at most.
fn without(workload: &Workload, found: &Found<'_>) -> Vec<(Identity, Unit)> {
    let (Some(autoscaler), Some((_, place)), Some(_)) =
        (&workload.autoscaler, &workload.scaled_by, &workload.disruption)
    else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for index in &workload.objects {
        let objects = workload.objects.iter().copied().filter(|it| it != index).collect();
        let mut rest = Workload { objects, ..workload.clone() };
        if found.kind(*index) == "PodDisruptionBudget" {
            rest.disruption = None;
        } else {
            let most = autoscaler.table.int("max");
            let note = format!("the most of its autoscaler, which stays as it is: {place}");
            (rest.autoscaler, rest.queue, rest.assumed) = (None, None, Vec::new());
            rest.replicas = most.map(|most| (most, note));
        }
        all.push((found.objects[*index].identity.clone(), unit(&rest, found)));
    }
    all
}

fn tables(workload: &Workload) -> Vec<Table> {
    let mut tables = Vec::new();
    let mut own = Table::new(&[workload.family, &workload.key], workload.place.clone());
    let target = target(workload);
    if !target.is_empty() {
        own.add("workload", target);
    }
    if let Some((resources, place)) = &workload.resources {
        own.add_noted("resources", resources.clone(), place.clone());
    }
    match &workload.disruption {
        Some((budget, place)) => own.add_noted("disruption", budget.clone(), place.clone()),
        None => own.add("disruption", Value::Bool(false)),
    };
    let replicas = workload.replicas.as_ref().filter(|_| workload.autoscaler.is_none());
    if let Some((replicas, place)) = replicas {
        own.add_noted("replicas", Value::Int(*replicas), place.clone());
    }
    tables.push(own);
    if let Some(queue) = &workload.queue {
        let mut queue = queue.clone();
        queue.path.splice(0..0, [workload.family.to_owned(), workload.key.clone()]);
        tables.push(queue);
    }
    if let (Some(autoscaler), Some((name, place))) = (&workload.autoscaler, &workload.scaled_by) {
        let mut table = Table::new(&[workload.family, &workload.key, "autoscale"], place.clone());
        if *name != workload.name {
            table.add("name", Value::text(name));
        }
        table.entries.extend(autoscaler.table.entries.iter().cloned());
        tables.push(table);
    }
    tables
}

/// `workload = …`, without what is taken for granted.
fn target(workload: &Workload) -> Value {
    let other = |text: &str, default: &str| (text != default).then(|| Value::text(text));
    let container = workload.autoscaler.as_ref().and_then(|it| it.container.clone());
    let selector = workload.selector.as_ref().filter(|it| **it != [("app".to_owned(), workload.name.clone())]);
    let labels = |it: &Vec<(String, String)>| it.iter().map(|(key, value)| (key.clone(), Value::text(value))).collect();
    Value::inline([
        ("kind", other(&workload.kind, "Deployment")),
        ("api_version", other(&workload.api_version, "apps/v1")),
        ("name", other(&workload.name, &workload.key)),
        ("container", container.map(Value::Text)),
        ("selector", selector.map(|it| Value::Inline(labels(it)))),
    ])
}

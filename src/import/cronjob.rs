//! Windows: the cron triggers of KEDA, and pairs of CronJobs that raise a floor and lower it again.
//!
//! capgen writes both edges of a window itself, with the rights that they need. So a pair is only taken over where it
//! is capgen's own; of any other pair the window stands in the spec as a comment, to be taken over by hand: the build
//! would make a second pair beside the first.

mod command;

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Draft, Unit};
use super::found::Found;
use super::toml::{Table, Value};
use super::tree;
use super::workloads::{self, Target, Workload};
use crate::doc::value::Node;
use crate::unit::kubernetes;
use command::{Action, Moved};

/// A window in the making.
#[derive(Debug, Clone, Default)]
pub(super) struct Window {
    name: String,
    start: String,
    end: String,
    time_zone: Option<String>,
    min: i64,
    place: String,
    /// Family and key of the workload.
    owner: (&'static str, String),
    /// What the build writes of it; empty where it is a trigger of a ScaledObject.
    pub(super) objects: Vec<usize>,
    /// Whether it is only a suggestion.
    is_foreign: bool,
}

impl Window {
    /// The window of a cron trigger.
    pub(super) fn of_trigger(trigger: &Node, place: String) -> Option<Self> {
        let text = |key: &str| tree::text_at(trigger, &format!("metadata {key}"));
        Some(Self {
            name: tree::text_at(trigger, "name").unwrap_or_default(),
            start: text("start")?,
            end: text("end")?,
            time_zone: Some(text("timezone")?),
            min: text("desiredReplicas")?.parse().ok()?,
            place,
            ..Self::default()
        })
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&["schedule", &self.name], self.place.clone());
        table.add(self.owner.0, Value::text(&self.owner.1));
        table.add("start", Value::text(&self.start)).add("end", Value::text(&self.end));
        match &self.time_zone {
            Some(zone) => table.add("time_zone", Value::text(zone)),
            None => table.add_noted("time_zone", Value::text("Etc/UTC"), "nothing is written: that of the cluster"),
        };
        table.add("min", Value::Int(self.min));
        table
    }
}

/// Every window that was read, each with a name of its own. What moves no floor stays as it is.
pub(super) fn windows(workloads: &mut Vec<Workload>, found: &mut Found<'_>) -> Vec<Window> {
    let mut names = BTreeSet::new();
    let mut windows = Vec::new();
    for workload in workloads.iter_mut() {
        for mut window in std::mem::take(&mut workload.windows) {
            let wished = if window.name.is_empty() { format!("{}-window", workload.key) } else { window.name };
            window.name = workloads::unique(&wished, "window", &mut names);
            window.owner = (workload.family, workload.key.clone());
            windows.push(window);
        }
    }
    let mut edges: BTreeMap<usize, Action> = BTreeMap::new();
    for index in found.of_kind(&["CronJob"]) {
        match command::of_cronjob(&found.objects[index].tree) {
            Some(action) => _ = edges.insert(index, action),
            None => found.stays(index, "it does not call kubectl to scale anything".to_owned()),
        }
    }
    windows.extend(own(&mut edges, workloads, &mut names, found));
    windows.extend(foreign(edges, workloads, &mut names, found));
    windows
}

/// Pairs that are called as capgen calls them: `<workload>-<schedule>-up` and `-down`.
fn own(
    edges: &mut BTreeMap<usize, Action>,
    workloads: &mut Vec<Workload>,
    names: &mut BTreeSet<String>,
    found: &mut Found<'_>,
) -> Vec<Window> {
    let mut windows: Vec<Window> = Vec::new();
    let ups: Vec<usize> = edges.keys().copied().filter(|it| found.name(*it).ends_with("-up")).collect();
    for up in ups {
        let Some(stem) = found.name(up).strip_suffix("-up") else { continue };
        let other = format!("{stem}-down");
        let Some(down) = edges.keys().copied().find(|it| found.name(*it) == other) else { continue };
        let (Some(raise), Some(lower)) = (edges.get(&up), edges.get(&down)) else { continue };
        let Some(owner) = owner(raise, Some(lower.number), workloads, found, up) else { continue };
        let workload = &mut workloads[owner];
        let name = stem.strip_prefix(&workload.name).and_then(|it| it.strip_prefix('-'));
        let Some(name) = name.filter(|it| kubernetes::dns_label(it).is_ok() && !names.contains(*it)) else { continue };
        names.insert(name.to_owned());
        workload.lower(raise.number, lower.number, found.place(down, ""));
        let account = format!("{}-schedule", workload.name);
        let is_new = !windows.iter().any(|it| it.owner == (workload.family, workload.key.clone()));
        let rights = found.of_kind(&["ServiceAccount", "Role", "RoleBinding"]);
        let rights = rights.into_iter().filter(|it| is_new && found.name(*it) == account);
        let objects: Vec<usize> = [up, down].into_iter().chain(rights).collect();
        windows.push(Window {
            name: name.to_owned(),
            start: raise.schedule.clone(),
            end: lower.schedule.clone(),
            time_zone: raise.time_zone.clone(),
            min: raise.number,
            place: found.place(up, ""),
            owner: (workload.family, workload.key.clone()),
            objects: objects.clone(),
            is_foreign: false,
        });
        objects.into_iter().for_each(|it| found.take(it));
        edges.remove(&up);
        edges.remove(&down);
    }
    windows
}

/// The workload whose floor is moved. A fixed one that nobody else spoke of becomes one: `floor` says how many it has.
fn owner(
    action: &Action,
    floor: Option<i64>,
    workloads: &mut Vec<Workload>,
    found: &Found<'_>,
    index: usize,
) -> Option<usize> {
    let is_it = |it: &Workload| match &action.moved {
        Moved::Autoscaler(name) => it.queue.is_none() && it.scaled_by.as_ref().is_some_and(|(own, _)| own == name),
        Moved::Workload { kind, name } => it.kind.eq_ignore_ascii_case(kind) && it.name == *name,
    };
    if let Some(at) = workloads.iter().position(is_it) {
        return Some(at);
    }
    let (Moved::Workload { kind, name }, Some(floor)) = (&action.moved, floor) else { return None };
    let kind = ["Deployment", "StatefulSet"].into_iter().find(|it| it.eq_ignore_ascii_case(kind))?;
    let target = Target { kind: kind.to_owned(), api_version: "apps/v1".to_owned(), name: name.clone() };
    let mut workload = Workload::new(target, found.place(index, ""));
    let mut taken: BTreeSet<String> = workloads.iter().map(|it| it.key.clone()).collect();
    workload.key = workloads::unique(name, &kind.to_lowercase(), &mut taken);
    workload.replicas = Some((floor, found.place(index, "")));
    workloads.push(workload);
    Some(workloads.len() - 1)
}

impl Workload {
    /// The floor is what the end of the window puts back, whatever was live when the manifest was dumped.
    fn lower(&mut self, raised: i64, floor: i64, place: String) {
        match &mut self.autoscaler {
            None => self.replicas = Some((floor, place)),
            Some(autoscaler) if autoscaler.min == raised => {
                autoscaler.min = floor;
                if let Some(entry) = autoscaler.table.entries.iter_mut().find(|it| it.key == "min") {
                    (entry.value, entry.note) = (Value::Int(floor), place);
                }
            }
            Some(_) => {}
        }
    }
}

/// Pairs of somebody else: the larger number opens the window.
fn foreign(
    edges: BTreeMap<usize, Action>,
    workloads: &mut Vec<Workload>,
    names: &mut BTreeSet<String>,
    found: &mut Found<'_>,
) -> Vec<Window> {
    let mut by_target: BTreeMap<Moved, Vec<(usize, Action)>> = BTreeMap::new();
    for (index, action) in edges {
        by_target.entry(action.moved.clone()).or_default().push((index, action));
    }
    let mut windows = Vec::new();
    for (_, mut edges) in by_target {
        edges.sort_by_key(|(_, action)| action.number);
        let [(down, lower), (up, raise)] = edges.as_slice() else {
            for (index, _) in edges {
                found.stays(index, "a window has two edges, one that raises and one that lowers".to_owned());
            }
            continue;
        };
        let workload = owner(raise, None, workloads, found, *up).map(|at| &workloads[at]);
        let why = match workload {
            Some(_) => "capgen would make a pair of its own beside it: its window stands in the spec as a comment",
            None => "what it scales was not read",
        };
        if let Some(workload) = workload {
            windows.push(Window {
                name: workloads::unique(found.name(*up), "window", names),
                start: raise.schedule.clone(),
                end: lower.schedule.clone(),
                time_zone: raise.time_zone.clone(),
                min: raise.number,
                place: format!("{} and {}", found.place(*up, ""), found.place(*down, "")),
                owner: (workload.family, workload.key.clone()),
                objects: Vec::new(),
                is_foreign: true,
            });
        }
        for (index, _) in edges {
            found.stays(index, why.to_owned());
        }
    }
    windows
}

/// Adds the tables of every window.
pub(super) fn add(draft: &mut Draft, windows: Vec<Window>, found: &Found<'_>) {
    for window in windows {
        let table = window.table();
        let serves = vec![format!("{}.{}", window.owner.0, window.owner.1)];
        draft.add(Unit {
            table: format!("schedule.{}", window.name),
            objects: found.described(&window.objects),
            must_be_exact: !window.objects.is_empty(),
            instead: if window.objects.is_empty() && !window.is_foreign { Vec::new() } else { instead(&table) },
            tables: vec![table],
            serves,
            left_out: window.is_foreign,
            ..Unit::default()
        });
    }
}

/// A table as a comment.
fn instead(table: &Table) -> Vec<String> {
    let mut text = String::new();
    table.print(&mut text);
    let mut lines = vec![
        "A window by hand. Without the `#` capgen makes CronJobs of its own for it; delete the others then.".to_owned(),
    ];
    lines.extend(text.lines().map(str::to_owned));
    lines
}

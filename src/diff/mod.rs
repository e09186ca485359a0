//! The diff: what the spec asks for, against what is there.
//!
//! Pure: two lists of objects and the reasons of the new one go in, [`Changes`] come out. It knows which differences
//! mean nothing (`rules`), how bad a change is (`risks`), and which lines of the spec caused it (`because`). It must not
//! know how any of it is shown: nothing here is coloured, cut or sorted for a reader.

mod because;
mod compare;
mod handover;
mod headline;
mod objects;
mod pairs;
mod pools;
mod reference;
mod risks;
mod rules;
mod schedules;
mod spelling;
mod tables;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use rayon::prelude::*;

use crate::doc::mask;
use crate::doc::object::{Identity, Object};
use crate::doc::state::State;
use crate::doc::value::{self, Node};
use crate::why::{Address, Causes};
use because::Cause;

pub use reference::reference;

/// Compares what should be with what is there. The trees of what differs are taken out of the new objects, and not copied.
pub fn diff(new: &mut [Object], old: &State, causes: &Causes) -> Changes {
    let differing = tables::compare(causes, old.memory.as_ref());
    let cause = Cause::new(causes, old.memory.as_ref(), differing.inputs);
    let (mut changes, places) = objects::compare(new, old, &cause);
    handover::judge(new, old, &mut changes.objects);
    objects::show(&mut changes.objects, &places, new);
    if let Some(memory) = &old.memory {
        pools::judge(causes, memory, &mut changes.objects);
    }
    let judged = cause.differing.into_iter().map(|input| InputChange { risk: risks::of_input(&input), input });
    changes.inputs = judged.collect();
    // Where nothing differs, the numbers of the whole platform would be no news.
    let mut headline = headline::headline(causes, old.memory.as_ref(), &differing.tables);
    headline::judge(&mut headline, &changes.objects);
    if !changes.is_empty() || old.memory.is_some() && !headline.is_empty() {
        changes.headline = headline;
    }
    changes.unchanged += old.unchanged;
    hide_secrets(&mut changes);
    changes.attribution = if old.memory.is_some() { Attribution::Inputs } else { Attribution::DecidedBy };
    changes
}

/// Hides what paths, causes and inputs say of secrets: they were compared, and nobody is to see them. Trees and values
/// were hidden where they were made.
fn hide_secrets(changes: &mut Changes) {
    changes.objects.par_iter_mut().for_each(|change| {
        change.edits.iter_mut().for_each(|it| it.path.mask());
        let of_edits = change.edits.iter_mut().flat_map(|it| &mut it.because);
        for because in of_edits.chain(&mut change.because) {
            if let Because::Input(input) = because {
                input.mask();
            }
        }
    });
    changes.ignored.iter_mut().for_each(|it| it.path.mask());
    changes.inputs.iter_mut().for_each(|it| it.input.mask());
}

/// Why what stands beside the groups of a ClusterConfig is no difference.
const UNSAID: &str = "the spec says nothing about it";
/// Why the size that a group of nodes has now is none.
const MOVING: &str = "the autoscaler of the nodes decides it";
/// Why the secrets for images of a ServiceAccount are none.
const HUNG: &str = "an administrator hangs it there";

/// Everything that differs between two sides.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Sorted by identity of the new side, then of the old one.
    pub objects: Vec<ObjectChange>,
    /// Inputs of the spec that differ, sorted by address; empty where the old side has no memory.
    pub inputs: Vec<InputChange>,
    /// Differences that mean nothing, in the order of the objects.
    pub ignored: Vec<Ignored>,
    pub headline: Headline,
    /// What is equal on both sides: objects, and files of any number of objects where they are equal to the byte and
    /// therefore never taken apart (the output folder, a revision).
    pub unchanged: usize,
    /// Objects of the other side that the spec does not know and that are nobody's to delete, sorted.
    pub unmanaged: Vec<Identity>,
    /// How the words "because" are to be understood.
    pub attribution: Attribution,
}

/// What is known about the old side's inputs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Attribution {
    /// Both sides' inputs are known: "because" names those that differ.
    Inputs,
    /// Only the new side's are: "decided by" names those behind the value.
    #[default]
    DecidedBy,
}

/// One object that differs.
#[derive(Debug, Clone)]
pub struct ObjectChange {
    /// Of the new side, or of the old one where the object goes.
    pub identity: Identity,
    pub action: Action,
    /// The new side's file as a person would open it (`generated/k8s/api/hpa.yaml`), or the old side's where the object
    /// goes. Against what capgen did not write it is the path below an output folder.
    pub file: String,
    /// The spec table that asks for it.
    pub owner: Option<Address>,
    /// Every leaf that differs, in the order of the document; empty where the object is new or goes.
    pub edits: Vec<Edit>,
    /// The worst of its edits' risks, or that of the action itself.
    pub risk: Verdict,
    /// Why the object as a whole came, went or changed: the union of its edits' causes, each once.
    pub because: Vec<Because>,
    /// The old object without what means nothing, secrets masked, in the order of the new one; `None`: it is new.
    pub before: Option<Node>,
    /// The new object, secrets masked; `None`: it goes.
    pub after: Option<Node>,
}

/// What happens to an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    Add,
    Remove,
    Change,
    /// The same object under another name.
    Rename {
        from: Identity,
    },
}

/// One leaf that differs.
#[derive(Debug, Clone)]
pub struct Edit {
    pub path: Path,
    /// As a document would show it, secrets masked; `None`: the leaf is new.
    pub before: Option<String>,
    /// `None`: the leaf goes.
    pub after: Option<String>,
    /// The decision behind the new value.
    pub address: Option<Address>,
    pub risk: Verdict,
    pub because: Vec<Because>,
}

/// A place in an object: `spec.metrics[Resource cpu].resource.target.averageUtilization`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(pub Vec<Step>);

/// One step of a [`Path`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Key(String),
    /// A member of a list whose members have names: `[Resource cpu]`.
    Member(String),
    /// A member of any other list.
    Index(usize),
}

/// How bad a change is, and why. Ordered from harmless to final.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub risk: Risk,
    pub reason: &'static str,
}

/// What a change does to what runs. The order is that of reports: the last is the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// Takes effect by itself; nothing is known against it.
    Safe,
    /// The target does not apply it to what exists.
    Ignored,
    /// Takes effect only when a process is started again.
    Restart,
    /// Takes capacity or protection away while it is applied.
    Disruptive,
    /// Right at the end, but wrong in the wrong order.
    Ordering,
    /// Cannot be taken back.
    Irreversible,
}

impl Risk {
    /// The word that every report prints.
    pub fn word(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Ignored => "ignored",
            Self::Restart => "restart",
            Self::Disruptive => "disruptive",
            Self::Ordering => "ordering",
            Self::Irreversible => "irreversible",
        }
    }
}

/// One reason for a change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because {
    /// An input of the spec differs, or decided the value ([`Attribution`] says which).
    Input(InputRef),
    /// No input differs: somebody changed the file.
    EditedByHand,
    /// The last build wrote the file, and somebody deleted it.
    DeletedByHand,
    /// No input differs, but another version of capgen wrote the old side.
    Version { before: String, after: String },
}

/// An input as a report names it, or a table that comes or goes as a whole: it has no value of its own.
///
/// Where it is written, [`crate::why::Causes::place`] knows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct InputRef {
    pub address: Address,
    /// `Some`: it is a table.
    pub whole: Option<Whole>,
    /// `None`: it was not there, or the old side has no memory.
    pub before: Option<String>,
    /// `None`: it is gone.
    pub after: Option<String>,
    /// Where the old value stood, for a revision that was compiled: `capacity.toml:12`.
    pub before_place: Option<String>,
}

impl InputRef {
    /// Hides the values of a secret.
    fn mask(&mut self) {
        for value in [&mut self.before, &mut self.after].into_iter().flatten() {
            *value = mask::decided(&self.address, value).into_owned();
        }
    }
}

/// What happened to a table, with everything below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whole {
    New,
    Gone,
}

/// An input of the spec that differs, with the risk that lies in the input itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputChange {
    pub input: InputRef,
    pub risk: Verdict,
}

/// A difference that means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// One for all of an object: a live platform has hundreds of thousands of such differences.
    pub identity: Arc<Identity>,
    pub path: Path,
    pub before: Option<String>,
    pub after: Option<String>,
    /// Who owns it or why it is equal, from the table in `rules`.
    pub reason: &'static str,
}

impl Ignored {
    /// Whether a person may have written it and a file of capgen would lack it: no difference beside an old file, a loss
    /// in place of it.
    pub fn is_loss(&self) -> bool {
        self.after.is_none() && [UNSAID, MOVING, HUNG].contains(&self.reason)
    }
}

/// Capacity and cost, before and after.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headline {
    /// Whether nothing is known of the other side's numbers.
    pub is_one_sided: bool,
    /// Services and workers whose row differs, sorted by address.
    pub workloads: Vec<WorkloadRow>,
    /// Floors and ceilings of events whose row differs, sorted by address.
    pub events: Vec<EventRow>,
    /// Pools of PgBouncers whose row differs, sorted by address.
    pub pools: Vec<PoolRow>,
    /// Node groups whose row differs, sorted by address.
    pub nodegroups: Vec<NodeGroupRow>,
    /// Of the whole platform, in US dollars a month at the ceiling of every node group; `None`: it has none.
    pub monthly_cost: Option<Shift>,
}

impl Headline {
    /// Whether every number stays.
    fn is_empty(&self) -> bool {
        let is_cost_same = self.monthly_cost.as_ref().is_none_or(Shift::is_same);
        let has_rows = !self.workloads.is_empty() || !self.pools.is_empty() || !self.nodegroups.is_empty();
        !has_rows && self.events.is_empty() && is_cost_same
    }
}

/// A number on both sides, as text; `None` where a side does not have it or does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shift {
    pub before: Option<String>,
    pub after: Option<String>,
}

impl Shift {
    /// Whether both sides say the same.
    pub fn is_same(&self) -> bool {
        self.before == self.after
    }
}

/// A service or worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkloadRow {
    pub address: Address,
    /// What is counted: `requests/s`, `connections`, `messages/s`.
    pub unit: &'static str,
    /// The largest demand that every layer carries.
    pub peak: Shift,
    /// The layer that carries least: `pods`, `partitions`, `clients`, `database`, `nodes`.
    pub binds: Shift,
    pub min_replicas: Shift,
    pub max_replicas: Shift,
}

/// What an event raises a workload to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// `event.launch.demand.api`.
    pub address: Address,
    pub min_replicas: Shift,
    pub max_replicas: Shift,
}

/// An entry of a PgBouncer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolRow {
    pub address: Address,
    /// How many processes of the PgBouncer there are.
    pub processes: Shift,
    /// The connections that one process opens at most.
    pub each: Shift,
    /// The connections that all of them open at most.
    pub all: Shift,
}

/// A node group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeGroupRow {
    pub address: Address,
    pub min: Shift,
    pub max: Shift,
    /// In US dollars, at `max`.
    pub monthly_cost: Shift,
    /// Whether a node has another price, which the group that exists does not get: it comes with another group.
    pub is_ignored: bool,
}

impl Changes {
    /// Whether nothing differs that means something: no object, and no input that is a risk in itself.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty() && self.risky_inputs().next().is_none()
    }

    /// Inputs whose change is worse than safe, whether or not it reaches a document.
    pub fn risky_inputs(&self) -> impl Iterator<Item = &InputChange> {
        self.inputs.iter().filter(|it| it.risk.risk > Risk::Safe)
    }
}

impl Path {
    /// Hides secrets in keys: a condition of nginx is one.
    fn mask(&mut self) {
        for step in &mut self.0 {
            if let Step::Key(name) | Step::Member(name) = step
                && let Cow::Owned(shown) = mask::text(name, false)
            {
                *name = shown;
            }
        }
    }

    /// Whether one of the two leads to the other.
    fn is_related(&self, other: &Path) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| a == b)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) => {
                    let key = value::Path(vec![value::Step::Key(key.clone())]).to_string();
                    let dot = if position == 0 || key.starts_with('[') { "" } else { "." };
                    write!(f, "{dot}{key}")?;
                }
                Step::Member(name) => write!(f, "[{name}]")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

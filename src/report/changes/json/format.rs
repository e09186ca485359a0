//! The types that are the JSON format, and nothing else.
//!
//! They borrow from the changes and know nothing of where they are printed. A change that a reader of the former version
//! would read wrongly needs another `format_version`.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use crate::doc::json::Plain;

/// The report of `capgen diff --format json`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "capgen diff report")]
pub(super) struct Document<'a> {
    #[schemars(extend("const" = 1))]
    pub(super) format_version: u32,
    /// The other side as it was named: `git:main`.
    pub(super) against: &'a str,
    pub(super) attribution: AttributionWord,
    pub(super) totals: Totals,
    pub(super) headline: Headline<'a>,
    /// Sorted by identity.
    pub(super) objects: Vec<Object<'a>>,
    /// Inputs of the spec that differ, sorted by address.
    pub(super) inputs: Vec<Input<'a>>,
    /// Differences that mean nothing.
    pub(super) ignored: Vec<Ignored<'a>>,
    /// Objects of the other side that the spec does not know.
    pub(super) unmanaged: Vec<Identity<'a>>,
    /// What the lints find about the new side, by place.
    pub(super) findings: Vec<Finding<'a>>,
    /// What is to be known about the other side: what stands there twice, or was passed over.
    pub(super) notes: &'a [String],
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Finding<'a> {
    /// `warning` or `error`.
    pub(super) severity: &'static str,
    /// The lint's name.
    pub(super) lint: Option<&'static str>,
    pub(super) message: &'a str,
    /// The first is where it is, the others took part.
    pub(super) places: Vec<FindingPlace<'a>>,
    /// What can be typed instead.
    pub(super) help: &'a [String],
}

#[derive(Serialize, JsonSchema)]
pub(super) struct FindingPlace<'a> {
    #[serde(flatten)]
    pub(super) place: Place<'a>,
    /// What is said about it; may be empty.
    pub(super) label: &'a str,
}

/// How `because` is meant: inputs that differ, or inputs that decided a value.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum AttributionWord {
    Inputs,
    DecidedBy,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Totals {
    pub(super) changed: usize,
    pub(super) added: usize,
    pub(super) removed: usize,
    pub(super) renamed: usize,
    pub(super) unchanged: usize,
    pub(super) ignored: usize,
    pub(super) unmanaged: usize,
    /// How many objects have each risk as their worst; a risk that no object has is absent.
    pub(super) by_risk: BTreeMap<&'static str, usize>,
    /// The worst risk of an object or an input; null where there is none.
    pub(super) worst: Option<&'static str>,
}

/// Capacity and cost.
#[derive(Serialize, JsonSchema)]
pub(super) struct Headline<'a> {
    pub(super) workloads: Vec<Workload<'a>>,
    pub(super) events: Vec<Event<'a>>,
    pub(super) pools: Vec<Pool<'a>>,
    pub(super) nodegroups: Vec<NodeGroup<'a>>,
    /// In US dollars, at the ceiling of every node group.
    pub(super) monthly_cost: Option<Shift<'a>>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Workload<'a> {
    pub(super) address: &'a str,
    /// What `peak` counts: `requests/s`, `connections`, `messages/s`.
    pub(super) unit: &'a str,
    pub(super) peak: Shift<'a>,
    /// The layer that carries least.
    pub(super) binds: Shift<'a>,
    pub(super) min_replicas: Shift<'a>,
    pub(super) max_replicas: Shift<'a>,
}

/// What an event raises a workload to: `event.launch.demand.api`.
#[derive(Serialize, JsonSchema)]
pub(super) struct Event<'a> {
    pub(super) address: &'a str,
    pub(super) min_replicas: Shift<'a>,
    pub(super) max_replicas: Shift<'a>,
}

/// An entry of a PgBouncer.
#[derive(Serialize, JsonSchema)]
pub(super) struct Pool<'a> {
    pub(super) address: &'a str,
    /// How many processes of the PgBouncer there are.
    pub(super) processes: Shift<'a>,
    /// What one process opens at most.
    pub(super) connections_each: Shift<'a>,
    /// What all of them open at most.
    pub(super) connections: Shift<'a>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct NodeGroup<'a> {
    pub(super) address: &'a str,
    pub(super) min: Shift<'a>,
    pub(super) max: Shift<'a>,
    /// In US dollars, at `max`.
    pub(super) monthly_cost: Shift<'a>,
    /// Whether a node has another price, which the group that exists does not get: it comes with another group.
    #[serde(rename = "ignored")]
    pub(super) is_ignored: bool,
}

/// A value on both sides; null where a side does not have it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Shift<'a> {
    pub(super) before: Option<&'a str>,
    pub(super) after: Option<&'a str>,
}

/// What makes an object the same on both sides.
#[derive(Serialize, JsonSchema)]
pub(super) struct Identity<'a> {
    /// For people: `HorizontalPodAutoscaler production/wakala-api`.
    pub(super) title: String,
    /// `kubernetes`, `pgbouncer`, `postgresql`, `redis`, `nginx` or `file`.
    pub(super) format: &'static str,
    /// Of the API, for Kubernetes: `autoscaling`.
    pub(super) group: Option<&'a str>,
    pub(super) kind: Option<&'a str>,
    pub(super) namespace: Option<&'a str>,
    /// The path, for a file.
    pub(super) name: &'a str,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Object<'a> {
    pub(super) identity: Identity<'a>,
    pub(super) action: ActionWord,
    pub(super) renamed_from: Option<Identity<'a>>,
    /// Relative to the output folder, or as it was given where the object goes.
    pub(super) file: &'a str,
    /// The address of the table that asks for it.
    pub(super) owner: Option<&'a str>,
    pub(super) risk: Risk<'a>,
    pub(super) because: Vec<Cause<'a>>,
    pub(super) edits: Vec<Edit<'a>>,
    /// The old object without what means nothing; null: it is new.
    pub(super) before: Option<Tree<'a>>,
    /// The new object; null: it goes.
    pub(super) after: Option<Tree<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ActionWord {
    Add,
    Remove,
    Change,
    Rename,
}

/// `safe`, `ignored`, `restart`, `disruptive`, `ordering` or `irreversible`, and why.
#[derive(Serialize, JsonSchema)]
pub(super) struct Risk<'a> {
    pub(super) risk: &'a str,
    pub(super) reason: &'a str,
}

/// One leaf that differs.
#[derive(Serialize, JsonSchema)]
pub(super) struct Edit<'a> {
    pub(super) path: String,
    pub(super) before: Option<&'a str>,
    pub(super) after: Option<&'a str>,
    /// Of the decision behind the new value.
    pub(super) address: Option<&'a str>,
    pub(super) risk: Risk<'a>,
    pub(super) because: Vec<Cause<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub(super) enum Cause<'a> {
    Input(InputRef<'a>),
    /// No input differs: somebody changed the file.
    EditedByHand,
    /// The last build wrote the file, and somebody deleted it.
    DeletedByHand,
    /// Another version of capgen wrote the old side.
    Version {
        before: &'a str,
        after: &'a str,
    },
}

/// An input that differs or decides, or a table that comes or goes as a whole.
#[derive(Serialize, JsonSchema)]
pub(super) struct InputRef<'a> {
    pub(super) address: &'a str,
    /// What happened to the table; null: it is an input. A table has no value on either side.
    pub(super) table: Option<WholeWord>,
    pub(super) before: Option<&'a str>,
    pub(super) after: Option<&'a str>,
    /// Where the old value stood, where that is known: `capacity.toml:12`.
    pub(super) before_place: Option<&'a str>,
    /// Where the new value is written; null: it is a default, or gone.
    pub(super) place: Option<Place<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum WholeWord {
    New,
    Gone,
}

/// A place in the spec.
#[derive(Serialize, JsonSchema)]
pub(super) struct Place<'a> {
    /// The flag, where the value was given by one.
    pub(super) file: &'a str,
    /// From 1; null for a flag.
    pub(super) line: Option<usize>,
    /// In characters, from 1; null for a flag.
    pub(super) column: Option<usize>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Input<'a> {
    #[serde(flatten)]
    pub(super) input: InputRef<'a>,
    pub(super) risk: Risk<'a>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Ignored<'a> {
    pub(super) identity: Identity<'a>,
    pub(super) path: String,
    pub(super) before: Option<&'a str>,
    pub(super) after: Option<&'a str>,
    pub(super) reason: &'a str,
}

/// A document as it is, secrets masked.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Tree<'a>(pub(super) Plain<'a>);

impl JsonSchema for Tree<'_> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Tree".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "A document as it is, secrets masked." })
    }
}

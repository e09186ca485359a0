//! What to do in an emergency: patches that raise floors and ceilings, and the page with the commands.
//!
//! Never `kubectl scale` beside an autoscaler: it would be undone at the next tick. The component is for those who apply by
//! commit, the page for those who have no time. Maintenance stands there too: an HPA leaves a workload with 0 replicas
//! alone (kubernetes v1.36, `pkg/controller/podautoscaler/horizontal.go`), and a ScaledObject is held by an annotation
//! (kedacore/keda v2.20.2, `autoscaling.keda.sh/paused-replicas`).

use serde::Serialize;

use crate::doc::ser::to_node;
use crate::doc::template::{Language, Template};
use crate::doc::value::Node;
use crate::doc::{Artifact, Body};
use crate::model::Model;
use crate::model::autoscale::Autoscaler;
use crate::model::events::{Event, Phase};
use crate::model::schedules;
use crate::model::workloads::{Scaling, Workload};
use crate::why::{Address, Derived};

use super::component::{self, Listed};
use super::{Fault, Take, Target};

pub(super) static TARGET: Target = Target {
    name: "emergency",
    summary: "patches and commands for a crowd that nobody announced: components/emergency, emergency/README.md",
    emit,
};

pub(super) static TEMPLATE: Template = Template {
    name: "emergency/README.md.j2",
    source: include_str!("../../templates/emergency/README.md.j2"),
    comment: "<!--",
    language: Language::Markdown,
    fuel: 100_000_000,
};

/// The part of an autoscaler that is patched.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Patch<'a, S> {
    api_version: &'static str,
    kind: &'static str,
    metadata: Name<'a>,
    spec: S,
}

#[derive(Debug, Serialize)]
struct Name<'a> {
    name: &'a Derived<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct HpaLimits<'a> {
    min_replicas: &'a Derived<i64>,
    max_replicas: &'a Derived<i64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ScaledObjectLimits<'a> {
    min_replica_count: &'a Derived<i64>,
    max_replica_count: &'a Derived<i64>,
}

/// What the template sees. `docs/templates.md` promises every name and type to people who replace it.
#[derive(Debug, Serialize)]
struct Context<'a> {
    namespace: &'a Derived<String>,
    workloads: Vec<Entry<'a>>,
    rooms: Vec<RoomEntry<'a>>,
    nodegroups: Vec<Nodes<'a>>,
}

/// What has a limit, and what is asked of it at the ceilings.
#[derive(Debug, Serialize)]
struct RoomEntry<'a> {
    address: &'a str,
    asked: &'a Derived<i64>,
    limit: &'a Derived<i64>,
}

#[derive(Debug, Serialize)]
struct Nodes<'a> {
    address: &'a str,
    max: &'a Derived<i64>,
}

/// A CronJob of an event, and the moment at which it runs.
#[derive(Debug, Serialize)]
struct EventJob {
    name: String,
    from: String,
}

#[derive(Debug, Serialize)]
struct Entry<'a> {
    address: String,
    /// The object that is scaled: `deployment/api`.
    object: Derived<String>,
    /// `hpa`, `scaledobject`, or none for a fixed number.
    autoscaler: Option<Scaler<'a>>,
    /// Replicas in the emergency, and as usual.
    min: &'a Derived<i64>,
    max: &'a Derived<i64>,
    usual_min: &'a Derived<i64>,
    usual_max: &'a Derived<i64>,
    /// CronJobs of schedules, which would move the floor meanwhile.
    cronjobs: Vec<String>,
    /// Those of events.
    event_cronjobs: Vec<EventJob>,
}

#[derive(Debug, Serialize)]
struct Scaler<'a> {
    kind: &'static str,
    name: &'a Derived<String>,
}

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    let (mut artifacts, mut listed, mut entries) = (Vec::new(), Vec::new(), Vec::new());
    for workload in &model.workloads {
        let Some(entry) = entry(workload) else { continue };
        if let Scaling::Autoscaled(autoscaler) = &workload.scaling {
            let (body, target) = patch(workload, autoscaler, &entry)?;
            let path = format!("components/emergency/{}.patch.yaml", workload.name);
            artifacts.push(Artifact { path, owner: workload.address.clone(), body: Body::Yaml(vec![body]) });
            listed.push(target);
        }
        entries.push(entry);
    }
    if entries.is_empty() {
        return Ok(());
    }
    artifacts.extend(component::list("emergency", listed)?);
    let owner = Address::of(["emergency"]);
    let rooms = model.emergency_rooms.iter();
    let rooms =
        rooms.map(|it| RoomEntry { address: it.subject.as_str(), asked: &it.asked, limit: &it.limit }).collect();
    let nodegroups = model.nodegroups.iter().map(|it| Nodes { address: it.address.as_str(), max: &it.max }).collect();
    let namespace = &model.platform.namespace;
    let context = to_node(&Context { namespace, workloads: entries, rooms, nodegroups })?;
    let replacement = model.templates.get(TEMPLATE.name).map(String::as_str);
    let text = TEMPLATE.render(replacement, &context).map_err(|error| match replacement {
        Some(_) => Fault::Template { name: TEMPLATE.name, owner: owner.clone(), error },
        None => Fault::Internal(format!("`{}`: {error}", TEMPLATE.name)),
    })?;
    artifacts.push(Artifact { path: "emergency/README.md".to_owned(), owner, body: Body::Text(text) });
    super::hand_over(artifacts, take);
    Ok(())
}

/// The patch of a workload's autoscaler, and the line that lists it.
fn patch(workload: &Workload, autoscaler: &Autoscaler, entry: &Entry<'_>) -> Result<(Node, Listed), Fault> {
    let metadata = Name { name: &autoscaler.name };
    let (name, file) = (&autoscaler.name.value, format!("{}.patch.yaml", workload.name));
    if autoscaler.keda.is_some() {
        let (kind, spec) =
            ("ScaledObject", ScaledObjectLimits { min_replica_count: entry.min, max_replica_count: entry.max });
        let patch = to_node(&Patch { api_version: "keda.sh/v1alpha1", kind, metadata, spec })?;
        return Ok((patch, Listed::grouped(file, ("keda.sh", "v1alpha1"), kind, name)));
    }
    let (kind, spec) = ("HorizontalPodAutoscaler", HpaLimits { min_replicas: entry.min, max_replicas: entry.max });
    let patch = to_node(&Patch { api_version: "autoscaling/v2", kind, metadata, spec })?;
    Ok((patch, Listed::grouped(file, ("autoscaling", "v2"), kind, name)))
}

fn jobs(workload: &Workload, event: &Event) -> Vec<EventJob> {
    let phases = event.cronjob_phases(workload).into_iter();
    let job = |it: &Phase| EventJob { name: event.object_name(workload, it), from: it.instant.to_string() };
    phases.map(job).collect()
}

fn entry(workload: &Workload) -> Option<Entry<'_>> {
    let emergency = workload.emergency.as_ref()?;
    let (autoscaler, usual_max) = match &workload.scaling {
        Scaling::Autoscaled(it) => {
            let kind = if it.keda.is_some() { "scaledobject" } else { "hpa" };
            (Some(Scaler { kind, name: &it.name }), &it.max)
        }
        Scaling::Fixed(replicas) => (None, replicas),
    };
    let is_keda = schedules::is_keda(workload);
    let schedules = workload.schedules.iter().filter(|_| !is_keda);
    Some(Entry {
        address: workload.address.to_string(),
        object: workload.target.name.map(|name| format!("{}/{name}", workload.target.kind.value.to_lowercase())),
        autoscaler,
        min: &emergency.min,
        max: &emergency.max,
        usual_min: workload.floor(),
        usual_max,
        cronjobs: schedules.flat_map(|it| it.cronjob_names(workload)).collect(),
        event_cronjobs: workload.events.iter().flat_map(|it| jobs(workload, it)).collect(),
    })
}

//! Amazon ECS: what AWS Application Auto Scaling is told about each service.
//!
//! Target tracking holds a metric at a value as an HPA does, so floor, limit and percentages are the autoscaler's. What a
//! load balancer counts is requests per minute and task: 60 × the load per pod / `safety_margin`.
//! Sources: Application Auto Scaling API 2016-02-06 (`RegisterScalableTarget`, `PutScalingPolicy`, `PutScheduledAction`).

use jiff::tz::TimeZone;

use crate::diag::Diagnostic;
use crate::diag::source::{Span, Spanned};
use crate::spec::Spec;
use crate::spec::ecs::{self as written, EcsFormat};
use crate::unit::duration::Duration;
use crate::unit::exact::Exact;
use crate::unit::zone;
use crate::why::{Address, Derived};

use super::events::{Event, Phase};
use super::reasons::{Answer, Reasons, less_is_more};
use super::runs::{self, Run};
use super::schedules::{self, Schedule};
use super::workloads::{LoadKind, Scaling, Workload};

/// `TargetTrackingScalingPolicyConfiguration`: the default of both cooldowns for ECS services, in seconds.
const COOLDOWN: i64 = 300;

/// The services of a cluster of ECS.
#[derive(Debug, Clone)]
pub struct Ecs {
    pub address: Address,
    pub cluster: Derived<String>,
    pub format: Format,
    /// Sorted by the names of their tables.
    pub services: Vec<Service>,
}

/// In which form scaling is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One file for each call of the command line.
    Json,
    /// One template for all services.
    Cloudformation,
    /// One file in Terraform's JSON syntax for all services.
    Terraform,
}

/// One service and how it is scaled.
#[derive(Debug, Clone)]
pub struct Service {
    /// The workload's table.
    pub owner: Address,
    /// The name of that table.
    pub table: String,
    /// `service/<cluster>/<service>`.
    pub resource: Derived<String>,
    pub min: Derived<i64>,
    pub max: Derived<i64>,
    pub policies: Vec<Policy>,
    /// Both edges of every schedule, then every phase of every event.
    pub actions: Vec<Action>,
}

/// A target-tracking policy.
#[derive(Debug, Clone)]
pub struct Policy {
    /// What its file is called: `cpu`, `memory`, `requests`.
    pub key: &'static str,
    pub name: Derived<String>,
    /// The predefined metric.
    pub metric: &'static str,
    /// Load balancer and target group, for the metric that needs them.
    pub resource_label: Option<Derived<String>>,
    pub target: Derived<i64>,
    /// In seconds.
    pub scale_out_cooldown: Option<Derived<i64>>,
    /// In seconds.
    pub scale_in_cooldown: Option<Derived<i64>>,
    pub disable_scale_in: Option<Derived<bool>>,
}

/// A scheduled action: one edge of a window, or one phase of an event.
#[derive(Debug, Clone)]
pub struct Action {
    pub name: String,
    /// In Amazon's grammar.
    pub schedule: Derived<String>,
    pub time_zone: Derived<String>,
    pub min: Derived<i64>,
    /// `None`: a window leaves the limit as it is.
    pub max: Option<Derived<i64>>,
}

pub(super) fn resolve(spec: &Spec, workloads: &[Workload], reasons: &mut Reasons) -> Option<Ecs> {
    let written = &spec.ecs.as_ref().filter(|_| !spec.is_damaged("ecs", ""))?.value;
    let address = Address::of(["ecs"]);
    let cluster =
        reasons.taken(address.child("cluster"), written.cluster.value.as_str().to_owned(), written.cluster.span);
    let format = format(written.format, &address, reasons);
    let general = General {
        cluster: &cluster,
        pace: Pace {
            scale_out_cooldown: cooldown(&written.scale_out_cooldown, format, &address, "scale_out_cooldown", reasons),
            scale_in_cooldown: cooldown(&written.scale_in_cooldown, format, &address, "scale_in_cooldown", reasons),
            disable_scale_in: flag(written.disable_scale_in, &address, reasons),
        },
    };
    let runs = runs::resolve(spec, workloads, &address, &written.runs, reasons);
    runs::check_own(&address, written.service.as_ref(), &written.runs.value, reasons);
    let mut services = Vec::new();
    let mut names: Vec<(String, Span)> = Vec::new();
    for run in &runs {
        let own = written.service.as_ref().and_then(|it| it.get(&run.name.value)).map(|it| &it.value);
        let at = address.child("service").child(&run.name.value);
        let (name, place) = match own.and_then(|it| it.name.as_ref()) {
            Some(name) => (reasons.taken(at.child("name"), name.value.as_str().to_owned(), name.span), name.span),
            None => (run.name.clone(), run.place),
        };
        names.push((name.value.clone(), place));
        services.extend(service(run, own, &name, &at, &general, reasons));
    }
    runs::check_names("services of ECS", names.iter().map(|(name, place)| (name.as_str(), *place)), reasons);
    services.sort_by(|a, b| a.table.cmp(&b.table));
    Some(Ecs { address, cluster, format, services })
}

fn format(written: Option<Spanned<EcsFormat>>, address: &Address, reasons: &mut Reasons) -> Format {
    let Some(written) = written else { return Format::Json };
    let (format, word) = match written.value {
        EcsFormat::Json => (Format::Json, "json"),
        EcsFormat::Cloudformation => (Format::Cloudformation, "cloudformation"),
        EcsFormat::Terraform => (Format::Terraform, "terraform"),
    };
    reasons.taken(address.child("format"), word, written.span);
    format
}

/// What holds for all services.
struct General<'a> {
    cluster: &'a Derived<String>,
    pace: Pace,
}

/// How fast a policy may follow itself.
#[derive(Clone)]
struct Pace {
    scale_out_cooldown: Option<Derived<i64>>,
    scale_in_cooldown: Option<Derived<i64>>,
    disable_scale_in: Option<Derived<bool>>,
}

fn service(
    run: &Run<'_>,
    own: Option<&written::EcsService>,
    name: &Derived<String>,
    at: &Address,
    general: &General<'_>,
    reasons: &mut Reasons,
) -> Option<Service> {
    let nothing = written::EcsService::default();
    let own = own.unwrap_or(&nothing);
    let workload = run.workload;
    let pace = Pace {
        scale_out_cooldown: seconds(own.scale_out_cooldown.as_ref(), at, "scale_out_cooldown", reasons)
            .or_else(|| general.pace.scale_out_cooldown.clone()),
        scale_in_cooldown: seconds(own.scale_in_cooldown.as_ref(), at, "scale_in_cooldown", reasons)
            .or_else(|| general.pace.scale_in_cooldown.clone()),
        disable_scale_in: flag(own.disable_scale_in, at, reasons).or_else(|| general.pace.disable_scale_in.clone()),
    };
    let policies = policies(run, own, name, at, &pace, reasons);
    let Scaling::Autoscaled(autoscaler) = &workload.scaling else {
        let message = format!("`{}` has fixed `replicas`: there is nothing that ECS could scale", workload.address);
        let help = format!("give it `[{}.autoscale]`, or take it out of `runs`", workload.address);
        reasons.sink.error(Diagnostic::error(message).at(run.place, "runs on ECS").help(help));
        return None;
    };
    let text = format!("service/{}/{}", general.cluster.value, name.value);
    let inputs = [general.cluster.address.clone(), name.address.clone()];
    let resource = reasons.formula(at.child("resource"), text.clone(), "service/cluster/name", &text, &inputs);
    let mut actions: Vec<Action> =
        workload.schedules.iter().filter_map(|it| edges(it, &autoscaler.min, reasons)).flatten().collect();
    for event in &workload.events {
        check_rest(event, workload, reasons);
        actions.extend(event.phases.iter().map(|it| phase(event, it)));
    }
    Some(Service {
        owner: workload.address.clone(),
        table: workload.name.clone(),
        resource,
        min: autoscaler.min.clone(),
        max: autoscaler.max.clone(),
        policies,
        actions,
    })
}

fn policies(
    run: &Run<'_>,
    own: &written::EcsService,
    name: &Derived<String>,
    at: &Address,
    pace: &Pace,
    reasons: &mut Reasons,
) -> Vec<Policy> {
    let Scaling::Autoscaled(autoscaler) = &run.workload.scaling else { return Vec::new() };
    let resources = [
        ("cpu", "cpu_policy", "ECSServiceAverageCPUUtilization", &autoscaler.cpu, own.cpu_policy.as_ref()),
        (
            "memory",
            "memory_policy",
            "ECSServiceAverageMemoryUtilization",
            &autoscaler.memory,
            own.memory_policy.as_ref(),
        ),
    ];
    let mut policies = Vec::new();
    for (key, policy_key, metric, target, policy) in resources {
        let policy_name = policy.map(|it| reasons.taken(at.child(policy_key), it.value.as_str().to_owned(), it.span));
        match (target, policy) {
            (Some(target), _) => {
                let name = policy_name.unwrap_or_else(|| name.map(|it| format!("{it}-{key}")));
                policies.push(policy_of(key, metric, name, target.clone(), None, pace));
            }
            (None, Some(policy)) => {
                let message =
                    format!("`{}` does not scale on {key}, so its policy has no target", run.workload.address);
                let help =
                    format!("write `{key} = 70` under `[{}.autoscale]`, or take the line out", run.workload.address);
                reasons.sink.error(Diagnostic::error(message).at(policy.span, "").help(help));
            }
            (None, None) => {}
        }
    }
    policies.extend(own.requests.as_ref().and_then(|it| requests(run, it, name, at, pace, reasons)));
    if policies.is_empty() && own.requests.is_none() {
        let message = format!("`{}` has no signal that ECS can track", run.workload.address);
        let help = format!("write `cpu = 70` under `[{}.autoscale]`", run.workload.address);
        let diagnostic =
            Diagnostic::error(message).at(run.place, "queues and Pods metrics are Kubernetes' own").help(help);
        let requests = "or let a load balancer count: `requests = { resource_label = \"app/…/targetgroup/…\" }`";
        reasons.sink.error(diagnostic.help(requests));
    }
    policies
}

fn policy_of(
    key: &'static str,
    metric: &'static str,
    name: Derived<String>,
    target: Derived<i64>,
    resource_label: Option<Derived<String>>,
    pace: &Pace,
) -> Policy {
    let Pace { scale_out_cooldown, scale_in_cooldown, disable_scale_in } = pace.clone();
    Policy { key, name, metric, resource_label, target, scale_out_cooldown, scale_in_cooldown, disable_scale_in }
}

fn requests(
    run: &Run<'_>,
    written: &written::Requests,
    name: &Derived<String>,
    at: &Address,
    pace: &Pace,
    reasons: &mut Reasons,
) -> Option<Policy> {
    let at = at.child("requests");
    let label = &written.resource_label;
    let label = reasons.taken(at.child("resource_label"), label.value.as_str().to_owned(), label.span);
    let name = match &written.policy {
        Some(policy) => reasons.taken(at.child("policy"), policy.value.as_str().to_owned(), policy.span),
        None => name.map(|it| format!("{it}-requests")),
    };
    let target_at = at.child("target");
    let load = run.workload.loads.iter().find(|it| it.kind == LoadKind::Requests);
    let answer = match load {
        Some(load) => Some(Answer {
            value: reasons.floor(load.per_pod.value * Exact::from(60) / load.margin.value, &target_at, run.place)?,
            symbolic: "floor(60 × rps_per_pod / safety_margin)",
            numbers: format!("floor(60 × {} / {})", load.per_pod.value.recomputable(), load.margin.value),
            inputs: vec![load.per_pod.address.clone(), load.margin.address.clone()],
        }),
        None => None,
    };
    let pin = match written.target.as_ref() {
        Some(pin) => Some(Spanned { value: reasons.floor(pin.value.0, &target_at, pin.span)?, span: pin.span }),
        None => None,
    };
    let decided = reasons.decided(target_at, pin.as_ref(), answer, less_is_more);
    let Some(target) = decided.filter(|it| it.value > 0) else {
        let message =
            format!("nothing decides how many requests per minute a task of `{}` takes", run.workload.address);
        let help = "write `rps_per_pod`, or pin it: `requests = { …, target = 60_000 }`";
        reasons.sink.error(Diagnostic::error(message).at(written.resource_label.span, "").help(help));
        return None;
    };
    Some(policy_of("requests", "ALBRequestCountPerTarget", name, target, Some(label), pace))
}

/// One phase of an event: floor and limit at a moment, in UTC, where every minute happens once.
fn phase(event: &Event, phase: &Phase) -> Action {
    let moment = phase.instant.to_zoned(TimeZone::UTC).strftime("at(%Y-%m-%dT%H:%M:%S)");
    Action {
        name: format!("{}-{}", event.stem, phase.name),
        schedule: phase.from.map(|_| moment.to_string()),
        time_zone: phase.from.map(|_| "UTC".to_owned()),
        min: phase.limits.map(|it| it.min),
        max: Some(phase.limits.map(|it| it.max)),
    }
}

/// A CronJob of a schedule rests while an event lasts; a scheduled action cannot.
fn check_rest(event: &Event, workload: &Workload, reasons: &mut Reasons) {
    let (Some(first), Some(last)) = (event.phases.first(), event.phases.last()) else { return };
    let moves = |it: &&Schedule| {
        let (start, end, zone) = (&it.start.value, &it.end.value, &it.time_zone.value);
        let begins_or_ends = [start, end].iter().any(|it| !zone.instants(it, first.instant, last.instant).is_empty());
        // What KEDA holds by a trigger beside the event's, the event's floor does not know.
        begins_or_ends || schedules::is_keda(workload) && zone::is_open((start, end, zone), first.instant)
    };
    for schedule in workload.schedules.iter().filter(moves) {
        let message = format!(
            "`{}` moves the floor of `{}` while `{}` lasts, and a scheduled action of ECS cannot rest",
            schedule.address, workload.address, event.address
        );
        let diagnostic = Diagnostic::error(message).at(schedule.place, "this schedule").at(event.place, "this event");
        let help = "write hours for the event in which no window of the schedule begins or ends, or take the workload \
                    out of one of the two";
        reasons.sink.error(diagnostic.help(help));
    }
}

/// A window's two edges: the floor goes up, and back to what it is outside.
fn edges(schedule: &Schedule, floor: &Derived<i64>, reasons: &mut Reasons) -> Option<[Action; 2]> {
    let edges = [("up", &schedule.start, &schedule.min), ("down", &schedule.end, floor)];
    let mut found = Vec::new();
    for (edge, cron, min) in edges {
        match cron.value.aws() {
            Some(text) => found.push(Action {
                name: format!("{}-{edge}", schedule.name),
                schedule: cron.map(|_| text),
                time_zone: schedule.time_zone.map(|it| it.name().to_owned()),
                min: min.clone(),
                max: None,
            }),
            None => {
                let place = reasons.causes.written_at(&cron.address).unwrap_or(schedule.place);
                let message = format!("`{}` cannot be said in the schedule of a scheduled action", cron.value.text());
                let help = "leave one of the two day fields `*`; split the window into two schedules";
                let diagnostic = Diagnostic::error(message).at(place, "of a workload that runs on ECS");
                reasons.sink.error(diagnostic.help(help));
            }
        }
    }
    found.try_into().ok()
}

fn flag(written: Option<Spanned<bool>>, at: &Address, reasons: &mut Reasons) -> Option<Derived<bool>> {
    written.map(|it| reasons.taken(at.child("disable_scale_in"), it.value, it.span))
}

/// What all services wait. hashicorp/terraform-provider-aws sends 0 where a cooldown is left out
/// (`expandTargetTrackingScalingPolicyConfiguration`), so there what the API takes by itself is said.
fn cooldown(
    written: &Option<Spanned<Duration>>,
    format: Format,
    at: &Address,
    key: &str,
    reasons: &mut Reasons,
) -> Option<Derived<i64>> {
    match (written, format) {
        (None, Format::Terraform) => {
            Some(reasons.default(at.child(key), COOLDOWN, "Application Auto Scaling's for ECS"))
        }
        _ => seconds(written.as_ref(), at, key, reasons),
    }
}

fn seconds(
    written: Option<&Spanned<Duration>>,
    at: &Address,
    key: &str,
    reasons: &mut Reasons,
) -> Option<Derived<i64>> {
    let written = written?;
    match written.value.whole_seconds().filter(|it| (0..=86_400).contains(it)) {
        Some(seconds) => Some(reasons.taken(at.child(key), seconds, written.span)),
        None => {
            let message = format!("expected whole seconds up to a day, found `{}`", written.value);
            let diagnostic = Diagnostic::error(message).at(written.span, "");
            reasons.sink.error(diagnostic.help("write one such as \"60s\""));
            None
        }
    }
}

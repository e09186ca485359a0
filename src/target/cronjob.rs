//! CronJobs that open and close the windows of schedules, and the rights that they need.
//!
//! Each schedule of a workload without KEDA gets two: `…-up` raises the floor at the start, `…-down` puts it back at the
//! end. The floor of an HPA is its `minReplicas`: scaling the workload itself would be undone at the next tick. A fixed
//! number is scaled directly. KEDA takes windows as triggers: no CronJob there. They know `batch/v1` and
//! `rbac.authorization.k8s.io/v1` (kubernetes v1.36).
//!
//! The image holds nothing but kubectl, so it gets arguments and no shell line. What each call may do is the least that
//! it needs: one verb more than `get`, on one named object. Setting a floor twice does no harm, hence `Replace`: where an
//! old Job still tries, the newer edge counts.

use serde::Serialize;

use crate::doc::Artifact;
use crate::doc::ser::to_node;
use crate::doc::value::Node;
use crate::model::autoscale::Autoscaler;
use crate::model::constants::Cronjob;
use crate::model::schedules::Schedule;
use crate::model::workloads::{ScaleTarget, Scaling, Workload};
use crate::model::{Model, Platform};
use crate::why::Derived;

use super::kube::{self, Metadata, Object};
use super::{Fault, Take, Target};

pub(super) static TARGET: Target = Target {
    name: "cronjob",
    summary: "CronJobs for the schedules of workloads without KEDA, and their rights: \
              k8s/<workload>/{cronjob-<schedule>,rbac}.yaml",
    emit,
};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Spec<'a> {
    schedule: Derived<String>,
    time_zone: Derived<String>,
    starting_deadline_seconds: &'a Derived<i64>,
    concurrency_policy: &'static str,
    job_template: Template<JobSpec<'a>>,
    successful_jobs_history_limit: &'a Derived<i64>,
    failed_jobs_history_limit: &'a Derived<i64>,
}

/// What a controller makes objects from.
#[derive(Debug, Serialize)]
struct Template<S> {
    spec: S,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct JobSpec<'a> {
    active_deadline_seconds: &'a Derived<i64>,
    backoff_limit: &'a Derived<i64>,
    template: Template<PodSpec<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PodSpec<'a> {
    containers: [Container<'a>; 1],
    restart_policy: &'static str,
    service_account_name: Derived<String>,
    automount_service_account_token: bool,
    security_context: PodSecurityContext<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Container<'a> {
    name: &'static str,
    image: &'a Derived<String>,
    args: Vec<Text>,
    resources: Resources<'a>,
    security_context: SecurityContext,
}

/// A text that is always the same, or one that the spec decides.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Text {
    Fixed(&'static str),
    Decided(Derived<String>),
}

#[derive(Debug, Serialize)]
struct Resources<'a> {
    limits: Quantities<'a>,
    requests: Quantities<'a>,
}

#[derive(Debug, Serialize)]
struct Quantities<'a> {
    cpu: &'a Derived<&'static str>,
    memory: &'a Derived<&'static str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SecurityContext {
    capabilities: Capabilities,
    read_only_root_filesystem: bool,
    allow_privilege_escalation: bool,
}

#[derive(Debug, Serialize)]
struct Capabilities {
    drop: [&'static str; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PodSecurityContext<'a> {
    run_as_user: &'a Derived<i64>,
    run_as_non_root: bool,
    seccomp_profile: SeccompProfile,
}

#[derive(Debug, Serialize)]
struct SeccompProfile {
    r#type: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ServiceAccount {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Role {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata,
    rules: Vec<PolicyRule>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PolicyRule {
    verbs: Vec<&'static str>,
    api_groups: [Text; 1],
    resources: [Text; 1],
    resource_names: [Derived<String>; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RoleBinding<'a> {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata,
    subjects: [Subject<'a>; 1],
    role_ref: RoleRef,
}

#[derive(Debug, Serialize)]
struct Subject<'a> {
    kind: &'static str,
    name: Derived<String>,
    namespace: &'a Derived<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RoleRef {
    api_group: &'static str,
    kind: &'static str,
    name: Derived<String>,
}

const RBAC_GROUP: &str = "rbac.authorization.k8s.io";
const RBAC_VERSION: &str = "rbac.authorization.k8s.io/v1";

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    let Some(constants) = &model.constants.cronjob else { return Ok(()) };
    let platform = &model.platform;
    super::emit_all(&model.workloads, take, |workload| {
        let Some(floor) = Floor::of(workload).filter(|_| !workload.schedules.is_empty()) else { return Ok(Vec::new()) };
        let mut artifacts = vec![kube::artifact(workload, "rbac", rights(workload, &floor, platform)?)];
        for schedule in &workload.schedules {
            let edges = edges(workload, schedule, &floor, platform, constants)?;
            let file = format!("cronjob-{}", schedule.name);
            // The schedule asks for the file, not the workload.
            artifacts.push(Artifact { owner: schedule.address.clone(), ..kube::artifact(workload, &file, edges) });
        }
        Ok(artifacts)
    })
}

/// What holds the floor of a workload, and so is moved.
enum Floor<'a> {
    MinReplicas(&'a Autoscaler),
    Replicas(&'a ScaleTarget),
}

impl<'a> Floor<'a> {
    /// `None` where KEDA moves it.
    fn of(workload: &'a Workload) -> Option<Self> {
        match &workload.scaling {
            Scaling::Autoscaled(autoscaler) if autoscaler.keda.is_some() => None,
            Scaling::Autoscaled(autoscaler) => Some(Self::MinReplicas(autoscaler)),
            Scaling::Fixed(_) => Some(Self::Replicas(&workload.target)),
        }
    }

    /// The arguments of kubectl that set it. The number's own address goes along, and with it its formula.
    fn set(&self, replicas: &Derived<i64>, namespace: &Derived<String>) -> Vec<Text> {
        let namespace = [Text::Fixed("--namespace"), Text::Decided(namespace.clone())];
        let (call, value) = match self {
            Self::MinReplicas(autoscaler) => {
                let call = vec![Text::Fixed("patch"), Text::Fixed("hpa"), Text::Decided(autoscaler.name.clone())];
                let patch = replicas.map(|it| serde_json::json!({ "spec": { "minReplicas": it } }).to_string());
                (call, vec![Text::Fixed("--type=merge"), Text::Fixed("--patch"), Text::Decided(patch)])
            }
            Self::Replicas(target) => {
                let object = target.name.map(|name| format!("{}.{}/{name}", plural(&target.kind.value), group(target)));
                let call = vec![Text::Fixed("scale"), Text::Decided(object)];
                (call, vec![Text::Decided(replicas.map(|it| format!("--replicas={it}")))])
            }
        };
        call.into_iter().chain(namespace).chain(value).collect()
    }

    /// What `set` may do: kubectl reads the object before it changes it (kubernetes v1.36, `kubectl/pkg/scale/scale.go`).
    fn rules(&self) -> Vec<PolicyRule> {
        match self {
            Self::MinReplicas(autoscaler) => vec![PolicyRule {
                verbs: vec!["get", "patch"],
                api_groups: [Text::Fixed("autoscaling")],
                resources: [Text::Fixed("horizontalpodautoscalers")],
                resource_names: [autoscaler.name.clone()],
            }],
            Self::Replicas(target) => {
                let rule = |verb, subresource: &str| PolicyRule {
                    verbs: vec![verb],
                    api_groups: [Text::Decided(target.api_version.map(|_| group(target).to_owned()))],
                    resources: [Text::Decided(target.kind.map(|kind| plural(kind) + subresource))],
                    resource_names: [target.name.clone()],
                };
                vec![rule("get", ""), rule("patch", "/scale")]
            }
        }
    }
}

/// The API group of `apps/v1`; the model refuses a version without one.
fn group(target: &ScaleTarget) -> &str {
    target.api_version.value.split('/').next().unwrap_or_default()
}

/// The resource of a kind, by the rule that upstream guesses with (`apimachinery/pkg/api/meta/restmapper.go`,
/// `UnsafeGuessKindToResource`): true of every built-in kind that can be scaled, and of any custom one that keeps to it.
fn plural(kind: &str) -> String {
    let kind = kind.to_lowercase();
    match (kind.strip_suffix('y'), kind.ends_with('s')) {
        (Some(stem), _) => format!("{stem}ies"),
        (None, true) => format!("{kind}es"),
        (None, false) => format!("{kind}s"),
    }
}

/// The CronJobs at both edges of a window.
fn edges(
    workload: &Workload,
    schedule: &Schedule,
    floor: &Floor<'_>,
    platform: &Platform,
    constants: &Cronjob,
) -> Result<Vec<Node>, Fault> {
    let [up, down] = schedule.cronjob_names(workload);
    let edges = [(up, &schedule.start, &schedule.min), (down, &schedule.end, workload.floor())];
    let cronjobs = edges.into_iter().map(|(name, time, replicas)| {
        let args = floor.set(replicas, &platform.namespace);
        let cronjob = Object {
            api_version: "batch/v1",
            kind: "CronJob",
            metadata: Metadata::new(kube::named(name, &workload.target.name.address), platform),
            spec: Spec {
                schedule: time.map(|it| it.text().to_owned()),
                time_zone: schedule.time_zone.map(|it| it.name().to_owned()),
                starting_deadline_seconds: &constants.starting_deadline,
                concurrency_policy: "Replace",
                job_template: Template { spec: job(workload, args, platform, constants) },
                successful_jobs_history_limit: &constants.successful_jobs_history,
                failed_jobs_history_limit: &constants.failed_jobs_history,
            },
        };
        Ok(to_node(&cronjob)?)
    });
    cronjobs.collect()
}

fn job<'a>(workload: &Workload, args: Vec<Text>, platform: &'a Platform, constants: &'a Cronjob) -> JobSpec<'a> {
    let container = Container {
        name: "kubectl",
        image: &platform.kubectl_image,
        args,
        resources: Resources {
            limits: Quantities { cpu: &constants.cpu_limit, memory: &constants.memory_limit },
            requests: Quantities { cpu: &constants.cpu, memory: &constants.memory },
        },
        security_context: SecurityContext {
            capabilities: Capabilities { drop: ["ALL"] },
            read_only_root_filesystem: true,
            allow_privilege_escalation: false,
        },
    };
    let pod = PodSpec {
        containers: [container],
        // A failed pod stays, and with it what kubectl said.
        restart_policy: "Never",
        service_account_name: account(workload),
        automount_service_account_token: true,
        security_context: PodSecurityContext {
            run_as_user: &constants.user,
            run_as_non_root: true,
            seccomp_profile: SeccompProfile { r#type: "RuntimeDefault" },
        },
    };
    JobSpec {
        active_deadline_seconds: &constants.active_deadline,
        backoff_limit: &constants.backoff_limit,
        template: Template { spec: pod },
    }
}

/// The name of the ServiceAccount, the Role and the RoleBinding.
fn account(workload: &Workload) -> Derived<String> {
    workload.target.name.map(|name| format!("{name}-schedule"))
}

fn rights(workload: &Workload, floor: &Floor<'_>, platform: &Platform) -> Result<Vec<Node>, Fault> {
    let metadata = || Metadata::new(account(workload), platform);
    let service_account = ServiceAccount { api_version: "v1", kind: "ServiceAccount", metadata: metadata() };
    let role = Role { api_version: RBAC_VERSION, kind: "Role", metadata: metadata(), rules: floor.rules() };
    let binding = RoleBinding {
        api_version: RBAC_VERSION,
        kind: "RoleBinding",
        metadata: metadata(),
        subjects: [Subject { kind: "ServiceAccount", name: account(workload), namespace: &platform.namespace }],
        role_ref: RoleRef { api_group: RBAC_GROUP, kind: "Role", name: account(workload) },
    };
    Ok(vec![to_node(&service_account)?, to_node(&role)?, to_node(&binding)?])
}

#[cfg(test)]
mod tests {
    #[test]
    fn kinds_have_plurals() {
        let check = |kind, expect: &str| assert_eq!(super::plural(kind), expect);
        check("StatefulSet", "statefulsets");
        check("Rollout", "rollouts");
        check("Proxy", "proxies");
        check("Redis", "redises");
    }
}

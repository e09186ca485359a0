//! CronJobs that call kubectl, and the rights that they need.
//!
//! Vocabulary, not a target. It knows `batch/v1` and `rbac.authorization.k8s.io/v1` (kubernetes v1.36).
//!
//! The image holds nothing but kubectl, so it gets arguments and no shell line. What each call may do is the least that
//! it needs: one verb more than `get`, on named objects. Setting a floor twice does no harm, hence `Replace`: where an
//! old Job still tries, the newer edge counts.

use serde::Serialize;

use crate::doc::ser::to_node;
use crate::doc::value::Node;
use crate::model::Platform;
use crate::model::autoscale::Autoscaler;
use crate::model::constants::Cronjob;
use crate::model::events::Limits;
use crate::model::workloads::{ScaleTarget, Scaling, Workload};
use crate::why::Derived;

use super::Fault;
use super::kube::{Metadata, Object};

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
    /// Kubernetes runs them one after the other, and each only where the one before has succeeded.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    init_containers: Vec<Container<'a>>,
    containers: [Container<'a>; 1],
    restart_policy: &'static str,
    service_account_name: Derived<String>,
    automount_service_account_token: bool,
    security_context: PodSecurityContext<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Container<'a> {
    name: String,
    image: &'a Derived<String>,
    args: Vec<Text>,
    resources: Resources<'a>,
    security_context: SecurityContext,
}

/// A text that is always the same, or one that the spec decides.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Text {
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

/// What an account may do.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PolicyRule {
    verbs: Vec<&'static str>,
    api_groups: [Text; 1],
    resources: [Text; 1],
    resource_names: Vec<Derived<String>>,
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

/// When a CronJob fires.
pub(super) struct Time {
    pub(super) schedule: Derived<String>,
    pub(super) time_zone: Derived<String>,
}

/// The calls of kubectl that a CronJob makes, one after the other, and the account under which it does.
pub(super) struct Work {
    /// Each with the name of its container.
    pub(super) before: Vec<(&'static str, Vec<Text>)>,
    pub(super) last: Vec<Text>,
    pub(super) account: Derived<String>,
}

/// A CronJob.
pub(super) fn cronjob(
    name: Derived<String>,
    time: Time,
    work: Work,
    platform: &Platform,
    constants: &Cronjob,
) -> Result<Node, Fault> {
    let cronjob = Object {
        api_version: "batch/v1",
        kind: "CronJob",
        metadata: Metadata::new(name, platform),
        spec: Spec {
            schedule: time.schedule,
            time_zone: time.time_zone,
            starting_deadline_seconds: &constants.starting_deadline,
            concurrency_policy: "Replace",
            job_template: Template { spec: job(work, platform, constants) },
            successful_jobs_history_limit: &constants.successful_jobs_history,
            failed_jobs_history_limit: &constants.failed_jobs_history,
        },
    };
    Ok(to_node(&cronjob)?)
}

fn job<'a>(work: Work, platform: &'a Platform, constants: &'a Cronjob) -> JobSpec<'a> {
    let container = |name: String, args| Container {
        name,
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
    let before = work.before.into_iter().map(|(name, args)| container(name.to_owned(), args));
    let pod = PodSpec {
        init_containers: before.collect(),
        containers: [container("kubectl".to_owned(), work.last)],
        // A failed pod stays, and with it what kubectl said.
        restart_policy: "Never",
        service_account_name: work.account,
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

/// What decides how many pods there are, and so is moved.
pub(super) enum Owner<'a> {
    Hpa(&'a Autoscaler),
    ScaledObject(&'a Autoscaler),
    /// No autoscaler: the number itself.
    Nobody(&'a ScaleTarget),
}

impl<'a> Owner<'a> {
    pub(super) fn of(workload: &'a Workload) -> Self {
        match &workload.scaling {
            Scaling::Autoscaled(autoscaler) if autoscaler.keda.is_some() => Self::ScaledObject(autoscaler),
            Scaling::Autoscaled(autoscaler) => Self::Hpa(autoscaler),
            Scaling::Fixed(_) => Self::Nobody(&workload.target),
        }
    }

    /// The arguments of kubectl that set the floor. The number's own address goes along, and with it its formula. A
    /// ScaledObject has triggers for floors: nobody asks.
    pub(super) fn set_floor(&self, replicas: &Derived<i64>, namespace: &Derived<String>) -> Vec<Text> {
        match self {
            Self::Hpa(_) | Self::ScaledObject(_) => {
                let key = if matches!(self, Self::Hpa(_)) { "minReplicas" } else { "minReplicaCount" };
                self.patch(replicas.map(|it| serde_json::json!({ "spec": { key: it } }).to_string()), namespace)
            }
            Self::Nobody(target) => scale(target, replicas.map(|it| format!("--replicas={it}")), namespace),
        }
    }

    /// The arguments of kubectl that set floor and ceiling in one call, so that neither is ever on the wrong side of the
    /// other. Of a ScaledObject it is the ceiling alone.
    pub(super) fn set_limits(&self, limits: &Derived<Limits>, namespace: &Derived<String>) -> Vec<Text> {
        let patch = |it: &Limits| match self {
            Self::ScaledObject(_) => serde_json::json!({ "spec": { "maxReplicaCount": it.max } }),
            _ => serde_json::json!({ "spec": { "maxReplicas": it.max, "minReplicas": it.min } }),
        };
        match self {
            Self::Hpa(_) | Self::ScaledObject(_) => self.patch(limits.map(|it| patch(it).to_string()), namespace),
            Self::Nobody(target) => scale(target, limits.map(|it| format!("--replicas={}", it.min)), namespace),
        }
    }

    fn patch(&self, patch: Derived<String>, namespace: &Derived<String>) -> Vec<Text> {
        let (resource, name) = match self {
            Self::Hpa(autoscaler) => ("hpa", &autoscaler.name),
            Self::ScaledObject(autoscaler) => ("scaledobjects.keda.sh", &autoscaler.name),
            Self::Nobody(target) => ("", &target.name),
        };
        let mut call = vec![Text::Fixed("patch"), Text::Fixed(resource), Text::Decided(name.clone())];
        call.extend([Text::Fixed("--namespace"), Text::Decided(namespace.clone())]);
        call.extend([Text::Fixed("--type=merge"), Text::Fixed("--patch"), Text::Decided(patch)]);
        call
    }

    /// What these calls may do: kubectl reads the object before it changes it (kubernetes v1.36,
    /// `kubectl/pkg/scale/scale.go`).
    pub(super) fn rules(&self) -> Vec<PolicyRule> {
        let autoscaler = |group, resource, name: &Derived<String>| PolicyRule {
            verbs: vec!["get", "patch"],
            api_groups: [Text::Fixed(group)],
            resources: [Text::Fixed(resource)],
            resource_names: vec![name.clone()],
        };
        match self {
            Self::Hpa(it) => vec![autoscaler("autoscaling", "horizontalpodautoscalers", &it.name)],
            Self::ScaledObject(it) => vec![autoscaler("keda.sh", "scaledobjects", &it.name)],
            Self::Nobody(target) => {
                let rule = |verb, subresource: &str| PolicyRule {
                    verbs: vec![verb],
                    api_groups: [Text::Decided(target.api_version.map(|_| group(target).to_owned()))],
                    resources: [Text::Decided(target.kind.map(|kind| plural(kind) + subresource))],
                    resource_names: vec![target.name.clone()],
                };
                vec![rule("get", ""), rule("patch", "/scale")]
            }
        }
    }
}

fn scale(target: &ScaleTarget, replicas: Derived<String>, namespace: &Derived<String>) -> Vec<Text> {
    let object = target.name.map(|name| format!("{}.{}/{name}", plural(&target.kind.value), group(target)));
    let mut call = vec![Text::Fixed("scale"), Text::Decided(object)];
    call.extend([Text::Fixed("--namespace"), Text::Decided(namespace.clone()), Text::Decided(replicas)]);
    call
}

/// The arguments of kubectl that let CronJobs rest, or wakes them up.
pub(super) fn suspend(names: &[Derived<String>], patch: &'static str, namespace: &Derived<String>) -> Vec<Text> {
    let mut call = vec![Text::Fixed("patch"), Text::Fixed("cronjobs.batch")];
    call.extend(names.iter().cloned().map(Text::Decided));
    call.extend([Text::Fixed("--namespace"), Text::Decided(namespace.clone())]);
    call.extend([Text::Fixed("--type=merge"), Text::Fixed("--patch"), Text::Fixed(patch)]);
    call
}

/// What lets CronJobs rest.
pub(super) const REST: &str = r#"{"spec":{"suspend":true}}"#;

/// What wakes them up.
pub(super) const WAKE: &str = r#"{"spec":{"suspend":false}}"#;

/// What `suspend` may do.
pub(super) fn suspend_rule(names: Vec<Derived<String>>) -> PolicyRule {
    PolicyRule {
        verbs: vec!["get", "patch"],
        api_groups: [Text::Fixed("batch")],
        resources: [Text::Fixed("cronjobs")],
        resource_names: names,
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

/// An account, and what it may do.
pub(super) fn rights(
    account: &Derived<String>,
    rules: Vec<PolicyRule>,
    platform: &Platform,
) -> Result<Vec<Node>, Fault> {
    let metadata = || Metadata::new(account.clone(), platform);
    let service_account = ServiceAccount { api_version: "v1", kind: "ServiceAccount", metadata: metadata() };
    let role = Role { api_version: RBAC_VERSION, kind: "Role", metadata: metadata(), rules };
    let binding = RoleBinding {
        api_version: RBAC_VERSION,
        kind: "RoleBinding",
        metadata: metadata(),
        subjects: [Subject { kind: "ServiceAccount", name: account.clone(), namespace: &platform.namespace }],
        role_ref: RoleRef { api_group: RBAC_GROUP, kind: "Role", name: account.clone() },
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

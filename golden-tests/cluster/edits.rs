//! Hands on a cluster: what somebody changes there, and what a diff must then show.
//!
//! One table for a real server and for recorded answers: a change is a JSON patch (RFC 6902), which kubectl sends to the
//! one, and which is carried out here on the other.

use serde_json::Value as Json;

/// One change by hand, to what one subject made.
#[derive(Debug)]
pub(crate) struct Edit {
    pub(crate) name: &'static str,
    /// Which subject stands in the cluster.
    pub(crate) subject: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) object: &'static str,
    pub(crate) change: Change,
    /// Every line that must be shown, without kind and name of the object.
    pub(crate) shown: &'static [&'static str],
    /// What must be ignored, with its reason.
    pub(crate) ignored: &'static [&'static str],
}

#[derive(Debug)]
pub(crate) enum Change {
    Delete,
    Patch(&'static str),
}

impl Edit {
    /// An edit that is to be shown like this.
    const fn shows(
        name: &'static str,
        subject: &'static str,
        [kind, object]: [&'static str; 2],
        patch: &'static str,
        shown: &'static [&'static str],
    ) -> Self {
        Self { name, subject, kind, object, change: Change::Patch(patch), shown, ignored: &[] }
    }

    /// An edit that means nothing, for these reasons.
    const fn means_nothing(
        name: &'static str,
        subject: &'static str,
        [kind, object]: [&'static str; 2],
        patch: &'static str,
        ignored: &'static [&'static str],
    ) -> Self {
        Self { name, subject, kind, object, change: Change::Patch(patch), shown: &[], ignored }
    }
}

const HPA: &str = "HorizontalPodAutoscaler";
const PDB: &str = "PodDisruptionBudget";

/// The table: first what must be shown, then what means nothing.
pub(crate) static EDITS: &[Edit] = &[
    Edit::shows(
        "the-ceiling-of-an-hpa",
        "wakala",
        [HPA, "wakala-api-hpa"],
        r#"[{"op": "replace", "path": "/spec/maxReplicas", "value": 50}]"#,
        &["spec.maxReplicas: 50 → 100"],
    ),
    Edit::shows(
        "the-target-of-a-metric",
        "wakala",
        [HPA, "wakala-api-hpa"],
        r#"[{"op": "replace", "path": "/spec/metrics/1/resource/target/averageUtilization", "value": 65}]"#,
        &["spec.metrics[Resource memory].resource.target.averageUtilization: 65 → 80"],
    ),
    Edit::shows(
        "another-metric",
        "wakala",
        [HPA, "wakala-websocket"],
        r#"[{"op": "add", "path": "/spec/metrics/0", "value":
            {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 90}}}}]"#,
        &[
            "spec.metrics[Resource cpu].resource.name: cpu → ∅",
            "spec.metrics[Resource cpu].resource.target.averageUtilization: 90 → ∅",
            "spec.metrics[Resource cpu].resource.target.type: Utilization → ∅",
            "spec.metrics[Resource cpu].type: Resource → ∅",
        ],
    ),
    Edit::shows(
        "a-policy-of-a-behavior",
        "inferadb",
        [HPA, "inferadb"],
        r#"[{"op": "replace", "path": "/spec/behavior/scaleDown/policies/0/value", "value": 90}]"#,
        &["spec.behavior.scaleDown.policies[Percent 60].value: 90 → 50"],
    ),
    Edit::shows(
        "the-direction-of-a-behavior",
        "inferadb",
        [HPA, "inferadb"],
        r#"[{"op": "replace", "path": "/spec/behavior/scaleDown/selectPolicy", "value": "Disabled"}]"#,
        &["spec.behavior.scaleDown.selectPolicy: Disabled → ∅"],
    ),
    Edit::shows(
        "a-floor-that-no-schedule-moves",
        "himalytix",
        [HPA, "web-hpa"],
        r#"[{"op": "replace", "path": "/spec/minReplicas", "value": 4}]"#,
        &["spec.minReplicas: 4 → 2"],
    ),
    Edit::shows(
        "a-budget",
        "wakala",
        [PDB, "wakala-api"],
        r#"[{"op": "replace", "path": "/spec/maxUnavailable", "value": "50%"}]"#,
        &["spec.maxUnavailable: 50% → 25%"],
    ),
    Edit::shows(
        "a-budget-counted-in-another-way",
        "inferadb",
        [PDB, "inferadb"],
        r#"[{"op": "remove", "path": "/spec/minAvailable"}, {"op": "add", "path": "/spec/maxUnavailable", "value": 1}]"#,
        &["spec.maxUnavailable: 1 → ∅", "spec.minAvailable: ∅ → 2"],
    ),
    Edit::shows(
        "the-pods-of-a-budget",
        "wakala",
        [PDB, "wakala-api"],
        r#"[{"op": "replace", "path": "/spec/selector/matchLabels/app", "value": "api"}]"#,
        &["spec.selector.matchLabels.app: api → wakala-api"],
    ),
    Edit::shows(
        "the-schedule-of-a-cron-job",
        "himalytix",
        ["CronJob", "web-business-hours-up"],
        r#"[{"op": "replace", "path": "/spec/schedule", "value": "0 6 * * 1-5"}]"#,
        &["spec.schedule: 0 6 * * 1-5 → 0 7 * * 1-5"],
    ),
    Edit::shows(
        "the-image-of-a-cron-job",
        "himalytix",
        ["CronJob", "web-business-hours-up"],
        r#"[{"op": "replace", "path": "/spec/jobTemplate/spec/template/spec/containers/0/image", "value": "kubectl:1.30"}]"#,
        &[
            "spec.jobTemplate.spec.template.spec.containers[kubectl].image: kubectl:1.30 → registry.k8s.io/kubectl:v1.34.0",
        ],
    ),
    Edit::shows(
        "the-lag-of-a-scaled-object",
        "kafka-pipeline",
        ["ScaledObject", "event-ingester"],
        r#"[{"op": "replace", "path": "/spec/triggers/0/metadata/lagThreshold", "value": "250"}]"#,
        &["spec.triggers[kafka].metadata.lagThreshold: 250 → 1000"],
    ),
    Edit::shows(
        "the-ceiling-of-a-scaled-object",
        "kafka-pipeline",
        ["ScaledObject", "download-worker-scaler"],
        r#"[{"op": "replace", "path": "/spec/maxReplicaCount", "value": 24}]"#,
        &["spec.maxReplicaCount: 24 → 12"],
    ),
    Edit::shows(
        "a-right-of-a-role",
        "himalytix",
        ["Role", "web-schedule"],
        r#"[{"op": "add", "path": "/rules/0/verbs/-", "value": "delete"}]"#,
        &["rules[0].verbs[delete]: delete → ∅"],
    ),
    Edit::shows(
        "another-subject-of-a-role-binding",
        "himalytix",
        ["RoleBinding", "web-schedule"],
        r#"[{"op": "add", "path": "/subjects/-", "value": {"kind": "ServiceAccount", "name": "other", "namespace": "default"}}]"#,
        &[
            "subjects[ServiceAccount default other].kind: ServiceAccount → ∅",
            "subjects[ServiceAccount default other].name: other → ∅",
            "subjects[ServiceAccount default other].namespace: default → ∅",
        ],
    ),
    Edit::shows(
        "a-label-removed",
        "labels",
        [PDB, "api"],
        r#"[{"op": "remove", "path": "/metadata/labels/team"}]"#,
        &["metadata.labels.team: ∅ → infrastructure"],
    ),
    Edit {
        name: "an-object-deleted",
        subject: "kafka-pipeline",
        kind: PDB,
        object: "event-ingester",
        change: Change::Delete,
        shown: &["add"],
        ignored: &[],
    },
    Edit::shows(
        "a-label-added",
        "wakala",
        [PDB, "wakala-api"],
        r#"[{"op": "add", "path": "/metadata/labels", "value": {"by": "hand"}}]"#,
        &["metadata.labels.by: hand → ∅"],
    ),
    Edit::shows(
        "a-field-of-a-service-account",
        "himalytix",
        ["ServiceAccount", "web-schedule"],
        r#"[{"op": "add", "path": "/automountServiceAccountToken", "value": false}]"#,
        &["automountServiceAccountToken: false → ∅"],
    ),
    Edit::means_nothing(
        "metrics-in-another-order",
        "wakala",
        [HPA, "wakala-api-hpa"],
        r#"[{"op": "move", "from": "/spec/metrics/2", "path": "/spec/metrics/0"}]"#,
        &[],
    ),
    Edit::means_nothing(
        "a-floor-that-a-schedule-moves",
        "himalytix",
        [HPA, "web-hpa"],
        r#"[{"op": "replace", "path": "/spec/minReplicas", "value": 6}]"#,
        &["spec.minReplicas: a schedule moves it"],
    ),
    Edit::means_nothing(
        "a-whole-behavior-of-defaults",
        "wakala",
        [HPA, "wakala-websocket"],
        r#"[{"op": "add", "path": "/spec/behavior", "value": {
            "scaleUp": {"stabilizationWindowSeconds": 0, "selectPolicy": "Max", "policies": [
                {"type": "Pods", "value": 4, "periodSeconds": 15}, {"type": "Percent", "value": 100, "periodSeconds": 15}]},
            "scaleDown": {"selectPolicy": "Max", "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}]}}}]"#,
        &[],
    ),
    Edit::means_nothing(
        "policies-in-another-order",
        "wakala",
        [HPA, "wakala-api-hpa"],
        r#"[{"op": "move", "from": "/spec/behavior/scaleUp/policies/1", "path": "/spec/behavior/scaleUp/policies/0"}]"#,
        &[],
    ),
    Edit::means_nothing(
        "the-default-eviction-of-a-budget",
        "wakala",
        [PDB, "wakala-api"],
        r#"[{"op": "add", "path": "/spec/unhealthyPodEvictionPolicy", "value": "IfHealthyBudget"}]"#,
        &[],
    ),
    Edit::means_nothing(
        "defaults-of-a-job",
        "himalytix",
        ["CronJob", "web-business-hours-up"],
        r#"[{"op": "add", "path": "/spec/jobTemplate/spec/completions", "value": 1},
            {"op": "add", "path": "/spec/jobTemplate/spec/parallelism", "value": 1},
            {"op": "add", "path": "/spec/jobTemplate/spec/completionMode", "value": "NonIndexed"},
            {"op": "add", "path": "/spec/jobTemplate/spec/suspend", "value": false},
            {"op": "replace", "path": "/spec/jobTemplate/spec/template/spec/containers/0/resources/limits/cpu", "value": "0.5"}]"#,
        &[],
    ),
    Edit::means_nothing(
        "defaults-of-a-scaled-object",
        "kafka-pipeline",
        ["ScaledObject", "event-ingester"],
        r#"[{"op": "add", "path": "/spec/pollingInterval", "value": 30},
            {"op": "add", "path": "/spec/cooldownPeriod", "value": 300},
            {"op": "add", "path": "/spec/advanced", "value": {"restoreToOriginalReplicaCount": false}},
            {"op": "add", "path": "/spec/triggers/0/metricType", "value": "AverageValue"},
            {"op": "add", "path": "/spec/triggers/0/useCachedMetrics", "value": false},
            {"op": "add", "path": "/spec/triggers/0/metadata/offsetResetPolicy", "value": "latest"},
            {"op": "add", "path": "/spec/triggers/0/metadata/activationLagThreshold", "value": "0"},
            {"op": "add", "path": "/spec/triggers/0/metadata/allowIdleConsumers", "value": "false"}]"#,
        &[],
    ),
    Edit::means_nothing(
        "triggers-and-defaults-of-a-behavior",
        "kafka-pipeline",
        ["ScaledObject", "download-worker-scaler"],
        r#"[{"op": "move", "from": "/spec/triggers/2", "path": "/spec/triggers/0"},
            {"op": "remove", "path": "/spec/advanced/horizontalPodAutoscalerConfig/behavior/scaleUp/selectPolicy"}]"#,
        &[],
    ),
    Edit::means_nothing(
        "what-keda-writes",
        "kafka-pipeline",
        ["ScaledObject", "event-ingester"],
        r#"[{"op": "add", "path": "/metadata/finalizers", "value": ["finalizer.keda.sh"]},
            {"op": "add", "path": "/metadata/labels", "value": {"scaledobject.keda.sh/name": "event-ingester"}},
            {"op": "add", "path": "/status", "value": {"hpaName": "keda-hpa-event-ingester", "originalReplicaCount": 2}}]"#,
        &[],
    ),
];

/// Carries out a JSON patch: of its operations those that the table uses.
///
/// # Errors
/// Where a place is not there.
pub(crate) fn patch(document: &mut Json, patch: &str) -> Result<(), String> {
    let operations: Vec<Json> = serde_json::from_str(patch).map_err(|error| error.to_string())?;
    for it in &operations {
        let place = |key: &str| it[key].as_str().ok_or_else(|| format!("no {key}: {it}"));
        match place("op")? {
            "add" => add(document, place("path")?, it["value"].clone())?,
            "replace" => {
                remove(document, place("path")?)?;
                add(document, place("path")?, it["value"].clone())?;
            }
            "remove" => drop(remove(document, place("path")?)?),
            "move" => {
                let moved = remove(document, place("from")?)?;
                add(document, place("path")?, moved)?;
            }
            other => return Err(format!("no operation of ours: {other}")),
        }
    }
    Ok(())
}

fn add(document: &mut Json, place: &str, value: Json) -> Result<(), String> {
    let (parent, key) = parent(document, place)?;
    match parent {
        Json::Object(map) => _ = map.insert(key, value),
        Json::Array(list) if key == "-" => list.push(value),
        Json::Array(list) => list.insert(key.parse().map_err(|_| format!("no place: {place}"))?, value),
        _ => return Err(format!("no place: {place}")),
    }
    Ok(())
}

fn remove(document: &mut Json, place: &str) -> Result<Json, String> {
    let (parent, key) = parent(document, place)?;
    let removed = match parent {
        Json::Object(map) => map.remove(&key),
        Json::Array(list) => key.parse().ok().filter(|at| *at < list.len()).map(|at: usize| list.remove(at)),
        _ => None,
    };
    removed.ok_or_else(|| format!("no place: {place}"))
}

fn parent<'a>(document: &'a mut Json, place: &str) -> Result<(&'a mut Json, String), String> {
    let (parent, key) = place.rsplit_once('/').ok_or_else(|| format!("no place: {place}"))?;
    let parent = document.pointer_mut(parent).ok_or_else(|| format!("no place: {place}"))?;
    Ok((parent, key.replace("~1", "/").replace("~0", "~")))
}

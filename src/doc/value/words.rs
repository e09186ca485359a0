//! The words that stand in every manifest: keys and values that a dump repeats a hundred thousand times.
//!
//! A tree that is read borrows them, as one of our own structs does, instead of holding a copy of each. A word that is
//! missing here costs a few bytes and changes nothing.

use std::borrow::Cow;

/// A text of a document: borrowed where it is one of the words.
pub(in crate::doc) fn text(text: &str) -> Cow<'static, str> {
    match word(text) {
        Some(word) => Cow::Borrowed(word),
        None => Cow::Owned(text.to_owned()),
    }
}

fn word(text: &str) -> Option<&'static str> {
    let words = WORDS.iter().find(|(length, _)| *length == text.len())?.1;
    words.iter().copied().find(|it| *it == text)
}

/// By their length in bytes, so that few are looked at.
const WORDS: &[(usize, &[&str])] = &[
    (1, &["."]),
    (2, &["v1"]),
    (3, &["ALL", "Max", "Min", "app", "cpu", "env", "get", "hpa", "key", "uid"]),
    (
        4,
        &[
            "Pods", "Role", "True", "apps", "args", "cron", "drop", "kind", "list", "name", "pods", "spec", "time",
            "type",
        ],
    ),
    (
        5,
        &[
            "Allow", "Apply", "False", "Never", "Value", "image", "items", "kafka", "patch", "query", "rules", "topic",
            "value", "verbs",
        ],
    ),
    (
        6,
        &[
            "Always", "Forbid", "Object", "Update", "f:name", "f:spec", "f:type", "labels", "limits", "memory",
            "metric", "object", "policy", "status", "target", "values",
        ],
    ),
    (
        7,
        &[
            "--patch", "CronJob", "Percent", "Replace", "apps/v1", "command", "kubectl", "manager", "metrics",
            "roleRef", "scaleUp", "suspend",
        ],
    ),
    (
        8,
        &[
            "External", "FieldsV1", "Resource", "advanced", "apiGroup", "batch/v1", "behavior", "external", "f:labels",
            "fallback", "fieldsV1", "metadata", "operator", "policies", "replicas", "requests", "resource", "schedule",
            "selector", "subjects", "template", "timeZone", "triggers",
        ],
    ),
    (
        9,
        &[
            "OnFailure",
            "apiGroups",
            "container",
            "f:metrics",
            "namespace",
            "operation",
            "policy/v1",
            "resources",
            "runAsUser",
            "scaleDown",
            "threshold",
            "tolerance",
        ],
    ),
    (
        10,
        &[
            "Deployment",
            "apiVersion",
            "conditions",
            "containers",
            "controller",
            "f:metadata",
            "fieldsType",
            "finalizers",
            "generation",
            "metricName",
            "metricType",
            "production",
            "prometheus",
            "runAsGroup",
        ],
    ),
    (
        11,
        &[
            "--namespace",
            "RoleBinding",
            "StatefulSet",
            "Utilization",
            "annotations",
            "jobTemplate",
            "matchLabels",
            "maxReplicas",
            "minReplicas",
        ],
    ),
    (
        12,
        &[
            "--type=merge",
            "AverageValue",
            "ScaledObject",
            "averageValue",
            "backoffLimit",
            "capabilities",
            "lagThreshold",
            "minAvailable",
            "runAsNonRoot",
            "selectPolicy",
        ],
    ),
    (
        13,
        &[
            "consumerGroup",
            "f:annotations",
            "f:maxReplicas",
            "f:minReplicas",
            "managedFields",
            "periodSeconds",
            "resourceNames",
            "restartPolicy",
            "serverAddress",
        ],
    ),
    (
        14,
        &[
            "RuntimeDefault",
            "ServiceAccount",
            "autoscaling/v1",
            "autoscaling/v2",
            "cooldownPeriod",
            "initContainers",
            "maxUnavailable",
            "scaleTargetRef",
            "seccompProfile",
        ],
    ),
    (
        15,
        &[
            "describedObject",
            "maxReplicaCount",
            "minReplicaCount",
            "ownerReferences",
            "pollingInterval",
            "resourceVersion",
            "securityContext",
        ],
    ),
    (16, &["bootstrapServers", "f:scaleTargetRef", "failureThreshold", "keda.sh/v1alpha1", "matchExpressions"]),
    (17, &["ContainerResource", "authenticationRef", "concurrencyPolicy", "creationTimestamp", "offsetResetPolicy"]),
    (18, &["averageUtilization", "lastTransitionTime", "serviceAccountName"]),
    (19, &["PodDisruptionBudget"]),
    (21, &["activeDeadlineSeconds"]),
    (22, &["failedJobsHistoryLimit", "readOnlyRootFilesystem"]),
    (23, &["HorizontalPodAutoscaler", "kube-controller-manager", "startingDeadlineSeconds"]),
    (24, &["allowPrivilegeEscalation"]),
    (25, &["kubectl-client-side-apply", "rbac.authorization.k8s.io"]),
    (26, &["stabilizationWindowSeconds", "successfulJobsHistoryLimit", "unhealthyPodEvictionPolicy"]),
    (28, &["automountServiceAccountToken", "rbac.authorization.k8s.io/v1"]),
    (48, &["kubectl.kubernetes.io/last-applied-configuration"]),
    (50, &["f:kubectl.kubernetes.io/last-applied-configuration"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_by_its_length() {
        for (length, words) in WORDS {
            assert!(words.iter().all(|it| it.len() == *length && word(it) == Some(it)), "{length}");
        }
        assert!(matches!(text("metadata"), Cow::Borrowed("metadata")));
        assert!(matches!(text("metadatb"), Cow::Owned(it) if it == "metadatb"));
        assert!(matches!(text(""), Cow::Owned(it) if it.is_empty()));
    }
}

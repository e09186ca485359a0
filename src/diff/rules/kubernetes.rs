//! What a Kubernetes API server and KEDA write, fill in and reorder.
//!
//! Sources: `k8s.io/kubernetes` v1.36, `pkg/apis/{autoscaling/v2,batch/v1,core/v1,policy,rbac/v1}/defaults.go`, and
//! `kedacore/keda` v2.20, `apis/keda/v1alpha1/scaledobject_types.go`, `controllers/keda`, and for the triggers
//! `pkg/scalers/kafka_scaler.go` and `redis_scaler.go`.

use super::Row;
use super::Rule::{Default, Members, Owned, Quantity, Set, Text};

const SERVER: &str = "the API server writes it";
const FILLED: &str = "the API server fills it in";
const GRANTED: &str = "KEDA takes it for granted";
const ORDER: &str = "the order means nothing";

const fn row(kind: &'static str, place: &'static str, rule: super::Rule, reason: &'static str) -> Row {
    Row { kind, place, rule, reason }
}

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row("*", "status", Owned, "controllers report there what they see"),
    row("*", "metadata uid", Owned, SERVER),
    row("*", "metadata resourceVersion", Owned, SERVER),
    row("*", "metadata generation", Owned, SERVER),
    row("*", "metadata creationTimestamp", Owned, SERVER),
    row("*", "metadata managedFields", Owned, SERVER),
    row("*", "metadata selfLink", Owned, SERVER),
    row("*", "metadata namespace", Default("\"default\""), "it is the namespace of who names none"),
    row("*", "metadata annotations kubectl.kubernetes.io/last-applied-configuration", Owned, "`kubectl apply` keeps its memory there"),
    row("*", "metadata annotations autoscaling.alpha.kubernetes.io/conditions", Owned, SERVER),
    row("*", "metadata annotations autoscaling.alpha.kubernetes.io/current-metrics", Owned, SERVER),
    row("*", "metadata annotations meta.helm.sh/release-name", Owned, "Helm marks what it installed"),
    row("*", "metadata annotations meta.helm.sh/release-namespace", Owned, "Helm marks what it installed"),
    row("*", "metadata labels helm.sh/chart", Owned, "Helm marks what it installed"),
    row("*", "metadata labels app.kubernetes.io/managed-by", Owned, "Helm marks what it installed"),
    row("*", "metadata annotations argocd.argoproj.io/tracking-id", Owned, "Argo CD marks what it installed"),
    row("*", "metadata labels argocd.argoproj.io/instance", Owned, "Argo CD marks what it installed"),
    row("*", "metadata labels kustomize.toolkit.fluxcd.io/name", Owned, "Flux marks what it installed"),
    row("*", "metadata labels kustomize.toolkit.fluxcd.io/namespace", Owned, "Flux marks what it installed"),
    row("*", "metadata annotations", Default("{}"), "an empty map says nothing"),
    row("*", "metadata labels", Default("{}"), "an empty map says nothing"),

    row("NodePool", "metadata annotations karpenter.sh/nodepool-hash", Owned, "Karpenter tells by it which nodes have drifted"),
    row("NodePool", "metadata annotations karpenter.sh/nodepool-hash-version", Owned, "Karpenter tells by it which nodes have drifted"),
    row("NodePool", "spec limits *", Quantity, "the same quantity"),
    row("NodePool", "spec template spec requirements", Members(&["key"]), ORDER),
    row("NodePool", "spec template spec requirements [] values", Set, ORDER),
    row("NodePool", "spec template spec taints", Members(&["key", "effect"]), ORDER),
    row("NodePool", "spec template spec expireAfter", Default(r#""720h""#), FILLED),
    row("NodePool", "spec disruption budgets", Default(r#"[{"nodes":"10%"}]"#), FILLED),

    row("EC2NodeClass", "metadata annotations karpenter.k8s.aws/ec2nodeclass-hash", Owned, "Karpenter tells by it which nodes have drifted"),
    row("EC2NodeClass", "metadata annotations karpenter.k8s.aws/ec2nodeclass-hash-version", Owned, "Karpenter tells by it which nodes have drifted"),
    row("EC2NodeClass", "metadata finalizers", Owned, "Karpenter waits for its nodes to go"),
    row("EC2NodeClass", "spec metadataOptions", Owned, FILLED),

    row("KafkaTopic", "metadata finalizers", Owned, "Strimzi's Topic Operator deletes the topic first"),

    row("HorizontalPodAutoscaler", "spec minReplicas", Default("1"), FILLED),
    row("HorizontalPodAutoscaler", "spec metrics", Members(&["type", "resource name", "containerResource container", "containerResource name", "pods metric name", "object metric name", "external metric name"]), ORDER),
    row("HorizontalPodAutoscaler", "spec metrics [] resource target averageValue", Quantity, "the same quantity"),
    row("HorizontalPodAutoscaler", "spec metrics [] pods target averageValue", Quantity, "the same quantity"),
    row("HorizontalPodAutoscaler", "spec metrics [] external target averageValue", Quantity, "the same quantity"),
    row("HorizontalPodAutoscaler", "spec metrics [] external target value", Quantity, "the same quantity"),
    row("HorizontalPodAutoscaler", "spec metrics [] object target averageValue", Quantity, "the same quantity"),
    row("HorizontalPodAutoscaler", "spec metrics [] object target value", Quantity, "the same quantity"),
    row("HorizontalPodAutoscaler", "spec behavior scaleUp", Default(r#"{"stabilizationWindowSeconds":0,"selectPolicy":"Max","policies":[{"type":"Pods","value":4,"periodSeconds":15},{"type":"Percent","value":100,"periodSeconds":15}]}"#), FILLED),
    row("HorizontalPodAutoscaler", "spec behavior scaleDown", Default(r#"{"selectPolicy":"Max","policies":[{"type":"Percent","value":100,"periodSeconds":15}]}"#), FILLED),
    row("HorizontalPodAutoscaler", "spec behavior scaleUp policies", Default(r#"[{"type":"Pods","value":4,"periodSeconds":15},{"type":"Percent","value":100,"periodSeconds":15}]"#), FILLED),
    row("HorizontalPodAutoscaler", "spec behavior scaleDown policies", Default(r#"[{"type":"Percent","value":100,"periodSeconds":15}]"#), FILLED),
    row("HorizontalPodAutoscaler", "spec behavior * policies", Members(&["type", "periodSeconds"]), ORDER),
    row("HorizontalPodAutoscaler", "spec behavior * selectPolicy", Default("\"Max\""), FILLED),
    row("HorizontalPodAutoscaler", "spec behavior scaleUp stabilizationWindowSeconds", Default("0"), FILLED),
    row("HorizontalPodAutoscaler", "spec behavior * tolerance", Quantity, "the same quantity"),

    row("PodDisruptionBudget", "spec minAvailable", Text, "a number in quotes is the same number"),
    row("PodDisruptionBudget", "spec unhealthyPodEvictionPolicy", Default("\"IfHealthyBudget\""), "the API server takes it for granted"),

    row("CronJob", "spec concurrencyPolicy", Default("\"Allow\""), FILLED),
    row("CronJob", "spec suspend", Default("false"), FILLED),
    row("CronJob", "spec successfulJobsHistoryLimit", Default("3"), FILLED),
    row("CronJob", "spec failedJobsHistoryLimit", Default("1"), FILLED),
    row("CronJob", "spec jobTemplate metadata", Default("{}"), FILLED),
    row("CronJob", "spec jobTemplate metadata", Default(r#"{"creationTimestamp":null}"#), FILLED),
    row("CronJob", "spec jobTemplate spec backoffLimit", Default("6"), FILLED),
    row("CronJob", "spec jobTemplate spec completions", Default("1"), "the job of a CronJob gets it when it is made"),
    row("CronJob", "spec jobTemplate spec parallelism", Default("1"), "the job of a CronJob gets it when it is made"),
    row("CronJob", "spec jobTemplate spec completionMode", Default("\"NonIndexed\""), "the job of a CronJob gets it when it is made"),
    row("CronJob", "spec jobTemplate spec suspend", Default("false"), "the job of a CronJob gets it when it is made"),
    row("CronJob", "spec jobTemplate spec template metadata", Default("{}"), FILLED),
    row("CronJob", "spec jobTemplate spec template metadata", Default(r#"{"creationTimestamp":null}"#), FILLED),
    row("CronJob", "spec jobTemplate spec template spec dnsPolicy", Default("\"ClusterFirst\""), FILLED),
    row("CronJob", "spec jobTemplate spec template spec schedulerName", Default("\"default-scheduler\""), FILLED),
    row("CronJob", "spec jobTemplate spec template spec terminationGracePeriodSeconds", Default("30"), FILLED),
    row("CronJob", "spec jobTemplate spec template spec securityContext", Default("{}"), FILLED),
    row("CronJob", "spec jobTemplate spec template spec serviceAccount", Owned, "an old name of `serviceAccountName`, which the API server keeps"),
    row("CronJob", "spec jobTemplate spec template spec containers", Members(&["name"]), ORDER),
    row("CronJob", "spec jobTemplate spec template spec containers [] terminationMessagePath", Default("\"/dev/termination-log\""), FILLED),
    row("CronJob", "spec jobTemplate spec template spec containers [] terminationMessagePolicy", Default("\"File\""), FILLED),
    row("CronJob", "spec jobTemplate spec template spec containers [] imagePullPolicy", Default("\"IfNotPresent\""), FILLED),
    row("CronJob", "spec jobTemplate spec template spec containers [] imagePullPolicy", Default("\"Always\""), FILLED),
    row("CronJob", "spec jobTemplate spec template spec containers [] resources requests *", Quantity, "the same quantity"),
    row("CronJob", "spec jobTemplate spec template spec containers [] resources limits *", Quantity, "the same quantity"),
    row("CronJob", "spec jobTemplate spec template spec containers [] securityContext capabilities drop", Set, ORDER),
    row("CronJob", "spec jobTemplate spec template spec initContainers [] terminationMessagePath", Default("\"/dev/termination-log\""), FILLED),
    row("CronJob", "spec jobTemplate spec template spec initContainers [] terminationMessagePolicy", Default("\"File\""), FILLED),
    row("CronJob", "spec jobTemplate spec template spec initContainers [] imagePullPolicy", Default("\"IfNotPresent\""), FILLED),
    row("CronJob", "spec jobTemplate spec template spec initContainers [] imagePullPolicy", Default("\"Always\""), FILLED),
    row("CronJob", "spec jobTemplate spec template spec initContainers [] resources requests *", Quantity, "the same quantity"),
    row("CronJob", "spec jobTemplate spec template spec initContainers [] resources limits *", Quantity, "the same quantity"),
    row("CronJob", "spec jobTemplate spec template spec initContainers [] securityContext capabilities drop", Set, ORDER),

    row("Role", "rules [] verbs", Set, ORDER),
    row("Role", "rules [] apiGroups", Set, ORDER),
    row("Role", "rules [] resources", Set, ORDER),
    row("Role", "rules [] resourceNames", Set, ORDER),
    row("RoleBinding", "subjects", Members(&["kind", "namespace", "name"]), ORDER),
    row("RoleBinding", "subjects [] apiGroup", Default("\"\""), FILLED),
    row("ServiceAccount", "secrets", Owned, "older clusters hang a token there"),
    row("ServiceAccount", "imagePullSecrets", Owned, "an administrator hangs it there"),

    row("ScaledObject", "metadata finalizers", Owned, "KEDA clears up by it"),
    row("ScaledObject", "metadata labels scaledobject.keda.sh/name", Owned, "KEDA marks its objects with it"),
    row("ScaledObject", "spec scaleTargetRef apiVersion", Default("\"apps/v1\""), GRANTED),
    row("ScaledObject", "spec scaleTargetRef kind", Default("\"Deployment\""), GRANTED),
    row("ScaledObject", "spec pollingInterval", Default("30"), GRANTED),
    row("ScaledObject", "spec cooldownPeriod", Default("300"), GRANTED),
    row("ScaledObject", "spec minReplicaCount", Default("0"), GRANTED),
    row("ScaledObject", "spec maxReplicaCount", Default("100"), GRANTED),
    row("ScaledObject", "spec triggers", Members(&["type", "name", "metadata start"]), ORDER),
    row("ScaledObject", "spec triggers [] metricType", Default("\"AverageValue\""), GRANTED),
    row("ScaledObject", "spec triggers [] useCachedMetrics", Default("false"), GRANTED),
    row("ScaledObject", "spec triggers [] metadata *", Text, "KEDA reads every parameter as text"),
    row("ScaledObject", "spec triggers [] metadata offsetResetPolicy", Default("\"latest\""), GRANTED),
    row("ScaledObject", "spec triggers [] metadata activationLagThreshold", Default("\"0\""), GRANTED),
    row("ScaledObject", "spec triggers [] metadata activationListLength", Default("\"0\""), GRANTED),
    row("ScaledObject", "spec triggers [] metadata activationValue", Default("\"0\""), GRANTED),
    row("ScaledObject", "spec triggers [] metadata allowIdleConsumers", Default("\"false\""), GRANTED),
    row("ScaledObject", "spec triggers [] metadata ensureEvenDistributionOfPartitions", Default("\"false\""), GRANTED),
    row("ScaledObject", "spec triggers [] metadata excludePersistentLag", Default("\"false\""), GRANTED),
    row("ScaledObject", "spec triggers [] metadata lagThreshold", Default("\"10\""), GRANTED),
    row("ScaledObject", "spec triggers [] metadata limitToPartitionsWithLag", Default("\"false\""), GRANTED),
    row("ScaledObject", "spec triggers [] metadata listLength", Default("\"5\""), GRANTED),
    row("ScaledObject", "spec triggers [] metadata scaleToZeroOnInvalidOffset", Default("\"false\""), GRANTED),
    row("ScaledObject", "spec advanced horizontalPodAutoscalerConfig behavior * selectPolicy", Default("\"Max\""), "the API server fills it in in KEDA's HorizontalPodAutoscaler"),
    row("ScaledObject", "spec advanced horizontalPodAutoscalerConfig behavior scaleUp stabilizationWindowSeconds", Default("0"), "the API server fills it in in KEDA's HorizontalPodAutoscaler"),
    row("ScaledObject", "spec advanced horizontalPodAutoscalerConfig behavior * policies", Members(&["type", "periodSeconds"]), ORDER),
    row("ScaledObject", "spec advanced horizontalPodAutoscalerConfig behavior * tolerance", Quantity, "the same quantity"),
    row("ScaledObject", "spec advanced restoreToOriginalReplicaCount", Default("false"), GRANTED),
    row("ScaledObject", "spec fallback behavior", Default("\"static\""), GRANTED),

    row("Kustomization", "resources", Set, ORDER),
];

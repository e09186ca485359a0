//! A field that its kind does not have.

use crate::diag::suggest;

use super::files::fields::{Fault, What};
use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "unknown-field",
    level: Level::Deny,
    docs: r#"
### What it does
Compares the fields of autoscalers, ScaledObjects, budgets, CronJobs, workloads, roles, PrometheusRules and eksctl's ClusterConfigs with those that Kubernetes 1.29 to
1.36, KEDA 2.20, the Prometheus operator and eksctl have.
### Why is this bad?
`kubectl apply` refuses the object. Who applies without its strict check, or patches, gets a warning at most: the field is dropped, and the default counts. eksctl stops at
the first one.
### Example
`minReplica: 4` in a HorizontalPodAutoscaler, `behaviour:`, `schedules:` in a CronJob.
### Instead
Write the name that is meant: `minReplicas: 4`. Where a field is newer than the versions above, allow the lint.
"#,
    check: Check::Files(check),
};

/// What another lint says better: the type and the field.
const SAID_ELSEWHERE: [(&str, &str); 15] = [
    // `field-of-another-version`
    ("autoscaling.v2.HorizontalPodAutoscalerSpec", "targetCPUUtilizationPercentage"),
    // `behavior-out-of-bounds`
    ("autoscaling.v2.HPAScalingPolicy", "tolerance"),
    ("ScaledObject.spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleUp.policies", "tolerance"),
    ("ScaledObject.spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleDown.policies", "tolerance"),
    // `key-of-another-group`
    ("eksctl.ManagedNodeGroup", "instancesDistribution"),
    ("eksctl.ManagedNodeGroup", "cpuCredits"),
    ("eksctl.ManagedNodeGroup", "kubeletExtraConfig"),
    ("eksctl.ManagedNodeGroup", "asgMetricsCollection"),
    ("eksctl.ManagedNodeGroup", "maxInstanceLifetime"),
    ("eksctl.ManagedNodeGroup", "classicLoadBalancerNames"),
    ("eksctl.NodeGroup", "instanceTypes"),
    ("eksctl.NodeGroup", "spot"),
    ("eksctl.NodeGroup", "launchTemplate"),
    ("eksctl.NodeGroup", "releaseVersion"),
    ("eksctl.NodeGroup", "nodeRepairConfig"),
];

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for fault in files.field_faults() {
        let What::Unknown { known, belongs } = &fault.what else { continue };
        if SAID_ELSEWHERE.contains(&(fault.within, fault.key.as_str())) {
            continue;
        }
        let object = fault.object;
        let within = if fault.path.is_empty() { "it".to_owned() } else { format!("`{}`", fault.path) };
        let message = format!("`{}`: {within} has no field `{}`", object.identity, fault.key);
        let finding = findings.finding(message).at(files.key(object, fault.node), "refused, or dropped");
        findings.push(finding.help(help(&fault, known, belongs.as_deref())));
    }
}

fn help(fault: &Fault<'_>, known: &[&str], belongs: Option<&str>) -> String {
    match (belongs, suggest::nearest(&fault.key, known.iter().copied())) {
        (Some(place), _) => format!("write `{}` in {place}, if that is meant", fault.key),
        (None, Some(near)) => format!("write `{near}`, if that is meant"),
        // Whatever a scaler asks for is a text of the trigger's metadata.
        (None, None) if fault.within == "ScaledObject.spec.triggers" => {
            format!("write `{}` in its `metadata`, if that is meant", fault.key)
        }
        (None, None) if known.len() <= 12 => {
            format!("take it out; known here: {}", suggest::list(known.iter().copied()))
        }
        (None, None) => "take it out".to_owned(),
    }
}

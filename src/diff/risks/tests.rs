//! Labelled changes and the class that they must get.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use crate::diff::diff;
use crate::doc::object::{Identity, Object};
use crate::doc::state::State;
use crate::doc::{ini, yaml};
use crate::why::Causes;

use super::*;

fn object(kind: &str, text: &str) -> Object {
    let tree = yaml::parse(text, &yaml::Limits::default()).unwrap().pop().unwrap();
    let identity = match kind {
        "pgbouncer" => Identity::Pgbouncer { name: "main".to_owned() },
        "nginx" => Identity::Nginx { kind: "upstream", name: "web".to_owned() },
        "server" => Identity::Nginx { kind: "server", name: "web".to_owned() },
        kind => Identity::Kubernetes {
            group: String::new(),
            kind: kind.to_owned(),
            namespace: Some("default".to_owned()),
            name: "api".to_owned(),
        },
    };
    Object { identity, file: "file".to_owned(), document: None, tree, owner: None, causes: Vec::new() }
}

/// Kind, old document, new document (nothing: it is not there), the expected class.
type Labelled = (&'static str, &'static str, &'static str, Risk);

use Risk::{Disruptive, Ignored, Irreversible, Ordering as Order, Restart, Safe};

const HPA: &str = "HorizontalPodAutoscaler";
const KEDA: &str = "ScaledObject";

#[rustfmt::skip]
const LABELLED: &[Labelled] = &[
    (HPA, "spec: {maxReplicas: 20}", "spec: {maxReplicas: 30}", Safe),
    (HPA, "spec: {maxReplicas: 30}", "spec: {maxReplicas: 20}", Disruptive),
    (HPA, "spec: {minReplicas: 2}", "spec: {minReplicas: 5}", Safe),
    (HPA, "spec: {minReplicas: 5}", "spec: {minReplicas: 2}", Safe),
    (HPA, "spec: {metrics: [{type: Resource, resource: {name: cpu, target: {averageUtilization: 70}}}]}", "spec: {metrics: [{type: Resource, resource: {name: cpu, target: {averageUtilization: 80}}}]}", Disruptive),
    (HPA, "spec: {metrics: [{type: Resource, resource: {name: cpu, target: {averageUtilization: 70}}}]}", "spec: {metrics: [{type: Resource, resource: {name: cpu, target: {averageUtilization: 60}}}]}", Safe),
    (HPA, "spec: {metrics: [{type: Pods, pods: {metric: {name: rps}, target: {averageValue: \"1k\"}}}]}", "spec: {metrics: [{type: Pods, pods: {metric: {name: rps}, target: {averageValue: \"1500\"}}}]}", Disruptive),
    (HPA, "spec: {metrics: [{type: Resource, resource: {name: cpu}}, {type: Resource, resource: {name: memory}}]}", "spec: {metrics: [{type: Resource, resource: {name: cpu}}]}", Disruptive),
    (HPA, "spec: {metrics: [{type: Resource, resource: {name: cpu}}]}", "spec: {metrics: [{type: Resource, resource: {name: cpu}}, {type: Resource, resource: {name: memory}}]}", Safe),
    (HPA, "spec: {scaleTargetRef: {kind: Deployment, name: a}, maxReplicas: 3}", "spec: {scaleTargetRef: {kind: StatefulSet, name: a}, maxReplicas: 3}", Disruptive),
    (HPA, "spec: {behavior: {scaleDown: {stabilizationWindowSeconds: 300}}}", "spec: {behavior: {scaleDown: {stabilizationWindowSeconds: 60}}}", Disruptive),
    (HPA, "spec: {behavior: {scaleDown: {stabilizationWindowSeconds: 60}}}", "spec: {behavior: {scaleDown: {stabilizationWindowSeconds: 300}}}", Safe),
    (HPA, "spec: {behavior: {scaleDown: {policies: [{type: Percent, value: 10, periodSeconds: 60}]}}}", "spec: {behavior: {scaleDown: {policies: [{type: Percent, value: 50, periodSeconds: 60}]}}}", Disruptive),
    (HPA, "spec: {maxReplicas: 3, behavior: {scaleDown: {stabilizationWindowSeconds: 600}}}", "spec: {maxReplicas: 3}", Disruptive),
    (HPA, "spec: {behavior: {scaleUp: {policies: [{type: Pods, value: 10, periodSeconds: 30}]}}}", "spec: {behavior: {scaleUp: {policies: [{type: Pods, value: 2, periodSeconds: 30}]}}}", Disruptive),
    (HPA, "spec: {behavior: {scaleDown: {selectPolicy: Disabled}}}", "spec: {behavior: {scaleDown: {selectPolicy: Min}}}", Disruptive),
    (HPA, "spec: {behavior: {scaleDown: {selectPolicy: Max}}}", "spec: {behavior: {scaleDown: {selectPolicy: Min}}}", Safe),
    (HPA, "spec: {behavior: {scaleUp: {stabilizationWindowSeconds: 60}}}", "spec: {behavior: {scaleUp: {stabilizationWindowSeconds: 60, tolerance: \"0.2\"}}}", Disruptive),
    (HPA, "spec: {behavior: {scaleUp: {stabilizationWindowSeconds: 60}}}", "spec: {behavior: {scaleUp: {stabilizationWindowSeconds: 60, tolerance: \"0.05\"}}}", Safe),
    (HPA, "spec: {behavior: {scaleDown: {stabilizationWindowSeconds: 300}}}", "spec: {behavior: {scaleDown: {stabilizationWindowSeconds: 300, tolerance: \"0.05\"}}}", Disruptive),
    (HPA, "metadata: {labels: {team: a}}", "metadata: {labels: {team: b}}", Safe),
    (HPA, "spec: {maxReplicas: 3}", "", Disruptive),
    (HPA, "", "spec: {maxReplicas: 3}", Safe),
    ("ScaledObject", "spec: {maxReplicaCount: 24}", "spec: {maxReplicaCount: 12}", Disruptive),
    ("ScaledObject", "spec: {maxReplicaCount: 12}", "spec: {maxReplicaCount: 24}", Safe),
    ("ScaledObject", "spec: {triggers: [{type: kafka, metadata: {lagThreshold: \"600\"}}]}", "spec: {triggers: [{type: kafka, metadata: {lagThreshold: \"900\"}}]}", Disruptive),
    ("ScaledObject", "spec: {triggers: [{type: kafka, metadata: {lagThreshold: \"900\"}}]}", "spec: {triggers: [{type: kafka, metadata: {lagThreshold: \"600\"}}]}", Safe),
    ("ScaledObject", "spec: {triggers: [{type: kafka, metadata: {consumerGroup: a}}]}", "spec: {triggers: [{type: kafka, metadata: {consumerGroup: b}}]}", Disruptive),
    ("ScaledObject", "spec: {triggers: [{type: cron, name: a, metadata: {end: 0 18 * * *}}]}", "spec: {triggers: [{type: cron, name: a, metadata: {end: 0 17 * * *}}]}", Disruptive),
    ("ScaledObject", "spec: {triggers: [{type: cron, name: a, metadata: {timezone: Etc/UTC}}]}", "spec: {triggers: [{type: cron, name: a, metadata: {timezone: Europe/Berlin}}]}", Disruptive),
    ("ScaledObject", "spec: {triggers: [{type: cron, name: a, metadata: {desiredReplicas: \"9\"}}]}", "spec: {triggers: [{type: cron, name: a, metadata: {desiredReplicas: \"6\"}}]}", Disruptive),
    ("ScaledObject", "spec: {triggers: [{type: cron, name: a, metadata: {desiredReplicas: \"6\"}}]}", "spec: {triggers: [{type: cron, name: a, metadata: {desiredReplicas: \"9\"}}]}", Safe),
    ("ScaledObject", "spec: {minReplicaCount: 1}", "spec: {minReplicaCount: 1, idleReplicaCount: 0}", Disruptive),
    ("ScaledObject", "spec: {fallback: {replicas: 6, failureThreshold: 3}, pollingInterval: 15}", "spec: {pollingInterval: 15}", Disruptive),
    ("ScaledObject", "spec: {pollingInterval: 15}", "spec: {pollingInterval: 10}", Safe),
    ("ScaledObject", "spec: {advanced: {horizontalPodAutoscalerConfig: {name: a}}}", "spec: {advanced: {horizontalPodAutoscalerConfig: {name: b}}}", Order),
    ("ScaledObject", "spec: {maxReplicaCount: 12}", "", Disruptive),
    ("PodDisruptionBudget", "spec: {maxUnavailable: 25%}", "spec: {maxUnavailable: 50%}", Disruptive),
    ("PodDisruptionBudget", "spec: {maxUnavailable: 50%}", "spec: {maxUnavailable: 25%}", Safe),
    ("PodDisruptionBudget", "spec: {minAvailable: 3}", "spec: {minAvailable: 2}", Disruptive),
    ("PodDisruptionBudget", "spec: {minAvailable: 3}", "spec: {maxUnavailable: 1}", Disruptive),
    ("PodDisruptionBudget", "spec: {selector: {matchLabels: {app: a}}}", "spec: {selector: {matchLabels: {app: b}}}", Disruptive),
    ("CronJob", "spec: {schedule: 0 7 * * *}", "spec: {schedule: 0 6 * * *}", Disruptive),
    ("CronJob", "spec: {timeZone: UTC}", "spec: {timeZone: Asia/Kathmandu}", Disruptive),
    ("CronJob", "spec: {schedule: 0 7 * * *}", "", Disruptive),
    ("Role", "rules: [{verbs: [get, patch]}]", "rules: [{verbs: [get]}]", Disruptive),
    ("pgbouncer", "pgbouncer: {listen_port: 6432}", "pgbouncer: {listen_port: 6433}", Restart),
    ("pgbouncer", "pgbouncer: {listen_addr: 127.0.0.1}", "pgbouncer: {listen_addr: 0.0.0.0}", Restart),
    ("pgbouncer", "pgbouncer: {so_reuseport: 0}", "pgbouncer: {so_reuseport: 1}", Restart),
    ("pgbouncer", "databases: {app: {host: a, pool_size: 20}}", "databases: {app: {host: a, pool_size: 30}}", Safe),
    ("pgbouncer", "databases: {app: {host: a, pool_size: 30}}", "databases: {app: {host: a, pool_size: 20}}", Disruptive),
    ("pgbouncer", "databases: {app: {host: a}}", "databases: {app: {host: b}}", Disruptive),
    ("pgbouncer", "databases: {app: {host: a}, old: {host: a}}", "databases: {app: {host: a}}", Disruptive),
    ("pgbouncer", "pgbouncer: {max_client_conn: 500}", "pgbouncer: {max_client_conn: 900}", Safe),
    ("pgbouncer", "pgbouncer: {pool_mode: transaction}", "pgbouncer: {pool_mode: session}", Disruptive),
    ("nginx", "server a:80: {max_fails: '3'}", "{server a:80: {max_fails: '3'}, server b:80: {}}", Safe),
    ("nginx", "{server a:80: {}, server b:80: {}}", "server a:80: {}", Disruptive),
    ("nginx", "{server a:80: {}, keepalive: '32'}", "{server a:80: {}, keepalive: '16'}", Safe),
    ("ClusterConfig", "managedNodeGroups: [{name: a, instanceType: m5.large}]", "managedNodeGroups: [{name: a, instanceType: m5.xlarge}]", Ignored),
    ("ClusterConfig", "managedNodeGroups: [{name: a, labels: {b: c}}]", "managedNodeGroups: [{name: a, labels: {b: d}}]", Ignored),
    ("ClusterConfig", "managedNodeGroups: [{name: a, maxSize: 8}]", "managedNodeGroups: [{name: a, maxSize: 9}]", Safe),
    ("ClusterConfig", "managedNodeGroups: [{name: a, maxSize: 9}]", "managedNodeGroups: [{name: a, maxSize: 8}]", Disruptive),
    ("ClusterConfig", "managedNodeGroups: [{name: a, minSize: 1}]", "managedNodeGroups: [{name: a, minSize: 1}, {name: b, minSize: 1, instanceType: m5.large}]", Safe),
    ("ClusterConfig", "nodeGroups: [{name: a, minSize: 1}, {name: b, minSize: 1}]", "nodeGroups: [{name: a, minSize: 1}]", Disruptive),
    ("ClusterConfig", "metadata: {region: us-east-1}", "metadata: {region: eu-west-1}", Irreversible),
    ("ClusterConfig", "metadata: {version: '1.33'}", "metadata: {version: '1.34'}", Irreversible),
];

/// Findings of a review, each with its class.
#[rustfmt::skip]
const REVIEWED: &[Labelled] = &[
    (HPA, "spec: {behavior: {scaleUp: {selectPolicy: Max}}}", "spec: {behavior: {scaleUp: {selectPolicy: Disabled}}}", Disruptive),
    (HPA, "spec: {behavior: {scaleDown: {selectPolicy: Min}}}", "spec: {behavior: {scaleDown: {selectPolicy: Max}}}", Disruptive),
    (HPA, "spec: {maxReplicas: 3}", "spec: {maxReplicas: 3, behavior: {scaleDown: {stabilizationWindowSeconds: 0, selectPolicy: Max, policies: [{type: Pods, value: 4, periodSeconds: 15}, {type: Percent, value: 100, periodSeconds: 15}]}}}", Disruptive),
    (HPA, "spec: {maxReplicas: 3}", "spec: {maxReplicas: 3, behavior: {scaleDown: {stabilizationWindowSeconds: 600}}}", Safe),
    (HPA, "spec: {maxReplicas: 3, behavior: {scaleDown: {stabilizationWindowSeconds: 0, policies: [{type: Pods, value: 4, periodSeconds: 15}, {type: Percent, value: 100, periodSeconds: 15}]}}}", "spec: {maxReplicas: 3}", Disruptive),
    (HPA, "spec: {behavior: {scaleUp: {policies: [{type: Pods, value: 4, periodSeconds: 15}]}}}", "spec: {behavior: {scaleUp: {stabilizationWindowSeconds: 60, policies: [{type: Pods, value: 4, periodSeconds: 15}]}}}", Disruptive),
    (HPA, "spec: {metrics: [{type: ContainerResource, containerResource: {name: cpu, container: a, target: {averageUtilization: 60}}}]}", "spec: {metrics: [{type: ContainerResource, containerResource: {name: cpu, container: a, target: {averageUtilization: 70}}}]}", Disruptive),
    (HPA, "spec: {metrics: [{type: External, external: {metric: {name: a}, target: {value: 30}}}]}", "spec: {metrics: [{type: External, external: {metric: {name: a}, target: {value: 60}}}]}", Disruptive),
    (HPA, "metadata: {labels: {a: b}}", "metadata: {labels: {a: c}}", Safe),
    (HPA, "metadata: {namespace: a}", "metadata: {namespace: b}", Disruptive),
    (KEDA, "spec: {pollingInterval: 15}", "spec: {pollingInterval: 15, maxReplicaCount: 20}", Disruptive),
    (KEDA, "spec: {advanced: {horizontalPodAutoscalerConfig: {behavior: {scaleUp: {policies: [{type: Pods, value: 4, periodSeconds: 15}]}}}}}", "spec: {advanced: {horizontalPodAutoscalerConfig: {behavior: {scaleUp: {policies: [{type: Pods, value: 2, periodSeconds: 15}]}}}}}", Disruptive),
    (KEDA, "spec: {advanced: {horizontalPodAutoscalerConfig: {behavior: {scaleDown: {policies: [{type: Pods, value: 2, periodSeconds: 15}]}}}}}", "spec: {advanced: {horizontalPodAutoscalerConfig: {behavior: {scaleDown: {policies: [{type: Pods, value: 4, periodSeconds: 15}]}}}}}", Disruptive),
    (KEDA, "spec: {advanced: {horizontalPodAutoscalerConfig: {behavior: {scaleUp: {stabilizationWindowSeconds: 0}}}}}", "spec: {advanced: {horizontalPodAutoscalerConfig: {behavior: {scaleUp: {stabilizationWindowSeconds: 60}}}}}", Disruptive),
    (KEDA, "spec: {advanced: {horizontalPodAutoscalerConfig: {behavior: {scaleUp: {selectPolicy: Max}}}}}", "spec: {advanced: {horizontalPodAutoscalerConfig: {behavior: {scaleUp: {selectPolicy: Disabled}}}}}", Disruptive),
    (KEDA, "spec: {advanced: {horizontalPodAutoscalerConfig: {behavior: {scaleUp: {tolerance: 50m}}}}}", "spec: {advanced: {horizontalPodAutoscalerConfig: {behavior: {scaleUp: {tolerance: 100m}}}}}", Disruptive),
    ("PodDisruptionBudget", "spec: {maxUnavailable: 1}", "spec: {maxUnavailable: 90%}", Disruptive),
    ("PodDisruptionBudget", "spec: {maxUnavailable: 2}", "spec: {maxUnavailable: 1}", Safe),
    ("CronJob", "spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: kubectl, args: [patch, --patch, '{\"spec\":{\"minReplicas\":8}}']}]}}}}}", "spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: kubectl, args: [patch, --patch, '{\"spec\":{\"minReplicas\":4}}']}]}}}}}", Disruptive),
    ("CronJob", "spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: kubectl, args: [scale, --replicas=10]}]}}}}}", "spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: kubectl, args: [scale, --replicas=9]}]}}}}}", Disruptive),
    ("CronJob", "spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: kubectl, args: [scale, --replicas=9]}]}}}}}", "spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: kubectl, args: [scale, --replicas=10]}]}}}}}", Safe),
    ("RoleBinding", "subjects: [{kind: ServiceAccount, name: a}, {kind: ServiceAccount, name: b}]", "subjects: [{kind: ServiceAccount, name: a}]", Disruptive),
    ("pgbouncer", "pgbouncer: {client_tls_sslmode: allow}", "pgbouncer: {client_tls_sslmode: require}", Disruptive),
    ("pgbouncer", "pgbouncer: {server_tls_sslmode: prefer}", "pgbouncer: {server_tls_sslmode: verify-full}", Disruptive),
    ("pgbouncer", "pgbouncer: {server_tls_ca_file: a}", "pgbouncer: {server_tls_ca_file: b}", Disruptive),
    ("pgbouncer", "pgbouncer: {max_user_connections: 50}", "pgbouncer: {max_user_connections: 20}", Disruptive),
    ("pgbouncer", "pgbouncer: {max_db_connections: 0}", "pgbouncer: {max_db_connections: 20}", Disruptive),
    ("pgbouncer", "pgbouncer: {max_db_connections: 20}", "pgbouncer: {max_db_connections: 0}", Safe),
    ("pgbouncer", "pgbouncer: {query_timeout: 0}", "pgbouncer: {query_timeout: 30}", Disruptive),
    ("pgbouncer", "pgbouncer: {max_client_conn: 100}", "pgbouncer: {max_client_conn: 100, query_wait_timeout: 10}", Disruptive),
    ("pgbouncer", "pgbouncer: {max_client_conn: 100}", "pgbouncer: {max_client_conn: 100, idle_transaction_timeout: 10}", Disruptive),
    ("pgbouncer", "pgbouncer: {default_pool_size: 50}", "pgbouncer: {default_pool_size: 25}", Disruptive),
    ("pgbouncer", "users: {app: {max_user_connections: 50}}", "users: {app: {max_user_connections: 20}}", Disruptive),
    ("pgbouncer", "databases: {app: {host: a, pool_mode: session}}", "databases: {app: {host: a, pool_mode: transaction}}", Disruptive),
    ("nginx", "server a:80: {max_conns: '0'}", "server a:80: {max_conns: '64'}", Disruptive),
    ("ClusterConfig", "metadata: {name: a}", "metadata: {name: a, version: '1.34'}", Safe),
];

/// Kind, old document, new document, and a part of the reason of the worst edit.
type Reasoned = (&'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const REASONED: &[Reasoned] = &[
    ("pgbouncer", "databases: {app: {host: a, min_pool_size: 2}}", "databases: {app: {host: a}}", "nothing is known against it"),
    ("pgbouncer", "databases: {app: {host: a, user: b}}", "databases: {app: {host: a}}", "logs in to the server in another way"),
    ("pgbouncer", "databases: {app: {host: a}, old: {dbname: b, host: a}}", "databases: {app: {host: a}}", "clients of the entry are refused"),
    (KEDA, "spec: {triggers: [{type: kafka, metadata: {bootstrapServers: a}}]}", "spec: {triggers: [{type: kafka, metadata: {bootstrapServersFromEnv: A}}]}", "nothing is known against it"),
    (KEDA, "spec: {triggers: [{type: kafka, metadata: {topic: a}}, {type: cron, metadata: {start: a}}]}", "spec: {triggers: [{type: kafka, metadata: {topic: a}}]}", "no longer scales on this signal"),
    ("ClusterConfig", "managedNodeGroups: [{name: a, instanceTypes: [b, c, d]}]", "managedNodeGroups: [{name: a, instanceTypes: [b, c]}]", "does not change an existing group"),
    ("ClusterConfig", "managedNodeGroups: [{name: a, taints: [{key: b, effect: NoSchedule}, {key: c, effect: NoSchedule}]}]", "managedNodeGroups: [{name: a, taints: [{key: b, effect: NoSchedule}]}]", "does not change an existing group"),
    ("ClusterConfig", "managedNodeGroups: [{name: a}, {name: b}]", "managedNodeGroups: [{name: a}]", "the group runs on"),
    (HPA, "spec: {behavior: {scaleDown: {policies: [{type: Percent, value: 10, periodSeconds: 60}]}}}", "spec: {behavior: {scaleDown: {policies: [{type: Percent, value: 10, periodSeconds: 120}]}}}", "other policies decide how fast replicas go"),
    (HPA, "spec: {minReplicas: 2, behavior: {scaleDown: {policies: [{type: Percent, value: 10, periodSeconds: 60}]}}}", "spec: {minReplicas: 2}", "without a rule"),
    ("server", "listen: '80'", "", "go to another block"),
    ("nginx", "server a:80: {}", "", "keeps nginx from starting"),
];

fn side(kind: &str, text: &str) -> Vec<Object> {
    if text.is_empty() { Vec::new() } else { vec![object(kind, text)] }
}

#[test]
fn labelled_changes_have_their_class() {
    for (kind, old, new, expected) in LABELLED.iter().chain(REVIEWED) {
        let state = State { objects: side(kind, old), is_ours: true, ..State::default() };
        let changes = diff(&mut side(kind, new), &state, &Causes::default());
        let [change] = changes.objects.as_slice() else {
            panic!("{kind}: {old} to {new}: {} changes", changes.objects.len())
        };
        assert_eq!(change.risk.risk, *expected, "{kind}: {old} to {new}: {}", change.risk.reason);
        assert!(!change.risk.reason.is_empty());
    }
    assert!(LABELLED.len() >= 40);
}

#[test]
fn a_reason_speaks_of_what_changes() {
    for (kind, old, new, expected) in REASONED {
        let state = State { objects: side(kind, old), is_ours: true, ..State::default() };
        let change = diff(&mut side(kind, new), &state, &Causes::default()).objects.pop().unwrap();
        assert!(change.risk.reason.contains(expected), "{kind}: {old} to {new}: {}", change.risk.reason);
    }
}

/// An object that names a namespace now stands where it stood.
#[test]
fn a_namespace_that_comes_takes_nothing_away() {
    let state = State { objects: side(HPA, "metadata: {name: a}"), is_live: true, ..State::default() };
    let mut named = side(HPA, "metadata: {name: a, namespace: api}");
    let change = diff(&mut named, &state, &Causes::default()).objects.pop().unwrap();
    assert_eq!(change.risk.risk, Safe);
}

#[test]
fn inputs_have_their_class() {
    let check = |address: &str, before: Option<&str>, after: Option<&str>, expected: Risk| {
        let input = InputRef {
            address: crate::why::Address::verbatim(address),
            whole: None,
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
            before_place: None,
        };
        assert_eq!(of_input(&input).risk, expected, "{address}");
    };
    check("worker.download.kafka.partitions", Some("24"), Some("48"), Irreversible);
    check("worker.download.kafka.partitions", None, Some("48"), Safe);
    check("worker.download.kafka.consumer_group", Some("a"), Some("b"), Disruptive);
    check("database.main.max_connections", Some("100"), Some("200"), Restart);
    check("service.api.resources.memory", Some("1Gi"), Some("2Gi"), Restart);
    check("service.api.target_rps", Some("1"), Some("2"), Safe);
}

/// An autoscaler of another kind on the other side: the order of coming and going matters.
#[test]
fn a_handover_is_a_matter_of_order() {
    let target = "spec: {scaleTargetRef: {name: api}}";
    let check = |old: &str, new: &str| {
        let state = State { objects: side(old, target), ..State::default() };
        diff(&mut side(new, target), &state, &Causes::default()).objects.pop().unwrap().risk.risk
    };
    assert_eq!(check(HPA, "ScaledObject"), Order);
    assert_eq!(check("ScaledObject", HPA), Order);
    assert_eq!(check("PodDisruptionBudget", "ScaledObject"), Safe);
}

/// Who leaves is told that another comes, and a renamed one meets its former self.
#[test]
fn two_autoscalers_of_one_workload_meet() {
    let target = "spec: {scaleTargetRef: {name: api}}";
    let state = State { objects: side(HPA, target), is_ours: true, ..State::default() };
    let changes = diff(&mut side(KEDA, target), &state, &Causes::default());
    let verdicts: Vec<_> = changes.objects.iter().map(|it| (&it.action, it.risk.risk, it.risk.reason)).collect();
    assert!(verdicts.contains(&(&Action::Remove, Order, "the other autoscaler takes over: delete this one first")));

    let mut renamed = side(HPA, target);
    if let Identity::Kubernetes { name, .. } = &mut renamed[0].identity {
        *name = "api-http".to_owned();
    }
    let change = diff(&mut renamed, &state, &Causes::default()).objects.pop().unwrap();
    assert!(matches!(change.action, Action::Rename { .. }));
    assert_eq!(change.risk.risk, Order);
    assert!(change.risk.reason.contains("neither scales"));

    let gone = diff(&mut [], &state, &Causes::default()).objects.pop().unwrap();
    assert_eq!(gone.risk.risk, Disruptive);
}

/// Every row can be reached: no earlier one says the same of the same place.
#[test]
fn no_row_stands_behind_its_like() {
    for (at, row) in rows::ROWS.iter().enumerate() {
        let earlier = rows::ROWS.iter().take(at).find(|it| {
            (it.kind, it.place) == (row.kind, row.place) && (it.when == row.when || it.when == When::Always)
        });
        assert!(earlier.is_none(), "{} {} {:?}", row.kind, row.place, row.when);
        assert!(
            !row.reason.is_empty()
                && row.reason.chars().next().is_some_and(|it| !it.is_uppercase()
                    || row.reason.starts_with("KEDA")
                    || row.reason.starts_with("PgBouncer")
                    || row.reason.starts_with("PostgreSQL")
                    || row.reason.starts_with("Kafka")
                    || row.reason.starts_with("Karpenter")
                    || row.reason.starts_with("Redis")
                    || row.reason.starts_with("Strimzi"))
        );
    }
    assert!(ini::parse("[databases]\n").is_ok());
}

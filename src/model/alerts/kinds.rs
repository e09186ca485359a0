//! Every kind of alert: its name, how bad it is, and what it says.

use crate::spec::alerts::Severity;

/// One kind of alert.
#[derive(Debug)]
pub struct Kind {
    /// As `[alerts.rule.NAME]` and the label `alertname` have it.
    pub name: &'static str,
    /// What a panel calls what it watches.
    pub title: &'static str,
    /// The last key of its threshold's address.
    pub key: &'static str,
    pub severity: Severity,
    pub pace: Pace,
    /// What is wrong, behind the name of what it is wrong with.
    pub summary: &'static str,
    /// What the number counts.
    pub unit: &'static str,
    /// What comes next, and what to do.
    pub advice: &'static str,
}

/// Which of the two times of `[alerts]` it waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// `for`.
    Usual,
    /// `scaling_for`: pods and nodes need time to come.
    Scaling,
}

const fn kind(
    (name, title): (&'static str, &'static str),
    key: &'static str,
    severity: Severity,
    pace: Pace,
    summary: &'static str,
    (unit, advice): (&'static str, &'static str),
) -> Kind {
    Kind { name, title, key, severity, pace, summary, unit, advice }
}

pub static CAPACITY_NEAR_LIMIT: Kind = kind(
    ("CapacityNearLimit", "Demand"),
    "capacity_near_limit",
    Severity::Warning,
    Pace::Usual,
    "demand is near what all replicas together carry",
    ("per second or open at once", "Plan for more: raise the target in the spec before the demand is there."),
);
pub static CAPACITY_EXCEEDED: Kind = kind(
    ("CapacityExceeded", "Demand"),
    "capacity_exceeded",
    Severity::Critical,
    Pace::Usual,
    "demand is above what all replicas together carry",
    (
        "per second or open at once",
        "The safety margin is being used up: take load away, or raise the target in the spec.",
    ),
);
pub static CPU_NEAR_LIMIT: Kind = kind(
    ("CpuNearLimit", "CPU of each pod"),
    "cpu_near_limit",
    Severity::Warning,
    Pace::Usual,
    "a pod uses nearly all the CPU that it may",
    ("cores", "It is throttled next: give it more, or let fewer requests share a pod."),
);
pub static DATABASE_CONNECTIONS_NEAR_LIMIT: Kind = kind(
    ("DatabaseConnectionsNearLimit", "Connections of the server"),
    "connections_near_limit",
    Severity::Warning,
    Pace::Usual,
    "nearly all connections of the server are open",
    ("connections", "The next ones are refused: find who holds them, before the pools are made larger."),
);
pub static ERROR_RATE_ABOVE_SLO: Kind = kind(
    ("ErrorRateAboveSlo", "Failures"),
    "error_rate_above_slo",
    Severity::Critical,
    Pace::Usual,
    "more fail than promised",
    ("percent", "The error budget is being spent: look at the last change first."),
);
pub static LATENCY_P95_ABOVE_SLO: Kind = kind(
    ("LatencyP95AboveSlo", "95th percentile"),
    "latency_p95_above_slo",
    Severity::Warning,
    Pace::Usual,
    "the 95th percentile is slower than promised",
    ("seconds", "Look at what saturates: replicas, pools, the database."),
);
pub static LATENCY_P99_ABOVE_SLO: Kind = kind(
    ("LatencyP99AboveSlo", "99th percentile"),
    "latency_p99_above_slo",
    Severity::Warning,
    Pace::Usual,
    "the 99th percentile is slower than promised",
    ("seconds", "Look at what saturates: replicas, pools, the database."),
);
pub static MEMORY_NEAR_LIMIT: Kind = kind(
    ("MemoryNearLimit", "Memory of each pod"),
    "memory_near_limit",
    Severity::Warning,
    Pace::Usual,
    "a pod holds nearly all the memory that it may",
    ("bytes", "It is killed next: give it more, or find what leaks."),
);
pub static NODES_AT_MAXIMUM: Kind = kind(
    ("NodesAtMaximum", "Nodes"),
    "nodes_at_maximum",
    Severity::Warning,
    Pace::Scaling,
    "the node group has no more nodes to give",
    ("nodes", "Further pods stay pending: raise the group's limit in the spec, or take pods away."),
);
pub static PODS_PENDING: Kind = kind(
    ("PodsPending", "Pending pods"),
    "pods_pending",
    Severity::Warning,
    Pace::Scaling,
    "pods find no node",
    ("pods", "Look at their events, at quotas and at the node groups."),
);
pub static POOL_CLIENTS_NEAR_LIMIT: Kind = kind(
    ("PoolClientsNearLimit", "Clients of each process"),
    "clients_near_limit",
    Severity::Warning,
    Pace::Usual,
    "a PgBouncer has nearly all the clients that it takes",
    ("clients of one process", "The next ones are refused: find who holds them, or raise the limit."),
);
pub static POOL_CLIENTS_WAITING: Kind = kind(
    ("PoolClientsWaiting", "Clients that wait"),
    "clients_waiting",
    Severity::Warning,
    Pace::Usual,
    "clients wait for a server connection",
    ("clients", "Queries are slow, or the pool is small."),
);
pub static POOL_RESERVE_IN_USE: Kind = kind(
    ("PoolReserveInUse", "Server connections of each process"),
    "pool_reserve_in_use",
    Severity::Warning,
    Pace::Usual,
    "the pool lives on its reserve",
    ("server connections of one process", "Clients wait next: queries are slow, or the pool is small."),
);
pub static QUEUE_LAG_BEYOND_CAPACITY: Kind = kind(
    ("QueueLagBeyondCapacity", "Lag"),
    "queue_lag_beyond_capacity",
    Severity::Critical,
    Pace::Usual,
    "more waits than all replicas clear in time",
    (
        "messages",
        "Even at the most replicas they wait longer than planned: find what slows the workers, or raise the limits in the spec.",
    ),
);
pub static QUEUE_LAG_HIGH: Kind = kind(
    ("QueueLagHigh", "Lag of each replica"),
    "queue_lag_high",
    Severity::Warning,
    Pace::Scaling,
    "more waits for each replica than it clears in time",
    (
        "messages for each replica",
        "The autoscaler should have added replicas: look at its events, and at what slows the workers.",
    ),
);
pub static QUEUE_STALLED: Kind = kind(
    ("QueueStalled", "Lag"),
    "queue_stalled",
    Severity::Critical,
    Pace::Scaling,
    "messages wait, and none is taken",
    ("messages", "The consumers hang, or none is there."),
);
pub static REPLICAS_AT_MAXIMUM: Kind = kind(
    ("ReplicasAtMaximum", "Replicas"),
    "replicas_at_maximum",
    Severity::Warning,
    Pace::Scaling,
    "the autoscaler has no more replicas to give",
    ("replicas", "What comes on top finds nobody: raise the target in the spec where the demand is here to stay."),
);
pub static REPLICAS_BELOW_MINIMUM: Kind = kind(
    ("ReplicasBelowMinimum", "Ready pods"),
    "replicas_below_minimum",
    Severity::Critical,
    Pace::Scaling,
    "fewer pods are ready than there must be",
    ("pods", "Look at restarts, probes and pending pods."),
);

/// Every kind, sorted by name.
pub static KINDS: [&Kind; 18] = [
    &CAPACITY_EXCEEDED,
    &CAPACITY_NEAR_LIMIT,
    &CPU_NEAR_LIMIT,
    &DATABASE_CONNECTIONS_NEAR_LIMIT,
    &ERROR_RATE_ABOVE_SLO,
    &LATENCY_P95_ABOVE_SLO,
    &LATENCY_P99_ABOVE_SLO,
    &MEMORY_NEAR_LIMIT,
    &NODES_AT_MAXIMUM,
    &PODS_PENDING,
    &POOL_CLIENTS_NEAR_LIMIT,
    &POOL_CLIENTS_WAITING,
    &POOL_RESERVE_IN_USE,
    &QUEUE_LAG_BEYOND_CAPACITY,
    &QUEUE_LAG_HIGH,
    &QUEUE_STALLED,
    &REPLICAS_AT_MAXIMUM,
    &REPLICAS_BELOW_MINIMUM,
];

//! Makes specs of any size, the same on every machine: the platform of a large company, one file per team.
//!
//! It knows the spec language and nothing of capgen. A team has up to 20 workloads: 12 services with a HorizontalPodAutoscaler
//! and 8 Kafka workers with a ScaledObject, all with a disruption budget. Every fifth workload has a schedule, which makes
//! three documents more for its CronJobs and their rights: 3 documents per workload, 2.4 files. Beside them a team has a
//! database, a PgBouncer, an nginx upstream and a node group that runs all of it.
//!
//! The same values are written twice, as TOML for capgen and as JSON for a program that is compared with it.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Map, Value, json};

/// Workloads of one team, which is one included file.
pub(crate) const TEAM: usize = 20;

/// Writes `capacity.toml` and `teams/*.toml` for so many workloads, and `capacity.jsonnet` and `teams/*.json` beside them.
///
/// # Errors
/// The folder cannot be written.
pub(crate) fn generate(folder: &Path, workloads: usize) -> io::Result<()> {
    let teams = folder.join("teams");
    fs::create_dir_all(&teams)?;
    let root = root();
    fs::write(folder.join("capacity.toml"), format!("version = 1\ninclude = [\"teams/*.toml\"]\n{}", toml(&root)))?;
    let mut imports = String::new();
    for (team, first) in (0..workloads).step_by(TEAM).enumerate() {
        let name = format!("team-{team:04}");
        let table = self::team(&name, first..workloads.min(first + TEAM));
        fs::write(teams.join(format!("{name}.toml")), toml(&table))?;
        fs::write(teams.join(format!("{name}.json")), Value::Object(table).to_string())?;
        imports += &format!("  import 'teams/{name}.json',\n");
    }
    let program = format!("(import 'documents.libsonnet')(\n{},\n[\n{imports}])\n", Value::Object(root));
    fs::write(folder.join("capacity.jsonnet"), program)?;
    fs::write(folder.join("documents.libsonnet"), include_str!("jsonnet/documents.libsonnet"))
}

fn root() -> Map<String, Value> {
    members(json!({
        "platform": {
            "name": "acme",
            "namespace": "production",
            "labels": { "managed-by": "capgen", "part-of": "acme" },
        },
        "defaults": { "safety_margin": 1.5 },
        "cluster": { "name": "acme-production", "region": "us-east-1" },
    }))
}

fn team(name: &str, numbers: std::ops::Range<usize>) -> Map<String, Value> {
    let mut services = Map::new();
    let mut workers = Map::new();
    let mut schedules = Map::new();
    for number in numbers {
        match number % 5 {
            0..=2 => services.insert(format!("service-{number:05}"), service(number, name)),
            _ => workers.insert(format!("worker-{number:05}"), worker(number)),
        };
        if number.is_multiple_of(5) {
            schedules.insert(format!("office-hours-{number:05}"), schedule(number));
        }
    }
    let runs: Vec<&String> = services.keys().chain(workers.keys()).collect();
    let group = json!({ "instance_types": ["m5.2xlarge", "m5a.2xlarge"], "runs": runs, "headroom": 1.2 });
    let pools = json!({ name: { "database": name, "share": 0.7 }, format!("{name}-reports"): { "database": name, "users": 2 } });
    members(json!({
        "service": services,
        "worker": workers,
        "schedule": schedules,
        "database": { name: { "host": format!("{name}.db.internal"), "max_connections": 500, "reserved_connections": 20 } },
        "pgbouncer": { name: { "instances": 2, "settings": { "server_lifetime": "1h" }, "pool": pools } },
        "upstream": { name: { "servers": format!("{name}-{{n}}:8000"), "count": 4, "keepalive": 32, "balance": "least_conn" } },
        "nodegroup": { name: group },
    }))
}

/// Requests per second that a pod of a service carries, memory it requests.
const SIZES: [(usize, &str); 4] = [(200, "512Mi"), (250, "768Mi"), (500, "1Gi"), (1_000, "2Gi")];

fn service(number: usize, team: &str) -> Value {
    let (rps_per_pod, memory) = SIZES[number % SIZES.len()];
    json!({
        "target_rps": rps_per_pod * peak_pods(number),
        "base_rps": rps_per_pod * 2,
        "rps_per_pod": rps_per_pod,
        "resources": { "cpu": "500m", "memory": memory, "cpu_limit": "1", "memory_limit": "4Gi" },
        "pool_connections": { team: 2 },
        "autoscale": { "cpu": 70, "rps": { "metric": "http_requests_per_second" } },
    })
}

/// Pods that carry the peak of a service without a margin.
fn peak_pods(number: usize) -> usize {
    4 + number % 10
}

/// Mean time per message in milliseconds, messages in flight, and what follows from both: messages per second.
const CONSUMERS: [(usize, usize, usize); 3] = [(250, 20, 80), (500, 100, 200), (2_000, 200, 100)];

fn worker(number: usize) -> Value {
    let (time, concurrency, throughput) = CONSUMERS[number % CONSUMERS.len()];
    json!({
        "event_rate": throughput * 8,
        "base_event_rate": throughput,
        "processing_time": format!("{time}ms"),
        "concurrency": concurrency,
        "lag_target": "10s",
        "resources": { "cpu": "250m", "memory": "512Mi", "cpu_limit": "1", "memory_limit": "1Gi" },
        "kafka": {
            "topic": format!("acme.events.{number:05}"),
            "partitions": 24,
            "consumer_group": format!("worker-{number:05}"),
            "bootstrap_servers": "kafka:9092",
            "offset_reset_policy": "earliest",
        },
        "autoscale": { "memory": 80, "fallback": { "failure_threshold": 3, "replicas": 6 } },
    })
}

fn schedule(number: usize) -> Value {
    let (rps_per_pod, _) = SIZES[number % SIZES.len()];
    json!({
        "service": format!("service-{number:05}"),
        "start": "0 7 * * 1-5",
        "end": "0 18 * * 1-5",
        "time_zone": "Asia/Kathmandu",
        "rps": rps_per_pod * 3,
    })
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// A table as a person writes it: a header for each entry and for what has tables in it, one line for what is smaller.
fn toml(table: &Map<String, Value>) -> String {
    let mut out = String::new();
    tables(&mut out, &[], table);
    out
}

fn tables(out: &mut String, path: &[&str], table: &Map<String, Value>) {
    let has_header = |value: &Value| match value {
        Value::Object(members) => path.len() < 2 || members.values().any(Value::is_object),
        _ => false,
    };
    let (below, own): (Vec<_>, Vec<_>) = table.iter().partition(|(_, value)| has_header(value));
    if !own.is_empty() {
        *out += &format!("\n[{}]\n", path.join("."));
    }
    for (key, value) in own {
        *out += &format!("{key} = {}\n", inline(value));
    }
    for (key, value) in below {
        if let Value::Object(members) = value {
            tables(out, &[path, &[key.as_str()]].concat(), members);
        }
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members: Vec<String> =
                members.iter().map(|(key, value)| format!("{key} = {}", inline(value))).collect();
            format!("{{ {} }}", members.join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        scalar => scalar.to_string(),
    }
}

//! Headlines of two specs, each as `capgen` would resolve it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use crate::diag::Sink;
use crate::diag::source::Sources;
use crate::model;
use crate::spec::{self, Files, Request};

use super::super::tables;
use super::*;

/// The one file of a test.
struct OneFile<'a>(&'a str);

impl Files for OneFile<'_> {
    fn read(&self, _: &str) -> Result<String, String> {
        Ok(self.0.to_owned())
    }

    fn matching(&self, _: &str) -> Result<Vec<String>, String> {
        Ok(Vec::new())
    }
}

fn causes(text: &str) -> Causes {
    let text = format!("version = 1\n{text}");
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let request = Request { file: "capacity.toml", env: None, set: &[] };
    let model = spec::parse(&request, &OneFile(&text), &mut sources, &mut sink)
        .and_then(|spec| model::resolve(&spec, &mut sink));
    model.unwrap_or_else(|_| panic!("{:#?}", sink.into_sorted())).causes
}

/// What the lock of a build would remember.
fn memory(causes: &Causes) -> Memory {
    Memory::of("0.1.0", causes)
}

/// The headline as lines: `service.api 100000 → 120000 requests/s, pods → pods, 5 → 5, 30 → 36`.
fn check(before: Option<&str>, after: &str, expected: &[&str]) {
    let (memory, causes) = (before.map(|it| memory(&causes(it))), causes(after));
    let Headline { workloads, pools, nodegroups, monthly_cost, .. } =
        headline(&causes, memory.as_ref(), &tables::compare(&causes, memory.as_ref()).tables);
    let side = |it: &Option<String>| it.clone().unwrap_or("-".to_owned());
    let show = |it: &Shift| format!("{} → {}", side(&it.before), side(&it.after));
    let mut lines = Vec::new();
    for row in workloads {
        let [peak, binds, min, max] = [&row.peak, &row.binds, &row.min_replicas, &row.max_replicas].map(show);
        lines.push(format!("{} {peak} {}, {binds}, {min}, {max}", row.address, row.unit));
    }
    for row in pools {
        let [processes, each, all] = [&row.processes, &row.each, &row.all].map(show);
        lines.push(format!("{} {processes} × {each} = {all}", row.address));
    }
    for row in nodegroups {
        let [min, max, cost] = [&row.min, &row.max, &row.monthly_cost].map(show);
        lines.push(format!("{} {min}, {max}, {cost}", row.address));
    }
    lines.extend(monthly_cost.iter().map(|it| format!("cost {}", show(it))));
    assert_eq!(lines, expected);
}

const PLATFORM: &str = "
[service.api]
target_rps = 100_000
base_rps = 15_000
rps_per_pod = 5_000
resources = { cpu = '1', memory = '2Gi' }
[service.web]
replicas = 2
[worker.download]
event_rate = 100
throughput_per_worker = 100
[cluster]
name = 'production'
region = 'us-east-1'
[nodegroup.general]
instance_types = ['m5.2xlarge']
runs = ['api']
[nodegroup.spot]
instance_types = ['m5.large']
min = 1
max = 4
";

#[test]
fn only_rows_that_differ_are_told() {
    check(Some(PLATFORM), PLATFORM, &["cost 1962.24 → 1962.24"]);
    let more = PLATFORM.replace("target_rps = 100_000", "target_rps = 200_000");
    check(
        Some(PLATFORM),
        &more,
        &[
            "service.api 100000 → 200000 requests/s, pods → pods, 5 → 5, 30 → 60",
            "nodegroup.general 2 → 2, 6 → 11, 1681.92 → 3083.52",
            "cost 1962.24 → 3363.84",
        ],
    );
}

#[test]
fn what_comes_and_what_goes_has_one_side() {
    let without = PLATFORM.replace("[worker.download]\nevent_rate = 100\nthroughput_per_worker = 100\n", "");
    check(
        Some(PLATFORM),
        &without,
        &["worker.download 133 → - messages/s, pods → -, 2 → -, 2 → -", "cost 1962.24 → 1962.24"],
    );
    check(
        Some(&without),
        PLATFORM,
        &["worker.download - → 133 messages/s, - → pods, - → 2, - → 2", "cost 1962.24 → 1962.24"],
    );
}

#[test]
fn a_side_without_memory_leaves_its_half_open() {
    check(
        None,
        PLATFORM,
        &[
            "service.api - → 100000 requests/s, - → pods, - → 5, - → 30",
            "service.web - → - requests/s, - → -, - → 2, - → 2",
            "worker.download - → 133 messages/s, - → pods, - → 2, - → 2",
            "nodegroup.general - → 2, - → 6, - → 1681.92",
            "nodegroup.spot - → 1, - → 4, - → 280.32",
            "cost - → 1962.24",
        ],
    );
}

#[test]
fn a_fixed_count_becomes_a_scaled_one() {
    let fixed = "[service.api]\nreplicas = 3\n";
    let scaled = "[service.api]\nautoscale = { min = 2, max = 5 }\n";
    check(Some(fixed), scaled, &["service.api - → - requests/s, - → -, 3 → 2, 3 → 5"]);
}

#[test]
fn another_unit_is_not_compared() {
    let requests = "[service.chat]\ntarget_rps = 100\nrps_per_pod = 10\n";
    let connections = "[service.chat]\ntarget_connections = 5000\nconnections_per_pod = 1000\n";
    check(Some(requests), connections, &["service.chat - → 5333 connections, pods → pods, 2 → 2, 15 → 8"]);
    check(Some(connections), "", &["service.chat 5333 → - connections, pods → -, 2 → -, 8 → -"]);
    let both = &format!("{requests}target_connections = 5000\nconnections_per_pod = 1000\n");
    check(Some(requests), both, &[]);
}

#[test]
fn a_pool_is_counted_over_all_processes() {
    let platform = |instances: &str| {
        format!(
            "[database.main]\nhost = 'db'\nmax_connections = 400\n[pgbouncer.main]\nmax_client_conn = 900\n\
             instances = {instances}\n[pgbouncer.main.pool.orders]\ndatabase = 'main'\n"
        )
    };
    let expected = ["pgbouncer.main.pool.orders 2 → 3 × 198 → 132 = 396 → 396"];
    check(Some(&platform("2")), &platform("3"), &expected);
}

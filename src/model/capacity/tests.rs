//! Capacity as specs see it: text in, numbers and formulas out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use proptest::prelude::*;

use crate::diag::Sink;
use crate::diag::source::Sources;
use crate::model::{self, Model};
use crate::spec::{self, Files, Request};
use crate::unit::exact::Exact;
use crate::why::Address;

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

fn model(text: &str) -> Model {
    let text = format!("version = 1\n{text}");
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let request = Request { file: "capacity.toml", env: None, set: &[] };
    let model = spec::parse(&request, &OneFile(&text), &mut sources, &mut sink)
        .and_then(|spec| model::resolve(&spec, &mut sink));
    model.unwrap_or_else(|_| panic!("{:#?}", sink.into_sorted()))
}

/// `= formula with the numbers = value`, without addresses: `floor(30 × 5000 / 1.5) = 100000`.
fn number(model: &Model, address: &str) -> String {
    let why = model.causes.get(&Address::verbatim(address)).unwrap_or_else(|| panic!("no cause of {address}"));
    let Some(numbers) = why.numbers() else { panic!("{address} is no formula") };
    for input in why.inputs {
        assert!(model.causes.get(input).is_some(), "{address} names {input}, which has no reason");
    }
    format!("{numbers} = {}", why.value)
}

/// The last keys and values of everything below an address.
fn below(model: &Model, table: &str) -> Vec<String> {
    let table = Address::verbatim(table);
    let entries = model.causes.iter().filter(|(address, _)| address.is_within(&table));
    let key = |address: &Address| address.as_str()[table.as_str().len() + 1..].to_owned();
    entries.map(|(address, why)| format!("{} {}", key(address), why.value)).collect()
}

const PLATFORM: &str = "
[service.api]
target_rps = 100_000
base_rps = 15_000
rps_per_pod = 5_000
resources = { cpu = '1', memory = '2Gi' }
pool_connections = { labeling = 10 }
database_connections = { main = 1 }
[worker.download]
event_rate = 1_000
base_event_rate = 100
processing_time = '3s'
concurrency = 200
lag_target = '10s'
resources = { cpu = '500m', memory = '512Mi' }
kafka = { topic = 'downloads', partitions = 24, consumer_group = 'download', bootstrap_servers = 'kafka:9092' }
[database.main]
host = 'primary-db'
max_connections = 400
reserved_connections = 20
[pgbouncer.main]
instances = 2
[pgbouncer.main.pool.labeling]
database = 'main'
share = 0.7
[cluster]
name = 'production'
region = 'us-east-1'
[nodegroup.general]
instance_types = ['m5.2xlarge']
runs = ['api', 'download']
daemonsets = { cpu = '250m', memory = '400Mi', pods = 4 }
";

#[test]
fn a_derived_platform_carries_its_target_on_every_layer() {
    let model = model(PLATFORM);
    assert_eq!(number(&model, "service.api.capacity.pods"), "floor(30 × 5000 / 1.5) = 100000");
    assert_eq!(number(&model, "database.main.spare_connections"), "347 − 2 × 121 = 105");
    assert_eq!(number(&model, "service.api.capacity.database"), "floor((30 + floor(105 / 1)) × 5000 / 1.5) = 450000");
    assert_eq!(number(&model, "service.api.capacity.peak"), "min(100000, 450000) = 100000");
    assert_eq!(number(&model, "service.api.capacity.binds"), "pods 100000, database 450000 = pods");
    // What follows the pods is no layer.
    assert!(
        below(&model, "service.api.capacity").iter().all(|it| !it.starts_with("clients") && !it.starts_with("nodes"))
    );
    assert_eq!(number(&model, "worker.download.capacity.pods"), "floor(23 × (200 / 3) / 1.5) = 1022");
    assert_eq!(number(&model, "worker.download.capacity.partitions"), "floor(24 × (200 / 3) / 1.5) = 1066");
    assert_eq!(number(&model, "worker.download.capacity.peak"), "min(1022, 1066) = 1022");
    assert_eq!(number(&model, "cluster.monthly_cost_min"), "560.64 = 560.64");
    assert_eq!(number(&model, "cluster.monthly_cost_max"), "2242.56 = 2242.56");
}

#[test]
fn a_layer_pinned_below_the_pods_binds() {
    let pinned = PLATFORM.replace("instances = 2", "instances = 2\nmax_client_conn = 255");
    let pinned = model(&pinned);
    assert_eq!(number(&pinned, "pgbouncer.main.clients"), "30 × 10 = 300");
    let clients = "floor((30 + floor((255 − 300) / 10)) × 5000 / 1.5) = 83333";
    assert_eq!(number(&pinned, "service.api.capacity.clients"), clients);
    assert!(below(&pinned, "service.api.capacity").contains(&"binds clients".to_owned()));

    let pinned = model(&PLATFORM.replace("[nodegroup.general]", "[nodegroup.general]\nmax = 5"));
    let nodes = "floor(min(30, floor(30 × 5 / (6 × 1.2))) × 5000 / 1.5) = 66666";
    assert_eq!(number(&pinned, "service.api.capacity.nodes"), nodes);
    assert!(below(&pinned, "service.api.capacity").contains(&"binds nodes".to_owned()));
    assert!(below(&pinned, "worker.download.capacity").contains(&"binds nodes".to_owned()));

    let ample = model(&PLATFORM.replace("[nodegroup.general]", "[nodegroup.general]\nmax = 8"));
    let nodes = "floor(min(30, floor(30 × 8 / (6 × 1.2))) × 5000 / 1.5) = 100000";
    assert_eq!(number(&ample, "service.api.capacity.nodes"), nodes);
    assert!(below(&ample, "service.api.capacity").contains(&"binds pods".to_owned()));
}

#[test]
fn clients_beyond_what_others_leave_are_none() {
    let text = "
[service.api]
target_rps = 100
rps_per_pod = 10
pool_connections = { main = 1, second = 1, replica = 1 }
[service.web]
autoscale = { max = 50 }
pool_connections = { main = 1 }
[database.main]
host = 'db'
[pgbouncer.one]
max_client_conn = 40
[pgbouncer.one.pool.main]
database = 'main'
[pgbouncer.one.pool.second]
database = 'main'
[pgbouncer.two]
max_client_conn = 20
[pgbouncer.two.pool.replica]
database = 'main'
";
    let model = model(text);
    assert_eq!(number(&model, "pgbouncer.one.clients"), "15 × 1 + 50 × 1 + 15 × 1 = 80");
    // Twenty of the fifteen pods would have to go.
    let none =
        "floor(max(0, min(15 + floor((40 − 80) / 2), 15 + floor((20 − 15) / 1))) × 10 / 1.5) to a thousandth = 0";
    assert_eq!(number(&model, "service.api.capacity.clients"), none);
    assert_eq!(number(&model, "service.api.capacity.peak"), "min(100, 0) = 0");
    assert_eq!(below(&model, "service.web.capacity"), [""; 0]);
}

#[test]
fn a_second_kind_of_demand_comes_along_in_proportion() {
    let both = "
[service.chat]
target_rps = 1_000
rps_per_pod = 100
target_connections = 50_000
connections_per_pod = 1_000
";
    let pods = "floor(75 × min(100, 1000 × 1000 / 50000) / 1.5) = 1000";
    assert_eq!(number(&model(both), "service.chat.capacity.pods"), pods);

    let connections = model(&both.replace("target_rps = 1_000", ""));
    assert_eq!(number(&connections, "service.chat.capacity.pods"), "floor(75 × 1000 / 1.5) = 50000");

    let neither = both.replace("target_rps = 1_000", "").replace("target_connections = 50_000", "replicas = 7");
    assert_eq!(number(&model(&neither), "service.chat.capacity.pods"), "floor(7 × 100 / 1.5) = 466");
}

#[test]
fn small_demands_keep_their_thousandths() {
    let model = model("[worker.video]\nevent_rate = 0.01\nprocessing_time = '10m'\nconcurrency = 1\n");
    assert_eq!(number(&model, "worker.video.capacity.pods"), "floor(9 × (1 / 600) / 1.5) to a thousandth = 0.01");
}

#[test]
fn what_says_nothing_of_a_pod_has_no_capacity() {
    let model = model("[service.api]\nautoscale = { min = 2, max = 10 }\n");
    assert_eq!(below(&model, "service.api.capacity"), [""; 0]);
    assert!(model.causes.iter().all(|(address, _)| !address.as_str().starts_with("cluster")));
}

#[test]
fn the_cost_of_a_cluster_is_that_of_all_groups_or_none() {
    let groups = "
[cluster]
name = 'production'
region = 'us-east-1'
[nodegroup.a]
instance_types = ['m5.2xlarge']
min = 1
max = 2
[nodegroup.b]
instance_types = ['x9.huge']
min = 1
max = 3
[instance.'x9.huge']
cpu = '8'
memory = '16Gi'
max_pods = 58
";
    assert_eq!(below(&model(groups), "cluster"), ["name production", "region us-east-1"]);
    let priced = model(&format!("{groups}price = 1.005\n"));
    assert_eq!(number(&priced, "cluster.monthly_cost_max"), "560.64 + 2200.95 = 2761.59");
}

proptest! {
    /// A derived platform carries what it was made for: nothing is lost between the two directions of one formula.
    #[test]
    fn what_is_derived_carries_its_target(rps in 10_u32..10_000_000, per_pod in 1_u32..100_000, margin in 100_u32..400) {
        prop_assume!(rps / per_pod < 1_000_000);
        let margin = format!("{}.{:02}", margin / 100, margin % 100);
        let text = format!("[service.api]\ntarget_rps = {rps}\nrps_per_pod = {per_pod}\nsafety_margin = {margin}\n");
        let model = model(&text);
        let peak = model.causes.get(&Address::verbatim("service.api.capacity.peak")).unwrap();
        prop_assert!(Exact::parse(peak.value).unwrap() >= Exact::from(i64::from(rps)), "{} of {rps}", peak.value);
    }
}

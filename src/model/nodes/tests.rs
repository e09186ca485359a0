//! Node groups from the text of a spec to nodes, dollars and errors.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use crate::diag::Sink;
use crate::diag::source::Sources;
use crate::model::{platform, workloads};
use crate::spec::{self, Files, Request};
use crate::why::{Causes, Origin};

use super::*;

struct Single<'a>(&'a str);

impl Files for Single<'_> {
    fn read(&self, _: &str) -> Result<String, String> {
        Ok(self.0.to_owned())
    }

    fn matching(&self, _: &str) -> Result<Vec<String>, String> {
        Ok(Vec::new())
    }
}

struct Outcome {
    cluster: Option<Cluster>,
    groups: Vec<NodeGroup>,
    causes: Causes,
    /// Message, labels and help of each diagnostic, `; ` between them.
    errors: Vec<String>,
}

fn outcome(text: &str) -> Outcome {
    let mut sources = Sources::default();
    let mut sink = Sink::default();
    let request = Request { file: "capacity.toml", env: None, set: &[] };
    let text = format!("version = 1\n{text}");
    let spec = spec::parse(&request, &Single(&text), &mut sources, &mut sink).unwrap_or_default();
    let mut reasons = Reasons::new();
    let workloads = workloads::resolve(&spec, (1, 34), &mut reasons);
    let known = reasons.causes.clone();
    let (cluster, groups) = resolve(&spec, &workloads, &known, &mut reasons);
    sink.append(reasons.sink);
    let shown = |it: Diagnostic| {
        let labels = it.labels.iter().map(|label| format!("{}: {}", sources.snippet(label.span), label.text));
        [it.message.clone()].into_iter().chain(labels).chain(it.help.iter().cloned()).collect::<Vec<_>>().join("; ")
    };
    let errors = sink.into_sorted().into_iter().map(shown).collect();
    Outcome { cluster, groups, causes: reasons.causes, errors }
}

const CLUSTER: &str = "[cluster]\nname = 'production'\nregion = 'us-east-1'\n";

const WORKLOADS: &str = "
[service.api]
target_rps = 100_000
base_rps = 15_000
rps_per_pod = 5_000
resources = { cpu = '1', memory = '2Gi' }
[worker.download]
event_rate = 1_000
base_event_rate = 100
processing_time = '3s'
concurrency = 200
lag_target = '10s'
resources = { cpu = '500m', memory = '512Mi' }
[worker.download.kafka]
topic = 'downloads'
partitions = 24
consumer_group = 'download'
bootstrap_servers = 'kafka:9092'
";

/// The only group of a spec that has no error.
fn single(text: &str) -> (NodeGroup, Causes) {
    let mut outcome = outcome(&format!("{CLUSTER}{WORKLOADS}{text}"));
    assert_eq!(outcome.errors, [""; 0]);
    assert_eq!(outcome.groups.len(), 1);
    (outcome.groups.remove(0), outcome.causes)
}

/// The one error of a spec: message, what the places say, help.
#[track_caller]
fn check_error(text: &str, expected: &str) {
    let outcome = outcome(&format!("{CLUSTER}{WORKLOADS}{text}"));
    assert_eq!(outcome.errors, [expected]);
}

const GENERAL: &str = "
[nodegroup.general]
instance_types = ['m5.2xlarge']
runs = ['api', 'download']
daemonsets = { cpu = '250m', memory = '400Mi', pods = 4 }
";

#[test]
fn design_example() {
    let (group, causes) = single(GENERAL);
    assert_eq!((group.min.value, group.max.value), (2, 8));
    assert_eq!(group.packed.unwrap().value, 6);
    assert!(group.desired.is_none());
    let numbers = |key: &str| match causes.get(&Address::of(["nodegroup", "general", key])).unwrap().origin {
        Origin::Formula { numbers, .. } => numbers.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(numbers("max"), "ceil(6 × 1.2)");
    assert_eq!(numbers("min"), "ceil(1 × 1.2)");
    let packed = "first-fit-decreasing: 30 × api (1, 2Gi) + 23 × download (500m, 512Mi) \
                  on m5.2xlarge (7660m, 28917Mi, 54 pods)";
    assert_eq!(numbers("packed"), packed);
    assert!(numbers("packed_at_floor").starts_with("first-fit-decreasing: 5 × api (1, 2Gi) + 3 × download"));
    let roots: Vec<&str> = causes.roots(&group.max.address).into_iter().map(Address::as_str).collect();
    for root in [
        "instance.\"m5.2xlarge\"",
        "nodegroup.general.daemonsets.pods",
        "nodegroup.general.headroom",
        "nodegroup.general.runs[0]",
        "service.api.resources.memory",
        "service.api.target_rps",
        "worker.download.processing_time",
    ] {
        assert!(roots.contains(&root), "{root} is missing in {roots:?}");
    }
}

#[test]
fn cost_is_730_hours_of_the_dearest_type() {
    let cost = |text: &str| {
        let (group, causes) = single(&format!("{GENERAL}{text}"));
        let cost = group.cost.unwrap();
        let text = |it: &Derived<Exact>| causes.get(&it.address).unwrap().value.to_string();
        assert_eq!(cost.max.value.to_string().parse::<f64>().ok(), text(&cost.max).parse().ok());
        (text(&cost.hourly), text(&cost.min), text(&cost.max))
    };
    let expect = |hourly: &str, min: &str, max: &str| (hourly.to_owned(), min.to_owned(), max.to_owned());
    assert_eq!(cost(""), expect("0.384", "560.64", "2242.56"));
    assert_eq!(cost("spot = true"), expect("0.384", "560.64", "2242.56"));
    assert_eq!(cost("price = 0.5"), expect("0.5", "730.00", "2920.00"));
    assert_eq!(cost("spot = { max_price = 0.25 }"), expect("0.25", "365.00", "1460.00"));
    assert_eq!(cost("spot = { max_price = 0.25 }\nprice = 0.3"), expect("0.3", "438.00", "1752.00"));
    assert_eq!(cost("[instance.'m5.2xlarge']\ncpu = '7910m'\nmemory = '29317Mi'\nmax_pods = 58\nprice = 1"), {
        expect("1", "1460.00", "5840.00")
    });
}

#[test]
fn prices_keep_their_digits() {
    let (group, causes) = single(
        "[nodegroup.flex]\ninstance_types = ['m7i-flex.large', 'm7a.4xlarge']\nmin = 0\nmax = 100\nspot = true\n",
    );
    let cost = group.cost.unwrap();
    let why = causes.get(&cost.hourly.address).unwrap();
    assert_eq!(why.value, "0.92736");
    assert_eq!(why.numbers(), Some("max(0.09576, 0.92736)"));
    assert_eq!(causes.get(&cost.max.address).unwrap().value, "67697.28");
    assert_eq!(causes.get(&cost.min.address).unwrap().value, "0.00");
    assert_eq!(decimal(Exact::parse("0.000000001").unwrap()), "0.000000001");
    assert_eq!(decimal(Exact::from(12)), "12");
}

#[test]
fn self_managed_groups_take_as_many_pods_as_addresses() {
    let tiny = "[service.tiny]\nreplicas = 200\nresources = { cpu = '1m', memory = '1Mi' }\n\
                [nodegroup.n]\ninstance_types = ['m5.4xlarge']\nruns = ['tiny']\nheadroom = 1.0\n";
    let (managed, _) = single(tiny);
    assert_eq!((managed.packed.unwrap().value, managed.max.value), (2, 2));
    let (mixed, _) = single(&format!("{tiny}spot = {{}}\n"));
    assert_eq!((mixed.packed.unwrap().value, mixed.max.value), (1, 1));
}

#[test]
fn the_smallest_type_counts() {
    let types = |types: &str| {
        let text = format!("[nodegroup.n]\ninstance_types = {types}\nruns = ['api']\nheadroom = 1.0\n");
        single(&text).0.max.value
    };
    assert_eq!(types("['m5.2xlarge']"), 5);
    assert_eq!(types("['m5.2xlarge', 'm5.xlarge']"), 10);
    assert_eq!(types("['m5.xlarge', 'm5.2xlarge']"), 10);
}

#[test]
fn pins_are_kept_beside_what_the_model_asks() {
    let (group, causes) = single(&format!("{GENERAL}min = 3\nmax = 7\ndesired = 4\n"));
    assert_eq!((group.min.value, group.max.value, group.desired.unwrap().value), (3, 7, 4));
    assert_eq!(causes.asked(&group.max.address).unwrap().value, "8");
    let (bare, _) = single("[nodegroup.n]\ninstance_types = ['m5.large']\nmin = 0\nmax = 4\n");
    assert_eq!((bare.min.value, bare.max.value, bare.packed.is_none()), (0, 4, true));
}

#[test]
fn no_pods_need_no_nodes_but_a_maximum_of_one() {
    let (group, _) = single(
        "[service.off]\nreplicas = 0\nresources = { cpu = '1', memory = '1Gi' }\n\
         [nodegroup.n]\ninstance_types = ['m5.large']\nruns = ['off']\n",
    );
    assert_eq!((group.packed.unwrap().value, group.min.value, group.max.value), (0, 0, 1));
}

#[test]
fn a_limit_stands_in_for_the_request() {
    let (group, _) = single(
        "[service.s]\nreplicas = 4\nresources = { cpu_limit = '1', memory = '1Gi' }\n\
         [nodegroup.n]\ninstance_types = ['m5.large']\nruns = ['s']\nheadroom = 1.0\n",
    );
    assert_eq!(group.max.value, 4);
}

#[test]
fn the_cluster_has_the_platforms_version() {
    let found = outcome(&format!("{CLUSTER}[platform]\nkubernetes_version = '1.33'\n"));
    assert_eq!(found.cluster.unwrap().version.value, "1.33");
    let found = outcome(CLUSTER);
    let (major, minor) = platform::resolve(&Spec::default(), &mut Reasons::new()).kubernetes;
    assert_eq!(found.cluster.unwrap().version.value, format!("{major}.{minor}"));
}

mod errors;

//! Laws: what holds for every spec, not only for the ones that somebody thought of.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests read files and fail by panicking"
)]

#[path = "laws/import.rs"]
mod import;

use std::collections::BTreeMap;

use capgen::diag::Sink;
use capgen::diag::source::Sources;
use capgen::diff::{self, Because, Changes};
use capgen::doc::leaves;
use capgen::doc::object::{self, Object};
use capgen::doc::state::{Memory, State};
use capgen::doc::value::Step;
use capgen::model::{self, Model};
use capgen::render::lock::Lock;
use capgen::render::{File, Tree};
use capgen::spec::{self, Files, Request};
use capgen::target::{self, TARGETS};
use capgen::why::{Address, Origin};
use proptest::prelude::*;

/// Files in memory.
struct Texts(BTreeMap<String, String>);

impl Files for Texts {
    fn read(&self, path: &str) -> Result<String, String> {
        self.0.get(path).cloned().ok_or_else(|| "no such file".to_owned())
    }

    fn matching(&self, pattern: &str) -> Result<Vec<String>, String> {
        let (before, after) = pattern.split_once('*').unwrap_or((pattern, ""));
        let is_match = |path: &&String| path.starts_with(before) && path.ends_with(after);
        Ok(self.0.keys().filter(is_match).cloned().collect())
    }
}

fn compile(files: &[(&str, &str)], set: &[String]) -> Result<Model, Vec<String>> {
    let memory = Texts(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect());
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let request = Request { file: files[0].0, env: None, set };
    let model =
        spec::parse(&request, &memory, &mut sources, &mut sink).and_then(|spec| model::resolve(&spec, &mut sink));
    let messages = || sink.into_sorted().into_iter().map(|it| it.message).collect();
    model.map_err(|_| messages())
}

/// The objects of a model.
fn objects(model: &Model) -> Vec<Object> {
    let artifacts = target::emit(model, TARGETS).expect("the model's documents serialize");
    artifacts.iter().cloned().flat_map(object::of_artifact).collect()
}

/// A model as the other side of a diff.
fn state(model: &Model) -> State {
    let memory = Memory::of(env!("CARGO_PKG_VERSION"), &model.causes);
    State { objects: objects(model), memory: Some(memory), is_ours: true, ..State::default() }
}

/// Every byte that a model becomes.
fn output(model: &Model) -> Vec<(String, String)> {
    let artifacts = target::emit(model, TARGETS).expect("the model's documents serialize");
    let files = artifacts.into_iter().map(|it| File::print(it, &model.causes)).collect();
    let tree = Tree::of(files).expect("no two targets write one file");
    let lock = Lock::of(&tree, &model.causes).print();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let mut files: Vec<(String, String)> = tree.files.into_iter().map(|file| (file.path, text(file.bytes))).collect();
    files.push(("lock".to_owned(), lock));
    files
}

fn number(model: &Model, address: &str) -> i64 {
    let why = model.causes.get(&Address::verbatim(address)).unwrap_or_else(|| panic!("no {address}"));
    why.value.parse().expect("a whole number")
}

fn service(target: u32, base: u32, per_pod: u32, margin_percent: u32) -> String {
    format!(
        "version = 1\n[service.api]\ntarget_rps = {target}\nbase_rps = {base}\nrps_per_pod = {per_pod}\n\
         safety_margin = {}.{:02}\n",
        margin_percent / 100,
        margin_percent % 100
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn more_load_never_means_fewer_replicas(
        target in 1_u32..1_000_000, more in 0_u32..1_000_000, per_pod in 1_u32..10_000, margin in 100_u32..400,
    ) {
        let less = compile(&[("a.toml", &service(target, 0, per_pod, margin))], &[]).unwrap();
        let more = compile(&[("a.toml", &service(target + more, 0, per_pod, margin))], &[]).unwrap();
        prop_assert!(number(&less, "service.api.autoscale.max") <= number(&more, "service.api.autoscale.max"));
    }

    #[test]
    fn the_peak_is_carried_and_one_pod_less_would_not_carry_it(
        target in 1_u32..1_000_000, per_pod in 1_u32..10_000, margin in 100_u32..400,
    ) {
        let model = compile(&[("a.toml", &service(target, 0, per_pod, margin))], &[]).unwrap();
        let max = number(&model, "service.api.autoscale.max") as u64;
        let needed = u64::from(target) * u64::from(margin);
        prop_assert!(max * u64::from(per_pod) * 100 >= needed);
        prop_assert!(max == 2 || (max - 1) * u64::from(per_pod) * 100 < needed);
    }

    #[test]
    fn the_floor_never_exceeds_the_limit(
        target in 1_u32..100_000, base in 0_u32..100_000, per_pod in 1_u32..10_000, margin in 100_u32..400,
    ) {
        prop_assume!(base <= target);
        let model = compile(&[("a.toml", &service(target, base, per_pod, margin))], &[]).unwrap();
        prop_assert!(number(&model, "service.api.autoscale.min") <= number(&model, "service.api.autoscale.max"));
    }

    #[test]
    fn a_flag_is_the_same_as_writing_it(target in 1_u32..1_000_000, other in 1_u32..1_000_000) {
        let written = compile(&[("a.toml", &service(target, 0, 100, 150))], &[]).unwrap();
        let flag = [format!("service.api.target_rps={target}")];
        let set = compile(&[("a.toml", &service(other, 0, 100, 150))], &flag).unwrap();
        prop_assert_eq!(output(&written), output(&set));
    }

    #[test]
    fn workers_never_outnumber_partitions(rate in 1_u32..5_000, concurrency in 1_u32..400, partitions in 2_u32..64) {
        let text = format!(
            "version = 1\n[worker.w]\nevent_rate = {rate}\nprocessing_time = \"1s\"\nconcurrency = {concurrency}\n\
             lag_target = \"10s\"\n[worker.w.kafka]\ntopic = \"t\"\npartitions = {partitions}\nconsumer_group = \"g\"\n\
             bootstrap_servers = \"k:9092\"\n"
        );
        match compile(&[("a.toml", &text)], &[]) {
            Ok(model) => prop_assert!(number(&model, "worker.w.autoscale.max") <= i64::from(partitions)),
            Err(messages) => {
                prop_assert_eq!(messages.len(), 1);
                prop_assert!(messages[0].contains("partitions"), "{}", messages[0]);
                prop_assert!(u64::from(rate) * 3 > u64::from(concurrency) * 2 * u64::from(partitions));
            }
        }
    }

    #[test]
    fn events_hold_their_laws(
        target in 1_u32..100_000, per_pod in 1_u32..1_000, base in 0_u32..1_000, tenths in 1_u32..60, more in 0_u32..60,
        headroom in 100_u32..300, steps in proptest::collection::btree_set(1_u32..100, 0..5), at in 0_u32..365 * 24 * 4,
        lead in 1_u32..2_000, duration in 1_u32..2_000, kind in 0_usize..3,
    ) {
        let steps: Vec<String> = steps.iter().rev().map(|it| format!("0.{it:02}")).collect();
        let cooldown = if steps.is_empty() { String::new() } else { format!("cooldown_steps = [{}]\n", steps.join(", ")) };
        let instant = jiff::Timestamp::from_second(1_767_225_600 + i64::from(at) * 900).unwrap();
        let workload = match kind {
            0 => service(target, base.min(target), per_pod, 150),
            1 => format!("version = 1\n[service.api]\nreplicas = {}\n", per_pod % 50 + 1),
            _ => format!(
                "version = 1\n[worker.api]\nevent_rate = {target}\nthroughput_per_worker = {per_pod}\nredis = {{ list = \"l\", \
                 address = \"r:1\" }}\nautoscale = {{ lag_threshold = 10 }}\n"
            ),
        };
        let event = |tenths: u32| {
            let text = format!(
                "{workload}[event.launch]\nat = {instant}\nduration = \"{duration}m\"\nlead = \"{lead}m\"\nfactor = {}.{}\n\
                 headroom = {}.{:02}\n{cooldown}",
                tenths / 10, tenths % 10, headroom / 100, headroom % 100
            );
            let model = compile(&[("a.toml", &text)], &[]).unwrap();
            assert_eq!(objects(&model).len(), objects(&model).iter().map(|it| &it.identity).collect::<std::collections::BTreeSet<_>>().len());
            model
        };
        let (less, more) = (event(tenths), event(tenths + more));
        for model in [&less, &more] {
            let workload = &model.workloads[0];
            let event = &workload.events[0];
            let (first, last) = (event.phases.first().unwrap(), event.phases.last().unwrap());
            prop_assert!(event.min.value <= event.max.value);
            prop_assert!(event.min.value >= workload.floor().value && event.max.value >= workload.usual_peak().value);
            prop_assert!(workload.peak().value == event.max.value.max(workload.usual_peak().value));
            for pair in event.phases.windows(2) {
                let (before, after) = (pair[0].limits.value, pair[1].limits.value);
                prop_assert!(before.min <= before.max && after.min <= after.max, "{before} {after}");
                prop_assert!(after.min <= before.min && after.max <= before.max, "steps come down: {before}, {after}");
                prop_assert!(pair[0].instant < pair[1].instant);
            }
            prop_assert_eq!(last.limits.value.min, workload.floor().value);
            let lead = jiff::SignedDuration::from_mins(i64::from(lead));
            prop_assert_eq!(first.instant.checked_add(lead).unwrap(), instant);
            // Each line fires at its own minute of that year.
            for phase in &event.phases {
                let cron = capgen::unit::cron::Cron::parse(&phase.from.value).unwrap();
                let zone = capgen::unit::zone::Zone::parse("Etc/UTC").unwrap();
                let year = jiff::SignedDuration::from_hours(24 * 360);
                let fires = zone.instants(&cron, phase.instant, phase.instant.checked_add(year).unwrap());
                prop_assert_eq!(fires, vec![phase.instant]);
            }
        }
        let floors = [&less, &more].map(|it| (it.workloads[0].events[0].min.value, it.workloads[0].events[0].max.value));
        prop_assert!(floors[0].0 <= floors[1].0 && floors[0].1 <= floors[1].1, "more is more: {:?}", floors);
    }

    #[test]
    fn the_order_of_tables_keys_and_files_changes_nothing(seed in any::<u64>()) {
        let tables = [
            "[service.api]\n", "[service.web]\n", "[worker.mail]\n", "[database.main]\n", "[pgbouncer.main]\n",
            "[schedule.day]\n",
        ];
        let keys: [&[&str]; 6] = [
            &["target_rps = 1000", "rps_per_pod = 100", "pool_connections = { orders = 2 }"],
            &["target_rps = 900", "rps_per_pod = 70", "safety_margin = 1.2"],
            &["replicas = 3", "disruption = false", "redis = { list = \"l\", address = \"r:1\" }"],
            &["host = \"db\"", "max_connections = 200"],
            &["instances = 2", "pool = { orders = { database = \"main\", share = 0.5 } }"],
            &["service = \"api\"", "start = \"0 7 * * 1-5\"", "end = \"0 18 * * 1-5\"", "time_zone = \"Europe/Berlin\"", "min = 4"],
        ];
        let table = |index: usize, turned: bool| {
            let mut keys = keys[index].to_vec();
            if turned {
                keys.reverse();
            }
            format!("{}{}\n", tables[index], keys.join("\n"))
        };
        let plain: String = (0..tables.len()).map(|index| table(index, false)).collect();
        let one = compile(&[("a.toml", &format!("version = 1\n{plain}"))], &[]).unwrap();

        let mut order: Vec<usize> = (0..tables.len()).collect();
        let mut random = seed;
        for index in (1..order.len()).rev() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            order.swap(index, (random >> 33) as usize % (index + 1));
        }
        let shuffled: String = order.iter().map(|index| table(*index, random % 2 == 0)).collect();
        let other = compile(&[("a.toml", &format!("version = 1\n{shuffled}"))], &[]).unwrap();
        prop_assert_eq!(output(&one), output(&other));

        let texts: Vec<String> = order.iter().map(|index| table(*index, true)).collect();
        let names: Vec<String> = (0..texts.len()).map(|index| format!("parts/{index}.toml")).collect();
        let root = "version = 1\ninclude = [\"parts/*.toml\"]\n";
        let mut files = vec![("a.toml", root)];
        files.extend(names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)));
        let included = compile(&files, &[]).unwrap();
        prop_assert_eq!(output(&one), output(&included));
    }
}

/// In a map of names, the language's own words are names: an overlay of one table leaves its neighbours alone.
#[test]
fn an_overlay_of_one_table_leaves_its_neighbours() {
    let text = "version = 1\n[service.kafka]\nreplicas = 2\n[service.redis]\nreplicas = 2\n[service.min]\nreplicas = 2\n\
                [service.rps]\nreplicas = 2\n[service.spot]\ndisruption = { max_unavailable = 1 }\nreplicas = 2\n";
    let before = compile(&[("a.toml", text)], &[]).unwrap();
    for name in ["kafka", "redis", "min", "rps", "spot"] {
        let after = compile(&[("a.toml", text)], &[format!("service.{name}.replicas=7")]).unwrap();
        assert_eq!(before.workloads.len(), after.workloads.len());
        for (one, other) in before.workloads.iter().zip(&after.workloads) {
            let expected = if one.name == name { 7 } else { one.peak().value };
            assert_eq!(other.peak().value, expected, "{} after setting {name}", one.name);
            assert_eq!(one.disruption.is_some(), other.disruption.is_some());
        }
    }
}

/// The examples, as a newcomer finds them.
fn examples() -> Vec<(String, Model)> {
    specs().into_iter().map(|(name, _, model)| (name, model)).collect()
}

/// The examples: name, text, model.
fn specs() -> Vec<(String, String, Model)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("examples")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let read = |name: String| {
        let text = std::fs::read_to_string(format!("{folder}/{name}/capacity.toml")).expect("a spec");
        let model = compile(&[("capacity.toml", &text)], &[]).unwrap_or_else(|messages| panic!("{name}: {messages:?}"));
        (name, text, model)
    };
    names.into_iter().map(read).collect()
}

/// Numbers that say how a dashboard looks or which version its format has: no spec and no formula is behind them.
const OF_A_DASHBOARD: [&str; 9] = ["fillOpacity", "graphTooltip", "h", "id", "min", "schemaVersion", "w", "x", "y"];

#[test]
fn every_number_of_every_example_has_a_reason() {
    let mut findings = Vec::new();
    for (name, model) in examples() {
        let artifacts = target::emit(&model, TARGETS).expect("documents");
        for leaf in leaves::of(&artifacts) {
            let is_number = || leaf.value.parse::<f64>().is_ok();
            let is_explained = leaf.address.is_some_and(|it| model.causes.get(it).is_some());
            let key =
                leaf.path.0.iter().rev().find_map(|it| if let Step::Key(key) = it { Some(key.as_str()) } else { None });
            // A share is full at 1.
            let is_of_a_dashboard = leaf.file.starts_with("grafana/")
                && key.is_some_and(|it| OF_A_DASHBOARD.contains(&it) || it == "value" && leaf.value == "1");
            if !is_explained && (leaf.address.is_some() || is_number() && !is_of_a_dashboard) {
                findings.push(format!("{name}: {} = {} ({:?})", leaf.place(), leaf.value, leaf.address));
            }
        }
    }
    assert!(findings.is_empty(), "without a reason:\n{}", findings.join("\n"));
}

#[test]
fn every_reason_ends_in_something_written_a_default_or_a_catalogue_row() {
    for (name, model) in examples() {
        for (address, why) in model.causes.iter() {
            let is_formula = matches!(why.origin, Origin::Formula { .. });
            assert_eq!(is_formula, !why.inputs.is_empty(), "{name}: {address}: {why:?}");
            for input in why.inputs {
                assert!(model.causes.get(input).is_some(), "{name}: {address} rests on {input}, which has no reason");
            }
            assert!(!model.causes.roots(address).is_empty(), "{name}: {address} rests on itself");
        }
    }
}

#[test]
fn the_check_values_of_the_runbooks_hold() {
    let models: BTreeMap<String, Model> = examples().into_iter().collect();
    assert_eq!(number(&models["inferadb"], "service.inferadb.autoscale.max"), 30);
    assert_eq!(number(&models["kafka-pipeline"], "worker.download.autoscale.max"), 12);
    assert_eq!(number(&models["kafka-pipeline"], "worker.download.autoscale.lag_threshold"), 1000);
    assert_eq!(number(&models["wakala"], "service.websocket.connections_per_pod"), 1000);
    assert_eq!(number(&models["himalytix"], "service.web.rps_per_pod"), 1000);
}

/// 1 000/s × 3 s are 3 000 in flight: at 100 each and margin 1 that is 30 workers, and 24 partitions feed 24.
#[test]
fn the_kafka_runbooks_thirty_workers_are_refused_with_three_ways_out() {
    let spec = |partitions: u32| {
        format!(
            "version = 1\n[worker.download]\nevent_rate = 1_000\nprocessing_time = \"3s\"\nconcurrency = 100\n\
             safety_margin = 1\nlag_target = \"10s\"\n[worker.download.kafka]\ntopic = \"t\"\npartitions = {partitions}\n\
             consumer_group = \"g\"\nbootstrap_servers = \"k:9092\"\n"
        )
    };
    let model = compile(&[("a.toml", &spec(30))], &[]).expect("thirty partitions feed thirty workers");
    assert_eq!(number(&model, "worker.download.autoscale.max"), 30);
    let memory = Texts(BTreeMap::from([("a.toml".to_owned(), spec(24))]));
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let request = Request { file: "a.toml", env: None, set: &[] };
    let spec = spec::parse(&request, &memory, &mut sources, &mut sink).expect("it parses");
    assert!(model::resolve(&spec, &mut sink).is_err());
    let diagnostics = sink.into_sorted();
    let [error] = diagnostics.as_slice() else { panic!("one error, not {diagnostics:?}") };
    let help = error.help.join("\n");
    for way in ["partitions = 30", "processing_time = \"2400ms\"", "concurrency = 125"] {
        assert!(help.contains(way), "{way} is not in: {help}");
    }
}

/// Another value of the same kind, so near that most specs stand it.
fn mutated(value: &str) -> Vec<String> {
    let quoted = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    if let Ok(number) = value.replace('_', "").parse::<i64>() {
        return vec![(number + 1).to_string(), (number * 2).to_string(), (number / 2).to_string()];
    }
    if let Ok(number) = value.parse::<f64>() {
        return vec![format!("{}1", number), format!("1{}", number)];
    }
    match (value, quoted) {
        ("true", _) => vec!["false".to_owned()],
        ("false", _) => vec!["true".to_owned()],
        (_, Some(text)) => {
            let digits = text.find(|it: char| !it.is_ascii_digit()).unwrap_or(text.len());
            let (number, unit) = text.split_at(digits);
            match number.parse::<i64>() {
                Ok(number) => vec![format!("\"{}{unit}\"", number + 1), format!("\"{}{unit}\"", number * 2)],
                Err(_) => ["x", "-x"].into_iter().map(|more| format!("\"{text}{more}\"")).collect(),
            }
        }
        _ => Vec::new(),
    }
}

/// Every reason of every change, and where it was given.
fn reasons(changes: &Changes) -> Vec<(String, &[Because])> {
    let mut all = Vec::new();
    for object in &changes.objects {
        all.push((object.identity.to_string(), object.because.as_slice()));
        all.extend(object.edits.iter().map(|it| (format!("{} {}", object.identity, it.path), it.because.as_slice())));
    }
    all
}

/// One key of a spec was changed: every difference names it, and nothing else.
#[test]
fn every_mutation_of_one_key_is_attributed_to_it_alone() {
    let (mut keys, mut compared) = (0, 0);
    for (name, text, model) in specs() {
        let old = state(&model);
        let start = model.causes.iter().filter_map(|(address, why)| match why.origin {
            Origin::Written(span) => Some((address.clone(), span.range())),
            _ => None,
        });
        let written: Vec<_> =
            start.filter(|(_, span)| text.get(span.clone()).is_some_and(|it| !it.is_empty())).collect();
        for (address, span) in &written {
            let attempts = mutated(&text[span.clone()]);
            let others = attempts.iter().map(|value| format!("{}{value}{}", &text[..span.start], &text[span.end..]));
            let without = line_removed(&text, span.start);
            keys += 1;
            for (other, is_removal) in others.map(|it| (it, false)).chain(std::iter::once((without, true))) {
                let Ok(new) = compile(&[("capacity.toml", &other)], &[]) else { continue };
                compared += 1;
                let changes = diff::diff(&mut objects(&new), &old, &new.causes);
                let line = |at: usize| text[..at].matches('\n').count();
                let allowed: Vec<&Address> = match is_removal {
                    true => {
                        let gone: Vec<&Address> = written
                            .iter()
                            .filter_map(|(at, it)| (line(it.start) == line(span.start)).then_some(at))
                            .collect();
                        // Who removes a member with keys moves those behind it; plain ones are told by their values.
                        let has_keys = |it: &Address| list(it).is_some() && !it.as_str().ends_with(']');
                        let is_moved = |at: &Address| gone.iter().any(|it| has_keys(it) && list(it) == list(at));
                        let moved = written.iter().map(|(it, _)| it).filter(|it| is_moved(it));
                        gone.iter().copied().chain(moved).collect()
                    }
                    // A key of `[defaults]` is one of every table that takes it.
                    false => written.iter().filter(|(_, it)| it == span).map(|(it, _)| it).collect(),
                };
                for (place, because) in reasons(&changes) {
                    let is_meant = |it: &Because| matches!(it, Because::Input(input) if allowed.iter().any(|it| input.address.is_within(it) || it.is_within(&input.address)));
                    assert!(
                        !because.is_empty() && because.iter().all(is_meant),
                        "{name}: `{address}` changed{}, and {place} says {because:#?}",
                        if is_removal { " (its line was removed)" } else { "" },
                    );
                }
                let stray = changes.inputs.iter().find(|it| {
                    !allowed
                        .iter()
                        .any(|allowed| it.input.address.is_within(allowed) || allowed.is_within(&it.input.address))
                });
                assert!(stray.is_none(), "{name}: `{address}` changed, and {stray:?} is said to differ");
            }
        }
    }
    assert!(keys > 200 && compared > keys, "{keys} keys, {compared} compared");
}

/// The list that an address leads into.
fn list(address: &Address) -> Option<&str> {
    address.as_str().split_once('[').map(|(list, _)| list)
}

/// The text without the line of an offset.
fn line_removed(text: &str, at: usize) -> String {
    let start = text[..at].rfind('\n').map_or(0, |it| it + 1);
    let end = text[at..].find('\n').map_or(text.len(), |it| at + it + 1);
    format!("{}{}", &text[..start], &text[end..])
}

/// A spec does not differ from itself, in whatever order its tables stand.
#[test]
fn no_example_differs_from_itself() {
    for (name, _, model) in specs() {
        let changes = diff::diff(&mut objects(&model), &state(&model), &model.causes);
        assert!(changes.is_empty() && changes.ignored.is_empty() && changes.inputs.is_empty(), "{name}: {changes:#?}");
        let mut turned = state(&model);
        turned.objects.reverse();
        let mut new = objects(&model);
        new.reverse();
        assert!(diff::diff(&mut new, &turned, &model.causes).is_empty(), "{name}");
    }
}

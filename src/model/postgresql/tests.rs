//! The numbers are PgTune's, and what follows from a pin follows from it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use crate::diag::Sink;
use crate::diag::source::Sources;
use crate::model::{self, Model};
use crate::spec::{self, Files, Request};

use super::*;

/// The one file of a test.
struct OneFile(String);

impl Files for OneFile {
    fn read(&self, _: &str) -> Result<String, String> {
        Ok(self.0.clone())
    }

    fn matching(&self, _: &str) -> Result<Vec<String>, String> {
        Ok(Vec::new())
    }
}

fn model(instance: &str, connections: i64) -> Model {
    let text = format!(
        "version = 1\n[database.main]\nhost = \"db\"\nmax_connections = {connections}\n[database.main.instance]\n{instance}\n"
    );
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let request = Request { file: "capacity.toml", env: None, set: &[] };
    let model = spec::parse(&request, &OneFile(text), &mut sources, &mut sink)
        .and_then(|spec| model::resolve(&spec, &mut sink));
    model.unwrap_or_else(|_| panic!("{:#?}", sink.into_sorted()))
}

fn value(model: &Model, name: &str) -> String {
    let settings = &model.servers[0].settings;
    settings.iter().find(|(it, _)| it == name).map(|(_, it)| it.value.clone()).unwrap_or_default()
}

/// What PgTune gives for the same answers.
#[test]
fn pgtune_agrees() {
    let check = |instance: &str, connections, expected: &[(&str, &str)]| {
        let model = model(instance, connections);
        for (name, expected) in expected {
            assert_eq!(value(&model, name), *expected, "{name} of {instance}");
        }
    };
    check(
        "memory = \"16Gi\"\ncpu = \"8\"",
        200,
        &[
            ("max_connections", "200"),
            ("shared_buffers", "4GB"),
            ("effective_cache_size", "12GB"),
            ("maintenance_work_mem", "1GB"),
            ("checkpoint_completion_target", "0.9"),
            ("wal_buffers", "16MB"),
            ("default_statistics_target", "100"),
            ("random_page_cost", "1.1"),
            ("effective_io_concurrency", "200"),
            ("work_mem", "20164kB"),
            ("huge_pages", "try"),
            ("min_wal_size", "1GB"),
            ("max_wal_size", "4GB"),
            ("max_worker_processes", "8"),
            ("max_parallel_workers_per_gather", "4"),
            ("max_parallel_workers", "8"),
            ("max_parallel_maintenance_workers", "4"),
        ],
    );
    check(
        "memory = \"64Gi\"\ncpu = \"16\"\nstorage = \"hdd\"\nworkload = \"dw\"",
        40,
        &[
            ("shared_buffers", "16GB"),
            ("maintenance_work_mem", "8GB"),
            ("default_statistics_target", "500"),
            ("random_page_cost", "4"),
            ("effective_io_concurrency", "2"),
            // (67108864 − 16777216) / ((40 + 16) × 3) / 2 = 149796.57
            ("work_mem", "149796kB"),
            ("min_wal_size", "4GB"),
            ("max_wal_size", "16GB"),
            ("max_parallel_workers_per_gather", "8"),
            ("max_parallel_maintenance_workers", "4"),
        ],
    );
    check(
        "memory = \"512Mi\"\ncpu = \"2\"\nstorage = \"san\"\nworkload = \"oltp\"",
        300,
        &[
            ("shared_buffers", "128MB"),
            // 3 % of 131072 kB.
            ("wal_buffers", "3932kB"),
            ("effective_io_concurrency", "300"),
            ("work_mem", "4MB"),
            ("huge_pages", "off"),
            ("min_wal_size", "2GB"),
            ("max_worker_processes", ""),
        ],
    );
}

#[test]
fn a_pin_replaces_its_number_and_what_follows_from_it() {
    let model = model("memory = \"16Gi\"\nshared_buffers = \"8Gi\"\nwal_buffers = \"64Mi\"", 100);
    assert_eq!(value(&model, "shared_buffers"), "8GB");
    assert_eq!(value(&model, "wal_buffers"), "64MB");
    // (16777216 − 8388608) / ((100 + 8) × 3) = 25890.77
    assert_eq!(value(&model, "work_mem"), "25890kB");
    assert!(model.pins.iter().all(|pin| pin.carries == Ordering::Equal), "no pin is more or less than asked");
}

#[test]
fn sizes_are_spelled_without_a_fraction() {
    let check = |size: i64, expected: &str| assert_eq!(Size(size).to_string(), expected);
    check(0, "0kB");
    check(1000, "1000kB");
    check(1536, "1536kB");
    check(64 * MB, "64MB");
    check(4 * GB, "4GB");
    check(1 << 30, "1TB");
    assert_eq!(spec_text(Size(20164)), "20164Ki");
}

#[test]
fn every_row_is_read() {
    let model = model(
        "memory = \"1Gi\"\nsettings = { wal_keep_size = \"1Gi\", wal_level = \"replica\", checkpoint_timeout = \"15m\", jit = false, max_wal_senders = 3 }",
        100,
    );
    let check = |name: &str, expected: &str| assert_eq!(value(&model, name), expected);
    check("wal_keep_size", "1GB");
    check("wal_level", "replica");
    check("checkpoint_timeout", "15min");
    check("jit", "off");
    check("max_wal_senders", "3");
    assert_eq!(settings::count(), include_str!("settings.csv").lines().count() - 1, "a row is not read");
}

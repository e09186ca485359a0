//! The connection budget as specs see it: text in, numbers or messages out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::cmp::Ordering;

use proptest::prelude::*;

use crate::diag::source::Sources;
use crate::diag::{Diagnostic, Sink};
use crate::model::{self, Model};
use crate::spec::{self, Files, Request};
use crate::why::{Address, Origin};

use super::PoolEntry;

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

/// A model, or every error of the spec and the model with the text it points to.
fn resolve(text: &str) -> Result<Model, Vec<(String, Vec<String>, String)>> {
    let text = format!("version = 1\n{text}");
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let request = Request { file: "capacity.toml", env: None, set: &[] };
    let model = spec::parse(&request, &OneFile(&text), &mut sources, &mut sink)
        .and_then(|spec| model::resolve(&spec, &mut sink));
    let errors: Vec<Diagnostic> = sink.into_sorted();
    let place = |it: &Diagnostic| it.labels.iter().map(|label| sources.snippet(label.span).to_owned()).collect();
    let shown = errors.into_iter().map(|it| (it.message.clone(), place(&it), it.help.join("; ")));
    let shown: Vec<_> = shown.collect();
    match model {
        Ok(model) if shown.is_empty() => Ok(model),
        _ => Err(shown),
    }
}

fn model(text: &str) -> Model {
    resolve(text).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

/// The messages of a spec that must have some.
fn errors(text: &str) -> Vec<String> {
    resolve(text).expect_err("an error").into_iter().map(|(message, _, _)| message).collect()
}

/// The one error of a spec: message, places, help.
fn check_error(text: &str, message: &str, places: &[&str], help: &str) {
    let found = resolve(text).expect_err("an error");
    let [(found, found_places, found_help)] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!(found, message);
    assert_eq!(found_places, places);
    assert_eq!(found_help, help);
}

fn entry<'m>(model: &'m Model, name: &str) -> &'m PoolEntry {
    model.pgbouncers.iter().flat_map(|it| &it.entries).find(|it| it.name == name).expect("the entry")
}

/// pool_size, reserve_pool, max_db_connections.
fn check_sizes(model: &Model, name: &str, expected: (i64, i64, i64)) {
    let entry = entry(model, name);
    let sizes = (entry.pool_size.value, entry.reserve_pool.value, entry.max_db_connections.value);
    assert_eq!(sizes, expected, "{name}");
}

fn numbers(model: &Model, address: &str) -> String {
    let why = model.causes.get(&Address::verbatim(address)).unwrap_or_else(|| panic!("no cause of {address}"));
    match why.origin {
        Origin::Formula { numbers, .. } => format!("{numbers} = {}", why.value),
        other => format!("{other:?} = {}", why.value),
    }
}

const SERVER: &str = "[database.main]\nhost = \"db\"\nmax_connections = 400\nreserved_connections = 20\n";
const PODS: &str =
    "[service.api]\nreplicas = 30\npool_connections = { labeling = 10 }\ndatabase_connections = { main = 1 }\n";
const POOLER: &str = "[pgbouncer.main]\ninstances = 2\n";
const ENTRY: &str = "[pgbouncer.main.pool.labeling]\ndatabase = \"main\"\n";

#[test]
fn check_values_of_the_design() {
    let model = model(&format!("{PODS}{SERVER}{POOLER}{ENTRY}share = 0.7\n"));
    check_sizes(&model, "labeling", (101, 20, 121));
    assert_eq!(numbers(&model, "database.main.usable_connections"), "400 − 3 − 20 − 30 × 1 = 347");
    let pool = "pgbouncer.main.pool.labeling";
    assert_eq!(numbers(&model, &format!("{pool}.connections")), "floor(347 × 0.7 / 2) = 121");
    assert_eq!(numbers(&model, &format!("{pool}.reserve_pool")), "floor(121 / 1 / 6) = 20");
    assert_eq!(numbers(&model, &format!("{pool}.pool_size")), "floor(121 / 1) − 20 = 101");
    assert_eq!(numbers(&model, &format!("{pool}.max_db_connections")), "1 × (101 + 20) = 121");
    assert_eq!(numbers(&model, "pgbouncer.main.max_client_conn"), "30 × 10 = 300");
    assert_eq!(model.pgbouncers[0].max_client_conn.value, 300);
    assert!(model.pins.is_empty());
    let pool_size = Address::verbatim("pgbouncer.main.pool.labeling.pool_size");
    let roots = model.causes.roots(&pool_size);
    assert!(roots.contains(&Address::verbatim("service.api.replicas")), "{roots:?}");
    assert!(roots.contains(&Address::verbatim("database.main.max_connections")), "{roots:?}");
}

#[test]
fn unshared_entries_take_equal_parts_of_what_is_left() {
    let pinned = "[pgbouncer.main.pool.pinned]\ndatabase = \"main\"\npool_size = 20\n";
    let capped = "[pgbouncer.main.pool.capped]\ndatabase = \"main\"\nmax_db_connections = 30\nusers = 4\n";
    let shared = "[pgbouncer.main.pool.shared]\ndatabase = \"main\"\nshare = 0.2\n";
    let other = "[pgbouncer.other.pool.other]\ndatabase = \"main\"\n";
    let text = format!("{PODS}{SERVER}{POOLER}{ENTRY}{pinned}{capped}{shared}{other}");
    let model = model(&text.replace("labeling = 10", "labeling = 10, other = 1"));
    check_sizes(&model, "pinned", (20, 4, 24));
    // 30 for 4 users: 7 each, one of them in reserve; the pin stands.
    check_sizes(&model, "capped", (6, 1, 30));
    // floor(347 × 0.2 / 2) = 34.
    check_sizes(&model, "shared", (29, 5, 34));
    // 347 − 2 × 24 − 2 × 30 − 2 × 34 = 171, halved, in one process and in two.
    check_sizes(&model, "other", (71, 14, 85));
    check_sizes(&model, "labeling", (35, 7, 42));
    assert_eq!(numbers(&model, "database.main.remaining_connections"), "347 − 2 × 30 − 2 × 24 − 2 × 34 = 171");
    assert_eq!(numbers(&model, "pgbouncer.main.pool.labeling.connections"), "floor(171 / 2 / 2) = 42");
}

#[test]
fn a_pin_is_compared_only_with_an_answer_of_its_own() {
    // The labelmint runbook: one user needs 25. A reserve of a fifth would be 4, but how a pool is split is no demand.
    let pins = "pool_size = 20\nreserve_pool = 5\nmin_pool_size = 5\nmax_db_connections = 50\n";
    let model = model(&format!("{PODS}{SERVER}{POOLER}max_client_conn = 300\n{ENTRY}{pins}"));
    check_sizes(&model, "labeling", (20, 5, 50));
    let pins: Vec<(&str, &str, &str, Ordering)> =
        model.pins.iter().map(|it| (it.address.as_str(), it.pinned.as_str(), it.asked.as_str(), it.carries)).collect();
    let pool = "pgbouncer.main.pool.labeling";
    let expected = [
        (format!("{pool}.max_db_connections"), "50", "25", Ordering::Greater),
        ("pgbouncer.main.max_client_conn".to_owned(), "300", "300", Ordering::Equal),
    ];
    let expected =
        expected.iter().map(|(address, pinned, asked, carries)| (address.as_str(), *pinned, *asked, *carries));
    assert!(expected.eq(pins.iter().copied()), "{pins:?}");
    assert_eq!(entry(&model, "labeling").min_pool_size.as_ref().map(|it| it.value), Some(5));
}

#[test]
fn a_pinned_reserve_is_taken_from_the_entrys_part() {
    let model = model(&format!("{PODS}{SERVER}{POOLER}{ENTRY}share = 0.7\nreserve_pool = 100\n"));
    check_sizes(&model, "labeling", (21, 100, 121));
}

#[test]
fn clients_are_the_sum_over_all_who_connect() {
    let worker = "[worker.load]\nreplicas = 4\npool_connections = { labeling = 5, elsewhere = 7 }\n";
    let other = "[pgbouncer.other.pool.elsewhere]\ndatabase = \"main\"\n";
    let model = model(&format!("{PODS}{worker}{SERVER}{POOLER}{ENTRY}{other}"));
    assert_eq!(numbers(&model, "pgbouncer.main.max_client_conn"), "30 × 10 + 4 × 5 = 320");
    assert_eq!(numbers(&model, "pgbouncer.other.max_client_conn"), "4 × 7 = 28");
}

#[test]
fn clients_can_be_pinned_where_nobody_says_what_connects() {
    let pinned = model(&format!("{SERVER}{POOLER}max_client_conn = 1000\n{ENTRY}"));
    assert_eq!(pinned.pgbouncers[0].max_client_conn.value, 1000);
    assert!(pinned.pins.is_empty());
    check_error(
        &format!("{SERVER}{POOLER}{ENTRY}"),
        "nothing says how many clients `pgbouncer.main` must let in",
        &["main"],
        "`pool_connections = { labeling = 10 }` in the service or worker that connects; \
         or pin it here: `max_client_conn = 1000`",
    );
}

#[test]
fn defaults_are_those_of_the_spec_reference() {
    let text = format!("{PODS}[database.main]\nhost = \"db\"\n[pgbouncer.main]\n{ENTRY}");
    let model = model(&text);
    let (database, pgbouncer) = (&model.databases[0], &model.pgbouncers[0]);
    assert_eq!((database.max_connections.value, database.port.value, database.usable.value), (100, 5432, 67));
    assert_eq!((pgbouncer.instances.value, pgbouncer.listen_port.value, pgbouncer.version), (1, 6432, (1, 25)));
    let texts = [&pgbouncer.pool_mode, &pgbouncer.listen_addr, &pgbouncer.auth_type, &pgbouncer.auth_file];
    let expected = ["transaction", "0.0.0.0", "scram-sha-256", "/etc/pgbouncer/userlist.txt"];
    assert!(texts.iter().map(|it| it.value.as_str()).eq(expected), "{texts:?}");
    assert_eq!(entry(&model, "labeling").dbname.value, "labeling");
}

#[test]
fn pools_over_the_server_show_every_place() {
    let read = "[pgbouncer.main.pool.read]\ndatabase = \"main\"\nshare = 0.5\n";
    check_error(
        &format!("{PODS}{SERVER}{POOLER}{ENTRY}pool_size = 100\nreserve_pool = 20\n{read}"),
        "the pools of `database.main` may open 412 connections, 347 are usable",
        &["100", "0.5", "400"],
        "smaller pools, or `database.main.max_connections = 465`",
    );
}

#[test]
fn a_server_without_connections_shows_who_has_them() {
    let text = format!("{PODS}{SERVER}{POOLER}{ENTRY}").replace("400", "40");
    check_error(
        &text,
        "`database.main` has no connection left for PgBouncer: -13 are usable",
        &["40", "20", "main"],
        "`max_connections = 55`, or fewer reserved and direct ones",
    );
    // Without PgBouncer a server may be full to the last connection.
    let direct = |most: i64| {
        let pods = "[service.api]\nreplicas = 97\ndatabase_connections = { main = 1 }\n";
        resolve(&format!("{pods}[database.main]\nhost = \"db\"\nmax_connections = {most}\n"))
    };
    assert!(direct(100).is_ok());
    assert!(direct(99).is_err());
}

#[test]
fn an_entry_needs_a_connection_for_each_user() {
    check_error(
        &format!("{PODS}{SERVER}{POOLER}{ENTRY}share = 0.01\nusers = 3\n"),
        "`pgbouncer.main.pool.labeling` has no connection left for its pool",
        &["0.01", "3"],
        "a larger part, or `database.main.max_connections = 800`",
    );
    let enough = format!("{PODS}{SERVER}{POOLER}{ENTRY}share = 0.01\nusers = 3\n").replace("400", "800");
    check_sizes(&model(&enough), "labeling", (1, 0, 3));
    check_error(
        &format!("{PODS}{SERVER}{POOLER}{ENTRY}share = 0.7\nreserve_pool = 121\n"),
        "`pgbouncer.main.pool.labeling` has no connection left for its pool",
        &["121", "0.7"],
        "`reserve_pool = 120` or less",
    );
    check_error(
        &format!("{PODS}{SERVER}{POOLER}{ENTRY}max_db_connections = 2\nusers = 3\n"),
        "`pgbouncer.main.pool.labeling` has no connection left for its pool",
        &["2", "3"],
        "`max_db_connections = 3` or more",
    );
    let full = "[pgbouncer.main.pool.full]\ndatabase = \"main\"\nmax_db_connections = 173\n";
    check_error(
        &format!("{PODS}{SERVER}{POOLER}{ENTRY}{full}"),
        "`pgbouncer.main.pool.labeling` has no connection left for its pool",
        &["labeling"],
        "a larger part, or `database.main.max_connections = 402`",
    );
}

#[test]
fn shares_are_parts_of_one_server() {
    let read = "[pgbouncer.main.pool.read]\ndatabase = \"main\"\nshare = 0.4\n";
    check_error(
        &format!("{PODS}{SERVER}{POOLER}{ENTRY}share = 0.7\n{read}"),
        "the shares of `database.main` add up to 1.1: a server has only 1 to share",
        &["0.4", "0.7"],
        "`share = 0.3` here, or less in the others",
    );
    check_error(
        &format!("{PODS}{SERVER}{POOLER}{ENTRY}share = 0.7\npool_size = 5\n"),
        "`pgbouncer.main.pool.labeling` has both `share` and `pool_size`",
        &["0.7", "5"],
        "keep `pool_size = 5`, or `share = 0.7`",
    );
}

#[test]
fn min_pool_size_is_part_of_the_pool() {
    check_error(
        &format!("{PODS}{SERVER}{POOLER}{ENTRY}pool_size = 5\nmin_pool_size = 6\n"),
        "`min_pool_size` is 6, above the pool of 5",
        &["6", "5"],
        "`min_pool_size = 5` or less",
    );
}

#[test]
fn every_name_must_refer_to_something() {
    let pods = PODS.replace("labeling = 10", "labelling = 10").replace("main = 1", "mian = 1");
    let text = format!("{pods}{SERVER}{POOLER}max_client_conn = 9\n{ENTRY}").replace("= \"main\"", "= \"mann\"");
    let found = resolve(&text).expect_err("errors");
    let found: Vec<(&str, &str)> = found.iter().map(|(message, _, help)| (message.as_str(), help.as_str())).collect();
    let expected = [
        ("no PgBouncer has an entry `labelling`", "did you mean `labeling`?"),
        ("there is no `[database.mian]`", "did you mean `main`?"),
        ("there is no `[database.mann]`", "did you mean `main`?"),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_damaged_table_is_not_missing() {
    let misses = |text: &str| errors(text).into_iter().filter(|it| it.starts_with("there is no")).count();
    // The host is wrong: the server is there all the same, and so are its entries.
    let text = format!("{PODS}{SERVER}{POOLER}{ENTRY}").replace("host = \"db\"", "host = 5");
    assert_eq!(misses(&text), 0, "{:?}", errors(&text));
    // Without the error the server would have enough: what is left of its table says nothing.
    let text = format!("{PODS}{SERVER}{POOLER}{ENTRY}pool_size = 90\n").replace("400", "\"400\"");
    assert_eq!(errors(&text).len(), 1, "{:?}", errors(&text));
    let text = format!("{PODS}{SERVER}{POOLER}{ENTRY}pool_size = \"9\"\nmin_pool_size = 200\n");
    assert_eq!(errors(&text).len(), 1, "{:?}", errors(&text));
    // The entry itself cannot be read: what refers to it is not at fault, nor is its PgBouncer empty.
    let text = format!("{PODS}{SERVER}{POOLER}{ENTRY}").replace("database = \"main\"", "database = 5");
    assert_eq!(errors(&text).len(), 1, "{:?}", errors(&text));
}

#[test]
fn entries_have_names_of_their_own() {
    let twin = "[pgbouncer.twin]\nmax_client_conn = 5\n[pgbouncer.twin.pool.labeling]\ndatabase = \"main\"\n";
    check_error(
        &format!("{PODS}{SERVER}{POOLER}{ENTRY}{twin}"),
        "two PgBouncers have an entry `labeling`: `pool_connections` could mean either",
        &["labeling", "labeling"],
        "rename one and write `dbname = \"labeling\"` in it",
    );
    let text = format!("{PODS}{SERVER}{POOLER}{ENTRY}").replace("labeling", "pgbouncer");
    assert_eq!(errors(&text), ["an entry cannot be named `pgbouncer`: that is PgBouncer's own admin console"]);
    let empty = format!("{SERVER}{POOLER}max_client_conn = 5\n");
    assert_eq!(errors(&empty), ["`pgbouncer.main` has no entry: it leads nowhere"]);
}

#[test]
fn versions_gate_what_may_be_written() {
    let with = |keys: &str| format!("{PODS}{SERVER}{POOLER}{keys}\n{ENTRY}");
    assert!(resolve(&with("version = \"1.25.1\"\nauth_type = \"ldap\"")).is_ok());
    check_error(
        &with("version = \"1.24\"\nauth_type = \"ldap\""),
        "`auth_type = \"ldap\"` is known to PgBouncer from 1.25 on",
        &["\"ldap\"", "\"1.24\""],
        "version = \"1.25\"",
    );
    check_error(
        &with("version = \"1.17\""),
        "PgBouncer 1.17 is too old: capgen knows the keys from 1.18 on",
        &["\"1.17\""],
        "upgrade PgBouncer and write `version = \"1.18\"` or later",
    );
    assert!(resolve(&with("listen_addr = \"127.0.0.1,::1\"")).is_ok());
    assert!(resolve(&with("listen_addr = \"*\"")).is_ok());
    assert_eq!(errors(&with("listen_addr = \"a,,b\"")).len(), 1);
}

#[test]
fn numbers_beyond_reason_are_errors_and_not_panics() {
    let pods = PODS.replace("30", "100000000").replace("labeling = 10", "labeling = 100000000");
    let found = errors(&format!("{pods}{SERVER}{POOLER}{ENTRY}"));
    assert!(found.iter().any(|it| it.contains("max_client_conn` would be above 100 million")), "{found:?}");
    let sizes = "pool_size = 100000000\nusers = 10000\n";
    let found = errors(&format!("{PODS}{SERVER}{POOLER}{ENTRY}{sizes}"));
    assert!(found.iter().any(|it| it.contains("above 100 million")), "{found:?}");
}

/// One entry: server, how it is sized, users.
type Drawn = (bool, u8, i64, i64);

fn spec_of(most: (i64, i64), reserved: i64, pods: (i64, i64), poolers: &[(i64, Vec<Drawn>)]) -> String {
    let mut text = format!("[service.api]\nreplicas = {}\ndatabase_connections = {{ a = {} }}\n", pods.0, pods.1);
    for (name, most) in [("a", most.0), ("b", most.1)] {
        text.push_str(&format!("[database.{name}]\nhost = \"db\"\nmax_connections = {most}\n"));
        text.push_str(&format!("reserved_connections = {reserved}\n"));
    }
    for (number, (instances, entries)) in poolers.iter().enumerate() {
        text.push_str(&format!("[pgbouncer.p{number}]\ninstances = {instances}\nmax_client_conn = 100\n"));
        for (index, (server, kind, size, users)) in entries.iter().enumerate() {
            let server = if *server { "a" } else { "b" };
            text.push_str(&format!("[pgbouncer.p{number}.pool.e{number}_{index}]\ndatabase = \"{server}\"\n"));
            let sizing = match kind {
                0 => format!("pool_size = {size}\n"),
                1 => format!("max_db_connections = {size}\n"),
                2 => format!("share = 0.{size:02}\nreserve_pool = 1\n"),
                3 | 4 => format!("share = 0.{size:02}\n"),
                _ => String::new(),
            };
            text.push_str(&format!("users = {users}\n{sizing}"));
        }
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is written: either it is refused, or no server can be asked for more connections than it has.
    #[test]
    fn the_budget_never_exceeds_the_server(
        most in (50_i64..3000, 50_i64..3000),
        reserved in 0_i64..40,
        pods in (0_i64..20, 0_i64..3),
        poolers in prop::collection::vec(
            (1_i64..5, prop::collection::vec((any::<bool>(), 0_u8..8, 1_i64..40, 1_i64..5), 1..4)),
            1..4,
        ),
    ) {
        let Ok(model) = resolve(&spec_of(most, reserved, pods, &poolers)) else { return Ok(()) };
        for database in &model.databases {
            let pools = model.pgbouncers.iter().flat_map(|it| it.entries.iter().map(move |pool| (it, pool)));
            let of_server = pools.filter(|(_, pool)| pool.database == database.name);
            let open: i64 = of_server.map(|(it, pool)| it.instances.value * pool.max_db_connections.value).sum();
            prop_assert!(open <= database.usable.value, "{} > {}", open, database.usable.value);
        }
        let written: usize = poolers.iter().map(|(_, entries)| entries.len()).sum();
        let pools: Vec<&PoolEntry> = model.pgbouncers.iter().flat_map(|it| &it.entries).collect();
        prop_assert_eq!(pools.len(), written);
        for pool in pools {
            prop_assert!(pool.pool_size.value >= 1 && pool.max_db_connections.value >= 1);
            prop_assert!(pool.reserve_pool.value >= 0);
        }
        for (address, why) in model.causes.iter() {
            let dangling = why.inputs.iter().find(|input| model.causes.get(input).is_none());
            prop_assert_eq!(dangling, None, "an input of {} has no reason", address);
        }
    }

    /// More processes never give one process more.
    #[test]
    fn more_processes_never_get_larger_pools(most in 100_i64..5000, share in 1_i64..100, instances in 1_i64..40) {
        let size = |instances: i64| {
            let server = format!("[database.a]\nhost = \"db\"\nmax_connections = {most}\n");
            let pooler = format!("[pgbouncer.p]\nmax_client_conn = 9\ninstances = {instances}\n");
            let entry = format!("[pgbouncer.p.pool.e]\ndatabase = \"a\"\nshare = 0.{share:02}\n");
            let text = [server, pooler, entry].concat();
            resolve(&text).map(|model| model.pgbouncers[0].entries[0].max_db_connections.value).unwrap_or(0)
        };
        prop_assert!(size(instances + 1) <= size(instances));
    }
}

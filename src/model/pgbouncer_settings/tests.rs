//! Settings as they are written and as the ini has them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use crate::diag::source::{SourceKind, Sources, Span, Spanned};
use crate::model::reasons::Reasons;
use crate::spec::pool::{Pgbouncer, Setting};
use crate::spec::scalar::{Entry, Named, Text};
use crate::why::Address;

use super::KEYS;

/// The value in the ini, or what is wrong and what to type instead.
fn resolve(name: &str, value: Setting, version: (u32, u32)) -> Result<String, (String, String)> {
    let file = Sources::default().add(SourceKind::File, "capacity.toml", "");
    let span = Span::new(file, 0..0);
    let entry = Entry { key: span, value: Spanned { value, span } };
    let settings = Named::from_iter([(name.to_owned(), entry)]);
    let written = Pgbouncer { settings: Some(settings), ..Pgbouncer::default() };
    let mut reasons = Reasons::new();
    let found = super::resolve(&written, &Address::of(["pgbouncer", "main"]), version, &mut reasons);
    match reasons.sink.into_sorted().as_slice() {
        [] => {
            let [(key, text)] = found.as_slice() else { panic!("{found:?}") };
            assert_eq!(
                (key.as_str(), text.address.as_str()),
                (name, format!("pgbouncer.main.settings.{name}").as_str())
            );
            Ok(text.value.clone())
        }
        [diagnostic] => Err((diagnostic.message.clone(), diagnostic.help.join("; "))),
        more => panic!("{more:?}"),
    }
}

fn text(text: &str) -> Setting {
    Setting::Text(Text::parse(text).expect("a line"))
}

fn check(name: &str, value: Setting, expected: &str) {
    assert_eq!(resolve(name, value, (1, 25)), Ok(expected.to_owned()));
}

fn check_error(name: &str, value: Setting, version: (u32, u32), message: &str, help: &str) {
    assert_eq!(resolve(name, value, version), Err((message.to_owned(), help.to_owned())));
}

#[test]
fn values_lose_their_units() {
    check("server_lifetime", text("1h"), "3600");
    check("server_lifetime", Setting::Number(3600), "3600");
    check("reserve_pool_timeout", Setting::Number(0), "0");
    check("tcp_user_timeout", text("1.5s"), "1500");
    check("log_connections", Setting::Switch(false), "0");
    check("log_connections", Setting::Number(1), "1");
    check("max_user_connections", Setting::Number(50), "50");
    check("unix_socket_mode", text("0770"), "0770");
    check("server_tls_sslmode", text("verify-full"), "verify-full");
    check("server_reset_query", text("DISCARD ALL; # as written"), "DISCARD ALL; # as written");
}

#[test]
fn values_of_another_kind_are_refused() {
    let refused = |name: &str, value: Setting, fault: &str, help: &str| {
        check_error(name, value, (1, 25), &format!("`{name}` cannot have this value: {fault}"), help);
    };
    let seconds = "`500ms` is not a whole number of seconds";
    refused("query_timeout", text("500ms"), seconds, "query_timeout = \"30s\"");
    let unit = "`600` has no unit after `600`, write `\"600s\"` for seconds";
    refused("query_timeout", text("600"), unit, "query_timeout = \"30s\"");
    refused("query_timeout", Setting::Number(-1), "expected a duration in quotes", "query_timeout = \"30s\"");
    refused("query_timeout", text("100y"), "`100y` is longer than PgBouncer can count", "query_timeout = \"30s\"");
    refused("log_stats", Setting::Number(2), "expected `true` or `false`", "log_stats = true");
    refused("log_stats", text("yes"), "expected `true` or `false`", "log_stats = true");
    let number = "expected a whole number from 0 to 2147483647";
    refused("peer_id", Setting::Number(1 << 31), number, "peer_id = 5");
    refused("peer_id", text("5"), number, "peer_id = 5");
    refused("unix_socket_mode", text("0888"), "expected an octal mode in quotes", "unix_socket_mode = \"0770\"");
    refused("logfile", Setting::Number(5), "it is a text", "logfile = \"…\"");
    refused("logfile", text("/var/log/x "), "the blanks at its ends would be lost in the file", "logfile = \"…\"");
    let modes = "expected one of `disable`, `allow`, `prefer`, `require`, `verify-ca`, `verify-full`";
    refused("client_tls_sslmode", text("on"), modes, "client_tls_sslmode = \"verify-full\"");
}

#[test]
fn what_capgen_decides_is_not_a_setting() {
    let message = "`max_client_conn` has a key of its own";
    let help = "write it in `[pgbouncer.main]` itself: `max_client_conn = …`";
    check_error("max_client_conn", Setting::Number(5), (1, 25), message, help);
    let message = "`reserve_pool_size` decides nothing: every entry is written with its own `reserve_pool`";
    let help = "`reserve_pool = …` in `[pgbouncer.main.pool.NAME]`";
    check_error("reserve_pool_size", Setting::Number(5), (1, 25), message, help);
}

#[test]
fn keys_are_gated_by_the_version() {
    let message = "PgBouncer knows `transaction_timeout` from 1.25 on";
    let help = "take it out, or upgrade and write `version = \"1.25\"`";
    check_error("transaction_timeout", text("5s"), (1, 24), message, help);
    check("transaction_timeout", text("5s"), "5");
    assert_eq!(resolve("transaction_timeout", text("5s"), (1, 26)), Ok("5".to_owned()));
    let message = "capgen knows no PgBouncer setting `server_life_time`";
    check_error("server_life_time", text("5s"), (1, 25), message, "did you mean `server_lifetime`?");
    let help = "take it out; PgBouncer's `doc/config.md` lists the keys of its `[pgbouncer]` section";
    check_error("xyz", text("5s"), (1, 25), "capgen knows no PgBouncer setting `xyz`", help);
}

#[test]
fn the_table_is_sorted_and_has_nothing_twice() {
    assert!(KEYS.windows(2).all(|pair| pair[0].name < pair[1].name));
    let decided = super::OWN.iter().chain(super::PER_ENTRY.iter().map(|(key, _)| key));
    assert!(decided.clone().all(|key| KEYS.iter().all(|it| it.name != *key)));
}

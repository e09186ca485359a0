//! What PgBouncer takes for granted.
//!
//! Source: `pgbouncer/pgbouncer` 1.25, `src/main.c` (the table `bouncer_params`) and `doc/config.md`.

use super::Row;
use super::Rule::{Default, Text};

const ASSUMED: &str = "PgBouncer takes it for granted";
const SAME: &str = "PgBouncer reads both alike";

const fn row(place: &'static str, rule: super::Rule, reason: &'static str) -> Row {
    Row { kind: "pgbouncer", place, rule, reason }
}

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row("pgbouncer listen_port", Default("6432"), ASSUMED),
    row("pgbouncer pool_mode", Default("\"session\""), ASSUMED),
    row("pgbouncer max_client_conn", Default("100"), ASSUMED),
    row("pgbouncer default_pool_size", Default("20"), ASSUMED),
    row("pgbouncer min_pool_size", Default("0"), ASSUMED),
    row("pgbouncer reserve_pool_size", Default("0"), ASSUMED),
    row("pgbouncer reserve_pool_timeout", Default("5"), ASSUMED),
    row("pgbouncer max_db_connections", Default("0"), ASSUMED),
    row("pgbouncer max_user_connections", Default("0"), ASSUMED),
    row("pgbouncer server_lifetime", Default("3600"), ASSUMED),
    row("pgbouncer server_idle_timeout", Default("600"), ASSUMED),
    row("pgbouncer server_reset_query", Default("\"DISCARD ALL\""), ASSUMED),
    row("pgbouncer query_timeout", Default("0"), ASSUMED),
    row("pgbouncer query_wait_timeout", Default("120"), ASSUMED),
    row("pgbouncer idle_transaction_timeout", Default("0"), ASSUMED),
    row("pgbouncer client_idle_timeout", Default("0"), ASSUMED),
    row("pgbouncer client_login_timeout", Default("60"), ASSUMED),
    row("pgbouncer server_connect_timeout", Default("15"), ASSUMED),
    row("pgbouncer auth_type", Default("\"md5\""), ASSUMED),
    row("pgbouncer *", Text, SAME),
    row("databases * port", Default("5432"), ASSUMED),
    row("databases * pool_size", Default("20"), ASSUMED),
    row("databases * min_pool_size", Default("0"), ASSUMED),
    row("databases * reserve_pool", Default("0"), ASSUMED),
    row("databases * max_db_connections", Default("0"), ASSUMED),
    row("databases * *", Text, SAME),
];

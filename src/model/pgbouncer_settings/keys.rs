//! The table of keys, without those that capgen decides itself.
//!
//! Key and kind: `bouncer_params`, PgBouncer 1.25 `src/main.c`; all of them stand in 1.18 too unless `NEWS.md` names a
//! later version. What 1.26 and later added is not known here and refused as unknown.

/// A key of the `[pgbouncer]` section.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    /// The first version that knows it; 1.18 stands for "at least since".
    pub(super) since: (u32, u32),
    pub(super) kind: Kind,
}

/// What a value looks like.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Integer,
    /// 0 or 1 in the file.
    Switch,
    /// Whole seconds in the file.
    Seconds,
    /// Whole milliseconds in the file.
    Milliseconds,
    /// The mode of a file, in octal.
    Mode,
    OneOf(&'static [&'static str]),
    Text,
}

impl Kind {
    /// What is expected, for messages.
    pub(super) fn expected(self) -> String {
        match self {
            Self::Integer => "a whole number from 0 to 2147483647".to_owned(),
            Self::Switch => "`true` or `false`".to_owned(),
            Self::Seconds | Self::Milliseconds => "a duration in quotes".to_owned(),
            Self::Mode => "an octal mode in quotes".to_owned(),
            Self::OneOf(choices) => format!("one of `{}`", choices.join("`, `")),
            Self::Text => "a text".to_owned(),
        }
    }

    /// An assignment that would do.
    pub(super) fn example(self, name: &str) -> String {
        match self {
            Self::Integer => format!("{name} = 5"),
            Self::Switch => format!("{name} = true"),
            Self::Seconds => format!("{name} = \"30s\""),
            Self::Milliseconds => format!("{name} = \"500ms\""),
            Self::Mode => format!("{name} = \"0770\""),
            Self::OneOf(choices) => format!("{name} = \"{}\"", choices.last().copied().unwrap_or_default()),
            Self::Text => format!("{name} = \"…\""),
        }
    }
}

const TLS_MODES: &[&str] = &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

const fn key(name: &'static str, since: (u32, u32), kind: Kind) -> Key {
    Key { name, since, kind }
}

/// Sorted by name.
pub(super) static KEYS: &[Key] = &[
    key("admin_users", (1, 18), Kind::Text),
    key("application_name_add_host", (1, 18), Kind::Switch),
    key("auth_dbname", (1, 19), Kind::Text),
    key("auth_hba_file", (1, 18), Kind::Text),
    key("auth_ident_file", (1, 23), Kind::Text),
    key("auth_ldap_options", (1, 25), Kind::Text),
    key("auth_query", (1, 18), Kind::Text),
    key("auth_user", (1, 18), Kind::Text),
    key("autodb_idle_timeout", (1, 18), Kind::Seconds),
    key("cancel_wait_timeout", (1, 19), Kind::Seconds),
    key("client_idle_timeout", (1, 18), Kind::Seconds),
    key("client_login_timeout", (1, 18), Kind::Seconds),
    key("client_tls13_ciphers", (1, 25), Kind::Text),
    key("client_tls_ca_file", (1, 18), Kind::Text),
    key("client_tls_cert_file", (1, 18), Kind::Text),
    key("client_tls_ciphers", (1, 18), Kind::Text),
    key("client_tls_dheparams", (1, 18), Kind::Text),
    key("client_tls_ecdhcurve", (1, 18), Kind::Text),
    key("client_tls_key_file", (1, 18), Kind::Text),
    key("client_tls_protocols", (1, 18), Kind::Text),
    key("client_tls_sslmode", (1, 18), Kind::OneOf(TLS_MODES)),
    key("disable_pqexec", (1, 18), Kind::Switch),
    key("dns_max_ttl", (1, 18), Kind::Seconds),
    key("dns_nxdomain_ttl", (1, 18), Kind::Seconds),
    key("dns_zone_check_period", (1, 18), Kind::Seconds),
    key("idle_transaction_timeout", (1, 18), Kind::Seconds),
    key("ignore_startup_parameters", (1, 18), Kind::Text),
    key("job_name", (1, 18), Kind::Text),
    key("listen_backlog", (1, 18), Kind::Integer),
    key("log_connections", (1, 18), Kind::Switch),
    key("log_disconnections", (1, 18), Kind::Switch),
    key("log_pooler_errors", (1, 18), Kind::Switch),
    key("log_stats", (1, 18), Kind::Switch),
    key("logfile", (1, 18), Kind::Text),
    key("max_db_client_connections", (1, 24), Kind::Integer),
    key("max_packet_size", (1, 18), Kind::Integer),
    key("max_prepared_statements", (1, 21), Kind::Integer),
    key("max_user_client_connections", (1, 24), Kind::Integer),
    key("max_user_connections", (1, 18), Kind::Integer),
    key("peer_id", (1, 19), Kind::Integer),
    key("pidfile", (1, 18), Kind::Text),
    key("pkt_buf", (1, 18), Kind::Integer),
    key("query_timeout", (1, 18), Kind::Seconds),
    key("query_wait_notify", (1, 25), Kind::Seconds),
    key("query_wait_timeout", (1, 18), Kind::Seconds),
    key("reserve_pool_timeout", (1, 18), Kind::Seconds),
    key("resolv_conf", (1, 18), Kind::Text),
    key("sbuf_loopcnt", (1, 18), Kind::Integer),
    key("scram_iterations", (1, 25), Kind::Integer),
    key("server_check_delay", (1, 18), Kind::Seconds),
    key("server_check_query", (1, 18), Kind::Text),
    key("server_connect_timeout", (1, 18), Kind::Seconds),
    key("server_fast_close", (1, 18), Kind::Switch),
    key("server_idle_timeout", (1, 18), Kind::Seconds),
    key("server_lifetime", (1, 18), Kind::Seconds),
    key("server_login_retry", (1, 18), Kind::Seconds),
    key("server_reset_query", (1, 18), Kind::Text),
    key("server_reset_query_always", (1, 18), Kind::Switch),
    key("server_round_robin", (1, 18), Kind::Switch),
    key("server_tls13_ciphers", (1, 25), Kind::Text),
    key("server_tls_ca_file", (1, 18), Kind::Text),
    key("server_tls_cert_file", (1, 18), Kind::Text),
    key("server_tls_ciphers", (1, 18), Kind::Text),
    key("server_tls_key_file", (1, 18), Kind::Text),
    key("server_tls_protocols", (1, 18), Kind::Text),
    key("server_tls_sslmode", (1, 18), Kind::OneOf(TLS_MODES)),
    key("so_reuseport", (1, 18), Kind::Switch),
    key("stats_period", (1, 18), Kind::Seconds),
    key("stats_users", (1, 18), Kind::Text),
    key("suspend_timeout", (1, 18), Kind::Seconds),
    key("syslog", (1, 18), Kind::Switch),
    key("syslog_facility", (1, 18), Kind::Text),
    key("syslog_ident", (1, 18), Kind::Text),
    key("tcp_defer_accept", (1, 18), Kind::Integer),
    key("tcp_keepalive", (1, 18), Kind::Switch),
    key("tcp_keepcnt", (1, 18), Kind::Integer),
    key("tcp_keepidle", (1, 18), Kind::Seconds),
    key("tcp_keepintvl", (1, 18), Kind::Seconds),
    key("tcp_socket_buffer", (1, 18), Kind::Integer),
    key("tcp_user_timeout", (1, 18), Kind::Milliseconds),
    key("track_extra_parameters", (1, 20), Kind::Text),
    key("transaction_timeout", (1, 25), Kind::Seconds),
    key("unix_socket_dir", (1, 18), Kind::Text),
    key("unix_socket_group", (1, 18), Kind::Text),
    key("unix_socket_mode", (1, 18), Kind::Mode),
    key("user", (1, 18), Kind::Text),
    key("verbose", (1, 18), Kind::Integer),
];

//! The settings of Redis that the spec may name. A server does not start with one that it does not know.
//!
//! The names are those of `CONFIG GET *` in 7.0, which later versions keep, less the old spellings of others (`slave-…`,
//! `…-ziplist-…`) and secrets: these never pass through capgen.

use crate::diag::source::Span;
use crate::diag::{Diagnostic, suggest};
use crate::spec::postgresql::ServerValue;
use crate::spec::redis::Redis as Written;
use crate::unit::exact::Exact;
use crate::why::{Address, Derived};

use super::Reasons;

/// Settings that have a key of their own, and it.
const OWN: [(&str, &str); 5] = [
    ("cluster-enabled", "cluster"),
    ("maxclients", "maxclients"),
    ("maxmemory", "maxmemory"),
    ("maxmemory-policy", "maxmemory_policy"),
    ("port", "port"),
];

/// What the spec never holds.
const SECRETS: [&str; 4] = ["masterauth", "masteruser", "requirepass", "tls-key-file-pass"];

/// Sorted.
const KNOWN: &[&str] = &[
    "acl-pubsub-default",
    "aclfile",
    "acllog-max-len",
    "active-defrag-cycle-max",
    "active-defrag-cycle-min",
    "active-defrag-ignore-bytes",
    "active-defrag-max-scan-fields",
    "active-defrag-threshold-lower",
    "active-defrag-threshold-upper",
    "active-expire-effort",
    "activedefrag",
    "activerehashing",
    "aof-disable-auto-gc",
    "aof-load-truncated",
    "aof-rewrite-incremental-fsync",
    "aof-timestamp-enabled",
    "aof-use-rdb-preamble",
    "aof_rewrite_cpulist",
    "appenddirname",
    "appendfilename",
    "appendfsync",
    "appendonly",
    "auto-aof-rewrite-min-size",
    "auto-aof-rewrite-percentage",
    "bgsave_cpulist",
    "bind",
    "bind-source-addr",
    "bio_cpulist",
    "busy-reply-threshold",
    "client-output-buffer-limit",
    "client-query-buffer-limit",
    "cluster-allow-pubsubshard-when-down",
    "cluster-allow-reads-when-down",
    "cluster-allow-replica-migration",
    "cluster-announce-bus-port",
    "cluster-announce-hostname",
    "cluster-announce-ip",
    "cluster-announce-port",
    "cluster-announce-tls-port",
    "cluster-config-file",
    "cluster-link-sendbuf-limit",
    "cluster-migration-barrier",
    "cluster-node-timeout",
    "cluster-port",
    "cluster-preferred-endpoint-type",
    "cluster-replica-no-failover",
    "cluster-replica-validity-factor",
    "cluster-require-full-coverage",
    "crash-log-enabled",
    "crash-memcheck-enabled",
    "databases",
    "dbfilename",
    "dir",
    "disable-thp",
    "dynamic-hz",
    "enable-debug-command",
    "enable-module-command",
    "enable-protected-configs",
    "hash-max-listpack-entries",
    "hash-max-listpack-value",
    "hll-sparse-max-bytes",
    "hz",
    "io-threads",
    "io-threads-do-reads",
    "jemalloc-bg-thread",
    "latency-monitor-threshold",
    "latency-tracking",
    "latency-tracking-info-percentiles",
    "lazyfree-lazy-eviction",
    "lazyfree-lazy-expire",
    "lazyfree-lazy-server-del",
    "lazyfree-lazy-user-del",
    "lazyfree-lazy-user-flush",
    "lfu-decay-time",
    "lfu-log-factor",
    "list-compress-depth",
    "list-max-listpack-size",
    "logfile",
    "loglevel",
    "maxmemory-clients",
    "maxmemory-eviction-tenacity",
    "maxmemory-samples",
    "min-replicas-max-lag",
    "min-replicas-to-write",
    "no-appendfsync-on-rewrite",
    "notify-keyspace-events",
    "oom-score-adj",
    "oom-score-adj-values",
    "pidfile",
    "proc-title-template",
    "propagation-error-behavior",
    "protected-mode",
    "proto-max-bulk-len",
    "rdb-del-sync-files",
    "rdb-save-incremental-fsync",
    "rdbchecksum",
    "rdbcompression",
    "repl-backlog-size",
    "repl-backlog-ttl",
    "repl-disable-tcp-nodelay",
    "repl-diskless-load",
    "repl-diskless-sync",
    "repl-diskless-sync-delay",
    "repl-diskless-sync-max-replicas",
    "repl-ping-replica-period",
    "repl-timeout",
    "replica-announce-ip",
    "replica-announce-port",
    "replica-announced",
    "replica-ignore-disk-write-errors",
    "replica-ignore-maxmemory",
    "replica-lazy-flush",
    "replica-priority",
    "replica-read-only",
    "replica-serve-stale-data",
    "sanitize-dump-payload",
    "save",
    "server_cpulist",
    "set-max-intset-entries",
    "set-proc-title",
    "shutdown-on-sigint",
    "shutdown-on-sigterm",
    "shutdown-timeout",
    "slowlog-log-slower-than",
    "slowlog-max-len",
    "socket-mark-id",
    "stop-writes-on-bgsave-error",
    "stream-node-max-bytes",
    "stream-node-max-entries",
    "supervised",
    "syslog-enabled",
    "syslog-facility",
    "syslog-ident",
    "tcp-backlog",
    "tcp-keepalive",
    "timeout",
    "tls-auth-clients",
    "tls-ca-cert-dir",
    "tls-ca-cert-file",
    "tls-cert-file",
    "tls-ciphers",
    "tls-ciphersuites",
    "tls-client-cert-file",
    "tls-client-key-file",
    "tls-cluster",
    "tls-dh-params-file",
    "tls-key-file",
    "tls-port",
    "tls-prefer-server-ciphers",
    "tls-protocols",
    "tls-replication",
    "tls-session-cache-size",
    "tls-session-cache-timeout",
    "tls-session-caching",
    "tracking-table-max-keys",
    "unixsocket",
    "unixsocketperm",
    "zset-max-listpack-entries",
    "zset-max-listpack-value",
];

/// The `settings` of a table, sorted by name, as Redis reads them.
pub(super) fn resolve(written: &Written, address: &Address, reasons: &mut Reasons) -> Vec<(String, Derived<String>)> {
    let mut found = Vec::new();
    for (name, entry) in written.settings.iter().flat_map(|settings| settings.iter()) {
        let text = known(name, entry.key).and_then(|()| value(name, &entry.value.value, entry.value.span));
        match text {
            Ok(text) => {
                let at = address.child("settings").child(name);
                found.push((name.to_owned(), reasons.taken(at, text, entry.value.span)));
            }
            Err(diagnostic) => {
                reasons.sink.error(*diagnostic);
            }
        }
    }
    found
}

fn known(name: &str, place: Span) -> Result<(), Box<Diagnostic>> {
    let error = |message: String, label: &str, help: String| {
        Err(Box::new(Diagnostic::error(message).at(place, label).help(help)))
    };
    if let Some((_, key)) = OWN.iter().find(|(own, _)| *own == name) {
        return error(format!("`{name}` has a key of its own"), "not in `settings`", format!("write `{key} = …` in the table itself"));
    }
    if SECRETS.contains(&name) {
        let help = "write it into a file of the server's own, beside `include` of this one".to_owned();
        return error(format!("`{name}` is a secret, and a spec holds none"), "", help);
    }
    if KNOWN.binary_search(&name).is_err() {
        let help = match suggest::nearest(name, KNOWN.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "take it out; `CONFIG GET *` lists what a server knows".to_owned(),
        };
        return error(format!("capgen knows no setting `{}` of Redis", name.escape_debug()), "", help);
    }
    Ok(())
}

/// Words with blanks between them; quotes are never needed for what Redis takes.
fn value(name: &str, written: &ServerValue, place: Span) -> Result<String, Box<Diagnostic>> {
    let fault = match written {
        ServerValue::Switch(on) => return Ok(if *on { "yes" } else { "no" }.to_owned()),
        ServerValue::Empty => return Ok(String::new()),
        ServerValue::Number(number) if number.floor() == number.ceil() && *number >= Exact::from(-1) => {
            return Ok(number.to_string());
        }
        ServerValue::Number(_) => "it is a whole number".to_owned(),
        ServerValue::Text(text) => match text.as_str().chars().find(|it| "\"'\\".contains(*it) || !it.is_ascii()) {
            None => return Ok(text.as_str().split(' ').filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ")),
            Some(wrong) => format!("`{wrong}` is not allowed in it"),
        },
    };
    let message = format!("`{name}` cannot have this value: {fault}");
    Err(Box::new(Diagnostic::error(message).at(place, "").help(format!("`{name} = \"…\"` in plain words"))))
}

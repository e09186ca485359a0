//! A copy of a `pgbouncer.ini` that runs on the machine of the test. Every line that is not named here stays as it is.

use crate::output::Pooler;

/// Settings that lead to files, accounts and keys of another machine.
const ELSEWHERE: [&str; 10] = [
    "auth_hba_file",
    "auth_ident_file",
    "client_tls_",
    "job_name",
    "logfile",
    "pidfile",
    "resolv_conf",
    "server_tls_",
    "unix_socket_",
    "user",
];

/// Ways to log in for which a name and a SCRAM secret are enough.
const BY_SECRET: [&str; 3] = ["md5", "scram-sha-256", "trust"];

/// What the copy is to use instead.
pub(crate) struct Here<'a> {
    pub(crate) listen_port: u16,
    pub(crate) auth_file: &'a str,
    pub(crate) postgres_port: u16,
    /// Settings that the installed PgBouncer is too old for.
    pub(crate) too_new: &'a [String],
}

impl Here<'_> {
    /// The text of the copy: other addresses, ports and files; no Unix socket; and a reserve that opens after one
    /// second instead of five.
    pub(crate) fn copy(&self, pooler: &Pooler) -> String {
        let mut section = "";
        let mut copy = String::new();
        for line in pooler.ini.lines() {
            if line.starts_with('[') {
                section = line;
            }
            let line = match section {
                "[databases]" => Some(self.entry(line)),
                _ => self.setting(line),
            };
            copy.extend(line.iter().flat_map(|line| [line.as_str(), "\n"]));
        }
        copy + "unix_socket_dir =\nreserve_pool_timeout = 1\n"
    }

    /// A line of `[databases]`.
    fn entry(&self, line: &str) -> String {
        if line.starts_with(';') {
            return line.to_owned();
        }
        let word = |word: &str| match word.split_once('=').map(|(key, _)| key) {
            Some("host") => "host=127.0.0.1".to_owned(),
            Some("port") => format!("port={}", self.postgres_port),
            _ => word.to_owned(),
        };
        line.split(' ').map(word).collect::<Vec<_>>().join(" ")
    }

    /// A line of another section; `None` takes it out.
    fn setting(&self, line: &str) -> Option<String> {
        let Some((key, value)) = line.split_once(" = ") else { return Some(line.to_owned()) };
        let value = match key {
            "listen_addr" => "127.0.0.1".to_owned(),
            "listen_port" => self.listen_port.to_string(),
            "auth_file" => self.auth_file.to_owned(),
            "auth_type" if !BY_SECRET.contains(&value) => "trust".to_owned(),
            "reserve_pool_timeout" => return None,
            key if self.too_new.iter().any(|it| it == key) => return None,
            key if ELSEWHERE.iter().any(|it| key == *it || it.ends_with('_') && key.starts_with(it)) => return None,
            _ => value.to_owned(),
        };
        Some(format!("{key} = {value}"))
    }
}

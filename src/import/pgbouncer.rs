//! `pgbouncer.ini`: its entries, its settings, and the servers behind it.
//!
//! Sizes that an entry does not say are those of `[pgbouncer]`, else PgBouncer's own (1.25, `src/main.c`). A server's
//! `max_connections` stands nowhere in it: the least that lets all pools be full is assumed, PostgreSQL's default at least.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Draft, Unit};
use super::found::Found;
use super::toml::{Table, Value};
use super::tree;
use super::workloads::unique;
use crate::doc::object::Identity;
use crate::doc::value::{self, Node};
use crate::spec::scalar::{EntryName, Text};

/// Keys of `[pgbouncer]` that have a place of their own, or that every entry says itself.
const OWN: [&str; 10] = [
    "listen_addr",
    "listen_port",
    "auth_type",
    "auth_file",
    "pool_mode",
    "max_client_conn",
    "default_pool_size",
    "min_pool_size",
    "reserve_pool_size",
    "max_db_connections",
];

/// Keys of an entry that the spec has.
const OF_ENTRY: [&str; 8] =
    ["host", "port", "dbname", "pool_size", "min_pool_size", "reserve_pool", "reserve_pool_size", "max_db_connections"];

const UNNAMED: &str = "an entry of the spec has a name of letters, digits, `_`, `-` and `.`";

/// What PostgreSQL has where nobody says otherwise, and what it keeps for superusers.
const MAX_CONNECTIONS: i64 = 100;
const SUPERUSER_RESERVED: i64 = 3;

/// A server, known by its address.
struct Server {
    name: String,
    /// What all pools may open together.
    connections: i64,
    place: String,
    used_by: Vec<String>,
}

type Servers = BTreeMap<(String, i64), Server>;

/// Adds `[database.…]` and `[pgbouncer.…]`.
pub(super) fn add(draft: &mut Draft, found: &mut Found<'_>) {
    let (mut servers, mut server_names) = (Servers::new(), BTreeSet::new());
    let (mut names, mut units) = (BTreeSet::new(), Vec::new());
    for index in found.of_format(|it| matches!(it, Identity::Pgbouncer { .. })) {
        let stem = found.name(index);
        let is_path = stem.contains(['/', '.', ' ']) || stem == "standard input";
        let name = unique(if is_path { "main" } else { stem }, "main", &mut names);
        let table = format!("pgbouncer.{name}");
        let mut tables = vec![own(&name, found, index)];
        let databases = tree::entries_at(&found.objects[index].tree, "databases");
        for (entry, pairs) in databases {
            let place = format!("databases {entry}");
            if Text::<EntryName>::parse(entry).is_err() {
                found.unsaid_keys(index, &["databases", entry], UNNAMED);
                continue;
            }
            match server(pairs, &table, found.place(index, &place), &mut servers, &mut server_names) {
                Some(server) => {
                    let pool = pool(&name, entry, pairs, &server.name, found, index);
                    server.connections = server.connections.saturating_add(pool.most);
                    tables.push(pool.table);
                }
                None => found.unsaid_keys(index, &["databases", entry], "the spec knows servers by host and port"),
            }
        }
        found.take(index);
        units.push(Unit { table, objects: found.described(&[index]), tables, ..Unit::default() });
    }
    for ((host, port), server) in &servers {
        draft.add(database(host, *port, server));
    }
    units.into_iter().for_each(|it| draft.add(it));
}

impl Server {
    /// The `max_connections` that has to be written.
    fn most(&self) -> i64 {
        MAX_CONNECTIONS.max(self.connections.saturating_add(SUPERUSER_RESERVED))
    }
}

fn database(host: &str, port: i64, server: &Server) -> Unit {
    let mut table = Table::new(&["database", &server.name], server.place.clone());
    table.add("host", Value::text(host));
    if port != 5432 {
        table.add("port", Value::Int(port));
    }
    table.add_noted("max_connections", Value::Int(server.most()), "assumed: write what the server has");
    let (name, most) = (&server.name, server.most());
    let what = format!("`max_connections` of the server `{name}`: {most}, the least that lets its pools be full");
    Unit {
        table: format!("database.{name}"),
        tables: vec![table],
        serves: server.used_by.clone(),
        is_needed: true,
        assumed: vec![(server.place.clone(), what)],
        ..Unit::default()
    }
}

/// `[pgbouncer.…]` itself.
fn own(name: &str, found: &mut Found<'_>, index: usize) -> Table {
    let tree = &found.objects[index].tree;
    let mut table = Table::new(&["pgbouncer", name], found.place(index, ""));
    let text = |key: &str| tree::text_at(tree, &format!("pgbouncer {key}"));
    // Both differ from what a spec takes for granted.
    table.add("pool_mode", Value::Text(text("pool_mode").unwrap_or_else(|| "session".to_owned())));
    if let Some(addr) = text("listen_addr").filter(|it| it != "0.0.0.0") {
        table.add("listen_addr", Value::Text(addr));
    }
    if let Some(port) = tree::int_at(tree, "pgbouncer listen_port").filter(|it| *it != 6432) {
        table.add("listen_port", Value::Int(port));
    }
    table.add("auth_type", Value::Text(text("auth_type").unwrap_or_else(|| "md5".to_owned())));
    if let Some(file) = text("auth_file").filter(|it| it != "/etc/pgbouncer/userlist.txt") {
        table.add("auth_file", Value::Text(file));
    }
    table.add("max_client_conn", Value::Int(tree::int_at(tree, "pgbouncer max_client_conn").unwrap_or(100)));
    let mut settings = Vec::new();
    for (key, node) in tree::entries_at(tree, "pgbouncer").iter().filter(|(key, _)| !OWN.contains(&key.as_ref())) {
        let Some(value) = setting(node) else { continue };
        match &value {
            Value::Text(text) if tree::may_be_secret(key, text) => {
                found.unsaid_keys(index, &["pgbouncer", key], "it may hold a secret");
            }
            _ => settings.push((key.to_string(), value)),
        }
    }
    if !settings.is_empty() {
        table.add("settings", Value::Inline(settings));
    }
    table
}

fn setting(node: &Node) -> Option<Value> {
    match &node.value {
        value::Value::Int(number) => Some(Value::Int(*number)),
        _ => tree::text(node).map(Value::Text),
    }
}

/// The server that an entry leads to.
fn server<'s>(
    pairs: &Node,
    table: &str,
    place: String,
    servers: &'s mut Servers,
    names: &mut BTreeSet<String>,
) -> Option<&'s mut Server> {
    let host = tree::text_at(pairs, "host").filter(|it| !it.contains('@'))?;
    let port = tree::int_at(pairs, "port").unwrap_or(5432);
    let first = host.split('.').next().unwrap_or_default();
    let wished = if host.bytes().all(|it| it.is_ascii_digit() || it == b'.') { &host } else { first };
    let server = servers.entry((host.clone(), port)).or_insert_with(|| {
        let name = unique(wished, "server", names);
        Server { name, connections: 0, place, used_by: Vec::new() }
    });
    if !server.used_by.iter().any(|it| it == table) {
        server.used_by.push(table.to_owned());
    }
    Some(server)
}

/// An entry of `[databases]`, and what it may open.
struct Pool {
    table: Table,
    most: i64,
}

fn pool(pgbouncer: &str, name: &str, pairs: &Node, server: &str, found: &mut Found<'_>, index: usize) -> Pool {
    let general = found.objects[index].tree.get("pgbouncer");
    let place = found.place(index, &format!("databases {name}"));
    let mut table = Table::new(&["pgbouncer", pgbouncer, "pool", name], place);
    table.add("database", Value::text(server));
    if let Some(dbname) = tree::text_at(pairs, "dbname").filter(|it| it != name) {
        table.add("dbname", Value::Text(dbname));
    }
    let of = |key: &str, other: &str, global: &str| {
        let own = tree::int_at(pairs, key).or_else(|| tree::int_at(pairs, other));
        own.or_else(|| general.and_then(|it| tree::int_at(it, global)))
    };
    let size = of("pool_size", "pool_size", "default_pool_size").unwrap_or(20);
    let reserve = of("reserve_pool", "reserve_pool_size", "reserve_pool_size").unwrap_or(0);
    table.add("pool_size", Value::Int(size)).add("reserve_pool", Value::Int(reserve));
    let min = tree::int_at(pairs, "min_pool_size");
    let min = min.or_else(|| general.and_then(|it| tree::int_at(it, "min_pool_size")).filter(|it| *it > 0));
    if let Some(min) = min {
        table.add("min_pool_size", Value::Int(min));
    }
    let most = of("max_db_connections", "max_db_connections", "max_db_connections").filter(|it| *it > 0);
    let usual = size.saturating_add(reserve);
    if most.is_none() {
        table.add_noted("max_db_connections", Value::Int(0), "no limit: every user has a pool of its own");
    } else if let Some(most) = most.filter(|it| *it != usual) {
        table.add("max_db_connections", Value::Int(most));
    }
    for (key, _) in tree::entries(pairs).iter().filter(|(key, _)| !OF_ENTRY.contains(&key.as_ref())) {
        let why = match key.as_ref() {
            "password" => "secrets belong into the file of the users",
            _ => "the spec has no such key for an entry",
        };
        found.unsaid_keys(index, &["databases", name, key], why);
    }
    Pool { table, most: most.unwrap_or(size.saturating_add(reserve)) }
}

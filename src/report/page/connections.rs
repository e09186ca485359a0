//! Connections: what servers have, what PgBouncers take of it, what nginx passes on to.

use crate::doc::markup::{grouped, html};
use crate::model::pools::{Database, Pgbouncer, PoolEntry};
use crate::unit::exact::Exact;

use super::bars::{Bar, chart};
use super::table::{Column, table};
use super::{Page, Section, code, explained, largest, number, part};

/// Servers: their connections, and who may take them.
pub(super) fn databases(page: &Page<'_>) -> Section {
    let databases = &page.model.databases;
    let mut body = String::new();
    if !databases.is_empty() {
        let whole = largest(databases.iter().map(|it| Exact::from(it.max_connections.value)));
        let bars: Vec<Bar> = databases.iter().map(|it| server(it, page, whole)).collect();
        let legend =
            [("main", "pools at their most"), ("soft", "left for pools"), ("alt", "reserved, and direct connections")];
        body = chart("Connections of each server", &legend, &bars);
        let columns = [
            Column::Text("Server"),
            Column::Text("Host"),
            Column::Number("Connections"),
            Column::Number("Of these for pools"),
            Column::Text("Pools at their most: processes × connections"),
        ];
        let row = |it: &Database| {
            let pools = pools_of(it, page).map(|(pgbouncer, entry)| {
                format!(
                    "{} {} × {}",
                    code(&entry.name),
                    number(&pgbouncer.instances),
                    number(&entry.max_db_connections)
                )
            });
            let pools: Vec<String> = pools.collect();
            vec![
                code(it.address.as_str()),
                format!("{} port {}", html(&it.host.value), it.port.value),
                explained(&it.max_connections, page),
                explained(&it.usable, page),
                if pools.is_empty() { "no pool leads there".to_owned() } else { pools.join("<br>") },
            ]
        };
        let rows: Vec<Vec<String>> = databases.iter().map(row).collect();
        body.push_str(&table("databases-table", "Servers and their connections", &columns, &rows));
    }
    Section { id: "databases", title: "Database connections", body }
}

fn pools_of<'p>(database: &'p Database, page: &Page<'p>) -> impl Iterator<Item = (&'p Pgbouncer, &'p PoolEntry)> {
    let entries = page.model.pgbouncers.iter().flat_map(|it| it.entries.iter().map(move |entry| (it, entry)));
    entries.filter(|(_, entry)| entry.database == database.name)
}

fn server(database: &Database, page: &Page<'_>, whole: Exact) -> Bar {
    let (usable, most) = (Exact::from(database.usable.value), Exact::from(database.max_connections.value));
    let taken = pools_of(database, page).fold(Exact::ZERO, |sum, (pgbouncer, entry)| {
        sum + Exact::from(pgbouncer.instances.value) * Exact::from(entry.max_db_connections.value)
    });
    let (taken, usable, most) = (part(taken, whole), part(usable, whole), part(most, whole));
    let value = grouped(&database.max_connections.value.to_string());
    Bar {
        name: code(database.address.as_str()),
        label: format!("{value} connections, {} of them for pools", grouped(&database.usable.value.to_string())),
        value,
        parts: vec![(0, taken, "main"), (taken, usable - taken, "soft"), (usable, most - usable, "alt")],
        marks: Vec::new(),
    }
}

/// PgBouncers and their entries.
pub(super) fn pgbouncers(page: &Page<'_>) -> Section {
    let pgbouncers = &page.model.pgbouncers;
    let mut body = String::new();
    if !pgbouncers.is_empty() {
        let columns = [
            Column::Text("PgBouncer"),
            Column::Text("Pool mode"),
            Column::Number("Processes"),
            Column::Number("Clients of each process"),
        ];
        let row = |it: &Pgbouncer| {
            vec![
                code(it.address.as_str()),
                html(&it.pool_mode.value),
                number(&it.instances),
                explained(&it.max_client_conn, page),
            ]
        };
        let rows: Vec<Vec<String>> = pgbouncers.iter().map(row).collect();
        body = table("pgbouncers-table", "PgBouncers: each process must take every client", &columns, &rows);
        let entries = pgbouncers.iter().flat_map(|it| &it.entries).map(|entry| {
            vec![
                code(entry.address.as_str()),
                code(&entry.database),
                number(&entry.users),
                explained(&entry.pool_size, page),
                explained(&entry.reserve_pool, page),
                explained(&entry.max_db_connections, page),
            ]
        });
        let entries: Vec<Vec<String>> = entries.collect();
        let columns = [
            Column::Text("Entry"),
            Column::Text("Server"),
            Column::Number("Users"),
            Column::Number("Pool"),
            Column::Number("Reserve"),
            Column::Number("Connections of a process"),
        ];
        let caption = "Entries: pool and reserve count per user and process";
        body.push_str(&table("entries-table", caption, &columns, &entries));
    }
    Section { id: "pgbouncers", title: "PgBouncer", body }
}

/// Upstreams of nginx.
pub(super) fn upstreams(page: &Page<'_>) -> Section {
    let row = |it: &crate::model::upstreams::Upstream| {
        let servers: Vec<String> = it.servers.iter().map(|server| code(&server.address.value)).collect();
        vec![code(it.address.as_str()), servers.join(" ")]
    };
    let rows: Vec<Vec<String>> = page.model.upstreams.iter().map(row).collect();
    let columns = [Column::Text("Upstream"), Column::Text("Servers")];
    let body =
        if rows.is_empty() { String::new() } else { table("upstreams-table", "nginx upstreams", &columns, &rows) };
    Section { id: "upstreams", title: "nginx", body }
}

//! PgBouncer: `pgbouncer.ini`, and the form of the file that holds the users.
//!
//! It knows the names and the order of the keys. Per entry the reserve is `reserve_pool`: every version reads it,
//! `reserve_pool_size` only from 1.24 on (PgBouncer `NEWS.md`). Secrets never pass through capgen, so the file of the
//! users is an example without one.

use std::borrow::Cow;

use crate::doc::ini::{Entry, Ini, IniValue, Section};
use crate::doc::value::{Node, Value};
use crate::doc::{Artifact, Body, Text};
use crate::model::Model;
use crate::model::pools::{Pgbouncer, PoolEntry};
use crate::why::Derived;

use super::{Fault, Take, Target};

pub(super) static TARGET: Target =
    Target { name: "pgbouncer", summary: "a PgBouncer's configuration, and the form of its user list", emit };

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    super::emit_all(&model.pgbouncers, take, |pgbouncer| Ok([configuration(pgbouncer), user_list(pgbouncer)]))
}

fn configuration(pgbouncer: &Pgbouncer) -> Artifact {
    let entries = pgbouncer.entries.iter();
    let databases = entries.map(|it| Entry { key: it.name.clone(), value: IniValue::Pairs(connection(it)) }).collect();
    let sections = vec![
        Section { name: "databases".to_owned(), entries: databases },
        Section { name: "pgbouncer".to_owned(), entries: settings(pgbouncer) },
    ];
    artifact(pgbouncer, "pgbouncer.ini", Body::Ini(Ini { sections }))
}

/// The connection string of an entry. `max_db_connections` is the promise to the server: the sizes alone would count
/// once more for every user, as they do where a spec writes 0.
fn connection(entry: &PoolEntry) -> Vec<(String, Node)> {
    let mut pairs = vec![
        ("host", text(&entry.host)),
        ("port", number(&entry.port)),
        ("dbname", text(&entry.dbname)),
        ("pool_size", number(&entry.pool_size)),
    ];
    pairs.extend(entry.min_pool_size.as_ref().map(|it| ("min_pool_size", number(it))));
    pairs.push(("reserve_pool", number(&entry.reserve_pool)));
    pairs.push(("max_db_connections", number(entry.no_limit.as_ref().unwrap_or(&entry.max_db_connections))));
    pairs.into_iter().map(|(key, node)| (key.to_owned(), node)).collect()
}

fn settings(pgbouncer: &Pgbouncer) -> Vec<Entry> {
    let decided = [
        ("listen_addr", text(&pgbouncer.listen_addr)),
        ("listen_port", number(&pgbouncer.listen_port)),
        ("auth_type", text(&pgbouncer.auth_type)),
        ("auth_file", text(&pgbouncer.auth_file)),
        ("pool_mode", text(&pgbouncer.pool_mode)),
        ("max_client_conn", number(&pgbouncer.max_client_conn)),
    ];
    let written = pgbouncer.settings.iter().map(|(key, value)| (key.as_str(), text(value)));
    let entry = |(key, node): (&str, Node)| Entry { key: key.to_owned(), value: IniValue::Scalar(node) };
    decided.into_iter().chain(written).map(entry).collect()
}

fn number(value: &Derived<i64>) -> Node {
    Node { value: Value::Int(value.value), address: Some(value.address.clone()) }
}

/// A whole number in its usual form is one, as the reader of ini files has it.
fn text(text: &Derived<String>) -> Node {
    let value = match text.value.parse::<i64>() {
        Ok(number) if number.to_string() == text.value => Value::Int(number),
        _ => Value::Text(Cow::Owned(text.value.clone())),
    };
    Node { value, address: Some(text.address.clone()) }
}

/// Comments only: PgBouncer passes over lines that start with `;` (`load_auth_file` in `src/loader.c`), so the example
/// lets nobody in, wherever it is copied.
fn user_list(pgbouncer: &Pgbouncer) -> Artifact {
    let lines = [
        format!("; Copy it to {} and add one line for each user, without the `;`:", pgbouncer.auth_file.value),
        ";   \"user\" \"SCRAM-SHA-256$4096:salt$stored-key:server-key\"".to_owned(),
        "; PostgreSQL prints such lines for the users that it has:".to_owned(),
        ";   SELECT format('\"%s\" \"%s\"', usename, passwd) FROM pg_shadow WHERE passwd LIKE 'SCRAM-%';".to_owned(),
    ];
    let text = Text { text: lines.join("\n") + "\n", comment: ";", causes: vec![pgbouncer.auth_file.address.clone()] };
    artifact(pgbouncer, "userlist.txt.example", Body::Text(text))
}

fn artifact(pgbouncer: &Pgbouncer, file: &str, body: Body) -> Artifact {
    let path = format!("pgbouncer/{}/{file}", pgbouncer.name);
    Artifact { path, owner: pgbouncer.address.clone(), body }
}

//! The SQL that spreads a table over shards, from a template, because SQL has no format that could be serialized.
//!
//! Names and texts reach it through the filters `identifier` and `literal` only; the template engine refuses them bare.

use serde::Serialize;

use crate::doc::template::{Language, Template};
use crate::doc::{Artifact, Body, ser};
use crate::model::Model;
use crate::model::shards::{Places, Shards};
use crate::why::{Causes, Derived};

use super::{Fault, Take, Target};

pub(super) static TARGET: Target = Target {
    name: "shards",
    summary: "SQL that routes the rows of a table to its shards: postgresql/<database>-shards.sql",
    emit,
};

pub(super) static TEMPLATE: Template = Template {
    name: "postgresql/shards.sql.j2",
    source: include_str!("../../templates/postgresql/shards.sql.j2"),
    comment: "--",
    language: Language::Sql,
    // Some thirty for each of a thousand shards, ten times over.
    fuel: 500_000,
};

/// What the template sees. `docs/templates.md` promises every name and type to people who replace it.
#[derive(Debug, Serialize)]
struct Context<'a> {
    schema: &'a Derived<String>,
    table: &'a Derived<String>,
    key: &'a Derived<String>,
    count: &'a Derived<i64>,
    column: Option<&'a Derived<String>>,
    config_table: Option<&'a Derived<String>>,
    /// `None` where shards are tables.
    shards: Option<Vec<Shard<'a>>>,
    tables: Option<&'a [Derived<String>]>,
    comments: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Shard<'a> {
    host: &'a Derived<String>,
    port: &'a Derived<i64>,
    dbname: &'a Derived<String>,
}

fn emit(model: &Model, take: Take<'_>) -> Result<(), Fault> {
    super::emit_all(&model.shards, take, |shards| Ok([artifact(shards, model)?]))
}

fn artifact(shards: &Shards, model: &Model) -> Result<Artifact, Fault> {
    let context = ser::to_node(&context(shards, &model.causes))?;
    let replacement = model.templates.get(TEMPLATE.name).map(String::as_str);
    let text = TEMPLATE.render(replacement, &context).map_err(|error| match replacement {
        Some(_) => Fault::Template { name: TEMPLATE.name, owner: shards.address.clone(), error },
        None => Fault::Internal(format!("`{}` for `{}`: {error}", TEMPLATE.name, shards.address)),
    })?;
    let path = format!("postgresql/{}-shards.sql", shards.name);
    Ok(Artifact { path, owner: shards.address.clone(), body: Body::Text(text) })
}

fn context<'a>(shards: &'a Shards, causes: &Causes) -> Context<'a> {
    let Shards { schema, table, key, count, places, .. } = shards;
    let numbers = causes.get(&count.address).and_then(|why| why.numbers());
    let comments = numbers.map(|it| format!("{} shards: {it}", count.value)).into_iter().collect();
    let mut context =
        Context { schema, table, key, count, column: None, config_table: None, shards: None, tables: None, comments };
    match places {
        Places::Databases { column, config_table, shards } => {
            let shard =
                |it: &'a crate::model::shards::Shard| Shard { host: &it.host, port: &it.port, dbname: &it.dbname };
            context.column = Some(column);
            context.config_table = Some(config_table);
            context.shards = Some(shards.iter().map(shard).collect());
        }
        Places::Tables(tables) => context.tables = Some(tables),
    }
    context
}

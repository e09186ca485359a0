//! The SQL of shards on a real PostgreSQL: it runs as often as one likes, and every key goes to exactly one shard that exists,
//! to each of them as many, and to the one that any other program computes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use sha2::{Digest, Sha256};

use crate::postgres::{Postgres, Sql};

/// Rows of the table: enough that chance stays within [`UNEVEN`].
const ROWS: i64 = 20_000;

/// How far from an equal part a shard may be, in percent.
const UNEVEN: i64 = 10;

/// What a fixture without a lock is about.
pub(crate) fn usual() -> BTreeMap<String, String> {
    let values = [
        ("schema", "public"),
        ("table", "tenants"),
        ("key", "tenant_id"),
        ("column", "shard_id"),
        ("config_table", "shard_config"),
        ("count", "4"),
    ];
    values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// A database with the table that is spread.
struct Bed<'a> {
    database: String,
    postgres: &'a Postgres,
    values: &'a BTreeMap<String, String>,
}

/// # Errors
/// What PostgreSQL says, or which promise does not hold.
pub(crate) fn check(sql: &str, values: &BTreeMap<String, String>, postgres: &Postgres) -> Result<(), String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let database = format!("capgen_shards_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    postgres.query(&format!("create database {database}"))?;
    let bed = Bed { database, postgres, values };
    let verdict = bed.judge(sql);
    postgres.query(&format!("drop database {} with (force)", bed.database))?;
    verdict
}

impl Bed<'_> {
    fn judge(&self, sql: &str) -> Result<(), String> {
        let (schema, table, key) = (self.name("schema")?, self.table()?, self.name("key")?);
        self.run(&format!("create schema if not exists {schema}"))?;
        self.run(&format!("create table {table} ({key} text primary key, note text)"))?;
        self.run(&format!("insert into {table} ({key}) select 'key-' || n from generate_series(1, {ROWS}) n"))?;
        self.postgres.run_in(&self.database, &Sql::File(sql))?;
        match self.values.contains_key("tables") {
            true => self.local()?,
            false => self.databases()?,
        }
        let before = self.state()?;
        self.postgres.run_in(&self.database, &Sql::File(sql))?;
        match before == self.state()? {
            true => Ok(()),
            false => Err("a second run changes something".to_owned()),
        }?;
        if !self.values.contains_key("tables") {
            self.another_count(sql)?;
        }
        self.another_route(sql)
    }

    /// Every row has a shard that is configured.
    fn databases(&self) -> Result<(), String> {
        let (table, config) = (self.table()?, self.qualified("config_table")?);
        let (column, key) = (self.name("column")?, self.name("key")?);
        let lost = self.run(&format!(
            "select count(*) from {table} as t left join {config} as c on c.shard_id = t.{column} where c.shard_id is null"
        ))?;
        if lost.trim() != "0" {
            return Err(format!("{} rows are routed to no shard", lost.trim()));
        }
        self.even(&format!("select {column}, count(*) from {table} group by 1"))?;
        self.computed(&format!("select {key}, {column} from {table} order by 1 limit 200"))?;
        let configured = self.run(&format!("select host, port, database from {config} order by shard_id"))?;
        for (index, line) in configured.lines().enumerate() {
            if let Some(host) = self.values.get(&format!("host[{index}]"))
                && !line.starts_with(&format!("{host} "))
            {
                return Err(format!("shard {} is `{line}`, not on `{host}`", index + 1));
            }
        }
        self.run(&format!("insert into {table} ({key}) values ('later')"))?;
        self.computed(&format!("select {key}, {column} from {table} where {key} = 'later'"))?;
        self.run(&format!("insert into {table} ({key}, {column}) values ('moved by hand', 1)"))?;
        match self.run(&format!("insert into {table} ({key}, {column}) values ('nowhere', 100000)")) {
            Ok(_) => Err("a row may name a shard that does not exist".to_owned()),
            Err(_) => Ok(()),
        }
    }

    /// Every key has a table that exists.
    fn local(&self) -> Result<(), String> {
        let (schema, key, table) = (self.name("schema")?, self.name("key")?, self.table()?);
        let route = quoted(&format!("{}_shard", self.values["table"]));
        let named = quoted(&format!("{}_shard_table", self.values["table"]));
        self.even(&format!("select {schema}.{named}({key})::oid, count(*) from {table} group by 1"))?;
        self.computed(&format!("select {key}, {schema}.{route}({key}) from {table} order by 1 limit 200"))
    }

    /// Rows of each shard, as `query` counts them.
    fn even(&self, query: &str) -> Result<(), String> {
        let counted = self.run(query)?;
        let count: i64 = self.values["count"].parse().map_err(|_| "no count".to_owned())?;
        let rows = counted.lines().filter_map(|line| line.rsplit_once(' ')?.1.parse::<i64>().ok());
        let rows: Vec<i64> = rows.collect();
        let even = ROWS / count;
        let is_even = rows.iter().all(|it| (it - even).abs() * 100 <= even * UNEVEN);
        match i64::try_from(rows.len()) == Ok(count) && is_even {
            true => Ok(()),
            false => Err(format!("{count} shards have {rows:?} rows, {even} each would be even")),
        }
    }

    /// Any program must find the same shard.
    fn computed(&self, query: &str) -> Result<(), String> {
        let count: u64 = self.values["count"].parse().map_err(|_| "no count".to_owned())?;
        for line in self.run(query)?.lines() {
            let (key, shard) = line.rsplit_once(' ').ok_or("no shard")?;
            let digest = Sha256::digest(key.as_bytes());
            let number = digest.iter().take(7).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
            if shard != (number % count + 1).to_string() {
                return Err(format!("`{key}` is on shard {shard}, and computes to {}", number % count + 1));
            }
        }
        Ok(())
    }

    /// A file for another number of shards must not route anything.
    fn another_count(&self, sql: &str) -> Result<(), String> {
        let config = self.qualified("config_table")?;
        self.run(&format!("insert into {config} (shard_id, host, port, database) values (2000, 'more', 1, 'more')"))?;
        match self.postgres.run_in(&self.database, &Sql::File(sql)) {
            Err(error) if error.contains("move the rows first") => {
                self.run(&format!("delete from {config} where shard_id = 2000")).map(|_| ())
            }
            Err(error) => Err(error),
            Ok(_) => Err("another number of shards is let pass".to_owned()),
        }
    }

    /// Nor where keys go to another number of shards already.
    fn another_route(&self, sql: &str) -> Result<(), String> {
        let route = format!("{}.{}", self.name("schema")?, quoted(&format!("{}_shard", self.values["table"])));
        let body = "as 'select (length(key) % 2000)::integer + 1'";
        self.run(&format!(
            "create or replace function {route}(key text) returns integer language sql immutable {body}"
        ))?;
        match self.postgres.run_in(&self.database, &Sql::File(sql)) {
            Err(error) if error.contains("keys go to 2000 shards") => Ok(()),
            Err(error) => Err(error),
            Ok(_) => Err("another number of shards is let pass".to_owned()),
        }
    }

    /// All that the file decides, in one text.
    fn state(&self) -> Result<String, String> {
        let mut state =
            self.run(&format!("select md5(string_agg(t::text, ',' order by t::text)) from {} as t", self.table()?))?;
        if !self.values.contains_key("tables") {
            let config = self.qualified("config_table")?;
            state += &self.run(&format!("select string_agg(c::text, ',' order by c::text) from {config} as c"))?;
        }
        Ok(state)
    }

    fn run(&self, sql: &str) -> Result<String, String> {
        self.postgres.run_in(&self.database, &Sql::Statements(sql))
    }

    fn table(&self) -> Result<String, String> {
        self.qualified("table")
    }

    fn qualified(&self, key: &str) -> Result<String, String> {
        Ok(format!("{}.{}", self.name("schema")?, self.name(key)?))
    }

    fn name(&self, key: &str) -> Result<String, String> {
        self.values.get(key).map(|it| quoted(it)).ok_or_else(|| format!("the lock has no `{key}`"))
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

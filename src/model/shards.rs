//! Shards of a table: how many its rows and its size need, where each is, and how a key finds its own.
//!
//! `count = max(ceil(rows / rows_per_shard × safety_margin), the same of the size)`. Check: 300 million rows, 100 million on each
//! shard and a margin of 1.5 are ceil(4.5) = 5.
//!
//! Names and texts of the spec reach SQL as quoted identifiers and literals; here they are only measured: PostgreSQL cuts
//! a name beyond 63 bytes in silence (`NAMEDATALEN`), and two cut names may be one.

use crate::diag::Diagnostic;
use crate::diag::source::{Span, Spanned};
use crate::spec::Spec;
use crate::spec::scalar::{Line, Text};
use crate::spec::shards::Shards as Written;
use crate::unit::exact::Exact;
use crate::unit::kubernetes;
use crate::unit::quantity::{Quantity, format_mebibytes};
use crate::why::{Address, Derived};

use super::pattern::{self, NUMBER};
use super::pools::Database;
use super::reasons::{Answer, Reasons, more_is_more};

/// The shards of one database's table.
#[derive(Debug, Clone)]
pub struct Shards {
    /// The name of its `[database.NAME]`.
    pub name: String,
    /// `database.main.shards`.
    pub address: Address,
    pub schema: Derived<String>,
    pub table: Derived<String>,
    pub key: Derived<String>,
    pub count: Derived<i64>,
    pub places: Places,
}

/// Where shards are.
#[derive(Debug, Clone)]
pub enum Places {
    Databases {
        column: Derived<String>,
        config_table: Derived<String>,
        shards: Vec<Shard>,
    },
    /// Tables of the same database.
    Tables(Vec<Derived<String>>),
}

/// One shard that is a database.
#[derive(Debug, Clone)]
pub struct Shard {
    pub host: Derived<String>,
    pub port: Derived<i64>,
    pub dbname: Derived<String>,
}

/// `NAMEDATALEN` less its end.
const LONGEST: usize = 63;

/// What the longest name adds that is made of a table's: `<table>_shard_table`, `<table>_set_shard`.
const LONGEST_SUFFIX: usize = "_shard_table".len();

/// More would be a mistake in the units.
const MOST: i64 = 1000;

const MARGIN: (i64, i64) = (3, 2);

/// The shards of every database that has some, sorted by name; one with errors is left out.
pub(super) fn resolve(spec: &Spec, databases: &[Database], reasons: &mut Reasons) -> Vec<Shards> {
    let sound = databases.iter().filter(|it| !spec.is_damaged("database", &it.name));
    let shards = |database: &Database| {
        let written = spec.database.get(&database.name)?.value.shards.as_ref()?;
        of_database(database, written, reasons)
    };
    sound.filter_map(shards).collect()
}

fn of_database(database: &Database, written: &Spanned<Written>, reasons: &mut Reasons) -> Option<Shards> {
    let (address, shards) = (database.address.child("shards"), &written.value);
    let table = identifier("table", &shards.table, LONGEST - LONGEST_SUFFIX, &address, reasons);
    let key = identifier("key", &shards.key, LONGEST, &address, reasons);
    let schema = identifier_or("schema", shards.schema.as_ref(), "public", "PostgreSQL's own", &address, reasons);
    let count = count(&address, written, reasons)?;
    let places = match (&shards.host, &shards.tables) {
        (Some(host), None) => databases(database, shards, host, &count, &address, reasons)?,
        (None, Some(tables)) => local(shards, tables, &count, &address, reasons)?,
        (host, tables) => {
            let message = format!("`{address}` must say where the shards are, in one way");
            let diagnostic = Diagnostic::error(message).at(written.span, "");
            let diagnostic = diagnostic
                .at_some(host.as_ref().map(|it| it.span), "on other servers")
                .at_some(tables.as_ref().map(|it| it.span), "in this one");
            let help = format!("write `host = \"shard{NUMBER}.example.com\"`, or `tables = \"tasks_shard_{NUMBER}\"`");
            reasons.sink.error(diagnostic.help(help));
            return None;
        }
    };
    Some(Shards { name: database.name.clone(), address, schema, table, key, count, places })
}

fn identifier(
    name: &str,
    written: &Spanned<Text<Line>>,
    longest: usize,
    address: &Address,
    reasons: &mut Reasons,
) -> Derived<String> {
    let text = written.value.as_str();
    if text.len() > longest {
        let message = format!("`{name}` has {} bytes, {longest} fit: PostgreSQL cuts a longer name", text.len());
        let help = format!("write a shorter `{name}`");
        reasons.sink.error(Diagnostic::error(message).at(written.span, "").help(help));
    }
    reasons.taken(address.child(name), text.to_owned(), written.span)
}

fn identifier_or(
    name: &str,
    written: Option<&Spanned<Text<Line>>>,
    default: &str,
    reason: &'static str,
    address: &Address,
    reasons: &mut Reasons,
) -> Derived<String> {
    match written {
        Some(written) => identifier(name, written, LONGEST, address, reasons),
        None => reasons.default(address.child(name), default.to_owned(), reason),
    }
}

/// Shards on servers of their own, or in databases of their own.
fn databases(
    database: &Database,
    written: &Written,
    host: &Spanned<Text<Line>>,
    count: &Derived<i64>,
    address: &Address,
    reasons: &mut Reasons,
) -> Option<Places> {
    let reason = "what it holds";
    let column = identifier_or("column", written.column.as_ref(), "shard_id", reason, address, reasons);
    let table = written.config_table.as_ref();
    let config_table = identifier_or("config_table", table, "shard_config", reason, address, reasons);
    let port = match &written.port {
        Some(port) => reasons.taken(address.child("port"), port.value.0, port.span),
        None => database.port.clone(),
    };
    let dbname = match &written.dbname {
        Some(dbname) => (dbname.value.as_str().to_owned(), Some(dbname.span)),
        None => (format!("{}_shard{NUMBER}", database.name), None),
    };
    if !host.value.as_str().contains(NUMBER) && !dbname.0.contains(NUMBER) && count.value > 1 {
        let message = format!("all {} shards would be one database", count.value);
        let diagnostic = Diagnostic::error(message).at(host.span, format!("no `{NUMBER}` in it"));
        let help = format!("write `host = \"shard{NUMBER}.example.com\"`, or `dbname = \"shard{NUMBER}\"`");
        reasons.sink.error(diagnostic.at_some(dbname.1, "nor here").help(help));
        return None;
    }
    let longest = dbname.0.replace(NUMBER, &count.value.to_string()).len();
    if longest > LONGEST {
        let message = format!("`dbname` has {longest} bytes, {LONGEST} fit: PostgreSQL cuts a longer name");
        let place = dbname.1.unwrap_or(host.span);
        reasons.sink.error(Diagnostic::error(message).at(place, "").help("write a shorter `dbname`"));
    }
    let hosts = pattern::expanded(host, count, &address.child("host"), kubernetes::host, HOST, reasons)?;
    let template = match dbname.1 {
        Some(span) => reasons.taken(address.child("dbname"), dbname.0.clone(), span),
        None => reasons.default(address.child("dbname"), dbname.0.clone(), "the database's name, and the shard's"),
    };
    let shard = |(index, host): (usize, Derived<String>)| Shard {
        host,
        port: port.clone(),
        dbname: template.map(|it| it.replace(NUMBER, &(index + 1).to_string())),
    };
    Some(Places::Databases { column, config_table, shards: hosts.into_iter().enumerate().map(shard).collect() })
}

const HOST: &str = "host = \"shard{n}.example.com\"";

/// Shards that are tables beside the one that they are made like.
fn local(
    written: &Written,
    tables: &Spanned<Text<Line>>,
    count: &Derived<i64>,
    address: &Address,
    reasons: &mut Reasons,
) -> Option<Places> {
    let elsewhere = [
        ("port", written.port.as_ref().map(|it| it.span)),
        ("dbname", written.dbname.as_ref().map(|it| it.span)),
        ("column", written.column.as_ref().map(|it| it.span)),
        ("config_table", written.config_table.as_ref().map(|it| it.span)),
    ];
    for (key, place) in elsewhere {
        let Some(place) = place else { continue };
        let message = format!("`{key}` is for shards on other servers, these are tables of this one");
        let diagnostic = Diagnostic::error(message).at(place, "decides nothing").at(tables.span, "tables");
        reasons.sink.error(diagnostic.help(format!("take `{key}` out, or write `host` instead of `tables`")));
    }
    let names =
        pattern::names(tables, count, &address.child("tables"), table, "tables = \"tasks_shard_{n}\"", reasons)?;
    if let Some(same) = names.iter().find(|it| it.value == written.table.value.as_str()) {
        let message = format!("the shard `{}` is the table itself", same.value.escape_debug());
        let diagnostic = Diagnostic::error(message).at(tables.span, "").at(written.table.span, "this one");
        reasons.sink.error(diagnostic.help("tables = \"tasks_shard_{n}\""));
        return None;
    }
    Some(Places::Tables(names))
}

fn table(text: &str) -> Result<(), String> {
    match text.len() <= LONGEST {
        true => Ok(()),
        false => Err(format!("`{}` has {} bytes, {LONGEST} fit", text.escape_debug(), text.len())),
    }
}

fn count(address: &Address, written: &Spanned<Written>, reasons: &mut Reasons) -> Option<Derived<i64>> {
    let (at, shards) = (address.child("count"), &written.value);
    let pin = shards.count.as_ref().map(|it| Spanned { value: it.value.0, span: it.span });
    let margin = shards.safety_margin.as_ref().map(|it| Spanned { value: it.value.0, span: it.span });
    let default = Exact::fraction(MARGIN.0, MARGIN.1);
    let margin = reasons.written_or(address.child("safety_margin"), margin.as_ref(), default, "as for services");
    let rows = [
        shards.rows.as_ref().map(|it| amount("rows", it.value.0, it.value.0.to_string(), it.span, address, reasons)),
        shards
            .rows_per_shard
            .as_ref()
            .map(|it| amount("rows_per_shard", it.value.0, it.value.0.to_string(), it.span, address, reasons)),
    ];
    let mut sizes = [None, None];
    for (index, (key, written)) in
        [("size", &shards.size), ("size_per_shard", &shards.size_per_shard)].iter().enumerate()
    {
        if let Some(written) = written {
            sizes[index] = Some(size(key, written, address, reasons)?);
        }
    }
    let (mut value, mut numbers, mut inputs) = (1, vec!["1".to_owned()], vec![margin.address.clone()]);
    for [all, each] in [rows, sizes] {
        let (Some(all), Some(each)) = (all, each) else { continue };
        let needed = reasons.ceil(all.value / each.value * margin.value, &at, all.place)?;
        value = value.max(needed);
        numbers.push(format!("ceil({} / {} × {})", all.text, each.text, margin.value));
        inputs.extend([all.address, each.address]);
    }
    let symbolic = "max(1, ceil(rows / rows_per_shard × safety_margin), ceil(size / size_per_shard × safety_margin))";
    let numbers = format!("max({})", numbers.join(", "));
    let answer = (inputs.len() > 1).then_some(Answer { value, symbolic, numbers, inputs });
    if pin.is_none() && answer.is_none() {
        let message = format!("nothing says how many shards `{address}` needs");
        let help = "`rows = 300_000_000` and `rows_per_shard = 100_000_000`, or `count = 4`";
        reasons.sink.error(Diagnostic::error(message).at(written.span, "").help(help));
    }
    if let Some(answer) = answer.as_ref().filter(|it| it.value > MOST && pin.is_none()) {
        let message = format!("`{address}` asks for {} shards, {MOST} are the most", answer.value);
        let help = "check the units of what one shard carries";
        reasons.sink.error(Diagnostic::error(message).at(written.span, answer.numbers.clone()).help(help));
        return None;
    }
    reasons.decided(at, pin.as_ref(), answer, more_is_more)
}

/// What is divided, or by what.
struct Amount {
    value: Exact,
    text: String,
    address: Address,
    place: Span,
}

fn amount(key: &str, value: Exact, text: String, place: Span, address: &Address, reasons: &mut Reasons) -> Amount {
    let address = reasons.taken(address.child(key), value, place).address;
    Amount { value, text, address, place }
}

fn size(key: &str, written: &Spanned<Quantity>, address: &Address, reasons: &mut Reasons) -> Option<Amount> {
    let bytes = written.value.bytes_ceil();
    let address = reasons.written(address.child(key), written).address;
    if bytes < 1 << 20 {
        let message = format!("`{key}` is {}, less than a mebibyte", written.value);
        reasons.sink.error(Diagnostic::error(message).at(written.span, "").help(format!("{key} = \"500Gi\"")));
        return None;
    }
    Some(Amount { value: Exact::from(bytes), text: format_mebibytes(bytes), address, place: written.span })
}

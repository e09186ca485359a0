//! The objects of a text that somebody wrote or dumped: first what format it is, then what stands in it.

use std::borrow::Cow;

use super::artifact::ini_tree;
use super::{Identity, Object, kubernetes, pieces};
use crate::doc::conf::{self, Dialect};
use crate::doc::value::mark::Mark;
use crate::doc::value::{Fault, Node, Value};
use crate::doc::yaml::Limits;
use crate::doc::{ini, json, nginx, yaml};

/// What a text holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Read {
    /// In the order of the text.
    pub objects: Vec<Object>,
    /// What is no object, each with the reason: `values.yaml`, `app.yaml (document 3)`.
    pub skipped: Vec<(String, &'static str)>,
}

impl Read {
    fn skipped(file: &str, reason: &'static str) -> Self {
        Self { objects: Vec::new(), skipped: vec![(file.to_owned(), reason)] }
    }

    fn of(objects: Vec<Object>) -> Self {
        Self { objects, skipped: Vec::new() }
    }
}

/// Reads a text by the ending of its file's name, and by what it looks like where that says nothing (`-`).
///
/// YAML may hold several documents and Lists, be the output of Helm or of `kubectl get`, and start with a byte order
/// mark; what is no object is passed over with a reason. `status` and `managedFields` are left out.
///
/// # Errors
/// The first fault of a text that claims to be one of the formats and is not.
pub fn of_text(file: &str, text: &str) -> Result<Read, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match Format::of(file, text) {
        Format::Yaml => of_yaml(file, text),
        Format::Json => of_json(file, text),
        Format::Ini => of_ini(file, text),
        Format::Conf(dialect) => Ok(of_conf(file, text, dialect)),
        Format::Nginx => of_nginx(file, text),
    }
}

/// Where the parts of a text's documents stand, in the order in which [`Object::document`] counts them; nothing where the
/// text has a fault, or where nothing in it has a place.
///
/// It reads the text once more: nobody needs to know places before there is something to say about them.
pub fn marks(file: &str, text: &str) -> Vec<Mark> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let documents = |marked: Vec<(Node, Mark)>| {
        marked.into_iter().flat_map(|(document, mark)| kubernetes::marks(&document, mark)).collect()
    };
    let marked = match Format::of(file, text) {
        Format::Yaml if text.trim_start().starts_with('{') && json::parse(text).is_ok() => json::marked(text),
        Format::Yaml => yaml::marked(text, &Limits::default()),
        Format::Json => json::marked(text),
        Format::Ini => return vec![ini::marks(text)],
        Format::Conf(dialect) => return vec![conf::marks(text, dialect)],
        Format::Nginx => {
            let blocks = nginx::parse(text).map(|it| nginx::blocks(&it)).unwrap_or_default();
            return blocks.into_iter().map(|it| it.mark).collect();
        }
    };
    marked.map(documents).unwrap_or_default()
}

/// A text without structure: its lines.
pub fn lines(file: &str, text: &str) -> Object {
    let lines = text.lines().map(|line| Value::Text(Cow::Owned(line.to_owned())).into()).collect();
    Object::found(Identity::File { path: file.to_owned() }, file, Value::List(lines).into())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Yaml,
    Json,
    Ini,
    Conf(Dialect),
    Nginx,
}

impl Format {
    fn of(file: &str, text: &str) -> Self {
        let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
        match name.rsplit_once('.').map(|(_, ending)| ending) {
            Some("yaml" | "yml") => Self::Yaml,
            Some("json") => Self::Json,
            Some("ini") => Self::Ini,
            Some("conf") => Dialect::of(file).map_or(Self::Nginx, Self::Conf),
            _ if text.trim_start().starts_with('{') => Self::Json,
            _ if is_pgbouncer(text) => Self::Ini,
            _ if is_nginx(text) => Self::Nginx,
            _ => Self::Yaml,
        }
    }
}

fn of_yaml(file: &str, text: &str) -> Result<Read, Fault> {
    // JSON is YAML, but its own reader is faster and knows no aliases.
    if text.trim_start().starts_with('{')
        && let Ok(document) = json::parse(text)
    {
        return Ok(of_documents(file, kubernetes::members(document)));
    }
    match pieces::documents(text) {
        Ok(documents) => Ok(of_documents(file, documents)),
        Err(_) if is_template(text) => Ok(Read::skipped(file, "a template that is no YAML before it is rendered")),
        Err(fault) => Err(fault),
    }
}

/// Reads JSON documents, whatever the file is called: the answer of `kubectl get --output=json`, or of `kubectl replace`,
/// which gives one object after the other.
///
/// # Errors
/// The first fault of the syntax, keys that stand twice among them.
pub fn of_json(file: &str, text: &str) -> Result<Read, Fault> {
    if text.trim().is_empty() {
        return Ok(Read::skipped(file, "nothing stands in it"));
    }
    match json::parse_all(text) {
        Ok(documents) => Ok(of_documents(file, documents.into_iter().flat_map(kubernetes::members).collect())),
        Err(_) if is_template(text) => Ok(Read::skipped(file, "a template that is no JSON before it is rendered")),
        Err(fault) => Err(fault),
    }
}

fn of_documents(file: &str, documents: Vec<Node>) -> Read {
    if documents.is_empty() {
        return Read::skipped(file, "nothing stands in it");
    }
    let is_one = documents.len() == 1;
    let mut read = Read::default();
    for (index, tree) in documents.into_iter().enumerate() {
        let document = (!is_one).then_some(index + 1);
        match kubernetes::identity(&tree, file) {
            Ok(identity) => read.objects.push(Object { document, ..Object::found(identity, file, tree) }),
            Err(reason) if is_one => read.skipped.push((file.to_owned(), reason)),
            Err(reason) => read.skipped.push((format!("{file} (document {})", index + 1), reason)),
        }
    }
    read
}

fn of_ini(file: &str, text: &str) -> Result<Read, Fault> {
    if !is_pgbouncer(text) {
        return Ok(Read::skipped(file, "an ini that is not PgBouncer's"));
    }
    let tree = ini_tree(&ini::parse(text)?);
    Ok(Read::of(vec![Object::found(Identity::Pgbouncer { name: pgbouncer_name(file) }, file, tree)]))
}

/// The settings of a server, whatever stands between them.
fn of_conf(file: &str, text: &str, dialect: Dialect) -> Read {
    let tree = conf::parse(text, dialect);
    Read::of(vec![Object::found(settings_identity(file, dialect), file, tree)])
}

/// `main` for `postgresql/main.conf`.
pub(super) fn settings_identity(file: &str, dialect: Dialect) -> Identity {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let name = name.strip_suffix(".conf").unwrap_or(name).to_owned();
    Identity::Settings { program: dialect.program(), name }
}

fn of_nginx(file: &str, text: &str) -> Result<Read, Fault> {
    let nothing = Read::skipped(file, "no nginx upstream or server block");
    if !is_nginx(text) {
        return Ok(nothing);
    }
    let objects = nginx_objects(file, text)?;
    Ok(if objects.is_empty() { nothing } else { Read::of(objects) })
}

/// The `upstream` and `server` blocks of a text.
pub(super) fn nginx_objects(file: &str, text: &str) -> Result<Vec<Object>, Fault> {
    let blocks = nginx::blocks(&nginx::parse(text)?);
    let is_one = blocks.len() == 1;
    let object = |(index, block): (usize, nginx::Block)| {
        let identity = Identity::Nginx { kind: block.kind, name: block.name };
        Object { document: (!is_one).then_some(index + 1), ..Object::found(identity, file, block.tree) }
    };
    Ok(blocks.into_iter().enumerate().map(object).collect())
}

/// `main` for `main/pgbouncer.ini` and for `pools/main.ini`.
pub(super) fn pgbouncer_name(file: &str) -> String {
    let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
    let stem = name.strip_suffix(".ini").unwrap_or(name);
    let folder = folder.rsplit('/').next().filter(|it| !matches!(*it, "" | "." | ".."));
    match (stem, folder) {
        ("pgbouncer", Some(folder)) => folder.to_owned(),
        ("pgbouncer", None) => file.to_owned(),
        (stem, _) => stem.to_owned(),
    }
}

/// Whether a line opens one of the sections that only PgBouncer has.
fn is_pgbouncer(text: &str) -> bool {
    text.lines().any(|line| matches!(line.trim(), "[pgbouncer]" | "[databases]"))
}

/// Whether a line opens an `upstream` or a `server` block; other programs have `.conf` files too.
fn is_nginx(text: &str) -> bool {
    let opens = |line: &str| {
        let mut words = line.split(['{', ' ', '\t']).filter(|word| !word.is_empty());
        match words.next() {
            Some("upstream") => words.next().is_some(),
            Some("server") => words.next().is_none_or(|word| word.starts_with('#')),
            Some("http" | "stream") => line.contains('{'),
            _ => false,
        }
    };
    text.lines().any(|line| opens(line.trim()))
}

/// Whether a line could only be that of a template: Helm's and Jinja's braces stand where a value or a key should.
fn is_template(text: &str) -> bool {
    text.lines().any(|line| {
        let start = line.trim_start().trim_start_matches("- ");
        start.starts_with("{{") || start.starts_with("{%") || line.contains(": {{") || line.contains("{{-")
    })
}

//! PostgreSQL: every generated file of settings must start a server, and the server must then say what the file says.
//!
//! The file is included as it is. Only what this machine cannot do is overridden on the command line, which leaves the
//! rest in force: memory that it does not have, addresses, archives and keys. What is overridden is read by
//! `postgres -C`, which starts nothing.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::postgres::Postgres;
use crate::program::{self, Folder};

/// More shared memory than this is not asked of the machine, in bytes.
const MOST_MEMORY: i64 = 256 << 20;

/// Settings that lead to another machine, or make the server do something there.
const ELSEWHERE: [(&str, &str); 4] =
    [("archive_command", ""), ("archive_mode", "off"), ("listen_addresses", "127.0.0.1"), ("ssl", "off")];

/// How far a value may be from what is written: PostgreSQL rounds to its unit, in bytes.
const ROUNDED: i64 = 1 << 20;

/// A cluster that was made once and is started again for each file.
#[derive(Default)]
pub(crate) struct Cluster(Mutex<Option<Folder>>);

impl Cluster {
    /// # Errors
    /// What PostgreSQL says where it refuses a file, or which setting it does not hold.
    pub(crate) fn check(&self, text: &str, version: Option<u32>) -> Result<(), String> {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = match made.take() {
            Some(folder) => folder,
            None => Postgres::initialized()?,
        };
        let (verdict, folder) = check(text, version, folder);
        *made = folder;
        verdict
    }
}

fn check(text: &str, version: Option<u32>, folder: Folder) -> (Result<(), String>, Option<Folder>) {
    let prepared = prepare(text, version, &folder);
    let written = match prepared {
        Ok(written) => written,
        Err(error) => return (Err(error), Some(folder)),
    };
    let overridden: Vec<(String, String)> = overrides(&written);
    let verdict = offline(&written, &overridden, &folder);
    if let Err(error) = verdict {
        return (Err(error), Some(folder));
    }
    let mut options = vec!["-c".to_owned(), "config_file=main-of-the-test.conf".to_owned()];
    options.extend(overridden.iter().flat_map(|(name, value)| ["-c".to_owned(), format!("{name}={value}")]));
    match Postgres::run(folder, &options) {
        Ok(server) => {
            let verdict = compare(&server, &written, &overridden);
            (verdict, server.stop())
        }
        // The folder is gone with the server; the next test makes another.
        Err(error) => (Err(error), None),
    }
}

/// Writes the file and what includes it; settings that the installed version is too old for are taken out, each with a
/// line that says so. What comes back are names and values as they are written.
fn prepare(text: &str, version: Option<u32>, folder: &Folder) -> Result<BTreeMap<String, String>, String> {
    let installed = installed()?;
    let known = match version.is_some_and(|version| version > installed) {
        true => Some(known_settings(folder)?),
        false => None,
    };
    let (mut kept, mut written) = (String::new(), BTreeMap::new());
    for line in text.lines() {
        let setting = line.split_once(" = ").filter(|_| !line.starts_with('#'));
        if let (Some((name, _)), Some(known)) = (setting, &known)
            && !name.contains('.')
            && !known.contains(&name.to_lowercase())
        {
            eprintln!("not checked: `{name}`: PostgreSQL {installed} is too old for it");
            continue;
        }
        kept.extend([line, "\n"]);
        if let Some((name, value)) = setting
            && written.insert(name.to_owned(), unquoted(value)).is_some()
        {
            return Err(format!("`{name}` stands twice"));
        }
    }
    folder.write("settings.conf", &kept)?;
    folder.write("main-of-the-test.conf", "include 'settings.conf'\n")?;
    if written.is_empty() { Err("nothing is set".to_owned()) } else { Ok(written) }
}

fn unquoted(value: &str) -> String {
    match value.strip_prefix('\'').and_then(|it| it.strip_suffix('\'')) {
        Some(quoted) => quoted.replace("''", "'").replace("\\\\", "\\"),
        None => value.to_owned(),
    }
}

/// The major version of the installed server.
fn installed() -> Result<u32, String> {
    let folder = Folder::create()?;
    let printed = program::run(program::server("postgres", &folder)?.arg("--version"))?;
    let number = printed.split_whitespace().nth(2).and_then(|it| it.split(['.', 'd', 'r', 'b']).next()?.parse().ok());
    number.ok_or_else(|| format!("which version is `{printed}`?"))
}

/// The names that the installed server knows, in small letters.
fn known_settings(folder: &Folder) -> Result<Vec<String>, String> {
    let printed = program::run(program::server("postgres", folder)?.arg("--describe-config"))?;
    Ok(printed.lines().filter_map(|line| line.split('\t').next()).map(str::to_lowercase).collect())
}

fn overrides(written: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let elsewhere = ELSEWHERE.iter().filter(|(name, _)| written.contains_key(*name));
    let mut overridden: Vec<(String, String)> =
        elsewhere.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    if written.get("shared_buffers").and_then(|it| bytes(it)).is_some_and(|it| it > MOST_MEMORY) {
        overridden.push(("shared_buffers".to_owned(), "16MB".to_owned()));
    }
    overridden
}

/// What `postgres -C` says of the settings that are not tried.
fn offline(written: &BTreeMap<String, String>, overridden: &[(String, String)], folder: &Folder) -> Result<(), String> {
    for (name, _) in overridden {
        let mut command = program::server("postgres", folder)?;
        command.args(["-D", "data", "-c", "config_file=main-of-the-test.conf", "-C", name]);
        let said = program::run(&mut command)?;
        let said = said.trim_end();
        // Without a unit it counts blocks of 8 kB.
        let said = match (name.as_str(), said.parse::<i64>()) {
            ("shared_buffers", Ok(blocks)) => format!("{}kB", blocks * 8),
            _ => said.to_owned(),
        };
        same(name, &written[name], &said)?;
    }
    Ok(())
}

/// The server must have read every line, applied it, and say the same.
fn compare(
    server: &Postgres,
    written: &BTreeMap<String, String>,
    overridden: &[(String, String)],
) -> Result<(), String> {
    let faults = server.query("select name, error from pg_file_settings where error is not null")?;
    let is_ours = |line: &&str| overridden.iter().any(|(name, _)| line.split(' ').next() == Some(name));
    if let Some(fault) = faults.lines().find(|it| !is_ours(it)) {
        return Err(fault.to_owned());
    }
    let rows = server.query(
        "select encode(convert_to(name, 'UTF8'), 'hex'), encode(convert_to(current_setting(name), 'UTF8'), 'hex') \
         from pg_file_settings where sourcefile like '%/settings.conf'",
    )?;
    let mut seen = BTreeMap::new();
    for row in rows.lines() {
        let (name, value) = row.split_once(' ').unwrap_or((row, ""));
        seen.insert(text(name)?, text(value)?);
    }
    for (name, value) in written {
        let said = seen.get(name).ok_or_else(|| format!("the server did not read `{name}`"))?;
        if !overridden.iter().any(|(it, _)| it == name) {
            same(name, value, said)?;
        }
    }
    Ok(())
}

fn text(hex: &str) -> Result<String, String> {
    let byte = |at: usize| u8::from_str_radix(hex.get(at..at + 2).unwrap_or_default(), 16);
    let bytes = (0..hex.len()).step_by(2).map(byte).collect::<Result<Vec<u8>, _>>().map_err(|it| it.to_string())?;
    String::from_utf8(bytes).map_err(|it| it.to_string())
}

fn same(name: &str, written: &str, said: &str) -> Result<(), String> {
    let is_near = match (bytes(written), bytes(said)) {
        (Some(written), Some(said)) => (written - said).abs() < ROUNDED.min(written / 100),
        _ => false,
    };
    match written == said || is_near {
        true => Ok(()),
        false => Err(format!("`{name}` is written as `{written}`, and the server has `{said}`")),
    }
}

/// An amount of memory as PostgreSQL spells it.
fn bytes(text: &str) -> Option<i64> {
    let digits = text.trim_end_matches(|it: char| it.is_ascii_alphabetic());
    let unit = ["B", "kB", "MB", "GB", "TB"].iter().position(|it| *it == &text[digits.len()..])?;
    Some(digits.parse::<i64>().ok()? << (10 * unit))
}

//! `capgen explain`: where a number comes from, what a line decides, what a lint means.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::source::{FileId, SourceKind, Sources};
use crate::diag::{Diagnostic, suggest};
use crate::doc::leaves::{self, Leaf};
use crate::doc::value::Path;
use crate::lint::{self, LINTS};
use crate::report::explanation::{self, Explanation, Question};
use crate::spec;
use crate::target::Gathered;
use crate::why::{Address, Causes};

use super::ExitStatus;
use super::args::{Common, Explain, Format};
use super::compile::{self, Product};
use super::terminal::Terminal;

/// What can be asked, where nothing is near.
const NAMES: &str = "name a number (service.api.autoscale.max), a place (k8s/api/hpa.yaml:spec.maxReplicas), a line of the spec \
                     (capacity.toml:12) or a lint";

/// The names that a help lists before it only counts them.
const MOST_MEANT: usize = 5;

pub(super) fn run(common: &Common, explain: &Explain, terminal: &Terminal) -> ExitStatus {
    if !explain.reverse
        && let Some(lint) = lint::find(&explain.what)
    {
        return terminal.data(&format!("# {}\n\nLevel: {}\n{}", lint.name, lint.level.word(), lint.docs));
    }
    let artifacts = Gathered::default();
    let compiled = compile::compile(common, &|_, artifact| artifacts.add([artifact]));
    let mut artifacts = artifacts.into_vec();
    artifacts.sort_by(|a, b| a.path.cmp(&b.path));
    let Some(Product { model, out }) = &compiled.product else {
        terminal.diagnostics(&compiled.sources, &compiled.diagnostics);
        return ExitStatus::Failed;
    };
    let leaves = leaves::of(&artifacts);
    // What names a line of the spec can be nothing else, whether or not it is said.
    let asked = match explain.reverse || is_line(&explain.what, &compiled.sources) {
        true => line(&explain.what, &compiled.sources, &model.causes),
        false => forward(&explain.what, out, &leaves, &model.causes),
    };
    let question = match asked {
        Ok(question) => question,
        Err(error) => return terminal.fail(&error),
    };
    let explanation = Explanation { question, causes: &model.causes, leaves: &leaves, sources: &compiled.sources };
    terminal.data(&match explain.format {
        Format::Text => explanation::text(&explanation),
        Format::Json => explanation::json(&explanation),
    })
}

/// A number, a place in a file, a whole file, or a table.
fn forward(what: &str, out: &std::path::Path, leaves: &[Leaf<'_>], causes: &Causes) -> Result<Question, Diagnostic> {
    let address = Address::verbatim(what);
    if causes.get(&address).is_some() {
        return Ok(Question::Numbers(vec![address]));
    }
    let below: Vec<Address> = causes.iter().map(|(it, _)| it).filter(|it| it.is_within(&address)).cloned().collect();
    if !below.is_empty() {
        return Ok(Question::Table(below));
    }
    let (file, path) = what.split_once(':').unwrap_or((what, ""));
    let (file, document) = document_of(below_output(file, out));
    let is_asked = |leaf: &&Leaf<'_>| leaf.file == file && document.is_none_or(|it| leaf.document == Some(it));
    let in_file: Vec<&Leaf<'_>> = leaves.iter().filter(is_asked).collect();
    if in_file.is_empty() {
        let help = match leaves.iter().any(|leaf| is_file(file, leaf.file)) {
            true => format!("this run explains the files of `{}`; `--env NAME` those of an environment", out.display()),
            false => meant(what, file, leaves, causes),
        };
        return Err(Diagnostic::error(format!("there is no `{}` in this spec", what.escape_debug())).help(help));
    }
    if path.is_empty() {
        return Ok(Question::Places(in_file.iter().map(|leaf| leaf.place()).collect()));
    }
    let wanted = Path::parse(path).map_err(|fault| Diagnostic::error(format!("`{}`: {fault}", path.escape_debug())))?;
    let found: Vec<String> =
        in_file.iter().filter(|leaf| leaf.path.0.starts_with(&wanted.0)).map(|leaf| leaf.place()).collect();
    match found.is_empty() {
        false => Ok(Question::Places(found)),
        true => {
            let paths: BTreeSet<String> = in_file.iter().map(|leaf| leaf.path.to_string()).collect();
            let help = suggest::help(path, paths.iter().map(String::as_str));
            Err(Diagnostic::error(format!("there is nothing at `{}`", what.escape_debug())).help(help))
        }
    }
}

/// What may have been meant by a name that nothing has.
fn meant(what: &str, file: &str, leaves: &[Leaf<'_>], causes: &Causes) -> String {
    if what.contains(['/', ':']) {
        let files: BTreeSet<&str> = leaves.iter().map(|leaf| leaf.file).collect();
        return suggest::nearest(file, files)
            .map_or_else(|| NAMES.to_owned(), |near| format!("did you mean `{near}`?"));
    }
    let numbers = || causes.iter().map(|(address, _)| address.as_str());
    let end = format!(".{what}");
    let tables: Vec<&str> = causes.tables().filter(|it| it.ends_with(&end)).collect();
    let same: Vec<&str> = if tables.is_empty() { numbers().filter(|it| it.ends_with(&end)).collect() } else { tables };
    let near = || suggest::nearest(what, numbers().chain(LINTS.iter().map(|it| it.name)));
    match (same.as_slice(), same.len().saturating_sub(MOST_MEANT)) {
        ([], _) => near().map_or_else(|| NAMES.to_owned(), |near| format!("did you mean `{near}`?")),
        ([one], _) => format!("did you mean `{one}`?"),
        (several, 0) => format!("did you mean one of {}?", suggest::list(several.iter().copied())),
        (several, more) => {
            format!("did you mean one of {} and {more} more?", suggest::list(several.iter().copied().take(MOST_MEANT)))
        }
    }
}

/// The document of a file that has several, as [`Leaf::place`] writes it: `k8s/api/rbac.yaml#2`.
fn document_of(file: &str) -> (&str, Option<usize>) {
    let parsed = file.rsplit_once('#').and_then(|(file, number)| Some((file, number.parse().ok()?)));
    parsed.map_or((file, None), |(file, number)| (file, Some(number)))
}

/// A path as people type it, from the output folder on: `generated/k8s/api/hpa.yaml` is `k8s/api/hpa.yaml`. Other folders
/// stay, so that a file of another environment is not taken for this one's.
fn below_output<'w>(written: &'w str, out: &std::path::Path) -> &'w str {
    let out = out.to_string_lossy();
    let written = written.strip_prefix("./").unwrap_or(written);
    let below = written.strip_prefix(out.strip_prefix("./").unwrap_or(&out)).and_then(|it| it.strip_prefix('/'));
    below.unwrap_or(written)
}

/// A file as it is named, or with folders before it: `platform/capacity.toml`.
fn is_file(written: &str, file: &str) -> bool {
    written.strip_suffix(file).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

/// Whether a line of the spec is named, or a file of it.
fn is_line(what: &str, sources: &Sources) -> bool {
    source(line_number(what).map_or(what, |(name, _)| name), sources).is_some()
}

/// The file and the line of `capacity.toml:12`. `capacity.toml:12:5` is how explanations and errors name a place; the column
/// says nothing here.
fn line_number(what: &str) -> Option<(&str, usize)> {
    let split = |what: &'_ str| what.rsplit_once(':').and_then(|(file, line)| Some((file.len(), line.parse().ok()?)));
    split(what).map(|(end, number)| match split(&what[..end]) {
        Some((end, line)) => (&what[..end], line),
        None => (&what[..end], number),
    })
}

/// A file of the spec by its name, with or without the folders before it.
fn source(name: &str, sources: &Sources) -> Option<FileId> {
    files(sources).find(|it| is_file(sources.name(*it), name) || is_file(name, sources.name(*it)))
}

fn files(sources: &Sources) -> impl Iterator<Item = FileId> {
    sources.files().filter(|it| sources.kind(*it) == SourceKind::File)
}

/// What stands on a line of the spec, and everything that it decides.
fn line(what: &str, sources: &Sources, causes: &Causes) -> Result<Question, Diagnostic> {
    let Some((name, line)) = line_number(what) else {
        let message = format!("`{}` is no line of a spec", what.escape_debug());
        return Err(Diagnostic::error(message).help("name one: `capgen explain capacity.toml:12`"));
    };
    let Some(file) = source(name, sources) else {
        let message = format!("`{}` is no file of this spec", name.escape_debug());
        return Err(Diagnostic::error(message).help(suggest::help(name, files(sources).map(|it| sources.name(it)))));
    };
    let Some(range) = sources.line(file, line) else {
        return Err(Diagnostic::error(format!("`{name}` has no line {line}")));
    };
    let covering = spec::places(sources, file).into_iter().map(|it| it.range());
    // A line inside an array or an inline table counts for the key that the value belongs to.
    let covering = covering.filter(|it| it.start <= range.end && it.end >= range.start);
    let (start, end) =
        covering.fold((range.start, range.end), |(start, end), it| (start.min(it.start), end.max(it.end)));
    let written: Vec<Address> = causes
        .iter()
        .filter(|(address, _)| {
            causes
                .written_at(address)
                .is_some_and(|span| span.file == file && span.range().start >= start && span.range().end <= end)
        })
        .map(|(address, _)| address.clone())
        .collect();
    let decided = dependents(&written, causes);
    Ok(Question::Line { place: format!("{}:{line}", sources.name(file)), written, decided })
}

/// Every number that depends on one of these, directly or through others.
fn dependents(of: &[Address], causes: &Causes) -> Vec<Address> {
    let mut users: BTreeMap<&Address, Vec<&Address>> = BTreeMap::new();
    for (address, why) in causes.iter() {
        for input in why.inputs {
            users.entry(input).or_default().push(address);
        }
    }
    let mut seen = BTreeSet::new();
    let mut open: Vec<&Address> = of.iter().collect();
    while let Some(next) = open.pop() {
        for user in users.get(next).into_iter().flatten() {
            if seen.insert(*user) {
                open.push(user);
            }
        }
    }
    seen.into_iter().cloned().collect()
}

//! Templates, for formats that have no serializer: data in, text out.
//!
//! A template is a minijinja program that somebody may replace, so it runs in a small room: it sees its context and
//! nothing else, an unknown name is an error, its steps are counted, and a value that could end a directive is
//! refused where it is printed. This module knows no target and no disk.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Value as Shown, ValueKind};
use minijinja::{AutoEscape, Environment, ErrorKind, Output, UndefinedBehavior};

use super::value::{Node, Value, is_hidden, single_line};
use super::{Text, markup};
use crate::why::Address;

/// A template that capgen carries.
#[derive(Debug)]
pub struct Template {
    /// Its path below the folder of the user's own templates: `nginx/upstream.conf.j2`.
    pub name: &'static str,
    pub source: &'static str,
    /// How a comment line starts in the format that it writes.
    pub comment: &'static str,
    pub language: Language,
    /// Steps of the engine after which it is stopped: a template can run in circles.
    pub fuel: u64,
}

/// What a template writes: it decides what a value may hold, and how it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// nginx and the shell: a value is one word; what could end a directive or a command is refused.
    Words,
    /// A value is prose: what Markdown would read as its own is escaped.
    Markdown,
    /// A text is refused unless the filter `identifier` or `literal` quoted it.
    Sql,
    /// A text is a literal in double quotes, as JavaScript and Python have it.
    Script,
}

/// Why a template gave no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// One phrase without the place.
    pub message: String,
    /// The bytes of the source at which it failed: an expression, a line, or nothing at the end where it is not known.
    pub range: Range<usize>,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Loops and macros in each other.
const DEPTH: usize = 100;

impl Template {
    /// The text for a context, with the addresses of all its leaves. `replacement` is the source of the user's own
    /// template of this name.
    ///
    /// # Errors
    /// What is wrong with the template, or with a value that it prints.
    pub fn render(&self, replacement: Option<&str>, context: &Node) -> Result<Text, Error> {
        let source = replacement.unwrap_or(self.source);
        let text = run(self, source, shown(context)).map_err(|error| explain(&error, source, self.fuel))?;
        Ok(Text { text, comment: self.comment, causes: addresses(context) })
    }
}

fn run(template: &Template, source: &str, context: Shown) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment
        .set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()?);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(template.fuel));
    environment.set_recursion_limit(DEPTH);
    environment.set_debug(true);
    // With a mode of its own, what a macro or a block gave counts as checked and is not checked again.
    environment.set_auto_escape_callback(|_| AutoEscape::Custom("checked".into()));
    match template.language {
        Language::Script => environment.set_formatter(|out, _, value| print(out, value, &literal)),
        Language::Words => environment.set_formatter(|out, _, value| print(out, value, &word)),
        Language::Sql => {
            environment.set_formatter(|out, _, value| print(out, value, &|_| Err(refused(UNQUOTED))));
            environment.add_filter("identifier", |text: &str| quoted(text, '"'));
            environment.add_filter("literal", |text: &str| quoted(text, '\''));
        }
        Language::Markdown => {
            environment.set_formatter(|out, _, value| print(out, value, &|text| Ok(markup::markdown(text))));
            environment.add_filter("code", |value: Shown| in_markup(&value, markup::markdown_code));
            environment.add_filter("url", |value: Shown| in_markup(&value, markup::link_target));
            environment.add_filter("sh", |value: Shown| in_markup(&value, markup::shell_word));
            environment
                .add_filter("grouped", |value: Shown| in_markup(&value, |it| markup::markdown(&markup::grouped(it))));
        }
    }
    environment.add_filter("comment", |text: &str| Shown::from_safe_string(single_line(text).into_owned()));
    environment.template_from_named_str(template.name, source)?.render(context)
}

const UNQUOTED: &str = "a text of SQL is printed by the filter `identifier` or `literal`";

/// In quotes, which stand twice within. Strings are those of the standard: a backslash is one character.
fn quoted(text: &str, quote: char) -> Result<Shown, minijinja::Error> {
    match text.contains('\0') {
        true => Err(refused("PostgreSQL has no text with a zero byte")),
        false => {
            let twice: String = [quote, quote].iter().collect();
            Ok(Shown::from_safe_string(format!("{quote}{}{quote}", text.replace(quote, &twice))))
        }
    }
}

/// A value in another form, which is checked by that.
fn in_markup(value: &Shown, form: impl Fn(&str) -> String) -> Result<Shown, minijinja::Error> {
    match value.kind() {
        ValueKind::Number | ValueKind::String => Ok(Shown::from_safe_string(form(&value.to_string()))),
        other => Err(refused(format!("a {other} has no text: print its parts"))),
    }
}

/// Prints a value: a text as the language wants it.
fn print(out: &mut Output<'_>, value: &Shown, language: Printer<'_>) -> Result<(), minijinja::Error> {
    let text = match value.kind() {
        ValueKind::Bool => if value.is_true() { "true" } else { "false" }.to_owned(),
        ValueKind::Number => value.to_string(),
        ValueKind::String if value.is_safe() => value.to_string(),
        ValueKind::String => language(&value.to_string())?,
        ValueKind::None => return Err(refused("`none` has no text: ask `is not none` first")),
        other => return Err(refused(format!("a {other} has no text: print its parts"))),
    };
    Ok(out.write_str(&text)?)
}

/// How a language prints a text that nobody checked.
type Printer<'a> = &'a dyn Fn(&str) -> Result<String, minijinja::Error>;

/// One word of nginx, as it is.
fn word(text: &str) -> Result<String, minijinja::Error> {
    check_word(text).map(|()| text.to_owned())
}

/// A literal as JSON has it, which is one of JavaScript (ECMA-262, 2019 on) and of Python too.
fn literal(text: &str) -> Result<String, minijinja::Error> {
    serde_json::to_string(text).map_err(|error| refused(error.to_string()))
}

/// nginx splits at blanks and at `;`, `{`, `}`, starts a comment at `#`, a variable at `$`, and reads quotes and
/// backslashes (`src/core/ngx_conf_file.c`).
fn check_word(text: &str) -> Result<(), minijinja::Error> {
    let breaks_out = |it: &char| it.is_whitespace() || is_hidden(*it) || ";{}#'\"`$\\".contains(*it);
    match text.chars().find(breaks_out) {
        Some(it) => Err(refused(format!("the value `{}` contains `{}`", text.escape_debug(), it.escape_debug()))),
        None if text.is_empty() => Err(refused("the value is empty")),
        None => Ok(()),
    }
}

fn refused(message: impl Into<std::borrow::Cow<'static, str>>) -> minijinja::Error {
    minijinja::Error::new(ErrorKind::InvalidOperation, message)
}

fn explain(error: &minijinja::Error, source: &str, fuel: u64) -> Error {
    let detail = error.detail().unwrap_or_default();
    let message = match (error.kind(), detail) {
        (ErrorKind::OutOfFuel, _) => format!("the template takes more than {fuel} steps"),
        (ErrorKind::InvalidOperation, detail) if !detail.is_empty() => detail.to_owned(),
        (kind, "") => kind.to_string(),
        (kind, detail) => format!("{kind}: {detail}"),
    };
    let line = || error.line().and_then(|line| line_range(source, line));
    let range = error.range().or_else(line).unwrap_or(source.len()..source.len());
    Error { message, range }
}

/// The bytes of a line, counted from 1, without its newline.
fn line_range(source: &str, line: usize) -> Option<Range<usize>> {
    let before: usize = source.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let text = source.get(before..)?.lines().next()?;
    Some(before..before + text.len())
}

/// The context as the engine has it.
fn shown(node: &Node) -> Shown {
    match &node.value {
        Value::Null => Shown::from(()),
        Value::Bool(it) => Shown::from(*it),
        Value::Int(it) => Shown::from(*it),
        Value::Float(it) => Shown::from(*it),
        Value::Text(it) => Shown::from(it.as_ref()),
        Value::List(items) => items.iter().map(shown).collect(),
        Value::Map(entries) => Shown::from_pairs(entries.iter().map(|(key, node)| (key.as_ref(), shown(node)))),
    }
}

/// The addresses of a context, each once, sorted.
fn addresses(context: &Node) -> Vec<Address> {
    let all: BTreeSet<&Address> = context.leaves().into_iter().filter_map(|(_, leaf)| leaf.address.as_ref()).collect();
    all.into_iter().cloned().collect()
}

#[cfg(test)]
mod tests;

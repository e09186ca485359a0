//! A comment of SQL in a file of settings.

use crate::diag::source::Span;
use crate::doc::value::Node;

use super::files::{entries, title};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "comment-of-another-language",
    level: Level::Deny,
    docs: r#"
### What it does
Looks for `--` at the start of a line and behind a value in `postgresql.conf`.
### Why is this bad?
`#` alone starts a comment there: PostgreSQL stops with "syntax error in file".
### Example
`shared_buffers = 4GB  -- 25 % of the memory`
### Instead
Write `#` in its place.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for object in files.settings("postgresql") {
        let comment = |(name, node): (&str, &Node)| match name.starts_with("--") {
            true => Some(files.key(object, node)),
            false => files.behind(object, node).filter(|(_, text)| text.starts_with("--")).map(|(place, _)| place),
        };
        // A file has one habit: the first of its comments stands for all of them.
        let mut comments: Vec<Span> = entries(Some(&object.tree)).filter_map(comment).collect();
        comments.sort();
        let Some(first) = comments.first() else { continue };
        let more = match comments.len() {
            1 => String::new(),
            count => format!(", nor on {} other lines", count - 1),
        };
        let message = format!("`{}`: `--` starts no comment here{more}", title(object));
        findings.push(findings.finding(message).at(*first, "a syntax error").help("write `#` in its place"));
    }
}

//! The tables of the diff as a page of the documentation, so that what is ignored and what is called risky can be looked up.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{risks, rules};

const HEAD: &str = "\
# What a diff ignores, and what it calls risky

Written by `capgen schema diff-rules` from the tables that `capgen diff` uses; [diff.md](diff.md) says how they are used.
A place is a path whose words stand apart: `*` is any key, `[]` any member of a list, `**` everything below.
";

/// The page, in Markdown.
pub fn reference() -> String {
    let mut page = HEAD.to_owned();
    page += "\n## Differences that mean nothing\n";
    table(&mut page, ["place", "rule", "reason"], rules::described());
    page += "\n## Risks\n\nThe first row that speaks decides; nothing is known against a change of which none speaks: it is called safe.\n";
    table(&mut page, ["place", "change", "risk: reason"], risks::described());
    page
}

/// Rows by their kind: each has a place, a rule and a reason.
type Rows = Vec<(&'static str, [String; 3])>;

fn table(page: &mut String, head: [&str; 3], rows: Rows) {
    let mut by_kind: BTreeMap<&str, Vec<[String; 3]>> = BTreeMap::new();
    for (kind, row) in rows {
        by_kind.entry(kind).or_default().push(row);
    }
    for (kind, rows) in by_kind {
        let kind = if kind == "*" { "Every Kubernetes object" } else { kind };
        let _ = write!(page, "\n### {kind}\n\n| {} |\n|---|---|---|\n", head.join(" | "));
        for row in rows {
            let _ = writeln!(page, "| {} |", row.map(|it| it.replace('|', "\\|")).join(" | "));
        }
    }
}

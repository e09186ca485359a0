//! A number or a switch where KEDA wants a text.

use crate::doc::value::Value;

use super::files::{entries, get, items, scalar};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "metadata-not-text",
    level: Level::Deny,
    docs: r#"
### What it does
Looks for metadata of KEDA's triggers that is no text.
### Why is this bad?
`metadata` is a map of texts: the API server refuses the object for a number or a boolean without quotes.
### Example
`lagThreshold: 1000`
### Instead
Write it in quotes: `lagThreshold: "1000"`.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for object in files.of_kind("ScaledObject").chain(files.of_kind("ScaledJob")) {
        for metadata in items(get(&object.tree, "spec.triggers")).filter_map(|it| it.get("metadata")) {
            for (key, value) in
                entries(Some(metadata)).filter(|(_, it)| !matches!(it.value, Value::Text(_) | Value::Null))
            {
                let message = format!("`{}`: `{key}` is no text", object.identity);
                let finding = findings.finding(message).at(files.at(object, value), "needs quotes");
                let help = match scalar(value) {
                    Some(_) => format!("write `{key}: \"{}\"`", files.written(object, value)),
                    None => format!("write `{key}` as one text in quotes"),
                };
                findings.push(finding.help(help));
            }
        }
    }
}

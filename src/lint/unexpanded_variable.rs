//! A shell's variable where no shell is.

use super::files::{entries, get, items, text, title};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "unexpanded-variable",
    level: Level::Deny,
    docs: r#"
### What it does
Looks for `$NAME` and `${NAME}` in the metadata of KEDA's triggers and in the connection strings of PgBouncer.
### Why is this bad?
Neither expands anything: KEDA connects to a host whose name starts with a dollar, and so does PgBouncer.
### Example
`bootstrapServers: $KAFKA_BROKER`
### Instead
KEDA takes the variable of the scaled container by name: `bootstrapServersFromEnv: KAFKA_BROKER`. For PgBouncer write the host, or let a template
fill it in before.
"#,
    check: Check::Files(check),
};

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for object in files.of_kind("ScaledObject").chain(files.of_kind("ScaledJob")) {
        for metadata in items(get(&object.tree, "spec.triggers")).filter_map(|it| it.get("metadata")) {
            for (key, value) in entries(Some(metadata)) {
                // A query of Prometheus may hold a dollar of its own.
                let Some(variable) = value.as_str().and_then(whole).filter(|_| key != "query") else { continue };
                let message = format!("`{}`: KEDA does not expand `${variable}`", object.identity);
                let finding = findings.finding(message).at(files.at(object, value), "taken as it is");
                findings.push(
                    finding.help(format!("write `{key}FromEnv: {variable}`, a variable of the scaled container")),
                );
            }
        }
    }
    for object in files.pgbouncers() {
        for (entry, settings) in entries(object.tree.get("databases")) {
            for (key, value) in
                entries(Some(settings)).filter(|(key, _)| matches!(*key, "host" | "port" | "dbname" | "user"))
            {
                let Some(variable) = text(settings, key).and_then(whole) else { continue };
                let message = format!("`{}`: PgBouncer does not expand `${variable}` of `{entry}`", title(object));
                let finding = findings.finding(message).at(files.at(object, value), "taken as it is");
                findings.push(finding.help(format!("write the {key}, or fill the file in before PgBouncer reads it")));
            }
        }
    }
}

/// The name of the variable, where a text is that and nothing else.
fn whole(text: &str) -> Option<&str> {
    let name = text.strip_prefix('$')?;
    let name = name.strip_prefix('{').and_then(|it| it.strip_suffix('}')).unwrap_or(name);
    let is_name = |it: &str| it.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (!name.is_empty() && !name.starts_with(|it: char| it.is_ascii_digit()) && is_name(name)).then_some(name)
}

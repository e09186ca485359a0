//! A password that stands in the file.

use super::files::{entries, get, items, pods, title};

use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "literal-secret",
    level: Level::Warn,
    docs: r#"
### What it does
Looks for passwords in PgBouncer's connection strings and in the environment of containers.
### Why is this bad?
Whoever may read the file, its history or the object may log in. What is shown here is masked; what is in git is not.
### Example
`main = host=db user=app password=changeme`
### Instead
For PgBouncer leave it out of the entry: with `auth_file` or `auth_query` it logs in as the client did. For a container write
`valueFrom: { secretKeyRef: { name: …, key: … } }`.
"#,
    check: Check::Files(check),
};

/// Ends of names of variables that hold a secret, as people choose them.
const SECRET: [&str; 5] = ["PASSWORD", "PASSWD", "SECRET", "SECRET_KEY", "API_KEY"];

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for object in files.pgbouncers() {
        for (entry, settings) in entries(object.tree.get("databases")) {
            let Some(password) = get(settings, "password") else { continue };
            let message = format!("`{}`: the password of `{entry}` stands in the file", title(object));
            let finding =
                findings.finding(message).at(files.key(object, password), "readable for everybody who reads this");
            findings.push(
                finding.help("take it out: with `auth_file` or `auth_query` PgBouncer logs in as the client did"),
            );
        }
    }
    for (object, pod) in files.pods() {
        for variable in pods::containers(pod).flat_map(|it| items(it.get("env"))) {
            let Some(name) = get(variable, "name").and_then(|it| it.as_str()) else { continue };
            // A reference to another variable is no secret, and an empty text none either.
            let is_value = |it: &&str| !it.is_empty() && !it.starts_with("$(") && !it.starts_with("${");
            let value = get(variable, "value").and_then(|it| it.as_str()).filter(is_value);
            if value.is_some() && SECRET.iter().any(|it| name.ends_with(it)) {
                let message = format!("`{}`: the value of `{name}` stands in the file", object.identity);
                let place = get(variable, "name").unwrap_or(variable);
                let finding =
                    findings.finding(message).at(files.at(object, place), "readable for everybody who reads this");
                findings
                    .push(finding.help("write `valueFrom: { secretKeyRef: { name: …, key: … } }` in place of `value`"));
            }
        }
    }
}

//! The reference of the spec language in Markdown, from the schema and so from the types.

use std::fmt::Write;

use serde_json::Value;

use super::document::schema;

const HEAD: &str = "\
<!-- Written by `capgen schema reference` from the types that read a spec; edit those. -->

# The spec language, version 1

A spec is TOML. Keys are snake_case and spelled the same here, in `--set`, in templates and in reports.
Unknown keys are errors.
Durations are strings (`\"300s\"`, `\"5m\"`, `\"1h30m\"`), quantities are Kubernetes quantities (`\"500m\"`, `\"2Gi\"`), rates are numbers per second,
percentages are whole numbers (`70`).
Any derived number can be **pinned** by writing it; `docs/model.md` has the formulas.
`[defaults]`, `[class.NAME]`, the base and `[env.NAME]` merge key by key; arrays, `disruption` and `spot` are replaced whole, and writing one of several
alternatives (`replicas` or `autoscale`; `kafka`, `redis` or `rabbitmq`; `share` or `pool_size`) drops the others.
";

/// The whole reference.
pub fn reference() -> String {
    let schema = schema();
    let mut out = String::from(HEAD);
    let properties = schema["properties"].as_object();
    let scalars = ["version", "include"];
    let _ = write!(out, "\n## Top level\n\n| key | type | default | meaning |\n|---|---|---|---|\n");
    for (key, property) in properties.into_iter().flatten().filter(|(key, _)| scalars.contains(&key.as_str())) {
        row(&schema, key, property, &mut out);
    }
    for (key, property) in properties.into_iter().flatten().filter(|(key, _)| !scalars.contains(&key.as_str())) {
        let described = text(property, "description");
        match (key.as_str(), property.get("additionalProperties").filter(|it| it.is_object())) {
            ("class" | "env", _) => section(&format!("[{key}.NAME]"), described, &mut out),
            ("defaults", _) => section(&format!("[{key}]"), described, &mut out),
            (_, Some(entry)) if resolved(&schema, entry).get("properties").is_some() => {
                table(&schema, &format!("{key}.NAME"), 2, described, resolved(&schema, entry), &mut out);
            }
            (_, Some(entry)) => {
                section(&format!("[{key}]"), described, &mut out);
                let _ = writeln!(out, "\nEach key takes {}.", kind(&schema, resolved(&schema, entry)));
                for choice in choices(resolved(&schema, entry)) {
                    let choice = resolved(&schema, choice);
                    if choice.get("properties").is_some() {
                        table(&schema, &format!("{key}.NAME"), 3, text(choice, "description"), choice, &mut out);
                    }
                }
            }
            _ => table(&schema, key, 2, described, resolved(&schema, property), &mut out),
        }
    }
    out
}

fn section(heading: &str, description: &str, out: &mut String) {
    let _ = write!(out, "\n## `{heading}`\n\n{description}\n");
}

/// A table's keys, and behind it the tables below.
fn table(schema: &Value, path: &str, level: usize, description: &str, table: &Value, out: &mut String) {
    let marks = "#".repeat(level.min(4));
    let _ = write!(out, "\n{marks} `[{path}]`\n\n{}\n", description.replace('\n', " "));
    let _ = write!(out, "\n| key | type | default | meaning |\n|---|---|---|---|\n");
    let properties = table["properties"].as_object();
    let mut below = Vec::new();
    for (key, property) in properties.into_iter().flatten() {
        row(schema, key, property, out);
        below.extend(nested(schema, &format!("{path}.{key}"), property));
    }
    for (path, property, table_below) in below {
        self::table(schema, &path, level + 1, text(property, "description"), table_below, out);
    }
}

/// The table types behind a property: itself, one of its choices, an array's items, a map's entries.
fn nested<'s>(schema: &'s Value, path: &str, property: &'s Value) -> Vec<(String, &'s Value, &'s Value)> {
    let mut found = Vec::new();
    let target = resolved(schema, property);
    let mut add = |path: String, candidate: &'s Value| {
        if candidate.get("properties").is_some() {
            found.push((path, if property.get("description").is_some() { property } else { candidate }, candidate));
        }
    };
    add(path.to_owned(), target);
    for choice in choices(target) {
        let choice = resolved(schema, choice);
        add(path.to_owned(), choice);
        if let Some(items) = choice.get("items") {
            for item in choices(resolved(schema, items)) {
                add(format!("{path}[]"), resolved(schema, item));
            }
        }
    }
    if let Some(items) = target.get("items") {
        add(format!("{path}[]"), resolved(schema, items));
    }
    if let Some(entry) = target.get("additionalProperties").filter(|it| it.is_object()) {
        add(format!("{path}.NAME"), resolved(schema, entry));
    }
    found
}

fn row(schema: &Value, key: &str, property: &Value, out: &mut String) {
    let default = property.get("default").map(|it| format!("`{it}`")).unwrap_or_default();
    let meaning = text(property, "description").replace('\n', " ").replace('|', "\\|");
    let _ = writeln!(out, "| `{key}` | {} | {default} | {meaning} |", kind(schema, property).replace('|', "\\|"));
}

/// A type in words.
fn kind(schema: &Value, property: &Value) -> String {
    let target = resolved(schema, property);
    if let Some(values) = target["enum"].as_array() {
        return values.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
    }
    if let Some(value) = target.get("const") {
        return format!("`{value}`");
    }
    let kinds: Vec<String> = choices(target).iter().map(|it| kind(schema, it)).collect();
    if !kinds.is_empty() {
        return kinds.join(" or ");
    }
    match &target["type"] {
        Value::Array(types) => types.iter().map(|it| name(it.as_str())).collect::<Vec<_>>().join(" or "),
        Value::String(it) if it == "array" => format!("array of {}", kind(schema, &target["items"])),
        Value::String(it) if it == "integer" || it == "number" => range(target, name(Some(it))),
        it => name(it.as_str()).to_owned(),
    }
}

fn range(target: &Value, name: &str) -> String {
    match (&target["minimum"], &target["maximum"], &target["exclusiveMinimum"]) {
        (Value::Number(least), Value::Number(most), _) if least == most => format!("{least}"),
        (Value::Number(least), _, _) if name == "number" => format!("{name}, {least} or more"),
        (Value::Number(least), Value::Number(most), _) => format!("{name}, {least} to {most}"),
        (_, _, Value::Number(least)) => format!("{name} above {least}"),
        _ => name.to_owned(),
    }
}

fn name(json_type: Option<&str>) -> &'static str {
    match json_type {
        Some("integer") => "whole number",
        Some("number") => "number",
        Some("string") => "string",
        Some("boolean") => "boolean",
        Some("array") => "array",
        _ => "table",
    }
}

fn choices(target: &Value) -> &[Value] {
    target["anyOf"].as_array().or(target["oneOf"].as_array()).map(Vec::as_slice).unwrap_or_default()
}

/// Follows a reference.
fn resolved<'s>(schema: &'s Value, property: &'s Value) -> &'s Value {
    match property["$ref"].as_str().and_then(|it| it.strip_prefix('#')) {
        Some(pointer) => schema.pointer(pointer).unwrap_or(property),
        None => property,
    }
}

fn text<'s>(value: &'s Value, key: &str) -> &'s str {
    value[key].as_str().unwrap_or_default()
}

//! Names of Prometheus' metrics and labels, and so much of its regular expressions as a status needs.

/// As Prometheus has it (prometheus/common, `model/metric.go`, the legacy scheme): every version takes it.
///
/// # Errors
/// Names the text.
pub fn metric_name(text: &str) -> Result<(), String> {
    let is_part = |it: char| it.is_ascii_alphanumeric() || it == '_' || it == ':';
    name_of(text, "a metric", is_part)
}

/// Names that begin with two underscores are Prometheus' own.
///
/// # Errors
/// Names the text, or says whose name it is.
pub fn label_name(text: &str) -> Result<(), String> {
    name_of(text, "a label", |it| it.is_ascii_alphanumeric() || it == '_')?;
    match text.starts_with("__") {
        true => Err(format!("`{text}` is a name that Prometheus keeps for itself")),
        false => Ok(()),
    }
}

fn name_of(text: &str, what: &str, is_part: impl Fn(char) -> bool) -> Result<(), String> {
    let starts = text.chars().next().is_some_and(|it| !it.is_ascii_digit());
    match starts && text.len() <= 255 && text.chars().all(is_part) {
        true => Ok(()),
        false => Err(format!("`{}` cannot name {what}", text.escape_debug())),
    }
}

/// So little of RE2 that nothing of it can be wrong: words with `.` for any character, and `|` between them.
///
/// # Errors
/// Names the character or the alternative that is not allowed.
pub fn pattern(text: &str) -> Result<(), String> {
    match text.chars().find(|it| !(it.is_ascii_alphanumeric() || "_-.|".contains(*it))) {
        Some(wrong) => Err(format!(
            "`{}` has the character `{}`, which is not allowed here",
            text.escape_debug(),
            wrong.escape_debug()
        )),
        None if text.split('|').any(str::is_empty) => {
            Err(format!("`{text}` has an empty alternative, which fits everything without a status"))
        }
        None => Ok(()),
    }
}

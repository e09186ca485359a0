//! The written form of a [`Path`], as `explain` takes it and reports print it.
//!
//! A key of letters, digits, `_`, `/` and `-` stands bare after a dot; every other one is quoted in brackets:
//! `metadata.labels["app.kubernetes.io/name"]`. The path of a document's root is the empty text.

use std::fmt::{self, Write as _};

use super::{Path, Step};

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) if is_bare(key) => {
                    if position > 0 {
                        f.write_char('.')?;
                    }
                    f.write_str(key)?;
                }
                Step::Key(key) => write_quoted(f, key)?,
            }
        }
        Ok(())
    }
}

impl Path {
    /// Reads the written form. For every path, `Path::parse(&path.to_string())` gives the path again.
    ///
    /// # Errors
    /// One phrase that says what stands where it must not.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut steps = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (step, after) = match rest.strip_prefix('[') {
                Some(inside) => bracket(inside)?,
                None if steps.is_empty() => bare(rest)?,
                None => match rest.strip_prefix('.') {
                    Some(key) => bare(key)?,
                    None => return Err(format!("expected `.` or `[` before `{rest}`")),
                },
            };
            steps.push(step);
            rest = after;
        }
        Ok(Self(steps))
    }
}

fn is_bare(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(is_bare_byte)
}

fn is_bare_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/' | b'-')
}

fn write_quoted(f: &mut fmt::Formatter<'_>, key: &str) -> fmt::Result {
    f.write_str("[\"")?;
    for character in key.chars() {
        match character {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            it if super::is_hidden(it) => write!(f, "\\u{{{:x}}}", u32::from(it))?,
            it => f.write_char(it)?,
        }
    }
    f.write_str("\"]")
}

fn bare(text: &str) -> Result<(Step, &str), String> {
    let end = text.bytes().position(|byte| !is_bare_byte(byte)).unwrap_or(text.len());
    match text.split_at(end) {
        ("", "") => Err("expected a key at the end".to_owned()),
        ("", rest) => Err(format!("expected a key before `{rest}`; quote other characters like `[\"a.b\"]`")),
        (key, rest) => Ok((Step::Key(key.to_owned()), rest)),
    }
}

fn bracket(inside: &str) -> Result<(Step, &str), String> {
    if let Some(quoted) = inside.strip_prefix('"') {
        let (key, rest) = unquote(quoted)?;
        let rest = rest.strip_prefix(']').ok_or("expected `]` after a quoted key")?;
        return Ok((Step::Key(key), rest));
    }
    let (digits, rest) = inside.split_once(']').ok_or("expected `]` after `[`")?;
    match digits.parse() {
        Ok(index) if !digits.starts_with('+') => Ok((Step::Index(index), rest)),
        _ => Err(format!("expected a number or a quoted key in brackets, found `{digits}`")),
    }
}

fn unquote(text: &str) -> Result<(String, &str), String> {
    let mut key = String::new();
    let mut rest = text;
    while let Some(special) = rest.find(['"', '\\']) {
        key.push_str(&rest[..special]);
        let escape = &rest[special..];
        if let Some(after) = escape.strip_prefix('"') {
            return Ok((key, after));
        }
        let (character, after) = unescape(&escape[1..]).ok_or("unknown escape in a quoted key")?;
        key.push(character);
        rest = after;
    }
    Err("a quoted key is not closed".to_owned())
}

fn unescape(text: &str) -> Option<(char, &str)> {
    if let Some(code) = text.strip_prefix("u{") {
        let (code, rest) = code.split_once('}')?;
        let character = u32::from_str_radix(code, 16).ok().and_then(char::from_u32)?;
        return Some((character, rest));
    }
    let character = text.chars().next().filter(|it| matches!(it, '"' | '\\'))?;
    Some((character, &text[1..]))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn reading_gives_what_was_written(
            steps in prop::collection::vec(
                prop_oneof![
                    any::<usize>().prop_map(Step::Index),
                    "[a-zA-Z0-9_/-]{0,5}".prop_map(Step::Key),
                    any::<String>().prop_map(Step::Key),
                ],
                0..5,
            )
        ) {
            let path = Path(steps);
            prop_assert_eq!(Path::parse(&path.to_string()).expect("own output"), path);
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "[a.\\[\\]\"\\\\u{}0-9é]*") {
            _ = Path::parse(&text);
        }
    }

    #[test]
    fn the_written_form_is_short() {
        let path = Path::parse("metadata.labels[\"app.kubernetes.io/name\"]").unwrap();
        assert_eq!(path.0.last(), Some(&Step::Key("app.kubernetes.io/name".to_owned())));
        assert_eq!(Path::parse("spec.metrics[0].resource.name").unwrap().0.len(), 5);
        for wrong in ["a.", ".a", "a b", "a[", "a[x]", "a[\"b]", "a[+1]", "a[0]b", "a[\"\\x\"]"] {
            assert!(Path::parse(wrong).is_err(), "{wrong}");
        }
    }
}

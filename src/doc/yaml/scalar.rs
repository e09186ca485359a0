//! How one scalar is written, and what a plain one means beyond YAML 1.2.
//!
//! A text stands without quotes only where no reader of YAML 1.1 or 1.2 can take it for anything else: not the
//! types of either specification, not what go-yaml (kubectl), PyYAML or `serde_yaml` make of it. The checks err
//! towards quotes: a needless pair costs two bytes, a missing one changes a value.

use std::fmt::Write as _;

use crate::doc::value::{Value, is_hidden};

/// Whether a text may stand without quotes, as a value or as a key in a block.
pub(super) fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    is_one_scalar(text) && !is_word(bytes) && !is_numeric(bytes)
}

/// Whether a text without quotes is one scalar in a block, whatever its type.
pub(super) fn is_one_scalar(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(&first), Some(&last)) = (bytes.first(), bytes.last()) else { return false };
    starts_plain(first, bytes) && !matches!(last, b' ' | b':') && !has_indicator_inside(text)
}

/// Whether the start cannot be taken for syntax. `-`, `?` and `:` are syntax only before a blank.
fn starts_plain(first: u8, bytes: &[u8]) -> bool {
    match first {
        b' ' | b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' => false,
        b'\'' | b'"' | b'%' | b'@' | b'`' | b'=' | b'<' | b'~' => false,
        b'-' | b'?' | b':' => !matches!(bytes.get(1), None | Some(b' ')) && !bytes.starts_with(b"---"),
        b'.' => !bytes.starts_with(b"..."),
        _ => true,
    }
}

/// Whether a comment or a value could start in the middle, or a character needs an escape.
fn has_indicator_inside(text: &str) -> bool {
    // Nearly every text is settled by this one pass.
    let is_harmless = |byte: u8| matches!(byte, b' '..=b'~') & (byte != b'#') & (byte != b':');
    if text.bytes().fold(true, |harmless, byte| harmless & is_harmless(byte)) {
        return false;
    }
    text.contains(": ") || text.contains(" #") || text.chars().any(needs_escape)
}

/// Null and booleans of both versions, `y` and `n` of YAML 1.1 among them, and the numbers that are words.
fn is_word(bytes: &[u8]) -> bool {
    let mut lower = [0; 5];
    let Some(lower) = lower.get_mut(..bytes.len()) else { return false };
    lower.copy_from_slice(bytes);
    lower.make_ascii_lowercase();
    matches!(
        &*lower,
        b"null"
            | b"nil"
            | b"true"
            | b"false"
            | b"yes"
            | b"no"
            | b"on"
            | b"off"
            | b"y"
            | b"n"
            | b".inf"
            | b"+.inf"
            | b"-.inf"
            | b".nan"
    )
}

/// What kubectl takes a plain scalar for that is a text in YAML 1.2: a boolean in words, a number with `_`, an octal
/// number with a leading zero (`08` is none, and therefore 8).
pub(super) fn plain_meaning(text: &str) -> Option<Value> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Some(Value::Bool(true)),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Some(Value::Bool(false)),
        _ if !text.starts_with(|it: char| it.is_ascii_digit() || matches!(it, '+' | '-')) => return None,
        _ => {}
    }
    let number = text.replace('_', "");
    let digits = number.strip_prefix(['+', '-']).unwrap_or(&number);
    if digits.is_empty() || digits.contains(|it: char| !it.is_ascii_digit()) {
        return None;
    }
    let octal = digits.strip_prefix('0').and_then(|octal| i64::from_str_radix(octal, 8).ok());
    let size = octal.or_else(|| digits.parse().ok())?;
    Some(Value::Int(if number.starts_with('-') { -size } else { size }))
}

/// Numbers in any base, base 60 (`12:30:45`), version-like floats of YAML 1.1 (`1.2.3`) and dates.
fn is_numeric(bytes: &[u8]) -> bool {
    if !matches!(bytes, [b'0'..=b'9' | b'+' | b'-' | b'.' | b'_', ..]) {
        return false;
    }
    let digits = bytes.strip_prefix(b"+").or_else(|| bytes.strip_prefix(b"-")).unwrap_or(bytes);
    let has_base = matches!(digits, [b'0', b'x' | b'X' | b'o' | b'O' | b'b' | b'B', ..]);
    let is_date = matches!(digits, [a, b, c, d, b'-', ..] if [a, b, c, d].iter().all(|it| it.is_ascii_digit()));
    let is_number =
        || bytes.iter().all(|it| matches!(it, b'0'..=b'9' | b'_' | b'.' | b':' | b',' | b'+' | b'-' | b'e' | b'E'));
    has_base || is_date || is_number()
}

/// The header of a block of text, or `None` where the text must stand in one line.
///
/// go-yaml refuses a first line that starts with a tab, and blanks at the end of a line would be lost in an editor.
pub(super) fn block_header(text: &str) -> Option<&'static str> {
    if !text.contains('\n') || text.starts_with([' ', '\t', '\n']) {
        return None;
    }
    let is_readable =
        |line: &str| !line.ends_with([' ', '\t']) && !line.chars().any(|it| it != '\t' && needs_escape(it));
    if !text.split('\n').all(is_readable) {
        return None;
    }
    match (text.ends_with("\n\n"), text.ends_with('\n')) {
        (true, _) => Some("|+"),
        (false, true) => Some("|"),
        (false, false) => Some("|-"),
    }
}

fn needs_escape(character: char) -> bool {
    // The no-break space is no hidden character, but no eye tells it from a blank.
    is_hidden(character) || character == '\u{a0}'
}

/// A text in double quotes, with every hidden character escaped.
pub(super) fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.find(|it| matches!(it, '"' | '\\') || needs_escape(it)) {
        let (before, special) = rest.split_at(at);
        out.push_str(before);
        let mut characters = special.chars();
        if let Some(character) = characters.next() {
            push_escape(out, character);
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

fn push_escape(out: &mut String, character: char) {
    // Writing into a `String` cannot fail.
    _ = match (character, u32::from(character)) {
        ('"', _) => out.write_str("\\\""),
        ('\\', _) => out.write_str("\\\\"),
        ('\n', _) => out.write_str("\\n"),
        ('\t', _) => out.write_str("\\t"),
        ('\r', _) => out.write_str("\\r"),
        (_, code @ 0..=0xff) => write!(out, "\\x{code:02X}"),
        (_, code @ 0x100..=0xffff) => write!(out, "\\u{code:04X}"),
        (_, code) => write!(out, "\\U{code:08X}"),
    };
}

pub(super) fn push_int(out: &mut String, int: i64) {
    _ = write!(out, "{int}");
}

/// A float with a point and a signed exponent: without both, YAML 1.1 takes `1e21` for a text.
pub(super) fn push_float(out: &mut String, float: f64) {
    if float.is_nan() {
        return out.push_str(".nan");
    }
    if float.is_infinite() {
        return out.push_str(if float > 0.0 { ".inf" } else { "-.inf" });
    }
    let text = format!("{float:?}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return out.push_str(&text) };
    out.push_str(mantissa);
    if !mantissa.contains('.') {
        out.push_str(".0");
    }
    out.push('e');
    if !exponent.starts_with('-') {
        out.push('+');
    }
    out.push_str(exponent);
}

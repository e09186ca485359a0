//! Secrets in texts: passwords, tokens, the user's part of a URL.
//!
//! It errs on the side of hiding, and knows texts only: what a document hides below its keys says `doc::mask`.
//! Every [`super::Diagnostic`] goes through [`said`], so that no format can print what another one masks.

use std::borrow::Cow;
use std::ops::Range;

/// What stands in a secret's place.
pub(crate) const HIDDEN: &str = "(hidden)";

/// Words in a key that make its value a secret.
const SECRET: [&str; 13] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "credential",
    "apikey",
    "privatekey",
    "accesskey",
    "accountkey",
    "saslkey",
    "authorization",
    "connectionstring",
];

/// Whole keys that make their value a secret; the last are Redis'.
const SECRET_WHOLE: [&str; 8] =
    ["pass", "pwd", "pw", "dsn", "requirepass", "masterauth", "tlskeyfilepass", "tlsclientkeyfilepass"];

/// Endings of keys that only name a secret which stands elsewhere, as KEDA, Kubernetes and PgBouncer have them.
const NAMES_ONLY: [&str; 6] = ["fromenv", "ref", "secretname", "pullsecrets", "authfile", "authquery"];

/// Words before a secret in a text: `password=…`, `"password": …`, `--password …`.
const BEFORE: [&str; 23] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "credential",
    "api_key",
    "api-key",
    "apikey",
    "accesskey",
    "access_key",
    "accountkey",
    "private_key",
    "privatekey",
    "sasl-key",
    "saslkey",
    "connection_string",
    "dsn",
    "pwd",
    "pass",
    "requirepass",
    "masterauth",
    "sig",
];

/// Whether the value of a key is a secret.
pub(crate) fn is_secret(key: &str) -> bool {
    let mut plain: Vec<u8> = key.bytes().filter(u8::is_ascii_alphanumeric).collect();
    plain.make_ascii_lowercase();
    let is_word = SECRET_WHOLE.iter().any(|word| word.as_bytes() == plain) || places(&plain, &SECRET).next().is_some();
    let names_only = || NAMES_ONLY.iter().any(|ending| plain.ends_with(ending.as_bytes()));
    is_word && !names_only() && !plain.starts_with(b"automount")
}

/// Where some words stand in a text, and where they end. It is asked for every key and many a text of every document: a
/// general search for each word would take most of its time to begin.
fn places<'a>(text: &'a [u8], words: &'a [&str]) -> impl Iterator<Item = (usize, usize)> + 'a {
    let begin = words.iter().filter_map(|word| word.bytes().next()).fold(0, |letters, it| letters | bit(it));
    let may_begin = move |at: &usize| begin & bit(text[*at]) != 0;
    (0..text.len()).filter(may_begin).flat_map(move |at| {
        let here = words.iter().filter(move |word| text[at..].starts_with(word.as_bytes()));
        here.map(move |word| (at, at + word.len()))
    })
}

/// A letter as one bit of 32, which it shares with few others.
fn bit(letter: u8) -> u32 {
    1 << (letter % 32)
}

/// A text without the secrets in it.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    without(text, secrets)
}

/// A sentence without the secrets that it quotes. Its own words are no secrets: `a basic string`, `authorization`.
pub(super) fn said(sentence: &str) -> Cow<'_, str> {
    without(sentence, quoted)
}

fn without(text: &str, find: fn(&str) -> Vec<Range<usize>>) -> Cow<'_, str> {
    // Most texts are single words. A secret stands behind a sign or a blank, but for the one of a glued header.
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/');
    let is_glued = || text.to_ascii_lowercase().contains("authorization");
    if text.bytes().all(is_word) && (text.len() < "authorization".len() || !is_glued()) {
        return text.into();
    }
    if text.contains("PRIVATE KEY-----") {
        return HIDDEN.into();
    }
    let mut secrets = find(text);
    // What is hidden already stays as it is.
    secrets.retain(|it| !text.get(it.start..).unwrap_or_default().starts_with(HIDDEN));
    if secrets.is_empty() {
        return text.into();
    }
    let (mut out, mut from) = (String::new(), 0);
    for secret in secrets {
        if secret.start >= from {
            out += text.get(from..secret.start).unwrap_or_default();
            out += HIDDEN;
        }
        from = from.max(secret.end);
    }
    (out + text.get(from..).unwrap_or_default()).into()
}

/// A text in which every secret is as long as it was, to the byte, and cannot be read: what points into it stays right.
pub(crate) fn same_length(text: &str) -> Cow<'_, str> {
    let secrets = secrets(text);
    if secrets.is_empty() {
        return text.into();
    }
    let star = |character: char| match character.len_utf8() {
        _ if matches!(character, '"' | '\'' | '\n') => character,
        1 => '*',
        2 => '·',
        3 => '•',
        _ => '\u{1f512}',
    };
    let (mut out, mut from) = (String::with_capacity(text.len()), 0);
    for secret in secrets {
        let start = secret.start.max(from);
        out += text.get(from..start).unwrap_or_default();
        out.extend(text.get(start..secret.end).unwrap_or_default().chars().map(star));
        from = from.max(secret.end);
    }
    (out + text.get(from..).unwrap_or_default()).into()
}

/// Where secrets stand in a text, by their starts.
fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut secrets = quoted(text);
    let lower = text.to_ascii_lowercase();
    secrets.extend(lower.match_indices("basic ").map(|(at, word)| until_blank(text, at + word.len())));
    secrets.extend(lower.match_indices("authorization").map(|(at, word)| at + word.len()..line_end(text, at)));
    sorted(secrets)
}

/// Those that no prose can be taken for, by their starts.
fn quoted(text: &str) -> Vec<Range<usize>> {
    let mut secrets = users(text);
    // Lowering ASCII letters alone keeps every byte in its place.
    let lower = text.to_ascii_lowercase();
    secrets.extend(places(lower.as_bytes(), &BEFORE).filter_map(|(at, end)| value(text, at, end)));
    secrets.extend(lower.match_indices("bearer ").map(|(at, word)| until_blank(text, at + word.len())));
    sorted(secrets)
}

fn sorted(mut secrets: Vec<Range<usize>>) -> Vec<Range<usize>> {
    secrets.retain(|it| !it.is_empty());
    secrets.sort_by_key(|it| (it.start, it.end));
    secrets
}

/// The user's part of every address: `amqp://user:password@host`, `user:password@tcp(host)`.
fn users(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    for word in text.split_inclusive(|it: char| it.is_whitespace() || matches!(it, '"' | '\'' | '`')) {
        let start = match (word.find("://"), word.find(':')) {
            (Some(scheme), _) => Some(scheme + 3),
            // An address to write to has no password.
            (None, Some(colon)) if word[..colon].ends_with("mailto") => None,
            (None, colon) => colon.map(|it| it + 1),
        };
        // The last sign of all: a password may hold one. What follows it in the digest of an image is no host.
        let end = word.rfind('@').filter(|end| !word[*end..].starts_with("@sha256:"));
        if let (Some(start), Some(end)) = (start, end)
            && start < end
        {
            found.push(at + start..at + end);
        }
        at += word.len();
    }
    found
}

/// What is assigned to a word that ends at `end`: `=`, `:`, or a blank after `--word`.
fn value(text: &str, start: usize, end: usize) -> Option<Range<usize>> {
    let (before, after) = (text.get(..start)?, text.get(end..)?);
    let is_short = end - start < 5;
    if is_short && before.ends_with(|it: char| it.is_ascii_alphanumeric()) {
        return None;
    }
    let token = before.rsplit(char::is_whitespace).next().unwrap_or_default();
    // One or several: `tokens = […]`.
    let after = after.strip_prefix(['s', 'S']).unwrap_or(after);
    let rest = after.trim_start_matches(['"', '\'']).trim_start_matches(' ');
    let rest = match rest.strip_prefix(['=', ':']) {
        Some(rest) => rest,
        None if token.starts_with("--") && after.starts_with(' ') => rest,
        None => return None,
    };
    let from = text.len() - rest.trim_start_matches(' ').len();
    let rest = text.get(from..)?;
    let line = text.get(line_start(text, start)..start)?;
    let length = match line.trim_start().starts_with('#') {
        // Nothing of a comment goes on in the next line.
        true => length(rest).min(line_end(rest, 0)),
        false if rest.starts_with(['|', '>']) => block(rest, line.len() - line.trim_start().len()),
        false => length(rest),
    };
    Some(from..from + length)
}

/// How many bytes of a text are the block of YAML at its start, whose key is indented so far: every line that is indented
/// further.
fn block(text: &str, indent: usize) -> usize {
    let is_inside = |line: &&str| line.trim().is_empty() || line.len() - line.trim_start().len() > indent;
    let mut lines = text.split_inclusive('\n');
    let head = lines.next().map_or(0, str::len);
    head + lines.take_while(is_inside).map(str::len).sum::<usize>()
}

/// How many bytes of a text are the value at its start. One without an end is hidden to the last letter.
fn length(text: &str) -> usize {
    let closed = |mark: &str, open: usize| text[open..].find(mark).map_or(text.len(), |it| open + it + mark.len());
    match text.as_bytes().first() {
        _ if text.starts_with("\"\"\"") => closed("\"\"\"", 3),
        _ if text.starts_with("'''") => closed("'''", 3),
        // A quoted value may hold blanks, a list and a table any number of values.
        Some(b'"') => closed("\"", 1),
        Some(b'\'') => closed("'", 1),
        Some(b'[') => closed("]", 1),
        Some(b'{') => closed("}", 1),
        _ => text.find(|it: char| it.is_whitespace() || "&;,\"'})".contains(it)).unwrap_or(text.len()),
    }
}

fn until_blank(text: &str, from: usize) -> Range<usize> {
    let rest = text.get(from..).unwrap_or_default();
    from..from + rest.find(|it: char| it.is_whitespace() || matches!(it, '"' | '\'')).unwrap_or(rest.len())
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

fn line_end(text: &str, from: usize) -> usize {
    text.get(from..).and_then(|rest| rest.find('\n')).map_or(text.len(), |it| from + it)
}

#[cfg(test)]
mod tests;

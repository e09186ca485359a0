//! Secrets in texts: passwords, tokens, the user's part of a URL.
//!
//! It errs on the side of hiding, and knows texts only: what a document hides below its keys says `doc::mask`.
//! Every [`super::Diagnostic`] goes through [`said`], so that no format can print what another one masks.

use std::borrow::Cow;
use std::ops::Range;

/// What stands in a secret's place.
pub(crate) const HIDDEN: &str = "(hidden)";

/// Words in a key that make its value a secret.
const SECRET: &[&str] = &[
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
    // Of kubectl: the whole object, with whatever stood in it.
    "lastappliedconfiguration",
];

/// Whole keys that make their value a secret; `requirepass` and what follows are Redis'.
const SECRET_WHOLE: &[&str] = &[
    "pass",
    "pw",
    "dsn",
    "pgpass",
    "requirepass",
    "masterauth",
    "tlskeyfilepass",
    "tlsclientkeyfilepass",
    "proxysetheadercookie",
    "addheadersetcookie",
];

/// Parts of a key that make its value a secret: `DB_PWD`. `pass` is one of a name in capitals only.
const SECRET_PARTS: &[&str] = &["pwd", "salt", "creds"];

static SECRETS: Words = Words::new(&[SECRET]);
/// One of these is in every key of a secret.
static IN_KEYS: Words = Words::new(&[SECRET, SECRET_WHOLE, SECRET_PARTS, &["pass"]]);

/// Endings of keys that only name a secret which stands elsewhere, as KEDA, Kubernetes and PgBouncer have them.
const NAMES_ONLY: &[&str] = &["fromenv", "ref", "secretname", "pullsecrets", "authfile", "authquery"];

/// Last parts of keys that say where a secret is, how long it lasts or how many there are: `TOKEN_TTL`, `PASSWORD_FILE`.
const MEASURES: &[&str] = &[
    "path", "file", "dir", "url", "endpoint", "ttl", "timeout", "seconds", "minutes", "hours", "days", "limit",
    "count", "length", "size", "expiry", "lifetime", "interval",
];

/// Words before a secret in a text: `password=…`, `"password": …`, `--password …`.
const BEFORE: &[&str] = &[
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

/// How keys begin that are handed out by those who check them, at whatever place and under whatever name they stand.
const KNOWN: &[&str] = &[
    "sk_live_",
    "rk_live_",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xoxa-",
    "xoxb-",
    "xoxp-",
    "xoxs-",
    "akia",
    "asia",
    "eyj",
    "hooks.slack.com/services/",
];

/// What stands before the name of a variable, and before its value: `{"name": "DB_PASSWORD", "value": "…"}`.
const NAME: &[&str] = &["name"];

/// Words before a secret in a header of HTTP, up to a blank or to the end of the line.
const BEARER: &[&str] = &["bearer "];
const BASIC: &[&str] = &["basic "];
const AUTHORIZATION: &[&str] = &["authorization"];

/// How the first line of a key in PEM ends.
const PEM: &[&str] = &["private key-----"];

static BEFORE_VALUES: Words = Words::new(&[BEFORE]);
static KNOWN_KEYS: Words = Words::new(&[KNOWN]);
static NAMES: Words = Words::new(&[NAME]);
static BEARERS: Words = Words::new(&[BEARER]);
static BASICS: Words = Words::new(&[BASIC]);
static HEADERS: Words = Words::new(&[AUTHORIZATION]);
/// One of these is in every single word that is a secret.
static IN_WORDS: Words = Words::new(&[KNOWN, AUTHORIZATION]);
/// One of these is in every text with a secret but for the user's part of a URL.
static IN_TEXTS: Words = Words::new(&[BEFORE, KNOWN, NAME, BEARER, BASIC, AUTHORIZATION, PEM]);

/// Words that are looked for in every text and in every key of a document, where a general search would take most of its time
/// to begin.
struct Words {
    lists: &'static [&'static [&'static str]],
    /// For each first letter the second ones, a bit for each: nearly everything is told apart by them.
    seconds: [u32; 32],
}

impl Words {
    /// Of ASCII, in lower case, of two letters at least.
    const fn new(lists: &'static [&'static [&'static str]]) -> Self {
        let (mut seconds, mut list) = ([0; 32], 0);
        while list < lists.len() {
            let mut index = 0;
            while index < lists[list].len() {
                let word = lists[list][index].as_bytes();
                seconds[Self::bit(word[0])] |= 1 << Self::bit(word[1]);
                index += 1;
            }
            list += 1;
        }
        Self { lists, seconds }
    }

    /// The same for a letter in either case.
    const fn bit(byte: u8) -> usize {
        (byte & 31) as usize
    }

    fn may_begin(&self, pair: &[u8]) -> bool {
        self.seconds[Self::bit(pair[0])] >> Self::bit(pair[1]) & 1 == 1
    }

    /// Where each of the words stands in a text, in either case.
    fn find<'t>(&self, text: &'t [u8]) -> impl Iterator<Item = (usize, &'static str)> + use<'_, 't> {
        let places = text.windows(2).enumerate().filter(|(_, pair)| self.may_begin(pair)).map(|(at, _)| at);
        let words = move |at: usize| self.lists.iter().copied().flatten().filter(move |word| begins(&text[at..], word));
        places.flat_map(move |at| words(at).map(move |word| (at, *word)))
    }

    /// Whether one of the words stands in a text. Most of all that is shown is asked only this.
    fn stand_in(&self, text: &[u8]) -> bool {
        let begins_at = |at: usize| self.lists.iter().any(|words| words.iter().any(|word| begins(&text[at..], word)));
        text.windows(2).enumerate().any(|(at, pair)| self.may_begin(pair) && begins_at(at))
    }
}

/// Whether a text begins with a word in lower case, itself in either.
fn begins(text: &[u8], word: &str) -> bool {
    // The first letters say nearly always that it does not.
    let mut letters = text.iter().zip(word.as_bytes());
    text.len() >= word.len() && letters.all(|(letter, expected)| letter.to_ascii_lowercase() == *expected)
}

/// Whether the value of a key is a secret.
pub(crate) fn is_secret(key: &str) -> bool {
    // Nearly every key is asked, and nearly none has a sign in it.
    let plain: Cow<'_, [u8]> = match key.bytes().all(|it| it.is_ascii_alphanumeric()) {
        true => key.as_bytes().into(),
        false => key.bytes().filter(u8::is_ascii_alphanumeric).collect(),
    };
    if !IN_KEYS.stand_in(&plain) {
        return false;
    }
    let is_whole = |word: &&str| word.as_bytes().eq_ignore_ascii_case(&plain);
    SECRET_WHOLE.iter().any(is_whole) || is_secret_by_parts(key, &plain.to_ascii_lowercase())
}

/// As [`is_secret`] for a key that has a word of secrets in it; `plain` is the key in lower case without signs.
fn is_secret_by_parts(key: &str, plain: &[u8]) -> bool {
    let names_only = NAMES_ONLY.iter().any(|ending| plain.ends_with(ending.as_bytes()));
    let parts = parts(key);
    let has = |list: &[&str], part: Option<&String>| part.is_some_and(|part| list.contains(&part.as_str()));
    // `proxy_pass` is no password, `DB_PASS` is one.
    let is_pass = has(&["pass"], parts.last()) && !key.bytes().any(|it| it.is_ascii_lowercase());
    let is_part = is_pass || parts.iter().any(|part| has(SECRET_PARTS, Some(part)));
    let is_amount =
        has(MEASURES, parts.last()) || has(&["max", "min", "num"], parts.first()) || parts.iter().any(|it| it == "per");
    let is_word = SECRETS.find(plain).any(|(at, word)| !(word == "token" && plain[at..].starts_with(b"tokeniz")));
    (is_word || is_part) && !names_only && !is_amount && !plain.starts_with(b"automount")
}

/// The parts of a key in lower case: of `DB_PASSWORD`, `db-password` and `dbPassword` the same two.
fn parts(key: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut was_lower = false;
    for character in key.chars() {
        let begins = character.is_ascii_uppercase() && was_lower;
        was_lower = character.is_ascii_lowercase() || character.is_ascii_digit();
        if begins || !character.is_ascii_alphanumeric() {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut().filter(|_| character.is_ascii_alphanumeric()) {
            part.push(character.to_ascii_lowercase());
        }
    }
    parts.retain(|it| !it.is_empty());
    parts
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
    let bytes = text.as_bytes();
    let may_have_one = match text.bytes().all(is_word) {
        true => IN_WORDS.stand_in(bytes),
        false => text.contains('@') || IN_TEXTS.stand_in(bytes),
    };
    if !may_have_one {
        return text.into();
    }
    if text.contains("PRIVATE KEY-----") {
        // Owned, as every text that is not what it was.
        return HIDDEN.to_owned().into();
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
    let bytes = text.as_bytes();
    secrets.extend(BASICS.find(bytes).map(|(at, word)| until_blank(text, at + word.len())));
    let header = |(at, word): (usize, &str)| at + word.len()..line_end(text, at);
    // `rbac.authorization.k8s.io` is an API's name.
    let is_header = |it: &Range<usize>| text.get(it.start..).is_some_and(|rest| !rest.starts_with(".k8s.io"));
    secrets.extend(HEADERS.find(bytes).map(header).filter(is_header));
    sorted(secrets)
}

/// Those that no prose can be taken for, by their starts.
fn quoted(text: &str) -> Vec<Range<usize>> {
    let mut secrets = users(text);
    let bytes = text.as_bytes();
    secrets.extend(BEFORE_VALUES.find(bytes).filter_map(|(at, word)| value(text, at, at + word.len())));
    secrets.extend(BEARERS.find(bytes).map(|(at, word)| until_blank(text, at + word.len())));
    secrets.extend(KNOWN_KEYS.find(bytes).filter_map(|(at, word)| known(text, at, word)));
    secrets.extend(NAMES.find(bytes).filter_map(|(at, word)| value_of_named(text, at + word.len())));
    sorted(secrets)
}

/// What begins as a key that somebody hands out, where it is as long as such keys are.
fn known(text: &str, at: usize, word: &str) -> Option<Range<usize>> {
    const SHORTEST: usize = 4;
    let (before, rest) = text.split_at_checked(at)?;
    let is_token = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-' | '/' | '.' | '+' | '=');
    let length = rest.find(|it: char| !is_token(it)).unwrap_or(rest.len());
    let token = rest.get(..length)?;
    let is_shaped = match word {
        "akia" | "asia" => token.len() == 20 && token.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit()),
        // A token of JSON has three parts, of which the first is a map.
        "eyj" => token.starts_with("eyJ") && token.matches('.').count() == 2,
        word => token.starts_with(word) && token.len() >= word.len() + SHORTEST,
    };
    (is_shaped && !before.ends_with(|it: char| it.is_ascii_alphanumeric())).then_some(at..at + length)
}

/// The value of a variable whose name is assigned behind `name`: `name: DB_PASSWORD`, and in the next place `value: …`.
fn value_of_named(text: &str, from: usize) -> Option<Range<usize>> {
    let assigned = |from: usize| {
        let rest = text.get(from..)?.trim_start_matches(['"', '\'', '\\']).trim_start_matches(' ');
        let rest = rest.strip_prefix([':', '='])?.trim_start_matches([' ', '\\']);
        Some(text.len() - rest.len()..text.len() - rest.len() + length(rest))
    };
    let name = assigned(from)?;
    if !is_secret(text.get(name.clone())?.trim_matches(['"', '\'', '\\'])) {
        return None;
    }
    let rest = text
        .get(name.end..)?
        .trim_start_matches(|it: char| it.is_whitespace() || matches!(it, ',' | '"' | '\'' | '\\'));
    let rest = rest.strip_prefix("value")?;
    assigned(text.len() - rest.len())
}

fn sorted(mut secrets: Vec<Range<usize>>) -> Vec<Range<usize>> {
    secrets.retain(|it| !it.is_empty());
    secrets.sort_by_key(|it| (it.start, it.end));
    secrets
}

/// The user's part of every address: `amqp://user:password@host`, `user:password@tcp(host)`.
fn users(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if !text.contains('@') {
        return found;
    }
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
    let assigned = rest.strip_prefix(['=', ':']).or_else(|| rest.strip_prefix("!="));
    let is_flag = token.trim_start_matches(['[', '"', '\'']).starts_with("--");
    let rest = match assigned {
        Some(rest) => rest,
        None if is_flag && after.starts_with(' ') => rest,
        // The next member of a list: `["--password", "…"]`.
        None if is_flag => rest.strip_prefix(',')?,
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

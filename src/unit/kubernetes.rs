//! What may stand as a name, a label, an image, a host or a port in the files that are written.
//! Each rule is that of the program which reads the file, and its message says which character breaks it.
//! It refuses what a target would refuse; quoting what passes is still the work of each format's printer.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::quoted;

/// A name of a pod, container or namespace: `IsDNS1123Label`, apimachinery pkg/util/validation/validation.go.
///
/// # Errors
/// Says which character or length breaks the rule.
pub fn dns_label(text: &str) -> Result<(), String> {
    let name = "a DNS label";
    length(text, name, 63)?;
    characters(text, text, name, "a lowercase letter, a digit or `-`", |it| is_lower(it) || it == '-')?;
    ends(text, text, name, "a lowercase letter or a digit", is_lower)
}

/// A name of most objects: `IsDNS1123Subdomain`, apimachinery pkg/util/validation/validation.go.
///
/// # Errors
/// Says which character or length breaks the rule.
pub fn dns_subdomain(text: &str) -> Result<(), String> {
    let name = "a DNS subdomain";
    length(text, name, 253)?;
    let allowed = |it| is_lower(it) || matches!(it, '-' | '.');
    characters(text, text, name, "a lowercase letter, a digit, `-` or `.`", allowed)?;
    text.split('.').try_for_each(|part| ends(text, part, name, "a lowercase letter or a digit", is_lower))
}

/// The value of a label, which may be empty: `IsValidLabelValue`, apimachinery pkg/util/validation/validation.go.
///
/// # Errors
/// Says which character or length breaks the rule.
pub fn label_value(text: &str) -> Result<(), String> {
    if text.is_empty() { Ok(()) } else { label_name(text, text, "a label value") }
}

/// The key of a label or annotation, `name` or `prefix/name`: `IsQualifiedName`, apimachinery
/// pkg/util/validation/validation.go.
///
/// # Errors
/// Says which character or length breaks the rule.
pub fn qualified_name(text: &str) -> Result<(), String> {
    match text.split_once('/') {
        Some((prefix, name)) => {
            dns_subdomain(prefix).map_err(|fault| format!("the prefix of {}: {fault}", quoted(text)))?;
            label_name(text, name, "a qualified name")
        }
        None => label_name(text, text, "a qualified name"),
    }
}

/// What becomes a part of a path: `IsValidPathSegmentName`, apimachinery pkg/api/validation/path/name.go; control
/// characters are refused as well.
///
/// # Errors
/// Says which character breaks the rule.
pub fn path_segment(text: &str) -> Result<(), String> {
    let name = "a path segment";
    if text.is_empty() || matches!(text, "." | "..") {
        return Err(format!("{} is not {name}: it may not be empty, `.` or `..`", quoted(text)));
    }
    let allowed = |it: char| !matches!(it, '/' | '%') && !it.is_control();
    characters(text, text, name, "none of `/`, `%` and control characters", allowed)
}

/// An image such as `registry.k8s.io/kubectl:v1.34.0`: the grammar of distribution/reference regexp.go.
///
/// # Errors
/// Says which part breaks which rule.
pub fn image_reference(text: &str) -> Result<(), String> {
    let fault =
        |part: &str, rule: &str| Err(format!("{} is not an image: {} must be {rule}", quoted(text), quoted(part)));
    let (named, digest) = text.split_once('@').map_or((text, None), |(named, digest)| (named, Some(digest)));
    if let Some(digest) = digest.filter(|digest| !is_digest(digest)) {
        return fault(digest, "a digest such as `sha256:` and 64 hexadecimal digits");
    }
    let (path, tag) = match named.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
        _ => (named, None),
    };
    if let Some(tag) = tag.filter(|tag| !is_tag(tag)) {
        return fault(tag, "a tag: up to 128 letters, digits, `_`, `.` and `-`, the first not `.` or `-`");
    }
    if path.len() > 255 {
        return fault(path, "at most 255 characters long");
    }
    let components = match path.split_once('/') {
        Some((first, rest)) if is_image_domain(first) => rest,
        _ => path,
    };
    match components.split('/').find(|component| !is_image_component(component)) {
        Some(component) => fault(component, "lowercase letters and digits, with `.`, `_`, `__` or dashes between them"),
        None => Ok(()),
    }
}

/// A host that PgBouncer, PostgreSQL and nginx resolve: a DNS name (RFC 1123, with the `_` that Compose names have), an
/// IPv4 address, or an IPv6 address without brackets and zone.
///
/// # Errors
/// Says which character or part breaks the rule.
pub fn host(text: &str) -> Result<(), String> {
    let name = "a host";
    if text.contains(':') {
        let address = text.parse::<Ipv6Addr>();
        return address
            .map(drop)
            .map_err(|_| format!("{} is not {name}: it has a `:` but is no IPv6 address", quoted(text)));
    }
    length(text, name, 253)?;
    let allowed = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
    characters(text, text, name, "a letter, a digit, `-`, `_` or `.`", allowed)?;
    if text.bytes().all(|it| it.is_ascii_digit() || it == b'.') {
        let address = text.parse::<Ipv4Addr>();
        return address
            .map(drop)
            .map_err(|_| format!("{} is not {name}: it has only digits but is no IPv4 address", quoted(text)));
    }
    let inner = |it: char| it.is_ascii_alphanumeric() || it == '_';
    for part in text.strip_suffix('.').unwrap_or(text).split('.') {
        ends(text, part, name, "a letter, a digit or `_`", inner)?;
        if part.len() > 63 {
            return Err(format!("{} is not {name}: {} is longer than 63 characters", quoted(text), quoted(part)));
        }
    }
    Ok(())
}

/// A variable of a container that every shell can read: `IsCIdentifier`, apimachinery
/// pkg/util/validation/validation.go. Kubernetes itself would take more.
///
/// # Errors
/// Says which character breaks the rule.
pub fn environment_variable_name(text: &str) -> Result<(), String> {
    let name = "an environment variable";
    if text.is_empty() {
        return Err(format!("{} is not {name}: it is empty", quoted(text)));
    }
    let allowed = |it: char| it.is_ascii_alphanumeric() || it == '_';
    characters(text, text, name, "a letter, a digit or `_`", allowed)?;
    if text.starts_with(|it: char| it.is_ascii_digit()) {
        return Err(format!("{} is not {name}: it starts with a digit", quoted(text)));
    }
    Ok(())
}

/// A TCP port: `IsValidPortNum`, apimachinery pkg/util/validation/validation.go.
///
/// # Errors
/// Where it is not from 1 to 65535.
pub fn port(number: i64) -> Result<(), String> {
    if (1..=65_535).contains(&number) { Ok(()) } else { Err(format!("`{number}` is not a port, expected 1 to 65535")) }
}

/// `part` of `text` as a label value or the name in a label key.
fn label_name(text: &str, part: &str, name: &str) -> Result<(), String> {
    length(part, name, 63)?;
    let allowed = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
    characters(text, part, name, "a letter, a digit, `-`, `_` or `.`", allowed)?;
    ends(text, part, name, "a letter or a digit", |it| it.is_ascii_alphanumeric())
}

fn length(text: &str, name: &str, max: usize) -> Result<(), String> {
    match text.chars().count() {
        0 => Err(format!("{} is not {name}: it is empty", quoted(text))),
        count if count > max => {
            Err(format!("{} is not {name}: it has {count} characters, at most {max} fit", quoted(text)))
        }
        _ => Ok(()),
    }
}

fn characters(text: &str, part: &str, name: &str, rule: &str, allowed: impl Fn(char) -> bool) -> Result<(), String> {
    match part.chars().find(|it| !allowed(*it)) {
        Some(wrong) => {
            let wrong = quoted(wrong.encode_utf8(&mut [0; 4]));
            Err(format!("{} is not {name}: {wrong} is not allowed, each character must be {rule}", quoted(text)))
        }
        None => Ok(()),
    }
}

fn ends(text: &str, part: &str, name: &str, rule: &str, allowed: impl Fn(char) -> bool) -> Result<(), String> {
    let Some(wrong) =
        part.chars().next().filter(|it| !allowed(*it)).or(part.chars().next_back().filter(|it| !allowed(*it)))
    else {
        let empty = || format!("{} is not {name}: it has an empty part", quoted(text));
        return if part.is_empty() { Err(empty()) } else { Ok(()) };
    };
    let of_part = if part == text { "it".to_owned() } else { quoted(part) };
    Err(format!("{} is not {name}: {of_part} starts or ends with `{wrong}`, both must be {rule}", quoted(text)))
}

fn is_lower(it: char) -> bool {
    it.is_ascii_lowercase() || it.is_ascii_digit()
}

fn is_tag(text: &str) -> bool {
    let word = |it: char| it.is_ascii_alphanumeric() || it == '_';
    text.starts_with(word) && text.len() <= 128 && text.chars().all(|it| word(it) || matches!(it, '.' | '-'))
}

fn is_digest(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else { return false };
    let is_part = |part: &str| {
        part.starts_with(|it: char| it.is_ascii_alphabetic()) && part.bytes().all(|it| it.is_ascii_alphanumeric())
    };
    let long_enough = if algorithm == "sha256" { hex.len() == 64 } else { hex.len() >= 32 };
    algorithm.split(['-', '_', '+', '.']).all(is_part) && long_enough && hex.bytes().all(|it| it.is_ascii_hexdigit())
}

/// A registry with an optional port, which only differs from a path component by what it may hold.
fn is_image_domain(text: &str) -> bool {
    let (domain, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => return address.parse::<Ipv6Addr>().is_ok() && is_image_port(port),
        None => text.split_once(':').map_or((text, ""), |(domain, _)| (domain, &text[domain.len()..])),
    };
    let part = |part: &str| {
        let inner = |it: char| it.is_ascii_alphanumeric();
        part.starts_with(inner) && part.ends_with(inner) && part.chars().all(|it| inner(it) || it == '-')
    };
    domain.split('.').all(part) && is_image_port(port)
}

fn is_image_port(text: &str) -> bool {
    text.is_empty()
        || text.strip_prefix(':').is_some_and(|port| !port.is_empty() && port.bytes().all(|it| it.is_ascii_digit()))
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`.
fn is_image_component(text: &str) -> bool {
    let mut separators = text.split(is_lower).filter(|it| !it.is_empty());
    let separated = |it: &str| matches!(it, "." | "_" | "__") || it.bytes().all(|dash| dash == b'-');
    text.starts_with(is_lower) && text.ends_with(is_lower) && separators.all(separated)
}

//! Addresses of pages and services, and parts of them.

use super::kubernetes::host;

/// A host is all that is asked for: what stands behind it is the server's. A password would be written into a file.
///
/// # Errors
/// Says what is wrong with it; the address itself is not repeated where it holds a password.
pub fn http(text: &str) -> Result<(), String> {
    if let Some(wrong) = text.chars().find(|it| !it.is_ascii_graphic() || "'\"`\\{}$;#".contains(*it)) {
        let (text, wrong) = (text.escape_debug(), wrong.escape_debug());
        return Err(format!("`{text}` has the character `{wrong}`, which is not allowed here"));
    }
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let (host_text, port) = authority.rsplit_once(':').unwrap_or((authority, "80"));
    match (authority.contains('@'), host(host_text), port.parse::<u16>()) {
        (true, ..) => Err("an address with a password would write the secret into a file".to_owned()),
        (_, Ok(()), Ok(1..)) => Ok(()),
        _ if !text.contains("://") && http(&format!("https://{text}")).is_ok() => {
            let scheme = if text.starts_with("localhost") { "http" } else { "https" };
            Err(format!("`{text}` does not say `https://` or `http://`, write `{scheme}://{text}`"))
        }
        _ => Err(format!("`{}` is no address", text.escape_debug())),
    }
}

/// As Grafana has it (grafana v13, `pkg/util/shortid_generator.go`): it stands in the dashboard's address.
///
/// # Errors
/// Names the text.
pub fn dashboard_uid(text: &str) -> Result<(), String> {
    let is_part = |it: u8| it.is_ascii_alphanumeric() || b"-_".contains(&it);
    match (1..=40).contains(&text.len()) && text.bytes().all(is_part) {
        true => Ok(()),
        false => Err(format!("`{}` cannot identify a dashboard", text.escape_debug())),
    }
}

/// A token of RFC 9110 that holds no secret: those are read from variables.
///
/// # Errors
/// Names the text.
pub fn header_name(text: &str) -> Result<(), String> {
    let is_token = |it: u8| it.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&it);
    match (1..=100).contains(&text.len()) && text.bytes().all(is_token) {
        true => Ok(()),
        false => Err(format!("`{}` cannot name a header", text.escape_debug())),
    }
}

/// One line of printable ASCII: what every client sends as it is.
///
/// # Errors
/// Names the text.
pub fn header_value(text: &str) -> Result<(), String> {
    match !text.is_empty() && text.bytes().all(|it| (b' '..=b'~').contains(&it)) {
        true => Ok(()),
        false => Err(format!("`{}` cannot be the value of a header", text.escape_debug())),
    }
}

/// In capitals, as HTTP distinguishes them.
///
/// # Errors
/// Names the text.
pub fn method(text: &str) -> Result<(), String> {
    match (3..=10).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_uppercase()) {
        true => Ok(()),
        false => Err(format!("`{}` is no method", text.escape_debug())),
    }
}

/// A path and its query: what is not printable ASCII stands in it as `%C3%A4`.
///
/// # Errors
/// Names the text.
pub fn path(text: &str) -> Result<(), String> {
    match text.starts_with('/') && text.bytes().all(|it| it.is_ascii_graphic()) {
        true => Ok(()),
        false => Err(format!("`{}` is no path", text.escape_debug())),
    }
}

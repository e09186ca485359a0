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

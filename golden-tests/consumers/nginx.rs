//! nginx: every generated file must pass `nginx -t`.
//!
//! The file itself is tested. Its host names resolve on a platform and not here, so `libnss_wrapper` answers for them.

use std::net::IpAddr;
use std::process::Command;

use crate::program::{self, Folder};

/// What is not installed.
pub(crate) fn missing() -> Option<String> {
    let library = || {
        let missing = program::nss_wrapper().is_none();
        missing.then(|| "libnss_wrapper is not installed (apt-get install libnss-wrapper)".to_owned())
    };
    program::missing("nginx", "nginx-light").or_else(library)
}

/// # Errors
/// What nginx says, where it refuses the file or warns about it.
pub(crate) fn check(text: &str) -> Result<(), String> {
    let folder = Folder::create()?;
    let place = folder.path().display();
    folder.write("upstream.conf", text)?;
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary: String = temporary.iter().map(|it| format!("    {it}_temp_path {place}/{it};\n")).collect();
    let http = format!("http {{\n    access_log off;\n{temporary}    include {place}/upstream.conf;\n}}\n");
    let main = folder.write("nginx.conf", &format!("pid {place}/nginx.pid;\nevents {{}}\n{http}"))?;
    let hosts: String = hosts(text).map(|host| format!("127.0.0.1 {host}\n")).collect();
    let hosts = folder.write("hosts", &hosts)?;
    let mut command = Command::new(program::find("nginx").unwrap_or_default());
    command.env_clear().env("LD_PRELOAD", program::nss_wrapper().unwrap_or_default()).env("NSS_WRAPPER_HOSTS", hosts);
    command.arg("-t").arg("-p").arg(folder.path()).arg("-c").arg(main);
    let output = command.output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr).replace(&format!("{place}/"), "");
    match (output.status.success() || only_ports_are_refused(&said)) && !said.contains("[warn]") {
        true => Ok(()),
        false => Err(said),
    }
}

/// The upstreams of the lint `refused-upstream`: each of those that it refuses, and the file that it takes.
///
/// # Errors
/// A file that cannot be read.
pub(crate) fn judged_by_a_lint() -> Result<Vec<(String, String, bool)>, String> {
    let read = |case: &str| {
        let path = crate::folder("golden-tests/cases/lint/refused-upstream").join(case).join("web.conf");
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let mut judged = vec![("nginx/agrees/taken".to_owned(), read("silent")?, true)];
    for block in read("fires")?.split("\nupstream ").map(|it| it.trim_start_matches("upstream ")) {
        let name = block.split(' ').next().unwrap_or_default();
        judged.push((format!("nginx/agrees/{name}"), format!("upstream {block}\n"), false));
    }
    Ok(judged)
}

/// # Errors
/// Where nginx takes what the lint refuses, or the other way round.
pub(crate) fn agrees(text: &str, is_taken: bool) -> Result<(), String> {
    match (check(text), is_taken) {
        (Ok(()), false) => Err(format!("nginx takes what the lint refuses:\n{text}")),
        (Err(said), true) => Err(format!("nginx refuses what the lint takes: {said}")),
        (Err(said), false) if !said.contains("[emerg]") => Err(format!("nginx only warns: {said}")),
        _ => Ok(()),
    }
}

/// nginx reads everything, then opens the ports. Port 80 is not given to everybody, and that is no fault of the file.
fn only_ports_are_refused(said: &str) -> bool {
    let is_port = |line: &str| line.contains("bind() to ") && line.contains("(13: Permission denied)");
    let faults: Vec<&str> = said.lines().filter(|line| line.contains("[emerg]")).collect();
    said.contains("syntax is ok") && !faults.is_empty() && faults.into_iter().all(is_port)
}

/// The host names of the `server` lines.
fn hosts(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let rest = line.trim().strip_prefix("server ")?;
        let address = rest.split([' ', ';']).next()?;
        let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
        let is_name = !host.starts_with(['[', '{']) && host.parse::<IpAddr>().is_err();
        is_name.then_some(host)
    })
}

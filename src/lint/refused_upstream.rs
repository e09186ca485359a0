//! An upstream that nginx does not take.

use crate::diag::source::Span;
use crate::diag::suggest;
use crate::doc::object::Object;
use crate::doc::value::{Node, Value};

use super::files::entries;
use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "refused-upstream",
    level: Level::Deny,
    docs: r#"
### What it does
Reads the servers and directives of nginx's upstreams as nginx does: names of parameters and directives, their numbers and times, ports, and whether a server is there that is no
backup. Directives of well-known modules are let through.
### Why is this bad?
nginx does not start, or after a reload goes on with the old file: one word is enough.
### Example
`server web1:8000 weigth=2;`, `server web1:80000;`, `fail_timeout=500ms`, a `;` that is missing behind a server
### Instead
Write what nginx knows: `weight=2`, a port of 1 to 65535, whole seconds. `nginx -t` says the same.
"#,
    check: Check::Files(check),
};

/// What a parameter of a server holds (`ngx_http_upstream_server`, and the same of the stream module).
#[derive(Clone, Copy, PartialEq)]
enum Holds {
    Nothing,
    Number,
    /// A number above 0.
    Positive,
    Time,
    Anything,
}

/// nginx's own, those of its commercial version, of Tengine (`id`) and of `nginx-upstream-jvm-route` (`srun_id`).
const PARAMETERS: [(&str, Holds); 13] = [
    ("backup", Holds::Nothing),
    ("down", Holds::Nothing),
    ("drain", Holds::Nothing),
    ("fail_timeout", Holds::Time),
    ("id", Holds::Anything),
    ("max_conns", Holds::Number),
    ("max_fails", Holds::Number),
    ("resolve", Holds::Nothing),
    ("route", Holds::Anything),
    ("service", Holds::Anything),
    ("slow_start", Holds::Time),
    ("srun_id", Holds::Anything),
    ("weight", Holds::Positive),
];

/// nginx's own, for HTTP and for streams.
const DIRECTIVES: [&str; 19] = [
    "hash",
    "include",
    "ip_hash",
    "keepalive",
    "keepalive_requests",
    "keepalive_time",
    "keepalive_timeout",
    "least_conn",
    "least_time",
    "ntlm",
    "queue",
    "random",
    "resolver",
    "resolver_timeout",
    "server",
    "state",
    "sticky",
    "sticky_cookie_insert",
    "zone",
];

/// What modules and relatives of nginx add (Tengine, OpenResty, Angie, upsync, the health checks of Yaoweibin).
const OF_MODULES: [&str; 14] = [
    "balancer_by_lua_block",
    "balancer_by_lua_file",
    "backup_switch",
    "bind_conn",
    "consistent_hash",
    "drizzle_server",
    "dynamic_resolve",
    "fair",
    "feedback",
    "jvm_route",
    "least_bandwidth",
    "postgres_server",
    "response_time_factor",
    "vnswrr",
];

/// How directives of modules begin that have several.
const FAMILIES: [&str; 6] = ["check", "session_sticky", "sticky_", "upsync", "drizzle_", "postgres_"];

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for (object, name) in files.nginx("upstream") {
        let mut upstream = Upstream { files, findings: &mut *findings, object, name };
        let (mut servers, mut primaries) = (0, 0);
        for (key, node) in entries(Some(&object.tree)) {
            let (directive, rest) = key.split_once(' ').unwrap_or((key, ""));
            if directive == "server" {
                servers += 1;
                primaries += i32::from(node.get("backup").is_none());
                upstream.server(rest, node);
            } else {
                upstream.directive(directive, node);
                // One that is not ended takes the server behind it for an argument.
                primaries += i32::from(node.as_str().is_some_and(|it| it.split(' ').any(|it| it == "server")));
            }
        }
        // The servers of another file, of a state or of a module are not to be seen.
        if primaries == 0 && !is_open(object) {
            let (label, help) = match servers {
                0 => ("no `server`", "add `server HOST:PORT;`"),
                _ => ("only backups", "take `backup` out of one of its servers"),
            };
            let message = format!("nginx refuses upstream `{name}`: there is no server to begin with");
            let finding = findings.finding(message).at(files.at(object, &object.tree), label);
            findings.push(finding.help(help));
        }
    }
}

/// Whether an upstream may have servers that do not stand in it.
fn is_open(object: &Object) -> bool {
    entries(Some(&object.tree)).any(|(key, _)| {
        let directive = key.split(' ').next().unwrap_or_default();
        matches!(directive, "include" | "state") || is_of_module(directive)
    })
}

fn is_of_module(directive: &str) -> bool {
    OF_MODULES.contains(&directive) || FAMILIES.iter().any(|it| directive.starts_with(it))
}

/// What a template or a shell fills in later, and what stands in quotes.
fn is_filled_in(word: &str) -> bool {
    ["$", "{", "<", "%", "__", "@", "\""].iter().any(|it| word.contains(it))
}

struct Upstream<'a, 'f, 's> {
    files: &'a Files<'f>,
    findings: &'a mut Findings<'s>,
    object: &'f Object,
    name: &'f str,
}

impl Upstream<'_, '_, '_> {
    fn server(&mut self, rest: &str, node: &Node) {
        let address = rest.split(' ').next().unwrap_or_default();
        if is_filled_in(rest) {
            return;
        }
        let place = self.files.key(self.object, node);
        if address.is_empty() {
            self.report(place, "a server has no address", "nothing behind `server`", "write `server HOST:PORT;`");
        } else if let Some((fault, help)) = address_fault(address) {
            self.report(place, &format!("`{address}` has {fault}"), "the address", &help);
        }
        for (parameter, value) in entries(Some(node)) {
            let written = value.as_str().unwrap_or_default();
            // The words of the next directive, since the `;` behind this one is missing.
            if DIRECTIVES.contains(&parameter) && written.is_empty() {
                let message = format!("a `;` is missing between `server {address}` and `{parameter}`");
                let place = self.files.at(self.object, value);
                return self.report(place, &message, "another directive", "end each of them with `;`");
            }
            if !is_filled_in(parameter) && !is_filled_in(written) {
                self.parameter(address, parameter, value, written);
            }
        }
    }

    fn parameter(&mut self, address: &str, parameter: &str, node: &Node, written: &str) {
        let place = self.files.at(self.object, node);
        let Some((_, holds)) = PARAMETERS.iter().find(|(name, _)| *name == parameter) else {
            let near = suggest::nearest(parameter, PARAMETERS.iter().map(|(name, _)| *name));
            let help = match near {
                Some(near) if written.is_empty() => format!("write `{near}`, if that is meant"),
                Some(near) => format!("write `{near}={written}`, if that is meant"),
                None => "take it out".to_owned(),
            };
            let message = format!("`server {address}` has no parameter `{parameter}`");
            return self.report(place, &message, "unknown", &help);
        };
        let number = written.parse::<i64>().ok().filter(|_| written.bytes().all(|it| it.is_ascii_digit()));
        let (is_fine, expected) = match holds {
            Holds::Nothing => (written.is_empty(), "nothing behind it"),
            Holds::Number => (number.is_some(), "a whole number"),
            Holds::Positive => (number.is_some_and(|it| it > 0), "a whole number above 0"),
            Holds::Time => (is_time(written), "whole seconds, such as `30s`"),
            Holds::Anything => (true, ""),
        };
        if !is_fine {
            let help = match holds {
                Holds::Nothing => format!("write `{parameter}`, or take it out"),
                Holds::Time => format!("write `{parameter}=30s`"),
                _ => format!("write `{parameter}=` and a number"),
            };
            self.report(place, &format!("`{parameter}` of `server {address}` takes {expected}"), "refused", &help);
        }
    }

    fn directive(&mut self, directive: &str, node: &Node) {
        let written = node.as_str().unwrap_or_default();
        let words: Vec<&str> = written.split(' ').filter(|it| !it.is_empty()).collect();
        if is_filled_in(directive) || is_of_module(directive) {
            return;
        }
        let place = self.files.key(self.object, node);
        if !DIRECTIVES.contains(&directive) {
            let parameter = PARAMETERS.iter().find(|(name, _)| *name == directive);
            let help = match (parameter, suggest::nearest(directive, DIRECTIVES)) {
                (Some((name, Holds::Nothing)), _) => format!("write it behind a server: `server … {name};`"),
                (Some((name, _)), _) => format!("write it behind each server: `server … {name}={written};`"),
                (None, Some(near)) => format!("write `{near}`, if that is meant"),
                (None, None) => "take it out".to_owned(),
            };
            return self.report(place, &format!("an upstream has no directive `{directive}`"), "unknown here", &help);
        }
        if words.contains(&"server") {
            let message = format!("a `;` is missing between `{directive}` and `server`");
            return self.report(place, &message, "two directives", "end each of them with `;`");
        }
        let is_number = |it: &&str| it.bytes().all(|it| it.is_ascii_digit()) || is_filled_in(it);
        match directive {
            "least_conn" | "ip_hash" if !words.is_empty() || matches!(node.value, Value::Map(_)) => {
                self.report(place, &format!("`{directive}` stands alone"), "refused", &format!("write `{directive};`"));
            }
            "keepalive" | "keepalive_requests" if !words.first().is_some_and(is_number) => {
                let help = format!("write `{directive} 32;`, or another number");
                self.report(place, &format!("`{directive}` takes a whole number"), "refused", &help);
            }
            _ => {}
        }
    }

    fn report(&mut self, place: Span, fault: &str, label: &str, help: &str) {
        let message = format!("nginx refuses upstream `{}`: {fault}", self.name);
        self.findings.push(self.findings.finding(message).at(place, label).help(help));
    }
}

/// What `ngx_parse_url` refuses, and what to write.
fn address_fault(address: &str) -> Option<(&'static str, String)> {
    if address.starts_with("unix:") {
        return None;
    }
    if let Some((_, host)) = address.split_once("://") {
        return Some(("a scheme", format!("write `server {host};`, and the scheme in `proxy_pass`")));
    }
    if let Some((host, _)) = address.split_once('/') {
        return Some(("a path", format!("write `server {host};`, and the path in `proxy_pass`")));
    }
    let (host, port) = match address.rsplit_once(']') {
        Some((host, rest)) => (host, rest.strip_prefix(':')),
        None => address.split_once(':').map_or((address, None), |(host, port)| (host, Some(port))),
    };
    if host.is_empty() {
        return Some(("no host", format!("write `server 127.0.0.1{address};`")));
    }
    let is_port = |it: &str| it.bytes().all(|it| it.is_ascii_digit()) && it.parse::<u16>().is_ok_and(|it| it > 0);
    let is_fine = port.is_none_or(is_port);
    (!is_fine).then(|| {
        ("no port of 1 to 65535", format!("write `server {}:8000;`, with its port", host.trim_start_matches('[')))
    })
}

/// What `ngx_parse_time` takes where seconds are the smallest unit: `30`, `30s`, `1m30s`, the larger unit first.
fn is_time(written: &str) -> bool {
    const UNITS: [char; 7] = ['y', 'M', 'w', 'd', 'h', 'm', 's'];
    let (mut rest, mut from) = (written, 0);
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|it: char| it.is_ascii_digit()).len();
        let Some((_, after)) = rest.split_at_checked(digits).filter(|(number, _)| !number.is_empty()) else {
            return false;
        };
        let Some(unit) = after.chars().next() else { return true };
        let Some(at) = UNITS.iter().position(|it| *it == unit).filter(|at| *at >= from) else { return false };
        from = at + 1;
        rest = &after[1..];
    }
    !written.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As nginx 1.22.1 reads them.
    #[test]
    fn times_are_read_as_nginx_does() {
        for time in ["10", "30s", "1m30s", "1h", "1m30", "1M", "1d12h"] {
            assert!(is_time(time), "{time}");
        }
        for time in ["", "500ms", "30s1m", "1.5s", "-1", "s", "30S", "1m1m", "10 s"] {
            assert!(!is_time(time), "{time}");
        }
    }
}

//! nginx upstreams: which servers, and how nginx treats them.
//!
//! Knows what nginx accepts in an `upstream` block and since which version (nginx.org
//! `xml/en/docs/http/ngx_http_upstream_module.xml`). What an address is stands in `addresses`; directives, their order
//! and their quoting are the target's.

mod addresses;
#[cfg(test)]
mod tests;

use crate::diag::Diagnostic;
use crate::diag::source::{Span, Spanned};
use crate::spec::Spec;
use crate::spec::scalar::{Entry, Text, Whole, Word};
use crate::spec::upstream::{
    Balance, Server as WrittenServer, ServerBlock as WrittenBlock, Servers, Upstream as Written,
};
use crate::unit::duration::Duration;
use crate::why::{Address, Derived};

use super::reasons::Reasons;
use super::workloads::Workload;

/// An nginx upstream.
#[derive(Debug, Clone)]
pub struct Upstream {
    pub name: String,
    /// `upstream.web_backend`.
    pub address: Address,
    pub servers: Vec<Server>,
    pub balance: Balance,
    /// Idle connections per nginx worker; `None` leaves the directive out.
    pub keepalive: Option<Derived<i64>>,
    pub max_fails: Option<Derived<i64>>,
    /// In whole seconds.
    pub fail_timeout: Option<Derived<i64>>,
    pub zone: Option<Derived<String>>,
    /// Major, minor and patch version of nginx.
    pub version: (u32, u32, u32),
    pub server: Option<ServerBlock>,
}

/// One server of an upstream.
#[derive(Debug, Clone)]
pub struct Server {
    /// `host:port`.
    pub address: Derived<String>,
    pub weight: Option<Derived<i64>>,
    pub max_conns: Option<Derived<i64>>,
    pub backup: bool,
}

/// The server block that passes everything on.
#[derive(Debug, Clone)]
pub struct ServerBlock {
    pub listen: Derived<i64>,
    pub server_name: Derived<String>,
}

/// nginx where the spec names no version.
const NGINX: (u32, u32, u32) = (1, 29, 0);

/// The oldest nginx that shares the state of an upstream between its workers (`zone`).
const OLDEST: (u32, u32, u32) = (1, 9, 0);

/// `max_conns` outside of the commercial version, and `random`.
const MAX_CONNS: (u32, u32, u32) = (1, 11, 5);
const RANDOM: (u32, u32, u32) = (1, 15, 1);

/// nginx's own `keepalive` from 1.29.7 on; always written, so that older versions keep connections too.
const KEEPALIVE: i64 = 32;

/// The smallest `zone` that nginx accepts: eight pages of memory.
const SMALLEST_ZONE_KIB: u32 = 32;

/// The upstreams of a spec, sorted by name.
pub(super) fn resolve(spec: &Spec, workloads: &[Workload], reasons: &mut Reasons) -> Vec<Upstream> {
    let sound = spec.upstream.iter().filter(|(name, _)| !spec.is_damaged("upstream", name));
    sound.map(|(name, entry)| upstream(spec, name, entry, workloads, reasons)).collect()
}

fn upstream(
    spec: &Spec,
    name: &str,
    entry: &Entry<Written>,
    workloads: &[Workload],
    reasons: &mut Reasons,
) -> Upstream {
    let (address, written) = (Address::of(["upstream", name]), &entry.value);
    reasons.taken(address.clone(), name, entry.key);
    let version = version(written, &address, reasons);
    let servers = addresses::resolve(spec, entry, &address, workloads, reasons);
    let balance = balance(written, &address, version, reasons);
    check_servers(written, &servers, version, reasons);
    Upstream {
        name: name.to_owned(),
        balance,
        keepalive: keepalive(written, &address, version, reasons),
        max_fails: number(written.max_fails.as_ref()).map(|it| reasons.written(address.child("max_fails"), &it)),
        fail_timeout: fail_timeout(written.fail_timeout.as_ref(), &address, reasons),
        zone: written.zone.as_ref().map(|it| zone(it, &address, reasons)),
        version,
        server: written.server.as_ref().map(|it| server_block(it, &address.child("server"), reasons)),
        servers,
        address,
    }
}

/// The bare number of the spec's.
fn number<const MIN: i64, const MAX: i64>(written: Option<&Spanned<Whole<MIN, MAX>>>) -> Option<Spanned<i64>> {
    written.map(|it| Spanned { value: it.value.0, span: it.span })
}

fn show((major, minor, patch): (u32, u32, u32)) -> String {
    format!("{major}.{minor}.{patch}")
}

fn version(written: &Written, address: &Address, reasons: &mut Reasons) -> (u32, u32, u32) {
    let at = address.child("version");
    let Some(text) = &written.version else {
        reasons.default(
            at,
            format!("{}.{}", NGINX.0, NGINX.1),
            "a file written for it is valid in every later nginx too",
        );
        return NGINX;
    };
    reasons.taken(at, text.value.as_str().to_owned(), text.span);
    let mut numbers = text.value.as_str().split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    let version = (next(), next(), next());
    if version < OLDEST {
        let message = format!("nginx {} is too old: capgen writes for {} and later", text.value, show(OLDEST));
        let help = "upgrade nginx and write `version = \"1.29\"`";
        reasons.sink.error(Diagnostic::error(message).at(text.span, "this version").help(help));
        // What follows is then judged by the oldest version: one message about the version is enough.
        return OLDEST;
    }
    version
}

fn balance(written: &Written, address: &Address, version: (u32, u32, u32), reasons: &mut Reasons) -> Balance {
    let at = address.child("balance");
    let Some(balance) = &written.balance else {
        reasons.default(at, "round_robin", "nginx's own default: in turn");
        return Balance::RoundRobin;
    };
    let text = match balance.value {
        Balance::RoundRobin => "round_robin",
        Balance::LeastConn => "least_conn",
        Balance::IpHash => "ip_hash",
        Balance::Random => "random",
    };
    reasons.taken(at, text, balance.span);
    if balance.value == Balance::Random && version < RANDOM {
        report_too_new("`balance = \"random\"`", RANDOM, version, balance.span, written, reasons);
    }
    balance.value
}

fn report_too_new(
    what: &str,
    since: (u32, u32, u32),
    version: (u32, u32, u32),
    place: Span,
    written: &Written,
    reasons: &mut Reasons,
) {
    let message = format!("nginx knows {what} from {} on", show(since));
    let diagnostic = Diagnostic::error(message)
        .at(place, format!("this one is {}", show(version)))
        .at_some(written.version.as_ref().map(|it| it.span), "by this line")
        .help(format!("take it out, or upgrade and write `version = \"{}\"`", show(since)));
    reasons.sink.error(diagnostic);
}

/// What nginx refuses about the servers together (nginx 1.22.1, `nginx -t`).
fn check_servers(written: &Written, servers: &[Server], version: (u32, u32, u32), reasons: &mut Reasons) {
    let list: &[Spanned<WrittenServer>] = match &written.servers.value {
        Servers::List(list) => list,
        Servers::Pattern(_) => &[],
    };
    for server in list {
        let details = &server.value.details;
        if let Some(max_conns) = details.max_conns.as_ref().filter(|_| version < MAX_CONNS) {
            report_too_new("`max_conns`", MAX_CONNS, version, max_conns.span, written, reasons);
        }
        let backup = details.backup.as_ref().filter(|backup| backup.value);
        if let (Some(backup), Some(balance)) = (backup, &written.balance)
            && matches!(balance.value, Balance::IpHash | Balance::Random)
        {
            let message = "nginx has no `backup` servers beside `ip_hash` and `random`";
            let diagnostic =
                Diagnostic::error(message).at(backup.span, "a backup").at(balance.span, "chosen like this");
            reasons.sink.error(diagnostic.help("`balance = \"least_conn\"`, or take `backup` out"));
        }
    }
    if !servers.is_empty() && servers.iter().all(|it| it.backup) {
        let message = "all servers are `backup`: nginx wants one at least that is not";
        let diagnostic = Diagnostic::error(message).at(written.servers.span, "only backups");
        reasons.sink.error(diagnostic.help("take `backup` out of one of them"));
    }
}

/// From this version on nginx speaks HTTP/1.1 to upstreams and keeps 32 connections without being told; before, it
/// refuses `keepalive 0` (nginx.org `http/ngx_http_upstream_module.xml`, `keepalive`; `http/ngx_http_proxy_module.xml`).
pub const KEEPS_CONNECTIONS: (u32, u32, u32) = (1, 29, 7);

/// Idle connections per nginx worker. To keep none, an nginx that would keep some must be told so.
fn keepalive(
    written: &Written,
    address: &Address,
    version: (u32, u32, u32),
    reasons: &mut Reasons,
) -> Option<Derived<i64>> {
    let keepalive = number(written.keepalive.as_ref());
    let reason = "nginx's own default from 1.29.7 on";
    let keepalive = reasons.written_or(address.child("keepalive"), keepalive.as_ref(), KEEPALIVE, reason);
    Some(keepalive).filter(|it| it.value > 0 || version >= KEEPS_CONNECTIONS)
}

/// nginx counts these in whole seconds.
fn fail_timeout(written: Option<&Spanned<Duration>>, address: &Address, reasons: &mut Reasons) -> Option<Derived<i64>> {
    let written = written?;
    let Some(seconds) = written.value.whole_seconds() else {
        let message = format!("nginx counts `fail_timeout` in whole seconds, not `{}`", written.value);
        let help = format!("fail_timeout = \"{}s\"", written.value.millis() / 1000 + 1);
        reasons.sink.error(Diagnostic::error(message).at(written.span, "").help(help));
        return None;
    };
    Some(reasons.taken(address.child("fail_timeout"), seconds, written.span))
}

/// A size such as `64k` or `1m`.
fn zone(written: &Spanned<Text<Word>>, address: &Address, reasons: &mut Reasons) -> Derived<String> {
    let text = written.value.as_str();
    let kib = match (text.strip_suffix('k'), text.strip_suffix('m')) {
        (Some(number), _) => digits(number),
        (_, Some(number)) => digits(number).and_then(|number| number.checked_mul(1024)),
        _ => None,
    };
    if kib.is_none_or(|kib| kib < SMALLEST_ZONE_KIB) {
        let message = match kib {
            Some(_) => format!("a `zone` of `{text}` is too small: nginx wants {SMALLEST_ZONE_KIB}k at least"),
            None => format!("`{}` is no size of a `zone`", text.escape_debug()),
        };
        reasons.sink.error(Diagnostic::error(message).at(written.span, "").help("zone = \"64k\""));
    }
    reasons.taken(address.child("zone"), text.to_owned(), written.span)
}

fn digits(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

fn server_block(written: &WrittenBlock, address: &Address, reasons: &mut Reasons) -> ServerBlock {
    let listen = number(written.listen.as_ref());
    let name = &written.server_name;
    ServerBlock {
        listen: reasons.written_or(address.child("listen"), listen.as_ref(), 80, "the port of HTTP"),
        server_name: reasons.taken(address.child("server_name"), name.value.as_str().to_owned(), name.span),
    }
}

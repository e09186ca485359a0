//! What one pod requests and may use, and units that were meant for something else.

use crate::diag::Diagnostic;
use crate::diag::source::Spanned;
use crate::spec::workload::Resources as Written;
use crate::unit::quantity::Quantity;
use crate::why::{Address, Derived};

use super::reasons::Reasons;

/// Requests and limits of one pod.
#[derive(Debug, Clone, Default)]
pub struct Resources {
    pub cpu: Option<Derived<Quantity>>,
    pub memory: Option<Derived<Quantity>>,
    pub cpu_limit: Option<Derived<Quantity>>,
    pub memory_limit: Option<Derived<Quantity>>,
}

/// The requests and limits of a service or worker.
pub(super) fn resolve(written: Option<&Written>, address: &Address, reasons: &mut Reasons) -> Resources {
    let Some(written) = written else { return Resources::default() };
    let at = address.child("resources");
    let mut of = |key: &str, value: &Option<Spanned<Quantity>>| {
        value.as_ref().map(|it| reasons.taken(at.child(key), it.value.clone(), it.span))
    };
    let resources = Resources {
        cpu: of("cpu", &written.cpu),
        memory: of("memory", &written.memory),
        cpu_limit: of("cpu_limit", &written.cpu_limit),
        memory_limit: of("memory_limit", &written.memory_limit),
    };
    let pairs = [
        ("cpu", written.cpu.as_ref(), written.cpu_limit.as_ref()),
        ("memory", written.memory.as_ref(), written.memory_limit.as_ref()),
    ];
    for (key, request, limit) in pairs {
        if let (Some(request), Some(limit)) = (request, limit)
            && request.value > limit.value
        {
            let message = format!("a `{key}` request of {} is above its limit of {}", request.value, limit.value);
            let diagnostic = Diagnostic::error(message).at(request.span, "the request").at(limit.span, "the limit");
            reasons.sink.error(diagnostic.help(format!("write `{key}_limit = \"{}\"` or more", request.value)));
        }
    }
    check_cpu_unit(written, reasons);
    check_memory_unit(written, reasons);
    resources
}

/// `500Mi` of CPU are 524 million cores: legal in Kubernetes, and never meant.
fn check_cpu_unit(written: &Written, reasons: &mut Reasons) {
    let cpu = [
        ("cpu", written.cpu.as_ref()),
        ("cpu_limit", written.cpu_limit.as_ref()),
        ("cpu_usage", written.cpu_usage.as_ref()),
    ];
    for (key, quantity) in cpu.into_iter().filter_map(|(key, quantity)| Some((key, quantity?))) {
        let Some(digits) = quantity.value.text().strip_suffix('i').map(|it| it.trim_end_matches(char::is_alphabetic))
        else {
            continue;
        };
        let unit = if quantity.value.text().ends_with("Mi") { "m" } else { "" };
        let message = format!("`{key}` of {} is an amount of memory", quantity.value);
        let diagnostic = Diagnostic::error(message).at(quantity.span, "CPUs are counted in cores");
        let help = format!("write `{key} = \"{digits}{unit}\"`, or `{}`", key.replace("cpu", "memory"));
        reasons.sink.error(diagnostic.help(help));
    }
}

/// `512m` of memory is half a byte: legal in Kubernetes, and never meant.
fn check_memory_unit(written: &Written, reasons: &mut Reasons) {
    let memory = [
        ("memory", written.memory.as_ref()),
        ("memory_limit", written.memory_limit.as_ref()),
        ("memory_usage", written.memory_usage.as_ref()),
    ];
    for (key, quantity) in memory.into_iter().filter_map(|(key, quantity)| Some((key, quantity?))) {
        if quantity.value.bytes_ceil() < 1 << 20 {
            let message = format!("`{key}` of {} is less than 1Mi", quantity.value);
            let (label, example) = match quantity.value.text().strip_suffix('m') {
                Some(digits) => ("`m` means thousandths of a byte", format!("{digits}Mi")),
                None => ("these are bytes", "512Mi".to_owned()),
            };
            let diagnostic = Diagnostic::error(message).at(quantity.span, label);
            reasons.sink.error(diagnostic.help(format!("write a unit: `{key} = \"{example}\"`")));
        }
    }
}

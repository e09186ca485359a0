//! Settings of the program in a pod that follow from the model: worker processes from cores, heaps from memory.
//!
//! Each is an expression of the spec over the names in [`VARIABLES`], computed exactly and then rounded to a whole number:
//! down, unless the spec says otherwise, so that a heap stays below the limit that it follows from.

mod variables;

use sha2::{Digest, Sha256};

use crate::diag::source::{Span, Spanned};
use crate::diag::{Diagnostic, suggest};
use crate::spec::Spec;
use crate::spec::scalar::{Named, VariableName};
use crate::spec::setting::{Round, Setting, SettingTable};
use crate::unit::exact::Exact;
use crate::unit::expression::{Expression, Fault};
use crate::unit::kubernetes;
use crate::why::{Address, Derived};

use super::reasons::Reasons;
use super::workloads::Workload;
use variables::{Variable, find, known};

/// The environment of a workload's container.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Name of the ConfigMap: `<workload>-env`.
    pub config_map: Derived<String>,
    /// Sorted by name.
    pub values: Vec<(String, Derived<String>)>,
    /// SHA-256 over the names and values, so that pods are replaced when one of them changes.
    pub checksum: Derived<String>,
}

/// Computes the settings of every workload that has some.
pub(super) fn resolve(spec: &Spec, workloads: &mut [Workload], reasons: &mut Reasons) {
    for workload in workloads {
        let (service, worker) = workload.written(spec);
        let of_worker = worker.and_then(|it| it.env.as_ref());
        let written = service.and_then(|it| it.env.as_ref()).or(of_worker);
        if let Some(written) = written.filter(|it| !it.is_empty()) {
            workload.settings = settings(written, workload, reasons).map(Box::new);
        }
    }
}

fn settings(
    written: &Named<VariableName, Spanned<Setting>>,
    workload: &Workload,
    reasons: &mut Reasons,
) -> Option<Settings> {
    let at = workload.address.child("env");
    let mut values = Vec::new();
    for (name, entry) in written.iter() {
        let scene = Scene { workload, at: at.child(name), place: entry.key };
        if let Some(value) = setting(&scene, &entry.value, reasons) {
            values.push((name.to_owned(), value));
        }
    }
    let name = &workload.target.name;
    let config_map = name.map(|it| format!("{it}-env"));
    if let Err(fault) = kubernetes::dns_subdomain(&config_map.value) {
        let message = format!("the ConfigMap of `{at}` cannot have its name: {fault}");
        let help = "give the object a shorter name: `workload = { name = \"…\" }`";
        reasons.sink.error(Diagnostic::error(message).at(workload.place, "").help(help));
    }
    let checksum = checksum(at, &values, reasons);
    Some(Settings { config_map, values, checksum })
}

/// Names cannot hold `=`, values no line feed: two environments never give one text.
fn checksum(at: Address, values: &[(String, Derived<String>)], reasons: &mut Reasons) -> Derived<String> {
    let mut hash = Sha256::new();
    for (name, value) in values {
        hash.update(format!("{name}={}\n", value.value));
    }
    let text: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let inputs: Vec<Address> = values.iter().map(|(_, value)| value.address.clone()).collect();
    reasons.formula(at, text, "sha256(env)", "sha256(env)", &inputs)
}

/// The setting that is decided, for messages.
struct Scene<'a> {
    workload: &'a Workload,
    at: Address,
    /// Where its name stands.
    place: Span,
}

fn setting(scene: &Scene<'_>, written: &Spanned<Setting>, reasons: &mut Reasons) -> Option<Derived<String>> {
    let span = written.span;
    match &written.value {
        Setting::Number(number) => Some(reasons.taken(scene.at.clone(), number.to_string(), span)),
        Setting::Flag(flag) => Some(reasons.taken(scene.at.clone(), flag.to_string(), span)),
        Setting::Expression(expression) => computed(scene, (expression, span), &SettingTable::default(), reasons),
        Setting::Table(table) => match (&table.value, &table.text) {
            (Some(value), None) => computed(scene, (&value.value, value.span), table, reasons),
            (None, Some(text)) => {
                refuse_beside_text(table, reasons);
                Some(reasons.taken(scene.at.child("text"), text.value.as_str().to_owned(), text.span))
            }
            (Some(value), Some(text)) => {
                let message = format!("`{}` has both a `value` and a `text`", scene.at);
                let diagnostic = Diagnostic::error(message).at(value.span, "computed").at(text.span, "as it is");
                reasons.sink.error(diagnostic.help("keep one of them; text around a number is `format`"));
                None
            }
            (None, None) => {
                let message = format!("`{}` has neither a `value` nor a `text`", scene.at);
                let help = "write `{ value = \"2 * cpu + 1\" }`, or `{ text = \"info\" }`";
                reasons.sink.error(Diagnostic::error(message).at(scene.place, "").help(help));
                None
            }
        },
    }
}

fn refuse_beside_text(table: &SettingTable, reasons: &mut Reasons) {
    let keys = [("format", table.format.as_ref().map(|it| it.span)), ("round", table.round.map(|it| it.span))];
    for (key, span) in keys.into_iter().filter_map(|(key, span)| Some((key, span?))) {
        let message = format!("`{key}` has no meaning beside a `text`, which is written down as it is");
        reasons.sink.error(Diagnostic::error(message).at(span, "").help("take it out, or compute a `value`"));
    }
}

/// The expression's value, rounded, in its format.
fn computed(
    scene: &Scene<'_>,
    (expression, span): (&Expression, Span),
    table: &SettingTable,
    reasons: &mut Reasons,
) -> Option<Derived<String>> {
    let variables = variables_of(scene, expression, span, reasons)?;
    let worth = |name: &str| variables.iter().find(|it| it.name == name).map_or(Exact::ZERO, |it| it.value);
    let exact = match expression.value(&worth) {
        Ok(exact) => exact,
        Err(fault) => {
            let numbers = expression.printed(&|name| worth(name).recomputable());
            reasons.sink.error(without_value(scene, fault, &numbers, span));
            return None;
        }
    };
    let round = table.round.map_or(Round::Down, |it| it.value);
    let whole = rounded(scene, exact, round, span, reasons)?;
    let wrapped = |text: String| match (exact == Exact::from(whole), round) {
        (true, _) => text,
        (false, Round::Down) => format!("floor({text})"),
        (false, Round::Up) => format!("ceil({text})"),
    };
    let symbolic = wrapped(expression.printed(&str::to_owned));
    // A name alone says more beside its number than the number again.
    let is_name = exact == Exact::from(whole) && expression.names() == [expression.text()];
    let numbers =
        if is_name { symbolic.clone() } else { wrapped(expression.printed(&|name| worth(name).recomputable())) };
    let mut inputs = vec![reasons.taken(scene.at.child("value"), expression.text().to_owned(), span).address];
    inputs.extend(variables.into_iter().map(|it| it.address));
    let mut text = whole.to_string();
    if let Some(format) = &table.format {
        text = format.value.as_str().replace("{}", &text);
        inputs.push(reasons.taken(scene.at.child("format"), format.value.as_str().to_owned(), format.span).address);
    }
    if let Some(round) = table.round {
        inputs.push(reasons.taken(scene.at.child("round"), round.value.word(), round.span).address);
    }
    Some(reasons.formula(scene.at.clone(), text, &symbolic, &numbers, &inputs))
}

/// The numbers behind the names of an expression; every name that has none is an error.
fn variables_of(
    scene: &Scene<'_>,
    expression: &Expression,
    span: Span,
    reasons: &mut Reasons,
) -> Option<Vec<Variable>> {
    let mut variables = Vec::new();
    let mut is_whole = true;
    for name in expression.names() {
        match find(name, scene.workload) {
            Ok(variable) => variables.push(variable),
            Err(needs) => {
                is_whole = false;
                let diagnostic = match needs {
                    Some(needs) => {
                        let message = format!("`{name}` has no value: `{}` does not state it", scene.workload.address);
                        Diagnostic::error(message).at(span, "").help(format!("write {needs}"))
                    }
                    None => {
                        let known = known(scene.workload);
                        let family = scene.workload.family.word();
                        let message = format!("there is no number `{name}` of a {family}");
                        let help = suggest::help(name, known.iter().map(String::as_str));
                        let text = expression.text().escape_debug();
                        let as_text = format!("write a text that is no expression as `{{ text = \"{text}\" }}`");
                        Diagnostic::error(message).at(span, "").help(as_text).help(help)
                    }
                };
                reasons.sink.error(diagnostic);
            }
        }
    }
    is_whole.then_some(variables)
}

fn without_value(scene: &Scene<'_>, fault: Fault, numbers: &str, span: Span) -> Diagnostic {
    let (message, help) = match fault {
        Fault::DivisionByZero => {
            (format!("`{}` divides by zero: {numbers}", scene.at), "keep the divisor above 0 with `max(1, …)`")
        }
        Fault::OutOfRange => (
            format!("`{}` leaves the range of exact numbers: {numbers}", scene.at),
            "check the units and the exponents in it",
        ),
    };
    Diagnostic::error(message).at(span, "").help(help)
}

/// A whole number from 0 on; one that only rounding makes 0 would switch something off that nobody meant to.
fn rounded(scene: &Scene<'_>, exact: Exact, round: Round, span: Span, reasons: &mut Reasons) -> Option<i64> {
    let whole = match round {
        Round::Down => exact.floor(),
        Round::Up => exact.ceil(),
    };
    let (message, help) = match whole {
        Some(0) if exact.is_positive() => (
            format!("`{}` is {exact}, which is 0 when it is rounded down", scene.at),
            "round it up with `ceil(…)`, or set a least value with `max(1, …)`",
        ),
        Some(whole) if whole >= 0 => return Some(whole),
        Some(_) => (
            format!("`{}` is {exact}, below 0", scene.at),
            "set a least value with `max(0, …)`; a plain number such as -1 is written without quotes",
        ),
        None => (format!("`{}` is {exact}, beyond 64 bits", scene.at), "check the units and the exponents in it"),
    };
    reasons.sink.error(Diagnostic::error(message).at(span, "").help(help));
    None
}

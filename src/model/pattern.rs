//! Names with `{n}` in them, one for each number from 1 on: the hosts of replicas, of shards, of a cluster.

use crate::diag::Diagnostic;
use crate::diag::source::Spanned;
use crate::spec::scalar::{Line, Text};
use crate::unit::kubernetes;
use crate::why::{Address, Derived};

use super::reasons::{Answer, Reasons};

/// What stands for the number.
pub(super) const NUMBER: &str = "{n}";

/// One host for each number; `None` where the pattern is wrong, which is then reported.
pub(super) fn hosts(
    pattern: &Spanned<Text<Line>>,
    count: &Derived<i64>,
    at: &Address,
    reasons: &mut Reasons,
) -> Option<Vec<Derived<String>>> {
    names(pattern, count, at, kubernetes::host, "host = \"server-{n}.example.com\"", reasons)
}

/// One name for each number, each of them checked.
pub(super) fn names(
    pattern: &Spanned<Text<Line>>,
    count: &Derived<i64>,
    at: &Address,
    check: fn(&str) -> Result<(), String>,
    example: &'static str,
    reasons: &mut Reasons,
) -> Option<Vec<Derived<String>>> {
    check_number(pattern, count, example, reasons)?;
    expanded(pattern, count, at, check, example, reasons)
}

/// As [`names`], of hosts that are not counted from 1.
pub(super) fn hosts_from(
    first: &Derived<i64>,
    pattern: &Spanned<Text<Line>>,
    count: &Derived<i64>,
    at: &Address,
    example: &'static str,
    reasons: &mut Reasons,
) -> Option<Vec<Derived<String>>> {
    check_number(pattern, count, example, reasons)?;
    let text = pattern.value.as_str();
    let template = reasons.taken(at.clone(), text.to_owned(), pattern.span);
    let last = first.value.saturating_add(count.value).saturating_sub(1);
    check_last(pattern, &numbered(text, last), kubernetes::host, example, reasons)?;
    let name = |index: i64| {
        let number = first.value.saturating_add(index);
        let answer = Answer {
            value: numbered(text, number),
            symbolic: "the pattern, n counted from `first`",
            numbers: format!("{text}, n = {number}"),
            inputs: vec![template.address.clone(), count.address.clone(), first.address.clone()],
        };
        reasons.computed(at.index(usize::try_from(index).unwrap_or_default()), answer)
    };
    Some((0..count.value).map(name).collect())
}

/// One name cannot be that of several servers.
fn check_number(
    pattern: &Spanned<Text<Line>>,
    count: &Derived<i64>,
    example: &'static str,
    reasons: &mut Reasons,
) -> Option<()> {
    let text = pattern.value.as_str();
    if text.contains(NUMBER) || count.value <= 1 {
        return Some(());
    }
    let message = format!("`{}` is one name for {} servers", text.escape_debug(), count.value);
    let diagnostic = Diagnostic::error(message).at(pattern.span, format!("no `{NUMBER}` in it"));
    reasons.sink.error(diagnostic.help(format!("write one with `{NUMBER}`, such as `{example}`")));
    None
}

/// The longest of the names stands for all.
fn check_last(
    pattern: &Spanned<Text<Line>>,
    last: &str,
    check: fn(&str) -> Result<(), String>,
    example: &'static str,
    reasons: &mut Reasons,
) -> Option<()> {
    let Err(fault) = check(last) else { return Some(()) };
    let diagnostic = Diagnostic::error(fault).at(pattern.span, "");
    reasons.sink.error(diagnostic.help(format!("write one such as `{example}`")));
    None
}

/// As [`names`], where the same name may stand for all numbers.
pub(super) fn expanded(
    pattern: &Spanned<Text<Line>>,
    count: &Derived<i64>,
    at: &Address,
    check: fn(&str) -> Result<(), String>,
    example: &'static str,
    reasons: &mut Reasons,
) -> Option<Vec<Derived<String>>> {
    let text = pattern.value.as_str();
    let template = reasons.taken(at.clone(), text.to_owned(), pattern.span);
    check_last(pattern, &numbered(text, count.value), check, example, reasons)?;
    let name = |index: i64| {
        let answer = Answer {
            value: numbered(text, index),
            symbolic: "the pattern, n counted from 1",
            numbers: format!("{text}, n = {index}"),
            inputs: vec![template.address.clone(), count.address.clone()],
        };
        reasons.computed(at.index(usize::try_from(index - 1).unwrap_or_default()), answer)
    };
    Some((1..=count.value).map(name).collect())
}

fn numbered(text: &str, number: i64) -> String {
    text.replace(NUMBER, &number.to_string())
}

//! The diff of each object, folded up, the riskiest first.

use std::ops::ControlFlow;

use crate::diff::ObjectChange;

use super::super::hunks::{self, Detail};
use super::super::{Report, phrase};
use super::escape::{code, longest_run};
use super::room::Room;

/// The bytes of one object, so that there is room for several.
const MOST_OF_ONE: usize = 8_000;

/// The room that a diff needs to be worth its frame.
const LEAST_OF_ONE: usize = 200;

/// The characters of a line of a diff.
const LONGEST_LINE: usize = 300;

/// The risks and the causes that are listed before they are only counted.
const MOST_REASONS: usize = 10;

/// The text, and what it does not show.
pub(super) struct Section {
    pub(super) text: String,
    /// Objects that are not in it.
    pub(super) left_out: usize,
    /// Objects of which only the beginning is in it.
    pub(super) cut: usize,
}

/// The objects in at most so many bytes.
pub(super) fn section(report: &Report<'_>, most: usize) -> Section {
    let mut room = Room::new(most);
    let mut section = Section { text: String::new(), left_out: 0, cut: 0 };
    let objects = report.riskiest_first();
    for (index, object) in objects.iter().enumerate() {
        let Some((text, is_cut)) = one(report, object, room.left().min(MOST_OF_ONE)) else {
            section.left_out = objects.len() - index;
            break;
        };
        room.take(&text);
        section.text.push_str(&text);
        section.cut += usize::from(is_cut);
    }
    section
}

/// One object, and whether it was cut; `None` where there is no room even for its frame.
fn one(report: &Report<'_>, object: &ObjectChange, most: usize) -> Option<(String, bool)> {
    let title = code(&phrase::title(object));
    let open = format!("<details><summary><b>{}</b> {title}</summary>\n\n", object.risk.risk.word());
    let close = "\n</details>\n\n";
    let mut room = Room::new(most.checked_sub(LEAST_OF_ONE)?);
    (room.take(&open) && room.take(close)).then_some(())?;
    // What is not taken by reasons is left to the diff.
    let mut for_reasons = Room::new(room.left() / 2);
    let reasons = reasons(report, object, &mut for_reasons);
    let fenced = Room::new(room.left() - reasons.len() + LEAST_OF_ONE);
    let (diff, is_cut) = diff(object, fenced);
    Some((format!("{open}{diff}{reasons}{close}"), is_cut))
}

/// Why it is risky and what caused it, as a list.
fn reasons(report: &Report<'_>, object: &ObjectChange, room: &mut Room) -> String {
    let (risks, causes) = (phrase::risks(object), phrase::causes(object));
    let risks = risks
        .iter()
        .map(|it| format!("**{}**: {}{}", it.what.risk.word(), it.what.reason, phrase::places(&it.paths, &code)));
    let sentences = causes
        .iter()
        .map(|it| format!("{}{}", phrase::sentence(report, it.what, &code), phrase::places(&it.paths, &code)));
    let more = |more: usize| format!("- and {more} more\n");
    let count = risks.len() + sentences.len();
    if count == 0 || !room.take("\n") || !room.take(&more(count)) {
        return String::new();
    }
    let lines = risks.chain(sentences).take(MOST_REASONS).map(|it| format!("- {it}\n"));
    let lines: Vec<String> = lines.take_while(|it| room.take(it)).collect();
    let rest = if lines.len() < count { more(count - lines.len()) } else { String::new() };
    format!("\n{}{rest}", lines.concat())
}

/// The lines that differ, in a fence that nothing in them can close.
fn diff(object: &ObjectChange, mut room: Room) -> (String, bool) {
    let mut body = String::new();
    let (mut fence, mut is_cut) = (3, false);
    room.take("diff\n…\n\n");
    let _ = hunks::lines(object, Detail::Lines, &mut |kind, parts| {
        let text: String = parts.iter().map(|(_, part)| phrase::prefix(part, LONGEST_LINE)).collect();
        let line = format!("{}{}\n", kind.sign(), phrase::visible(&phrase::short(&text, LONGEST_LINE)));
        let longer = fence.max(longest_run(&line) + 1);
        if line.len() + 2 * longer > room.left() {
            is_cut = true;
            return ControlFlow::Break(());
        }
        room.take(&line);
        fence = longer;
        body.push_str(&line);
        ControlFlow::Continue(())
    });
    if body.is_empty() && !is_cut {
        return (String::new(), false);
    }
    let fence = "`".repeat(fence);
    let rest = if is_cut { "…\n" } else { "" };
    (format!("{fence}diff\n{body}{rest}{fence}\n"), is_cut)
}

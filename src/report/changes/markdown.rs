//! Changes as a comment on a pull request, never longer than GitHub takes.
//!
//! Room is given out in the order of worth: first what is risky or goes, by name; then capacity and cost; then the diffs,
//! the riskiest first. What did not fit is counted, with the command that shows it. It must not know who posts it.

mod beside;
mod details;
pub(super) mod escape;
mod risky;
mod room;

use crate::diff::Changes;

use self::escape::code;
use super::rows::{self, Table};
use super::{Report, phrase, totals};
use room::Room;

/// The bytes of a comment at most; GitHub refuses one of 65 536 characters.
pub const MOST_BYTES: usize = 65_000;

/// By this line a bot finds the comment that it wrote before.
const MARKER: &str = "<!-- capgen-diff -->\n";

/// The bytes that the lines at the end take at most.
const FOOT: usize = 2_000;

/// The bytes for capacity and cost.
const TABLES: usize = 8_000;

/// The bytes for differences that mean nothing.
const IGNORED: usize = 8_000;

/// The bytes for findings and notes.
const BESIDE: usize = 6_000;

/// The characters of the other side's name.
const LONGEST_AGAINST: usize = 100;

/// The comment, with a marker in its first line.
pub fn write(report: &Report<'_>) -> String {
    let changes = report.changes;
    let against = code(&phrase::short(report.against, LONGEST_AGAINST));
    let head = format!("{MARKER}## Capacity: {}\n\nCompared with {against}.\n\n", totals::line(changes));
    let mut room = Room::new(MOST_BYTES - FOOT - head.len());
    let risky = risky::section(report, room.left());
    room.take(&risky.text);
    let tables = tables(changes, room.left().min(TABLES));
    room.take(&tables);
    let beside = beside::section(report, room.left().min(BESIDE));
    room.take(&beside);
    let details = details::section(report, room.left());
    room.take(&details.text);
    let ignored = ignored(report, room.left().min(IGNORED));
    let foot = foot(report, risky.unnamed, &details);
    let mut out = head;
    for part in [tables, risky.text, beside, details.text, ignored, foot] {
        out.push_str(&part);
    }
    out
}

fn tables(changes: &Changes, room: usize) -> String {
    let headline = &changes.headline;
    let mut room = Room::new(room);
    let mut out = String::new();
    let cost =
        rows::monthly_cost(headline, &code).map(|it| format!("Monthly {}.\n\n", it.trim_start_matches("monthly ")));
    // A row is at least that long: more of them need not be made.
    let most = room.left() / 16;
    if let Some(cost) = cost.filter(|it| room.take(it)) {
        out.push_str(&cost);
    }
    let workloads = table(&rows::workloads(headline, most, &code), headline.workloads.len(), &mut room);
    let events = table(&rows::events(headline, most, &code), headline.events.len(), &mut room);
    let pools = table(&rows::pools(headline, most, &code), headline.pools.len(), &mut room);
    let nodegroups = table(&rows::nodegroups(headline, most, &code), headline.nodegroups.len(), &mut room);
    format!("{workloads}{events}{pools}{nodegroups}{out}")
}

/// As many rows as fit, and how many there are beside them.
fn table(table: &Table, count: usize, room: &mut Room) -> String {
    let head = format!("| {} |\n|{}\n", table.header.join(" | "), "---|".repeat(table.header.len()));
    let more = |more: usize| format!("\n…and {more} rows more.\n");
    if count == 0 || !room.take(&head) || !room.take(&more(count)) {
        return String::new();
    }
    let mut out = head;
    let rows = table.rows.iter().map(|row| format!("| {} |\n", row.join(" | ")));
    let fitting: Vec<String> = rows.take_while(|row| room.take(row)).collect();
    out.extend(fitting.iter().map(String::as_str));
    if let left_out @ 1.. = count - fitting.len() {
        out.push_str(&more(left_out));
    }
    out.push('\n');
    out
}

/// The list of what means nothing, where it was asked for.
fn ignored(report: &Report<'_>, room: usize) -> String {
    let (all, mut room) = (&report.changes.ignored, Room::new(room));
    let open = "<details><summary>Differences that mean nothing</summary>\n\n";
    let close = "\n</details>\n\n";
    if !report.shows_ignored || all.is_empty() || !room.take(open) || !room.take(close) {
        return String::new();
    }
    let lines = all.iter().map(|it| format!("- {}\n", phrase::ignored(it, &code)));
    let lines: String = lines.take_while(|it| room.take(it)).collect();
    format!("{open}{lines}{close}")
}

/// What is there beside the changes, and what was left out.
fn foot(report: &Report<'_>, unnamed: usize, details: &details::Section) -> String {
    let mut out = String::new();
    let changes = report.changes;
    if let count @ 1.. = changes.ignored.len() {
        out.push_str(&format!("{}.\n", phrase::ignored_count(count)));
    }
    if let count @ 1.. = changes.unmanaged.len() {
        out.push_str(&format!("{}.\n", phrase::unmanaged_count(count)));
    }
    let left_out = [
        (unnamed, "risky change is counted, but not named", "risky changes are counted, but not named"),
        (details.left_out, "object is shown without its diff", "objects are shown without their diffs"),
        (details.cut, "diff is cut", "diffs are cut"),
    ];
    let left_out = left_out.iter().filter_map(|(count, one, several)| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {several}")),
    });
    let left_out: Vec<String> = left_out.collect();
    if !left_out.is_empty() {
        let command = format!("capgen diff --against {}", phrase::short(report.against, LONGEST_AGAINST));
        out.push_str(&format!("\nThere was no room for everything: {}. ", left_out.join(", ")));
        out.push_str(&format!("All of it: {}\n", code(&command)));
    }
    out
}

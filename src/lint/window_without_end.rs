//! A window that begins a second time before it has ended.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};

use crate::model::workloads::Scaling;
use crate::unit::cron::Cron;

use super::files::windows::{Edge, Moved};
use super::files::{get, int, kind, name};
use super::{Check, Facts, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "window-without-end",
    level: Level::Warn,
    docs: r#"
### What it does
Follows the starts and ends of each window over a year, and looks for a start on another day before the first one has ended. For
KEDA's cron trigger a start on the same day counts too. In files a window is two CronJobs that move the same number by kubectl; of one
alone, whose number is another than that in the file, nothing ever ends it.
### Why is this bad?
The days of the starts and those of the ends do not fit. Where CronJobs move the floor it stays raised until the next end, over
nights that nobody meant. KEDA takes a window for open while its end comes before its next start, so there it stays shut.
### Example
`start = "0 7 * * 1-5"` with `end = "0 18 * * 1-4"`: from Friday on the window is open until Monday evening; with KEDA it is shut
on Friday.
### Instead
Give both lines the same days. A window over several days starts on one of them only: `start = "0 7 * * 5"`.
"#,
    check: Check::Both(check, check_files),
};

/// A fixed day: that of the build must not decide.
const FIRST: Date = jiff::civil::date(2026, 1, 1);

/// Days that are looked at: a year and a month, or three weeks where every week is the same.
const DAYS: i64 = 400;
const WEEKLY_DAYS: i64 = 21;

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for workload in &facts.model.workloads {
        let is_keda = matches!(&workload.scaling, Scaling::Autoscaled(it) if it.keda.is_some());
        for schedule in &workload.schedules {
            let Some((open, again)) = open_twice(&schedule.start.value, &schedule.end.value, is_keda) else { continue };
            let again = again.strftime("%F %H:%M");
            let message =
                format!("`{}` starts on {} and again at {again} with no end in between", schedule.address, open.date());
            let meanwhile = if is_keda { "KEDA leaves it shut meanwhile" } else { "the floor stays raised meanwhile" };
            let finding = findings
                .finding(message)
                .at(facts.place(&schedule.end.address, schedule.place), meanwhile)
                .at(facts.place(&schedule.start.address, schedule.place), format!("again at {again}"));
            findings.push(finding.help("give `start` and `end` the same days, and one start for each end"));
        }
    }
}

/// The first start that no end follows before a start on another day, or before any other start, and that start.
fn open_twice(start: &Cron, end: &Cron, on_any_day: bool) -> Option<(DateTime, DateTime)> {
    let days = if is_weekly(start) && is_weekly(end) { WEEKLY_DAYS } else { DAYS };
    let first = FIRST.at(0, 0, 0, 0);
    let last = first.checked_add(SignedDuration::from_hours(24 * days)).ok()?;
    let mut next = start.next_after(first);
    while let Some(open) = next.filter(|it| *it < last) {
        let again = start.next_after(if on_any_day { open } else { open.date().at(23, 59, 59, 0) })?;
        match end.next_after(open) {
            Some(end) if end <= again => next = start.next_after(end),
            _ => return Some((open, again)),
        }
    }
    None
}

fn check_files(files: &Files<'_>, findings: &mut Findings<'_>) {
    for moved in files.moved().iter().filter(|it| !it.has_variants()) {
        match moved.edges.as_slice() {
            [alone] => without_other(files, findings, moved, alone),
            [one, other] if one.zone == other.zone && one.count != other.count => {
                let (start, end) = if one.count > other.count { (one, other) } else { (other, one) };
                pair(files, findings, start, end);
            }
            _ => {}
        }
    }
}

fn pair(files: &Files<'_>, findings: &mut Findings<'_>, start: &Edge<'_>, end: &Edge<'_>) {
    let Some((open, again)) = open_twice(&start.cron, &end.cron, false) else { return };
    let again = again.strftime("%F %H:%M");
    let message = format!(
        "`{}` raises on {} and again at {again}, and `{}` lowers nothing in between",
        start.job.identity,
        open.date(),
        end.job.identity
    );
    let finding = findings
        .finding(message)
        .at(files.at(end.job, end.line), "not in between")
        .at(files.at(start.job, start.line), format!("again at {again}"));
    findings.push(finding.help("give both schedules the same days, and one start for each end"));
}

/// A CronJob that moves a number away from what the file says, where no other one moves it back.
fn without_other(files: &Files<'_>, findings: &mut Findings<'_>, moved: &Moved<'_>, edge: &Edge<'_>) {
    let (of, called) = (moved.what.0, moved.what.1.as_str());
    let is_it = |object: &crate::doc::object::Object| {
        kind(object) == of && name(object) == called && files.are_together(object, edge.job)
    };
    let autoscaler = files.autoscalers().find(|it| is_it(it.object));
    let standing = match autoscaler {
        Some(autoscaler) => autoscaler.min.and_then(|it| Some((autoscaler.object, it, int(it)?))),
        // What an autoscaler scales it takes back itself: another lint says so.
        None if files.autoscalers().any(|it| it.scaled() == Some((of, called))) => None,
        None => files
            .workloads()
            .find(|it| is_it(it))
            .and_then(|it| Some((it, get(&it.tree, "spec.replicas")?)))
            .and_then(|(object, node)| Some((object, node, int(node)?))),
    };
    let Some((object, node, before)) = standing.filter(|(.., it)| *it != edge.count) else { return };
    let message = format!("`{}` sets `{of} {called}` to {}, and nothing sets it back", edge.job.identity, edge.count);
    let finding = findings
        .finding(message)
        .at(files.at(edge.job, edge.line), "from here on for good")
        .at(files.at(object, node), "what it was");
    findings
        .push(finding.help(format!("add a CronJob whose kubectl sets it to {before} again, at the end of the window")));
}

/// Whether the days of the month and the months do not matter.
fn is_weekly(cron: &Cron) -> bool {
    let fields: Vec<&str> = cron.text().split_whitespace().collect();
    matches!(fields.as_slice(), [_, _, "*", "*", _])
}

//! Two windows of one number that are open at the same time.

use crate::unit::zone::{Zone, windows_overlap};

use super::files::name;
use super::files::windows::Edge;
use super::{Check, Files, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "overlapping-windows",
    level: Level::Warn,
    docs: r#"
### What it does
Pairs the CronJobs that move one number by their names (`sale-up` and `sale-down`, `start-night` and `stop-night`), and looks for two
windows that are open at the same time. Lines that name a day of a year are passed over.
### Why is this bad?
The CronJobs know nothing of each other. The window that ends first lowers what the other one still needs, until that one starts the
next time.
### Example
`office-up` at 7 with `office-down` at 18, and `sale-up` at 12 with `sale-down` at 20: at 18 the floor falls, in the middle of the sale.
### Instead
Let one window end where the other starts, or write the number of the window that is still open into the job that ends the first.
capgen refuses a spec with such windows.
"#,
    check: Check::Files(check),
};

/// Words of a name that say which edge it is.
const EDGES: [&str; 14] = [
    "up", "down", "start", "stop", "begin", "end", "raise", "lower", "open", "close", "on", "off", "increase",
    "decrease",
];

fn check(files: &Files<'_>, findings: &mut Findings<'_>) {
    for moved in files.moved().iter().filter(|it| !it.has_variants()) {
        let windows = windows(&moved.edges);
        for (index, (start, end, zone)) in windows.iter().enumerate() {
            let this = (&start.cron, &end.cron, zone);
            let mut before = windows.iter().take(index);
            // What the first end sets is what the second window wants: nothing is lost.
            let clash = before.find(|(first, last, of)| {
                let is_lower = last.count < start.count || end.count < first.count;
                is_lower && windows_overlap((&first.cron, &last.cron, of), this).is_some()
            });
            let Some((first, ..)) = clash else { continue };
            let message = format!(
                "`{}` raises `{} {}` while the window of `{}` is open: whichever ends first lowers both",
                start.job.identity, moved.what.0, moved.what.1, first.job.identity
            );
            let finding = findings
                .finding(message)
                .at(files.at(start.job, start.line), "begins in the other window, or the other in it")
                .at(files.at(first.job, first.line), "the other window");
            findings.push(finding.help("move the edges apart, or make one window of both"));
        }
    }
}

/// Pairs of a raising and a lowering job, by what is left of their names.
fn windows<'e, 'a>(edges: &'e [Edge<'a>]) -> Vec<(&'e Edge<'a>, &'e Edge<'a>, Zone)> {
    let mut windows = Vec::new();
    for (index, edge) in edges.iter().enumerate() {
        let same = |it: &&Edge<'_>| stem(name(it.job)) == stem(name(edge.job));
        let mut others = edges.iter().skip(index + 1).filter(same);
        let (Some(other), None) = (others.next(), others.next()) else { continue };
        if is_one_day(edge)
            || edges.iter().take(index).any(|it| same(&it))
            || edge.count == other.count
            || edge.zone != other.zone
        {
            continue;
        }
        let Ok(zone) = Zone::parse(edge.zone.unwrap_or("Etc/UTC")) else { continue };
        windows.push(if edge.count > other.count { (edge, other, zone) } else { (other, edge, zone) });
    }
    windows
}

/// Whether a line names a day of a year: an event, around which its owner moves the other windows.
fn is_one_day(edge: &Edge<'_>) -> bool {
    let fields: Vec<&str> = edge.cron.text().split_whitespace().collect();
    matches!(fields.as_slice(), [_, _, day, month, _] if *day != "*" && *month != "*")
}

fn stem(name: &str) -> Vec<&str> {
    name.split(['-', '.', '_']).filter(|it| !EDGES.contains(it)).collect()
}

//! When the parts of an event begin.
//!
//! CronJobs and KEDA's triggers are written in UTC, where every minute happens once: what the clocks on the wall do in
//! between, the event's own hours included, changes nothing.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::diag::Diagnostic;
use crate::diag::source::Spanned;
use crate::spec::event::Event as Written;
use crate::unit::duration::Duration;
use crate::unit::exact::Exact;
use crate::unit::zone::Occurrences;
use crate::why::{Address, Derived};

use super::super::reasons::{Answer, Reasons};

/// How long before an event its pods are there, where the spec says nothing.
const LEAD: (&str, i64) = ("30m", 30);

/// How long a step lasts, where the spec says nothing.
const STEP: (&str, i64) = ("15m", 15);

const DAY: i64 = 24 * 60;

/// The longest that each may be, in minutes: with all steps an event stays far below the year after which its lines fire again.
const LONGEST_LEAD: i64 = 7 * DAY;
const LONGEST_EVENT: i64 = 31 * DAY;
const LONGEST_STEP: i64 = DAY;
const MOST_STEPS: usize = 20;

/// The parts of an event, in order.
#[derive(Debug)]
pub(super) struct Times {
    pub(super) marks: Vec<Mark>,
    /// The day on which it begins, as its own clock has it: `20270315`.
    pub(super) date: String,
}

/// The beginning of a part.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) name: String,
    pub(super) instant: Timestamp,
    pub(super) from: Derived<String>,
    /// The part of the floor that a step keeps.
    pub(super) share: Option<Derived<Exact>>,
    /// Whether all is as usual from here on.
    pub(super) is_last: bool,
}

impl Times {
    pub(super) fn first(&self) -> Timestamp {
        self.marks.first().map_or(Timestamp::MIN, |it| it.instant)
    }

    pub(super) fn last(&self) -> Timestamp {
        self.marks.last().map_or(Timestamp::MAX, |it| it.instant)
    }
}

pub(super) fn resolve(address: &Address, written: &Written, reasons: &mut Reasons) -> Option<Times> {
    let begins = begins(address, written, reasons);
    let lead = length(
        address,
        "lead",
        written.lead.as_ref(),
        Some((LEAD, "new nodes, images, caches")),
        LONGEST_LEAD,
        reasons,
    );
    let duration = length(address, "duration", Some(&written.duration), None, LONGEST_EVENT, reasons);
    let steps = steps(address, written, reasons);
    let has_steps = written.cooldown_steps.is_some();
    let step = match has_steps {
        true => length(
            address,
            "step",
            written.step.as_ref(),
            Some((STEP, "a step that is long enough to watch")),
            LONGEST_STEP,
            reasons,
        ),
        false => no_step(written, reasons).map(|minutes| (minutes, Vec::new(), String::new())),
    };
    let (instant, clock, inputs) = begins?;
    let ((lead, lead_from, lead_text), (duration, mut after_from, after_text)) = (lead?, duration?);
    let (step, step_from, step_text) = step?;
    let steps = steps?;
    let sum = |more: &[Address]| inputs.iter().chain(more).cloned().collect::<Vec<_>>();
    let mut marks = Vec::new();
    let mut mark = |name: String, minutes, share, is_last, numbers, inputs, symbolic| {
        let instant = instant.checked_add(SignedDuration::from_secs(60 * minutes)).ok()?;
        let answer = Answer { value: line(instant), symbolic, numbers, inputs };
        let from = reasons.computed(address.child(&name), answer);
        marks.push(Mark { name, instant, from, share, is_last });
        Some(())
    };
    mark("up".to_owned(), -lead, None, false, format!("{clock} − {lead_text}, in UTC"), sum(&lead_from), "at − lead")?;
    after_from.extend(step_from);
    let count = i64::try_from(steps.len()).ok()?;
    for (index, share) in (0..).zip(steps) {
        let passed = if index == 0 { String::new() } else { format!(" + {index} × {step_text}") };
        let numbers = format!("{clock} + {after_text}{passed}, in UTC");
        let name = format!("step-{}", index + 1);
        mark(
            name,
            duration + index * step,
            Some(share),
            false,
            numbers,
            sum(&after_from),
            "at + duration + steps before × step",
        )?;
    }
    let passed = if count == 0 { String::new() } else { format!(" + {count} × {step_text}") };
    let numbers = format!("{clock} + {after_text}{passed}, in UTC");
    mark(
        "down".to_owned(),
        duration + count * step,
        None,
        true,
        numbers,
        sum(&after_from),
        "at + duration + steps × step",
    )?;
    let date = written.at.value.civil().date().strftime("%Y%m%d").to_string();
    Some(Times { marks, date })
}

/// `at` as an instant, as people read it, and what says so. Of a time that the clocks show twice it is the first: pods that
/// are there an hour early do no harm.
fn begins(address: &Address, written: &Written, reasons: &mut Reasons) -> Option<(Timestamp, String, Vec<Address>)> {
    let at = &written.at;
    let from = reasons.taken(address.child("at"), at.value.text().to_owned(), at.span);
    let zone_at = address.child("time_zone");
    if let Some(zone) = &written.time_zone {
        reasons.taken(zone_at.clone(), zone.value.name().to_owned(), zone.span);
    }
    let (message, help) = match (at.value.instant(), &written.time_zone) {
        (Some(instant), None) => return Some((instant, at.value.text().to_owned(), vec![from.address])),
        (Some(_), Some(zone)) => {
            let message = format!("`{address}` has an offset and a `time_zone`: two clocks for one time");
            let diagnostic = Diagnostic::error(message).at(at.span, "the offset").at(zone.span, "the zone");
            let help = format!("write `at = {}` without the offset, or take `time_zone` out", at.value.civil());
            reasons.sink.error(diagnostic.help(help));
            return None;
        }
        (None, None) => {
            let message = format!("nothing says on which clock `{}` is", at.value.text());
            (message, "write `time_zone = \"Europe/Rome\"`, or an offset behind the time: `+01:00`".to_owned())
        }
        (None, Some(zone)) => match zone.value.occurrences(at.value.civil()) {
            Some(Occurrences::Once(instant) | Occurrences::Twice(instant, _)) => {
                let clock = format!("{} {}", at.value.text(), zone.value.name());
                return Some((instant, clock, vec![from.address, zone_at]));
            }
            Some(Occurrences::Never { instead }) => {
                let message =
                    format!("{} does not happen: the clocks of {} skip it", at.value.text(), zone.value.name());
                (message, format!("write `at = {instead}`"))
            }
            None => (format!("{} is too far away", at.value.text()), "write a year before 9999".to_owned()),
        },
    };
    reasons.sink.error(Diagnostic::error(message).at(at.span, "").help(help));
    None
}

type Length = (i64, Vec<Address>, String);

/// Whole minutes in a range, with the address and the text.
fn length(
    address: &Address,
    key: &str,
    written: Option<&Spanned<Duration>>,
    default: Option<((&'static str, i64), &'static str)>,
    most: i64,
    reasons: &mut Reasons,
) -> Option<Length> {
    let at = address.child(key);
    let Some(written) = written else {
        let ((text, minutes), reason) = default?;
        reasons.default(at.clone(), text, reason);
        return Some((minutes, vec![at], text.to_owned()));
    };
    let text = written.value.text().to_owned();
    reasons.taken(at.clone(), text.clone(), written.span);
    let minutes = written.value.whole_seconds().filter(|it| it % 60 == 0).map(|it| it / 60);
    match minutes.filter(|it| (1..=most).contains(it)) {
        Some(minutes) => Some((minutes, vec![at], text)),
        None => {
            let longest = if most >= DAY { format!("{}d", most / DAY) } else { format!("{most}m") };
            let message = format!("expected whole minutes from 1m to {longest}, found `{text}`");
            let help = format!("write `{key} = \"30m\"`, or any other length of whole minutes up to `\"{longest}\"`");
            reasons.sink.error(Diagnostic::error(message).at(written.span, "").help(help));
            None
        }
    }
}

/// The parts of the floor that the steps keep, each smaller than the one before.
fn steps(address: &Address, written: &Written, reasons: &mut Reasons) -> Option<Vec<Derived<Exact>>> {
    let Some(list) = &written.cooldown_steps else { return Some(Vec::new()) };
    let at = address.child("cooldown_steps");
    let mut least = Exact::from(1);
    let mut found = Vec::new();
    for (index, it) in list.value.iter().enumerate() {
        let share = it.value.0;
        if share >= least {
            let before =
                if index == 0 { "1, the event itself".to_owned() } else { format!("{least}, the step before") };
            let message = format!("`{share}` does not step down from {before}");
            let help = "write parts of the floor that become smaller: `cooldown_steps = [0.8, 0.6, 0.4]`";
            reasons.sink.error(Diagnostic::error(message).at(it.span, "").help(help));
            return None;
        }
        least = share;
        found.push(reasons.taken(at.index(index), share, it.span));
    }
    if found.is_empty() || found.len() > MOST_STEPS {
        let message = format!("expected 1 to {MOST_STEPS} steps, found {}", found.len());
        let help = "write `cooldown_steps = [0.8, 0.6, 0.4]`, or take the line out";
        reasons.sink.error(Diagnostic::error(message).at(list.span, "").help(help));
        return None;
    }
    Some(found)
}

fn no_step(written: &Written, reasons: &mut Reasons) -> Option<i64> {
    let Some(step) = &written.step else { return Some(0) };
    let message = "`step` decides nothing without `cooldown_steps`";
    let help = "write `cooldown_steps = [0.8, 0.6, 0.4]`, or take `step` out";
    reasons.sink.error(Diagnostic::error(message).at(step.span, "").help(help));
    None
}

/// The minute as a cron line in UTC.
fn line(instant: Timestamp) -> String {
    let civil = TimeZone::UTC.to_datetime(instant);
    format!("{} {} {} {} *", civil.minute(), civil.hour(), civil.day(), civil.month())
}

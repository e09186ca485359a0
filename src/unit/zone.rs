//! Time zones, and when schedules fire in them. Only the IANA tables that are built into the program count: the
//! machine's own would let two machines write different files.
//! It knows nothing of workloads: whose windows are compared is for the caller to say.

use std::sync::LazyLock;

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};

use super::cron::Cron;
use super::quoted;

/// Where the comparison of windows starts, 2026-01-01T00:00Z: fixed, since the day of the build must not decide whether
/// a spec is right. Clock rules change seldom, so any recent year shows what the next ones will.
const SPAN_START: i64 = 1_767_225_600;

/// Days that are compared: a year with both clock changes, and a month on, so that a window over New Year is seen whole.
const SPAN_DAYS: i64 = 400;

/// Days that are looked at together: memory stays small where a schedule fires every second.
const STEP_DAYS: i64 = 8;

const DAY: i64 = 86_400;

/// The IANA database that capgen carries; it remembers the zones that it was asked for.
static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A zone of the IANA database.
#[derive(Clone, Debug)]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

impl Zone {
    /// Looks up an IANA name, spelled exactly as there: Kubernetes reads it from a case-sensitive file system.
    ///
    /// The further rules are those of `validateTimeZone` in Kubernetes pkg/apis/batch/validation/validation.go (v1.34).
    ///
    /// # Errors
    /// Says why the name is refused, and what it might have meant.
    pub fn parse(name: &str) -> Result<Zone, String> {
        if name.is_empty() {
            return Err("the time zone is empty, expected an IANA name such as `Europe/Paris`".to_owned());
        }
        if name.eq_ignore_ascii_case("Local") {
            return Err(format!("{} is another zone on every machine, expected an IANA name", quoted(name)));
        }
        if let Some(part) = name.split('/').find(|part| part.len() > 14) {
            return Err(format!("{} has the part {}, which is longer than 14 characters", quoted(name), quoted(part)));
        }
        // The database answers in any case of letters, and knows the right one.
        match DATABASE.get(name) {
            Ok(rules) if rules.iana_name() == Some(name) => Ok(Zone { name: name.to_owned(), rules }),
            _ => Err(unknown(name, &DATABASE)),
        }
    }

    /// The IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The instants at or after `from` and before `to` when the schedule fires, in order.
    ///
    /// An instant fires where its local time matches, as in robfig/cron v3 (doc.go, spec.go): what stands in the hour that
    /// a clock change skips does not fire that day, what stands in the hour that it repeats fires twice. Upstream's faults
    /// in the few zones that change at midnight or by half an hour are not copied. `@every` counts from the job's
    /// creation, which nobody knows here: it is taken from the Unix epoch.
    pub fn instants(&self, cron: &Cron, from: Timestamp, to: Timestamp) -> Vec<Timestamp> {
        let mut instants = Vec::new();
        if let Some(seconds) = cron.interval_seconds() {
            let after_multiple = from.as_second().saturating_sub(1).div_euclid(seconds).saturating_add(1);
            let mut next = Timestamp::from_second(after_multiple.saturating_mul(seconds)).ok();
            while let Some(instant) = next.filter(|instant| *instant < to) {
                instants.extend((instant >= from).then_some(instant));
                next = instant.checked_add(SignedDuration::from_secs(seconds)).ok();
            }
            return instants;
        }
        // No clock was ever set by more than a day, so the local times of the span lie within a day around it.
        let margin = SignedDuration::from_secs(DAY);
        let first = from.checked_sub(margin).unwrap_or(Timestamp::MIN);
        let last = self.rules.to_datetime(to.checked_add(margin).unwrap_or(Timestamp::MAX));
        let mut next = cron.next_after(self.rules.to_datetime(first));
        while let Some(civil) = next.filter(|civil| *civil < last) {
            let (once, again) = match self.rules.to_ambiguous_timestamp(civil).offset() {
                AmbiguousOffset::Unambiguous { offset } => (Some(offset), None),
                AmbiguousOffset::Gap { .. } => (None, None),
                AmbiguousOffset::Fold { before, after } => (Some(before), Some(after)),
            };
            let fired = once.into_iter().chain(again).filter_map(|offset| offset.to_timestamp(civil).ok());
            instants.extend(fired.filter(|instant| (from..to).contains(instant)));
            next = cron.next_after(civil);
        }
        instants.sort();
        instants
    }

    /// The first local time at which the schedule would fire, but which a clock change skips; `None` where none does within
    /// the 400 days from 2026-01-01T00:00Z. `@every` skips nothing.
    pub fn skipped(&self, cron: &Cron) -> Option<DateTime> {
        let (from, to) = (SPAN_START, SPAN_START + SPAN_DAYS * DAY);
        let changes = self.rules.following(Timestamp::from_second(from).ok()?);
        let changes = changes.take_while(|change| change.timestamp().as_second() < to);
        changes.filter(|_| cron.interval_seconds().is_none()).find_map(|change| {
            let second = SignedDuration::from_secs(1);
            let last = self.rules.to_datetime(change.timestamp().checked_sub(second).ok()?);
            let next = self.rules.to_datetime(change.timestamp());
            cron.next_after(last).filter(|fires| *fires < next)
        })
    }
}

/// How often the clocks of a zone show a local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occurrences {
    Once(Timestamp),
    /// They are set back: it is there before and after.
    Twice(Timestamp, Timestamp),
    /// They are set forward over it; the time that they show instead is the one as far behind the change.
    Never {
        instead: DateTime,
    },
}

impl Zone {
    /// The instants at which the clocks show a local time; `None` where that leaves the range of dates.
    pub fn occurrences(&self, civil: DateTime) -> Option<Occurrences> {
        let ambiguous = self.rules.to_ambiguous_timestamp(civil);
        Some(match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { offset } => Occurrences::Once(offset.to_timestamp(civil).ok()?),
            AmbiguousOffset::Gap { before, .. } => {
                Occurrences::Never { instead: self.rules.to_datetime(before.to_timestamp(civil).ok()?) }
            }
            AmbiguousOffset::Fold { before, after } => {
                Occurrences::Twice(before.to_timestamp(civil).ok()?, after.to_timestamp(civil).ok()?)
            }
        })
    }

    /// How far the clocks are from UTC at an instant, as TOML writes it: `+01:00`.
    pub fn offset(&self, instant: Timestamp) -> String {
        instant.to_zoned(self.rules.clone()).strftime("%:z").to_string()
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Zone) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

/// The first instant when two windows, each from a start to an end in its zone, are both open; `None` where never.
///
/// A window is open where its last start is later than its last end; a start and an end at one instant leave it shut.
/// Looked at are 400 days from 2026-01-01T00:00Z, before which both are shut: windows that recur yearly or more often.
pub fn windows_overlap(a: (&Cron, &Cron, &Zone), b: (&Cron, &Cron, &Zone)) -> Option<Timestamp> {
    let mut open = [false; 2];
    for day in (0..SPAN_DAYS).step_by(usize::try_from(STEP_DAYS).ok()?) {
        let from = Timestamp::from_second(SPAN_START + day * DAY).ok()?;
        let to = Timestamp::from_second(SPAN_START + (day + STEP_DAYS).min(SPAN_DAYS) * DAY).ok()?;
        let mut events = Vec::new();
        for (window, (start, end, zone)) in [a, b].into_iter().enumerate() {
            // `false` sorts first, so of a start and an end at one instant the end has the last word.
            events.extend(zone.instants(start, from, to).into_iter().map(|instant| (instant, false, window)));
            events.extend(zone.instants(end, from, to).into_iter().map(|instant| (instant, true, window)));
        }
        events.sort();
        let mut events = events.into_iter().peekable();
        while let Some((instant, ends, window)) = events.next() {
            if let Some(it) = open.get_mut(window) {
                *it = !ends;
            }
            let settled = events.peek().is_none_or(|(next, ..)| *next > instant);
            if settled && open == [true, true] {
                return Some(instant);
            }
        }
    }
    None
}

/// Whether a window from a start to an end is open at an instant: its last start is later than its last end.
/// Looked at are the 400 days before.
pub fn is_open((start, end, zone): (&Cron, &Cron, &Zone), at: Timestamp) -> bool {
    let last = |cron: &Cron| {
        let within = |days: i64| {
            let from = at.checked_sub(SignedDuration::from_secs(days * DAY)).unwrap_or(Timestamp::MIN);
            let to = at.checked_add(SignedDuration::from_secs(1)).unwrap_or(Timestamp::MAX);
            zone.instants(cron, from, to).last().copied()
        };
        within(STEP_DAYS).or_else(|| within(SPAN_DAYS))
    };
    last(start) > last(end)
}

/// The first instant at which two lines fire together, each in its zone; `None` where never.
///
/// Looked at are the same 400 days as for [`windows_overlap`].
pub fn coincide(a: (&Cron, &Zone), b: (&Cron, &Zone)) -> Option<Timestamp> {
    let from = Timestamp::from_second(SPAN_START).ok()?;
    let to = Timestamp::from_second(SPAN_START + SPAN_DAYS * DAY).ok()?;
    let others = b.1.instants(b.0, from, to);
    a.1.instants(a.0, from, to).into_iter().find(|instant| others.binary_search(instant).is_ok())
}

fn unknown(name: &str, database: &TimeZoneDatabase) -> String {
    let wanted = name.replace(' ', "_");
    let same = |known: &str| known.eq_ignore_ascii_case(&wanted);
    let same_city = |known: &str| known.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(&wanted));
    let names = || database.available().map(|known| known.as_str().to_owned());
    match names().find(|known| same(known)).or_else(|| names().find(|known| known.contains('/') && same_city(known))) {
        Some(known) => format!("{} is not a time zone of the IANA database, did you mean `{known}`", quoted(name)),
        None => format!("{} is not a time zone of the IANA database, such as `Europe/Paris`", quoted(name)),
    }
}

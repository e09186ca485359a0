//! Points in time as TOML writes them: `2026-11-27T09:00:00` on some clock, or with an offset, `2026-11-27T09:00:00+01:00`.
//! It knows no zone's rules: what a local time means is [`Zone::occurrences`](super::zone::Zone::occurrences)'s business.

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::quoted;

const EXAMPLE: &str = "such as `2027-03-15T09:00:00` or `2027-03-15T09:00:00+01:00`";

/// A point in time in whole minutes, for a cron line knows no seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    text: String,
    civil: DateTime,
    instant: Option<Timestamp>,
}

impl Moment {
    /// Reads a date-time of TOML (RFC 3339, and the local form without an offset).
    ///
    /// # Errors
    /// Says what is missing: the date, the time of day, or whole minutes.
    pub fn parse(text: &str) -> Result<Moment, String> {
        let fault = |fault: &str| format!("{} {fault}, {EXAMPLE}", quoted(text));
        let Some((date, time)) = text.split_once(['T', 't', ' ']) else {
            return Err(fault(if text.contains(':') { "has no date" } else { "has no time of day" }));
        };
        let clock = time.split(['Z', 'z', '+', '-']).next().unwrap_or_default();
        let civil: DateTime = format!("{date}T{clock}").parse().map_err(|_| fault("is no date with a time of day"))?;
        let instant = match clock == time {
            true => None,
            false => Some(format!("{date}T{time}").parse().map_err(|_| fault("has no offset that exists"))?),
        };
        let is_whole = |at: DateTime| at.second() == 0 && at.subsec_nanosecond() == 0;
        match is_whole(civil) {
            true => Ok(Moment { text: text.to_owned(), civil, instant }),
            false => Err(fault("has seconds, and a cron line knows none")),
        }
    }

    /// The text as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the clock on the wall shows, wherever that is.
    pub fn civil(&self) -> DateTime {
        self.civil
    }

    /// The instant, where an offset says it.
    pub fn instant(&self) -> Option<Timestamp> {
        self.instant
    }
}

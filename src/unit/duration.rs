//! Durations as Prometheus and Go write them: `300s`, `5m`, `1h30m`, `500ms`, `1d`.
//! The grammar is that of Prometheus `model.ParseDuration` (prometheus/common `model/time.go`), plus Go's decimals in the
//! last part. Bare numbers are refused: nobody can see whether they are seconds or milliseconds.

use std::cmp::Ordering;
use std::fmt;

use super::quoted;

/// Units, longest first, with their milliseconds. A day is 24 hours and a year 365 days, as in Prometheus.
const UNITS: [(&str, i64); 7] = [
    ("y", 365 * 86_400_000),
    ("w", 7 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

const EXPECTED: &str = "expected a duration such as `\"300s\"`, `\"5m\"` or `\"1h30m\"`";

/// A length of time in whole milliseconds, never negative, with the text it was written with.
#[derive(Clone, Debug)]
pub struct Duration {
    text: String,
    millis: i64,
}

impl Duration {
    /// Reads a duration: units in descending order, each at most once, decimals only in the last part (`1.5s`).
    ///
    /// # Errors
    /// Names the fault: a missing or unknown unit, units out of order, or a value that is not whole milliseconds.
    pub fn parse(text: &str) -> Result<Duration, String> {
        if text.is_empty() {
            return Err(format!("a duration is empty, {EXPECTED}"));
        }
        if text.starts_with('-') {
            return Err(format!("{} is negative, {EXPECTED}", quoted(text)));
        }
        let mut millis = 0_i64;
        let mut units = UNITS.as_slice();
        let mut rest = text;
        while !rest.is_empty() {
            let part = Part::split(rest, text)?;
            let index =
                units.iter().position(|(unit, _)| *unit == part.unit).ok_or_else(|| misplaced_unit(text, part.unit))?;
            let size = units.get(index).map_or(0, |(_, size)| *size);
            if !part.fraction.is_empty() && !part.rest.is_empty() {
                return Err(format!("{} has decimals before its last part, {EXPECTED}", quoted(text)));
            }
            let value = part.millis(size, text)?;
            millis = millis.checked_add(value).ok_or_else(|| too_long(text))?;
            units = units.get(index + 1..).unwrap_or_default();
            rest = part.rest;
        }
        Ok(Duration { text: text.to_owned(), millis })
    }

    /// The length in milliseconds.
    pub fn millis(&self) -> i64 {
        self.millis
    }

    /// The length in seconds; `None` where it is not whole.
    pub fn whole_seconds(&self) -> Option<i64> {
        (self.millis % 1000 == 0).then_some(self.millis / 1000)
    }

    /// The text as written.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Duration {
    fn eq(&self, other: &Duration) -> bool {
        self.millis == other.millis
    }
}

impl Eq for Duration {}

impl PartialOrd for Duration {
    fn partial_cmp(&self, other: &Duration) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Duration {
    fn cmp(&self, other: &Duration) -> Ordering {
        self.millis.cmp(&other.millis)
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.text)
    }
}

/// One number with its unit, and the text behind it.
struct Part<'a> {
    whole: &'a str,
    fraction: &'a str,
    unit: &'a str,
    rest: &'a str,
}

impl<'a> Part<'a> {
    fn split(text: &'a str, duration: &str) -> Result<Part<'a>, String> {
        let (number, behind) = split_where(text, |it| !it.is_ascii_digit() && it != '.');
        let (unit, rest) = split_where(behind, |it| it.is_ascii_digit() || it == '.');
        if number.is_empty() {
            return Err(format!("{} has no number before {}, {EXPECTED}", quoted(duration), quoted(unit)));
        }
        if unit.is_empty() {
            let seconds =
                if number == duration { format!(", write `\"{number}s\"` for seconds") } else { String::new() };
            return Err(format!("{} has no unit after `{number}`{seconds}", quoted(duration)));
        }
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() || fraction.contains('.') || (number.contains('.') && fraction.is_empty()) {
            return Err(format!("{} has the malformed number `{number}`, {EXPECTED}", quoted(duration)));
        }
        Ok(Part { whole, fraction: fraction.trim_end_matches('0'), unit, rest })
    }

    fn millis(&self, size: i64, text: &str) -> Result<i64, String> {
        let whole = self.whole.parse::<i64>().ok().and_then(|count| count.checked_mul(size));
        let whole = whole.ok_or_else(|| too_long(text))?;
        if self.fraction.is_empty() {
            return Ok(whole);
        }
        let unexact = || format!("{} is not a whole number of milliseconds", quoted(text));
        let digits = u32::try_from(self.fraction.len()).map_err(|_| unexact())?;
        let divisor = 10_i64.checked_pow(digits).ok_or_else(unexact)?;
        let scaled = self.fraction.parse::<i64>().ok().and_then(|count| count.checked_mul(size)).ok_or_else(unexact)?;
        if scaled % divisor != 0 {
            return Err(unexact());
        }
        whole.checked_add(scaled / divisor).ok_or_else(|| too_long(text))
    }
}

fn split_where(text: &str, stop: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(stop).unwrap_or(text.len()))
}

fn misplaced_unit(text: &str, unit: &str) -> String {
    if UNITS.iter().any(|(known, _)| *known == unit) {
        return format!("{} must name each unit once, the largest first: `y w d h m s ms`", quoted(text));
    }
    let hint = match unit {
        "M" | "min" | "mins" => "; minutes are `m`",
        "sec" | "secs" | "S" => "; seconds are `s`",
        "H" | "hr" | "hrs" => "; hours are `h`",
        "D" | "day" | "days" => "; days are `d`",
        _ => "",
    };
    format!("{} has the unknown unit {}{hint}, {EXPECTED}", quoted(text), quoted(unit))
}

fn too_long(text: &str) -> String {
    format!("{} is too long for a duration", quoted(text))
}

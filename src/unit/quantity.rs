//! Kubernetes quantities: `500m`, `2Gi`, `1e3`. The grammar is that of apimachinery `pkg/api/resource/quantity.go` and
//! `suffix.go`; what it would silently cap or what has no meaning for capacity (a negative amount) is refused.
//! A quantity keeps the text it was written with: files show what the spec says, comparisons look at the value.

use std::cmp::Ordering;
use std::fmt;

use super::quoted;

/// Nano units in one whole unit: the finest step that a Kubernetes quantity keeps.
const NANO: i128 = 1_000_000_000;

/// The largest value, `i64::MAX` whole units: where Kubernetes' own `Value()` ends.
const MAX: i128 = i64::MAX as i128 * NANO;

const EXPECTED: &str = "expected a Kubernetes quantity such as `500m` or `2Gi`";

/// An amount of a resource: never negative, at most `i64::MAX` whole units, exact to a thousand-millionth.
#[derive(Clone, Debug)]
pub struct Quantity {
    text: String,
    nano: i128,
}

impl Quantity {
    /// Reads a quantity.
    ///
    /// A value finer than nano is rounded up, as Kubernetes does: who asks for some of a resource gets some.
    ///
    /// # Errors
    /// Names the fault: a sign, an unknown suffix, missing digits, or a value above 2^63 − 1.
    pub fn parse(text: &str) -> Result<Quantity, String> {
        let unsigned = text.strip_prefix('+').unwrap_or(text);
        if unsigned.starts_with('-') {
            return Err(format!("{} is negative, {EXPECTED}", quoted(text)));
        }
        let end = unsigned.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(unsigned.len());
        let (number, suffix) = unsigned.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.len() + fraction.len() == 0 || fraction.contains('.') {
            return Err(format!("{} does not start with a number, {EXPECTED}", quoted(text)));
        }
        let scale = scale(suffix).ok_or_else(|| unknown_suffix(text, suffix))?;
        let nano = nano(whole, fraction.trim_end_matches('0'), scale)
            .ok_or_else(|| format!("{} is too large or has too many digits, {EXPECTED}", quoted(text)))?;
        Ok(Quantity { text: text.to_owned(), nano })
    }

    /// The text as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The value in thousand-millionths of a unit.
    pub fn nano(&self) -> i128 {
        self.nano
    }

    /// The value in thousandths, rounded up as Kubernetes' `MilliValue()` does; `i64::MAX` where that would
    /// wrap around.
    pub fn milli_ceil(&self) -> i64 {
        saturated(self.nano.div_euclid(1_000_000) + i128::from(self.nano % 1_000_000 != 0))
    }

    /// The value in whole units, bytes for memory, rounded up as Kubernetes' `Value()` does.
    pub fn bytes_ceil(&self) -> i64 {
        saturated(self.nano.div_euclid(NANO) + i128::from(self.nano % NANO != 0))
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Quantity) -> bool {
        self.nano == other.nano
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Quantity) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Quantity) -> Ordering {
        self.nano.cmp(&other.nano)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.text)
    }
}

/// Thousandths of a CPU as Kubernetes prints them: `7910m`, and `2` where whole.
pub fn format_millicpu(millicpu: i64) -> String {
    if millicpu % 1000 == 0 { (millicpu / 1000).to_string() } else { format!("{millicpu}m") }
}

/// Bytes as memory is read: `2Gi` where whole, else mebibytes, rounded up: `400Mi`.
pub fn format_mebibytes(bytes: i64) -> String {
    let mebibytes = bytes.div_euclid(1 << 20) + i64::from(bytes.rem_euclid(1 << 20) != 0);
    if mebibytes != 0 && mebibytes % 1024 == 0 { format!("{}Gi", mebibytes / 1024) } else { format!("{mebibytes}Mi") }
}

/// What a suffix multiplies by.
#[derive(Clone, Copy)]
enum Scale {
    Binary(u32),
    Decimal(i32),
}

/// Bytes in the largest unit of Compose that is exact: `2g`, `1536m`, `1000b`.
pub fn format_compose_bytes(bytes: i64) -> String {
    let units = [(30, "g"), (20, "m"), (10, "k")];
    let fitting = units.into_iter().find(|(power, _)| bytes != 0 && bytes % (1 << power) == 0);
    fitting.map_or_else(|| format!("{bytes}b"), |(power, unit)| format!("{}{unit}", bytes >> power))
}

/// The bytes of a size as Docker Compose has it (compose-spec, `11-extension.md`): the units are powers of 1024, with or without a `b` behind.
pub fn compose_bytes(text: &str) -> Option<i64> {
    let lower = text.trim().to_lowercase();
    let plain = lower.strip_suffix('b').unwrap_or(&lower);
    let (number, power) = match plain.char_indices().last()? {
        (at, 'k') => (&plain[..at], 10),
        (at, 'm') => (&plain[..at], 20),
        (at, 'g') => (&plain[..at], 30),
        _ => (plain, 0),
    };
    number.parse::<i64>().ok()?.checked_mul(1 << power)
}

/// The tables of apimachinery `pkg/api/resource/suffix.go`. `E` alone is exa; with digits behind it an exponent.
fn scale(suffix: &str) -> Option<Scale> {
    Some(match suffix {
        "Ki" => Scale::Binary(10),
        "Mi" => Scale::Binary(20),
        "Gi" => Scale::Binary(30),
        "Ti" => Scale::Binary(40),
        "Pi" => Scale::Binary(50),
        "Ei" => Scale::Binary(60),
        "n" => Scale::Decimal(-9),
        "u" => Scale::Decimal(-6),
        "m" => Scale::Decimal(-3),
        "" => Scale::Decimal(0),
        "k" => Scale::Decimal(3),
        "M" => Scale::Decimal(6),
        "G" => Scale::Decimal(9),
        "T" => Scale::Decimal(12),
        "P" => Scale::Decimal(15),
        "E" => Scale::Decimal(18),
        _ => Scale::Decimal(suffix.strip_prefix(['e', 'E'])?.parse().ok()?),
    })
}

fn nano(whole: &str, fraction: &str, scale: Scale) -> Option<i128> {
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some(0);
    }
    let mantissa: i128 = digits.parse().ok()?;
    let (mantissa, exponent) = match scale {
        Scale::Binary(power) => (mantissa.checked_mul(1 << power)?, 0),
        Scale::Decimal(power) => (mantissa, power),
    };
    let shift = exponent.checked_add(9)?.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let power = 10_i128.checked_pow(shift.unsigned_abs());
    let nano = if shift >= 0 {
        mantissa.checked_mul(power?)?
    } else {
        // A divisor beyond `i128` leaves less than one nano, which rounds up to one.
        power.map_or(1, |power| mantissa / power + i128::from(mantissa % power != 0))
    };
    (nano <= MAX).then_some(nano)
}

fn unknown_suffix(text: &str, suffix: &str) -> String {
    let number = text.strip_suffix(suffix).unwrap_or(text);
    let (hint, meant) = match suffix.trim_start() {
        "K" => ("; a thousand is `k`, 1024 is `Ki`", "Ki"),
        "t" | "tb" | "TB" | "Tb" | "TiB" => ("; `T` is 10^12, `Ti` is 2^40", "Ti"),
        "g" | "gb" | "GB" | "Gb" | "GiB" => ("; `G` is 10^9, `Gi` is 2^30", "Gi"),
        "mb" | "MB" | "Mb" | "MiB" => ("; `M` is 10^6, `Mi` is 2^20", "Mi"),
        "kb" | "KB" | "Kb" | "KiB" => ("; `k` is 1000, `Ki` is 1024", "Ki"),
        "core" | "cores" | "cpu" | "cpus" | "CPU" | "CPUs" | "vCPU" | "vCPUs" => ("; CPUs have none", ""),
        "%" => ("; it is an amount, not a part of one", "%"),
        "" => ("", "%"),
        unit if scale(unit).is_some() => ("; it stands right behind the number", unit),
        _ => ("", "%"),
    };
    let fault = format!("{} has the unknown suffix {}{hint}", quoted(text), quoted(suffix));
    match meant {
        // What was meant is not known.
        "%" => format!("{fault}, {EXPECTED}"),
        _ => format!("{fault}, write `\"{number}{meant}\"`"),
    }
}

fn saturated(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

//! Exact fractions for the model's formulas, and the text of numbers.
//! A float would give one replica too many on exact multiples: in `f64`, `ceil(1.1 × 1.1 / 1.21 × 100)` is 101.
//! It knows nothing of what is counted: units and rounding rules belong to the formulas.

use std::cmp::Ordering;
use std::fmt;
use std::num::NonZeroU128;
use std::ops::{Add, Div, Mul, Sub};

use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedDiv, CheckedMul, CheckedSub};

use super::quoted;

/// The largest numerator and denominator that are kept: a million below the edge of `i128`, so that rounding and
/// printing cannot overflow, and so that `i128::MIN`, which has no positive counterpart, never occurs.
const LIMIT: i128 = i128::MAX / 1_000_000;

/// Integer digits that a written number may have: enough for any demand, small enough that products stay exact.
const MAX_INTEGER_DIGITS: u32 = 12;

/// Decimals that a written number may have.
const MAX_DECIMALS: usize = 9;

/// An exact fraction, or *poisoned* where it left the range or was divided by zero.
///
/// Poison spreads through every operator, as NaN does through floats, so a formula reads as it is written and is asked
/// once at its end: [`Exact::ceil`] and [`Exact::floor`] then give `None`. Unlike NaN, poison equals itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exact(Option<Fraction>);

/// Numerator and denominator, in lowest terms. That no denominator is zero leaves room for poison: a large platform has
/// hundreds of thousands of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fraction(i128, NonZeroU128);

impl Exact {
    /// Nought.
    pub const ZERO: Exact = Exact(Some(Fraction(0, NonZeroU128::MIN)));
    /// One.
    pub const ONE: Exact = Exact(Some(Fraction(1, NonZeroU128::MIN)));

    /// `numerator / denominator`; poisoned where the denominator is zero.
    pub fn fraction(numerator: i64, denominator: i64) -> Exact {
        Exact::from(numerator) / Exact::from(denominator)
    }

    fn of(ratio: Ratio<i128>) -> Exact {
        let (numerator, denominator) = ratio.into_raw();
        Exact(NonZeroU128::new(denominator.unsigned_abs()).map(|it| Fraction(numerator, it)))
    }

    fn ratio(self) -> Option<Ratio<i128>> {
        self.0.map(|Fraction(numerator, denominator)| Ratio::new_raw(numerator, denominator.get().cast_signed()))
    }

    /// Reads the text of a TOML number: `100_000`, `66.6`, `1e5`, `-2`, `0xff`.
    ///
    /// Decimals are read digit by digit, never through a float.
    ///
    /// # Errors
    /// Says what is wrong where the text is no number, is not finite, or has more than 12 integer digits or 9 decimals.
    pub fn parse(text: &str) -> Result<Exact, String> {
        // Most numbers of a spec are plain and whole.
        if (1..=MAX_INTEGER_DIGITS as usize).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit()) {
            return text.parse::<i64>().map(Exact::from).map_err(|_| no_number(text));
        }
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        if matches!(unsigned, "inf" | "nan") {
            return Err(format!("{} is not a finite number", quoted(text)));
        }
        let digits = match radix(unsigned) {
            Some((base, digits)) => Digits::of_integer(integer(digits, base).ok_or_else(|| no_number(text))?),
            None => Digits::read(unsigned).ok_or_else(|| no_number(text))?,
        };
        let magnitude = digits.exact().map_err(|excess| format!("{} has {excess}", quoted(text)))?;
        Ok(if negative { Exact::ZERO - magnitude } else { magnitude })
    }

    /// The smallest whole number that is not below; `None` where poisoned or beyond `i64`.
    pub fn ceil(self) -> Option<i64> {
        let ratio = self.ratio()?;
        i64::try_from(-(-ratio.numer()).div_euclid(*ratio.denom())).ok()
    }

    /// The largest whole number that is not above; `None` where poisoned or beyond `i64`.
    pub fn floor(self) -> Option<i64> {
        let ratio = self.ratio()?;
        i64::try_from(ratio.numer().div_euclid(*ratio.denom())).ok()
    }

    /// The value so that nobody who recomputes with it gets another result: as [`Display`](fmt::Display) where that is
    /// exact, else as a fraction in brackets, `(200 / 3)`.
    pub fn recomputable(self) -> String {
        match self.ratio() {
            Some(ratio) if !is_shown_whole(ratio) => format!("({} / {})", ratio.numer(), ratio.denom()),
            _ => self.to_string(),
        }
    }

    /// Whether an operation on the way overflowed or divided by zero.
    #[cfg(test)]
    pub(super) fn is_poisoned(self) -> bool {
        self.0.is_none()
    }

    /// Whether this is nought; poison is not.
    pub fn is_zero(self) -> bool {
        self.0.is_some_and(|Fraction(numerator, _)| numerator == 0)
    }

    /// Whether this is above nought; poison is not.
    pub fn is_positive(self) -> bool {
        self.0.is_some_and(|Fraction(numerator, _)| numerator > 0)
    }

    /// The order of the two values; `None` where either is poisoned.
    pub fn checked_cmp(&self, other: &Exact) -> Option<Ordering> {
        Some(self.ratio()?.cmp(&other.ratio()?))
    }

    fn combine(self, other: Exact, operation: impl Fn(&Ratio<i128>, &Ratio<i128>) -> Option<Ratio<i128>>) -> Exact {
        let (Some(a), Some(b)) = (self.ratio(), other.ratio()) else { return Exact(None) };
        let in_range = |ratio: &Ratio<i128>| (-LIMIT..=LIMIT).contains(ratio.numer()) && *ratio.denom() <= LIMIT;
        operation(&a, &b).filter(in_range).map_or(Exact(None), Exact::of)
    }
}

impl From<i64> for Exact {
    fn from(whole: i64) -> Exact {
        Exact(Some(Fraction(i128::from(whole), NonZeroU128::MIN)))
    }
}

impl Add for Exact {
    type Output = Exact;
    fn add(self, other: Exact) -> Exact {
        self.combine(other, CheckedAdd::checked_add)
    }
}

impl Sub for Exact {
    type Output = Exact;
    fn sub(self, other: Exact) -> Exact {
        self.combine(other, CheckedSub::checked_sub)
    }
}

impl Mul for Exact {
    type Output = Exact;
    fn mul(self, other: Exact) -> Exact {
        self.combine(other, CheckedMul::checked_mul)
    }
}

impl Div for Exact {
    type Output = Exact;
    fn div(self, other: Exact) -> Exact {
        self.combine(other, CheckedDiv::checked_div)
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Exact) -> Option<Ordering> {
        self.checked_cmp(other)
    }
}

impl fmt::Display for Exact {
    /// Exactly where at most four decimals suffice, else rounded half up to two: `22.5`, `66.67`. Poison is `overflow`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(ratio) = self.ratio() else { return formatter.pad("overflow") };
        let (numerator, denominator) = (*ratio.numer(), *ratio.denom());
        if denominator == 1 {
            return formatter.pad(&numerator.to_string());
        }
        let text = if has_few_decimals(ratio) {
            let exact = decimal(numerator * 10_000 / denominator, 4);
            exact.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            decimal((numerator * 200 + denominator).div_euclid(denominator * 2), 2)
        };
        formatter.pad(&text)
    }
}

/// Whether at most four decimals say all of it.
fn has_few_decimals(ratio: Ratio<i128>) -> bool {
    (ratio.numer() * 10_000) % ratio.denom() == 0
}

/// Whether what is shown can be read back, and is the same number then.
fn is_shown_whole(ratio: Ratio<i128>) -> bool {
    has_few_decimals(ratio) && ratio.numer().abs() / ratio.denom() < 10_i128.pow(MAX_INTEGER_DIGITS)
}

/// `scaled / 10^places`, with that many decimals.
fn decimal(scaled: i128, places: u32) -> String {
    let unit = 10_u128.pow(places);
    let magnitude = scaled.unsigned_abs();
    let sign = if scaled < 0 { "-" } else { "" };
    format!("{sign}{}.{:0width$}", magnitude / unit, magnitude % unit, width = places as usize)
}

/// A decimal number as its significant digits and where the point stands: `1.5e3` is `15` with the point after 4.
struct Digits {
    significant: String,
    point: i64,
}

impl Digits {
    fn of_integer(value: u64) -> Digits {
        let text = value.to_string();
        let point = i64::try_from(text.len()).unwrap_or(i64::MAX);
        Digits { significant: text, point }.normalized()
    }

    fn read(text: &str) -> Option<Digits> {
        let (number, exponent) = match text.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, read_exponent(exponent)?),
            None => (text, 0),
        };
        let (whole, fraction) = match number.split_once('.') {
            Some((whole, fraction)) => (plain(whole, 10)?, plain(fraction, 10)?),
            None => (plain(number, 10)?, String::new()),
        };
        let point = i64::try_from(whole.len()).ok()?.checked_add(exponent)?;
        Some(Digits { significant: whole + &fraction, point }.normalized())
    }

    /// Without zeros that carry no value at either end; nought has no digits and its point at 0.
    fn normalized(self) -> Digits {
        let stripped = self.significant.trim_start_matches('0');
        let leading = i64::try_from(self.significant.len() - stripped.len()).unwrap_or(i64::MAX);
        let significant = stripped.trim_end_matches('0').to_owned();
        let point = if significant.is_empty() { 0 } else { self.point.saturating_sub(leading) };
        Digits { significant, point }
    }

    fn exact(&self) -> Result<Exact, String> {
        let integer_digits = usize::try_from(self.point).unwrap_or(0);
        if integer_digits > MAX_INTEGER_DIGITS as usize {
            return Err(format!("more than {MAX_INTEGER_DIGITS} digits before the decimal point"));
        }
        let length = i64::try_from(self.significant.len()).unwrap_or(i64::MAX);
        let decimals = usize::try_from(length.saturating_sub(self.point)).unwrap_or(0);
        if decimals > MAX_DECIMALS {
            return Err(format!("more than {MAX_DECIMALS} decimals"));
        }
        let padded = format!("0{:0<width$}", self.significant, width = integer_digits);
        let scale = 10_i64.pow(u32::try_from(decimals).unwrap_or(0));
        let numerator = padded.parse::<i128>().map_or(Exact(None), |whole| Exact::of(Ratio::from_integer(whole)));
        Ok(numerator / Exact::from(scale))
    }
}

/// An exponent; beyond what `i32` holds it is not told apart, because the digit limits refuse it either way.
fn read_exponent(text: &str) -> Option<i64> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let magnitude = plain(unsigned, 10)?.parse::<i32>().map_or(i64::from(i32::MAX), i64::from);
    Some(if negative { -magnitude } else { magnitude })
}

fn radix(unsigned: &str) -> Option<(u32, &str)> {
    [("0x", 16), ("0o", 8), ("0b", 2)]
        .into_iter()
        .find_map(|(prefix, base)| unsigned.strip_prefix(prefix).map(|digits| (base, digits)))
}

/// A whole number in another base; too large for `u64` is as good as any number that has too many digits.
fn integer(digits: &str, base: u32) -> Option<u64> {
    Some(u64::from_str_radix(&plain(digits, base)?, base).unwrap_or(u64::MAX))
}

/// Digits without their underscores, each of which must stand between two digits.
fn plain(text: &str, base: u32) -> Option<String> {
    let well_formed = text.split('_').all(|group| !group.is_empty() && group.chars().all(|digit| digit.is_digit(base)));
    well_formed.then(|| text.replace('_', ""))
}

fn no_number(text: &str) -> String {
    format!("{} is not a number, expected one such as `5_000` or `66.6`", quoted(text))
}

//! Check values and laws of the units: the grammars as upstream has them, and arithmetic that never rounds on the way.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::DateTime;
use proptest::prelude::*;

use super::cron::Cron;
use super::duration::Duration;
use super::exact::Exact;
use super::kubernetes;
use super::quantity::{Quantity, format_mebibytes, format_millicpu};
use super::zone::{Zone, windows_overlap};

fn exact(text: &str) -> Exact {
    Exact::parse(text).unwrap()
}

#[test]
fn exact_formulas() {
    let product = exact("1.1") * exact("1.1") / exact("1.21") * exact("100");
    assert_eq!(product, Exact::from(100));
    assert_eq!(product.ceil(), Some(100));
    assert_eq!((exact("100_000") / exact("5_000") * exact("1.5")).ceil(), Some(30));
    assert_eq!((exact("3000") / exact("200") * exact("1.5")).ceil(), Some(23));
    assert_eq!((Exact::fraction(-7, 2).floor(), Exact::fraction(-7, 2).ceil()), (Some(-4), Some(-3)));
}

#[test]
fn exact_poison() {
    let poison = Exact::fraction(1, 0);
    assert!(poison.is_poisoned() && !poison.is_zero() && !poison.is_positive());
    assert!((Exact::ONE + poison).is_poisoned() && (poison * Exact::ZERO).is_poisoned());
    assert_eq!((poison.ceil(), poison.floor(), poison.checked_cmp(&poison)), (None, None, None));
    assert_eq!(poison.to_string(), "overflow");
    let large = Exact::from(i64::MAX);
    assert!((large * large * large).is_poisoned());
    assert_eq!((large + Exact::ONE).ceil(), None);
    assert_eq!(Exact::from(i64::MIN).ceil(), Some(i64::MIN));
    assert!((Exact::from(i64::MIN) * Exact::from(i64::MIN) * Exact::from(-2)).is_poisoned());
}

#[test]
fn exact_text() {
    let check = |input: &str, expect: &str| assert_eq!(exact(input).to_string(), expect, "{input}");
    check("1_000", "1000");
    check("66.6", "66.6");
    check("1e5", "100000");
    check("1.5E+3", "1500");
    check("25e-2", "0.25");
    check("-0.5", "-0.5");
    check("+7", "7");
    check("0xff", "255");
    check("0b1_01", "5");
    check("0.0", "0");
    check("0e99", "0");
    check("0.123456789", "0.12");
    check("999999999999", "999999999999");
    check("1.50000000000000", "1.5");
    let show = |numerator, denominator| Exact::fraction(numerator, denominator).to_string();
    assert_eq!(show(200, 3), "66.67");
    assert_eq!(show(1, 3), "0.33");
    assert_eq!(show(-1, 3), "-0.33");
    assert_eq!(show(1, 10_000), "0.0001");
}

#[test]
fn exact_refuses() {
    let check = |input: &str, expect: &str| {
        let message = Exact::parse(input).unwrap_err();
        assert!(message.contains(expect), "{input}: {message}");
    };
    check("inf", "not a finite number");
    check("-nan", "not a finite number");
    check("1000000000000", "has more than 12 digits before the decimal point");
    check("0xffffffffffffffffffff", "has more than 12 digits");
    check("1e12", "has more than 12");
    check("1e999999999999", "has more than 12");
    check("0.1234567891", "has more than 9 decimals");
    check("1e-10", "has more than 9 decimals");
    for input in ["", "-", "1_", "_1", "1__0", "1.", ".5", "1e", "1e+", "--1", "1.2.3", "abc", "0x", "1 000"] {
        check(input, "is not a number");
    }
}

#[test]
fn quantities() {
    let check = |input: &str, nano: i128| assert_eq!(Quantity::parse(input).unwrap().nano(), nano, "{input}");
    check("0", 0);
    check("1E", 1_000_000_000_000_000_000_000_000_000);
    check("9223372036854775807", 9_223_372_036_854_775_807_000_000_000);
    check("5u", 5_000);
    check("0.1", 100_000_000);
    check("1e3", 1_000_000_000_000);
    check("1E3", 1_000_000_000_000);
    check("1e-3", 1_000_000);
    check("1.5Gi", 1_610_612_736_000_000_000);
    check("1k", 1_000_000_000_000);
    check("+1", 1_000_000_000);
    check("1.", 1_000_000_000);
    check(".5", 500_000_000);
    check("0.9n", 1);
    check("1e-60", 1);
    check("0e99", 0);
    check("7Ei", 8_070_450_532_247_928_832_000_000_000);
    let quantity = |text| Quantity::parse(text).unwrap();
    assert_eq!(quantity("1000m"), quantity("1"));
    assert!(quantity("1Gi") > quantity("1G"));
    assert_eq!((quantity("5u").milli_ceil(), quantity("1.5").milli_ceil()), (1, 1500));
    assert_eq!((quantity("500m").bytes_ceil(), quantity("2Ki").bytes_ceil()), (1, 2048));
    assert_eq!(quantity("9223372036854775807").bytes_ceil(), i64::MAX);
    assert_eq!(quantity("1.50Gi").to_string(), "1.50Gi");
    assert_eq!((format_millicpu(7910), format_millicpu(2000)), ("7910m".to_owned(), "2".to_owned()));
    assert_eq!((format_mebibytes(400 << 20), format_mebibytes(2 << 30)), ("400Mi".to_owned(), "2Gi".to_owned()));
    assert_eq!((format_mebibytes(0), format_mebibytes(1)), ("0Mi".to_owned(), "1Mi".to_owned()));
}

#[test]
fn quantities_refused() {
    let check = |input: &str, expect: &str| {
        let message = Quantity::parse(input).unwrap_err();
        assert!(
            message.contains(expect) && (message.contains("`500m`") || message.contains(", write `")),
            "{input}: {message}"
        );
    };
    check("", "does not start with a number");
    check("Mi", "does not start with a number");
    check(".", "does not start with a number");
    check("1.2.3", "does not start with a number");
    check("-1", "negative");
    check("1K", "a thousand is `k`");
    check("2GB", "`Gi` is 2^30");
    check("1e", "unknown suffix");
    check("1 Gi", "unknown suffix");
    check("1m5", "unknown suffix");
    check("8Ei", "too large");
    check("9223372036854775808", "too large");
    check("1e2147483647", "too large");
}

#[test]
fn durations() {
    let check = |input: &str, millis: i64| assert_eq!(Duration::parse(input).unwrap().millis(), millis, "{input}");
    check("300s", 300_000);
    check("5m", 300_000);
    check("1h30m", 5_400_000);
    check("500ms", 500);
    check("1d", 86_400_000);
    check("1w", 604_800_000);
    check("1y", 31_536_000_000);
    check("0s", 0);
    check("1.5s", 1500);
    check("1h0.5s", 3_600_500);
    check("1m500ms", 60_500);
    assert_eq!(Duration::parse("5m").unwrap(), Duration::parse("300s").unwrap());
    assert_eq!(Duration::parse("5m").unwrap().to_string(), "5m");
    assert_eq!(Duration::parse("5m").unwrap().whole_seconds(), Some(300));
    assert_eq!(Duration::parse("1500ms").unwrap().whole_seconds(), None);
}

#[test]
fn durations_refused() {
    let check = |input: &str, expect: &str| {
        let message = Duration::parse(input).unwrap_err();
        assert!(message.contains(expect), "{input}: {message}");
    };
    check("", "empty");
    check("300", "write `\"300s\"` for seconds");
    check("1h30", "no unit after `30`");
    check("-5m", "negative");
    check("5M", "minutes are `m`");
    check("5us", "unknown unit");
    check("30m1h", "the largest first");
    check("1h1h", "each unit once");
    check("1.5h30m", "decimals before its last part");
    check("0.0001s", "whole number of milliseconds");
    check("1.s", "malformed number");
    check(".5s", "malformed number");
    check("s", "no number before `s`");
    check("5 m", "unknown unit");
    check("99999999999999999999s", "too long");
}

fn next(cron: &str, after: &str) -> Option<String> {
    let after: DateTime = after.parse().unwrap();
    Cron::parse(cron).unwrap().next_after(after).map(|it| it.strftime("%a %F %T").to_string())
}

#[test]
fn cron_next() {
    let check = |cron: &str, after: &str, expect: &str| {
        assert_eq!(next(cron, after).as_deref(), Some(expect), "{cron} after {after}");
    };
    check("0 7 * * 1-5", "2026-01-02T07:00:00", "Mon 2026-01-05 07:00:00");
    check("0 7 * * MON-fri", "2026-01-05T06:59:59", "Mon 2026-01-05 07:00:00");
    check("5/10 * * * *", "2026-01-01T00:00:00", "Thu 2026-01-01 00:05:00");
    check("5/10 * * * *", "2026-01-01T00:55:00", "Thu 2026-01-01 01:05:00");
    check("? ? * * *", "2026-01-01T00:00:30", "Thu 2026-01-01 00:01:00");
    check("0 0 31 * *", "2026-01-31T00:00:00", "Tue 2026-03-31 00:00:00");
    check("0 0 29 2 *", "2026-01-01T00:00:00", "Tue 2028-02-29 00:00:00");
    check("59 23 31 DEC *", "2026-12-31T23:59:00", "Fri 2027-12-31 23:59:00");
    check("1,,2 * * * *", "2026-01-01T00:01:00", "Thu 2026-01-01 00:02:00");
    // Either day field suffices where both are restricted, and `*/2` counts as restricted.
    check("0 0 13 * FRI", "2026-01-01T00:00:00", "Fri 2026-01-02 00:00:00");
    check("0 0 13 * *", "2026-01-01T00:00:00", "Tue 2026-01-13 00:00:00");
    check("0 0 */2 * SUN", "2026-01-03T00:00:00", "Sun 2026-01-04 00:00:00");
    check("0 0 13 * */1", "2026-01-01T00:00:00", "Tue 2026-01-13 00:00:00");
    check("@weekly", "2026-01-01T00:00:00", "Sun 2026-01-04 00:00:00");
    check("@yearly", "2026-01-01T00:00:00", "Fri 2027-01-01 00:00:00");
    check("@every 1h30m", "2026-01-01T00:00:00", "Thu 2026-01-01 01:30:00");
    assert_eq!(next("0 0 30 2 *", "2026-01-01T00:00:00"), None);
    assert!(Cron::parse("@daily").unwrap().is_descriptor());
    assert!(!Cron::parse("0 0 * * *").unwrap().is_descriptor());
}

#[test]
fn cron_refused() {
    let check = |input: &str, expect: &str| {
        let message = Cron::parse(input).unwrap_err();
        assert!(message.contains(expect), "{input}: {message}");
    };
    check("0 0 * * 7", "`7` in the day of week field is out of range; Sunday is 0, expected 0-6 or SUN-SAT");
    check("60 0 * * *", "`60` in the minute field is out of range, expected 0-59");
    check("0 24 * * *", "hour field");
    check("0 0 0 * *", "day of month field is out of range, expected 1-31");
    check("0 0 * 13 *", "1-12 or JAN-DEC");
    check("0 0 * * FRI-MON", "runs backwards");
    check("0 0 L * *", "Kubernetes has no `L`, `W` or `#`");
    check("0 0 * * 5#2", "Kubernetes has no `L`, `W` or `#`");
    check("*/0 * * * *", "has the step 0");
    check("*/x * * * *", "step that is not a whole number");
    check("1-2-3 * * * *", "is not understood");
    check("*-5 * * * *", "is not understood");
    check(", * * * *", "names no value");
    check("0 0 0 * * *", "6 fields, expected five");
    check("", "0 fields");
    check("TZ=UTC 0 0 * * *", "use `time_zone`");
    check("CRON_TZ=UTC 0 0 * * *", "use `time_zone`");
    check("@reboot", "is not a schedule");
    check("@every 1d", "above the hour");
    check("@every 500ms", "one second");
    check("@every 5", "no unit");
}

fn instants(zone: &str, cron: &str, from: &str, to: &str) -> Vec<String> {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let fired = Zone::parse(zone).unwrap().instants(&Cron::parse(cron).unwrap(), at(from), at(to));
    fired.iter().map(Timestamp::to_string).collect()
}

#[test]
fn clock_changes() {
    let spring = ("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z");
    assert_eq!(instants("Europe/Paris", "30 2 * * *", spring.0, spring.1), ["2026-03-30T00:30:00Z"]);
    let autumn = ("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z");
    let twice = instants("Europe/Paris", "*/30 2 * * *", autumn.0, autumn.1);
    let expected = ["2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z"];
    assert_eq!(twice, expected);
    let noon = instants("Asia/Kathmandu", "0 7 * * 1-5", "2026-01-05T01:15:00Z", "2026-01-06T01:15:00Z");
    assert_eq!(noon, ["2026-01-05T01:15:00Z"]);
    let every = instants("UTC", "@every 8h", "2026-01-01T00:00:01Z", "2026-01-02T00:00:00Z");
    assert_eq!(every, ["2026-01-01T08:00:00Z", "2026-01-01T16:00:00Z"]);
}

#[test]
fn skipped_times() {
    let skipped = |zone: &str, cron: &str| {
        let skipped = Zone::parse(zone).unwrap().skipped(&Cron::parse(cron).unwrap());
        skipped.map(|it| it.to_string()).unwrap_or_default()
    };
    assert_eq!(skipped("Europe/Rome", "0 2 * * *"), "2026-03-29T02:00:00");
    assert_eq!(skipped("Europe/Rome", "59 2 29 3 *"), "2026-03-29T02:59:00");
    // Before and after the hour, on other days, and in the hour that autumn repeats.
    for cron in ["59 1 * * *", "0 3 * * *", "30 2 * * 1-6", "30 2 25 10 *", "@every 1h"] {
        assert_eq!(skipped("Europe/Rome", cron), "", "{cron}");
    }
    // The only change of the span that is half an hour long, and a zone that has none.
    assert_eq!(skipped("Australia/Lord_Howe", "15 2 * * *"), "2026-10-04T02:15:00");
    assert_eq!(skipped("Australia/Lord_Howe", "30 2 * * *"), "");
    assert_eq!(skipped("Asia/Kathmandu", "* * * * *"), "");
}

#[test]
fn zone_names() {
    for name in ["UTC", "Etc/UTC", "Europe/Paris", "America/Argentina/ComodRivadavia", "Asia/Katmandu"] {
        assert_eq!(Zone::parse(name).unwrap().name(), name);
    }
    let check = |input: &str, expect: &str| {
        let message = Zone::parse(input).unwrap_err();
        assert!(message.contains(expect), "{input}: {message}");
    };
    check("", "empty");
    check("Local", "another zone on every machine");
    check("europe/paris", "did you mean `Europe/Paris`");
    check("America/New York", "did you mean `America/New_York`");
    check("Kathmandu", "did you mean `Asia/Kathmandu`");
    check("Mars/Olympus", "is not a time zone");
    check("Etc/Unknown", "is not a time zone");
    check("America/AVeryLongPartIndeed", "longer than 14 characters");
}

#[test]
fn windows() {
    let overlap = |a: [&str; 3], b: [&str; 3]| {
        let parse = |it: &str| Cron::parse(it).unwrap();
        let (a_zone, b_zone) = (Zone::parse(a[2]).unwrap(), Zone::parse(b[2]).unwrap());
        windows_overlap((&parse(a[0]), &parse(a[1]), &a_zone), (&parse(b[0]), &parse(b[1]), &b_zone))
            .map(|it| it.to_string())
    };
    let day = ["0 7 * * 1-5", "0 18 * * 1-5", "Asia/Kathmandu"];
    let night = ["0 18 * * 1-5", "0 7 * * 1-5", "Asia/Kathmandu"];
    assert_eq!(overlap(day, night), None);
    let lunch = ["0 12 * * *", "0 13 * * *", "Asia/Kathmandu"];
    assert_eq!(overlap(day, lunch).as_deref(), Some("2026-01-01T06:15:00Z"));
    // These meet only where one of the two zones has changed its clocks.
    let paris = ["0 8 * * *", "0 10 * * *", "Europe/Paris"];
    let utc = ["0 9 * * *", "0 10 * * *", "UTC"];
    assert_eq!(overlap(paris, utc), None);
    let utc = ["0 7 * * *", "0 8 * * *", "UTC"];
    let morning = ["0 9 * * *", "0 10 * * *", "Europe/Paris"];
    assert_eq!(overlap(morning, utc).as_deref(), Some("2026-03-29T07:00:00Z"));
    let new_year = ["0 0 20 12 *", "0 0 5 1 *", "UTC"];
    assert_eq!(overlap(new_year, ["0 0 2 1 *", "0 0 3 1 *", "UTC"]).as_deref(), Some("2027-01-02T00:00:00Z"));
    let empty = ["0 9 * * *", "0 9 * * *", "UTC"];
    assert_eq!(overlap(empty, empty), None);
}

#[test]
fn names() {
    let check = |rule: fn(&str) -> Result<(), String>, good: &[&str], bad: &[(&str, &str)]| {
        for text in good {
            assert_eq!(rule(text), Ok(()), "{text}");
        }
        for (text, expect) in bad {
            let message = rule(text).unwrap_err();
            assert!(message.contains(expect), "{text}: {message}");
        }
    };
    let long = "a".repeat(64);
    check(kubernetes::dns_label, &["a", "web-1"], &[("", "empty"), ("Web", "`W`"), ("a_b", "`_`"), ("-a", "`-`")]);
    check(kubernetes::dns_label, &[], &[(&long, "64 characters"), ("a.b", "`.`"), ("a\nb", "`\\n`")]);
    check(kubernetes::dns_subdomain, &["a.b-c", &long], &[("a..b", "empty part"), ("a.-b", "`-b`"), ("ä", "`ä`")]);
    check(kubernetes::label_value, &["", "A_b.c"], &[("_a", "starts or ends"), ("a b", "` `"), (&long, "63")]);
    check(
        kubernetes::qualified_name,
        &["app", "a.io/Name_1"],
        &[("A/b", "the prefix"), ("a/", "empty"), ("a/b/c", "`/`")],
    );
    check(kubernetes::path_segment, &["a b"], &[("..", "`..`"), ("a/b", "`/`"), ("%", "`%`"), ("", "empty")]);
    let good = ["registry.k8s.io/kubectl:v1.34.0", "nginx", "localhost:5000/a__b/c--d", "Reg.io:80/x", "[::1]:5000/a"];
    check(
        kubernetes::image_reference,
        &good,
        &[("a b", "`a b`"), ("A", "lowercase"), ("a:", "a tag"), ("", "lowercase")],
    );
    let digest = format!("kubectl:v1@sha256:{}", "a".repeat(64));
    check(
        kubernetes::image_reference,
        &[&digest],
        &[("a@sha256:ff", "a digest"), ("a//b", "``"), ("a___b", "lowercase")],
    );
    check(
        kubernetes::host,
        &["primary-db", "a_b.c.", "10.0.0.1", "::1"],
        &[("1.2.3", "IPv4"), ("a:1", "IPv6"), ("a;b", "`;`")],
    );
    check(
        kubernetes::host,
        &[],
        &[("[::1]", "IPv6"), ("a..b", "empty part"), ("-a", "`-`"), ("a b", "` `"), (&long, "63")],
    );
    check(
        kubernetes::environment_variable_name,
        &["_A1"],
        &[("1A", "starts with a digit"), ("A-B", "`-`"), ("", "empty")],
    );
    assert!(kubernetes::port(1).is_ok() && kubernetes::port(65_535).is_ok());
    assert!(kubernetes::port(0).is_err() && kubernetes::port(65_536).is_err());
}

proptest! {
    #[test]
    fn ceil_is_the_least_whole_number_above(numerator in any::<i64>(), denominator in 1..=i64::MAX) {
        let value = Exact::fraction(numerator, denominator);
        let ceil = Exact::from(value.ceil().unwrap());
        let floor = Exact::from(value.floor().unwrap());
        prop_assert!(ceil >= value && value > ceil - Exact::ONE);
        prop_assert!(floor <= value && value < floor + Exact::ONE);
    }

    #[test]
    fn operators_never_panic(numbers in proptest::collection::vec((any::<i64>(), any::<i64>()), 2..12)) {
        let mut value = Exact::ONE;
        for (index, (numerator, denominator)) in numbers.into_iter().enumerate() {
            let other = Exact::fraction(numerator, denominator);
            value = match index % 4 { 0 => value * other, 1 => value / other, 2 => value - other, _ => value + other };
            let _ = (value.to_string(), value.ceil(), value.floor(), value.checked_cmp(&other));
        }
    }

    #[test]
    fn decimals_keep_their_value(whole in 0_i64..999_999_999_999, decimals in 0_i64..1_000_000_000) {
        let value = exact(&format!("{whole}.{decimals:09}"));
        prop_assert_eq!(value, Exact::from(whole) + Exact::fraction(decimals, 1_000_000_000));
    }

    #[test]
    fn parsers_never_panic(text in "\\PC{0,24}|[-+0-9._eExobnumkKMGTPEi*/,?@ ]{0,24}|@every [0-9a-z.]{0,9}") {
        let _ = (Exact::parse(&text), Quantity::parse(&text), Duration::parse(&text), Cron::parse(&text));
        let _ = (Zone::parse(&text), kubernetes::image_reference(&text), kubernetes::host(&text));
        let _ = (kubernetes::dns_subdomain(&text), kubernetes::qualified_name(&text));
    }

    #[test]
    fn quantities_round_up(nano in 0_i64..=i64::MAX) {
        let quantity = Quantity::parse(&format!("{nano}n")).unwrap();
        let milli = i128::from(quantity.milli_ceil()) * 1_000_000;
        prop_assert!(milli >= quantity.nano() && milli - 1_000_000 < quantity.nano());
        prop_assert_eq!(quantity.cmp(&Quantity::parse(&nano.to_string()).unwrap()), if nano == 0 { Ordering::Equal } else { Ordering::Less });
    }

    #[test]
    fn next_is_later_and_first(minute in 0..60_i64, hour in 0..24_i64, day in 0..7_i64, second in 0..86_400_i64) {
        let cron = Cron::parse(&format!("{minute} {hour} * * {day}")).unwrap();
        let after = Timestamp::from_second(1_767_225_600 + second).unwrap().to_zoned(jiff::tz::TimeZone::UTC).datetime();
        let next = cron.next_after(after).unwrap();
        prop_assert!(next > after && next.duration_since(after).as_secs() <= 7 * 86_400);
    }
}

//! Each line as every unit that a spec is written in, and the numbers among them in every formula.
#![no_main]

use capgen::unit::cron::Cron;
use capgen::unit::duration::Duration;
use capgen::unit::exact::Exact;
use capgen::unit::kubernetes;
use capgen::unit::quantity::{Quantity, format_mebibytes, format_millicpu};
use capgen::unit::zone::Zone;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let lines: Vec<&str> = text.split('\n').take(8).collect();
    let zones: Vec<Zone> = lines.iter().filter_map(|line| Zone::parse(line).ok()).collect();
    let mut numbers = Vec::new();
    for line in &lines {
        quantity(line);
        duration(line);
        names(line);
        if let Ok(cron) = Cron::parse(line) {
            schedule(&cron, &zones);
        }
        numbers.extend(Exact::parse(line));
    }
    arithmetic(&numbers);
});

fn quantity(text: &str) {
    let Ok(quantity) = Quantity::parse(text) else { return };
    assert_eq!(Quantity::parse(quantity.text()).as_ref(), Ok(&quantity));
    assert!(quantity.nano() >= 0, "no amount is negative");
    for written in [format_millicpu(quantity.milli_ceil()), format_mebibytes(quantity.bytes_ceil())] {
        Quantity::parse(&written).expect("a rounded amount is a quantity");
    }
}

fn duration(text: &str) {
    let Ok(duration) = Duration::parse(text) else { return };
    assert_eq!(Duration::parse(duration.text()).as_ref(), Ok(&duration));
    assert_eq!(Duration::parse(&duration.to_string()).as_ref(), Ok(&duration));
    assert_eq!(duration.whole_seconds().is_some(), duration.millis() % 1000 == 0);
}

fn names(text: &str) {
    for accepted in [kubernetes::dns_label(text), kubernetes::dns_subdomain(text)] {
        let is_safe = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '.';
        assert!(accepted.is_err() || text.chars().all(is_safe), "{text:?} is no name");
    }
    assert!(kubernetes::path_segment(text).is_err() || !text.contains(['/', '\n']), "{text:?} is no path segment");
    _ = kubernetes::label_value(text);
    _ = kubernetes::qualified_name(text);
    _ = kubernetes::image_reference(text);
    _ = kubernetes::host(text);
    _ = kubernetes::environment_variable_name(text);
}

fn schedule(cron: &Cron, zones: &[Zone]) {
    let mut civil = date(2026, 2, 28).at(23, 59, 0, 0);
    for _ in 0..4 {
        let Some(next) = cron.next_after(civil) else { break };
        assert!(next > civil, "`{cron}` goes back from {civil} to {next}");
        civil = next;
    }
    // The night of a clock change in Europe, and long enough for `@every`.
    let from = Timestamp::from_second(1_774_659_600).expect("a day in March 2026");
    let to = from + SignedDuration::from_hours(24);
    for zone in zones.iter().take(2) {
        let instants = zone.instants(cron, from, to);
        assert!(instants.is_sorted(), "`{cron}` fires out of order in {}", zone.name());
        assert!(instants.iter().all(|it| (from..to).contains(it)), "`{cron}` fires outside of the day");
    }
}

fn arithmetic(numbers: &[Exact]) {
    for &a in numbers {
        assert!(a.floor() <= a.ceil() || a.ceil().is_none(), "{a} is rounded the wrong way");
        for &b in numbers {
            for result in [a + b, a - b, a * b, a / b, (a / b) * b] {
                _ = (result.to_string(), result.recomputable(), result.ceil(), result.floor(), result.checked_cmp(&a));
            }
            // `None` where the product left the range or `b` is nought.
            let is_equal = ((a * b) / b).checked_cmp(&a).is_none_or(|it| it.is_eq());
            assert!(is_equal, "{a} × {b} ÷ {b} is not {a}");
        }
    }
}

//! Slots are cut as `redis-cli` cuts them, and every one of the 16384 belongs to one master.

#![allow(clippy::unwrap_used, clippy::float_arithmetic, reason = "tests; redis-cli computes with floats")]

use super::super::reasons::Reasons;
use super::*;

/// As `clusterManagerCommandCreate` in `src/redis-cli.c`, whose `float` has 32 bits.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "as it is there")]
fn of_redis_cli(masters: i64) -> Vec<(i64, i64)> {
    let each = 16_384_f32 / masters as f32;
    let (mut first, mut cursor, mut found) = (0, 0_f32, Vec::new());
    for index in 0..masters {
        let mut last = (cursor + each - 1.0).round() as i64;
        if last > 16_384 || index == masters - 1 {
            last = 16_383;
        }
        found.push((first, last.max(first)));
        first = last.max(first) + 1;
        cursor += each;
    }
    found
}

fn planned(masters: i64) -> Vec<(i64, i64)> {
    let masters = Derived { value: masters, address: Address::of(["redis", "cache", "masters"]) };
    let slots = size::slots(&Address::of(["redis", "cache"]), &masters, &mut Reasons::new());
    let range = |it: &Derived<String>| {
        let (first, last) = it.value.split_once('-').unwrap();
        (first.parse().unwrap(), last.parse().unwrap())
    };
    slots.iter().map(range).collect()
}

#[test]
fn every_slot_has_one_master_and_each_master_its_part() {
    for masters in 1..=1000 {
        let ranges = planned(masters);
        let mut next = 0;
        for (first, last) in &ranges {
            assert_eq!(*first, next, "{masters} masters");
            assert!((16_384 / masters..=16_384 / masters + 1).contains(&(last - first + 1)), "{masters} masters");
            next = last + 1;
        }
        assert_eq!(next, 16_384, "{masters} masters");
    }
}

/// From 78 masters on its `float` may put a border one slot aside.
#[test]
fn slots_are_those_that_redis_cli_gives() {
    for masters in 3..78 {
        assert_eq!(planned(masters), of_redis_cli(masters), "{masters} masters");
    }
    for masters in 78..=1000 {
        for ((first, last), (its_first, its_last)) in planned(masters).into_iter().zip(of_redis_cli(masters)) {
            assert!(first.abs_diff(its_first) <= 1 && last.abs_diff(its_last) <= 1, "{masters} masters");
        }
    }
}

//! Laws of JSON, and what its reader says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use proptest::prelude::*;

use super::*;
use crate::doc::yaml::tests::node_with;

proptest! {
    // `serde_json` reads the last digit of a long fraction right only with its feature `float_roundtrip`.
    #[test]
    fn reading_gives_what_was_printed(node in node_with(any::<i32>().prop_map(f64::from))) {
        prop_assert_eq!(parse(&print(&node)).expect("own output"), node);
    }
}

#[test]
fn the_reader_says_what_and_where() {
    let check = |text: &str, expected: &str| assert_eq!(parse(text).expect_err(text).to_string(), expected);
    check("{\n\"a\": 1,\n\"a\": 2}", "the key `a` stands twice in one map (line 3, column 3)");
    check("{} x", "trailing characters (line 1, column 4)");
    check("", "EOF while parsing a value (line 1, column 0)");
    check(&"[".repeat(100_000), "recursion limit exceeded (line 1, column 128)");
}

#[test]
fn large_integers_keep_their_digits() {
    let node = parse("[18446744073709551615, 1.5, \"<<\", {\"<<\": 1}]").unwrap();
    assert_eq!(print(&node), "[\n  \"18446744073709551615\",\n  1.5,\n  \"<<\",\n  {\n    \"<<\": 1\n  }\n]\n");
}

//! Values, refusals, and laws over random texts.

#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use super::*;

fn named(name: &str) -> Exact {
    match name {
        "cpu" => Exact::fraction(1, 2),
        "memory_mib" => Exact::from(2048),
        "pool_connections.labeling-ro" => Exact::from(10),
        _ => Exact::ZERO,
    }
}

fn value(text: &str) -> Result<Exact, Fault> {
    Expression::parse(text).unwrap().value(&named)
}

#[test]
fn values_are_exact() {
    for (text, expected) in [
        ("2 * cpu + 1", Exact::from(2)),
        ("1 + 2 * 3", Exact::from(7)),
        ("(1 + 2) * 3", Exact::from(9)),
        ("10 - 4 - 3", Exact::from(3)),
        ("12 / 4 / 3", Exact::from(1)),
        ("-2 + 5", Exact::from(3)),
        ("--2", Exact::from(2)),
        ("memory_mib*75/100", Exact::from(1536)),
        ("max(1, cpu)", Exact::from(1)),
        ("min(1, cpu, 3)", Exact::fraction(1, 2)),
        ("ceil(cpu)", Exact::from(1)),
        ("floor(cpu)", Exact::ZERO),
        ("1_000 * 0.1", Exact::from(100)),
        ("pool_connections.labeling-ro / 3 * 3", Exact::from(10)),
    ] {
        assert_eq!(value(text), Ok(expected), "{text}");
    }
}

#[test]
fn what_has_no_value_says_so() {
    assert_eq!(value("1 / nothing"), Err(Fault::DivisionByZero));
    assert_eq!(value("max(1, 2 / (cpu - 0.5))"), Err(Fault::DivisionByZero));
    let huge = ["999999999999"; 4].join(" * ");
    assert_eq!(value(&huge), Err(Fault::OutOfRange));
    assert_eq!(value(&format!("max({huge}, 1)")), Err(Fault::OutOfRange));
    assert_eq!(value(&format!("floor({})", ["999999999999"; 2].join(" * "))), Err(Fault::OutOfRange));
}

#[test]
fn what_is_no_expression_is_refused() {
    let nested = format!("{}1{}", "(".repeat(40), ")".repeat(40));
    for (text, fault) in [
        ("", "the expression is empty"),
        ("  ", "the expression is empty"),
        ("2 *", "the expression ends where a number should stand"),
        ("* 2", "`*` stands where a number should"),
        ("2 cpu", "`cpu` stands behind the end of the expression"),
        ("(2", "a bracket is not closed"),
        ("(2; 3)", "`;` stands where a bracket should close"),
        ("2)", "`)` stands behind the end of the expression"),
        ("max(1)", "`max` compares at least two numbers, such as `max(1, cpu)`"),
        ("floor(1, 2)", "`floor` takes one number, such as `floor(cpu)`"),
        ("ceil", "`ceil` lacks its brackets, such as `ceil(cpu)`"),
        ("round(1)", "there is no function `round`; use one of `ceil`, `floor`, `max`, `min`"),
        ("2 × 3", "`×` stands behind the end of the expression"),
        ("$(id)", "`$` stands where a number should"),
        ("1\n+1", "`\\n` stands behind the end of the expression"),
        (&nested, "the expression is nested deeper than 32 levels"),
    ] {
        assert_eq!(Expression::parse(text), Err(fault.to_owned()), "{text}");
    }
    assert!(Expression::parse("2x").unwrap_err().starts_with("`2x` is not a number"));
    assert!(Expression::parse(&"1+".repeat(200)).unwrap_err().contains("longer than 300"));
}

#[test]
fn formulas_are_printed_with_names_and_with_numbers() {
    let expression = Expression::parse(" max(1, 2*cpu) ").unwrap();
    assert_eq!(expression.names(), ["cpu"]);
    assert_eq!(expression.printed(&str::to_owned), "max(1, 2×cpu)");
    assert_eq!(expression.printed(&|name| named(name).recomputable()), "max(1, 2×0.5)");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[-+*/(), .0-9a-z_]{0,60}") {
        if let Ok(expression) = Expression::parse(&text) {
            _ = expression.value(&named);
            prop_assert_eq!(expression.printed(&str::to_owned).replace('×', "*"), expression.text());
        }
    }

    #[test]
    fn order_of_a_sum_changes_nothing(a in 0_i64..1_000_000, b in 0_i64..1_000_000) {
        prop_assert_eq!(value(&format!("{a} + {b}")), value(&format!("{b} + {a}")));
        prop_assert_eq!(value(&format!("({a} + {b}) - {b}")), Ok(Exact::from(a)));
    }
}

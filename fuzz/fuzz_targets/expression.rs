//! Any text as an expression: what reads has a value or a fault, prints as it was written, and reads back as the same.
#![no_main]

use capgen::unit::exact::Exact;
use capgen::unit::expression::Expression;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(expression) = Expression::parse(text) else { return };
    for number in [Exact::ZERO, Exact::fraction(1, 2), Exact::from(4096), Exact::from(i64::MAX)] {
        if let Ok(value) = expression.value(&|_| number) {
            let (floor, ceil) = (value.floor(), value.ceil());
            assert!(floor.zip(ceil).is_none_or(|(floor, ceil)| ceil - floor <= 1), "it is rounded by more than one");
        }
    }
    let printed = expression.printed(&str::to_owned).replace('×', "*");
    assert_eq!(printed, expression.text(), "it is printed as something else");
    assert_eq!(Expression::parse(expression.text()), Ok(expression.clone()), "it reads back as something else");
});

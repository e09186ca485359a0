//! A pinned number that carries less than the model asks.

use std::cmp::Ordering;

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "pin-below-model",
    level: Level::Deny,
    docs: r#"
### What it does
Compares every pinned number with what the model would decide from the demand that the spec states.
### Why is this bad?
At the stated peak the platform does not carry the stated load: the pin was right once, the demand has grown.
### Example
`max = 20` with `target_rps = 100_000`, `rps_per_pod = 5_000` and a margin of 1.5, which ask 30.
### Instead
Take the pin out, so that the number follows the demand, or correct the demand. Where the limit is meant, waive it with
a reason: `pin-below-model = { level = "allow", reason = "…", until = "2027-01-31" }`.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for pin in facts.model.pins.iter().filter(|pin| pin.carries == Ordering::Less) {
        let message = format!("`{}` is pinned to {}, the model asks {}", pin.address, pin.pinned, pin.asked);
        let finding = findings
            .finding(message)
            .at(pin.span, format!("carries less than {}", pin.numbers))
            .help(format!("write {}, or take the line out so that it follows the demand", pin.asked));
        findings.push(finding);
    }
}

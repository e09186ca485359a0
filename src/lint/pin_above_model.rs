//! A pinned number that carries more than the model asks.

use std::cmp::Ordering;

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "pin-above-model",
    level: Level::Warn,
    docs: r#"
### What it does
Compares every pinned number with what the model would decide from the demand that the spec states.
### Why is this bad?
The surplus is paid for, and the next reader cannot tell whether it is meant. A margin belongs into `safety_margin`.
### Example
`max = 50` with `target_rps = 100_000`, `rps_per_pod = 5_000` and a margin of 1.5, which ask 30.
### Instead
Take the pin out, or say why it is there: `pin-above-model = { level = "allow", reason = "room for a failed zone" }`.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for pin in facts.model.pins.iter().filter(|pin| pin.carries == Ordering::Greater) {
        let message = format!("`{}` is pinned to {}, the model asks only {}", pin.address, pin.pinned, pin.asked);
        let finding = findings
            .finding(message)
            .at(pin.span, format!("carries more than {}", pin.numbers))
            .help(format!("write {}, or take the line out so that it follows the demand", pin.asked));
        findings.push(finding);
    }
}

//! A setting of a lint whose last day is over.

use super::{Check, Facts, Findings, Level, Lint};

pub(super) static LINT: Lint = Lint {
    name: "expired-waiver",
    level: Level::Deny,
    docs: r#"
### What it does
Looks in `[lints]` for settings whose day `until` has passed. They count no more: the lint has its default level again.
### Why is this bad?
Somebody promised to come back to it by that day.
### Example
`single-replica = { level = "allow", reason = "until the migration", until = "2026-11-21" }` on 2026-11-22.
### Instead
Mend what it waives and take it out, or give it a new date with a new reason.
"#,
    check: Check::Spec(check),
};

fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    for (name, entry) in facts.spec.lints.iter() {
        if let Some(until) = entry.value.expired(facts.today) {
            let message = format!("the waiver of `{name}` has expired");
            let finding = findings.finding(message).at(until.span, "its last day");
            let help = "mend what it waives and take it out, or give it a new date with a new reason";
            findings.push(finding.help(help));
        }
    }
}
